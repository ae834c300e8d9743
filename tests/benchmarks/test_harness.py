"""The harness measures what it claims, and writes down what was measured."""

import json
import os
import sys

import harness
import pytest
from harness import BenchmarkError, Process, Spread, alternate, compare, ratios, run, short, table

PYTHON = [sys.executable, "-c"]


def test_the_peak_of_a_known_allocation_is_seen():
    # By a process that imports the harness alone, as the benchmarks do: pytest is far from lean.
    lean = "import harness, sys; print(harness.run([sys.executable, '-c', {!r}]).peak)"
    plain, large = (
        run([*PYTHON, lean.format(code)], cwd=harness.HERE).report
        for code in ("", "block = b'x' * 200_000_000")
    )
    assert plain < 60e6
    assert 190e6 < large - plain < 210e6


def test_the_peak_is_that_of_the_largest_process_of_several():
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', \"b'x' * 100_000_000\"])"
    assert run([*PYTHON, child]).peak > 100e6


def test_wall_and_processor_time_are_told_apart():
    slept = run([*PYTHON, "import time; time.sleep(0.5)"])
    assert slept.seconds >= 0.5
    assert slept.cpu_seconds < 0.5
    busy = run([*PYTHON, "import time\nwhile time.process_time() < 0.5: pass"])
    assert 0.5 <= busy.cpu_seconds <= busy.seconds + 0.05


def test_what_a_piece_reports_is_its_last_line():
    assert run([*PYTHON, "print('at work'); print('{\"seconds\": 1.5}')"]).report == {
        "seconds": 1.5
    }


def test_a_process_keeps_to_the_cores_it_is_given():
    core = max(os.sched_getaffinity(0))
    shown = run([*PYTHON, "import os; print(list(os.sched_getaffinity(0)))"], cores={core})
    assert shown.report == [core]


def test_two_processes_run_side_by_side(tmp_path):
    wait = "import pathlib, time\nwhile not pathlib.Path('there').exists(): time.sleep(0.01)"
    waiting = Process([*PYTHON, wait], cwd=tmp_path)
    Process([*PYTHON, "open('there', 'w')"], cwd=tmp_path).wait()
    assert waiting.wait().seconds > 0


def test_a_process_that_fails_is_told_with_what_it_said():
    with pytest.raises(BenchmarkError, match="out of paper"):
        run([*PYTHON, "raise SystemExit('out of paper')"])


def test_sides_take_turns():
    calls = []
    rounds = alternate(2, lambda: calls.append("a") or 1, lambda: calls.append("b") or 2)
    assert calls == ["a", "b", "a", "b"]
    assert rounds == [(1, 2), (1, 2)]


def test_ratios_are_taken_pair_by_pair():
    # The median of the ratios is not the ratio of the medians, which is 2.5 here.
    assert ratios([(6, 1), (5, 2), (4, 4)]) == Spread(2.5, 1, 6)
    assert ratios([(10, 1), (5, 5), (9, 3)]) == Spread(3, 1, 10)


def test_a_comparison_shows_both_sides_and_their_ratio():
    pairs = [(harness.Run(4, 0, 0, ""), harness.Run(2, 0, 0, ""))] * 3
    row = compare("time", pairs, lambda run: run.seconds, "s", ("theirs", "ours"))
    assert list(row) == ["", "theirs", "ours", "ratio"]
    assert row["theirs"].startswith("4.00 (4.00")
    assert row["ours"].endswith("2.00) s")
    assert row["ratio"].startswith("2.00")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.0123"), (1.5, "1.50"), (12.345, "12.3"), (99.96, "100"), (123456.7, "123,457")],
)
def test_numbers_have_three_digits(value, text):
    assert short(value) == text


def test_rows_become_a_markdown_table():
    assert table([{"a": 1, "b": "x"}]) == "| a | b |\n| --- | ---: |\n| 1 | x |"


def test_results_are_kept_with_the_machine_and_gathered_on_a_page(tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "RESULTS", tmp_path / "benchmarks")
    harness.write("training", "Training", "Two at a time.", [{"cell": "2 x 100"}], {"raw": [1.5]})
    harness.write("ingest", "Ingest", "A CSV.", [{"": "time", "ratio": "2"}], [run([*PYTHON, ""])])
    kept = json.loads((tmp_path / "benchmarks" / "ingest.json").read_text())
    assert kept["data"][0]["seconds"] > 0
    assert {"processor", "cores", "memory", "kernel", "python", "tensorflow"} <= set(
        kept["machine"]
    )
    assert kept["machine"]["cores"] == str(len(os.sched_getaffinity(0)))
    page = (tmp_path / "benchmarks" / "README.md").read_text()
    assert page.index("## Ingest") < page.index("| time | 2 |") < page.index("## Training")
    assert kept["machine"]["processor"] in page


def test_every_benchmark_has_its_place_on_the_page():
    scripts = {path.stem for path in harness.HERE.glob("*.py") if "    write(" in path.read_text()}
    # fast is reference.py with a recipe.
    assert scripts - {"harness", "test_harness"} == set(harness.ORDER) - {"fast"}
