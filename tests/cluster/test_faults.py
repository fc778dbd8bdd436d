"""
Every call by which a run writes fails in turn, once and for ever: the result is never wrong or falsely complete, the
run never hangs, it says what failed, and the same command then completes it.

  PLSTRAP=… FAULTS=…/faults.so python3 test_faults.py [--all] [--seed S]

Without --all a sample of the calls is taken, and of every call one kind of fault: others with another seed.
"""
import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from crash import KINDS, PRELOAD, Folder, going_on, recorded_rows

ROWS, FEWER = 2000, 1300
CALLS = ('write', 'pwrite', 'fsync', 'fdatasync', 'rename', 'open', 'ftruncate', 'unlink', 'flock',
         'sync_file_range', 'posix_fallocate')
SENTENCES = {'ENOSPC': 'No space left on device', 'EIO': 'Input/output error', 'EROFS': 'Read-only file system',
             'EDQUOT': 'Disk quota exceeded', 'EINTR': 'Interrupted system call'}
ERRORS = ('ENOSPC', 'EIO', 'EROFS', 'EDQUOT')
HARMLESS = ('EINTR', 'short')
KILLS = ('kill', 'after', 'torn')
OPTIONS = argparse.Namespace(all=False, seed=20261125)
LEAST = 2  # places of a call that a sample takes


class Scene:
    def __init__(self, name, before, replicates, environment=None, calls=CALLS, file='r.h5'):
        self.name, self.before, self.replicates = name, before, replicates
        self.environment, self.calls, self.file = environment or {}, calls, file


def fault_at(call, at, kind, times='once'):
    return {**PRELOAD, 'FAULT_CALLS': call, 'FAULT_FILE': 'r.h5', 'FAULT_AT': str(at), 'FAULT_KIND': kind,
            'FAULT_TIMES': times}


class Faults(unittest.TestCase):
    """One kind of study; scenes are what lies in the folder when the disturbed run begins."""

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix='plstrap-faults-'))
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        cls.dice = random.Random(OPTIONS.seed)
        cls.runs = 0

    @classmethod
    def tearDownClass(cls):
        print(f'faults: {cls.runs} disturbed runs', file=sys.stderr)

    def good(self, folder, *more, **keywords):
        done = folder.run('--ranks', 1, *more, timeout=60, **keywords)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def scenes(self, kind):
        """What lies in the folder when a run is disturbed, and how the run is begun."""
        many = 15 * ROWS if kind.rows else 45 * ROWS  # long enough for checkpoints on the way
        folder = Folder(self.root / kind.name / 'scenes', kind, FEWER if kind.rows else many)
        folder.put_back({})
        call, at, manner, file = kind.stop
        folder.run('--ranks', 1, '--checkpoint', 0.01,
                   environment={**kind.slow, **fault_at(call, at, manner), 'FAULT_FILE': file})
        stopped = folder.keep()
        self.assertLessEqual({'r.h5.journal', 'r.h5.part'}, set(stopped))
        self.assertNotIn('r.h5', stopped)
        scenes = [Scene('fresh', {}, ROWS),
                  Scene('resumed', stopped, ROWS if kind.rows else many),
                  Scene('checkpoints', {}, many, kind.slow, ('pwrite', 'fdatasync', 'fsync', 'rename'), 'r.h5.journal')]
        if kind.rows:
            self.good(folder)
            scenes.append(Scene('extended', folder.keep(), ROWS))
        return scenes

    def fault(self, scene, folder, *what):
        log = self.root / 'log'
        log.unlink(missing_ok=True)
        type(self).runs += 1
        done = folder.run('--ranks', 1, '--chunk', 700, '--checkpoint', 0.01, environment={
            **scene.environment, **fault_at(*what), 'FAULT_FILE': scene.file, 'FAULT_LOG': str(log)})
        return done, log.read_text() if log.exists() else ''

    def check_sentence(self, done, kind):
        said = [line for line in done.stderr.splitlines() if line.startswith('plstrap: ')]
        self.assertTrue(said, done.stderr)
        self.assertLessEqual(len([line for line in said if 'run.json' not in line]), 1, done.stderr)
        for line in said:
            self.assertIn('r.h5', line)
            self.assertIn(SENTENCES[kind], line)

    def check(self, folder, before, whole, kind, done):
        """After a disturbed run: its code and words, what it left, and that the same command completes it."""
        if kind in KILLS:
            self.assertIn(done.returncode, (0, -9), done.stderr)
        elif kind in HARMLESS:
            self.assertEqual(done.returncode, 0, done.stderr)
        else:
            self.assertIn(done.returncode, (0, 73, 74) + ((77,) if kind == 'EROFS' else ()), done.stderr)
            if done.returncode != 0:
                self.check_sentence(done, kind)
        if folder.result.exists():
            self.assertIn(folder.result.read_bytes(), (whole, before.get('r.h5')))
        else:
            self.assertNotIn('r.h5', before)
        if done.returncode == 0:
            self.assertEqual(folder.result.read_bytes(), whole)
        recorded = folder.recorded() if not folder.result.exists() else 0
        again = self.good(folder)
        self.assertEqual(folder.result.read_bytes(), whole)
        # Only the tale of the run is less than a result: a kill within it leaves it as it is.
        self.assertLessEqual(set(folder.files()), {'r.h5', 'r.h5.run.json'} | (
            {'r.h5.run.json.new'} if kind in KILLS else set()))
        found = going_on(again.stderr)
        self.assertIsNotNone(found, again.stderr)
        self.assertGreaterEqual(found, recorded)

    def places(self, scene, folder, call):
        """Which calls of that name are to fail, of those that an undisturbed run makes."""
        folder.put_back(scene.before)
        done, hit = self.fault(scene, folder, call, 1, 'count', 'always')
        self.assertEqual(done.returncode, 0, done.stderr)
        number = len(hit.splitlines())
        if OPTIONS.all or number <= LEAST:
            return range(1, number + 1)
        return sorted(self.dice.sample(range(1, number + 1), LEAST))

    def each(self, kinds, manners):
        for study in KINDS:
            for scene in self.scenes(study):
                folder = Folder(self.root / study.name / scene.name, study, scene.replicates)
                self.good(folder)
                whole = folder.result.read_bytes()
                for call in scene.calls:
                    self.each_place(scene, folder, whole, call, kinds, manners)

    def each_place(self, scene, folder, whole, call, kinds, manners):
        if call not in ('write', 'pwrite'):
            kinds = [k for k in kinds if k not in ('short', 'torn')]
        if call in ('open', 'rename', 'unlink', 'ftruncate'):
            kinds = [k for k in kinds if k != 'EINTR']  # these are not interrupted on a disk
        for at in self.places(scene, folder, call) if kinds else ():
            for times in manners if OPTIONS.all else [self.dice.choice(manners)]:
                kind = self.dice.choice(kinds)
                with self.subTest(f'{folder.kind.name}, {scene.name}: {call} {at} {kind} {times}'):
                    folder.put_back(scene.before)
                    try:
                        done, hit = self.fault(scene, folder, call, at, kind, times)
                    except subprocess.TimeoutExpired:
                        self.fail('it hangs')
                    # How often a checkpoint comes, and so the number of calls, depends on time.
                    if scene.name != 'checkpoints' and folder.kind.name != 'summary':
                        self.assertTrue(hit)
                    self.check(folder, scene.before, whole, kind, done)

    def test_a_disk_that_takes_its_time_is_waited_for(self):
        for kind in KINDS:
            folder = Folder(self.root / kind.name / 'slow', kind, ROWS)
            self.good(folder)
            whole = folder.result.read_bytes()
            for call in ('fsync', 'fdatasync', 'rename'):
                folder.put_back({})
                self.good(folder, environment={**fault_at(call, 1, 'slow', 'always')})
                self.assertEqual(folder.result.read_bytes(), whole)

    def mounted(self, name, size):
        """A folder that is a small disk of its own."""
        path = self.root / name
        path.mkdir()
        done = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size}', 'plstrap-test', path], check=False,
                              capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f'a small disk cannot be mounted here: {done.stderr.strip()}')
        self.addCleanup(subprocess.run, ['umount', '-l', path], check=False)
        return path

    def remount(self, path, option):
        subprocess.run(['mount', '-o', f'remount,{option}', path], check=True)

    def refused(self, folder, codes, *sentences, **keywords):
        done = folder.run('--ranks', 1, **keywords)
        self.assertIn(done.returncode, codes, done.stderr)
        said = [line for line in done.stderr.splitlines() if line.startswith('plstrap: ')]
        self.assertEqual(len(said), 1, done.stderr)
        for sentence in ('r.h5', *sentences):
            self.assertIn(sentence, said[0])
        self.assertFalse(folder.result.exists())

    def test_a_full_disk_is_named_and_the_run_goes_on_when_there_is_room(self):
        for kind in KINDS:
            disk = self.mounted(f'full-{kind.name}', '4m' if kind.rows else '20k')
            folder = Folder(disk / 'work', kind, 40000)
            self.refused(folder, (73, 74), 'No space left on device')
            self.assertLessEqual(set(folder.files()), {'r.h5.part', 'r.h5.journal', 'r.h5.run.json'})
            self.remount(disk, 'size=64m')
            self.good(folder)
            there = folder.result.read_bytes()
            folder.put_back({})
            self.good(folder)
            self.assertEqual(folder.result.read_bytes(), there)

    def test_a_folder_that_cannot_be_written_is_named(self):
        for kind in KINDS:
            disk = self.mounted(f'read-only-{kind.name}', '4m')
            folder = Folder(disk / 'work', kind, ROWS)
            self.remount(disk, 'ro')
            self.refused(folder, (73, 77), 'Read-only file system')
            self.remount(disk, 'rw')
            self.good(folder)

    def test_a_folder_that_is_removed_ends_the_run_at_its_next_checkpoint(self):
        for kind in KINDS:
            folder = Folder(self.root / f'removed-{kind.name}', kind, 100 * kind.replicates)
            (folder.path / 'out').mkdir()
            run = subprocess.Popen([*folder.command()[:3], '-o', 'out/r.h5', '--ranks', '1', '--checkpoint', '0.1'],
                                   cwd=folder.path, env=folder.environment(kind.slow),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            for _ in range(500):
                time.sleep(0.02)
                if recorded_rows(folder.path / 'out/r.h5.journal') > 0 or (
                        not kind.rows and (folder.path / 'out/r.h5.part').exists()):
                    break
            shutil.rmtree(folder.path / 'out')
            text = run.communicate(timeout=20)[1]
            self.assertEqual(run.returncode, 74, text)
            self.assertIn('plstrap: out/r.h5.part: was removed while rows were written to it; give the same command '
                          'again, with -o in a folder that stays', text)

    def test_an_error_of_any_write_is_named_and_nothing_is_wrong(self):
        self.each(list(ERRORS), ['once', 'always'])

    def test_short_and_interrupted_writes_are_no_errors(self):
        self.each(list(HARMLESS), ['once', 'often'])

    def test_a_kill_at_any_write_loses_nothing(self):
        self.each(list(KILLS), ['once'])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--seed', type=int, default=OPTIONS.seed)
    arguments, rest = parser.parse_known_args(namespace=OPTIONS)
    begin = time.monotonic()
    program = unittest.main(argv=[sys.argv[0], *rest], verbosity=1, exit=False)
    print(f'{time.monotonic() - begin:.0f} s, seed {arguments.seed}', file=sys.stderr)
    sys.exit(not program.result.wasSuccessful())


if __name__ == '__main__':
    main()
