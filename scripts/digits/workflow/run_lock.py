"""A record of the runs that are alive in a folder, and removal of the locks of dead ones.

Each run holds the lock of a file of its own, its record, which says on which host it runs. A job
waits for that lock to become free, and ends with its run.

Snakemake's own locks are plain files. A killed run leaves them, and Snakemake then refuses to
start. They are removed here if it is certain that every run on record is over: it ran on this host,
where the system would still hold the lock of its record if it were alive.
"""

import atexit
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from digits.core.file_locks import create_held, is_held, wait_until_free

VARIABLE = "DIGITS_RUN"
"""Environment variable with the path of the record of a job's run."""

LOCAL = {
    "apfs", "aufs", "bcachefs", "btrfs", "ecryptfs", "exfat", "ext2", "ext3", "ext4", "f2fs",
    "fuseblk", "hfs", "jfs", "nilfs2", "ntfs3", "overlay", "ramfs", "reiserfs", "tmpfs", "vfat",
    "xfs", "zfs",
}  # fmt: skip
"""Types of file systems that only one host uses at a time, so that its locks hold for all."""

MOUNTS = Path("/proc/self/mounts")
"""Where Linux lists the file systems that are mounted."""

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Where Linux says what identifies its kernel since it was started."""

STAT_NAMES = {"ext2/ext3": "ext4", "overlayfs": "overlay", "fuseblk": "fuse"}
"""What the command ``stat`` calls types otherwise; it calls everything in user space fuseblk."""


def enter(folder: Path) -> Path | None:
    """Put this process on record as a run that is alive.

    Parameters
    ----------
    folder : Snakemake's own, ``.snakemake``

    Returns
    -------
    the record, or None where none can be written
    """
    # Containers on one machine may have the same numbers of processes.
    record = folder.absolute() / "alive" / f"{os.getpid()}-{os.urandom(4).hex()}"
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        create_held(record, json.dumps(_this_host() | {"process": os.getpid()}))
    except OSError:
        return None
    atexit.register(record.unlink, missing_ok=True)
    return record


def remove_stale_locks(folder: Path, own: Path, mounts: str | None = None) -> None:
    """Remove Snakemake's locks if all other runs are over; if that is uncertain, print why.

    Parameters
    ----------
    folder : Snakemake's own, ``.snakemake``
    own : the record of this run
    mounts : the mounted file systems as in ``/proc/self/mounts``, by default those of this host
    """
    # A run goes on record before it makes its locks. So the locks are listed before the records,
    # and those that another run makes from now on are not among them.
    locks = sorted((folder / "locks").glob("*.lock"))
    try:
        others = [path for path in sorted((folder / "alive").glob("[!.]*")) if path != own]
        if any(is_held(path) for path in others):
            return  # Snakemake itself finds out whether the two make the same files
        here = [path for path in others if _ran_here(path)]
        kind = file_system_here(folder) if mounts is None else file_system(folder, mounts)
        if locks and (reason := _reason_to_keep(kind, others, here)):
            print(
                f"note: {folder / 'locks'} is kept: {reason};"
                " if no other run is under way in this folder, type: snakemake --unlock",
                file=sys.stderr,
            )
            return
        # Without locks there is nothing left that a record could protect.
        for path in [*locks, *(others if kind in LOCAL else here)]:
            path.unlink(missing_ok=True)
    except OSError:
        return


def end_with_run() -> None:
    """End this process as soon as the run that started it has; nothing happens outside of one."""
    path = os.environ.get(VARIABLE)
    if not path:
        return
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return

    def watch() -> None:
        wait_until_free(descriptor)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def file_system_here(folder: Path) -> str | None:
    """Return the type of the file system that a folder is on; None if nothing says it.

    In a chroot the table of mounts lacks the root, so the command ``stat`` is asked then. macOS has
    no such table, and its ``stat`` does not say; there, the command ``mount`` does.
    """
    if found := file_system(folder, _mounts()):
        return found
    if name := _printed_by("stat", "--file-system", "--format=%T", str(folder)).strip():
        return STAT_NAMES.get(name, name)
    return file_system(folder, as_table(_printed_by("mount")))


def file_system(folder: Path, mounts: str) -> str | None:
    """Return the type of the file system that a folder is on; None if the table does not say.

    Parameters
    ----------
    mounts : the mounted file systems as in ``/proc/self/mounts``
    """
    path, longest, found = folder.resolve(), 0, None
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point)
        # Of two mounts on one folder, the later one is seen.
        if len(point) >= longest and path.is_relative_to(point):
            longest, found = len(point), kind
    return found


def as_table(printed: str) -> str:
    """Return what the command ``mount`` prints on macOS as a table like ``/proc/self/mounts``.

    Its lines are like ``/dev/disk3s1 on /Volumes/My disk (apfs, local)``.
    """
    found = re.findall(r"^.+? on (/.*) \((\w+)(?:, .*)?\)$", printed, re.MULTILINE)
    escapes = {ord(each): f"\\{ord(each):03o}" for each in " \t\\"}
    return "".join(f"none {point.translate(escapes)} {kind}\n" for point, kind in found)


def _printed_by(*command: str) -> str:
    """Return what a command prints, nothing where it fails or is not installed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def _reason_to_keep(kind: str | None, others: list[Path], here: list[Path]) -> str | None:
    """Return why the locks may be those of a run that is alive, though no record is held."""
    if kind not in LOCAL:
        return f"other hosts may use this file system ({kind or 'of unknown type'}), too"
    if elsewhere := [path for path in others if path not in here]:
        hosts = sorted({str(_read(path).get("host", "unknown")) for path in elsewhere})
        return f"it may be that of a run on another host ({', '.join(hosts)})"
    return None if others else "no run of this workflow is known to have made it"


def _mounts() -> str:
    """Return the mounted file systems, as Linux lists them; other systems do not."""
    return MOUNTS.read_text(errors="surrogateescape") if MOUNTS.exists() else ""


def _this_host() -> dict[str, str]:
    """Return the name of this host, and what identifies its kernel, empty where nothing does."""
    try:
        boot = BOOT.read_text().strip()
    except OSError:
        boot = ""
    return {"host": os.uname().nodename, "boot": boot}


def _ran_here(record: Path) -> bool:
    """Return whether a run was on this host, before it was rebooted or in a container included."""
    run, this = _read(record), _this_host()
    return run.get("host") == this["host"] or run.get("boot") == this["boot"] != ""


def _read(record: Path) -> dict:
    try:
        run = json.loads(record.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return run if isinstance(run, dict) else {}
