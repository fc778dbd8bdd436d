"""crash.py: what the tests of kills and of faulty disks have in common: studies, a result's folder, checks."""
import os
import pathlib
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'cli'))

from program import DATA, PLSTRAP, ROOT, study  # noqa: E402

FAULTS = os.environ.get('FAULTS', 'faults.so')
# The preloaded library comes before the sanitizers' own, which would refuse to start.
PRELOAD = {'LD_PRELOAD': FAULTS, 'ASAN_OPTIONS': 'verify_asan_link_order=0'}


def recorded_rows(journal):
    """Rows that a journal of kept rows vouches for: the union of its whole records."""
    try:
        content = journal.read_bytes()
    except FileNotFoundError:
        return 0
    if len(content) < 16:
        return 0
    start = struct.unpack_from('<I', content, 12)[0]
    spans = sorted((series, first, first + count) for series, count, first in
                   (struct.unpack_from('<IIQ', content, at) for at in range(start, len(content) - 31, 32)))
    rows, last = 0, (-1, 0)
    for series, first, end in spans:
        begin = max(first, last[1]) if series == last[0] else first
        rows += max(0, end - begin)
        last = (series, max(end, begin))
    return rows


class Kind:
    """A study whose run is to be disturbed."""

    def __init__(self, name, keys, rows, replicates, isa, stop, job='bootstrap'):
        self.name = name
        self.job = job
        self.keys = keys
        self.rows = rows  # whether they are kept, and the journal lists them
        self.replicates = replicates  # that take long enough to be killed, with this instruction set
        self.slow = {'PLSTRAP_ISA': isa}  # the same bytes, later
        self.stop = stop  # call, number, kind and file of a kill that leaves something to go on from

    def write(self, folder, replicates):
        (folder / 'answers.csv').write_text(DATA, encoding='utf-8')
        (folder / 'study.yaml').write_text(study(self.keys.format(replicates)), encoding='utf-8')


KEYS = 'bootstrap: {{replicates: {}, seed: 3, intervals: [percentile]}}\n'
KINDS = [
    Kind('rows', KEYS, True, 40000, 'ref', ('fdatasync', 2, 'kill', 'r.h5')),
    Kind('summary', KEYS + 'store: summary\n', False, 300000, 'portable', ('rename', 2, 'after', 'r.h5.journal')),
]
# The same store and the same ways there: killed, and not put to each fault.
PERMUTED = Kind('permutations', 'permutation: {{replicates: {}, seed: 3}}\n', True, 15000, 'ref',
                ('fdatasync', 2, 'kill', 'r.h5'), 'permute')


class Folder:
    """A folder with a study and its result r.h5."""

    def __init__(self, path, kind, replicates):
        self.path = path
        self.kind = kind
        path.mkdir(parents=True, exist_ok=True)
        kind.write(path, replicates)
        self.result = path / 'r.h5'
        self.journal = path / 'r.h5.journal'

    def command(self, *more):
        return [PLSTRAP, self.kind.job, 'study.yaml', '-o', 'r.h5', *(str(m) for m in more)]

    def environment(self, more):
        return {**os.environ, **ROOT, 'LC_ALL': 'C.UTF-8', 'TMPDIR': str(self.path),
                'OMPI_MCA_btl_vader_backing_directory': str(self.path), **more}

    def start(self, *more, environment=None, **keywords):
        return subprocess.Popen(self.command(*more), cwd=self.path, env=self.environment(environment or {}),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                **keywords)

    def run(self, *more, environment=None, timeout=30):
        """The run, ended; TimeoutExpired where it hangs."""
        run = self.start(*more, environment=environment)
        try:
            out, err = run.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
            raise
        return subprocess.CompletedProcess(run.args, run.returncode, out, err)

    def files(self):
        return sorted(p.name for p in self.path.glob('r.h5*'))

    def recorded(self):
        return recorded_rows(self.journal) if self.kind.rows else 0

    def keep(self):
        """All files of the result, to be put back later."""
        return {p.name: p.read_bytes() for p in self.path.glob('r.h5*')}

    def put_back(self, kept):
        for old in self.path.glob('r.h5*'):
            old.unlink()
        for name, content in kept.items():
            (self.path / name).write_bytes(content)


def going_on(text):
    """Rows that a run found, by what it says; None where it ended before it said anything of it."""
    for line in text.splitlines():
        if ': going on: ' in line:
            return int(line.split(': going on: ')[1].split(' of ')[0].replace(',', ''))
        if 'all replicates were there' in line or 'already complete' in line:
            return sys.maxsize
        if ' replicates in ' in line:
            return 0
    return None
