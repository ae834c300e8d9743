"""Files appear complete or not at all."""

import errno
import hashlib
import json

import pytest

from digits.core.atomic_files import replacing, sha256, write_json, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    with replacing(path) as temporary:
        temporary.write_text("whole")
        assert temporary.parent == path.parent  # else the rename might cross file systems
        assert not path.exists()
    assert path.read_text() == "whole"
    assert names(path.parent) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_nothing_behind(tmp_path, error):
    with pytest.raises(error), replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("part")
        raise error
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (OSError(errno.ENOSPC, ""), "a.txt"),
        (OSError(errno.EFBIG, ""), "a.txt"),
        (OSError(errno.ENOSPC, "", "elsewhere"), "elsewhere"),
        (OSError(errno.EIO, ""), None),
    ],
)
def test_a_full_disk_is_reported_with_the_file_that_is_written(tmp_path, error, name):
    with pytest.raises(OSError, match="Errno") as raised, replacing(tmp_path / "a.txt"):
        raise error
    assert raised.value.errno == error.errno
    assert raised.value.filename == (str(tmp_path / name) if name == "a.txt" else name)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ValueError, match="stop"), replacing(path) as temporary:
        temporary.write_text("part")
        raise ValueError("stop")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_an_old_file_is_replaced_and_its_hard_links_keep_the_old_text(tmp_path):
    path, link = tmp_path / "a.txt", tmp_path / "link"
    path.write_text("old")
    link.hardlink_to(path)
    write_text(path, "new")
    assert (path.read_text(), link.read_text()) == ("new", "old")


def test_a_block_that_writes_nothing_fails(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.txt"):
        pass
    assert names(tmp_path) == []


def test_text_is_utf8_with_unix_line_ends(tmp_path):
    write_text(tmp_path / "a.txt", "é\n…\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa9\n\xe2\x80\xa6\n"


def test_json_is_readable_and_ends_with_a_newline(tmp_path):
    value = {"b": [1, 0.1], "a": {"é": None}}
    write_json(tmp_path / "a.json", value)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == value
    assert text.startswith('{\n  "b": [') and '"é": null' in text and text.endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_does_not_know_are_refused(tmp_path, value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"score": value})
    assert names(tmp_path) == []


def test_sha256_is_that_of_all_bytes(tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()
