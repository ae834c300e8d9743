"""Files are identified by content, whatever their dates."""

import os
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.data import content_hashes
from digits.data.content_hashes import (
    content_identity,
    identity_of_all,
    renew_replaced,
    source_identity,
)

HOUR = 3600


def put(path, content, age=HOUR):
    """Write a file that is some seconds old, as far as its date says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (time.time() - age,) * 2)
    return path


@pytest.fixture
def reads(monkeypatch):
    """The files that are read for a hash; the time since they were written is taken to be long."""
    files, hash_of = [], content_hashes.sha256
    monkeypatch.setattr(content_hashes, "sha256", lambda path: files.append(path) or hash_of(path))
    monkeypatch.setattr(content_hashes, "SETTLED", -1)
    return files


def test_the_same_bytes_have_the_same_identity_and_others_another(tmp_path):
    store = tmp_path / "store.json"
    first = content_identity(put(tmp_path / "a.csv", "1,2"), store)
    assert content_identity(put(tmp_path / "b.csv", "1,2", age=5), store) == first
    assert content_identity(put(tmp_path / "a.csv", "1,3"), store) != first


@pytest.mark.parametrize("age", [0, HOUR, 10 * HOUR])
def test_a_file_replaced_by_one_of_any_date_has_another_identity(tmp_path, age, reads):
    path, store = put(tmp_path / "a.csv", "1,2"), tmp_path / "store.json"
    first = content_identity(path, store)
    # As mv, unzip, tar and rsync -a do: another file of its own date takes the place.
    put(tmp_path / "other.csv", "1,3", age).replace(path)
    assert content_identity(path, store) != first


def test_a_file_is_read_again_only_when_its_status_has_changed(tmp_path, reads):
    path, store = put(tmp_path / "a.csv", "1,2"), tmp_path / "store.json"
    first = content_identity(path, store)
    assert content_identity(path, store) == first
    assert reads == [path]
    os.utime(path)
    assert content_identity(path, store) == first
    assert reads == [path, path]


def test_a_file_just_written_is_read_each_time(tmp_path, reads, monkeypatch):
    monkeypatch.setattr(content_hashes, "SETTLED", 60)
    path, store = put(tmp_path / "a.csv", "1,2", age=0), tmp_path / "store.json"
    content_identity(path, store)
    content_identity(path, store)
    assert reads == [path, path]


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"%s": 5}', '{"%s": []}'])
def test_a_damaged_store_is_none(tmp_path, damage):
    path, store = put(tmp_path / "a.csv", "1,2"), tmp_path / "store.json"
    first = content_identity(path, tmp_path / "elsewhere.json")
    store.write_text(damage.replace("%s", str(path)))
    assert content_identity(path, store) == first


def test_where_no_store_can_be_written_the_file_is_read(tmp_path):
    path = put(tmp_path / "a.csv", "1,2")
    first = content_identity(path, tmp_path / "store.json")
    (tmp_path / "file").write_text("")
    assert content_identity(path, tmp_path / "file" / "store.json") == first


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_source_that_is_a_file_of_its_own_counts_by_its_content(tmp_path, name):
    store = tmp_path / "store.json"
    first = source_identity(str(put(tmp_path / name, "1,2")), store)
    assert first == content_identity(tmp_path / name, store) != ""
    assert source_identity(str(put(tmp_path / name, "1,3", 2 * HOUR)), store) != first


def test_a_member_of_a_zip_counts_by_itself(tmp_path):
    path, store = tmp_path / "a.zip", tmp_path / "store.json"
    identities = []
    for members in ({"a.csv": "1", "b.csv": "1"}, {"a.csv": "1", "b.csv": "2"}, {"a.csv": "3"}):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        identities.append(source_identity(f"{path}::a.csv", store))
    assert identities[0] == identities[1] != identities[2]


@pytest.fixture
def results(tmp_path):
    """A folder of results that was looked at once: a file of an hour ago, and one of now."""
    put(tmp_path / "results/data/train.parquet", "images")
    put(tmp_path / "results/report/index.html", "page", age=10)
    assert renew(tmp_path) == []
    return tmp_path


def renew(folder):
    names = renew_replaced(folder / "dates.json", folder, ["results"])
    return [folder / name for name in names]


@pytest.mark.parametrize("age", [HOUR / 2, 2 * HOUR])
def test_a_result_replaced_by_an_older_file_has_a_new_date(results, age):
    path = put(results / "results/data/train.parquet", "other", age)
    assert renew(results) == [path]
    assert time.time() - path.stat().st_mtime < HOUR / 4
    assert renew(results) == []


def test_a_result_replaced_by_one_of_the_same_date_and_another_size_has_a_new_date(results):
    path = results / "results/data/train.parquet"
    date = path.stat().st_mtime
    path.write_text("many more images")
    os.utime(path, (date, date))
    assert renew(results) == [path]


def test_a_result_that_cannot_be_renewed_is_tried_again(results, monkeypatch):
    path = put(results / "results/data/train.parquet", "other", HOUR / 2)
    with monkeypatch.context() as patch:
        patch.setattr(os, "utime", lambda name: (_ for _ in ()).throw(PermissionError(name)))
        assert renew(results) == []
    assert renew(results) == [path]


def test_what_was_made_since_and_what_stayed_keep_their_dates(results):
    made = put(results / "results/report/index.html", "another page", age=1)
    new = put(results / "results/tables/new.csv", "old date", age=5 * HOUR)
    dates = [made.stat().st_mtime_ns, new.stat().st_mtime_ns]
    assert renew(results) == []
    assert [made.stat().st_mtime_ns, new.stat().st_mtime_ns] == dates


def test_a_result_that_was_gone_and_comes_back_as_another_has_a_new_date(results):
    path = results / "results/data/train.parquet"
    path.unlink()
    assert renew(results) == []
    put(path, "other images", 3 * HOUR)
    assert renew(results) == [path]


def test_a_single_file_may_be_meant(tmp_path):
    path, store = put(tmp_path / "a.csv", "1"), tmp_path / "dates.json"
    put(tmp_path / "b.csv", "1", age=5)
    names = ["a.csv", "b.csv", "absent.csv"]
    assert renew_replaced(store, tmp_path, names) == []
    put(path, "2", 2 * HOUR)
    assert renew_replaced(store, tmp_path, names) == ["a.csv"]


def test_a_folder_that_was_moved_is_known(results):
    put(results / "results/data/train.parquet", "other", HOUR / 2)
    (results / "moved").mkdir()
    (results / "results").rename(results / "moved/results")
    names = renew_replaced(results / "dates.json", results / "moved", ["results"])
    assert names == ["results/data/train.parquet"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 3))))
def test_only_known_files_that_are_no_newer_than_the_newest_are_renewed(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("results")
    (folder / "results").mkdir()
    known = {}
    for name, age, size in steps:
        path = put(folder / "results" / name, "x" * size, age=100 + age)
        status = [path.stat().st_size, path.stat().st_mtime_ns]
        newest = max((date for _, date in known.values()), default=0)
        expected = name in known and known[name] != status and status[1] <= newest
        assert renew(folder) == [path] * expected
        known[name] = [path.stat().st_size, path.stat().st_mtime_ns]


def test_a_folder_is_read_again_only_when_one_of_its_files_changed(tmp_path, monkeypatch):
    store, folder = tmp_path / "hashes.json", tmp_path / "mine"
    (folder / "cat").mkdir(parents=True)
    picture = folder / "cat/1.png"
    picture.write_bytes(b"1")
    monkeypatch.setattr(content_hashes, "SETTLED", -1)
    first = source_identity(str(folder), store)
    with monkeypatch.context() as patch:
        patch.setattr(content_hashes.sources, "sha256_of", lambda _: pytest.fail("it was read"))
        assert source_identity(str(folder), store) == first
    picture.write_bytes(b"2")
    assert source_identity(str(folder), store) != first


def test_several_sources_have_one_identity_that_depends_on_their_order(tmp_path):
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode())
    files, store = [f"{tmp_path}/a", f"{tmp_path}/b"], tmp_path / "hashes.json"
    assert identity_of_all(files[:1], store) == source_identity(files[0], store)
    assert identity_of_all(files, store) != identity_of_all(files[::-1], store)
