"""A run reads a file once for its checksum, and again when it has changed."""

import asyncio
from types import SimpleNamespace

import pytest
from snakemake.io import _IOFile

from digits.workflow import checksums


@pytest.fixture
def checksum(monkeypatch):
    """Snakemake's checksum of a file, and a list of the files that it reads."""
    read = []

    async def reads(file, threshold=None, force=False, algorithm=None):
        read.append(file.file)
        return f"sha256:{len(read)}"

    monkeypatch.setattr(_IOFile, "checksum", reads)
    checksums.read_files_once()

    def take(path, *, storage=False):
        file = SimpleNamespace(file=str(path), is_storage=storage)
        return asyncio.run(_IOFile.checksum(file, 100)), len(read)

    return take


def test_a_file_is_read_once(tmp_path, checksum, monkeypatch):
    path = tmp_path / "tensor.npz"
    path.write_text("images")
    monkeypatch.setattr(checksums, "SETTLED", -1)
    assert [checksum(path) for _ in range(3)] == [("sha256:1", 1)] * 3
    path.write_text("other images")
    assert checksum(path) == ("sha256:2", 2)


def test_a_file_that_has_just_been_written_is_read_again(tmp_path, checksum):
    path = tmp_path / "tensor.npz"
    path.write_text("images")
    assert [checksum(path) for _ in range(2)] == [("sha256:1", 1), ("sha256:2", 2)]


def test_what_snakemake_keeps_elsewhere_is_left_to_it(tmp_path, checksum, monkeypatch):
    path = tmp_path / "tensor.npz"
    path.write_text("images")
    monkeypatch.setattr(checksums, "SETTLED", -1)
    assert [checksum(path, storage=True)[1] for _ in range(2)] == [1, 2]


def test_a_missing_file_is_left_to_snakemake(tmp_path, checksum):
    assert [checksum(tmp_path / "missing")[1] for _ in range(2)] == [1, 2]
