#!/usr/bin/env python3
"""Writes groups_values.tsv and groups_tests.tsv from the recorded run of cSEM's testMGD (see README.md).

    python3 import_groups.py FOLDER

FOLDER holds mgd.json, mgd_bootstrap_female.csv, mgd_bootstrap_male.csv, mgd_permutation_values.csv and
permutation_estimates.csv.
"""
import csv
import json
import pathlib
import sys

source = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).parent
known = json.load(open(source / 'mgd.json', encoding='utf-8'))
terms = [term for term in known['chin_permutation']['difference'] if term.startswith('path:')]


def write(name, rows):
    text = ''.join('\t'.join(map(str, row)) + '\n' for row in rows)
    (target / name).write_text(text, encoding='utf-8')


def read(name):
    with open(source / name, encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file))


female, male = read('mgd_bootstrap_female.csv'), read('mgd_bootstrap_male.csv')
permuted = read('mgd_permutation_values.csv')
observed = read('permutation_estimates.csv')[:2]  # of the true labels: female, male

rows = [('term', 'female', 'male', 'permuted difference')]
rows += [(term, a[term], b[term], c[term]) for term in terms for a, b, c in zip(female, male, permuted)]
write('groups_values.tsv', rows)

keil, nitzl = known['keil_parametric'], known['nitzl_welch']
rows = [('term', 'female', 'male', 'difference', 'chin', 'keil.t', 'keil.p', 'nitzl.t', 'nitzl.df', 'nitzl.p', 'henseler')]
for term in terms:
    rows.append((term, observed[0][term], observed[1][term], known['chin_permutation']['difference'][term],
                 known['chin_permutation']['p'][term], keil['t'][term], keil['p'][term], nitzl['t'][term],
                 nitzl['df'][term], nitzl['p'][term], known['henseler_bootstrap_mga']['p'][term]))
write('groups_tests.tsv', rows)
