import numpy as np
import pandas as pd
import pytest
from answers import cell, pair

from digits.analysis.vocabulary import CELLS, COMPARISONS, EFFECTS
from digits.plots import effects, selection
from digits.plots.published import published
from digits.plots.style import level_colours, save

pytestmark = pytest.mark.filterwarnings("error")
BY = "\N{MULTIPLICATION SIGN}"
NBSP = "\N{NO-BREAK SPACE}"


def cells_table(*rows) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=CELLS)


def marginal(term, level, estimate, half=0.01) -> dict:
    ends = {"low": estimate - half, "high": estimate + half}
    return {"kind": "marginal", "term": term, "level": level, "estimate": estimate} | ends


THREE = [cell(2, 100, 0.95, 0.01), cell(2, 200, 0.97, 0.4, pick=True), cell(5, 200, 0.98)]
CELLS_TABLE = cells_table(*THREE)
EFFECTS_TABLE = pd.DataFrame(
    [
        marginal("layers", "2", 0.96),
        marginal("layers", "5", 0.98),
        marginal("nodes", "100", 0.95),
        marginal("nodes", "200", 0.975),
        {"kind": "main effect", "term": "nodes", "level": "200 - 100", "estimate": 0.025}
        | {"low": 0.02, "high": 0.03},
    ],
    columns=EFFECTS,
)
COMPARISONS_TABLE = pd.DataFrame(
    [
        pair("mcnemar", "2L100N", "2L200N", -0.02, p_holm=0.2),
        pair("mcnemar", "2L100N", "5L200N", -0.03, p_holm=0.01),
        pair("mcnemar", "2L200N", "5L200N", -0.01, p_holm=0.4),
        pair("published", "2L100N", "published", 0.002),
        pair("published", "5L200N", "published", -0.05),
    ],
    columns=COMPARISONS,
)
NONE = cells_table(cell(2, 100, np.nan, trials=0), cell(5, 200, np.nan, trials=0))
NO_EFFECTS, NO_COMPARISONS = EFFECTS_TABLE[:0], COMPARISONS_TABLE[:0]


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_effects_show_means_with_their_intervals():
    layers, nodes, every = effects.effects(CELLS_TABLE, EFFECTS_TABLE).axes
    drawn = layers.containers[0]
    assert drawn.lines[0].get_ydata().tolist() == [0.96, 0.98]
    segments = np.array(drawn.lines[2][0].get_segments())
    np.testing.assert_allclose(segments[:, :, 1], [[0.95, 0.97], [0.97, 0.99]])
    assert [label.get_text() for label in nodes.get_xticklabels()] == ["100", "200"]
    lines = [container.lines[0] for container in every.containers]
    assert [line.get_ydata().tolist() for line in lines] == [[0.95, 0.97], [0.98]]
    legend = [text.get_text() for text in every.get_legend().get_texts()]
    assert legend == ["5 layers", "2 layers"]


def test_effects_are_described_for_screen_readers():
    text = effects.effects(CELLS_TABLE, EFFECTS_TABLE).get_label()
    assert "by hidden layers 2: 96.00%, 5: 98.00%; by nodes per layer 100: 95.00%" in text
    assert "nodes matter (200 rather than 100: +2.50 points" in text
    assert "interaction cannot be separated from noise" in text


def test_a_level_that_failed_leaves_the_others_their_colours():
    cells = cells_table(*THREE, cell(3, 100, np.nan, trials=0))
    dark, _, light = level_colours(3)
    figure = effects.effects(cells, EFFECTS_TABLE)
    lines = [drawn.lines[0].get_color() for drawn in figure.axes[2].containers]
    costs = selection.cost(cells, COMPARISONS_TABLE)
    marks = [drawn.lines[0].get_color() for drawn in costs.axes[0].containers]
    assert lines == marks == [dark, light]
    for text in (figure.get_label(), costs.get_label()):
        assert f"3{NBSP}{BY}{NBSP}100 has no result, as all trainings failed." in text


def test_differences_are_row_minus_column_with_the_best_first():
    figure = effects.differences(CELLS_TABLE, COMPARISONS_TABLE)
    (axes,) = figure.axes
    assert [t.get_text() for t in axes.get_yticklabels()] == [f"5 {BY} 200", f"2 {BY} 200"]
    assert [t.get_text() for t in axes.get_xticklabels()] == [f"2 {BY} 200", f"2 {BY} 100"]
    drawn = axes.images[0].get_array()
    np.testing.assert_allclose(drawn[0], [1, 3])
    assert drawn.mask[1].tolist() == [True, False]
    weights = {text.get_text(): text.get_fontweight() for text in axes.texts}
    assert weights == {"+1.00": "normal", "+3.00": "bold", "+2.00": "normal"}
    assert len(axes.patches) == 1
    assert figure.get_label() == (
        "Differences in accuracy of all 3 pairs of cells: 1 is significant at 5%, adjusted"
        f" for all pairs. The largest is that of 5{NBSP}{BY}{NBSP}200 over 2{NBSP}{BY}{NBSP}100,"
        f" 3.00 points (p{NBSP}={NBSP}0.010)."
    )


def test_differences_over_trainings_come_before_those_on_images():
    trainings = pair("corrected t", "2L200N", "5L200N", -0.04, p_holm=0.9)
    table = pd.concat([COMPARISONS_TABLE, pd.DataFrame([trainings])])[::-1]
    models = ["5L200N", "2L200N"]
    gains, p_values = effects.pair_matrices(models, table)
    assert gains[0, 1] == pytest.approx(4)
    assert p_values[0, 1] == 0.9
    assert np.isnan(gains[1, 0])


def test_many_cells_are_colours_without_words():
    cells = cells_table(*(cell(1, nodes, 0.9 + nodes / 1000) for nodes in range(1, 21)))
    rows = [
        pair("mcnemar", f"1L{one}N", f"1L{two}N", (one - two) / 1000)
        for two in range(1, 21)
        for one in range(1, two)
    ]
    figure = effects.differences(cells, pd.DataFrame(rows, columns=COMPARISONS))
    assert texts(figure.axes[0]) == []
    assert len(figure.axes) == 2  # with a bar that explains the colours


def test_cost_shows_the_front_and_rings_the_cell_to_pick():
    ensemble = cell(0, 0, 0.985) | {"model": "ensemble", "layers": np.nan, "nodes": np.nan}
    ensemble |= {"cpu_seconds": 110.0, "parameters": 19000}
    slow = cell(3, 200, 0.96, 0.4, pareto=False, cpu_seconds=75.0)
    cells = cells_table(*THREE, slow, ensemble)
    figure = selection.cost(cells, COMPARISONS_TABLE)
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
    assert figure.axes[0].get_xlabel() == "processor time of a training (s)"
    assert "On the Pareto front of accuracy and time: " in figure.get_label()
    assert f"2{NBSP}{BY}{NBSP}200 is the smallest cell that is not" in figure.get_label()


def test_cost_is_wall_time_on_a_gpu_in_a_unit_that_suits():
    cells = CELLS_TABLE.assign(device="GPU", training_seconds=[1000, 2000, 7500])
    assert selection.cost(cells, COMPARISONS_TABLE).axes[0].get_xlabel() == (
        "wall time of a training (h)"
    )


def test_published_differences_show_which_are_beyond_noise():
    figure = published(COMPARISONS_TABLE)
    (axes,) = figure.axes
    marks = {bars.get_label(): bars.lines[0].get_xdata().tolist() for bars in axes.containers}
    assert marks == {
        "within noise": [pytest.approx(0.2)],
        "beyond noise": [pytest.approx(-5)],
    }
    assert "1 of 2 cells is within noise" in figure.get_label()


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
        save(effects.effects(cells, table), tmp_path / f"{name}-effects.svg")
        save(effects.differences(cells, comparisons), tmp_path / f"{name}-differences.svg")
        save(selection.cost(cells, comparisons), tmp_path / f"{name}-cost.svg")
        save(published(comparisons), tmp_path / f"{name}-published.svg")
    for plot in ("effects", "differences", "cost", "published"):
        first, second = (tmp_path / f"{name}-{plot}.svg" for name in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_where_nothing_has_a_result_the_plots_say_so():
    figures = [effects.effects(NONE, NO_EFFECTS), selection.cost(NONE, NO_COMPARISONS)]
    for figure in figures:
        assert "no cell has a result" in figure.get_label()
        assert all(texts(axes) == ["no cell has a result"] for axes in figure.axes)
    (axes,) = effects.differences(NONE, NO_COMPARISONS).axes
    assert texts(axes) == ["fewer than two cells to compare"]
    (axes,) = published(NO_COMPARISONS).axes
    assert texts(axes) == ["nothing to compare"]
