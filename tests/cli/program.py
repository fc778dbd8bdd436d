"""program.py: runs plstrap as a user does, in a folder of its own."""
import csv
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PLSTRAP = os.environ.get('PLSTRAP', 'plstrap')
TESTS = pathlib.Path(__file__).resolve().parent.parent
CONFIGS = TESTS.parent / 'configs'
MPIRUN = ['mpirun', '--oversubscribe', '--bind-to', 'none', '-q']
ROOT = {'OMPI_ALLOW_RUN_AS_ROOT': '1', 'OMPI_ALLOW_RUN_AS_ROOT_CONFIRM': '1', 'OMPI_MCA_pml': 'ob1',
        'OMPI_MCA_btl': 'vader,self', 'OMPI_MCA_btl_base_warn_component_unused': '0'}

DATA = 'a1,a2,a3,b1,b2,b3,c1,c2,c3\n' + ''.join(
    ','.join(str(1 + (i * m + i * i * k) % 7 % 5) for m, k in
             ((1, 1), (2, 1), (3, 1), (1, 2), (4, 1), (5, 2), (2, 3), (6, 1), (1, 4))) + '\n'
    for i in range(1, 41))

MODEL = '''model: |
  A =~ a1 + a2 + a3
  B =~ b1 + b2 + b3
  C =~ c1 + c2 + c3
  B ~ A
  C ~ A + B
'''


class Case(unittest.TestCase):
    """A test with a working folder that is removed afterwards."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='plstrap-test-'))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, content):
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding='utf-8', newline='')
        return path

    def run_command(self, *command, environment=None, timeout=300):
        return subprocess.run([str(c) for c in command], cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, **ROOT, 'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1',
                                   **(environment or {})},
                              timeout=timeout, stdin=subprocess.DEVNULL)

    def plstrap(self, *arguments, **keywords):
        return self.run_command(PLSTRAP, *arguments, **keywords)

    def good(self, *arguments, **keywords):
        done = self.plstrap(*arguments, **keywords)
        self.assertEqual(done.returncode, 0, f'{arguments}: {done.stdout}{done.stderr}')
        return done

    def table(self, name):
        with open(self.folder / name, newline='', encoding='utf-8') as file:
            return list(csv.DictReader(file))

    def configs(self):
        for file in CONFIGS.iterdir():
            if file.suffix in ('.yaml', '.csv'):
                shutil.copy(file, self.folder)


def study(rest='', data='{file: answers.csv}', model=MODEL):
    return f'data: {data}\n{model}{rest}'


def main():
    unittest.main(verbosity=1)
