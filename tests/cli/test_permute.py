"""plstrap permute: one result on any ranks, kernels and ways there; tests that say what they must."""
import csv
import itertools
import math
import signal
import subprocess
import time

import program
from program import CONFIGS, PLSTRAP, ROOT, TESTS

LEVELS = 'xyz'
MODEL = '''model: |
  KD =~ kd1 + kd2 + kd3 + kd4 + kd5
  KV =~ kv1 + kv2 + kv3 + kv4 + kv5
  KK =~ kk1 + kk2 + kk3 + kk4 + kk5
  KV ~ KD
  KK ~ KD + KV
'''
DATA = (CONFIGS / 'jambi.csv').read_text(encoding='utf-8')


def study(rest='', data='{file: answers.csv}'):
    return program.study(rest, data, MODEL)


def with_groups(groups):
    rows = DATA.splitlines()
    return '\n'.join([rows[0] + ',g'] +
                     [f'{row},{LEVELS[i * groups // (len(rows) - 1)]}' for i, row in enumerate(rows[1:])]) + '\n'


class Permute(program.Case):
    def setUp(self):
        super().setUp()
        self.write('two.csv', with_groups(2))
        self.write('three.csv', with_groups(3))
        self.write('answers.csv', DATA)
        self.study('two', 'permutation: {replicates: 999, rows: both, studentised: true, exact_limit: 1}')
        self.study('three', 'permutation: {replicates: 300, exact_limit: 1}')
        self.write('one.yaml', study('permutation: {replicates: 999}\n'))

    def study(self, name, keys, more=''):
        self.write(f'{name}.yaml', study('bootstrap: {replicates: 500}\n' + keys + '\n' + more,
                                         data=f'{{file: {name[:5].rstrip("-")}.csv, group: {{column: g, minimum: 3}}}}'))

    def permute(self, name, output, *options, restart=True, **keywords):
        begin = ('--restart',) if restart else ()
        self.good('permute', f'{name}.yaml', '-o', output, '--quiet', *begin, *options, **keywords)
        return (self.folder / output).read_bytes()

    def tables(self, result):
        self.good('report', result, '--csv', 'tables')
        return {p.stem: self.table(f'tables/{p.name}') for p in (self.folder / 'tables').iterdir()}


class SameBytes(Permute):
    def test_ranks_kernels_and_chunks_do_not_show(self):
        for name in ('two', 'three', 'one'):
            whole = self.permute(name, 'a.h5', '--ranks', 1)
            for ranks, isa, chunk in ((2, 'portable', 13), (3, 'ref', 0), (2, None, 1)):
                with self.subTest(name=name, ranks=ranks, isa=isa):
                    again = self.permute(name, 'b.h5', '--ranks', ranks,
                                         *(('--chunk', chunk) if chunk else ()),
                                         environment={'PLSTRAP_ISA': isa} if isa else None)
                    self.assertEqual(again, whole)

    def test_shards_are_merged_to_the_bytes_of_one_run(self):
        for name in ('two', 'three', 'one'):
            for store in ('rows', 'summary'):
                with self.subTest(name=name, store=store):
                    text = (self.folder / f'{name}.yaml').read_text() + f'store: {store}\n'
                    self.write('s.yaml', text.replace('replicates: 999', 'replicates: 5000'))
                    whole = self.permute('s', 'whole.h5', '--ranks', 2)
                    for k in (1, 2, 3):
                        self.permute('s', f's{k}.h5', '--shard', f'{k}/3', '--ranks', 1)
                    self.good('merge', 's3.h5', 's1.h5', 's2.h5', '-o', 'm.h5', '--restart', '--quiet')
                    self.assertEqual((self.folder / 'm.h5').read_bytes(), whole)

    def test_shards_of_an_exact_job_are_exact_again(self):
        rows = DATA.splitlines()
        self.write('few.csv', '\n'.join([rows[0] + ',g'] + [f'{row},{"xy"[i // 8]}' for i, row in
                                                           enumerate(rows[1:17])]) + '\n')
        self.write('few.yaml', study('permutation: {tests: [mga, micom]}\nbootstrap: {replicates: 100}\n'
                                     'estimation: {max_iterations: 2000}\n',
                                     data='{file: few.csv, group: {column: g, minimum: 3}}'))
        whole = self.permute('few', 'whole.h5')
        for k in (1, 2):
            self.permute('few', f's{k}.h5', '--shard', f'{k}/2', '--ranks', 1)
        self.good('merge', 's1.h5', 's2.h5', '-o', 'm.h5', '--quiet')
        self.assertEqual((self.folder / 'm.h5').read_bytes(), whole)
        facts = {row['key']: row['value'] for row in self.tables('m.h5')['study']}
        self.assertEqual((facts['assignments'], facts['replicates']), ('exact', '12870'))
        self.good('verify', 'm.h5', 'few.yaml')

    def test_values_that_do_not_exist_are_left_out_of_their_column(self):
        rows = DATA.splitlines()
        self.write('few.csv', '\n'.join([rows[0] + ',g'] + [f'{row},{"x" if i < 10 else "y"}' for i, row in
                                                           enumerate(rows[1:31])]) + '\n')
        for store in ('rows', 'summary'):
            self.write('few.yaml', study('permutation: {replicates: 500, studentised: true, exact_limit: 1}\n'
                                         f'bootstrap: {{replicates: 100}}\nstore: {store}\n',
                                         data='{file: few.csv, group: {column: g, minimum: 3}}'))
            self.permute('few', f'{store}.h5')
        self.assertEqual(self.tables('rows.h5'), self.tables('summary.h5'))

    def test_rows_within_groups_have_no_micom(self):
        self.study('two', 'permutation: {replicates: 99, rows: within_standardised, exact_limit: 1}')
        self.permute('two', 'w.h5')
        self.assertNotIn('micom', self.tables('w.h5'))

    def test_a_summary_says_what_rows_say(self):
        for name in ('two', 'three', 'one'):
            with self.subTest(name):
                self.permute(name, 'rows.h5')
                self.write('s.yaml', (self.folder / f'{name}.yaml').read_text() + 'store: summary\n')
                self.permute('s', 'summary.h5', '--ranks', 2)
                self.assertEqual(self.tables('summary.h5'), self.tables('rows.h5'))

    def test_a_run_that_was_stopped_goes_on_to_the_same_bytes(self):
        for name, store in itertools.product(('two', 'one'), ('rows', 'summary')):
            with self.subTest(name=name, store=store):
                text = (self.folder / f'{name}.yaml').read_text().replace('replicates: 999', 'replicates: 120000')
                self.write('s.yaml', text.replace(', studentised: true', '').replace('rows: both', 'tests: [mga]') + f'store: {store}\n')
                whole = self.permute('s', 'whole.h5')
                run = subprocess.Popen([PLSTRAP, 'permute', 's.yaml', '-o', f'{name}-{store}.h5', '--quiet',
                                        '--ranks', '2', '--checkpoint', '0.2'], cwd=self.folder,
                                       env={**program.os.environ, **ROOT, 'PLSTRAP_ISA': 'ref'},
                                       stderr=subprocess.DEVNULL)
                journal = self.folder / f'{name}-{store}.h5.journal'
                while run.poll() is None and not (journal.exists() and journal.stat().st_size > 0):
                    time.sleep(0.02)
                time.sleep(0.3)
                run.send_signal(signal.SIGTERM)
                self.assertEqual(run.wait(timeout=60), 75)
                self.assertEqual(self.permute('s', f'{name}-{store}.h5', '--ranks', 1, restart=False), whole)

    def test_verify_computes_it_again(self):
        for name in ('two', 'three', 'one'):
            self.permute(name, 'v.h5')
            done = self.good('verify', 'v.h5', f'{name}.yaml', '--all')
            self.assertIn('permutation', done.stdout)


class Auto(Permute):
    def test_the_stop_is_the_same_on_any_ranks_and_is_verified(self):
        for stop in ('mmctest', 'gandy', 'besag_clifford'):
            with self.subTest(stop):
                self.study('two', f'permutation: {{replicates: auto, stop: {stop}, max_replicates: 30000, '
                                  'exact_limit: 1}')
                whole = self.permute('two', 'a.h5', '--ranks', 1)
                self.assertEqual(self.permute('two', 'b.h5', '--ranks', 2), whole)
                self.good('verify', 'a.h5', 'two.yaml')
                facts = {row['key']: row['value'] for row in self.tables('a.h5')['study']}
                self.assertIn('stopped', facts)
                self.assertLessEqual(int(facts['replicates']), 30000)
                done = self.good('permute', 'two.yaml', '-o', 'a.h5')
                self.assertIn('already complete', done.stderr)

    def test_another_rule_may_end_a_finished_result_sooner(self):
        self.study('two', 'permutation: {replicates: 5000, exact_limit: 1, tests: [mga]}')
        self.permute('two', 'a.h5')
        self.study('two', 'permutation: {replicates: auto, stop: besag_clifford, exact_limit: 1, tests: [mga]}')
        fewer = self.permute('two', 'a.h5', restart=False)
        self.assertEqual(self.permute('two', 'b.h5', '--ranks', 1), fewer)

    def test_a_bootstrap_stops_at_a_checkpoint_where_its_errors_are_small(self):
        self.write('b.yaml', study('bootstrap: {replicates: auto, accuracy: 0.05, max_replicates: 200000}\n'))
        self.good('bootstrap', 'b.yaml', '--quiet', '-o', 'a.h5', '--ranks', 1)
        self.good('bootstrap', 'b.yaml', '--quiet', '-o', 'b.h5', '--ranks', 2, '--chunk', 100)
        self.assertEqual((self.folder / 'a.h5').read_bytes(), (self.folder / 'b.h5').read_bytes())
        tables = self.tables('a.h5')
        facts = {row['key']: row['value'] for row in tables['study']}
        self.assertIn(int(facts['replicates']), [2000 * 2 ** k // 1 - 1 if k == 0 else 5000 * 2 ** (k - 1) - 1
                                                 for k in range(8)] + [200000])
        error = {(row['component'], row['term']): float(row['std.error']) for row in tables['parameters']
                 if row['std.error']}
        for row in tables['intervals']:
            if row['method'] == 'percentile' and row['mcse.low']:
                self.assertLessEqual(float(row['mcse.low']), 0.05 * error[row['component'], row['term']])

    def test_a_shard_refuses_auto(self):
        self.study('two', 'permutation: {replicates: auto, exact_limit: 1}')
        done = self.plstrap('permute', 'two.yaml', '--shard', '1/2')
        self.assertEqual(done.returncode, 64)
        self.assertIn('auto', done.stderr)


class Truths(Permute):
    def test_seventy_assignments_are_enumerated(self):
        """STUDIES D.12: |d| >= |d0| in 4 of 70, d >= d0 in 69."""
        x, y = (3, 1, 4, 1, 5, 9, 2, 6), (2, 7, 1, 8, 2, 8, 1, 8)
        self.write('d.csv', 'x,y,g\n' + ''.join(f'{a},{b},{"ab"[i // 4]}\n' for i, (a, b) in enumerate(zip(x, y))))
        self.write('d.yaml', 'data: {file: d.csv, group: {column: g, minimum: 3}}\nmodel: |\n  X =~ x\n  Y =~ y\n'
                             '  Y ~ X\npermutation: {tests: [mga]}\nestimation: {sign: none}\n'
                             'bootstrap: {align: none, replicates: 20}\n')
        self.permute('d', 'd.h5')
        tables = self.tables('d.h5')
        path = next(row for row in tables['mga'] if row['component'] == 'path')
        self.assertEqual((path['b'], path['replicates']), ('4', '70'))
        self.assertAlmostEqual(float(path['difference']), -1.821988, 6)
        self.assertAlmostEqual(float(path['p.value']), 4 / 70, 12)
        self.assertAlmostEqual(float(path['p.greater']), 69 / 70, 12)
        facts = {row['key']: row['value'] for row in tables['study']}
        self.assertEqual(facts['assignments'], 'exact')

    def test_a_given_permutation_is_that_of_csem(self):
        """31 labellings of satisfaction by gender: tests/golden/pls/README.md."""
        with open(TESTS / 'golden/pls/satisfaction.groups.tsv', encoding='utf-8') as file:
            peer = list(csv.DictReader(file, delimiter='\t'))
        with open(TESTS / 'golden/pls/satisfaction.data.tsv', encoding='utf-8') as file:
            data = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
        model = ''.join('  ' + line for line in open(TESTS / 'golden/pls/satisfaction.lav', encoding='utf-8'))
        sides = [set(map(int, row['rows'].split(','))) for row in peer]
        n = len(data) - 1
        first, lines = sides[0], []
        for a, b in zip(sides[::2], sides[1::2]):
            self.assertEqual(a | b, set(range(n)))
            lines.append(','.join('f' if i in a else 'm' for i in range(n)))
        self.write('s.csv', ','.join(data[0] + ['gender']) + '\n' +
                   ''.join(','.join(row + ['f' if i in first else 'm']) + '\n' for i, row in enumerate(data[1:])))
        self.write('p.txt', '\n'.join(lines) + '\n')
        self.write('s.yaml', f'data: {{file: s.csv, group: gender}}\nmodel: |\n{model}\npermutation: {{tests: [mga]}}\n'
                             'estimation: {sign: none, tolerance: 1e-13, max_iterations: 20000}\n'
                             'bootstrap: {align: none, replicates: 20}\n')
        self.permute('s', 's.h5', '--permutations', 'p.txt')
        rows = list(csv.DictReader(self.good('rows', 's.h5').stdout.splitlines()))
        self.assertEqual(len(rows), len(lines) - 1)
        compared = 0
        for k, row in enumerate(rows):
            for g, name in enumerate('fm'):
                theirs = peer[2 * (k + 1) + g]
                for key in theirs:
                    if not key.startswith(('path:', 'loading:')):
                        continue
                    component, term = key.split(':', 1)
                    mine = row[f'{component}:f-m/{name}:{term}']
                    self.assertLess(abs(abs(float(mine)) - abs(float(theirs[key]))), 1e-9, key)
                    compared += 1
        self.assertGreater(compared, 1000)

    def test_a_p_lies_in_its_monte_carlo_interval_and_is_never_zero(self):
        self.study('two', 'permutation: {replicates: 999, exact_limit: 1}')
        self.permute('two', 'a.h5')
        tables = self.tables('a.h5')
        self.assertEqual([row['n'] for row in tables['groups']], ['60', '60'])
        for row in tables['mga']:
            p, low, high = (float(row[k] or 'nan') for k in ('p.value', 'p.low', 'p.high'))
            self.assertTrue(math.isnan(p) or low <= p <= high or int(row['b']) == 0, row)
            self.assertNotEqual(row['p.value'], '0')

    def test_bad_input_is_refused_in_words(self):
        for keys, word in (('permutation: {tests: [paths]}', 'group'), ('permutation: {replicates: 0}', '1')):
            self.study('two', keys)
            done = self.plstrap('permute', 'two.yaml')
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn(word, done.stderr)
        self.write('one.yaml', study('permutation: {tests: [mga]}\n'))
        self.assertEqual(self.plstrap('permute', 'one.yaml').returncode, 78)
        self.assertEqual(list(self.folder.glob('*.h5*')), [])


if __name__ == '__main__':
    program.main()
