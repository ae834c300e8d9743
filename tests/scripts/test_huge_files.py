"""Raw files that are small compressed and huge decompressed: one line, soon, in little memory."""

import gzip
import json
import os
import resource
import subprocess
import sys
import zipfile

import pytest
from raw_tables import CLEAN, HEADER

import ingest_images

MIB = 1 << 20
PATIENCE = 20
"""Processor seconds after which a program counts as hanging; a busy machine does not count."""

MEMORY = 250
"""MiB that a program may take beyond what it takes for a small file."""

TOO_LONG = "expected at most 4194304 bytes in a row, found more"


def run(source, output, classes=3):
    """Run the program in a process of its own; return what it says and its peak memory in MiB."""
    dataset = {"files": [str(source)], "image_shape": [2, 3], "classes": classes}
    command = [sys.executable, ingest_images.__file__, f"--dataset={json.dumps(dataset)}"]
    with subprocess.Popen(
        [*command, f"--output={output}", f"--found={output}.json"],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE)),  # noqa: PLW1509
    ) as process:
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 1, said or "it was killed, for it took too long"
    assert not list(output.parent.iterdir())
    return said, usage.ru_maxrss // (MIB if sys.platform == "darwin" else 1024)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """The peak memory in MiB for a small file."""
    folder = tmp_path_factory.mktemp("usual")
    (folder / "out").mkdir()
    (folder / "train.csv").write_text(f"{HEADER}\nx")
    return run(folder / "train.csv", folder / "out/train.parquet")[1]


def bomb(folder, piece, count):
    """Put a header and ``count`` MiB of a repeated piece into a zip."""
    path = folder / "bomb.zip"
    piece = piece * (MIB // len(piece))
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("train.csv", "w", force_zip64=True) as member,
    ):
        member.write(HEADER.encode() + b"\n")
        for _ in range(count):
            member.write(piece)
    assert path.stat().st_size < count * MIB // 100
    return f"{path}::train.csv"


def a_zip_bomb_of_zeros(folder):
    return bomb(folder, b"\0", 300), f"row 2: {TOO_LONG}"


def a_zip_bomb_of_empty_lines(folder):
    return bomb(folder, b"\n", 300), "row 2: expected an image, found 4194304 empty lines"


def a_zip_bomb_of_lines_with_a_space(folder):
    found = "column label: expected an integer from 0 to 2, found ' '"
    return bomb(folder, b" \n", 300), f"row 2, {found}"


def a_line_of_a_gigabyte(folder):
    with (folder / "train.csv").open("wb") as file:
        file.write(CLEAN)
        file.truncate(1 << 30)  # takes no room on the disk, reads as zeros
    return folder / "train.csv", f"row 6: {TOO_LONG}"


def a_header_of_a_gigabyte(folder):
    piece = gzip.compress(b"pixel," * (MIB // 6))
    (folder / "train.csv.gz").write_bytes(piece * 1024)
    return folder / "train.csv.gz", "row 1: expected a header of fewer than 4194304 bytes"


def a_fault_at_the_end_of_very_many_rows(folder):
    rows = 7_000_000
    piece = gzip.compress(b"1,0,0,0,0,0,0\n" * 70_000)
    content = gzip.compress(HEADER.encode() + b"\n") + piece * 100 + gzip.compress(b"3")
    (folder / "train.csv.gz").write_bytes(content)
    found = "column label: expected an integer from 0 to 2, found '3'"
    return folder / "train.csv.gz", f"row {rows + 2}, {found}"


HUGE = [
    a_zip_bomb_of_zeros,
    a_zip_bomb_of_empty_lines,
    a_zip_bomb_of_lines_with_a_space,
    a_line_of_a_gigabyte,
    a_header_of_a_gigabyte,
    a_fault_at_the_end_of_very_many_rows,
]


@pytest.mark.parametrize("make", HUGE, ids=lambda make: make.__name__)
def test_a_huge_file_is_told_soon_and_in_little_memory(tmp_path, usual, make):
    source, fault = make(tmp_path)
    (tmp_path / "out").mkdir()
    said, peak = run(source, tmp_path / "out/train.parquet")
    assert said == f"error: {source}, {fault}\n"
    assert peak < usual + MEMORY


def test_a_huge_label_in_quotes_is_told_in_little_memory(tmp_path, usual):
    source = tmp_path / "train.csv"
    label = b'"' + b"a" * (4 * MIB - 100) + b'"'
    source.write_bytes(HEADER.encode() + b"\n" + label + b",0,0,0,0,0,0\n")
    (tmp_path / "out").mkdir()
    said, peak = run(source, tmp_path / "out/train.parquet", ["A", "B"])
    found = f"expected one of A, B (dataset.classes), found '\"{'a' * 23}…'"
    assert said == f"error: {source}, row 2, column label: {found}\n"
    assert peak < usual + MEMORY
