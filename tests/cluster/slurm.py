#!/usr/bin/python3
"""slurm.py NODES [COMMAND...]: a real Slurm on this machine while COMMAND (default: a shell) runs.

munged, slurmctld and a slurmd for each node (n1 ... with two processors each), from Debian's packages
slurm-wlm and munge, by any user, without systemd. Everything lies in one new folder; /etc, /var and /run are
not touched. Nothing but what was started here is ended: the daemons are our children, and what they started
has SLURM_CONF of that folder in its environment or holds a node's log open.

Where the kernel lets us, a node has its own host name and its own /dev/shm: else the ranks of two nodes would
open each other's shared memory, so that Open MPI is told to use TCP alone.
"""
import ctypes
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAMS = ('munged', 'munge', 'slurmctld', 'slurmd', 'sbatch', 'srun', 'squeue', 'scontrol', 'scancel', 'sinfo')
PATH = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'

CONF = '''ClusterName=plstrap
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
# cred_expire also decides how long a job that was requeued must wait
AuthInfo=socket={folder}/munge.sock,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
# of each node its own: the PMIx plugin makes a folder there that has the same name on all nodes
TmpFS={folder}/tmp/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=pmix
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_min_interval=100000,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
ReturnToService=2
SlurmdTimeout=10
KillWait=5
MinJobAge=600
UnkillableStepTimeout=30
'''
PARTITIONS = '''PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
PartitionName=low Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=0
PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=100 PreemptMode=OFF
'''


class CannotRun(Exception):
    """Why there is no Slurm here, for people."""


def missing():
    return [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]


def free_ports(count):
    """The first of `count` ports in a row that nobody listens on, below those that clients are given."""
    for _ in range(100):
        first = random.randrange(20000, 32000 - count)
        sockets = []
        try:
            for port in range(first, first + count):
                sockets.append(socket.socket())
                sockets[-1].bind(('', port))
            return first
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()
    raise CannotRun('there are no free ports')


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def alive(pid):
    """A zombie is not: where PID 1 does not reap, it stays."""
    try:
        state = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return False
    return state not in 'ZX'


class Slurm:
    def __init__(self, nodes):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='plstrap-slurm-'))
        self.names = [f'n{i + 1}' for i in range(nodes)]
        self.children = []  # in the order of their start
        self.nodes = {}
        self.environment = {'SLURM_CONF': str(self.folder / 'slurm.conf'), 'PATH': PATH,
                            'OMPI_ALLOW_RUN_AS_ROOT': '1', 'OMPI_ALLOW_RUN_AS_ROOT_CONFIRM': '1',
                            'OMPI_MCA_pml': 'ob1', 'OMPI_MCA_btl_tcp_if_include': 'lo',
                            'OMPI_MCA_oob_tcp_if_include': 'lo'}
        self.apart = self.can_unshare()
        if not self.apart:
            self.environment['OMPI_MCA_btl'] = 'tcp,self'

    @staticmethod
    def can_unshare():
        try:
            return subprocess.run(['unshare', '--mount', '--uts', 'sh', '-c', 'hostname n1'],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            return False

    def begin(self, name, *command):
        with open(self.folder / 'log' / f'{name}.out', 'ab') as log:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     env={**os.environ, **self.environment}, preexec_fn=die_with_parent)
        self.children.append(child)
        return child

    def run(self, *command, timeout=60, check=True, **keywords):
        """A command of Slurm's; returns what it prints."""
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={**os.environ, **self.environment}, timeout=timeout, **keywords)
        if check and done.returncode != 0:
            raise RuntimeError(f'{command}: exit code {done.returncode}: {done.stdout}{done.stderr}')
        return done.stdout

    def wait(self, seconds, what, ready):
        end = time.monotonic() + seconds
        while not ready():
            ended = [child.args for child in self.children if child.poll() is not None]
            if ended or time.monotonic() > end:
                tails = ''.join(f'\n{log.name}: {log.read_text(errors="replace")[-600:]}'
                                for log in sorted((self.folder / 'log').iterdir()))
                raise CannotRun(f'{what} is not ready{f", {ended[0][0]} has ended" if ended else ""}{tails}')
            time.sleep(0.05)

    def is_ready(self):
        try:
            states = self.run('sinfo', '-h', '-N', '-o', '%T').split()
        except (RuntimeError, subprocess.TimeoutExpired):
            return False
        return len(states) >= len(self.names) and set(states) == {'idle'}

    def write_conf(self):
        import pwd
        port = free_ports(len(self.names) + 1)
        host = socket.gethostname().split('.')[0]
        text = CONF.format(folder=self.folder, host=host, port=port, user=pwd.getpwuid(os.getuid()).pw_name)
        for i, name in enumerate(self.names):
            text += (f'NodeName={name} NodeHostname={name if self.apart else host} NodeAddr=127.0.0.1 '
                     f'Port={port + 1 + i} CPUs=2 RealMemory=4000\n')
        (self.folder / 'slurm.conf').write_text(text + PARTITIONS)

    def up(self):
        for name in ('state', 'spool', 'tmp', 'log'):
            (self.folder / name).mkdir()
        self.folder.chmod(0o755)  # munged insists
        if len(str(self.folder)) > 80:
            raise CannotRun(f'{self.folder}: the path is too long for a socket; set TMPDIR')
        key = self.folder / 'munge.key'
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self.write_conf()
        munge = self.folder / 'munge'
        self.begin('munged', 'munged', '--foreground', f'--key-file={key}', f'--socket={munge}.sock',
                   f'--pid-file={munge}.pid', f'--log-file={munge}.log', f'--seed-file={munge}.seed',
                   '--num-threads=2')
        self.wait(10, 'munged', lambda: subprocess.run(
            ['munge', '-n', '-S', f'{munge}.sock'], env={**os.environ, 'PATH': PATH}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode == 0)
        self.begin('slurmctld', 'slurmctld', '-D', '-f', self.environment['SLURM_CONF'])
        for name in self.names:
            self.start(name)
        self.wait(60, 'the cluster', self.is_ready)

    def start(self, name):
        """A node. One that was killed left sockets that a job of the same number would fall over."""
        for folder in ('spool', 'tmp'):
            shutil.rmtree(self.folder / folder / name, ignore_errors=True)
            (self.folder / folder / name).mkdir()
        command = ['slurmd', '-D', '-N', name, '-f', self.environment['SLURM_CONF']]
        if self.apart:
            command = ['unshare', '--mount', '--uts', 'sh', '-c',
                       'hostname "$1" && mount -t tmpfs tmpfs /dev/shm && shift && exec "$@"', '-', name, *command]
        self.nodes[name] = self.begin(f'slurmd-{name}', *command)

    def processes(self, name):
        """slurmd, slurmstepds and tasks of a node."""
        log = str(self.folder / 'log' / f'slurmd-{name}.log')
        ours = (b'SLURM_CONF=' + self.environment['SLURM_CONF'].encode(), b'SLURMD_NODENAME=' + name.encode())
        found = set()
        for process in pathlib.Path('/proc').glob('[0-9]*'):
            try:
                environment = (process / 'environ').read_bytes().split(b'\0')
                if all(word in environment for word in ours) or \
                        any(os.readlink(fd) == log for fd in (process / 'fd').iterdir()):
                    found.add(int(process.name))
            except OSError:
                continue
        found.discard(os.getpid())
        return {pid for pid in found if alive(pid)}

    def kill(self, name):
        """The node dies."""
        node = self.nodes.pop(name)
        self.children.remove(node)
        for pid in self.processes(name) | {node.pid}:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        node.wait()

    def down(self):
        if (self.folder / 'slurm.conf').exists() and len(self.children) > 1:
            try:  # jobs first: then nothing of them is left to be found
                subprocess.run(['scancel', '--state=RUNNING,PENDING,SUSPENDED', '-u', str(os.getuid())],
                               env={**os.environ, **self.environment}, timeout=10, capture_output=True)
                end = time.monotonic() + 8
                while self.run('squeue', '-h', timeout=5) and time.monotonic() < end:
                    time.sleep(0.1)
            except (RuntimeError, OSError, subprocess.TimeoutExpired):
                pass
        # nodes, then slurmctld, then munged: without munged, slurmctld takes seconds to end
        for child in [*self.nodes.values(), *(c for c in reversed(self.children)
                                              if c not in self.nodes.values())]:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for name in self.names:
            for pid in self.processes(name):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        lacking = missing()
        try:
            if lacking:
                raise CannotRun(f'{", ".join(lacking)}: not installed (packages slurm-wlm and munge)')
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_):
        self.down()


def main():
    if len(sys.argv) < 2 or not sys.argv[1].isdigit() or int(sys.argv[1]) < 1:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        with Slurm(int(sys.argv[1])) as slurm:
            return subprocess.run(sys.argv[2:] or [os.environ.get('SHELL', '/bin/sh')],
                                  env={**os.environ, **slurm.environment}).returncode
    except CannotRun as reason:
        print(f'no Slurm: {reason}', file=sys.stderr)
        return 69


if __name__ == '__main__':
    sys.exit(main())
