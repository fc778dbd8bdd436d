"""How far a result is can be asked at any time, and asking changes nothing."""
import json
import os
import signal
import subprocess
import time

import program
from program import DATA, PLSTRAP, ROOT, study

KEYS = 'bootstrap: {{replicates: {}, seed: 3, intervals: [percentile]}}\n'


class Status(program.Case):
    def setUp(self):
        super().setUp()
        self.write('answers.csv', DATA)
        self.count(2000000)

    def count(self, replicates, more=''):
        self.write('study.yaml', study(more + KEYS.format(replicates)))

    def start(self, *more, ranks=1):
        """A run that lasts long: by the readable kernel."""
        run = subprocess.Popen([PLSTRAP, 'bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5', '--checkpoint', '0.1',
                                '--ranks', str(ranks), *more], cwd=self.folder, stderr=subprocess.PIPE,
                               env={**os.environ, **ROOT, 'PLSTRAP_ISA': 'ref'}, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        return run

    def status(self, *more, code=75):
        done = self.plstrap('status', 'r.h5', *more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def facts(self, **keywords):
        return json.loads(self.status('--json', **keywords).stdout)

    def wait_for_rows(self, rows=1):
        for _ in range(600):
            seen = self.plstrap('status', 'r.h5', '--json')
            if seen.returncode == 75:
                facts = json.loads(seen.stdout)
                if facts['done'] >= rows and 'rate' in facts:
                    return facts
            time.sleep(0.02)
        self.fail('no row was secured')

    def entries(self):
        return json.loads((self.folder / 'r.h5.run.json').read_text())

    def test_a_run_is_seen_from_outside_and_not_disturbed(self):
        run = self.start(ranks=2)
        facts = self.wait_for_rows()
        self.assertEqual((facts['state'], facts['running'], facts['ranks']), ('running', True, 2))
        self.assertEqual((facts['job'], facts['all'], facts['result']), ('bootstrap', 2000000, 'r.h5'))
        series, = facts['series']
        self.assertEqual((series['name'], series['all'], series['done']), ('bootstrap', 2000000, facts['done']))
        self.assertGreater(series['failed']['not converged'], 0)
        self.assertGreater(facts['rate'], 0)
        self.assertGreater(facts['seconds_left'], 0)
        self.assertLess(abs(facts['updated'] - time.time()), 60)
        for _ in range(20):
            self.status('--quiet')
        shown = self.status().stdout
        self.assertRegex(shown, r'^r.h5: running: [\d,]+ of 2,000,000 rows \(\d+\.\d %\)\n')
        self.assertRegex(shown, r'bootstrap  [\d,]+ of 2,000,000; [\d,]+ failed \([\d,]+ not converged\)\n')
        self.assertRegex(shown, r'a run is writing it on 2 ranks, .*/s, about .* left\n')
        self.assertGreater(self.wait_for_rows(facts['done'] + 1)['done'], facts['done'])
        self.assertIsNone(run.poll())
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(timeout=60), 75)

    def test_stopped_is_told_with_what_to_do(self):
        run = self.start()
        self.wait_for_rows()
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(timeout=60), 75)
        facts = self.facts()
        self.assertEqual((facts['state'], facts['running'], facts['last_run']), ('stopped', False, 'stopped'))
        self.assertNotIn('seconds_left', facts)
        self.assertEqual(facts['done'], self.entries()[-1]['rows'])
        self.assertIn('no run is writing it; give the same command again to go on', self.status().stdout)
        self.assertEqual(self.status('--quiet').stdout, '')

    def test_a_killed_run_is_not_taken_for_a_running_one(self):
        run = self.start()
        self.wait_for_rows()
        self.assertEqual(self.entries()[-1]['outcome'], 'running')
        run.kill()
        run.wait()
        facts = self.facts()
        self.assertEqual((facts['state'], facts['running'], facts['last_run']), ('stopped', False, 'died'))
        self.assertGreater(facts['done'], 0)
        self.assertIn('the last one died; give the same command again', self.status().stdout)
        again = self.start()
        self.wait_for_rows(facts['done'] + 1)
        again.send_signal(signal.SIGTERM)
        again.wait(timeout=60)
        self.assertEqual([entry['outcome'] for entry in self.entries()], ['died', 'stopped'])
        self.assertEqual(self.entries()[1]['rows_before'] + self.entries()[1]['rows'], self.facts()['done'])

    def test_finished_is_checked_and_told(self):
        self.count(2000, 'title: Söme title\n')
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5')
        facts = self.facts(code=0)
        self.assertEqual((facts['state'], facts['running'], facts['done'], facts['all']), ('finished', False, 2000, 2000))
        self.assertRegex(facts['digest'], '^[0-9a-f]{64}$')
        shown = self.status(code=0).stdout
        self.assertIn('r.h5: finished: bootstrap of Söme title', shown)
        self.assertRegex(shown, r'bootstrap  2,000; \d+ failed \(\d+ not converged\)')
        self.assertIn(facts['digest'], shown)
        self.assertEqual(self.status('--quiet', code=0).stdout, '')
        self.assertEqual(self.entries()[-1]['outcome'], 'finished')
        bytes_ = bytearray((self.folder / 'r.h5').read_bytes())
        at = len(bytes_) // 2
        bytes_[at] ^= 1
        (self.folder / 'r.h5').write_bytes(bytes_)
        self.assertIn('damaged', self.status(code=65).stderr)

    def test_a_result_that_is_extended_is_unfinished(self):
        self.count(2000)
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5')
        self.count(2000000)
        run = self.start()
        self.assertEqual(self.wait_for_rows(2001)['all'], 2000000)
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=60)
        self.assertGreater(self.facts()['done'], 2000)
        (self.folder / 'r.h5.part').unlink()  # as the last rename of a run that is then killed leaves it
        self.assertEqual(self.facts(code=0)['all'], 2000)

    def test_a_summary_tells_what_is_counted(self):
        self.count(2000000, 'store: summary\n')
        run = self.start()
        facts = self.wait_for_rows(1024)
        self.assertEqual((facts['state'], facts['all']), ('running', 2000000))
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(timeout=60), 75)
        facts = self.facts()
        series, = facts['series']
        self.assertEqual((facts['state'], series['all'], series['done']), ('stopped', 2000000, facts['done']))
        self.assertEqual(facts['done'] % 1024, 0)
        self.assertGreater(series['failed']['not converged'], 0)
        self.assertEqual(self.entries()[-1]['rows'], facts['done'])

    def test_part_and_journal_lead_to_the_result(self):
        self.count(2000)
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.h5')
        for name in ('r.h5.part', 'r.h5.journal', 'r.h5.run.json'):
            done = self.plstrap('status', name)
            self.assertEqual(done.returncode, 0)
            self.assertEqual(done.stderr, f'{name} belongs to the result r.h5, whose name is the one to give\n')
            self.assertIn('r.h5: finished', done.stdout)

    def test_nothing_foreign_and_torn_files_are_told_apart(self):
        done = self.status(code=66)
        self.assertIn('there is no such result, and no run of it was begun here', done.stderr)
        self.write('r.h5', 'not a result\n' * 200)
        self.assertIn('r.h5', self.status(code=65).stderr)
        (self.folder / 'r.h5').unlink()
        self.write('r.h5.journal', b'\x00' * 200)
        self.assertIn('r.h5.journal: damaged', self.status(code=65).stderr)
        self.write('r.h5.journal', b'')  # a run that was killed as it began
        self.write('r.h5.run.json', '[{"outcome": "running", "job": "bootstrap", "ranks": 2}]')
        self.assertEqual(self.facts()['state'], 'stopped')
        self.assertIn('no row is there yet', self.status().stdout)
        for name in ('r.h5.run.json', 'r.h5.journal'):
            self.write(name, b'PLSJRNL\x00' + bytes(range(256)))
        self.status(code=65)

    def test_what_is_not_there_yet_is_told_by_its_shards_and_by_its_script(self):
        self.count(2000)
        self.write('r.h5.sbatch', '#!/bin/sh\n')
        self.assertIn('r.h5: was submitted, and no run of it has begun', self.status(code=66).stderr)
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'r.2-of-3.h5', '--shard', '2/3')
        self.assertIn('as in `plstrap status r.2-of-3.h5`', self.status(code=66).stderr)
        done = self.plstrap('status', f'{self.folder}/r.h5')
        self.assertIn(f'as in `plstrap status {self.folder}/r.2-of-3.h5`', done.stderr)

    def test_a_run_between_checkpoints_has_a_rate(self):
        run = self.start('--checkpoint', '3600')
        for _ in range(600):
            facts = json.loads(self.plstrap('status', 'r.h5', '--json').stdout or '{}')
            if 'rate' in facts:
                break
            time.sleep(0.02)
        self.assertGreater(facts['seconds_left'], 0)
        self.assertEqual(facts['done'], 0)
        self.assertGreater(self.entries()[-1]['seconds'], 0.5)
        self.assertRegex(self.status().stdout, r'on 1 rank, [\d,]+ rows computed, .*/s, about .* left\n')
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(timeout=60), 75)

    def test_torn_journals_never_tell_more_than_is_there(self):
        run = self.start()
        whole = self.wait_for_rows(20000)
        run.kill()
        run.wait()
        whole = self.facts()['done']
        journal = (self.folder / 'r.h5.journal').read_bytes()
        for cut in range(len(journal) - 1, len(journal) - 70, -7):
            self.write('r.h5.journal', journal[:cut])
            self.assertLess(self.facts()['done'], whole)
        self.write('r.h5.journal', journal)
        self.write('r.h5.part', (self.folder / 'r.h5.part').read_bytes()[:5000])
        self.assertLess(self.facts()['done'], whole)

    def test_a_run_that_fails_says_so(self):
        self.write('study.yaml', study('bootstrap: {replicates: 2000000, seed: 3, on_failure: stop}\n'))
        run = self.start()
        run.wait(timeout=60)
        self.assertEqual(run.returncode, 65)
        if (self.folder / 'r.h5.run.json').exists():  # not where the first look came after the end
            self.assertEqual(self.entries()[-1]['outcome'], 'failed')

    def test_a_run_file_that_cannot_be_written_does_not_end_a_run(self):
        self.count(2000)
        os.mkdir(self.folder / 'r.h5.run.json')
        done = self.good('bootstrap', 'study.yaml', '-o', 'r.h5', '--ranks', 1)
        self.assertIn('r.h5.run.json: cannot be written', done.stderr)
        self.status(code=0)


if __name__ == '__main__':
    program.main()
