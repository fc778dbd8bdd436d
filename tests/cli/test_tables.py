"""--csv and --json: every number in tidy form, 17 digits."""
import csv
import io
import json
import math

import program


class Tables(program.Case):
    def setUp(self):
        super().setUp()
        self.configs()
        text = (self.folder / 'jambi.yaml').read_text()
        self.assertIn('bootstrap:', text)
        lines = [l for l in text.splitlines() if not l.startswith(('bootstrap:', '  replicates', '  intervals', '  seed',
                                                                   '  level'))]
        self.write('all.yaml', '\n'.join(lines) + '\nbootstrap: {replicates: 999, level: [0.95, 0.9], '
                   'intervals: [percentile, basic, normal, bc, bca]}\n')
        self.good('bootstrap', 'all.yaml', '--quiet', '--csv', 'b', '--json', 'b.json')
        self.good('report', 'all.h5', '--quiet', '--csv', 'r', '--json', 'r.json')
        self.good('estimate', 'all.yaml', '--quiet', '--csv', 'e')

    def test_all(self):
        self.report_equals_run()
        self.names_are_the_binding_ones()
        self.numbers_hang_together()
        self.json_has_the_same_numbers()

    def report_equals_run(self):
        for file in (self.folder / 'b').iterdir():
            self.assertEqual(file.read_bytes(), (self.folder / 'r' / file.name).read_bytes(), file.name)
        self.assertEqual((self.folder / 'b.json').read_bytes(), (self.folder / 'r.json').read_bytes())

    def names_are_the_binding_ones(self):
        parameters, intervals = self.table('b/parameters.csv'), self.table('b/intervals.csv')
        self.assertEqual(list(parameters[0])[:12], ['component', 'term', 'lhs', 'op', 'rhs', 'estimate', 'std.error',
                                                    'statistic', 'p.value', 'boot.mean', 'bias', 'n.ok'])
        self.assertEqual(list(intervals[0])[:8], ['component', 'term', 'level', 'method', 'conf.low', 'conf.high',
                                                  'mcse.low', 'mcse.high'])
        self.assertEqual(len(intervals), 40 * 2 * 5)
        have = {(r['component'], r['term']) for r in parameters}
        for one in (('loading', 'KD=~kd1'), ('weight', 'KD<~kd1'), ('path', 'KV~KD'), ('total', 'KK~KD'),
                    ('indirect', 'KK~KD'), ('f2', 'KK~KD'), ('vif', 'KK~KD'), ('r2', 'KV'), ('alpha', 'KD'),
                    ('rho_a', 'KD'), ('rho_c', 'KD'), ('ave', 'KD'), ('adj_r2', 'KK'), ('correlation', 'KD~~KV'),
                    ('htmt', 'KD~~KV'), ('specific', 'KD->KV->KK'), ('cross_loading', 'KV=~kd1')):
            self.assertIn(one, have)
        self.assertNotIn(('indirect', 'KV~KD'), have)
        self.assertEqual({(r['component'], r['term']) for r in self.table('e/parameters.csv')}, have)

    def numbers_hang_together(self):
        rows = list(csv.DictReader(io.StringIO(self.good('rows', 'all.h5').stdout)))
        self.assertEqual(list(rows[0])[:3], ['replicate', 'status', 'iterations'])
        self.assertEqual([r['replicate'] for r in rows], [str(i) for i in range(999)])
        values = sorted(float(r['path:KK~KD']) for r in rows)
        path = next(r for r in self.table('b/parameters.csv') if (r['component'], r['term']) == ('path', 'KK~KD'))
        mean = math.fsum(values) / 999
        sd = (math.fsum((v - mean) ** 2 for v in values) / 998) ** .5
        self.assertAlmostEqual(float(path['boot.mean']), mean, delta=1e-13)
        self.assertAlmostEqual(float(path['std.error']), sd, delta=1e-13)
        self.assertAlmostEqual(float(path['statistic']), float(path['estimate']) / sd, delta=1e-10)
        percentile = next(r for r in self.table('b/intervals.csv') if r['component'] == 'path' and
                          r['term'] == 'KK~KD' and r['method'] == 'percentile' and float(r['level']) == .95)
        # type 6 at (B+1)p = 25 and 975: order statistics
        self.assertEqual((float(percentile['conf.low']), float(percentile['conf.high'])), (values[24], values[974]))
        p = min(1.0, 2 * (1 + min(sum(v <= 0 for v in values), sum(v >= 0 for v in values))) / 1000)
        self.assertAlmostEqual(float(path['p.value']), p, delta=1e-15)
        jackknife = self.good('rows', 'all.h5', '--series', 'jackknife').stdout.splitlines()
        self.assertEqual(len(jackknife), 121)

    def json_has_the_same_numbers(self):
        whole = json.loads((self.folder / 'b.json').read_text())
        for name in ('parameters', 'intervals', 'hypotheses', 'mediation', 'replicates', 'messages'):
            table = self.table(f'b/{name}.csv')
            self.assertEqual(len(whole[name]), len(table), name)
            for ours, theirs in zip(whole[name], table):
                for column, value in ours.items():
                    if isinstance(value, float):
                        self.assertEqual(value, float(theirs[column]), (name, column))
                    elif value is None:
                        self.assertEqual(theirs[column], '', (name, column))
        self.assertNotIn('NaN', (self.folder / 'b.json').read_text())


class Summary(program.Case):
    """store: summary: rows are counted, not kept; the tables are those of stored rows, to the last bit."""

    KEYS = ('store: {}\nbootstrap: {{replicates: 60000, level: [0.95, 0.99], '
            'intervals: [percentile, basic, normal, bc, bca]}}\nhypotheses: {{H1: A -> B -> C != 0}}\n')

    def setUp(self):
        super().setUp()
        self.write('answers.csv', program.DATA)
        for mode in ('rows', 'summary'):
            self.write(f'{mode}.yaml', program.study(self.KEYS.format(mode)))

    def tables(self, folder):
        return {p.name: p.read_bytes() for p in (self.folder / folder).iterdir()}

    def test_same_tables_as_from_rows_on_any_ranks(self):
        self.good('bootstrap', 'rows.yaml', '--quiet', '--csv', 'rows')
        for ranks in (1, 2, 3):
            self.good('bootstrap', 'summary.yaml', '--quiet', '--csv', f's{ranks}', '-o', f's{ranks}.h5', '--ranks', ranks)
            self.assertEqual(self.tables('rows'), self.tables(f's{ranks}'))
            self.assertEqual((self.folder / f's{ranks}.h5').read_bytes(), (self.folder / 's1.h5').read_bytes())
        self.assertLess((self.folder / 's1.h5').stat().st_size, 200000)
        self.assertIn('already complete', self.good('bootstrap', 'summary.yaml', '-o', 's1.h5').stderr)
        self.recomputed_rows_are_the_stored_ones()

    def recomputed_rows_are_the_stored_ones(self):
        stored = self.good('rows', 'rows.h5').stdout.splitlines()
        again = self.good('rows', 's1.h5', '--recompute', '30000:5000').stdout.splitlines()
        self.assertEqual(stored[:1] + stored[30001:35001], again)
        self.assertIn('keeps no rows', self.plstrap('rows', 's1.h5').stderr)
        self.assertEqual(self.plstrap('rows', 's1.h5', '--recompute', '59999:2').returncode, 64)
        self.write('answers.csv', program.DATA.replace(',3,', ',4,'))
        self.assertIn('other answers', self.plstrap('rows', 's1.h5', '--recompute', '0:1').stderr)


class InstructionSets(program.Case):
    def test_result_is_the_same_on_every_instruction_set(self):
        self.configs()
        digests = {}
        for isa in ('ref', 'portable', 'avx2', 'avx512'):
            done = self.plstrap('bootstrap', 'jambi.yaml', '--quiet', '--ranks', 1, '-o', f'{isa}.h5',
                                environment={'PLSTRAP_ISA': isa})
            if done.returncode == 69:
                continue  # this processor lacks it, and says so
            self.assertEqual(done.returncode, 0, done.stderr)
            digests[isa] = (self.folder / f'{isa}.h5').read_bytes()
        self.assertGreaterEqual(len(digests), 2)
        self.assertEqual(len(set(digests.values())), 1, list(digests))
        unknown = self.plstrap('bootstrap', 'jambi.yaml', environment={'PLSTRAP_ISA': 'sse9'})
        self.assertEqual(unknown.returncode, 64)
        self.assertIn('portable', unknown.stderr)


if __name__ == '__main__':
    program.main()
