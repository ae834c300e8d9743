"""What a run prints, seen through the real Snakemake on a terminal and in a file."""

import fcntl
import io
import logging
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path
from types import SimpleNamespace

import pytest

from digits.workflow import console
from digits.core.design import Design
from digits.workflow.console import RunHandler, describe_failure

SCRIPTS = Path(__file__).parents[2] / "scripts"
LONG = f"error: raw/train.csv, row 7, column {'very_' * 40}long: expected an integer from 0 to 255"
SNAKEFILE = f"""
import sys

sys.path.insert(0, {str(SCRIPTS)!r})
from digits.workflow import console

if workflow.is_main_process:
    console.install()

rule all:
    input:
        expand("results/small/cells/{{n}}/trial/metrics.json", n=[2, 5]),
        "table.csv",

rule train_cell:
    output:
        metrics="results/small/cells/{{n}}/trial/metrics.json",
    log:
        "logs/{{n}}.log",
    shell:
        "(echo note: cold; echo epoch 1; cp metrics-{{wildcards.n}}.json {{output}}) &> {{log}}"

rule tabulate:
    input:
        expand("results/small/cells/{{n}}/trial/metrics.json", n=[2, 5]),
    output:
        "table.csv",
    log:
        "logs/table.log",
    shell:
        "(echo begun; {{config[do]}}; touch {{output}}) &> {{log}}"
"""
METRICS = (
    '{{"layers": {}, "nodes": 100, "fold": 0, "seed": 422, "epochs": 10, "val_accuracy": 0.97853,'
    ' "training_seconds": 41.2, "failed": {}}}'
)
TRAINED = "2 × 100, fold 0, seed 422: 97.85% validation accuracy after 10 epochs, 41 s"  # noqa: RUF001
DIVERGED = "error: 5 × 100, fold 0, seed 422: epoch 1: the loss is nan"  # noqa: RUF001
COLOUR = re.compile(r"\x1b\[[\d;]+m")
CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-z]|\r")


def write_workflow(folder: Path) -> Path:
    (folder / "Snakefile").write_text(SNAKEFILE)
    design = Design({"layers": (2, 5), "nodes": (100,)})
    (folder / "results/small").mkdir(parents=True)
    (folder / "results/small/design.json").write_text(design.as_text())
    (folder / "metrics-2.json").write_text(METRICS.format(2, "null"))
    (folder / "metrics-5.json").write_text(METRICS.format(5, '"epoch 1: the loss is nan"'))
    return folder


@pytest.fixture
def folder(tmp_path):
    return write_workflow(tmp_path)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The folder of a run to its end, and the run."""
    folder = write_workflow(tmp_path_factory.mktemp("finished"))
    return folder, run(folder)


def command(do: str, arguments: tuple[str, ...]) -> list[str]:
    program = [sys.executable, "-m", "snakemake", "--cores", "1"]
    return [*program, *arguments, "--config", f"do={do}"]


def run(
    folder: Path, *arguments: str, do: str = "true", before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess:
    """Run the workflow without a terminal, with another command before it."""
    return subprocess.run(
        [*before, *command(do, arguments)], cwd=folder, capture_output=True, text=True, check=False
    )


def run_on_terminal(folder: Path, width: int, do: str = "true", **variables: str) -> str:
    """Run the workflow on a terminal of a width; return all that it wrote there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    surroundings = {name: os.environ[name] for name in os.environ.keys() - {"NO_COLOR", "COLUMNS"}}
    with subprocess.Popen(
        command(do, ()), cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
        env=surroundings | {"TERM": "xterm-256color"} | variables,
    ):  # fmt: skip
        os.close(theirs)
        written = b""
        while True:
            try:
                written += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
    os.close(ours)
    return written.decode()


def test_a_run_prints_a_line_per_training_and_a_summary(first):
    _, done = first
    assert done.returncode == 0
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0] == "4 jobs to run, 2 cells to train among them"
    # What all trainings note is printed once.
    assert lines[1] == "note: cold"
    assert set(lines[2:4]) == {TRAINED, DIVERGED}
    assert lines[4].startswith("Complete log(s): ")
    assert re.fullmatch(r"4 of 4 jobs done in \d+ s", lines[5])
    assert len(lines) == 6


@pytest.mark.parametrize("options", [(), ("-n", "--quiet", "all")])
def test_a_run_with_nothing_to_do_says_so(first, options):
    again = run(first[0], *options)
    assert again.stdout + again.stderr == (
        "Nothing to be done (all requested files are present and up to date).\n"
    )


def test_snakemake_s_own_log_is_complete(first):
    log = min(first[0].glob(".snakemake/log/*"))
    assert log.read_text().count("rule train_cell:") == 2
    assert "reason: Missing output files" in log.read_text()
    assert "4 of 4 steps (100%) done" in log.read_text()


@pytest.mark.parametrize("quiet", [(), ("--quiet", "all")])
def test_a_user_s_mistake_is_printed_whole_and_once_on_standard_error(folder, quiet):
    done = run(folder, *quiet, do=f"echo '{LONG}' >&2; exit 1")
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines.count(LONG) == 1
    assert "tabulate failed; its log: logs/table.log" in lines
    assert "Traceback" not in done.stderr
    assert (TRAINED in lines) == (not quiet)


def test_the_log_of_a_job_that_says_nothing_of_its_failure_is_shown(folder):
    done = run(folder, do="seq 40; exit 3")
    lines = done.stderr[done.stderr.index("error: tabulate") :].splitlines()
    assert lines[0] == "error: tabulate failed; its log ends with"
    assert lines[1:21] == [f"  {number}" for number in range(21, 41)]
    assert lines[21] == "log: logs/table.log"


def test_a_job_whose_log_did_not_fit_on_the_disk_says_so(folder):
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk")
    full = "mount -t tmpfs -o size=4k none logs && head -c 4096 /dev/zero >logs/zero; exec"
    (folder / "logs").mkdir()
    done = run(folder, before=("unshare", "--mount", "sh", "-c", f'{full} "$@"', "sh"))
    assert "error: train_cell failed: No space left on device" in done.stderr.splitlines()


def test_a_dry_run_prints_the_table_of_jobs_and_the_reasons(folder):
    done = run(folder, "-n")
    assert done.stderr == ""
    assert done.stdout.count("Job stats:") == 1
    assert re.search(r"^train_cell +2$", done.stdout, re.MULTILINE)
    assert re.search(
        r"output files have to be generated:\n +tabulate, train_cell$", done.stdout, re.M
    )
    assert "rule train_cell:" not in done.stdout


def test_whoever_asks_for_commands_gets_snakemake_s_own_output(folder):
    done = run(folder, "-p", do=f"echo '{LONG}' >&2; exit 1")
    assert done.stderr.count("rule train_cell:") == 2
    assert "cp metrics-2.json" in done.stderr
    assert LONG in done.stderr.splitlines()


@pytest.mark.parametrize("width", [100, 40])
def test_on_a_terminal_a_bar_shows_progress_below_the_lines(folder, width):
    written = run_on_terminal(folder, width, do=f"sleep 1; echo '{LONG}'; exit 1")
    assert "2 of 4 jobs" in written
    assert ("tabulate" in written.split("2 of 4 jobs")[1]) == (width == 100)
    lines = CONTROL.sub("\n", written).splitlines()
    assert [line for line in lines if line == LONG] == [LONG]
    assert TRAINED in lines
    assert COLOUR.search(written)
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l"), "the cursor is back"


def test_colours_and_the_bar_can_be_done_without(folder):
    written = run_on_terminal(folder, 80, NO_COLOR="1")
    assert "jobs to run" in written
    assert not COLOUR.search(written)


def test_what_a_cluster_says_of_a_failed_job_is_printed(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("epoch 3\n")
    record = {"rule_name": "train_cell", "rule_msg": "Slurm's state:\nTIMEOUT", "log": [str(log)]}
    ending = ["Slurm's state: TIMEOUT", f"log: {log}"]
    assert describe_failure(record)[-2:] == ending
    log.write_text("error: out of memory\n")
    assert describe_failure(record)[:2] == ["error: out of memory", ending[0]]


@pytest.mark.parametrize("said", ["", "error: results/small/fo"])
def test_what_a_job_could_not_say_for_lack_of_space_is_added(tmp_path, monkeypatch, said):
    log = tmp_path / "train.log"
    log.write_text(said)
    record = {"rule_name": "train_cell", "rule_msg": None, "log": [str(log)]}
    assert "No space left" not in "".join(describe_failure(record))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=60_000))
    assert "train_cell failed: No space left on device" in "".join(describe_failure(record))
    log.write_text("error: a.csv: No space left on device")
    assert "".join(describe_failure(record)).count("No space left") == 1


def test_an_error_that_shows_a_program_s_traceback_is_printed(capsys):
    text = (
        "CreateCondaEnvironmentException:\nCould not create it:\nsubprocess.CalledProcessError: pip"
    )
    handler = RunHandler(sys.stderr)
    handler.emit(logging.makeLogRecord({"msg": text, "event": "error"}))
    assert capsys.readouterr().err == f"{text}\n"
    failed = 'RuleException:\nCalledProcessError in file "Snakefile", line 3:\nCommand failed'
    handler.emit(logging.makeLogRecord({"msg": failed, "event": "error"}))
    assert capsys.readouterr().err == ""


def test_a_reader_that_has_seen_enough_is_no_error(capsys):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1) as stream:
        handler = RunHandler(stream, dry=True)
        handler.emit(logging.makeLogRecord({"msg": "Job stats:", "levelno": logging.INFO}))
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    assert capsys.readouterr().err == ""


def test_conda_s_environment_is_not_printed_for_each_job():
    stream = io.StringIO()
    handler = RunHandler(stream)
    for text in ["Activating conda environment: .snakemake/conda/5cb7_", "Creating it"]:
        handler.handle(logging.makeLogRecord({"msg": text, "levelno": logging.INFO}))
    assert stream.getvalue() == "Creating it\n"


ADDRESS = "s3://bucket/ann/results/small"
GONE = (
    f"WorkflowError:\nFailed to store output in storage {ADDRESS}/a.csv\n"
    "Could not connect to the endpoint URL"
)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Fetches what is asked for, of results in a storage, into the copies in a working folder."""
    monkeypatch.chdir(tmp_path)
    files = {
        f"{ADDRESS}/cells/a/b/metrics.json": METRICS.format(2, "null"),
        f"{ADDRESS}/logs/a.log": "error: raw.csv: odd",
    }

    def retrieve(address):
        if address in files:
            path = console.COPIES / address.replace("://", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[address])

    monkeypatch.setattr(console, "retrieve", retrieve)


def test_a_job_whose_files_are_in_a_storage_is_reported_as_any_other(stored):
    names = [f"{ADDRESS}/cells/a/b/metrics.json (send to storage)"]
    log = f"{ADDRESS}/logs/a.log (send to storage)"
    stream = io.StringIO()
    handler = RunHandler(stream)
    job = {"event": "job_info", "jobid": 1, "rule_name": "train_cell", "output": names}
    handler.emit(logging.makeLogRecord(job | {"log": [log]}))
    handler.emit(logging.makeLogRecord({"event": "job_finished", "job_id": 1}))
    assert stream.getvalue() == "a/b: 97.85% validation accuracy after 10 epochs, 41 s\n"
    record = {"rule_name": "train_cell", "rule_msg": None, "log": [log]}
    assert describe_failure(record) == [
        "error: raw.csv: odd", f"train_cell failed; its log: {ADDRESS}/logs/a.log",
    ]  # fmt: skip


def test_the_log_of_an_earlier_job_in_a_storage_is_not_taken_for_that_of_a_later_one(stored):
    log = f"{ADDRESS}/logs/a.log (send to storage)"
    copy = console.copy_of(log)
    copy.write_text("error: of an earlier run")
    job = {"event": "job_info", "jobid": 1, "rule_name": "train_cell", "output": [], "log": [log]}
    RunHandler(io.StringIO()).emit(logging.makeLogRecord(job))
    record = {"rule_name": "train_cell", "rule_msg": None, "log": [log]}
    assert describe_failure(record)[0] == "error: raw.csv: odd"


def test_of_the_errors_of_a_storage_the_first_is_printed_in_one_line(capsys, tmp_path):
    handler = RunHandler(sys.stderr)
    for text in (GONE, f"ExceptionGroup:\n{GONE}\nTraceback"):
        handler.emit(logging.makeLogRecord({"msg": text, "event": "error"}))
    line = f"error: {ADDRESS}/a.csv: it does not answer; run again once it does"
    assert capsys.readouterr().err == f"{line}\n"
    log = tmp_path / "pod.log"
    log.write_text(GONE)
    record = {"rule_name": "train_cell", "rule_msg": None, "log": [str(log)]}
    assert describe_failure(record)[0] == line


def test_of_a_failed_group_the_jobs_that_say_an_error_are_printed(capsys, tmp_path):
    handler, infos = RunHandler(sys.stderr), []
    for number, text in enumerate(["all well", "error: no column label"]):
        (tmp_path / f"{number}.log").write_text(text)
        info = {"jobid": number, "rule_name": f"rule{number}", "rule_msg": None}
        infos.append(info | {"log": [str(tmp_path / f"{number}.log")]})
        handler.emit(logging.makeLogRecord({"msg": "", "event": "job_info", **infos[-1]}))
    group = {"msg": "", "event": "group_error", "job_error_info": infos}
    for record in [group, *({"msg": "", "event": "job_error", **info} for info in infos)]:
        handler.emit(logging.makeLogRecord(record))
    first, *others = capsys.readouterr().err.splitlines()
    assert first == "error: no column label"
    assert not any("rule0" in line for line in others)


def test_the_jobs_that_slurm_has_are_in_snakemake_s_own_log_only():
    stream = io.StringIO()
    text = "Job 3 has been submitted with SLURM jobid 12 (log: .snakemake/slurm_logs/12.log)."
    RunHandler(stream).handle(logging.makeLogRecord({"msg": text, "levelno": logging.INFO}))
    assert stream.getvalue() == ""
