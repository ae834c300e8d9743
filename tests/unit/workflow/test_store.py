"""The store of outputs: found by content, checked when taken out, shared without harm."""

import os
import threading

import pytest

from digits.workflow.store import content_key, entries, prune, reuse


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


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


def test_outputs_are_made_once_and_found_again_elsewhere(tmp_path, store, capsys):
    first, second = Work(tmp_path / "one"), Work(tmp_path / "two")
    reuse(store, "key", first.outputs, first)
    reuse(store, "key", second.outputs, second)
    assert (first.times, second.times) == (1, 0)
    assert second.contents() == first.contents()
    assert f"taken from {store / 'key'}" in capsys.readouterr().out


def test_without_a_store_everything_is_made_and_nothing_kept(tmp_path):
    work = Work(tmp_path / "one")
    for _ in range(2):
        reuse(None, "key", work.outputs, work)
    assert work.times == 2
    assert names(tmp_path) == ["one"]


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
def test_a_damaged_entry_is_made_anew(tmp_path, store, harm):
    work = Work(tmp_path / "one")
    reuse(store, "key", work.outputs, work)
    victim = store / "key" / ("manifest.json" if harm == "manifest" else "b.json")
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
    assert third.times == (1 if harm == "remove" else 0)


def test_a_result_that_is_changed_later_does_not_change_the_store(tmp_path, store):
    work = Work(tmp_path / "one")
    reuse(store, "key", work.outputs, work)
    work.outputs[0].write_text("scribble")
    again = Work(tmp_path / "two")
    reuse(store, "key", again.outputs, again)
    assert again.times == 0
    assert again.contents()[0] == "result a.csv"


def test_failing_work_leaves_no_entry(tmp_path, store):
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        reuse(store, "key", [tmp_path / "a"], fail)
    assert not store.exists() or not names(store)


def test_a_store_that_cannot_be_written_does_not_cost_the_outputs(tmp_path, capsys):
    (tmp_path / "store").write_text("a file")
    work = Work(tmp_path / "one")
    reuse(tmp_path / "store", "key", work.outputs, work)
    assert work.contents()
    assert "not kept in" in capsys.readouterr().err


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
    assert names(store) == ["key"]
    last = Work(tmp_path / "last")
    reuse(store, "key", last.outputs, last)
    assert last.times == 0


def test_pruning_takes_what_was_used_longest_ago(tmp_path, store):
    for number in range(4):
        work = Work(tmp_path / str(number), text="x" * 1000)
        reuse(store, f"key{number}", work.outputs, work)
        os.utime(store / f"key{number}" / "manifest.json", (number, number))
    # The oldest is used again, and so becomes the newest.
    work = Work(tmp_path / "again", text="x" * 1000)
    reuse(store, "key0", work.outputs, work)
    assert work.times == 0
    found = entries(store)
    assert [entry.path.name for entry in found] == ["key1", "key2", "key3", "key0"]
    size = sum(file.stat().st_size for file in (store / "key1").iterdir())
    assert found[0].bytes == size > 2000
    removed = prune(store, 2 * size)
    assert [entry.path.name for entry in removed] == ["key1", "key2"]
    assert names(store) == ["key0", "key3"]
    assert prune(store, 10**9) == []
