import numpy as np
import pandas as pd
import pytest

from digits.analysis.cell_summaries import cell_statistics
from digits.core.design import Design
from digits.plots import results
from digits.plots.style import level_colours, save

pytestmark = pytest.mark.filterwarnings("error")
BY = "\N{MULTIPLICATION SIGN}"


def draw(table: pd.DataFrame, published: pd.DataFrame | None = None):
    """Draw a table of all cells of a design of two factors."""
    levels = {name: tuple(sorted(table[name].unique().tolist())) for name in ("layers", "nodes")}
    return results.accuracy(table, Design(levels, tuple(range(3)), (1,)), published)


def design(layers, nodes, trials: int = 1, shift: float = 0.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "layers": level,
            "nodes": count,
            "fold": trial,
            "seed": 1,
            "val_accuracy": 0.9 + 0.01 * level + count / 10_000 + 0.002 * trial + shift,
            "cpu_seconds": 10.0 * level + count / 10 + trial,
            "parameters": 1000 * level + 100 * count,
        }
        for level in layers
        for count in nodes
        for trial in range(trials)
    )


def bar_segments(container) -> np.ndarray:
    return np.array(container.lines[2][-1].get_segments())


def test_statistics_are_means_and_sample_deviations_by_cell():
    sizes = Design({"layers": (2, 3), "nodes": (100,)})
    table = cell_statistics(design([2, 3], [100], trials=3), ["val_accuracy"], sizes)
    assert table[["layers", "nodes", "trials"]].to_numpy().tolist() == [[2, 100, 3], [3, 100, 3]]
    np.testing.assert_allclose(table["val_accuracy"], [0.932, 0.942])
    np.testing.assert_allclose(table["val_accuracy_sd"], 0.002)


def test_heat_map_shows_the_accuracy_of_each_cell():
    axes = draw(design([2, 3, 5], [100, 200])).axes[0]
    drawn = axes.collections[0].get_array()
    np.testing.assert_allclose(drawn, [[93, 94], [94, 95], [96, 97]])
    assert [text.get_text() for text in axes.texts] == [
        "93.00",
        "94.00",
        "94.00",
        "95.00",
        "96.00",
        "97.00",
    ]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["100", "200"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["2", "3", "5"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("nodes per layer", "hidden layers")


def test_heat_map_of_several_trials_shows_mean_and_spread():
    axes = draw(design([2, 3], [100, 200], trials=3)).axes[0]
    assert [text.get_text() for text in axes.texts[:2]] == ["93.20\n± 0.20", "94.20\n± 0.20"]


def test_interaction_has_a_line_per_number_of_layers():
    axes = draw(design([2, 3, 5], [100, 200])).axes[1]
    lines = [container.lines[0] for container in axes.containers]
    assert [line.get_ydata().tolist() for line in lines] == [
        pytest.approx([0.93, 0.94]),
        pytest.approx([0.94, 0.95]),
        pytest.approx([0.96, 0.97]),
    ]
    assert [line.get_color() for line in lines] == level_colours(3)
    assert len({line.get_marker() for line in lines}) == 3
    assert [np.rint(line.get_xydata()[:, 0]).tolist() for line in lines] == [[0, 1]] * 3
    entries = [text.get_text() for text in axes.get_legend().get_texts()]
    assert entries == ["5 layers", "3 layers", "2 layers"]


def test_interaction_has_bars_of_one_standard_deviation():
    axes = draw(design([2, 3], [100, 200], trials=3)).axes[1]
    segment, _ = bar_segments(axes.containers[0])
    np.testing.assert_allclose(segment[:, 1], [0.930, 0.934])
    assert "3 trials" in axes.get_legend().get_texts()[-1].get_text()


def test_published_figures_are_hollow_marks():
    published = design([2, 5], [100], shift=-0.01)
    axes = draw(design([2, 5], [100, 200]), published).axes[1]
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "none"]
    assert [line.get_ydata().tolist() for line in hollow] == [
        pytest.approx([0.92]),
        pytest.approx([0.95]),
    ]
    assert [line.get_color() for line in hollow] == level_colours(2)
    assert "published" in [text.get_text() for text in axes.get_legend().get_texts()]


def one_factor(levels: tuple, name: str = "learning_rate", trials: int = 1):
    """Results of a design in which one factor varies; accuracy grows with its levels."""
    factors = {"layers": (2,), "nodes": (100,), name: levels}
    sizes = Design(factors, tuple(range(trials)), (1,))
    rows = [
        dict(zip(sizes.trial_columns, trial, strict=True))
        | {"val_accuracy": 0.9 + 0.01 * levels.index(trial[2]) + 0.002 * trial[3]}
        for trial in sizes.trials
    ]
    return pd.DataFrame(rows), sizes


def test_of_one_factor_there_is_one_panel_with_its_levels_where_they_are():
    figure = results.accuracy(*one_factor((0.001, 0.01, 0.1), trials=2))
    (axes,) = figure.axes
    (drawn,) = axes.containers
    np.testing.assert_allclose(drawn.lines[0].get_xydata(), [[0, 0.901], [0.5, 0.911], [1, 0.921]])
    assert axes.get_xlabel() == "learning rate, log scale"
    assert "2 trials" in axes.get_legend().get_texts()[-1].get_text()


def test_texts_are_not_joined_and_a_cell_that_failed_is_marked():
    table, sizes = one_factor(("sgd", "adam"), "optimizer")
    (axes,) = results.accuracy(failing(table, [1]), sizes).axes
    assert axes.lines[0].get_linestyle() == "None"
    (mark,) = axes.texts
    assert (mark.get_text(), mark.get_position()[0]) == ("failed", 1)


def test_cells_without_results_stay_blank():
    table = design([2, 3], [100, 200]).iloc[:3]
    axes = draw(table).axes[0]
    assert axes.collections[0].get_array().mask.tolist() == [[False, False], [False, True]]
    assert len(axes.texts) == 3


@pytest.mark.parametrize(
    ("layers", "nodes", "trials"), [([3], [100], 1), ([1], [50, 100], 1), ([1, 2], [50], 2)]
)
def test_designs_of_single_levels_can_be_saved_and_give_the_same_bytes(
    layers, nodes, trials, tmp_path
):
    table = design(layers, nodes, trials)
    for name in ("first.svg", "second.svg"):
        save(draw(table), tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def failing(table: pd.DataFrame, rows) -> pd.DataFrame:
    """Take the results of some rows away, as those of trials that failed."""
    return table.assign(val_accuracy=table["val_accuracy"].mask(table.index.isin(list(rows))))


def test_a_trial_that_failed_does_not_count_in_its_cell():
    table = failing(design([2], [100], trials=3), [2])
    sizes = Design({"layers": (2, 3), "nodes": (100,)})
    cells = cell_statistics(table, ["val_accuracy", "cpu_seconds"], sizes)
    assert cells["trials"].tolist() == [2]
    np.testing.assert_allclose(cells["val_accuracy"], [0.931])
    np.testing.assert_allclose(cells["cpu_seconds"], [30.5])
    (axes,) = draw(table).axes
    assert "2 trials" in axes.get_legend().get_texts()[-1].get_text()


def test_a_cell_that_failed_is_an_empty_field_with_that_word():
    figure = draw(failing(design([2, 3], [100, 200]), [2]))
    axes = figure.axes[0]
    assert axes.collections[0].get_array().mask.tolist() == [[False, False], [True, False]]
    marks = {text.get_position(): text.get_text() for text in axes.texts}
    assert marks[(0.5, 1.5)] == "failed"
    assert sorted(marks.values()) == ["93.00", "94.00", "95.00", "failed"]
    assert figure.get_label().startswith("Validation accuracy of 3 cells")
    assert figure.get_label().endswith(f"; failed: 3 {BY} 100")


def test_a_level_that_failed_keeps_its_row_and_column_and_the_others_their_colours():
    table = failing(design([2, 3, 5], [100, 200]), [2, 3, 1, 5])
    heat, lines = draw(table).axes[:2]
    assert [text.get_text() for text in heat.get_yticklabels()] == ["2", "3", "5"]
    assert [text.get_text() for text in heat.get_xticklabels()] == ["100", "200"]
    dark, _, light = level_colours(3)
    assert [drawn.lines[0].get_color() for drawn in lines.containers] == [dark, light]


@pytest.mark.parametrize("published", [None, design([2], [100])])
def test_if_all_cells_failed_the_plots_say_so(published, tmp_path):
    table = failing(design([2, 3], [100, 200], trials=2), range(8))
    figure = draw(table, published)
    assert [text.get_text() for text in figure.axes[0].texts] == ["failed"] * 4
    assert [text.get_text() for text in figure.axes[1].texts] == ["no cell has a result"]
    save(figure, tmp_path / "plot.svg")
    assert "Validation accuracy of 0 cells" in (tmp_path / "plot.svg").read_text()
