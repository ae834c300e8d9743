import numpy as np
import pytest
from answers import cell
from made_tables import (
    CELLS_TABLE,
    COMPARISONS_TABLE,
    EFFECTS_TABLE,
    NO_COMPARISONS,
    NO_EFFECTS,
    NONE,
    SIZES,
    THREE,
    cells_table,
    many,
)

from digits.core.design import Design
from digits.plots import selection
from digits.plots.differences import differences
from digits.plots.effects import effects
from digits.plots.published import published
from digits.plots.style import level_colours, save

pytestmark = pytest.mark.filterwarnings("error")
BY = "\N{MULTIPLICATION SIGN}"
ENSEMBLE = cell(0, 0, 0.985) | {"model": "ensemble", "layers": np.nan, "nodes": np.nan}
ENSEMBLE |= {"cpu_seconds": 110.0, "parameters": 19000}


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_cost_shows_the_front_and_rings_the_cell_to_pick():
    slow = cell(3, 200, 0.96, 0.4, pareto=False, cpu_seconds=75.0)
    cells = cells_table(*THREE, slow, ENSEMBLE)
    figure = selection.cost(cells, COMPARISONS_TABLE, SIZES)
    names = [f"{layers} {BY} {nodes}" for layers, nodes in ((2, 100), (2, 200), (5, 200), (3, 200))]
    for axes, column, unit in zip(
        figure.axes, ("cpu_seconds", "parameters"), (1, 1e3), strict=True
    ):
        front = next(line for line in axes.lines if line.get_linestyle() == "--")
        ahead = cells[cells["model"] != "3L200N"]
        np.testing.assert_allclose(front.get_xdata(), ahead[column] / unit)
        ring = next(line for line in axes.lines if line.get_markersize() == 11)
        assert ring.get_ydata().tolist() == [0.97]
        assert set(texts(axes)) == {*names, "ensemble"}
    assert figure.axes[0].get_xlabel() == "processor time of one training (s)"
    assert "On the Pareto front of accuracy and time: " in figure.get_label()


def test_cost_is_in_seconds_and_wall_time_on_a_gpu():
    cells = CELLS_TABLE.assign(device="GPU", training_seconds=[1000, 2000, 7500])
    axes = selection.cost(cells, COMPARISONS_TABLE, SIZES).axes[0]
    assert axes.get_xlabel() == "wall time of one training (s)"
    assert axes.containers[0].lines[0].get_xdata().tolist() == [1000, 2000]


def test_a_level_that_failed_leaves_the_others_their_colours():
    cells = cells_table(*THREE, cell(3, 100, np.nan, trials=0))
    figure = selection.cost(cells, COMPARISONS_TABLE, SIZES)
    dark, _, light = level_colours(3)
    assert [drawn.lines[0].get_color() for drawn in figure.axes[0].containers] == [dark, light]
    assert "no result" in figure.get_label()


@pytest.mark.parametrize(("seconds", "line"), [(110.0, False), (5000.0, True)])
def test_an_ensemble_far_to_the_right_is_a_line_across(seconds, line):
    cells = cells_table(*THREE, ENSEMBLE | {"cpu_seconds": seconds})
    for axes in selection.cost(cells, COMPARISONS_TABLE, SIZES).axes:
        stars = [each for each in axes.lines if each.get_marker() == "*" and len(each.get_xdata())]
        across = [each for each in axes.lines if list(each.get_ydata()) == [0.985, 0.985]]
        assert (len(stars), len(across)) == ((0, 1) if line else (1, 0))
        assert (axes.get_xlim()[1] < 100) == (line or axes.get_xlabel().startswith("param"))


def test_of_many_cells_the_best_and_the_pick_are_named_and_intervals_left_out():
    design = Design({"layers": tuple(range(1, 27))})
    cells, comparisons = many(design)
    for axes in selection.cost(cells, comparisons, design).axes:
        assert sorted(texts(axes)) == ["25 layers", "26 layers"]
        assert not any(drawn.has_yerr for drawn in axes.containers)


def test_published_differences_show_which_are_beyond_noise():
    figure = published(COMPARISONS_TABLE, SIZES)
    (axes,) = figure.axes
    marks = {bars.get_label(): bars.lines[0].get_xdata().tolist() for bars in axes.containers}
    assert marks == {
        "within noise": [pytest.approx(0.2)],
        "beyond noise": [pytest.approx(-5)],
    }
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [f"5 {BY} 200", f"2 {BY} 100"]


@pytest.mark.parametrize(
    ("cells", "table", "comparisons"),
    [
        (CELLS_TABLE, EFFECTS_TABLE, COMPARISONS_TABLE),
        (CELLS_TABLE[:1].assign(pick=True), NO_EFFECTS, NO_COMPARISONS),
        (NONE, NO_EFFECTS, NO_COMPARISONS),
    ],
)
def test_plots_can_be_saved_and_give_the_same_bytes(cells, table, comparisons, tmp_path):
    for name in ("first", "second"):
        save(effects(cells, table, SIZES), tmp_path / f"{name}-effects.svg")
        save(differences(cells, comparisons, SIZES), tmp_path / f"{name}-differences.svg")
        save(selection.cost(cells, comparisons, SIZES), tmp_path / f"{name}-cost.svg")
        save(published(comparisons, SIZES), tmp_path / f"{name}-published.svg")
    for plot in ("effects", "differences", "cost", "published"):
        first, second = (tmp_path / f"{name}-{plot}.svg" for name in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_where_nothing_has_a_result_the_plots_say_so():
    figure = selection.cost(NONE, NO_COMPARISONS, SIZES)
    assert "no cell has a result" in figure.get_label()
    assert all(texts(axes) == ["no cell has a result"] for axes in figure.axes)
    (axes,) = published(NO_COMPARISONS, SIZES).axes
    assert texts(axes) == ["nothing to compare"]
