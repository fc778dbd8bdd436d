"""A run that is stopped or killed goes on with the same command, and ends in the same bytes."""
import random
import re
import signal
import subprocess
import time

import os

import h5py

import program
from program import DATA, PLSTRAP, ROOT, study

SLOW = {'PLSTRAP_ISA': 'ref'}
KEYS = 'bootstrap: {{replicates: {}, seed: 3, intervals: [percentile]}}\n'


class Interrupt(program.Case):
    def setUp(self):
        super().setUp()
        self.write('answers.csv', DATA)
        self.count(400000)

    def count(self, replicates, more=''):
        self.write('study.yaml', study(KEYS.format(replicates) + more))

    def start(self, *more):
        """A run that lasts about a second: by the readable kernel, whose rows have the same bytes."""
        return subprocess.Popen([PLSTRAP, 'bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5', '--checkpoint', '0.05',
                                 *more], cwd=self.folder, env={**os.environ, **ROOT, **SLOW}, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, text=True)

    def reference(self):
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'reference.h5')
        return (self.folder / 'reference.h5').read_bytes()

    def finish(self):
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5')
        self.assertEqual(sorted(p.name for p in self.folder.glob('r.h5*')), ['r.h5', 'r.h5.run.json'])
        return (self.folder / 'r.h5').read_bytes()

    def test_signals_stop_with_75_and_the_same_command_goes_on(self):
        whole = self.reference()
        for number, ranks in ((signal.SIGTERM, '1'), (signal.SIGINT, '1'), (signal.SIGTERM, '2'),
                              (signal.SIGINT, '2'), (signal.SIGUSR1, '2')):
            with self.subTest(f'{number!r} on {ranks}'):
                for old in self.folder.glob('r.h5*'):
                    old.unlink()
                run = self.start('--ranks', ranks)
                for _ in range(400):
                    if (self.folder / 'r.h5.journal').exists():
                        break
                    time.sleep(0.005)
                time.sleep(0.15)
                run.send_signal(number)
                text = run.communicate(timeout=60)[1]
                self.assertEqual(run.returncode, 75, text)
                self.assertIn('give the same command again', text)
                self.assertFalse((self.folder / 'r.h5').exists())
                self.assertEqual(self.finish(), whole)

    def test_kills_at_random_moments_lose_nothing(self):
        whole = self.reference()
        moments = random.Random(5)
        for ranks in ('1', '1', '2'):
            for old in self.folder.glob('r.h5*'):
                old.unlink()
            for _ in range(4):
                run = self.start('--ranks', ranks)
                time.sleep(moments.uniform(0.05, 0.6))
                run.kill()
                run.communicate()
                time.sleep(1.2 if ranks == '2' else 0.0)  # ranks notice that mpirun is gone
                if (self.folder / 'r.h5').exists():
                    break
            self.assertEqual(self.finish(), whole)

    def test_unfinished_rows_of_another_study_are_refused_by_what_differs(self):
        self.count(3000000)
        done = self.plstrap('bootstrap', 'study.yaml', '-o', 'r.h5', '--max-time', '1', '--ranks', 2,
                            environment=SLOW)
        self.assertEqual(done.returncode, 75, done.stderr)
        kept = (self.folder / 'r.h5.journal').read_bytes()
        self.write('study.yaml', study(KEYS.format(3000000) + 'estimation: {scheme: centroid}\n'))
        done = self.plstrap('bootstrap', 'study.yaml', '-o', 'r.h5')
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn('r.h5: holds unfinished rows of another study', done.stderr)
        self.assertIn('scheme: path` there', done.stderr)
        self.assertIn('scheme: centroid` here', done.stderr)
        self.assertEqual((self.folder / 'r.h5.journal').read_bytes(), kept)

    def test_time_limit_stops_in_time(self):
        self.count(3000000)
        done = self.plstrap('bootstrap', 'study.yaml', '-o', 'r.h5', '--max-time', '1', '--ranks', 2,
                            environment=SLOW)
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertTrue((self.folder / 'r.h5.journal').exists())

    def test_rows_that_are_damaged_are_computed_again_and_said(self):
        whole = self.reference()
        run = self.start('--ranks', '1')
        while not (self.folder / 'r.h5.journal').exists():
            time.sleep(0.005)
        time.sleep(0.3)
        run.send_signal(signal.SIGTERM)
        self.assertIn('stopped early', run.communicate(timeout=60)[1])
        with h5py.File(self.folder / 'r.h5.part', 'r') as part:
            first_value = part['series/bootstrap/values'].id.get_offset()
        with open(self.folder / 'r.h5.part', 'r+b') as part:
            part.seek(first_value + 5)
            byte = part.read(1)
            part.seek(first_value + 5)
            part.write(bytes([byte[0] ^ 1]))
        said = self.good('bootstrap', 'study.yaml', '--ranks', 1, '-o', 'r.h5').stderr
        self.assertRegex(said, r'r\.h5: [0-9,]+ rows of an earlier run do not fit their checksums, and are computed again')
        self.assertEqual((self.folder / 'r.h5').read_bytes(), whole)

    def test_more_replicates_keep_the_rows_that_exist(self):
        self.count(2000)
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5')
        few = self.good('rows', 'r.h5').stdout.splitlines()
        self.count(5000)
        done = self.good('bootstrap', 'study.yaml', '-o', 'r.h5')
        self.assertIn('3,000 replicates in', done.stderr)
        many = self.good('rows', 'r.h5').stdout.splitlines()
        self.assertEqual((len(few), len(many)), (2001, 5001))
        self.assertEqual(few, many[:2001])
        self.assertEqual((self.folder / 'r.h5').read_bytes(), self.reference())

    def test_a_changed_table_costs_no_replicate(self):
        self.count(3000)
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5')
        self.count(3000, 'hypotheses: {H9: A -> B != 0}\ntitle: now with a hypothesis\n')
        done = self.good('bootstrap', 'study.yaml', '-o', 'r.h5')
        self.assertIn('tables are made anew', done.stderr)
        self.assertIn('H9', done.stdout)
        self.assertEqual((self.folder / 'r.h5').read_bytes(), self.reference())

    def test_fewer_replicates_do_not_cut_a_result(self):
        self.count(3000)
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5')
        kept = (self.folder / 'r.h5').read_bytes()
        self.count(1000)
        done = self.plstrap('bootstrap', 'study.yaml', '-o', 'r.h5')
        self.assertEqual(done.returncode, 73)
        self.assertIn('holds 3,000 replicates, this study asks for 1,000', done.stderr)
        self.assertEqual((self.folder / 'r.h5').read_bytes(), kept)

    def test_complete_is_said_at_once(self):
        self.count(500)
        first = self.good('bootstrap', 'study.yaml', '-o', 'r.h5').stdout
        again = self.good('bootstrap', 'study.yaml', '-o', 'r.h5')
        self.assertIn('already complete', again.stderr)
        self.assertEqual(first, again.stdout)
        self.assertEqual(first, self.good('report', 'r.h5').stdout)

    def test_result_of_other_rows_is_not_overwritten(self):
        self.count(500)
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5')
        kept = (self.folder / 'r.h5').read_bytes()
        self.write('study.yaml', study('bootstrap: {replicates: 500, seed: 4, intervals: [percentile]}\n'))
        done = self.plstrap('bootstrap', 'study.yaml', '-o', 'r.h5')
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn('`bootstrap.seed: 3` there, `bootstrap.seed: 4` here', done.stderr)
        self.assertIn('--restart', done.stderr)
        self.assertEqual((self.folder / 'r.h5').read_bytes(), kept)
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5', '--restart')
        self.assertNotEqual((self.folder / 'r.h5').read_bytes(), kept)


class Summary(program.Case):
    """The same where rows are only counted."""

    def setUp(self):
        super().setUp()
        self.write('answers.csv', DATA)
        self.write('study.yaml', study(KEYS.format(300000) + 'store: summary\n'))

    def start(self, *more):
        return subprocess.Popen([PLSTRAP, 'bootstrap', 'study.yaml', '-o', 'r.h5', '--checkpoint', '0.2', *more],
                                cwd=self.folder, env={**os.environ, **ROOT, **SLOW}, stderr=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)

    def reference(self):
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'reference.h5')
        return (self.folder / 'reference.h5').read_bytes()

    def wait_for_counts(self, run):
        """Until something has been saved: a journal that is more than its head."""
        journal = self.folder / 'r.h5.journal'
        for _ in range(2000):
            try:
                if journal.stat().st_size > 4096:
                    return
            except FileNotFoundError:
                pass
            self.assertIsNone(run.poll(), 'ended before anything was saved')
            time.sleep(0.005)
        self.fail('nothing was saved')

    def counted(self, text):
        """How many replicates a line says are counted."""
        found = re.search(r'([0-9,]+) of 300,000 replicates are counted', text)
        self.assertIsNotNone(found, text)
        return int(found.group(1).replace(',', ''))

    def finish(self, *more):
        done = self.good('bootstrap', 'study.yaml', '-o', 'r.h5', *more)
        self.assertEqual(sorted(p.name for p in self.folder.glob('r.h5*')), ['r.h5', 'r.h5.run.json'])
        return done.stderr, (self.folder / 'r.h5').read_bytes()

    def test_signals_stop_with_75_and_nothing_counted_is_lost(self):
        whole = self.reference()
        for number, ranks, then in ((signal.SIGTERM, '1', '2'), (signal.SIGINT, '2', '3'), (signal.SIGUSR1, '3', '1')):
            with self.subTest(f'{number!r} on {ranks}'):
                for old in self.folder.glob('r.h5*'):
                    old.unlink()
                run = self.start('--ranks', ranks)
                self.wait_for_counts(run)
                run.send_signal(number)
                text = run.communicate(timeout=60)[1]
                self.assertEqual(run.returncode, 75, text)
                self.assertIn('give the same command again', text)
                there = self.counted(text)
                self.assertEqual(there % 1024, 0)
                self.assertGreater(there, 0)
                said, end = self.finish('--ranks', then)
                self.assertEqual(self.counted(said), there)
                self.assertIn(f'{300000 - there:,} replicates in', said)
                self.assertEqual(end, whole)

    def test_kills_lose_at_most_what_was_not_saved(self):
        whole = self.reference()
        moments = random.Random(6)
        for ranks in ('1', '2'):
            for old in self.folder.glob('r.h5*'):
                old.unlink()
            for _ in range(4):
                run = self.start('--ranks', ranks)
                time.sleep(moments.uniform(0.2, 0.8))
                run.kill()
                run.communicate()
                time.sleep(1.2 if ranks == '2' else 0.0)  # ranks notice that mpirun is gone
                if (self.folder / 'r.h5').exists():
                    break
            self.assertEqual(self.finish()[1], whole)

    def test_what_was_counted_and_is_damaged_is_counted_again_and_said(self):
        whole = self.reference()
        run = self.start('--ranks', '1')
        self.wait_for_counts(run)
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=60)
        journal = self.folder / 'r.h5.journal'
        bytes_ = bytearray(journal.read_bytes())
        bytes_[len(bytes_) // 2] ^= 4
        journal.write_bytes(bytes_)
        said, end = self.finish()
        self.assertIn('r.h5.journal: what was counted is damaged, and is counted again', said)
        self.assertIn('300,000 replicates in', said)
        self.assertEqual(end, whole)

    def test_another_number_of_replicates_is_another_summary(self):
        run = self.start('--ranks', '1')
        self.wait_for_counts(run)
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=60)
        self.write('study.yaml', study(KEYS.format(300001) + 'store: summary\n'))
        done = self.plstrap('bootstrap', 'study.yaml', '-o', 'r.h5')
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn('--restart', done.stderr)

    def test_what_differs_from_a_finished_summary_is_named(self):
        keys = KEYS.format(2000)
        self.write('study.yaml', study(keys + 'store: summary\n'))
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'r.h5')
        for replaced, sentence in (
                (keys + 'store: summary\nestimation: {tolerance: 1e-6}\n', '`estimation.tolerance: 1e-06` here'),
                (KEYS.format(3000) + 'store: summary\n', '2,000 replicates, where this study has 3,000'),
                (keys + 'store: rows\n', 'rows are only counted, and those of this study would be kept')):
            self.write('study.yaml', study(replaced))
            done = self.plstrap('bootstrap', 'study.yaml', '-o', 'r.h5')
            self.assertEqual(done.returncode, 73, done.stderr)
            self.assertIn(sentence, done.stderr)
            self.assertIn('--restart', done.stderr)

    def test_signal_while_the_last_rows_are_counted_loses_none(self):
        head, *answers = DATA.splitlines()
        self.write('answers.csv', '\n'.join([head] + answers * 2000) + '\n')  # 64 rows take 0.2 s
        self.write('study.yaml', study(KEYS.format(64) + 'store: summary\n'))
        outcomes = set()
        for part in range(12):
            for old in self.folder.glob('r.h5*'):
                old.unlink()
            run = self.start('--ranks', '1')
            while not (self.folder / 'r.h5.journal').exists() and run.poll() is None:
                time.sleep(0.005)
            time.sleep(part / 20)
            run.send_signal(signal.SIGTERM)
            text = run.communicate(timeout=60)[1]
            self.assertNotIn('64 of 64', text)
            self.assertEqual(run.returncode, 0 if (self.folder / 'r.h5').exists() else 75, text)
            outcomes.add(run.returncode)
        self.assertIn(0, outcomes)

    def test_time_limit_stops_in_time(self):
        run = self.start('--ranks', '2', '--max-time', '0.9')
        text = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 75, text)
        self.assertEqual(self.finish()[1], self.reference())


if __name__ == '__main__':
    program.main()
