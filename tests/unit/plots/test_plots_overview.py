import numpy as np
import pandas as pd
import pytest

from digits.core.design import Design
from digits.plots import overview
from digits.plots.style import MUTED, VERMILLION, save

pytestmark = pytest.mark.filterwarnings("error")


def experiment(factors=None, folds=(0,), failed=()) -> tuple[pd.DataFrame, pd.DataFrame, Design]:
    """Results and history of a design, made up; accuracy grows with the first factor's level."""
    factors = factors or {"layers": (2, 3), "nodes": (8, 16)}
    design, results, history = Design(factors, folds, (1,)), [], []
    epochs = np.arange(1, 4)
    for trial in design.trials:
        *cell, fold, _ = trial
        levels = dict(zip(design.trial_columns, trial, strict=True))
        place = design.rank(tuple(cell))[0]
        accuracy = 0.84 + 0.02 * place / len(design.cells) * 4 + 0.01 * epochs - 0.004 * fold
        curve = pd.DataFrame({"epoch": epochs, "val_accuracy": accuracy}).assign(**levels)
        history.append(curve.assign(val_loss=np.abs(epochs - 2) + 0.1))
        last = np.nan if (*cell, fold) in failed else accuracy[-1]
        results.append(levels | {"val_accuracy": last})
    return pd.DataFrame(results), pd.concat(history, ignore_index=True), design


def titles(figure) -> list[str]:
    return [axes.get_title(loc="left") for axes in figure.axes if axes.axison]


def lines(axes, colour, style="-") -> list:
    return [
        line for line in axes.lines if line.get_color() == colour and line.get_linestyle() == style
    ]


def test_there_is_a_panel_per_cell_layers_down_and_nodes_across():
    figure = overview.learning(*experiment())
    assert [axes.get_title() or axes.get_title(loc="left") for axes in figure.axes] == [
        f"{layers} × {nodes}"  # noqa: RUF001
        for layers in (2, 3)
        for nodes in (8, 16)
    ]
    (curve,) = lines(figure.axes[2], VERMILLION)
    np.testing.assert_allclose(curve.get_ydata(), [0.87, 0.88, 0.89])
    assert [text.get_text() for text in figure.axes[2].texts] == ["last epoch 89.00%"]
    assert "3 × 16 89.00%" in figure.get_label()  # noqa: RUF001


def test_every_panel_has_all_cells_behind_its_own():
    figure = overview.learning(*experiment())
    for axes in figure.axes:
        (others,) = lines(axes, overview.OTHERS["color"])
        curves = np.split(others.get_ydata(), np.flatnonzero(np.isnan(others.get_ydata())))
        ends = [curve[-1] for curve in curves if len(curve) > 1]
        np.testing.assert_allclose(ends, [0.87, 0.87, 0.89, 0.89])


def test_published_curves_are_dashed_beside_their_cell():
    results, history, design = experiment()
    published = pd.DataFrame(
        {"layers": 2, "nodes": 8, "epoch": [1, 2, 3], "val_accuracy": [0.7, 0.8, 0.85]}
    )
    figure = overview.learning(results, history, design, published)
    dashed = [[line.get_ydata().tolist() for line in lines(a, MUTED, "--")] for a in figure.axes]
    assert dashed == [[[0.7, 0.8, 0.85]], [[]], [[]], [[]]]
    assert figure.axes[0].texts[0].get_text() == "last epoch 87.00%\npublished 85.00%"
    assert "published" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_several_trials_are_thin_with_their_mean_and_failed_ones_left_out():
    figure = overview.learning(*experiment(folds=(0, 1, 2), failed={(2, 8, 2)}))
    *single, mean = lines(figure.axes[0], VERMILLION)
    assert len(single) == 2
    np.testing.assert_allclose(mean.get_ydata(), np.array([0.85, 0.86, 0.87]) - 0.002)
    assert len(lines(figure.axes[1], VERMILLION)) == 4
    assert "single trials" in [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("failed", [{(2, 8, 0)}, {(2, 8, 0), (2, 16, 0)}])
def test_a_cell_without_a_result_is_named_as_failed(tmp_path, failed):
    figure = overview.learning(*experiment({"layers": (2,), "nodes": (8, 16)}, failed=failed))
    assert [text.get_text() for text in figure.axes[0].texts] == ["failed"]
    assert "failed: 2 × 8" in figure.get_label()  # noqa: RUF001
    save(figure, tmp_path / "plot.svg")


def test_a_single_cell_gives_the_same_bytes_twice(tmp_path):
    for name in ("a.svg", "b.svg"):
        save(overview.learning(*experiment({"layers": (2,), "nodes": (8,)})), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_cell_that_is_excluded_leaves_its_place_empty():
    results, history, design = experiment()
    design = Design(design.factors, (0,), (1,), exclude=({"layers": 2, "nodes": 16},))
    kept = ~((results["layers"] == 2) & (results["nodes"] == 16))
    figure = overview.learning(results[kept], history, design)
    assert [axes.axison for axes in figure.axes] == [True, False, True, True]
    assert figure.axes[2].get_ylabel() == "validation accuracy"


def test_cells_of_three_factors_are_in_rank_order():
    factors = {"dropout": (0.0, 0.5), "nodes": (8, 16), "optimizer": ("sgd", "adam")}
    figure = overview.learning(*experiment(factors))
    assert titles(figure)[:2] == ["dropout 0.5, 8 nodes, sgd", "dropout 0.5, 8 nodes, adam"]
    assert len(titles(figure)) == 8


def test_of_many_cells_the_leading_ones_are_drawn_and_the_title_says_so():
    figure = overview.learning(*experiment({"layers": tuple(range(1, 31))}))
    assert titles(figure) == [f"{number} layers" for number in range(30, 6, -1)]
    assert figure.get_suptitle().startswith("Learning curves: the 24 most accurate of 30 cells")
    assert figure.get_label().count("%") == 24
