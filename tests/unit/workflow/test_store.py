"""The store of outputs: found by content, checked when taken out, shared without harm."""

import os
import threading
import time

import pytest

from digits.workflow import store as stores
from digits.workflow.store import Store, content_key, entries, prune, put, take


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store", 10**9)


@pytest.fixture
def folder(store):
    return store.folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def reuse(store, key, outputs, make):
    """Take outputs out of a store, or make them and put them into it."""
    if take(store, key, outputs):
        return True
    make()
    put(store, key, outputs)
    return False


class Work:
    """Makes two outputs and counts how often."""

    def __init__(self, folder, text="result"):
        self.outputs = [folder / "a.csv", folder / "b.json"]
        self.text, self.times = text, 0

    def __call__(self):
        self.times += 1
        for output in self.outputs:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(f"{self.text} {output.name}")

    def contents(self):
        return [output.read_text() for output in self.outputs]


def test_outputs_are_made_once_and_found_again_elsewhere(tmp_path, store):
    first, second = Work(tmp_path / "one"), Work(tmp_path / "two")
    assert not reuse(store, "key", first.outputs, first)
    assert reuse(store, "key", second.outputs, second)
    assert (first.times, second.times) == (1, 0)
    assert second.contents() == first.contents()


def test_what_differs_in_code_settings_or_inputs_has_a_key_of_its_own():
    keys = [
        content_key("1f", {"copies": 3}, ["aa", "bb"]),
        content_key("2f", {"copies": 3}, ["aa", "bb"]),
        content_key("1f", {"copies": 4}, ["aa", "bb"]),
        content_key("1f", {"copies": 3.0}, ["aa", "bb"]),
        content_key("1f", {"copies": 3}, ["bb", "aa"]),
    ]
    assert len(set(keys)) == len(keys)
    assert content_key({"a": 1, "b": 2}) == content_key({"b": 2, "a": 1})


@pytest.mark.parametrize("harm", ["change", "truncate", "remove", "manifest"])
def test_a_damaged_entry_is_made_anew_and_replaced(tmp_path, store, folder, harm):
    work = Work(tmp_path / "one")
    reuse(store, "key", work.outputs, work)
    victim = folder / "key" / ("manifest.json" if harm == "manifest" else "b.json")
    if harm == "remove":
        victim.unlink()
    else:
        victim.write_text({"change": "resulT b.json", "truncate": "", "manifest": "{"}[harm])
    again = Work(tmp_path / "two")
    reuse(store, "key", again.outputs, again)
    assert again.times == 1
    assert again.contents() == work.contents()
    third = Work(tmp_path / "three")
    reuse(store, "key", third.outputs, third)
    assert third.times == 0


def test_a_result_that_is_changed_later_does_not_change_the_store(tmp_path, store):
    work = Work(tmp_path / "one")
    reuse(store, "key", work.outputs, work)
    work.outputs[0].write_text("scribble")
    again = Work(tmp_path / "two")
    reuse(store, "key", again.outputs, again)
    assert again.times == 0
    assert again.contents()[0] == "result a.csv"


def test_failing_work_leaves_no_entry(tmp_path, store, folder):
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        reuse(store, "key", [tmp_path / "a"], fail)
    assert not folder.exists() or not names(folder)


def test_a_store_that_cannot_be_written_does_not_cost_the_outputs(tmp_path, store, capsys):
    store.folder.write_text("a file")
    work = Work(tmp_path / "one")
    reuse(store, "key", work.outputs, work)
    assert work.contents()
    assert "not kept in" in capsys.readouterr().err


def test_a_store_that_only_others_may_write_to_is_read(tmp_path, store, monkeypatch):
    work = Work(tmp_path / "one")
    reuse(store, "key", work.outputs, work)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.utime", refuse)
    again = Work(tmp_path / "two")
    reuse(store, "key", again.outputs, again)
    assert again.times == 0
    assert again.contents() == work.contents()


def test_an_entry_can_be_read_by_whoever_can_read_any_new_folder(tmp_path, store):
    work = Work(tmp_path / "one")
    reuse(store, "key", work.outputs, work)
    assert (store.folder / "key").stat().st_mode == work.outputs[0].parent.stat().st_mode


def test_a_full_disk_does_not_cost_the_store_its_entry(tmp_path, store, monkeypatch):
    work = Work(tmp_path / "one")
    reuse(store, "key", work.outputs, work)

    def refuse(source, target):
        raise OSError(28, "No space left on device", str(target))

    with monkeypatch.context() as full, pytest.raises(OSError, match="No space left"):
        full.setattr("shutil.copyfile", refuse)
        reuse(store, "key", work.outputs, work)
    again = Work(tmp_path / "two")
    reuse(store, "key", again.outputs, again)
    assert again.times == 0


def test_many_runs_at_once_leave_one_whole_entry(tmp_path, store):
    works = [Work(tmp_path / str(number)) for number in range(12)]
    threads = [
        threading.Thread(target=reuse, args=(store, "key", work.outputs, work)) for work in works
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(work.contents() == works[0].contents() for work in works)
    assert names(store.folder) == ["key"]
    last = Work(tmp_path / "last")
    reuse(store, "key", last.outputs, last)
    assert last.times == 0


def fill(folder, store, ages):
    """Make an entry of two files for each key, last used at a time in seconds since 1970."""
    for key, used in ages.items():
        work = Work(folder / key, text="x" * 1000)
        reuse(store, key, work.outputs, work)
        os.utime(store.folder / key / "manifest.json", (used, used))


def test_pruning_takes_what_was_used_longest_ago(tmp_path, store, folder):
    fill(tmp_path, store, {f"key{number}": number for number in range(4)})
    # The oldest is used again, and so becomes the newest.
    work = Work(tmp_path / "again", text="x" * 1000)
    reuse(store, "key0", work.outputs, work)
    assert work.times == 0
    found = entries(folder)
    assert [entry.path.name for entry in found] == ["key1", "key2", "key3", "key0"]
    size = sum(file.stat().st_size for file in (folder / "key1").iterdir())
    assert found[0].bytes == size > 2000
    removed = prune(folder, 2 * size)
    assert [entry.path.name for entry in removed] == ["key1", "key2"]
    assert names(folder) == ["key0", "key3"]
    assert prune(folder, 10**9) == []


def test_a_store_stays_within_its_size_by_itself(tmp_path, store, folder):
    fill(tmp_path, store, {"key2": 2, "key1": 1, "key3": 3})
    size = entries(folder)[0].bytes
    fill(tmp_path, Store(folder, 2 * size), {"key4": 4})
    assert names(folder) == ["key3", "key4"]
    # What was just made stays, even where it alone is larger than the store may be.
    fill(tmp_path, Store(folder, size - 1), {"key0": 0})
    assert names(folder) == ["key0"]


def test_what_a_killed_run_was_writing_is_removed_once_it_is_old(tmp_path, store, folder):
    for part in (".part-old", ".part-new"):
        (folder / part).mkdir(parents=True)
    hour_ago = time.time() - stores.ABANDONED - 1
    os.utime(folder / ".part-old", (hour_ago, hour_ago))
    fill(tmp_path, store, {"key": 1})
    assert names(folder) == [".part-new", "key"]


def test_many_runs_that_fill_a_small_store_leave_whole_entries(tmp_path, store, folder):
    fill(tmp_path, store, {"first": 1})
    small = Store(folder, 3 * entries(folder)[0].bytes)
    works = {f"key{number}": Work(tmp_path / str(number), "x" * 1000) for number in range(12)}
    threads = [
        threading.Thread(target=reuse, args=(small, key, work.outputs, work))
        for key, work in works.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(work.contents() for work in works.values())
    prune(folder, small.size)
    left = names(folder)
    assert 1 <= len(left) <= 3
    for key in left:
        again = Work(tmp_path / "again", "x" * 1000)
        reuse(small, key, again.outputs, again)
        assert again.times == 0


def test_the_rest_of_an_entry_that_was_being_removed_gives_way_to_a_new_one(
    tmp_path, store, folder
):
    first, second = Work(tmp_path / "one"), Work(tmp_path / "two")
    reuse(store, "key", first.outputs, first)
    (folder / "key" / stores.MANIFEST).unlink()
    reuse(store, "key", second.outputs, second)
    assert [entry.path.name for entry in entries(folder)] == ["key"]
