# ruff: noqa: E501
"""Pictures in a zip: read as those in a folder, without being unpacked, or refused in one line."""

import zipfile
from pathlib import Path

import layouts
import pytest
from ingesting import described

from digits.core.errors import DataError
from digits.data.content_hashes import source_identity
from digits.data.image_tables import read_images
from digits.data.ingest import ingest
from digits.data.sources import is_folder, locate

IMAGES, LABELS = layouts.digits()
ONE = layouts.png(IMAGES[0])


def by_class(before: str = "") -> dict[str, bytes]:
    """Return 40 pictures, by their paths."""
    pairs = enumerate(zip(IMAGES[:40], LABELS, strict=False))
    return {f"{before}{label}/{n}.png": layouts.png(image) for n, (image, label) in pairs}


def write_zip(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


def read(folder: Path, source: str, **keys) -> bytes:
    """Read a source as the workflow finds it; nothing is unpacked."""
    before = set(folder.rglob("*"))
    found = locate(str(folder / source))
    ingest(described(found, image_shape=(8, 8), **keys), folder / "out.parquet")
    assert set(folder.rglob("*")) - before <= {folder / "out.parquet"}
    return (folder / "out.parquet").read_bytes()


def told(folder: Path, source: str, **keys) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, source, **keys)
    assert not (folder / "out.parquet").exists()
    return str(caught.value).replace(f"{folder}/", "")


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> bytes:
    """The table of the pictures in a folder."""
    folder = tmp_path_factory.mktemp("reference")
    for path, content in by_class("mine/").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return read(folder, "mine")


JUNK = {"__MACOSX/0/._1.png": b"x", "0/.DS_Store": b"x", "1/Thumbs.db": b"x", "2/": b""}


@pytest.mark.parametrize(
    ("source", "members"),
    [
        ("mine.zip", by_class()),
        ("mine.zip", by_class() | JUNK | {"licence.txt": b"x"}),
        ("mine.zip", by_class("a/b/")),
        ("mine.zip", {path.replace("/", "\\"): each for path, each in by_class("a/").items()}),
        ("mine.zip::train", by_class("train/") | by_class("test/") | {"train.csv": b"x"}),
        ("mine.zip::a/train/", by_class("a/train/") | {"b/train/0/1.png": b"x"}),
        ("mine.zip::train", by_class("data/train/train/") | {"data/test/1.png": b"x"}),
    ],
)
def test_a_zip_is_read_as_the_folder_that_was_packed(tmp_path, reference, source, members):
    write_zip(tmp_path / "mine.zip", members)
    assert read(tmp_path, source) == reference


@pytest.mark.parametrize(
    ("source", "more", "fault"),
    [
        ("mine.zip", {"../../0/x.png": ONE}, ": expected members with usual names, found '../../0/x"),
        ("mine.zip", {"/0/x.png": ONE}, ": expected members with usual names, found '/0/x.png'"),
        ("mine.zip", {"0/a\nb.png": ONE}, ": expected members with usual names, found '0/a\\nb.png'"),
        ("mine.zip", {"0/a.png": ONE, "0/a.png/b.png": ONE}, ": expected each member once, found '0/a"),
        ("mine.zip", {"0/a.png/b.png": ONE}, "::0/a.png: expected a picture, found a folder"),
        ("mine.zip", {"0/x.zip": b"PK\3\4"}, "::0/x.zip: expected a PNG or JPEG picture, found another"),
        ("mine.zip", {"0/x.png": bytes((1 << 26) + 1)}, "::0/x.png: expected a picture of at most 67,108,864"),
        ("mine.zip", {"0/x.png": b""}, "::0/x.png: expected a PNG or JPEG picture, found another file"),
        ("mine.zip", {"x.png": ONE}, "::x.png: expected subfolders only, found a file beside them"),
        ("mine.zip", by_class("z/"), ": expected a subfolder to be an integer from 0 to 9, found 'z';"
         " name the folder that has them, such as mine.zip::z"),
        ("mine.zip::a", {"x.zip": b"PK\3\4"}, ": expected a member 'a', found none"),
        ("mine.zip::x.zip", {"x.zip": b"PK\3\4"}, "::x.zip: expected a file of images, found a zip in a"),
        ("mine.zip::c", {"a/c/1.png": ONE, "b/c/1.png": ONE}, ": expected one member 'c', found 'a/c'"
         " and 'b/c'; name it as mine.zip::a/c"),
        ("mine.zip::1", {}, "::1: expected a subfolder per class, found files only"),
    ],
)  # fmt: skip
def test_a_hostile_or_unclear_zip_is_told_in_one_line(tmp_path, source, more, fault):
    write_zip(tmp_path / "mine.zip", by_class() | more)
    assert told(tmp_path, source).startswith(f"mine.zip{fault}")


def test_members_that_are_encrypted_damaged_or_far_too_deep_are_told(tmp_path):
    path = tmp_path / "mine.zip"
    whole = Path(write_zip(path, by_class())).read_bytes()
    locked = whole.replace(b"PK\3\4\x14\0\0", b"PK\3\4\x14\0\1").replace(
        b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1"
    )
    path.write_bytes(locked)
    assert told(tmp_path, "mine.zip") == (
        "mine.zip::0/0.png: encrypted; expected a zip without a password"
    )
    path.write_bytes(whole[:70] + bytes([whole[70] ^ 255]) + whole[71:])
    assert told(tmp_path, "mine.zip").startswith("mine.zip::0/0.png: the file is corrupt or")
    path.write_bytes(whole[:-100])
    assert told(tmp_path, "mine.zip").startswith("mine.zip: the file is corrupt or incomplete")
    write_zip(path, by_class() | {"0/" + "a/" * 5000 + "x.png": ONE})
    with pytest.raises(DataError, match="expected at most 16 levels of folders"):
        source_identity(str(path), tmp_path / "hashes.json")


def test_the_identity_of_a_folder_in_a_zip_is_that_of_its_members(tmp_path):
    def identity():
        return source_identity(source, tmp_path / "hashes.json")

    path = tmp_path / "mine.zip"
    write_zip(path, {"a/0/1.png": ONE, "b/0/1.png": ONE})
    source = locate(f"{path}::a")
    assert is_folder(source)
    before = identity()
    write_zip(path, {"a/0/1.png": ONE, "b/0/1.png": b"", "a/.DS_Store": b"x"})
    assert identity() == before
    write_zip(path, {"a/0/2.png": ONE})
    renamed = identity()
    write_zip(path, {"a/0/2.png": b"x"})
    assert len({before, renamed, identity()}) == 3


def test_labels_in_a_csv_go_by_the_names_of_the_pictures(tmp_path):
    pictures = {f"train/k{n}.png": layouts.png(image) for n, image in enumerate(IMAGES[:30])}
    rows = [f"k{n},{label}\n" for n, label in enumerate(LABELS[:30])]

    def labelled(rows):
        write_zip(
            tmp_path / "mine.zip", pictures | {"train.csv": ("id,label\n" + "".join(rows)).encode()}
        )
        files = locate(f"{tmp_path}/mine.zip::train"), locate(f"{tmp_path}/mine.zip::train.csv")
        ingest(described([files[0]], image_shape=(8, 8), label_files=files[1:]), tmp_path / "out")
        return read_images(tmp_path / "out").labels.tolist()

    assert labelled(rows[::-1]) == LABELS[:30].tolist()
    assert labelled([row.replace(",", ".png,") for row in rows[::-1]]) == LABELS[:30].tolist()
    for wrong, fault in [
        (rows[1:], ": expected a label of each picture, found none of 'k0.png'"),
        ([*rows, rows[3]], ", row 32: expected each picture once, found 'k3' again"),
        ([*rows, "k99,1\n"], ", row 32: expected the name of a picture, found 'k99'"),
    ]:
        with pytest.raises(DataError) as caught:
            labelled(wrong)
        assert str(caught.value) == f"{tmp_path}/mine.zip::train.csv{fault}"
