#!/usr/bin/env python3
"""Writes this folder's tables from the recorded runs of cSEM and boot (see README.md).

    python3 import_democracy.py FOLDER

FOLDER holds stored_estimates.csv, jackknife_estimates.csv, intervals.json and intervals_boot.json.
"""
import csv
import json
import pathlib
import sys

source = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).parent


def write(name, rows):
    text = ''.join('\t'.join(map(str, row)) + '\n' for row in rows)
    (target / name).write_text(text, encoding='utf-8')


for name in ('stored', 'jackknife'):
    with open(source / f'{name}_estimates.csv', encoding='utf-8', newline='') as file:
        write(f'democracy_{name}.tsv', csv.reader(file))

csem = json.load(open(source / 'intervals.json', encoding='utf-8'))
boot = json.load(open(source / 'intervals_boot.json', encoding='utf-8'))
corrected, plain = csem['bias_corrected_true_the_default'], csem['bias_corrected_false']
again = csem['recomputed_from_the_stored_numbers']
terms = list(csem['estimate'])

rows = [('term', 'estimate', 'mean', 'sd', 'bias', 'z0', 'acceleration')]
for term in terms:
    rows.append((term, csem['estimate'][term], corrected['mean'][term], corrected['sd'][term],
                 corrected['bias'][term], again['z0'][term],
                 again['acceleration_jackknife_about_its_mean_Efron'][term]))
write('democracy_summary.tsv', rows)

kinds = [  # peer, kind, centre, where it stands
    ('cSEM', 'percentile', 'estimate', corrected['CI_percentile']),
    ('cSEM', 'normal', 'bias_corrected', corrected['CI_standard_z']),
    ('cSEM', 'normal', 'estimate', plain['CI_standard_z']),
    ('cSEM', 'basic', 'bias_corrected', corrected['CI_basic']),
    ('cSEM', 'basic', 'estimate', plain['CI_basic']),
    ('cSEM', 'bc', 'estimate', corrected['CI_bc']),
    ('boot', 'percentile', 'estimate', boot['percent']),
    ('boot', 'normal', 'bias_corrected', boot['normal']),
    ('boot', 'basic', 'estimate', boot['basic']),
    ('boot', 'bca', 'estimate', boot['bca']),
]
rows = [('term', 'peer', 'kind', 'centre', 'level', 'lower', 'upper')]
for term in terms:
    for peer, kind, centre, ends in kinds:
        for level in (90, 95, 99):
            lower, upper = ends[f'{level}%L'][term], ends[f'{level}%U'][term]
            rows.append((term, peer, kind, centre, level / 100, lower, upper))
write('democracy_intervals.tsv', rows)
