"""plstrap bench: everything is measured and nothing is left; never how fast."""
import json
import os
import signal
import subprocess
import time

import program

PEAKS = {'int8_dot', 'f64_multiply_add', 'f64_inverse_root', 'f64_division', 'philox_bytes', 'increments', 'memory_read_bytes',
         'write_bytes'}
STAGES = ['draw', 'moments', 'correlations', 'solve', 'statistics', 'store', 'secure', 'inference', 'tally']
SHORT = {'PLSTRAP_BENCH_WINDOW': '0.05'}


class Bench(program.Case):
    def setUp(self):
        super().setUp()
        self.write('answers.csv', program.DATA)
        self.write('study.yaml', program.study())
        self.before = sorted(self.folder.rglob('*'))

    def bench(self, *arguments, **environment):
        done = self.good('bench', *arguments, environment={**SHORT, **environment})
        self.assertEqual(done.stderr, '')
        self.assertEqual(sorted(self.folder.rglob('*')), self.before)
        return done.stdout

    def json(self, *arguments, **environment):
        return json.loads(self.bench('study.yaml', '--json', *arguments, **environment))

    def check_case(self, case, stages):
        self.assertGreater(case['replicates_per_second'], 0)
        self.assertAlmostEqual(case['replicates_per_second'] * case['nanoseconds'], 1e9, delta=1e4)
        self.assertEqual([s['stage'] for s in case['stages'] if s['stage'] != 'reference'], stages)
        for stage in case['stages']:
            self.assertGreater(stage['nanoseconds'], 0, stage)
            if stage['stage'] == 'reference':
                self.assertEqual([stage['limit'], stage['ratio'], stage['bound_by']], [None, None, None])
                continue
            self.assertGreater(stage['limit'], 0, stage)
            self.assertAlmostEqual(stage['ratio'] * stage['nanoseconds'] / stage['limit'], 1, delta=1e-4)
            self.assertEqual('bytes_per_second' in stage, stage['stage'] in ('store', 'secure'))
            if 'bytes_per_second' not in stage:
                self.assertIn(stage['bound_by'], PEAKS)

    def test_json_has_every_stage_with_its_limit(self):
        whole = self.json('--ranks', '1')
        self.assertEqual(set(whole), {'plstrap', 'cpu', 'isa', 'compiler', 'cores', 'ranks', 'window_ms',
                                      'peaks_per_second', 'int8_dot_by', 'cases', 'scaling'})
        self.assertEqual(set(whole['peaks_per_second']), PEAKS)
        self.assertGreater(min(whole['peaks_per_second'].values()), 0)
        self.assertEqual((whole['ranks'], whole['window_ms']), (1, 0.05))
        case, = whole['cases']
        # counted by hand: 6 pairs within each of three blocks of 3, 9 in each of three pairs of blocks;
        # 9 weights, 9 loadings, 3 paths, 2 R², 3 total, 1 indirect, 1 specific effect
        self.assertEqual({k: case[k] for k in ('case', 'answers', 'n', 'indicators', 'constructs', 'pairs', 'columns')},
                         {'case': 'study.yaml', 'answers': 'integer', 'n': 40, 'indicators': 9, 'constructs': 3,
                          'pairs': 3 * 6 + 3 * 9, 'columns': 28})
        self.assertGreater(case['mean_iterations'], 1)
        self.check_case(case, STAGES)
        self.assertEqual([(s['ranks'], s['ratio_to_one']) for s in whole['scaling']], [(1, 1.0)])
        self.limits_follow_from_counts_and_peaks(whole)

    def limits_follow_from_counts_and_peaks(self, whole):
        limit = {s['stage']: s['limit'] for s in whole['cases'][0]['stages']}
        peak = whole['peaks_per_second']
        draw = max(40 / (1 - (256 % 40) / 256) / peak['philox_bytes'], 40 / peak['increments'])
        self.assertAlmostEqual(limit['draw'] * 1e-9 / draw, 1, delta=1e-4)
        self.assertAlmostEqual(limit['moments'] * 1e-9 * peak['int8_dot'] / (40 * (45 + 9 + 1)), 1, delta=1e-4)
        read = 28 * 8 / peak['memory_read_bytes']
        self.assertAlmostEqual(limit['tally'] * 1e-9 / read, 1, delta=1e-4)
        self.assertAlmostEqual(limit['inference'] * 1e-9 / read, 1, delta=1e-4)

    def test_real_answers_are_bound_by_doubles(self):
        lines = program.DATA.splitlines()
        rows = [[float(cell) + (0.137 * (i + 1) * (k + 1)) % 0.9 for k, cell in enumerate(line.split(','))]
                for i, line in enumerate(lines[1:])]
        self.write('answers.csv', '\n'.join([lines[0]] + [','.join(f'{x:.15f}' for x in row) for row in rows]) + '\n')
        case, = self.json('--ranks', '1')['cases']
        self.assertEqual(case['answers'], 'real')
        self.assertEqual([s['bound_by'] for s in case['stages'] if s['stage'] == 'moments'], ['f64_multiply_add'])

    def test_every_instruction_set_can_be_forced(self):
        whole = self.json('--ranks', '1', PLSTRAP_ISA='portable')
        self.assertEqual(whole['isa'], 'portable')
        self.check_case(whole['cases'][0], STAGES)
        whole = self.json('--ranks', '1', PLSTRAP_ISA='ref')
        self.assertEqual(whole['cases'][0]['stages'][0]['stage'], 'reference')
        self.check_case(whole['cases'][0], STAGES[5:])

    def test_ranks_are_added_one_after_the_other(self):
        whole = self.json('--ranks', '3')
        self.assertEqual([s['ranks'] for s in whole['scaling']], [1, 2, 3])
        for one in whole['scaling']:
            self.assertGreater(min(one['replicates_per_second'], one['kernel_per_second']), 0)
            self.assertTrue(0 <= one['waiting_share'] < 1, one)

    def test_text_has_the_same_parts(self):
        text = self.bench('--ranks', '1', 'study.yaml')
        for part in ('peaks of one core', 'study.yaml, integer answers: n 40, 9 indicators, 3 constructs',
                     'replicates/s per core', 'bound by', 'to one', *STAGES):
            self.assertIn(part, text)
        self.assertNotIn('nan', text)
        self.assertNotIn('inf ', text)

    def test_a_bad_study_is_told_before_anything_is_measured(self):
        self.write('study.yaml', program.study().replace('B ~ A', 'B ~ AA'))
        done = self.plstrap('bench', 'study.yaml', environment=SHORT)
        self.assertEqual((done.returncode, done.stdout), (78, ''))
        self.assertRegex(done.stderr, r'\Aplstrap: study\.yaml:6:7: .*AA')
        done = self.plstrap('bench', environment={'PLSTRAP_BENCH_WINDOW': 'long'})
        self.assertEqual((done.returncode, done.stderr), (
            64, 'plstrap: PLSTRAP_BENCH_WINDOW takes milliseconds from 0.01 to 1000, not "long"\n'))

    def test_a_folder_that_may_not_be_written_is_named(self):
        if os.geteuid() == 0:
            self.skipTest('root may write everywhere')
        os.chmod(self.folder, 0o500)
        self.addCleanup(os.chmod, self.folder, 0o700)
        done = self.plstrap('bench', 'study.yaml', '--ranks', '1', environment=SHORT)
        self.assertEqual(done.returncode, 73)
        self.assertIn('change to one that may be written', done.stderr)

    def test_a_signal_leaves_nothing_behind(self):
        running = subprocess.Popen([program.PLSTRAP, 'bench', 'study.yaml', '--ranks', '1'], cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not list(self.folder.glob('plstrap-bench-*')) and time.monotonic() < deadline:
            time.sleep(0.01)
        running.send_signal(signal.SIGTERM)
        self.assertEqual(running.communicate(timeout=60)[1], 'plstrap: stopped by a signal; nothing is left behind\n')
        self.assertEqual(running.returncode, 75)
        self.assertEqual(sorted(self.folder.rglob('*')), self.before)


if __name__ == '__main__':
    program.main()
