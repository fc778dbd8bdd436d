"""
Kills (SIGKILL) at random moments of a rank, of root, of mpirun, of our launcher, of all of them; within writes, during
a resume and during the end. The same command then goes on, on another number of ranks; no row that was recorded is
lost, and the result has the bytes of an undisturbed run.

  PLSTRAP=… FAULTS=…/faults.so python3 test_crash.py [--kills 500] [--seed S]
"""
import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from crash import KINDS, PERMUTED, PRELOAD, Folder, going_on

ALL = KINDS + [PERMUTED]

VICTIMS = ('rank', 'root', 'mpirun', 'launcher', 'group', 'all')
# Where root is killed from within: the call, the file, how.
PLACES = [('pwrite', 'r.h5.journal', ('torn', 'kill', 'after')), ('fdatasync', 'r.h5', ('kill', 'after')),
          ('fsync', 'r.h5', ('kill', 'after')), ('rename', 'r.h5', ('kill', 'after')),
          ('unlink', 'r.h5', ('kill', 'after')), ('pwrite', 'r.h5.part', ('torn', 'kill', 'after'))]


class Wrong(Exception):
    pass


def need(true, text):
    if not true:
        raise Wrong(text)


class Processes:
    """All that descends from a run, known by a variable of its environment."""

    def __init__(self, mark):
        self.mark = f'CRASH_MARK={mark}'.encode()

    def find(self):
        """Process, its command, its rank or None."""
        for name in os.listdir('/proc'):
            if not name.isdigit():
                continue
            try:
                with open(f'/proc/{name}/environ', 'rb') as file:
                    variables = file.read().split(b'\0')
                with open(f'/proc/{name}/cmdline', 'rb') as file:
                    command = file.read().split(b'\0')[0]
            except OSError:
                continue
            if self.mark in variables:
                ranks = [v for v in variables if v.startswith(b'OMPI_COMM_WORLD_RANK=')]
                yield int(name), os.path.basename(command), int(ranks[0].split(b'=')[1]) if ranks else None

    def chosen(self, victim, launcher, dice):
        found = list(self.find())
        if victim == 'all':
            return [process for process, _, _ in found]
        if victim == 'root':
            ranked = [process for process, _, rank in found if rank == 0]
            return ranked or [launcher]
        if victim == 'rank':
            others = [process for process, _, rank in found if rank]
            return [dice.choice(others)] if others else []
        if victim == 'mpirun':
            return [process for process, command, _ in found if command.startswith(b'mpirun')]
        return [launcher]

    def wait_for_end(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            left = list(self.find())
            if not left:
                return
            time.sleep(0.02)
        raise Wrong(f'processes live on {seconds} s after the kill: {left}')


def strike(run, processes, victim, dice):
    """Sends the kills; false where there was nobody to kill."""
    if run.poll() is not None:
        return False
    if victim == 'group':
        os.killpg(run.pid, signal.SIGKILL)
        return True
    hit = False
    for process in processes.chosen(victim, run.pid, dice):
        try:
            os.kill(process, signal.SIGKILL)
            hit = True
        except ProcessLookupError:
            pass
    return hit


class Crash:
    def __init__(self, root, kind, dice):
        self.folder = Folder(root / kind.name, kind, kind.replicates)
        self.dice = dice
        self.kills = self.losses = self.differing = self.rounds = 0
        self.lost_time = 0.0
        self.known = 0  # rows that a run of this round has found
        self.by_victim = {}
        begin = time.monotonic()
        done = self.folder.run('--ranks', 2, '--quiet', '--checkpoint', 0.02, environment=kind.slow, timeout=120)
        self.whole_time = time.monotonic() - begin
        need(done.returncode == 0, done.stderr)
        self.whole = self.folder.result.read_bytes()

    def arrange(self, ranks):
        """How the next run is to die: its victim, the moment or None, the environment."""
        if self.dice.random() < 0.4:
            call, file, manners = self.dice.choice(PLACES)
            most = {'rename': 5, 'fsync': 6, 'unlink': 5}.get(call, 40)
            if file == 'r.h5.part':
                most = 1500
            return 'call', None, {**PRELOAD, 'FAULT_CALLS': call, 'FAULT_FILE': file,
                                  'FAULT_AT': str(self.dice.randint(1, most)),
                                  'FAULT_KIND': self.dice.choice(manners), 'FAULT_TIMES': 'once'}
        victim = self.dice.choice(VICTIMS if ranks > 1 else ('launcher', 'group'))
        # Towards the end as often as anywhere: there are the last rows, the tables and the renames.
        share = self.dice.uniform(0.0, 1.1) if self.dice.random() < 0.5 else self.dice.uniform(0.7, 1.1)
        return victim, share, {}

    def disturbed(self, ranks, expected):
        """One run that is killed, or ends before; whether it was killed."""
        victim, share, environment = self.arrange(ranks)
        processes = Processes(f'{os.getpid()}-{self.rounds}-{self.kills}-{time.monotonic_ns()}')
        before = self.folder.recorded()
        begin = time.monotonic()
        run = self.folder.start('--ranks', ranks, '--checkpoint', 0.02, start_new_session=True, environment={
            **self.folder.kind.slow, **environment, 'CRASH_MARK': processes.mark.decode().split('=')[1]})
        struck = victim == 'call'
        if share is not None:
            time.sleep(share * max(expected, 0.15))
            struck = strike(run, processes, victim, self.dice)
        try:
            _, text = run.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            strike(run, processes, 'all', self.dice)
            raise Wrong(f'{victim}: the run hangs') from None
        killed = struck and run.returncode != 0
        processes.wait_for_end(15)
        if killed:
            self.kills += 1
            self.by_victim[victim] = self.by_victim.get(victim, 0) + 1
            self.check_words(victim, ranks, run, text)
        else:
            need(run.returncode == 0, f'{victim}: {run.returncode}: {text}')
        self.lost_time += time.monotonic() - begin
        self.check_state(before, going_on(text), victim)
        return killed

    def check_words(self, victim, ranks, run, text):
        """Who is still there says in one sentence what happened; our launcher does so for its ranks."""
        said = [line for line in text.splitlines() if line.startswith('plstrap: ')]
        if ranks > 1 and victim in ('rank', 'root', 'mpirun', 'call') and run.returncode > 0:
            need(len(said) == 1 and 'died' in said[0] and 'give the same command again' in said[0],
                 f'{victim}, {run.returncode}: {text}')
        else:
            need(run.returncode == -signal.SIGKILL, f'{victim}, {run.returncode}: {text}')

    def check_state(self, before, found, victim):
        if self.folder.result.exists():
            if self.folder.result.read_bytes() != self.whole:
                self.differing += 1
                raise Wrong(f'{victim}: r.h5 is there and differs')
            return
        after = self.folder.recorded()
        self.check_found(before, found, victim)
        need(after >= before, f'{victim}: {before} rows were recorded, {after} are')

    def check_found(self, before, found, victim):
        """No run finds less than what was recorded before it, or than a run before it."""
        if found is None:
            return
        lost = max(0, before - found, self.known - found)
        self.known = max(self.known, min(found, self.folder.kind.replicates))
        self.losses += lost
        need(lost == 0, f'{victim}: {before} rows were recorded, {self.known} were found once, {found} are')

    def round(self, most):
        """Kills from the beginning until the result is there, or there have been enough; then the end."""
        self.rounds += 1
        self.known = 0
        self.folder.put_back({})
        ranks = self.dice.randint(1, 3)
        last = self.kills + min(most, self.dice.randint(1, 6))
        while self.kills < last and not self.folder.result.exists():
            left = 1.0 - self.folder.recorded() / (1.1 * self.folder.kind.replicates)
            if not self.disturbed(ranks, self.whole_time * left):
                break
            ranks = ranks % 3 + 1
        before = self.folder.recorded() if not self.folder.result.exists() else 0
        begin = time.monotonic()
        done = self.folder.run('--ranks', ranks, '--checkpoint', 0.02, environment=self.folder.kind.slow, timeout=60)
        self.lost_time += time.monotonic() - begin - self.whole_time
        need(done.returncode == 0, done.stderr)
        found = going_on(done.stderr)
        need(found is not None, f'the run does not say what it found: {done.stderr}')
        self.check_found(before, found, 'end')
        if self.folder.result.read_bytes() != self.whole:
            self.differing += 1
            raise Wrong('the result differs')
        stray = set(self.folder.files()) - {'r.h5', 'r.h5.run.json', 'r.h5.run.json.new'}
        need(not stray, f'left behind: {sorted(stray)}')

    def report(self):
        each = ', '.join(f'{count} {victim}' for victim, count in sorted(self.by_victim.items()))
        print(f'{self.folder.kind.name}: {self.kills} kills ({each}) in {self.rounds} results, {self.losses} rows '
              f'lost, {self.differing} results differ, {self.lost_time / max(1, self.kills):.2f} s lost per kill '
              f'(start, rows since the last checkpoint, waiting for the ranks); a whole run {self.whole_time:.2f} s',
              flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--kills', type=int, default=30, help='shared among the studies')
    parser.add_argument('--study', choices=[kind.name for kind in ALL])
    parser.add_argument('--seed', type=int, default=20261125)
    options = parser.parse_args()
    root = pathlib.Path(tempfile.mkdtemp(prefix='plstrap-crash-'))
    failed = False
    try:
        kinds = [kind for kind in ALL if options.study in (None, kind.name)]
        for kind in kinds:
            crash = Crash(root, kind, random.Random(options.seed))
            try:
                most = options.kills // len(kinds)
                while crash.kills < most:
                    crash.round(most - crash.kills)
            except Wrong as wrong:
                failed = True
                print(f'{kind.name}, seed {options.seed}, kill {crash.kills}: {wrong}', file=sys.stderr)
            crash.report()
    finally:
        if not failed:
            shutil.rmtree(root, ignore_errors=True)
        else:
            print(f'the folder is left: {root}', file=sys.stderr)
    sys.exit(failed)


if __name__ == '__main__':
    main()
