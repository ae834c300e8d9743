"""A SLURM of this machine alone, on loopback: one node with a pretended GPU, and accounting.

The daemons are Debian's, children of this process, and all that they write is in one folder. The
node has a name of its own, and does not see what only the host has from which jobs are submitted.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PACKAGES = ["munge", "slurmctld", "slurmd", "slurm-client", "slurmdbd", "mariadb-server"]
PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "slurmdbd", "mariadbd"]

CONFIGURATION = Path("/etc/slurm/slurm.conf")
"""Where a job's own srun looks, from whose environment Snakemake's executor takes SLURM_CONF."""

NODE = "node1"
CORES, MEMORY, GPUS = 4, 16_000, 1

WITH_PARENT = ["setpriv", "--pdeathsig", "TERM"]
"""Ends a daemon with the tests, however these end."""

APART = """
hostname "$1" && mount -t tmpfs none "$2" && mount --bind "$3" /etc/hosts || exit
shift 3
exec "$@"
"""

SLURM = """
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={slurmctld}
SlurmdPort={slurmd}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
MpiDefault=none
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=2
GresTypes=gpu
DefMemPerCPU=500
KillWait=5
SlurmdTimeout=60
SlurmdParameters=config_overrides
StateSaveLocation={folder}/slurmctld
SlurmdSpoolDir={folder}/slurmd
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={slurmdbd}
AccountingStoragePass={folder}/munge/socket
AccountingStorageTRES=gres/gpu
AccountingStoreFlags=job_comment
NodeName={node} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} Gres=gpu:{gpus}
PartitionName=main Nodes={node} Default=YES MaxTime=INFINITE State=UP
"""

ACCOUNTING = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
DbdHost={host}
DbdAddr=127.0.0.1
DbdPort={slurmdbd}
SlurmUser=root
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={mariadbd}
StorageUser=slurm
StoragePass={password}
StorageLoc=slurm_acct_db
PidFile={folder}/slurmdbd.pid
LogFile={folder}/slurmdbd.log
"""

TABLES = """
create database slurm_acct_db;
create user slurm@127.0.0.1 identified by '{password}';
grant all on slurm_acct_db.* to slurm@127.0.0.1;
"""


class UnavailableError(Exception):
    """What SLURM would need is not there."""


class Cluster:
    """A running cluster, of which ``account`` and ``main`` are an account and a partition.

    Parameters
    ----------
    folder : for all that its daemons write; its path is short, since there are sockets in it
    hidden : a folder of this host that the node does not see
    """

    account = "lab"

    def __init__(self, folder: Path, hidden: Path) -> None:
        self.folder, self.hidden = folder, hidden
        self.daemons: dict[str, subprocess.Popen] = {}
        ports = free_ports(["slurmctld", "slurmd", "slurmdbd", "mariadbd"])
        self.values = {"folder": folder, "host": socket.gethostname(), "node": NODE, **ports}
        self.values |= {"cores": CORES, "memory": MEMORY, "gpus": GPUS}
        self.values |= {"password": secrets.token_hex(12)}
        self.environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}

    def start(self) -> None:
        """Start all daemons, each when the one that it needs answers."""
        for name in ("munge", "slurmctld", "slurmd"):
            (self.folder / name).mkdir()
        self._write("slurm.conf", SLURM)
        self._write("slurmdbd.conf", ACCOUNTING)
        (self.folder / "gres.conf").write_text(f"NodeName={NODE} Name=gpu File={self._gpu()}\n")
        CONFIGURATION.parent.mkdir(exist_ok=True)
        CONFIGURATION.unlink(missing_ok=True)  # it leads nowhere
        CONFIGURATION.symlink_to(self.folder / "slurm.conf")
        self._start_munge()
        self._start_accounting()
        self._start("slurmctld", "-D")
        self.start_node()

    def start_node(self) -> None:
        """Start the daemon of the node, and wait until jobs can start there."""
        names = self.folder / "hosts"
        names.write_text(f"127.0.0.1 localhost {NODE}\n127.0.0.1 {self.values['host']}\n")
        apart = ["unshare", "--mount", "--uts", "sh", "-c", APART, "sh", NODE, self.hidden, names]
        self._start("slurmd", "-D", within=apart)
        self.wait(lambda: self.call("sinfo", "-h", "-o", "%T").strip() in {"idle", "mixed"})

    def stop_node(self) -> None:
        """Stop the daemon of the node; its jobs go on."""
        self._stop("slurmd")

    def stop(self) -> None:
        """End all jobs, then all daemons, the last one first."""
        if "slurmd" in self.daemons:
            self.call("scancel", "--user=root")
            self.wait(lambda: "ING" not in self.call("squeue", "--noheader", "--Format=State"))
        for name in reversed(list(self.daemons)):
            self._stop(name)
        if CONFIGURATION.is_symlink() and CONFIGURATION.readlink().is_relative_to(self.folder):
            CONFIGURATION.unlink()

    def call(self, *command: str) -> str:
        """Return what one of SLURM's commands prints."""
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True, timeout=60
        ).stdout

    def wait(self, condition: Callable[[], object], seconds: float = 60) -> None:
        """Wait until a condition holds; a command that fails meanwhile is tried again."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
                error = None
            except (subprocess.CalledProcessError, OSError) as failed:
                error = getattr(failed, "stderr", None) or failed
            assert time.monotonic() < deadline, error or condition
            time.sleep(0.1)

    def _start_munge(self) -> None:
        folder = self.folder / "munge"
        (folder / "key").write_bytes(secrets.token_bytes(1024))
        (folder / "key").chmod(0o400)
        names = {"socket": "socket", "key-file": "key", "pid-file": "pid", "seed-file": "seed"}
        options = [f"--{option}={folder / name}" for option, name in names.items()]
        # Debian's log is in a folder that its own user owns.
        self._start("munged", "--foreground", "--force", f"--log-file={folder}/log", *options)
        self.wait(lambda: self.call("munge", "-S", str(folder / "socket"), "-n"))

    def _start_accounting(self) -> None:
        data, socket_ = self.folder / "mariadb", f"--socket={self.folder}/mariadb.sock"
        common = ["--no-defaults", "--user=root", f"--datadir={data}"]
        self.call(
            *["mariadb-install-db", *common, "--auth-root-authentication-method=normal"],
            "--skip-test-db",
        )
        loopback = ["--bind-address=127.0.0.1", f"--port={self.values['mariadbd']}"]
        cheap = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]
        self._start("mariadbd", *common, socket_, *loopback, *cheap, "--skip-name-resolve")
        client = ["mariadb", "--no-defaults", socket_, "-u", "root", "-e"]
        self.wait(lambda: self.call(*client, "select 1"))
        self.call(*client, TABLES.format(**self.values))
        self._start("slurmdbd", "-D")
        manage = ["sacctmgr", "-iQ", "add"]
        self.wait(lambda: self.call("sacctmgr", "-n", "list", "cluster") is not None)
        self.call(*manage, "cluster", "loopback")
        self.call(*manage, "account", self.account, "cluster=loopback")
        self.call(*manage, "user", "root", f"account={self.account}", "cluster=loopback")

    def _start(self, name: str, *options: str, within: Sequence[str | Path] = ()) -> None:
        with (self.folder / f"{name}.out").open("ab") as output:
            self.daemons[name] = subprocess.Popen(
                [*WITH_PARENT, *within, shutil.which(name, path=paths()), *options],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _stop(self, name: str) -> None:
        daemon = self.daemons.pop(name)
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(timeout=20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text.format(**self.values))
        path.chmod(0o600)  # slurmdbd insists on it for its own

    def _gpu(self) -> Path:
        """Return a device to count as a GPU, which must be a character device."""
        device = self.folder / "gpu"
        try:
            os.mknod(device, 0o20666, os.makedev(1, 3))  # as /dev/null is
        except OSError:
            return Path("/dev/null")
        return device


def free_ports(names: list[str]) -> dict[str, int]:
    """Return a port of loopback for each name, none of which is in use now."""
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in names}
    ports = {name: each.getsockname()[1] for name, each in sockets.items()}
    for each in sockets.values():
        each.close()
    return ports


def paths() -> str:
    """Return the search path with the folders of daemons."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def check_machine() -> None:
    """Make sure that a cluster can be started here; install what is missing for it.

    Raises
    ------
    UnavailableError
        With the reason, if it cannot.
    """
    if os.geteuid() != 0:
        raise UnavailableError("only root can start a SLURM")
    if CONFIGURATION.exists():
        raise UnavailableError(f"{CONFIGURATION} is there: this machine has a SLURM of its own")
    if subprocess.run(["unshare", "--mount", "--uts", "true"], check=False).returncode:
        raise UnavailableError("no namespaces can be made here")
    if not missing():
        return
    if not shutil.which("apt-get"):
        raise UnavailableError(f"{', '.join(missing())} not installed, and no apt-get to do so")
    install()


def missing() -> list[str]:
    """Return the programs that are not installed."""
    return [name for name in PROGRAMS if not shutil.which(name, path=paths())]


def install() -> None:
    """Install Debian's packages, without starting their daemons.

    Raises
    ------
    UnavailableError
        If that fails.
    """
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "-qq", "--no-install-recommends"]
    commands = [["update", "-qq"], ["install", *options, *PACKAGES]]
    try:
        for command in commands:
            subprocess.run(
                ["apt-get", *command], env=environment, check=True, stdout=subprocess.DEVNULL
            )
    except subprocess.CalledProcessError as error:
        raise UnavailableError(f"{' '.join(PACKAGES)} cannot be installed: {error}") from None
    finally:
        if ours:
            policy.unlink()
