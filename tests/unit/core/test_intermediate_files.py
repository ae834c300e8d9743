"""Whatever goes wrong at reading a file ends in one line that names it and says what to do."""

import errno
import struct
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.core.errors import ConfigError, DataError
from digits.core.intermediate_files import ADVICE, ContentError, reading

PATH = Path("results/a.csv")


def line_for(error, **options) -> str:
    with pytest.raises(DataError) as caught, reading(PATH, **options):
        raise error
    return str(caught.value)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no rows"), "no rows"),
        (OSError("file signature not found"), "file signature not found"),
        (OSError(errno.EINVAL, "negative seek value"), "[Errno 22] negative seek value"),
        (KeyError("config"), "KeyError: 'config'"),
        (pa.ArrowInvalid("no magic bytes"), "no magic bytes"),
        (zipfile.BadZipFile("File is not a zip file"), "BadZipFile: File is not a zip file"),
        (yaml.YAMLError("two\n  lines"), "YAMLError: two lines"),
        (ET.ParseError("no element found"), "ParseError: no element found"),
        (struct.error("4 bytes needed"), "error: 4 bytes needed"),
        (RecursionError("too deep"), "RecursionError: too deep"),
        (ValueError(), "ValueError: "),
    ],
)
def test_any_error_says_that_the_file_is_corrupt(error, reason):
    assert line_for(error) == f"{PATH}: {reason}{ADVICE}"
    assert line_for(error, given=True) == f"{PATH}: {reason}"


@given(st.text())
@settings(deadline=None)
def test_a_reason_takes_one_line_that_is_not_long(text):
    line = line_for(ValueError(text))
    assert len(line.splitlines()) == 1
    assert len(line) < 400


def test_the_place_is_named_after_the_file():
    error = ContentError("expected a number, found 'x'", "row 3, column loss")
    expected = f"{PATH}, row 3, column loss: expected a number, found 'x'"
    assert line_for(error) == expected + ADVICE
    assert line_for(error, given=True) == expected


def test_a_missing_file_and_one_that_the_system_refuses_are_not_called_corrupt():
    assert line_for(FileNotFoundError(errno.ENOENT, "x")) == f"{PATH}: no such file"
    refused = f"{PATH}: Permission denied; fix this and run again"
    assert line_for(PermissionError(errno.EACCES, "x")) == refused


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        pa.ArrowMemoryError("malloc of size 64 failed"),
        pa.ArrowException("Unknown error: Failed to launch worker thread"),
        OSError("ZSTD decompression failed: Allocation error : not enough memory"),
        OSError(errno.ENOMEM, ""),
        DataError(f"{PATH}: no rows{ADVICE}"),
        ConfigError("config: epochs: expected a number"),
        KeyboardInterrupt(),
    ],
)
def test_a_lack_of_memory_and_errors_of_the_library_pass_as_they_are(error):
    with pytest.raises(type(error)) as caught, reading(PATH):
        raise error
    assert caught.value is error


def test_a_file_that_can_be_read_is_left_alone():
    with reading(PATH):
        pass
