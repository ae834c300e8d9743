"""Runs that are alive and runs that are dead, distinguished by locks that the system frees."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digits.workflow import run_lock
from digits.core.file_locks import is_held

HERE = "/dev/vda / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n"
"""A table of mounts by which everything is on a file system of this host's own."""

IMPORT = "import sys; from pathlib import Path; from digits.workflow import run_lock; {}"
ENTER = """
folder, mounts = Path(sys.argv[1]), sys.argv[2]
own = run_lock.enter(folder)
run_lock.remove_stale_locks(folder, own, mounts)
print(own, flush=True)
sys.stdin.read()
"""
JOB = "run_lock.end_with_run(); print('working', flush=True); import time; time.sleep(60)"


@pytest.fixture
def start():
    started = []

    def start_(code, *arguments, **variables):
        process = subprocess.Popen(
            [sys.executable, "-c", IMPORT.format(code), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": "scripts"} | variables,
            cwd=Path(__file__).parents[3],
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start_
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def enter(tmp_path, start):
    """Start a run in the folder; return its process and its record."""

    def enter_(mounts=HERE):
        process, own = start(ENTER, tmp_path, mounts)
        return process, Path(own)

    return enter_


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def lock_file(folder, name="0.output.lock"):
    path = folder / "locks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("results/a\n")
    return path


def rewrite(record, **changes):
    """Have a record say that its run was elsewhere."""
    record.write_text(json.dumps(json.loads(record.read_text()) | changes))


def note(process):
    """What a run that ends has printed as an error."""
    return process.communicate()[1]


def test_the_locks_of_a_killed_run_are_removed_by_the_next(tmp_path, enter):
    first, own = enter()
    left = [lock_file(tmp_path), lock_file(tmp_path, "0.input.lock")]
    kill(first)
    assert own.exists()
    second, _ = enter()
    assert not any(path.exists() for path in left)
    assert not own.exists()
    assert note(second) == ""


def test_a_run_goes_on_record_with_where_it_is(enter):
    process, own = enter()
    record = json.loads(own.read_text())
    assert record["host"] == os.uname().nodename
    assert record["process"] == process.pid
    assert is_held(own)


def test_the_locks_stay_while_any_run_is_alive(tmp_path, enter):
    dead, _ = enter()
    kill(dead)
    alive, own = enter()
    held = lock_file(tmp_path)
    second, other = enter()
    assert held.exists()
    assert own != other
    # They stay too when the second run ends before the first.
    assert note(second) == ""
    third, _ = enter()
    assert held.exists()
    # Only with the last of them do they go.
    kill(third)
    kill(alive)
    enter()
    assert not held.exists()


def test_the_lock_of_a_run_on_another_host_stays_and_the_user_is_told_what_to_type(tmp_path, enter):
    first, own = enter()
    held = lock_file(tmp_path)
    kill(first)
    rewrite(own, host="node7", boot="another")
    second, _ = enter()
    assert held.exists()
    assert own.exists()
    (line,) = note(second).splitlines()
    assert "run on another host (node7)" in line
    assert line.endswith("type: snakemake --unlock")
    # Once the user has typed that, nothing reminds of the other host.
    held.unlink()
    third, _ = enter()
    assert not own.exists()
    assert note(third) == ""


@pytest.mark.parametrize("changes", [{"boot": "before"}, {"host": "container"}])
def test_a_run_before_a_reboot_or_in_a_container_was_on_this_host(tmp_path, enter, changes):
    first, own = enter()
    left = lock_file(tmp_path)
    kill(first)
    rewrite(own, **changes)
    second, _ = enter()
    assert not left.exists()
    assert note(second) == ""


@pytest.mark.parametrize("content", ["", "{", "[]", "1234"])
def test_the_lock_of_a_run_whose_record_says_nothing_stays(tmp_path, enter, content):
    held = lock_file(tmp_path)
    (tmp_path / "alive").mkdir()
    (tmp_path / "alive" / "1234").write_text(content)
    run, _ = enter()
    assert held.exists()
    assert "run on another host (unknown)" in note(run)


def test_a_lock_that_no_run_of_this_workflow_made_stays(tmp_path, enter):
    held = lock_file(tmp_path)
    run, _ = enter()
    assert held.exists()
    assert "no run of this workflow" in note(run)


@pytest.mark.parametrize("kind", ["nfs4", "lustre", "cifs", "fuse.sshfs", "9p", "unheard-of"])
def test_on_a_file_system_of_many_hosts_locks_stay(tmp_path, enter, kind):
    mounts = HERE + f"server:/home {tmp_path.parent} {kind} rw 0 0\n"
    first, own = enter(mounts)
    held = lock_file(tmp_path)
    kill(first)
    second, _ = enter(mounts)
    assert held.exists()
    assert own.exists()
    (line,) = note(second).splitlines()
    assert f"other hosts may use this file system ({kind})" in line
    assert line.endswith("type: snakemake --unlock")


def test_where_mounts_are_unknown_locks_stay(tmp_path, enter):
    first, _ = enter()
    held = lock_file(tmp_path)
    kill(first)
    second, _ = enter(mounts="")
    assert held.exists()
    assert "of unknown type" in note(second)


def test_on_a_file_system_of_many_hosts_the_records_of_others_stay(tmp_path, enter):
    mounts = HERE + f"server:/home {tmp_path.parent} nfs4 rw 0 0\n"
    (ours, own), (theirs, other) = enter(mounts), enter(mounts)
    kill(ours)
    kill(theirs)
    rewrite(other, host="node7", boot="another")
    enter(mounts)
    assert not own.exists()
    assert other.exists()


def test_the_file_system_is_that_of_the_innermost_and_last_mount(tmp_path):
    folder = tmp_path / "Ann's naïve project"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    name = str(folder).replace(" ", "\\040")
    table = f"{HERE}a {name} autofs rw 0 0\nb {name} nfs4 rw 0 0\nc {name}/deeper cifs rw 0 0\n"
    assert run_lock.file_system(folder, table) == "nfs4"
    assert run_lock.file_system(tmp_path / "link", table) == "nfs4"
    assert run_lock.file_system(folder / "deeper" / "still", table) == "cifs"
    assert run_lock.file_system(tmp_path, table) == "ext4"
    assert run_lock.file_system(tmp_path, "") is None


def test_a_run_that_ends_by_itself_leaves_nothing(enter):
    run, own = enter()
    assert own.exists()
    run.communicate()
    assert not own.exists()


def test_jobs_end_when_their_run_is_killed(start, enter):
    run, own = enter()
    jobs = [start(JOB, DIGITS_RUN=str(own)) for _ in range(2)]
    assert [said for _, said in jobs] == ["working"] * 2
    time.sleep(0.3)
    assert all(job.poll() is None for job, _ in jobs)
    kill(run)
    assert [job.wait(timeout=10) for job, _ in jobs] == [1, 1]


def test_a_program_outside_of_a_run_is_left_alone(monkeypatch):
    monkeypatch.delenv(run_lock.VARIABLE, raising=False)
    run_lock.end_with_run()
    monkeypatch.setenv(run_lock.VARIABLE, "/nowhere/at/all")
    run_lock.end_with_run()


def test_where_nothing_can_be_written_no_run_goes_on_record(tmp_path):
    (tmp_path / "alive").write_text("a file where the folder should be")
    assert run_lock.enter(tmp_path) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_in_a_chroot_whose_root_is_in_no_table_the_file_system_is_found(tmp_path, monkeypatch):
    listed = run_lock.file_system(tmp_path, run_lock.MOUNTS.read_text())
    (tmp_path / "mounts").write_text("proc /proc proc rw 0 0\n")
    monkeypatch.setattr(run_lock, "MOUNTS", tmp_path / "mounts")
    found = run_lock.file_system_here(tmp_path)
    assert found in run_lock.LOCAL
    # stat does not tell ext2, ext3 and ext4 apart; in a chroot there is nothing to compare with.
    assert listed is None or found.rstrip("234") == listed.rstrip("234")
    assert run_lock.file_system_here(tmp_path / "missing") is None


MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on {folder}/My disk (apfs, local, journaled)
//ann@server/home on {folder}/shared (smbfs, nodev, nosuid, mounted by ann)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
"""


def test_on_macos_the_file_system_is_what_mount_prints(tmp_path, monkeypatch):
    for name, text in {"stat": "exit 1", "mount": f"cat <<'END'\n{MACOS}END"}.items():
        (tmp_path / name).write_text("#!/bin/sh\n" + text.format(folder=tmp_path))
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(run_lock, "MOUNTS", tmp_path / "none")
    assert run_lock.file_system_here(tmp_path) == "apfs"
    assert run_lock.file_system_here(tmp_path / "My disk" / "project") == "apfs"
    assert run_lock.file_system_here(tmp_path / "shared" / "project") == "smbfs"
    assert "smbfs" not in run_lock.LOCAL


def test_without_any_means_the_file_system_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(run_lock, "MOUNTS", tmp_path / "none")
    assert run_lock.file_system_here(tmp_path) is None


def test_where_no_system_says_when_it_was_started_the_name_of_the_host_counts(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(run_lock, "BOOT", tmp_path / "none")
    here, there = tmp_path / "here", tmp_path / "there"
    here.write_text(json.dumps({"host": os.uname().nodename, "boot": ""}))
    there.write_text(json.dumps({"host": "node7", "boot": ""}))
    assert run_lock._ran_here(here)
    assert not run_lock._ran_here(there)
