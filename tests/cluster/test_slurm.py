"""plstrap under a real Slurm (slurm.py): whatever happens to a job, its result has the bytes of one local run.

All scenarios run at the same time on one cluster of twelve nodes, because Slurm looks at limits and nodes
only every half minute. Exit code 77: skipped, and why.
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import time
import unittest

import slurm

PLSTRAP = os.environ.get('PLSTRAP', 'plstrap')
SLOW = {'PLSTRAP_ISA': 'ref'}  # the readable kernel: the same bytes, later
PATIENCE = 400

# Many observations make a row slow, and few columns make it small.
CASES = 1500
DATA = 'a1,a2,a3,b1,b2,b3\n' + ''.join(
    ','.join(str(1 + (i * m + i * i * k) % 7 % 5) for m, k in ((1, 1), (2, 1), (3, 1), (1, 2), (4, 1), (5, 2)))
    + '\n' for i in range(1, CASES + 1))
STUDY = '''data: {{file: "the answers.csv"}}
model: |
  A =~ a1 + a2 + a3
  B =~ b1 + b2 + b3
  B ~ A
bootstrap: {{replicates: {}, seed: 11, intervals: [percentile, bca]}}
'''


class Scenario:
    """One study in a folder of its own, whose name is not a simple word."""

    def __init__(self, cluster, name, replicates, slow=False, more=''):
        self.cluster = cluster
        self.folder = cluster.folder / f"{name} d'été $HOME"
        self.folder.mkdir()
        self.environment = {**os.environ, **cluster.environment, 'LC_ALL': 'C.UTF-8', 'HOME': str(self.folder),
                            **(SLOW if slow else {})}
        (self.folder / 'the answers.csv').write_text(DATA)
        (self.folder / 'my "study".yaml').write_text(STUDY.format(replicates) + more)
        self.result = self.folder / 'my "study".h5'

    def command(self, *command, good=(0,), slow=True):
        environment = self.environment if slow else {k: v for k, v in self.environment.items() if k not in SLOW}
        done = subprocess.run([str(c) for c in command], cwd=self.folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        if done.returncode not in good:
            raise AssertionError(f'{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}{self.story()}')
        return done

    def submit(self, *options, sbatch=(), slow=True):
        """plstrap submit; returns the numbers of the jobs."""
        done = self.command(PLSTRAP, 'submit', 'bootstrap', 'my "study".yaml', *options, '--', *sbatch, slow=slow)
        return re.findall(r'submitted job (\d+)', done.stdout)

    def submit_slow(self, *options, sbatch=(), more=''):
        """The same by hand: a job that is slow until it is put back, so that it can be long and is soon over."""
        script = self.command(PLSTRAP, 'submit', 'bootstrap', 'my "study".yaml', '--dry-run', *options, '--',
                              *sbatch).stdout
        assert script.count('\nrun=(') == 1 and script.count('bootstrap "$study"') == 1, script
        script = script.replace('\nrun=(', '\n[ -z "${SLURM_RESTART_COUNT-}" ] || unset PLSTRAP_ISA\nrun=(')
        script = script.replace('bootstrap "$study"', 'bootstrap "$study" ' + more)
        (self.folder / 'job.sbatch').write_text(script)
        return self.command('sbatch', '--parsable', 'job.sbatch').stdout.strip()

    def status(self):
        done = self.command(PLSTRAP, 'status', '--json', 'my "study".h5', good=(0, 66, 75))
        return json.loads(done.stdout) if done.stdout else {'state': 'nothing', 'done': 0}

    def job(self, number):
        text = self.command('scontrol', 'show', 'job', number).stdout
        return dict(re.findall(r'(\w+)=(\S*)', text))

    def until(self, what, is_so):
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                raise AssertionError(f'never {what}{self.story()}')
            time.sleep(0.3)

    def until_running(self):
        """Under way, and has been for a moment: rows are there that a stop must keep."""
        self.until('running', lambda: self.status()['state'] == 'running')
        time.sleep(1.5)

    def until_ended(self, *numbers):
        for number in numbers:
            self.until(f'ended: job {number}', lambda n=number: self.job(n)['JobState'] not in (
                'PENDING', 'RUNNING', 'COMPLETING', 'SUSPENDED', 'REQUEUED', 'CONFIGURING', 'SIGNALING', 'STOPPED'))

    def finish(self, number):
        self.until_ended(number)
        if self.job(number)['JobState'] != 'COMPLETED':
            raise AssertionError(f'job {number}: {self.job(number)["JobState"]}{self.story()}')

    def check(self):
        """Complete, and equal to what one process computes here; nothing else stays."""
        self.command(PLSTRAP, 'bootstrap', 'my "study".yaml', '--ranks', '1', '--quiet', '-o', 'local.h5', slow=False)
        if self.result.read_bytes() != (self.folder / 'local.h5').read_bytes():
            raise AssertionError('the result differs from that of a local run' + self.story())
        left = sorted(p.name for p in self.folder.glob('my "study".h5*'))
        known = [f'my "study".h5{s}' for s in ('', '.log', '.run.json', '.sbatch', '.merge.sbatch')]
        if not set(left) <= set(known):
            raise AssertionError(f'left behind: {left}')

    def log(self):
        return ''.join(p.read_text(errors='replace') for p in sorted(self.folder.glob('*.log')))

    def runs(self):
        return json.loads((self.folder / 'my "study".h5.run.json').read_text())

    def story(self):
        return ''.join(f'\n---- {p.name}\n{p.read_text(errors="replace")[-3000:]}'
                       for p in sorted([*self.folder.glob('*.log'), *self.folder.glob('*.run.json')]))


def four_nodes(cluster, pace):
    s = Scenario(cluster, 'four', 20000)
    number, = s.submit('--nodes', 4, '--time', 5, sbatch=('--ntasks-per-node=1', '-w', 'n1,n2,n3,n4'))
    s.finish(number)
    assert s.job(number)['NumNodes'] == '4', s.job(number)
    assert [run['ranks'] for run in s.runs()] == [4], s.story()
    assert '20,000 replicates' in s.log(), s.log()
    s.check()


def by_srun(cluster, pace):
    s = Scenario(cluster, 'srun', 20000)
    number, = s.submit('--launcher', 'srun', '--nodes', 2, '--time', 5, sbatch=('--ntasks-per-node=1', '-w', 'n5,n6'))
    s.finish(number)
    assert s.runs()[-1]['ranks'] == 2, s.story()
    s.check()


def array_and_merge(cluster, pace, name='array', more=''):
    s = Scenario(cluster, name, 20001, more=more)
    array, merge = s.submit('--array', 3, '--time', 5, '-o', 'my "study".h5',
                            sbatch=('--ntasks-per-node=1', '-x', 'n7,n8,n9,n10,n11,n12'))
    s.until_ended(merge)
    if s.job(merge)['JobState'] != 'COMPLETED':
        raise AssertionError(f'{s.job(merge)}{s.story()}')
    s.check()


def array_of_counts(cluster, pace):
    """Shards that keep no rows."""
    array_and_merge(cluster, pace, 'array of counts', 'store: summary\n')


def array_task_that_goes_on(cluster, pace):
    """The last task of an array bears the number of the whole, and yet puts back itself alone."""
    s = Scenario(cluster, 'array goes on', int(pace * 10), slow=True)
    array, merge = s.submit('--array', 2, '--time', 10, '-o', 'my "study".h5',
                            sbatch=('--ntasks-per-node=1', '-x', 'n7,n8,n9,n10,n11,n12'))
    part = s.folder / 'my "study".2-of-2.h5.run.json'
    s.until('running', part.exists)
    s.command('scancel', '--batch', '--signal=USR1', f'{array}_2')
    s.until_ended(merge)
    assert s.job(merge)['JobState'] == 'COMPLETED', f'{s.job(merge)}{s.story()}'
    restarts = [s.job(f'{array}_{task}')['Restarts'] for task in (1, 2)]
    assert restarts == ['0', '1'], f'{restarts}{s.story()}'
    s.check()


def array_with_a_gap(cluster, pace):
    """A shard that never came: the merge names it, with 75; then the same command fills the gap."""
    s = Scenario(cluster, 'gap', 20001)
    given = ('--array', 2, '--time', 5)
    more = ('--ntasks-per-node=1', '-x', 'n7,n8,n9,n10,n11,n12')
    array, merge = s.submit(*given, sbatch=(*more, '--hold'))
    s.command('scancel', f'{array}_2')
    s.command('scontrol', 'release', array)
    s.command('scontrol', 'release', merge)
    s.until_ended(merge)
    assert s.job(merge)['ExitCode'] == '75:0', f'{s.job(merge)}{s.story()}'
    assert 'not finished' in s.log() and '2-of-2.h5' in s.log(), s.log()
    assert not s.result.exists()
    array, merge = s.submit(*given, sbatch=more)
    s.until_ended(merge)
    s.check()


def time_limit(cluster, pace):
    s = Scenario(cluster, 'limit', int(pace * 120), slow=True)
    number = s.submit_slow('--time', 1, sbatch=('--ntasks-per-node=1', '-w', 'n7'))
    s.finish(number)
    assert int(s.job(number)['Restarts']) >= 1, s.story()
    assert 'back into the queue' in s.log(), s.log()
    assert s.runs()[0]['outcome'] == 'stopped' and s.runs()[-1]['outcome'] == 'finished', s.story()
    s.check()


def preemption(cluster, pace):
    s = Scenario(cluster, 'preempted', int(pace * 15), slow=True)
    number, = s.submit('--partition', 'low', '--time', 10, sbatch=('--ntasks-per-node=1', '-w', 'n8'))
    s.until_running()
    s.command('sbatch', '-p', 'high', '-w', 'n8', '--exclusive', '-o', '/dev/null', '--wrap', 'sleep 1')
    s.until('put back', lambda: int(s.job(number)['Restarts']) >= 1)
    s.finish(number)
    assert s.runs()[0]['outcome'] == 'stopped', s.story()
    s.check()


def node_failure(cluster, pace):
    """The node of another rank than the first dies without a word; later it is there again."""
    s = Scenario(cluster, 'node', int(pace * 60), slow=True)
    number = s.submit_slow('--nodes', 2, '--time', 10, more='--checkpoint 1',
                           sbatch=('--ntasks-per-node=1', '--exclusive', '-w', 'n9,n10'))
    s.until_running()
    cluster.kill('n10')
    s.until('put back', lambda: int(s.job(number)['Restarts']) >= 1)
    cluster.start('n10')
    s.finish(number)
    assert s.runs()[-1]['ranks'] == 2, s.story()
    s.check()


def first_node_failure(cluster, pace):
    """The node of the script, of mpirun and of the first rank."""
    s = Scenario(cluster, 'first', int(pace * 60), slow=True)
    number = s.submit_slow('--time', 10, sbatch=('--ntasks-per-node=1', '--exclusive', '-w', 'n12'))
    s.until_running()
    cluster.kill('n12')
    s.until('put back', lambda: int(s.job(number)['Restarts']) >= 1)
    cluster.start('n12')
    s.finish(number)
    assert [run['outcome'] for run in s.runs()] == ['died', 'finished'], s.story()
    s.check()


def cancelled(cluster, pace):
    s = Scenario(cluster, 'cancelled', int(pace * 20), slow=True)
    number, = s.submit('--launcher', 'srun', '--time', 10, sbatch=('--ntasks-per-node=1', '-w', 'n11'))
    s.until_running()
    s.command('scancel', number)
    s.until_ended(number)
    assert s.job(number)['JobState'] == 'CANCELLED', s.job(number)
    status = s.status()
    assert status['state'] == 'stopped' and status['done'] > 0, f'{status}{s.story()}'
    number, = s.submit('--time', 10, sbatch=('--ntasks-per-node=1', '-w', 'n11'), slow=False)
    s.finish(number)
    assert 'going on' in s.log(), s.log()
    s.check()


def put_back_while_counting(cluster, pace):
    """By an administrator, where rows are counted and not kept."""
    s = Scenario(cluster, 'counted', int(pace * 60), slow=True, more='store: summary\n')
    number = s.submit_slow('--time', 10, sbatch=('--ntasks-per-node=1', '-w', 'n11'))
    s.until_running()
    s.command('scontrol', 'requeue', number)
    s.finish(number)
    assert int(s.job(number)['Restarts']) == 1, s.job(number)
    assert len(s.runs()) == 2, s.story()
    s.check()


def refused(cluster, pace):
    """What cannot succeed is not queued, and sbatch's own words reach the user."""
    s = Scenario(cluster, 'refused', 1000)
    done = s.command(PLSTRAP, 'submit', 'bootstrap', 'my "study".yaml', '--partition', 'nowhere', good=(69,))
    assert 'invalid partition' in done.stderr, done.stderr
    assert 'sbatch did not take the job' in done.stderr, done.stderr
    (s.folder / 'the answers.csv').write_text('a1,a2\n1,2\n')
    done = s.command(PLSTRAP, 'submit', 'bootstrap', 'my "study".yaml', good=(65, 78))
    assert 'submitted' not in done.stdout, done.stdout


SCENARIOS = (time_limit, node_failure, first_node_failure, preemption, cancelled, four_nodes, by_srun, array_and_merge,
             array_of_counts, array_with_a_gap, array_task_that_goes_on, put_back_while_counting, refused)


def measure(cluster):
    """Rows a second of one core, by the readable kernel, as busy as it is now."""
    s = Scenario(cluster, 'pace', 10**8, slow=True)
    s.command(PLSTRAP, 'bootstrap', 'my "study".yaml', '--ranks', '1', '--max-time', '2', '--quiet', good=(75,))
    run = s.runs()[-1]
    shutil.rmtree(s.folder)
    return run['rows'] / run['seconds']


class UnderSlurm(unittest.TestCase):
    """Every scenario has been begun before the first is looked at."""
    cluster = None

    @classmethod
    def setUpClass(cls):
        pace = measure(cls.cluster)
        cls.pool = concurrent.futures.ThreadPoolExecutor(len(SCENARIOS))
        cls.addClassCleanup(cls.pool.shutdown)
        cls.futures = {run: cls.pool.submit(run, cls.cluster, pace) for run in SCENARIOS}


def look_at(scenario):
    return lambda self: self.futures[scenario].result()


for each in SCENARIOS:
    setattr(UnderSlurm, f'test_{each.__name__}', look_at(each))


def main():
    if shutil.which('mpirun') is None:
        print('skipped: mpirun is not installed (package openmpi-bin)')
        return 77
    try:
        with slurm.Slurm(12) as cluster:
            UnderSlurm.cluster = cluster
            result = unittest.main(exit=False, verbosity=2).result
    except slurm.CannotRun as reason:
        print(f'skipped: Slurm cannot run here: {reason}')
        return 77
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
