#!/usr/bin/env python3
"""Turns the stored runs of other PLS programs into the tables beside this file (README.md says what they are).

    import.py PEERS JAMBI_CSV        PEERS: a folder per model with data.csv, model.lav, settings.json, golden.json, …

Nothing is computed here: values are renamed to plstrap's components and terms, and written with the digits that they have.
Run once; the tables are committed. Python's standard library only.
"""
import csv, json, os, sys

PLAIN = {'weights': 'weight', 'loadings': 'loading', 'paths': 'path', 'r2': 'r2', 'r2_adjusted': 'adj_r2', 'f2': 'f2',
         'inner_vif': 'vif', 'composite_correlations': 'correlation', 'total_effects': 'total',
         'total_indirect_effects': 'indirect', 'specific_indirect_effects': 'specific',
         'cronbach_alpha_standardised': 'alpha', 'rho_C': 'rho_c', 'ave': 'ave', 'rho_A': 'rho_a',
         'rho_A_reliability': 'rho_a', 'htmt_absolute': 'htmt'}
# of a consistent (PLSc) run: what does not depend on the correction
CONSISTENT = {'weights', 'composite_correlations', 'cronbach_alpha_standardised', 'rho_A', 'rho_A_reliability', 'htmt_absolute'}
ROW = ('weight', 'loading', 'path', 'r2', 'total', 'indirect', 'specific')
# exceptions, each with its reason
LEFT_OUT = {('plspm', 'ave'),          # 0 for Mode B
            ('plspm', 'rho_C')}        # from the first principal component


def model(folder):
    """Constructs in order, indicators in order."""
    blocks = {}
    for line in open(folder + '/model.lav'):
        for op in ('=~', '<~'):
            if op in line.split('#')[0]:
                left, right = line.split(op)
                blocks[left.strip()] = [i.strip() for i in right.split('+')]
    return blocks


def write(path, rows):
    with open(path, 'w', newline='') as file:
        csv.writer(file, delimiter='\t', lineterminator='\n').writerows(rows)


def data(folder, source, out):
    settings = json.load(open(folder + '/settings.json'))
    missing = {'', 'NA'} | {str(c) for c in settings.get('missing_codes') or []}
    names = [i for block in model(folder).values() for i in block]
    rows = [[row[i] for i in names] for row in csv.DictReader(open(source))]
    rows = [row for row in rows if not missing & set(row)]
    assert len(rows) == settings['rows_used']
    write(out + '.data.tsv', [names] + rows)


def ordered(term, order):
    a, b = term.split('~~')
    return '~~'.join(sorted((a, b), key=order.index))


def values(folder, out):
    order, rows = list(model(folder)), []
    for run in json.load(open(folder + '/golden.json'))['runs']:
        if run.get('missing_treatment'):
            continue  # another data set: mean replacement instead of listwise deletion
        for kind, component in PLAIN.items():
            if not isinstance(run.get(kind), dict) or (run['peer'], kind) in LEFT_OUT:
                continue
            if run['consistent'] and kind not in CONSISTENT:
                continue
            flat = run[kind]
            if kind in ('weights', 'loadings'):
                op = '<~' if kind == 'weights' else '=~'
                flat = {c + op + i: x for c, block in flat.items() for i, x in block.items()}
            for term, x in flat.items():
                if isinstance(x, (int, float)):
                    term = ordered(term, order) if '~~' in term else term
                    rows.append([run['scheme'], run['peer'], component, term, repr(x)])
    write(out + '.values.tsv', [['scheme', 'peer', 'component', 'term', 'value']] + rows)


def kept(column, consistent):
    component = column.partition(':')[0]
    return component in ROW and (component == 'weight' or not consistent)


def replicates(indices, estimates, out, consistent):
    """First column: the rows drawn, or 'jackknife'."""
    table = list(csv.DictReader(open(estimates)))
    drawn = open(indices).read().split() if indices else ['jackknife'] * len(table)
    assert len(drawn) == len(table) and all(row.get('converged', '1') == '1' for row in table)
    columns = [c for c in table[0] if kept(c, consistent)]
    write(out, [['rows'] + columns] + [[d] + [row[c] for c in columns] for d, row in zip(drawn, table)])


def groups(folder, out):
    """Each group of each permutation: the rows of the group."""
    labels = [line.split(',') for line in open(folder + '/permutations.csv').read().split()]
    table = list(csv.DictReader(open(folder + '/permutation_estimates.csv')))
    columns, rows = [c for c in table[0] if kept(c, False)], []
    for row in table:
        label = labels[int(row['permutation'])]
        members = [str(i) for i, g in enumerate(label) if g == row['group']]
        assert len(members) == int(row['n'])
        rows.append([','.join(members)] + [row[c] for c in columns])
    write(out, [['rows'] + columns] + rows)


def group_tests(folder, out):
    """cSEM's MICOM and MGD: observed values, then those of the first permutations, labels in the order of the data (0: first group).
    Its rows are the data sorted by gender."""
    sexes = [row['gender'] for row in csv.DictReader(open(folder + '/data.csv'))]
    order = sorted(range(len(sexes)), key=lambda i: sexes[i])

    def in_file_order(digits):
        label = dict(zip(order, digits))
        return ''.join(str(int(label[i]) - 1) for i in range(len(sexes)))

    observed = ''.join('1' if sexes[i] == 'female' else '2' for i in order)
    micom, mgd = (json.load(open(f'{folder}/{name}.json')) for name in ('micom', 'mgd'))
    for stem, first in (('micom', {**{'c_raw:' + j: c for j, c in micom['step2']['c'].items()},
                                   **{'c_standardised:' + j: c for j, c in micom['step2']['c_from_standardised_indicators'].items()}}),
                        ('mgd', {'d_G_base10': mgd['klesel']['statistic']['dG'], 'd_L': mgd['klesel']['statistic']['dL'],
                                 **mgd['chin_permutation']['difference']})):
        table = list(csv.DictReader(open(f'{folder}/{stem}_{"c" if stem == "micom" else "permutation_values"}.csv')))[:30]
        labels = open(f'{folder}/{stem}_labels.txt').read().split()
        columns = [c for c in table[0] if c in first]
        rows = [[in_file_order(observed)] + [repr(first[c]) for c in columns]]
        rows += [[in_file_order(label)] + [row[c] for c in columns] for label, row in zip(labels, table)]
        write(f'{out}.{stem}.tsv', [['labels'] + columns] + rows)
    step3 = micom['step3']
    write(f'{out}.step3.tsv', [['construct', 'mean_difference', 'log_variance_ratio']] +
          [[j, repr(x), repr(step3['log_variance_ratio'][j])] for j, x in step3['mean_difference'].items()])


def main(peers, jambi):
    here = os.path.dirname(os.path.abspath(__file__)) + '/'
    for name in sorted(os.listdir(peers)):
        folder = f'{peers}/{name}'
        if not os.path.exists(folder + '/golden.json'):
            continue
        with open(here + name + '.lav', 'w') as file:
            file.write(open(folder + '/model.lav').read())
        data(folder, jambi if name == 'jambi' else folder + '/data.csv', here + name)
        values(folder, here + name)
        consistent = json.load(open(folder + '/settings.json'))['consistent']
        for stem, indices, estimates in (('resamples', 'resamples.csv', 'resample_estimates.csv'),
                                         ('resamples', 'stored_resamples.csv', 'stored_estimates.csv'),
                                         ('jackknife', None, 'jackknife_estimates.csv')):
            if os.path.exists(f'{folder}/{estimates}'):
                replicates(indices and f'{folder}/{indices}', f'{folder}/{estimates}', f'{here}{name}.{stem}.tsv', consistent)
        if os.path.exists(folder + '/permutation_estimates.csv'):
            groups(folder, f'{here}{name}.groups.tsv')
        if os.path.exists(folder + '/micom.json'):
            group_tests(folder, here + name)


main(*sys.argv[1:])
