"""Files whose lock a process holds until it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from digits.core.file_locks import create_held, is_held

HOLD = (
    "import sys; from pathlib import Path; from digits.core.file_locks import create_held;"
    " create_held(Path(sys.argv[1]), 'content'); print(flush=True); sys.stdin.read()"
)


def test_a_lock_is_held_until_its_process_is_killed(tmp_path):
    path = tmp_path / "held"
    scripts = Path(__file__).parents[3] / "scripts"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(scripts)},
    ) as process:
        process.stdout.readline()
        assert path.read_text() == "content"
        assert is_held(path)
        assert is_held(path), "looking changes nothing"
        process.send_signal(signal.SIGKILL)
    assert not is_held(path)
    assert [each.name for each in tmp_path.iterdir()] == ["held"]


def test_a_file_that_appears_is_held_already(tmp_path, monkeypatch):
    seen = []
    rename = Path.rename

    def look_first(temporary, path):
        seen.append((is_held(temporary), temporary.read_text(), path.exists()))
        return rename(temporary, path)

    monkeypatch.setattr(Path, "rename", look_first)
    create_held(tmp_path / "held", "content")
    assert seen == [(True, "content", False)]


def test_a_file_that_is_not_there_is_not_held_and_not_made(tmp_path):
    assert not is_held(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []
