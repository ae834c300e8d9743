"""The zip of a competition's files: complete, and with rows of text first."""

import zipfile

import pytest

from digits.core.errors import DataError
from digits.data.competition import check_archive

FILES = {"train.csv": b"label,pixel0\r\n1,2\r\n", "readme.bin": b"\0"}
SIZES = {name: len(content) for name, content in FILES.items()}


@pytest.fixture
def write(tmp_path):
    def write(files=FILES):
        with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return tmp_path / "some.zip"

    return write


def test_a_complete_zip_is_accepted_and_may_hold_more_than_is_listed(write):
    check_archive(write(), SIZES)
    check_archive(write(), {"train.csv": SIZES["train.csv"]})
    check_archive(write())


@pytest.mark.parametrize(
    ("files", "sizes", "fault"),
    [
        (FILES, SIZES | {"test.csv": 9}, "expected the file 'test.csv', as Kaggle lists it, found"),
        (FILES, SIZES | {"train.csv": 1_000}, "train.csv: expected 1,000 bytes, as Kaggle lists"),
        ({}, {}, "expected at least one file, found none"),
        ({"a.csv": b"<html>\n"}, None, "a.csv, row 1: expected a row of a CSV, found '<html>'"),
        ({"a.csv": b"\0\1\n"}, None, "a.csv, row 1: expected a row of a CSV, found"),
        ({"a.csv": b""}, None, "a.csv, row 1: expected a row of a CSV, found ''"),
    ],
)
def test_a_zip_that_is_not_as_listed_is_refused(write, files, sizes, fault):
    with pytest.raises(DataError) as raised:
        check_archive(write(files), sizes)
    assert fault in str(raised.value)
    assert str(raised.value).startswith(str(write()))


@pytest.mark.parametrize("damage", ["cut", "flipped", "html"])
def test_a_damaged_zip_is_refused(write, damage):
    path = write()
    content = bytearray(path.read_bytes())
    content[45] ^= 255  # of the first file's bytes
    changed = {"cut": content[:60], "flipped": content, "html": b"<html>no</html>"}
    path.write_bytes(changed[damage])
    with pytest.raises(DataError, match=r"corrupt; run again"):
        check_archive(path)
