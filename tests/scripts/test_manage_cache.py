"""The program manage_cache."""

import os

import pytest

import manage_cache
from digits.core.errors import DataError
from digits.workflow.store import keep


@pytest.fixture
def cache(tmp_path):
    for number, name in enumerate(["old", "new"]):
        output = tmp_path / "model.keras"
        output.write_bytes(b"x" * 3000)
        keep(tmp_path / "cache" / name, [output])
        os.utime(tmp_path / "cache" / name / "manifest.json", (86400 * number, 86400 * number))
    return tmp_path / "cache"


def test_show_lists_the_entries_and_their_size(cache, capsys):
    manage_cache.main(["show", str(cache)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["old", "new", "2"]
    assert "model.keras" in lines[0]
    assert "3.0 KiB" in lines[0]
    assert lines[-1].startswith("2 entries, 6.")


def test_prune_leaves_what_fits_the_size_and_was_used_last(cache, capsys):
    manage_cache.main(["prune", str(cache), "--size", "4K"])
    assert [path.name for path in cache.iterdir()] == ["new"]
    assert capsys.readouterr().out.startswith("removed 1 entries, 3.")


def test_prune_without_a_size_leaves_nothing(cache, capsys):
    manage_cache.main(["prune", str(cache)])
    assert list(cache.iterdir()) == []
    assert capsys.readouterr().out.endswith("0 entries, 0 B\n")


@pytest.mark.parametrize("text", ["", "much", "-1", "1X", "1 G"])
def test_a_size_that_is_none_is_refused(cache, text, capsys):
    with pytest.raises(SystemExit):
        manage_cache.main(["prune", str(cache), f"--size={text}"])
    assert "is not a size" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("1024", 1024), ("1.5k", 1536), ("2G", 2**31), ("1TiB", 2**40)]
)
def test_sizes_are_read_with_their_unit(text, size):
    assert manage_cache.parse_size(text) == size


def test_a_cache_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="nowhere: no such folder"):
        manage_cache.main(["show", str(tmp_path / "nowhere")])
