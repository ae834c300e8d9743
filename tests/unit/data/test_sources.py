"""Raw CSV sources: found, opened and hashed as plain files, gzipped ones or members of zips."""

import bz2
import gzip
import hashlib
import lzma
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.core.errors import DataError
from digits.data.content_hashes import content_hash
from digits.data.sources import (
    labels_beside,
    locate,
    locate_all,
    member_identity,
    open_source,
    path_of,
    sha256_of,
)

CONTENT = b"label,pixel0\r\n1,255\r\n" * 1000


def write_zip(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(CONTENT)
    return str(path)


@pytest.fixture
def gzipped(tmp_path):
    path = tmp_path / "train.csv.gz"
    path.write_bytes(gzip.compress(CONTENT))
    return str(path)


@pytest.fixture
def zipped(tmp_path):
    path = write_zip(tmp_path / "digits.zip", **{"a/train.csv": CONTENT, "test.csv": b"x"})
    return f"{path}::a/train.csv"


def test_a_file_that_is_there_is_its_own_location(plain, gzipped, zipped):
    assert locate(plain) == plain
    assert locate(zipped) == zipped


def test_a_gzipped_twin_is_found_before_a_zip(tmp_path, gzipped, zipped):
    assert locate(str(tmp_path / "train.csv")) == gzipped


def test_a_member_of_a_zip_beside_the_path_is_found_in_a_subfolder(tmp_path, zipped):
    assert locate(str(tmp_path / "train.csv")) == zipped


def test_the_first_zip_that_holds_the_file_is_taken(tmp_path):
    write_zip(tmp_path / "c.zip", **{"train.csv": b""})
    write_zip(tmp_path / "b.zip", **{"train.csv": b"", "z/train.csv": b"", "a/train.csv": b""})
    write_zip(tmp_path / "a.zip", **{"__MACOSX/._train.csv": b"", "train.csv.txt": b""})
    assert locate(str(tmp_path / "train.csv")) == f"{tmp_path}/b.zip::train.csv"


def test_a_name_that_two_members_of_a_zip_have_is_told(tmp_path):
    archive = write_zip(tmp_path / "a.zip", **{"b/train.csv": b"", "a/train.csv": b""})
    told = f"{archive}: expected one member 'train.csv', found 'a/train.csv' and 'b/train.csv'; "
    for source in (f"{archive}::train.csv", f"{tmp_path}/train.csv"):
        with pytest.raises(DataError) as caught:
            locate(source)
        assert told in str(caught.value)
    assert locate(f"{archive}::b/train.csv") == f"{archive}::b/train.csv"


def test_the_only_member_of_a_zip_needs_no_name(tmp_path):
    members = {"a/train.csv": CONTENT, "__MACOSX/a/._train.csv": b"", "a/": b""}
    archive = write_zip(tmp_path / "only.zip", **members)
    assert locate(str(archive)) == f"{archive}::a/train.csv"


def test_a_damaged_zip_matters_only_where_no_other_zip_holds_the_file(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK, but cut short")
    with pytest.raises(DataError) as caught:
        locate(str(tmp_path / "train.csv"))
    missing, damaged = (
        f"{tmp_path}/train.csv: no such file, nor ",
        f"; {tmp_path}/a.zip: the file is corrupt",
    )
    assert str(caught.value).startswith(missing)
    assert damaged in str(caught.value)
    write_zip(tmp_path / "b.zip", **{"train.csv": b""})
    assert locate(str(tmp_path / "train.csv")) == f"{tmp_path}/b.zip::train.csv"


def test_a_member_named_without_its_subfolder_is_found(tmp_path, zipped):
    assert locate(f"{tmp_path}/digits.zip::train.csv") == zipped


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("digits.zip::sample.csv", "digits.zip: expected a member 'sample.csv', found none"),
        ("other.zip::train.csv", "other.zip: no such file"),
        (
            "sample.csv",
            "sample.csv: no such file, nor sample.csv.gz, nor a zip in its folder that contains it",
        ),
        ("digits.zip", "digits.zip: expected the name of a member too, as digits.zip::a/train.csv"),
        ("folder", "folder: expected a file, found a folder"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(tmp_path, zipped, monkeypatch, source, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError) as caught:
        locate(source)
    assert str(caught.value) == message


@pytest.mark.parametrize("source", ["data/raw/train.csv", "data/raw/digit-recognizer.zip::a.csv"])
def test_missing_files_of_the_competition_come_with_the_ways_to_get_them(
    tmp_path, monkeypatch, source
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        locate(source)
    message = str(caught.value)
    assert message.startswith(path_of(source) + ": no such file")
    assert "https://www.kaggle.com/competitions/digit-recognizer/data into data/raw" in message
    assert "`kaggle competitions download -c digit-recognizer -p data/raw`" in message
    assert "\n" not in message


def test_the_path_of_a_member_is_its_zip():
    assert path_of("data/raw/all.zip::a/train.csv") == "data/raw/all.zip"
    assert path_of("data/raw/train.csv.gz") == "data/raw/train.csv.gz"


@pytest.mark.parametrize("kind", ["plain", "gzipped", "zipped"])
def test_every_kind_of_source_gives_the_same_bytes_and_hash(request, kind):
    source = request.getfixturevalue(kind)
    with open_source(source) as file:
        assert file.read(5) == CONTENT[:5]
        assert file.read() == CONTENT[5:]
    assert sha256_of(source) == hashlib.sha256(CONTENT).hexdigest()


def cut_gzip(folder):
    path = folder / "cut.csv.gz"
    path.write_bytes(gzip.compress(CONTENT)[:-10])
    return path


def not_gzip(folder):
    path = folder / "plain.csv.gz"
    path.write_bytes(CONTENT)
    return path


def flipped_zip(folder):
    path = write_zip(folder / "flipped.zip", **{"train.csv": CONTENT})
    content = bytearray(path.read_bytes())
    content[60] ^= 255
    path.write_bytes(content)
    return f"{path}::train.csv"


def test_a_file_that_is_not_gzipped_though_named_so_is_told(tmp_path):
    source = str(not_gzip(tmp_path))
    with pytest.raises(DataError, match="expected gzipped data, as its name says"):
        open_source(source).read()


@pytest.mark.parametrize("damage", [cut_gzip, flipped_zip])
def test_a_damaged_file_is_named_when_it_is_read(tmp_path, damage):
    source = str(damage(tmp_path))
    with pytest.raises(DataError) as caught, open_source(source) as file:
        file.read()
    assert str(caught.value).startswith(
        f"{source}: the file is corrupt or incomplete; download it again ("
    )


def test_opening_what_is_not_there_names_it(tmp_path, zipped):
    with pytest.raises(DataError, match=r"none\.csv: no such file"):
        open_source(f"{tmp_path}/none.csv")
    with pytest.raises(DataError, match=r"digits\.zip: expected a member 'none\.csv', found none"):
        open_source(f"{tmp_path}/digits.zip::none.csv")
    with pytest.raises(DataError, match="expected a file, found a folder"):
        open_source(str(tmp_path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sources")


@given(kind=st.sampled_from(["gz", "stored", "deflated", "lzma", "bzip2"]), data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_damage_is_told_in_one_line_or_does_no_harm(folder, kind, data):
    packing = {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}
    path = folder / f"a.{'csv.gz' if kind == 'gz' else 'zip'}"
    source = str(path)
    if kind == "gz":
        path.write_bytes(gzip.compress(CONTENT[:200]))
    else:
        with zipfile.ZipFile(path, "w", packing[kind]) as archive:
            archive.writestr("train.csv", CONTENT[:200])
        source = f"{path}::train.csv"
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)) | st.none())])
    try:
        found = locate(source)
        member_identity(found)
        with open_source(found) as file:
            assert file.read() in (CONTENT[:200], b"")
    except DataError as error:
        assert len(str(error).splitlines()) == 1
        assert str(error).startswith(str(path))


@pytest.mark.parametrize(("end", "compress"), [(".bz2", bz2.compress), (".xz", lzma.compress)])
def test_other_compressed_twins_are_found_and_read(tmp_path, end, compress):
    (tmp_path / f"train.csv{end}").write_bytes(compress(CONTENT))
    source = locate(str(tmp_path / "train.csv"))
    assert source == f"{tmp_path}/train.csv{end}"
    assert sha256_of(source) == hashlib.sha256(CONTENT).hexdigest()


def test_a_compressed_member_of_a_zip_is_found_and_decompressed(tmp_path):
    archive = write_zip(tmp_path / "a.zip", **{"gzip/train.csv.gz": gzip.compress(CONTENT)})
    source = locate(str(tmp_path / "train.csv"))
    assert source == f"{archive}::gzip/train.csv.gz"
    with open_source(source) as file:
        assert file.read() == CONTENT


def test_an_array_of_an_archive_is_a_member_without_its_ending(tmp_path):
    archive = write_zip(tmp_path / "mnist.npz", **{"x_train.npy": b"x", "y_train.npy": b"y"})
    assert locate(f"{archive}::y_train") == f"{archive}::y_train.npy"
    assert path_of(f"{archive}::y_train.npy") == str(archive)
    assert member_identity(f"{archive}::x_train.npy") != member_identity(f"{archive}::y_train.npy")


def test_a_folder_with_anything_in_it_is_a_source_and_hashed_by_its_files(tmp_path):
    (tmp_path / "mine/cat").mkdir(parents=True)
    (tmp_path / "mine/cat/1.png").write_bytes(b"1")
    assert locate(f"{tmp_path}/mine") == f"{tmp_path}/mine"
    before = content_hash(f"{tmp_path}/mine")
    (tmp_path / "mine/cat/1.png").rename(tmp_path / "mine/cat/2.png")
    renamed = content_hash(f"{tmp_path}/mine")
    (tmp_path / "mine/cat/2.png").write_bytes(b"2")
    assert len({before, renamed, content_hash(f"{tmp_path}/mine")}) == 3


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("a/train-images-idx3-ubyte.gz", "a/train-labels-idx1-ubyte.gz"),
        ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        ("emnist-letters-test-images-idx3-ubyte", "emnist-letters-test-labels-idx1-ubyte"),
        ("images.csv", None),
        ("images-idx3/train.csv", None),
    ],
)
def test_the_labels_of_idx_files_are_found_by_their_names(images, labels):
    assert labels_beside(images) == labels


def test_a_pattern_stands_for_its_files_and_a_name_with_its_characters_for_itself(tmp_path):
    for name in ("b.csv", "a.csv", "[x].csv", "x.csv"):
        (tmp_path / name).write_bytes(b"")
    assert locate_all([f"{tmp_path}/[ab].csv"]) == [f"{tmp_path}/a.csv", f"{tmp_path}/b.csv"]
    assert locate_all([f"{tmp_path}/[x].csv"]) == [f"{tmp_path}/[x].csv"]
