import numpy as np
import pandas as pd
import pytest

from digits.plots import overview
from digits.plots.style import MUTED, VERMILLION, save

pytestmark = pytest.mark.filterwarnings("error")


def experiment(layers=(2, 3), nodes=(8, 16), folds=(0,), failed=()) -> tuple:
    """Results and history of a design, made up; a cell's accuracy grows with its layers."""
    results, history = [], []
    for level in layers:
        for count in nodes:
            for fold in folds:
                trial = {"layers": level, "nodes": count, "fold": fold, "seed": 1}
                epochs = np.arange(1, 4)
                accuracy = 0.8 + 0.02 * level + 0.01 * epochs - 0.004 * fold
                history.append(
                    pd.DataFrame({"epoch": epochs, "val_accuracy": accuracy}).assign(
                        val_loss=np.abs(epochs - 2) + 0.1, **trial
                    )
                )
                last = np.nan if (level, count, fold) in failed else accuracy[-1]
                results.append(trial | {"val_accuracy": last})
    return pd.DataFrame(results), pd.concat(history, ignore_index=True)


def lines(axes, colour, style="-") -> list:
    return [
        line for line in axes.lines if line.get_color() == colour and line.get_linestyle() == style
    ]


def test_there_is_a_panel_per_cell_layers_down_and_nodes_across():
    results, history = experiment()
    figure = overview.learning(results, history)
    assert [axes.get_title() or axes.get_title(loc="left") for axes in figure.axes] == [
        f"{layers} × {nodes}"  # noqa: RUF001
        for layers in (2, 3)
        for nodes in (8, 16)
    ]
    (curve,) = lines(figure.axes[2], VERMILLION)
    np.testing.assert_allclose(curve.get_ydata(), [0.87, 0.88, 0.89])
    assert [text.get_text() for text in figure.axes[2].texts] == ["89.00%"]
    assert "3 × 16 89.00%" in figure.get_label()  # noqa: RUF001


def test_every_panel_has_all_cells_behind_its_own():
    figure = overview.learning(*experiment())
    for axes in figure.axes:
        assert len(lines(axes, overview.OTHERS["color"])) == 4


def test_published_curves_are_dashed_beside_their_cell():
    results, history = experiment()
    published = pd.DataFrame(
        {"layers": 2, "nodes": 8, "epoch": [1, 2, 3], "val_accuracy": [0.7, 0.8, 0.85]}
    )
    figure = overview.learning(results, history, published)
    dashed = [[line.get_ydata().tolist() for line in lines(a, MUTED, "--")] for a in figure.axes]
    assert dashed == [[[0.7, 0.8, 0.85]], [[]], [[]], [[]]]
    assert figure.axes[0].texts[0].get_text() == "87.00%\npublished 85.00%"
    assert "published" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_several_trials_are_thin_with_their_mean_and_failed_ones_left_out():
    results, history = experiment(folds=(0, 1, 2), failed={(2, 8, 2)})
    figure = overview.learning(results, history)
    *single, mean = lines(figure.axes[0], VERMILLION)
    assert len(single) == 2
    np.testing.assert_allclose(mean.get_ydata(), np.array([0.85, 0.86, 0.87]) - 0.002)
    assert len(lines(figure.axes[1], VERMILLION)) == 4
    assert "single trials" in [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("failed", [{(2, 8, 0)}, {(2, 8, 0), (2, 16, 0)}])
def test_a_cell_without_a_result_is_named_as_failed(tmp_path, failed):
    figure = overview.learning(*experiment(layers=(2,), failed=failed))
    assert [text.get_text() for text in figure.axes[0].texts] == ["failed"]
    assert "failed: 2 × 8" in figure.get_label()  # noqa: RUF001
    save(figure, tmp_path / "plot.svg")


def test_a_single_cell_gives_the_same_bytes_twice(tmp_path):
    for name in ("a.svg", "b.svg"):
        save(overview.learning(*experiment(layers=(2,), nodes=(8,))), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
