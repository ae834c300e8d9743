"""Snakemake's records beside the results that a storage keeps."""

import json
import shutil
from base64 import urlsafe_b64encode
from types import SimpleNamespace

import pytest

from digits.core.errors import DigitsError
from digits.workflow.stored_records import StoredRecords

PREFIX = "s3://bucket/ann"


class Object:
    """An object in a folder that stands in for a bucket."""

    def __init__(self, folder, query):
        self.query, self.file = query, folder / query.rpartition("/")[2]

    def set_local_path(self, path):
        self.path = path

    def exists(self):
        return self.file.exists()

    def retrieve_object(self):
        shutil.copy(self.file, self.path)

    def store_object(self):
        shutil.copy(self.path, self.file)


@pytest.fixture
def bucket(tmp_path):
    folder = tmp_path / "bucket"
    folder.mkdir()
    return folder


def records(bucket, folder):
    return StoredRecords(
        SimpleNamespace(
            storage_registry=SimpleNamespace(
                default_storage_provider=SimpleNamespace(object=lambda query: Object(bucket, query))
            ),
            storage_settings=SimpleNamespace(default_storage_prefix=PREFIX),
        ),
        "own",
        folder,
    )


def write(folder, address, endtime, length=40):
    """Write a record as Snakemake does: long names are in folders."""
    coded = urlsafe_b64encode(address.encode()).decode()
    parts = [coded[start : start + length] for start in range(0, len(coded), length)]
    path = folder.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"endtime": endtime}))
    return path


def endtimes(folder):
    found = folder.rglob("*")
    return {
        str(path.relative_to(folder)): json.loads(path.read_text())["endtime"]
        for path in found
        if path.is_file()
    }


def test_records_are_found_again_in_another_checkout(bucket, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for n, address in enumerate([f"{PREFIX}/results/own/design.json", f"{PREFIX}/results/own/a/b"]):
        write(here, address, n)
    kept = endtimes(here)
    write(here, "data/demo/train.csv", 7)
    write(here, f"{PREFIX}/results/other/design.json", 8)
    (here / "no record").write_text("{}")
    records(bucket, here).store()
    records(bucket, there).fetch()
    assert endtimes(there) == kept


def test_the_newer_of_two_records_stays(bucket, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for name, times in {"a": (1, 2), "b": (2, 1)}.items():
        for folder, time in zip((here, there), times, strict=True):
            write(folder, f"{PREFIX}/results/own/{name}", time)
    damaged = write(there, f"{PREFIX}/results/own/c", 3)
    damaged.write_text("{")
    write(here, f"{PREFIX}/results/own/c", 1)
    records(bucket, here).store()
    records(bucket, there).fetch()
    assert sorted(endtimes(there).values()) == [1, 2, 2]


def test_without_records_in_the_storage_there_is_nothing_to_fetch(bucket, tmp_path):
    records(bucket, tmp_path / "there").fetch()
    assert not (tmp_path / "there").exists()


def test_damaged_records_are_left_out(bucket, tmp_path, capsys):
    (bucket / "records.zip").write_bytes(b"no zip")
    records(bucket, tmp_path / "there").fetch()
    assert "records.zip: File is not a zip file; it is left out" in capsys.readouterr().err


def test_a_storage_that_fails_is_a_line(bucket, tmp_path):
    kept = records(bucket, tmp_path)
    error = OSError("Could not connect to the endpoint URL: ...")
    kept.provider.object = lambda query: SimpleNamespace(
        query=query, set_local_path=lambda path: None, exists=lambda: (_ for _ in ()).throw(error)
    )
    with pytest.raises(DigitsError, match=f"^{PREFIX}/results/own/records.zip: it does not answer"):
        kept.fetch()
