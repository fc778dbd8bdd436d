"""plstrap submit: everything is checked before anything is queued, and its script does right for any file name.

Slurm itself is played by small scripts on the PATH; the real one is in tests/cluster/test_slurm.py.
"""
import os
import pathlib
import signal
import subprocess
import time

import program
from program import DATA, PLSTRAP, ROOT, study

KEYS = 'bootstrap: {{replicates: {}, seed: 3, intervals: [percentile, bca]}}\n'
NAME = "it's my \"own\" $HOME `study` 100%.yaml"
SLOW = {'PLSTRAP_ISA': 'ref'}


class Submit(program.Case):
    def setUp(self):
        super().setUp()
        self.tools = self.folder / 'tools'
        self.tools.mkdir()
        self.work = self.folder / 'a b'
        self.work.mkdir()
        self.environment = {'PATH': f'{self.tools}:{os.environ["PATH"]}', 'TOOLS': str(self.tools)}
        self.tool('sbatch', 'printf "%s\\n" "$@" >>"$TOOLS/sbatch.log"; n=$(wc -l <"$TOOLS/sbatch.log"); echo "4$n"')
        self.tool('scontrol', 'printf "%s\\n" "$*" >>"$TOOLS/scontrol.log"')
        self.tool('mpirun', 'exec "$@"')
        self.tool('srun', 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"')
        self.write('a b/answers.csv', DATA)
        self.study()

    def tool(self, name, text):
        path = self.tools / name
        path.write_text(f'#!/bin/bash\n{text}\n')
        path.chmod(0o755)

    def study(self, replicates=3000, name=NAME):
        self.write(f'a b/{name}', study(KEYS.format(replicates)))

    def submit(self, *words, good=0, **environment):
        done = self.plstrap('submit', *words, environment={**self.environment, **environment})
        self.assertEqual(done.returncode, good, f'{words}: {done.stdout}{done.stderr}')
        return done

    def refuse(self, code, sentence, *words, **environment):
        done = self.submit(*words, good=code, **environment)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.stdout, '')
        self.assertFalse((self.tools / 'sbatch.log').exists(), 'something was queued')
        self.assertEqual(list(self.folder.rglob('*.sbatch')), [])
        return done

    def script(self, *words):
        done = self.submit('bootstrap', f'a b/{NAME}', '--dry-run', *words)
        checked = subprocess.run(['bash', '-n'], input=done.stdout, text=True, capture_output=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, ''))
        return done.stdout

    def asked(self, script):
        return [line[len('#SBATCH '):] for line in script.splitlines() if line.startswith('#SBATCH ')]

    def run_script(self, text, good=0, **environment):
        path = self.write('script', text)
        done = self.run_command('bash', path, environment={
            **self.environment, 'SLURM_JOB_ID': '77', **environment}, timeout=120)
        self.assertEqual(done.returncode, good, done.stdout + done.stderr)
        return done

    def local(self):
        self.good('bootstrap', f'a b/{NAME}', '--ranks', 1, '--quiet', '-o', 'local.h5')
        return (self.folder / 'local.h5').read_bytes()

    # ---- the script ----

    def test_script_of_any_file_name_runs_what_was_meant(self):
        for words in ((), ('--launcher', 'srun')):
            script = self.script('-o', "a b/it's \"r\" $x.h5", *words)
            self.run_script(script)
            result = self.work / 'it\'s "r" $x.h5'
            self.assertEqual(result.read_bytes(), self.local())
            result.unlink()
        self.assertIn('run=(srun -K1 --mpi=pmix "$plstrap"', script)

    def test_result_is_named_after_the_study_in_the_current_folder(self):
        self.run_script(self.script())
        self.assertTrue((self.folder / NAME.replace('.yaml', '.h5')).exists())

    def test_dry_run_prints_the_script_alone_and_the_estimate_beside_it(self):
        done = self.submit('bootstrap', f'a b/{NAME}', '--dry-run')
        self.assertTrue(done.stdout.startswith('#!/bin/bash\n'))
        for word in ('3,000 replicates', 'rate', 'memory', 'storage', 'limit'):
            self.assertIn(word, done.stderr)
            self.assertNotIn(word, done.stdout.split('# ----')[0])
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ['a b', 'tools'])

    def test_options_become_lines_of_the_script(self):
        asked = self.asked(self.script('--nodes', 3, '--time', '1-12', '--partition', 'fast', '--account', 'a1',
                                       '--', '--qos=long', '--comment', 'x "y" \\z', '-C', 'a|b',
                                       '--ntasks-per-node=7'))
        for line in ('--nodes=3', '--time=1-12:00:00', '--partition=fast', '--account=a1', '--qos=long',
                     '--comment "x \\"y\\" \\\\z"', '-C "a|b"', '--ntasks-per-node=7', '--requeue',
                     '--open-mode=append', '--signal=B:USR1@60', '--job-name=plstrap-it_s_my__own___HOME__study__100%'):
            self.assertIn(line, asked)
        self.assertGreater(asked.index('--qos=long'), asked.index('--nodes=3'))

    def test_memory_is_asked_for_unless_the_user_does(self):
        self.assertTrue([line for line in self.asked(self.script()) if line.startswith('--mem=')])
        asked = self.asked(self.script('--', '--mem-per-cpu=2G'))
        self.assertEqual([line for line in asked if line.startswith('--mem')], ['--mem-per-cpu=2G'])

    def test_times_are_read_as_sbatch_does(self):
        for given, wanted in (('90', '01:30:00'), ('2:30', '00:02:30'), ('1:02:03', '01:02:03'), ('2-0', '2-00:00:00'),
                              ('1-02:03', '1-02:03:00'), ('1-2:3:4', '1-02:03:04'), ('90m', '01:30:00')):
            self.assertIn(f'--time={wanted}', self.asked(self.script('--time', given)), given)
        for given in ('0', '-5', '1:2:3:4', 'soon', '1-', '-', ''):
            self.refuse(64, '--time takes minutes', 'bootstrap', f'a b/{NAME}', f'--time={given}')

    def test_limit_that_is_chosen_grows_with_the_work(self):
        few = self.asked(self.script())
        self.study(10**12)
        self.write(f'a b/{NAME}', study(KEYS.format(10**12) + 'store: summary\n'))
        many = self.asked(self.script())
        self.assertIn('--time=00:06:00', few)
        self.assertIn('--time=1-00:00:00', many)

    # ---- the job ----

    def test_job_that_must_stop_goes_back_into_the_queue_and_on(self):
        self.study(150000)
        path = self.write('script', self.script())
        job = subprocess.Popen(['bash', path], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env={**os.environ, **ROOT, **self.environment, **SLOW, 'SLURM_JOB_ID': '77',
                                    'PLSTRAP_LAUNCHER': ''}, text=True)
        result = self.folder / NAME.replace('.yaml', '.h5')
        for _ in range(400):
            if pathlib.Path(f'{result}.run.json').exists():
                break
            time.sleep(0.01)
        time.sleep(0.2)
        job.send_signal(signal.SIGUSR1)
        said = job.communicate(timeout=60)[0]
        self.assertEqual(job.returncode, 0, said)
        self.assertIn('back into the queue', said)
        self.assertEqual((self.tools / 'scontrol.log').read_text(), 'requeue 77\n')
        self.assertFalse(result.exists())
        self.run_script(path.read_text())
        self.assertEqual(result.read_bytes(), self.local())
        self.assertEqual((self.tools / 'scontrol.log').read_text(), 'requeue 77\n')

    def test_job_that_is_ended_by_others_does_not_requeue_itself(self):
        self.study(300000)
        path = self.write('script', self.script())
        job = subprocess.Popen(['bash', path], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env={**os.environ, **ROOT, **self.environment, **SLOW, 'SLURM_JOB_ID': '77'}, text=True)
        for _ in range(400):
            if list(self.folder.glob('*.run.json')):
                break
            time.sleep(0.01)
        job.send_signal(signal.SIGTERM)
        said = job.communicate(timeout=60)[0]
        self.assertEqual(job.returncode, 75, said)
        self.assertFalse((self.tools / 'scontrol.log').exists())

    def test_job_that_gains_nothing_twice_stops(self):
        script = self.script()
        self.tool('mpirun', 'exit 1')
        self.run_script(script)
        self.assertEqual((self.tools / 'scontrol.log').read_text(), 'requeue 77\n')
        done = self.run_script(script, good=75)
        self.assertIn('twice in a row no replicate was gained (plstrap ended with 1)', done.stdout)
        self.assertEqual((self.tools / 'scontrol.log').read_text(), 'requeue 77\n')
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ['a b', 'script', 'tools'])

    def test_launcher_that_fails_is_not_excused_by_an_older_result(self):
        script = self.script()
        self.run_script(script)
        self.study(5000)
        self.tool('mpirun', 'exit 1')
        done = self.run_script(script)
        self.assertIn('back into the queue', done.stdout)

    def test_launcher_that_fails_after_the_last_row_is_excused(self):
        script = self.script()
        self.tool('mpirun', '"$@"; exit 1')
        self.run_script(script)
        self.assertFalse((self.tools / 'scontrol.log').exists())

    def test_task_of_an_array_puts_itself_alone_back_into_the_queue(self):
        array = self.script('--array', 3, '-o', 'whole.h5').split('#!/bin/bash\n')[1]
        self.tool('mpirun', 'exit 1')
        self.run_script(array, SLURM_ARRAY_JOB_ID='77', SLURM_ARRAY_TASK_ID='3')
        self.assertEqual((self.tools / 'scontrol.log').read_text(), 'requeue 77_3\n')

    def test_array_and_merge_give_the_bytes_of_one_run(self):
        self.study(20001)
        scripts = self.script('--array', 3, '-o', 'whole.h5').split('#!/bin/bash\n')
        self.assertEqual(len(scripts), 3)
        array, merge = scripts[1:]
        self.assertIn('--array=1-3', self.asked(array))
        self.assertIn('--ntasks=1', self.asked(merge))
        for shard in (3, 1):
            self.run_script(array, SLURM_ARRAY_TASK_ID=str(shard))
        done = self.run_script(merge, good=75)
        self.assertIn('not finished', done.stdout)
        self.assertIn('whole.2-of-3.h5', done.stdout)
        self.run_script(array, SLURM_ARRAY_TASK_ID='2')
        self.run_script(merge)
        self.assertEqual((self.folder / 'whole.h5').read_bytes(), self.local())

    # ---- queueing ----

    def test_sbatch_is_given_the_script_and_nothing_else(self):
        done = self.submit('bootstrap', f'a b/{NAME}', '-o', 'a b/r.h5', '--', '--qos=x')
        script = self.work / 'r.h5.sbatch'
        self.assertEqual((self.tools / 'sbatch.log').read_text(), f'--parsable\n{script}\n')
        self.assertIn('#SBATCH --qos=x\n', script.read_text())
        self.assertIn('submitted job 42', done.stdout)
        self.assertIn('plstrap status', done.stdout)
        self.assertIn('3,000 replicates', done.stdout)

    def test_merge_waits_for_the_array(self):
        done = self.submit('bootstrap', f'a b/{NAME}', '-o', 'r.h5', '--array', 4)
        self.assertEqual((self.tools / 'sbatch.log').read_text().split('\n')[2:4],
                         ['--parsable', '--dependency=afterany:42'])
        self.assertIn('submitted job 45', done.stdout)
        self.assertTrue((self.folder / 'r.h5.merge.sbatch').exists())

    def test_sbatch_that_refuses_is_heard(self):
        self.tool('sbatch', 'echo "no such partition" >&2; exit 1')
        done = self.submit('bootstrap', f'a b/{NAME}', good=69)
        self.assertIn('no such partition', done.stderr)
        self.assertIn('sbatch did not take the job (its exit code: 1); the script is', done.stderr)
        self.assertNotIn('submitted', done.stdout)

    def test_complete_result_queues_nothing(self):
        self.good('bootstrap', f'a b/{NAME}', '--quiet', '-o', 'r.h5')
        done = self.submit('bootstrap', f'a b/{NAME}', '-o', 'r.h5')
        self.assertIn('already complete', done.stderr)
        self.assertFalse((self.tools / 'sbatch.log').exists())

    def test_more_replicates_of_a_finished_result_are_queued(self):
        self.good('bootstrap', f'a b/{NAME}', '--quiet', '-o', 'r.h5')
        self.study(4000)
        self.assertIn('submitted job', self.submit('bootstrap', f'a b/{NAME}', '-o', 'r.h5').stdout)

    # ---- what cannot succeed ----

    def test_without_slurm_only_a_dry_run(self):
        for name in ('sbatch', 'mpirun', 'srun', 'scontrol'):
            (self.tools / name).unlink()
        self.refuse(69, "Slurm's sbatch is not on the PATH", 'bootstrap', f'a b/{NAME}', PATH=str(self.tools))
        done = self.submit('bootstrap', f'a b/{NAME}', '--dry-run', PATH=str(self.tools))
        self.assertIn('#SBATCH', done.stdout)

    def test_words_that_are_missing_or_wrong(self):
        self.refuse(64, 'name a job and a study', 'bootstrap')
        self.refuse(64, 'name a job and a study')
        self.refuse(64, 'there is no job "dance" to submit; there are bootstrap and permute', 'dance', f'a b/{NAME}')
        self.refuse(64, 'one file at a time', 'bootstrap', f'a b/{NAME}', 'other.yaml')
        self.refuse(64, '--nodes takes a whole number', 'bootstrap', f'a b/{NAME}', '--nodes', 0)
        self.refuse(64, '--partition takes a name', 'bootstrap', f'a b/{NAME}', '--partition', 'a b')
        self.refuse(64, 'give --array K', 'bootstrap', f'a b/{NAME}', '--', '-a', '1-4')
        self.refuse(64, 'option 2 of', 'bootstrap', f'a b/{NAME}', '--', '--comment', 'a\n#SBATCH --x')

    def test_study_and_data_are_read_first(self):
        self.refuse(66, 'nothing.yaml', 'bootstrap', 'nothing.yaml')
        self.write('bad.yaml', 'data: {file: a.csv}\nmodle: x\n')
        self.refuse(78, 'bad.yaml:2', 'bootstrap', 'bad.yaml')
        (self.work / 'answers.csv').unlink()
        self.refuse(66, 'answers.csv', 'bootstrap', f'a b/{NAME}')

    def test_names_that_a_script_cannot_say(self):
        for name in ('a\nb.yaml', 'a\\b.yaml'):
            self.study(name=name)
            self.refuse(64, 'a batch script cannot name', 'bootstrap', f'a b/{name}')
        self.refuse(64, 'a batch script cannot name', 'bootstrap', f'a b/{NAME}', '-o', 'x\n.h5')

    def test_places_that_cannot_be_written(self):
        self.refuse(73, 'nowhere/r.h5', 'bootstrap', f'a b/{NAME}', '-o', 'nowhere/r.h5')
        (self.folder / 'r.h5').mkdir()
        self.refuse(73, 'is not a regular file', 'bootstrap', f'a b/{NAME}', '-o', 'r.h5')
        self.write(f'a b/{NAME}', study(KEYS.format(10**12) + 'store: rows\n'))
        self.refuse(74, 'needs', 'bootstrap', f'a b/{NAME}')

    def test_results_that_are_in_the_way(self):
        self.write('other.yaml', study('bootstrap: {replicates: 500, seed: 4}\n', data='{file: a b/answers.csv}'))
        self.good('bootstrap', 'other.yaml', '--quiet', '-o', 'r.h5')
        self.refuse(73, '`bootstrap.seed: 4` there, `bootstrap.seed: 3` here', 'bootstrap', f'a b/{NAME}', '-o', 'r.h5')
        self.study(10**8)
        writer = subprocess.Popen([PLSTRAP, 'bootstrap', self.work / NAME, '--quiet', '--ranks', '1', '-o', 'w.h5'],
                                  cwd=self.folder, env={**os.environ, **SLOW}, stderr=subprocess.PIPE)
        self.addCleanup(writer.communicate)
        self.addCleanup(writer.terminate)
        for _ in range(400):
            if (self.folder / 'w.h5.run.json').exists():
                break
            time.sleep(0.01)
        self.refuse(73, 'another run is writing this result', 'bootstrap', f'a b/{NAME}', '-o', 'w.h5')

    def test_shards_that_are_in_the_way(self):
        self.good('bootstrap', f'a b/{NAME}', '--quiet', '--shard', '2/3', '-o', 'r.2-of-3.h5')
        self.submit('bootstrap', f'a b/{NAME}', '--array', 3, '-o', 'r.h5', '--dry-run')
        self.write(f'a b/{NAME}', study('bootstrap: {replicates: 3000, seed: 5}\n'))
        self.refuse(73, 'r.2-of-3.h5', 'bootstrap', f'a b/{NAME}', '--array', 3, '-o', 'r.h5')
        self.submit('bootstrap', f'a b/{NAME}', '--array', 4, '-o', 'r.h5', '--dry-run')
        self.write(f'a b/{NAME}', study(KEYS.format(3000) + 'store: summary\n'))
        self.submit('bootstrap', f'a b/{NAME}', '--array', 4, '-o', 'r.h5', '--dry-run')

    # ---- how long Slurm lets a run go on ----

    def bounded(self, squeue, good=75, **environment):
        self.tool('squeue', squeue)
        done = self.plstrap('bootstrap', f'a b/{NAME}', '--ranks', 2, '-o', 'r.h5', '--verbose',
                            environment={**self.environment, 'SLURM_JOB_ID': '77', **(SLOW if good == 75 else {}),
                                         **environment})
        self.assertEqual(done.returncode, good, done.stdout + done.stderr)
        return done

    def test_run_stops_before_slurm_ends_it(self):
        self.study(5 * 10**6)
        (self.tools / 'mpirun').unlink()
        done = self.bounded('printf "%s\\n" "$*" >>"$TOOLS/squeue.log"; echo 0:03')
        self.assertIn('stopped early', done.stderr)
        self.assertIn('Slurm ends this job in 3 s', done.stderr)
        self.assertEqual((self.tools / 'squeue.log').read_text(), '-h -j 77 -o %L\n')  # once

    def test_task_of_an_array_asks_for_its_own_time(self):
        (self.tools / 'mpirun').unlink()
        self.bounded('printf "%s\\n" "$*" >>"$TOOLS/squeue.log"; echo 1:00:00', good=0,
                     SLURM_ARRAY_JOB_ID='77', SLURM_ARRAY_TASK_ID='3')
        self.assertEqual((self.tools / 'squeue.log').read_text(), '-h -j 77_3 -o %L\n')

    def test_run_without_a_limit_or_an_answer_goes_on(self):
        (self.tools / 'mpirun').unlink()
        for answer in ('echo UNLIMITED', 'exit 1', 'echo 0:00', 'sleep 30; echo 0:03'):
            done = self.bounded(answer, good=0)
            self.assertNotIn('Slurm ends', done.stderr)
            (self.folder / 'r.h5').unlink()


if __name__ == '__main__':
    program.main()
