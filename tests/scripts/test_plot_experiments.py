"""The program plot_experiments."""

import pytest
from results_folder import finish

import plot_experiments
from digits.core.errors import ConfigError, DataError
from digits.monitor.experiments import read_experiment
from digits.plots.experiments import experiments

SLOW = {(2, 16, 0, 5): {"val_accuracy": 0.97, "cpu_seconds": 40.0}}
FAST = {
    (2, 16, 0, 5): {"val_accuracy": 0.98, "cpu_seconds": 2.0},
    (3, 16, 0, 5): {"val_accuracy": 0.99, "cpu_seconds": 4.0},
    (4, 16, 0, 5): {"val_accuracy": None, "failed": "epoch 1: the loss is nan"},
}


@pytest.fixture
def results(tmp_path):
    finish(tmp_path / "slow", SLOW)
    finish(tmp_path / "fast", FAST, design={"layers": [2, 3, 4]})
    return tmp_path


def test_every_cell_that_did_not_fail_is_drawn_in_its_experiment(results):
    read = [read_experiment(results / name) for name in ("slow", "fast")]
    figure = experiments({each.name: each.results for each in read}, "cpu_seconds")
    [axes] = figure.axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
    assert lines == {
        "Pareto front": [[2.0, 0.98], [4.0, 0.99]],
        "slow": [[40.0, 0.97]],
        "fast": [[2.0, 0.98], [4.0, 0.99]],
    }
    assert [text.get_text() for text in axes.texts] == ["2 × 16", "2 × 16", "3 × 16"]  # noqa: RUF001
    assert "On the Pareto front: 2 × 16 of fast, 3 × 16 of fast" in figure.get_label()  # noqa: RUF001


def test_of_an_experiment_with_many_cells_only_the_most_accurate_is_named(tmp_path):
    levels = list(range(2, 15))
    many = {(n, 16, 0, 5): {"val_accuracy": 0.9 + n / 1000, "cpu_seconds": n} for n in levels}
    finish(tmp_path / "many", many, design={"layers": levels})
    many = read_experiment(tmp_path / "many")
    [axes] = experiments({"many": many.results}, "cpu_seconds").axes
    assert [text.get_text() for text in axes.texts] == ["14 × 16"]  # noqa: RUF001


def test_the_program_draws_the_same_plot_twice(results, tmp_path):
    pictures = []
    for name in ("one.svg", "two.svg"):
        arguments = ["slow", "fast", "--results", str(results), "--output", str(tmp_path / name)]
        plot_experiments.main(arguments)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]
    assert b"processor time" in pictures[0]


def test_experiments_whose_trainings_all_failed_give_a_plot_that_says_so(tmp_path):
    finish(tmp_path / "none", {(2, 16, 0, 5): {"val_accuracy": None, "failed": "the loss is nan"}})
    arguments = ["none", "--results", str(tmp_path), "--output", str(tmp_path / "none.svg")]
    plot_experiments.main(arguments)
    assert b"On the Pareto front: none" in (tmp_path / "none.svg").read_bytes()


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["fast", "fast"], ConfigError, "expected each experiment once"),
        (["fast", "faster"], DataError, "faster: no such experiment; found fast, slow"),
    ],
)
def test_a_wrong_name_is_one_line(results, names, error, message):
    with pytest.raises(error, match=message):
        plot_experiments.main([*names, "--results", str(results), "--output", "x.svg"])
