"""Shards of a job, computed anywhere and united: the bytes of one run, or a sentence that says what is wrong."""
import json
import os
import random
import signal
import subprocess
import time

import program
from program import DATA, PLSTRAP, ROOT, study

KEYS = 'bootstrap: {{replicates: {}, seed: {}, intervals: [percentile, bca]}}\n'


class Shards(program.Case):
    def setUp(self):
        super().setUp()
        self.write('answers.csv', DATA)
        self.study()

    def study(self, replicates=1000, seed=3, more='', name='study.yaml', data='{file: answers.csv}'):
        self.write(name, study(KEYS.format(replicates, seed) + more, data))

    def whole(self):
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'whole.h5')
        return (self.folder / 'whole.h5').read_bytes()

    def shards(self, count, numbers=None, *more, environment=None):
        names = []
        for k in numbers or range(1, count + 1):
            self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '--shard', f'{k}/{count}', *more,
                      environment=environment)
            names.append(f'study.{k}-of-{count}.h5')
        return names

    def merged(self, names, *more):
        self.good('merge', *names, '-o', 'm.h5', '--quiet', *more)
        return (self.folder / 'm.h5').read_bytes()

    def refused(self, code, names, *words, output='m.h5'):
        before = {p.name: p.stat().st_mtime_ns for p in self.folder.iterdir()}
        done = self.plstrap('merge', *names, '-o', output)
        self.assertEqual((done.returncode, done.stdout), (code, ''), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual({p.name: p.stat().st_mtime_ns for p in self.folder.iterdir()}, before)
        return done.stderr


class Rows(Shards):
    def test_any_number_of_shards_in_any_order_makes_the_bytes_of_one_run(self):
        whole = self.whole()
        shuffle = random.Random(2).shuffle
        for count in (1, 2, 3, 7, 40):  # of 40 most have no rows: those go by 64
            with self.subTest(count):
                names = self.shards(count)
                shuffle(names)
                for old in self.folder.glob('m.h5*'):
                    old.unlink()
                self.assertEqual(self.merged(names), whole)

    def test_a_shard_holds_its_rows_under_their_numbers_and_no_others(self):
        self.whole()
        for series in ('bootstrap', 'jackknife'):
            lines = self.good('rows', 'whole.h5', '--series', series).stdout.splitlines()
            parts = []
            for name in self.shards(3):
                own = self.good('rows', name, '--series', series).stdout.splitlines()
                self.assertEqual(own[0], lines[0])
                parts += own[1:]
            self.assertEqual(parts, lines[1:])
        own = self.good('rows', 'study.2-of-3.h5').stdout.splitlines()
        self.assertEqual((own[1].split(',')[0], own[-1].split(',')[0]), ('320', '639'))

    def test_replicates_that_fail_and_shards_of_several_instruction_sets(self):
        lines = DATA.splitlines()
        self.write('answers.csv', '\n'.join([lines[0]] + [  # one answer differs: a third of resamples is constant
            f'{2 if i == 5 else 3},{line.split(",", 1)[1]}' for i, line in enumerate(lines[1:])]) + '\n')
        whole = self.whole()
        failed = [line for line in self.good('rows', 'whole.h5').stdout.splitlines() if ',constant indicator,' in line]
        self.assertGreater(len(failed), 200)
        names = []
        for k, isa in enumerate(('ref', 'portable', 'avx2', 'avx512'), 1):
            done = self.plstrap('bootstrap', 'study.yaml', '--quiet', '--shard', f'{k}/4', environment={'PLSTRAP_ISA': isa})
            if done.returncode != 0:  # not on this machine
                self.assertIn('PLSTRAP_ISA', done.stderr)
                self.shards(4, [k])
            names.append(f'study.{k}-of-4.h5')
        self.assertEqual(self.merged(names), whole)

    def test_resamples_that_were_given_are_split_too(self):
        draw = random.Random(7)
        self.write('r.txt', ''.join(','.join(str(draw.randrange(40)) for _ in range(40)) + '\n' for _ in range(300)))
        self.good('bootstrap', 'study.yaml', '--quiet', '--resamples', 'r.txt', '-o', 'whole.h5')
        names = self.shards(2, None, '--resamples', 'r.txt')
        self.assertEqual(self.merged(names), (self.folder / 'whole.h5').read_bytes())
        self.study(300)
        self.shards(2, [2], '-o', 'drawn.h5')
        self.refused(65, names + ['drawn.h5'], 'drawn.h5', 'not of the same job')

    def test_overlaps_that_are_equal_and_a_shard_given_twice_do_no_harm(self):
        whole = self.whole()
        names = self.shards(2) + self.shards(3, [2, 3]) + ['study.1-of-2.h5']
        self.assertEqual(self.merged(names), whole)
        self.assertEqual(self.merged(['study.1-of-2.h5', 'study.2-of-3.h5', 'study.3-of-3.h5'], '--restart'), whole)

    def test_a_merged_result_says_so_and_is_complete(self):
        names = self.shards(3)
        told = self.good('merge', *names, '-o', 'm.h5')
        self.assertIn('1,000 replicates of 3 shards merged in ', told.stderr)
        self.assertIn('Bootstrap: 1,000 replicates', told.stdout)
        self.assertEqual([r['outcome'] for r in json.loads((self.folder / 'm.h5.run.json').read_text())], ['merged'])
        before = (self.folder / 'm.h5').stat().st_mtime_ns
        again = self.good('merge', *names, '-o', 'm.h5')
        self.assertIn('already complete', again.stderr)
        self.assertEqual(again.stdout, told.stdout)
        self.assertIn('already complete', self.good('bootstrap', 'study.yaml', '-o', 'm.h5').stderr)
        self.assertEqual((self.folder / 'm.h5').stat().st_mtime_ns, before)
        self.good('merge', *names, '-o', 'm.h5', '--restart', '--csv', 't', '--quiet')
        self.assertNotEqual((self.folder / 'm.h5').stat().st_mtime_ns, before)
        self.assertEqual(len(self.table('t/hypotheses.csv')), 0)

    def test_a_merged_result_can_be_extended_and_a_shard_cannot(self):
        self.merged(self.shards(2))
        self.study(1500)
        done = self.plstrap('bootstrap', 'study.yaml', '--shard', '1/2')
        self.assertEqual(done.returncode, 73)
        self.assertIn('of which a shard has other rows', done.stderr)
        self.good('bootstrap', 'study.yaml', '-o', 'm.h5', '--quiet')
        self.assertEqual((self.folder / 'm.h5').read_bytes(), self.whole())

    def test_gaps_are_named_and_nothing_is_left(self):
        names = self.shards(4)
        told = self.refused(75, names[:1] + names[3:], 'shards 2, 3 of 4 are not there yet', 'rows 192 to 703 of bootstrap',
                            '--shard 2/4')
        self.assertNotIn('and more', told)
        self.refused(75, names[:1] + names[2:3], 'shards 2, 4 of 4', ', and more, are missing')
        os.rename(self.folder / names[3], self.folder / (names[3] + '.part'))
        self.refused(75, names, 'is not finished', 'shard 4 of 4 is not there yet: rows 704 to 999 of bootstrap are')
        self.refused(75, names[3:], 'is not finished')
        self.refused(66, ['nothing.h5'], 'nothing.h5: there is no such file')
        self.refused(66, self.shards(2) + ['nothing.h5'], 'nothing.h5: there is no such file')

    def test_only_the_jackknife_may_be_missing(self):
        self.study(64)
        names = self.shards(2)  # bootstrap rows 0 to 63 and jackknife rows 0 to 39 all lie in the second
        self.refused(75, names[:1], 'shard 2 of 2')
        self.assertEqual(self.merged(names[1:]), self.whole())

    def test_strangers_are_refused_by_name_and_reason(self):
        names = self.shards(2)
        self.study(1000, 4)
        self.good('bootstrap', 'study.yaml', '--quiet', '--shard', '2/2', '-o', 'seed.h5')
        self.study(1100)
        self.good('bootstrap', 'study.yaml', '--quiet', '--shard', '2/2', '-o', 'more.h5')
        self.study(more='inference: {alpha: 0.01}\n')
        self.good('bootstrap', 'study.yaml', '--quiet', '--shard', '2/2', '-o', 'alpha.h5')
        self.study()
        self.write('answers.csv', DATA.replace('\n1,', '\n2,', 1))
        self.good('bootstrap', 'study.yaml', '--quiet', '--shard', '2/2', '-o', 'answer.h5')
        self.write('answers.csv', DATA[:DATA.rstrip().rindex('\n') + 1])
        self.good('bootstrap', 'study.yaml', '--quiet', '--shard', '2/2', '-o', 'fewer.h5')
        self.write('answers.csv', DATA)
        for other, reason in (('seed', 'its seed is 4 against 3'), ('more', '1,100 bootstrap rows against 1,000'),
                              ('alpha', 'its study differs in line 9, which changes no row'), ('answer', 'its data or settings are others'),
                              ('fewer', 'it has 39 observations against 40')):
            with self.subTest(other):
                self.refused(65, [names[0], f'{other}.h5'], f'{other}.h5', names[0], reason)
        self.whole()
        self.refused(65, names + ['whole.h5'], 'whole.h5: is a whole result')
        self.good('estimate', 'study.yaml', '--quiet', '-o', 'base.h5')
        self.refused(65, names + ['base.h5'], 'base.h5: is a whole result')
        self.refused(65, names + ['study.yaml'], 'study.yaml: is not an HDF5 file')

    def test_damaged_shards_are_refused(self):
        names = self.shards(2)
        file = self.folder / names[1]
        sound = file.read_bytes()
        draw = random.Random(9)
        for _ in range(40):
            bytes_ = bytearray(sound)
            bytes_[draw.randrange(len(sound))] ^= 1 << draw.randrange(8)
            file.write_bytes(bytes_)
            done = self.plstrap('merge', *names, '-o', 'm.h5', '--quiet')
            if done.returncode == 0:  # a bit that HDF5 leaves free
                file.write_bytes(sound)
                self.assertEqual((self.folder / 'm.h5').read_bytes(), self.merged(names, '--restart'))
                for old in self.folder.glob('m.h5*'):
                    old.unlink()
            else:
                self.assertEqual(done.returncode, 65, done.stderr)
                self.assertEqual(list(self.folder.glob('m.h5*')), [])
        file.write_bytes(sound[:-100])
        self.refused(65, names, 'cut off')

    def test_names_of_other_results_are_not_taken(self):
        names = self.shards(2)
        self.refused(73, names, names[0] + ': holds the result of shard 1 of 2, this is the whole job', output=names[0])
        for more in ([], ['--shard', '1/2'], ['--shard', '2/4']):
            done = self.plstrap('bootstrap', 'study.yaml', '-o', names[1], *more)
            self.assertEqual(done.returncode, 73)
            self.assertIn(names[1] + ': holds the result of shard 2 of 2, this is ', done.stderr)
        self.study(more='title: other\n', name='other.yaml', seed=9)
        self.good('bootstrap', 'other.yaml', '--quiet')
        self.refused(73, names, 'other.h5: is the result of another study', 'bootstrap.seed: 9', output='other.h5')
        self.refused(73, names, 'cannot be created', output='nowhere/m.h5')

    def test_a_shard_reports_its_base_model_and_says_what_it_is(self):
        self.shards(2)
        done = self.good('report', 'study.1-of-2.h5')
        self.assertIn('is shard 1 of 2', done.stderr)
        self.assertIn('plstrap merge', done.stderr)
        base = self.good('estimate', 'study.yaml').stdout
        self.assertEqual(done.stdout, base)
        self.assertIn('already complete', self.good('bootstrap', 'study.yaml', '--shard', '1/2').stderr)

    def test_a_shard_that_was_stopped_or_killed_goes_on(self):
        self.study(300000)
        whole = self.whole()
        names = self.shards(2, [1])
        moments = random.Random(4)
        for action in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL, signal.SIGINT):
            run = subprocess.Popen([PLSTRAP, 'bootstrap', 'study.yaml', '--quiet', '--ranks', '1', '--shard', '2/2',
                                    '--checkpoint', '0.05'], cwd=self.folder, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, **ROOT, 'PLSTRAP_ISA': 'ref'}, stdin=subprocess.DEVNULL)
            time.sleep(moments.uniform(0.1, 0.4))
            run.send_signal(action)
            text = run.communicate(timeout=60)[1]
            if action != signal.SIGKILL and run.returncode != 0:
                self.assertIn(run.returncode, (75, -action), text)
        self.refused(75, names + ['study.2-of-2.h5'], 'shard 2 of 2 is not there yet: rows 149,952 to 299,999')
        names += self.shards(2, [2])
        self.assertEqual(self.merged(names), whole)

    def test_a_merge_that_was_killed_is_given_again(self):
        self.study(200000)
        whole = self.whole()
        names = self.shards(3)
        moments = random.Random(6)
        for _ in range(6):
            run = subprocess.Popen([PLSTRAP, 'merge', *names, '-o', 'm.h5', '--quiet'], cwd=self.folder)
            time.sleep(moments.uniform(0.01, 0.25))
            run.kill()
            run.wait()
        self.assertEqual(self.merged(names), whole)
        self.assertEqual(sorted(p.name for p in self.folder.glob('m.h5*')), ['m.h5', 'm.h5.run.json'])

    def test_answers_are_in_no_shard(self):
        canary = '4.0137001'
        lines = DATA.splitlines()
        lines[7] = lines[7].replace(lines[7].split(',')[0], canary, 1)
        self.write('answers.csv', '\n'.join(lines) + '\n')
        names = self.shards(2)
        told = self.good('merge', *names, '-o', 'm.h5', '--verbose')
        told = told.stdout + told.stderr
        for file in self.folder.glob('*.h5*'):
            told += file.read_bytes().decode('latin-1')
        for secret in (canary, str(self.folder)):
            self.assertNotIn(secret, told)

    def test_a_job_that_stops_at_a_failure_stops_in_its_shard(self):
        lines = DATA.splitlines()
        self.write('answers.csv', '\n'.join([lines[0]] + [
            f'{2 if i == 5 else 3},{line.split(",", 1)[1]}' for i, line in enumerate(lines[1:])]) + '\n')
        self.write('study.yaml', study('bootstrap: {replicates: 1000, on_failure: stop}\n'))
        done = self.plstrap('bootstrap', 'study.yaml', '--shard', '2/2', '--ranks', 1)
        self.assertEqual(done.returncode, 65)
        self.assertIn('on_failure: stop', done.stderr)
        again = self.plstrap('bootstrap', 'study.yaml', '--shard', '2/2', '--ranks', 1)
        self.assertEqual(again.returncode, 65)
        self.assertIn(done.stderr, again.stderr)  # the same replicate, which is among those that are there
        number = int(done.stderr.split('replicate ')[1].split()[0])
        self.assertGreaterEqual(number, 448)


class Counted(Shards):
    """Shards of a study whose rows are only counted (store: summary)."""

    def study(self, replicates=40000, seed=3, more='', name='study.yaml', data='{file: answers.csv}'):
        self.write(name, study(KEYS.format(replicates, seed) + 'store: summary\n' + more, data))

    def test_any_number_of_shards_in_any_order_makes_the_bytes_of_one_run(self):
        whole = self.whole()
        shuffle = random.Random(2).shuffle
        for count in (1, 3, 45):  # of 45 some have no rows: those go by 1,024
            with self.subTest(count):
                names = self.shards(count)
                shuffle(names)
                for old in self.folder.glob('m.h5*'):
                    old.unlink()
                self.assertEqual(self.merged(names + names[:2]), whole)  # and some twice

    def test_failures_and_instruction_sets_and_ranks(self):
        lines = DATA.splitlines()
        self.write('answers.csv', '\n'.join([lines[0]] + [  # one answer differs: a third of resamples is constant
            f'{2 if i == 5 else 3},{line.split(",", 1)[1]}' for i, line in enumerate(lines[1:])]) + '\n')
        whole = self.whole()
        names = self.shards(3, [1], environment={'PLSTRAP_ISA': 'portable'})
        names += self.shards(3, [2], environment={'PLSTRAP_ISA': 'ref'})
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 3, '--shard', '3/3')
        self.assertEqual(self.merged(names + ['study.3-of-3.h5']), whole)

    def test_a_gap_is_named_and_exits_75(self):
        names = self.shards(3)
        text = self.refused(75, [names[0], names[2]])
        self.assertIn('shard 2 of 3 is not there yet: replicates 13,312 to 26,623 are missing', text)
        self.assertIn('--shard 2/3', text)
        (self.folder / names[1]).unlink()
        self.assertIn('--shard 2/3', self.refused(75, names))

    def test_shards_of_two_k_and_strangers_are_refused(self):
        names = self.shards(2)
        self.refused(65, names + self.shards(3, [2]), 'counts cannot be divided')
        self.study(seed=4)
        self.shards(2, [2], '-o', 'other.h5')
        self.refused(65, [names[0], 'other.h5'], 'not of the same job')
        self.write('study.yaml', study(KEYS.format(40000, 3) + 'store: rows\n'))
        self.shards(2, [2], '-o', 'rows.h5')
        self.refused(65, [names[0], 'rows.h5'], 'not of the same job')

    def test_a_shard_that_was_stopped_goes_on(self):
        self.study(300000)
        whole = self.whole()
        run = subprocess.Popen([PLSTRAP, 'bootstrap', 'study.yaml', '--shard', '2/2', '--ranks', '1', '--checkpoint', '0.2'],
                               cwd=self.folder, env={**os.environ, **ROOT, 'PLSTRAP_ISA': 'ref'}, stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)
        time.sleep(1.0)
        run.send_signal(signal.SIGTERM)
        text = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 75, text)
        self.assertEqual(self.merged(self.shards(2)), whole)

    def test_verify_says_that_the_counts_of_a_shard_are_not_compared(self):
        name, = self.shards(2, [1])
        self.assertIn('counts alone, which were not compared', self.good('verify', name, 'study.yaml', '--all').stdout)

    def test_a_damaged_shard_is_named(self):
        names = self.shards(2)
        bytes_ = bytearray((self.folder / names[1]).read_bytes())
        bytes_[len(bytes_) // 2] ^= 16
        (self.folder / names[1]).write_bytes(bytes_)
        self.refused(65, names, names[1])


if __name__ == '__main__':
    program.main()
