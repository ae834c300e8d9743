"""Shared by the programs: the user's mistakes in one line, other errors unchanged."""

import errno
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from digits.workflow import job
from digits.core import command_line
from digits.core.errors import ConfigError, DataError, DigitsError, TrainingError

SCRIPTS = Path(command_line.__file__).parents[2]


def failing(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize("kind", [DigitsError, DataError, ConfigError, TrainingError])
def test_a_mistake_of_the_user_is_told_in_one_line(capsys, kind):
    with pytest.raises(SystemExit) as caught:
        job.run(failing(kind("train.csv, row 2: expected 7 columns, found 6")))
    assert caught.value.code == 1
    told = capsys.readouterr()
    assert told.err == "error: train.csv, row 2: expected 7 columns, found 6\n"
    assert told.out == ""


def test_a_message_of_several_lines_is_told_in_one(capsys):
    with pytest.raises(SystemExit):
        job.run(failing(DataError("a\nb.csv: broken\r\nat all")))
    assert capsys.readouterr().err == "error: a b.csv: broken at all\n"


def test_what_cannot_be_printed_is_not_sent_to_the_terminal(capsys):
    with pytest.raises(SystemExit):
        job.run(failing(DataError("a\x1b[31mb\x07c\u202ed\udce9.csv: no ü")))
    assert capsys.readouterr().err == "error: a\ufffd[31mb\ufffdc\ufffdd\ufffd.csv: no ü\n"


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "utf-8"])
def test_names_that_the_encoding_of_the_terminal_lacks_are_printed_all_the_same(encoding):
    code = "from digits.workflow import job; job.run(lambda: print('42 images from \\udce9→.csv'))"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=SCRIPTS,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("42 images from \\udce9")


@pytest.mark.parametrize("error", [ValueError("a fault"), KeyboardInterrupt(), SystemExit(3)])
def test_any_other_exception_passes_through(capsys, error):
    with pytest.raises(type(error)) as caught:
        job.run(failing(error))
    assert caught.value is error
    assert capsys.readouterr().err == ""


def test_a_program_that_succeeds_returns(capsys):
    job.run(lambda: print("done"))
    assert capsys.readouterr() == ("done\n", "")


def test_help_shows_the_docstring_line_by_line(capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.parser("Does one thing.\n\nAnd well:\n  really.").parse_args(["--help"])
    assert caught.value.code == 0
    assert "Does one thing.\n\nAnd well:\n  really.\n" in capsys.readouterr().out


def test_options_are_written_in_full():
    parser = command_line.parser(None)
    parser.add_argument("--output")
    assert parser.parse_args(["--output", "a"]).output == "a"
    with pytest.raises(SystemExit):
        parser.parse_args(["--out", "a"])


def test_standard_error_is_silenced_for_native_code_and_then_restored(capfd):
    print("before", file=sys.stderr)
    with command_line.silent_stderr():
        os.write(2, b"noise\n")
    print("after", file=sys.stderr)
    assert capfd.readouterr().err == "before\nafter\n"


def lowest_free_descriptor():
    descriptor = os.dup(2)
    os.close(descriptor)
    return descriptor


def test_standard_error_is_restored_after_an_exception_and_no_descriptor_is_left_open(capfd):
    before = lowest_free_descriptor()
    with pytest.raises(ValueError, match="through"), command_line.silent_stderr():
        raise ValueError("through")
    assert lowest_free_descriptor() == before
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


COPY = OSError(errno.ENOSPC, "", "a.npz", None, "cache/a.npz")
ENDED = "error: out of memory; close other programs, run fewer jobs at once (--cores)"


class ResourceExhaustedError(Exception):
    """As TensorFlow's, of that name."""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), ENDED),
        (RuntimeError("std::bad_alloc"), ENDED),
        (RuntimeError("can't allocate lock"), ENDED),
        (pa.ArrowException("Unknown error: Failed to launch worker thread"), ENDED),
        (pa.ArrowMemoryError("malloc of size 64 failed"), ENDED),
        (ResourceExhaustedError("OOM when allocating tensor"), ENDED),
        (OSError(errno.ENOMEM, "Cannot allocate memory", "a.npz"), ENDED),
        (RuntimeError("can't start new thread"), "error: out of memory or of threads; "),
        (RuntimeError("a fault"), None),
        (COPY, "error: cache/a.npz: No space left on device; free some space there and run again"),
        (OSError(errno.EIO, "Error reading bytes"), "error: Error reading bytes; fix this and run"),
        (OSError(errno.EFBIG, "", "a.npz"), "error: a.npz: File too large; fix this and run again"),
        (OSError(errno.ENOSPC, "", "a.npz"), "error: a.npz: No space left on device; free some "),
        (OSError(errno.EROFS, "", "a.npz"), "error: a.npz: Read-only file system; "),
        (PermissionError(errno.EACCES, "", "results"), "error: results: Permission denied; "),
        (OSError(errno.EBADF, "", "a.npz"), None),
    ],
)
def test_what_lies_with_the_machine_is_told_in_one_line_and_bugs_are_not_hidden(
    error, told, capsys
):
    def main():
        raise error

    if told is None:
        with pytest.raises(type(error)) as passed:
            job.run(main)
        assert passed.value is error
        return
    with pytest.raises(SystemExit) as stopped:
        job.run(main)
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith(told)
    assert len(said.splitlines()) == 1


def said_by(main, capsys):
    with pytest.raises(SystemExit):
        job.run(main)
    return capsys.readouterr().err


def test_a_limit_of_memory_is_named_where_there_is_one(capsys, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (700 << 20, 700 << 20))
    line = said_by(failing(MemoryError()), capsys)
    assert line == f"{ENDED}, or raise the limit of 700 MiB (ulimit -v)\n"


@pytest.mark.parametrize(
    ("limit", "reported"), [(700 << 20, True), (resource.RLIM_INFINITY, False)]
)
def test_a_library_without_room_is_reported_where_memory_is_limited(
    capsys, monkeypatch, limit, reported
):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    error = OSError("Could not find/load shared object file")
    error.__context__ = ImportError("libarrow.so: failed to map segment from shared object")
    job._report(type(error), error, None)
    assert (capsys.readouterr().err.startswith(ENDED)) is reported


def test_without_a_folder_for_temporary_files_tmpdir_is_named(capsys, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/none/a", "/none/b"])
    line = said_by(tempfile.mkdtemp, capsys)
    assert "['/none/a', '/none/b']; set TMPDIR to a folder that can be written to\n" in line


def test_an_array_that_does_not_fit_into_memory_is_told_in_one_line(capsys):
    with pytest.raises(SystemExit):
        job.run(lambda: np.ones(2**60, np.uint8))
    assert capsys.readouterr().err.startswith("error: out of memory; ")
