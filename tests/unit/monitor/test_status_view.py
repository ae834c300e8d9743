"""The status as a table: readable in a narrow terminal and a wide one, however many the trials."""

import io
import random
import re

import pytest
from rich.console import Console

from digits.core.design import Design
from digits.monitor.status import Stage, Status
from digits.monitor.status_view import show
from digits.monitor.trial_progress import STATES, TrialProgress

STAGES = (Stage("data", 3, 3), Stage("trainings", 2, 6), Stage("report", 0, 1))


def status(trials, **changes) -> Status:
    known = {"there": True, "alive": True, "stages": STAGES, "scores": {}} | changes
    levels = zip(*(trial.cell for trial in trials), strict=True)
    factors = zip(
        ("layers", "nodes"), (tuple(dict.fromkeys(each)) for each in levels), strict=False
    )
    return Status("small", trials=tuple(trials), design=Design(dict(factors)), **known)


def printed(status, width=80, rows=None, terminal=False) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, legacy_windows=False)
    console.print(show(status, rows=rows, wide=width >= 100))
    text = file.getvalue().replace("\N{MULTIPLICATION SIGN}", "x").replace("\N{EN DASH}", "-")
    return text.splitlines()


def rows_of(lines: list[str]) -> list[list[str]]:
    (rule,) = [number for number, line in enumerate(lines) if re.fullmatch("─+ *", line)]
    rows = lines[rule + 1 :]
    return [re.split(r" {2,}", line.strip()) for line in rows[: rows.index("")]]


TRIALS = [
    TrialProgress((2, 16), 0, 5, "finished", epoch=10, epochs=10, accuracy=0.95, seconds=83.2),
    TrialProgress((2, 32), 0, 5, "running", epoch=4, epochs=10, accuracy=0.94, seconds=40, left=61),
    TrialProgress((3, 16), 0, 5, "failed", epoch=2, epochs=10, message="epoch 3: the loss is nan"),
    TrialProgress((3, 32), 0, 5, "killed", epoch=3, epochs=10, accuracy=0.93, seconds=9),
    TrialProgress((4, 16), 0, 5, "waiting", epochs=10),
]


def test_each_trial_is_a_row_with_what_is_known_of_it():
    lines = printed(status(TRIALS, scores={(2, 16): 0.9612}))
    (heads,) = [line for line in lines if line.startswith("Layers")]
    assert re.split(r" {2,}", heads.strip()) == [
        "Layers", "Nodes", "State", "Epoch", "Accuracy", "Time", "Left", "Score"
    ]  # fmt: skip
    assert rows_of(lines) == [
        ["2", "16", "finished", "10/10", "0.9500", "1 min 23 s", "-", "0.9612"],
        ["2", "32", "running", "4/10", "0.9400", "40 s", "1 min 01 s", "-"],
        ["3", "16", "failed", "2/10", "-", "-", "-", "-"],
        ["3", "32", "killed", "3/10", "0.9300", "9 s", "-", "-"],
        ["4", "16", "waiting", "0/10", "-", "-", "-", "-"],
    ]


# To come are 61 s and twice the mean of 83.2 s and 40 + 61 s, one after the other.
def test_the_lines_around_report_counts_failures_stages_and_the_best():
    lines = printed(status(TRIALS), width=140)
    assert lines[0] == (
        "Experiment small: 1 of 5 trainings finished, 1 running, 1 failed, 1 killed, 1 waiting;"
        " about 4 min 05 s left"
    )
    assert "3 x 16, fold 0, seed 5: epoch 3: the loss is nan" in lines
    assert "data\xa0✓  trainings\xa02/6  report\xa00/1" in lines
    assert lines[-1] == "Best so far: 2 x 16, validation accuracy 0.9500"


def test_cells_that_look_equally_good_are_all_named_as_the_best():
    twins = [
        TrialProgress((2, n), f, 5, "finished", accuracy=0.95) for n in (16, 32) for f in (0, 1)
    ]
    lines = printed(status(twins, alive=False, stages=(Stage("report", 1, 1),)))
    assert lines[-1] == "Best: 2 x 16 and 2 x 32, mean validation accuracy 0.9500"


def test_folds_and_seeds_are_shown_if_there_are_several():
    several = [TrialProgress((2, 16), fold, seed, epochs=3) for fold in (0, 1) for seed in (5, 6)]
    lines = printed(status(several))
    assert rows_of(lines)[-1][:5] == ["2", "16", "1", "6", "waiting"]


def test_an_experiment_without_a_run_is_reported():
    assert printed(status(TRIALS[:1], alive=False))[0].endswith("; no run is working on it")
    assert printed(status([], there=False)) == [
        "Experiment small: not started, it has no results yet."
    ]


def many() -> list[TrialProgress]:
    draw = random.Random(1)
    return [
        TrialProgress(
            (layers, nodes), fold, 5, state := draw.choice(STATES), epochs=20,
            epoch=draw.randrange(20), accuracy=draw.random() if state == "finished" else None,
            message="epoch 1: the loss is nan" if state == "failed" else "",
        )
        for layers in range(1, 9) for nodes in range(16, 28) for fold in range(5)
    ]  # fmt: skip


@pytest.mark.parametrize("width", [80, 140])
def test_many_trials_are_summed_up_by_cell_in_as_many_rows_as_fit(width):
    trials = many()
    lines = printed(status(trials), width=width, rows=30)
    assert len(lines) <= 30 + 9
    assert all(len(line) <= width for line in lines)
    (more,) = [line for line in lines if re.match(r" and \d+ more cells: ", line)]
    shown = rows_of([*lines[: lines.index(more)], ""])
    assert len(shown) + int(more.split()[1]) == 96
    counted = " ".join([more, *(row[2] for row in shown)])
    for state in STATES:
        count = sum(map(int, re.findall(rf"(\d+) {state}", counted)))
        assert count == sum(trial.state == state for trial in trials)


def test_every_trial_is_shown_where_there_is_no_limit():
    assert len(rows_of(printed(status(many())))) == 480


@pytest.mark.parametrize("width", [80, 140])
def test_without_a_terminal_there_are_no_control_codes(width, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    text = "\n".join(printed(status(TRIALS), width=width))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    assert "\x1b[" in "\n".join(printed(status(TRIALS), width=width, terminal=True))


def test_what_a_file_says_is_no_markup_of_the_terminal():
    bad = [TrialProgress((2, 16), 0, 5, "failed", message="[bold]x[/] [link=http://a.b]y[/link]")]
    assert "2 x 16, fold 0, seed 5: [bold]x[/] [link=http://a.b]y[/link]" in printed(status(bad))
