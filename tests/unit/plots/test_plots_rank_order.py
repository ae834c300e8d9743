import numpy as np
import pandas as pd
import pytest
from made_tables import many

from digits.core.design import Design
from digits.plots import rank_order
from digits.plots.style import save

pytestmark = pytest.mark.filterwarnings("error")
THREE = Design({"layers": (1, 2), "nodes": (8, 16), "optimizer": ("sgd", "adam")})


def cells_of(design: Design, failed: tuple[int, ...] = ()) -> pd.DataFrame:
    """A table of cells whose accuracy grows with their place in the design."""
    cells, _ = many(design)
    cells["accuracy"] = 0.9 + 0.001 * np.arange(len(cells))
    cells["accuracy"] = cells["accuracy"].mask(cells.index.isin(failed))
    return cells.assign(low=cells["accuracy"] - 0.02, high=cells["accuracy"] + 0.01)


def test_cells_are_in_rank_order_beside_their_levels_with_their_intervals():
    figure = rank_order.accuracy(cells_of(THREE), THREE)
    (axes,) = figure.axes
    (drawn,) = axes.containers
    shares = 0.907 - 0.001 * np.arange(8)
    np.testing.assert_allclose(drawn.lines[0].get_xydata()[:, 0], shares)
    bars = np.array(drawn.lines[2][0].get_segments())
    np.testing.assert_allclose(bars[:, 0], np.column_stack([shares - 0.02, range(8)]))
    np.testing.assert_allclose(bars[:, 1], np.column_stack([shares + 0.01, range(8)]))
    first_row = [text.get_text() for text in axes.texts if text.xy == (0, 0)]
    assert [text for text in first_row if text != "■"] == ["adam", "16", "2"]
    assert figure.get_suptitle() == "Accuracy in rank order"
    assert "adam 90.70% (88.70% to 91.70%); " in figure.get_label()
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "accuracy, with its 95% interval" in entries


def test_of_many_cells_the_leading_ones_are_drawn_and_the_title_says_so():
    design = Design({"layers": tuple(range(1, 9)), "nodes": (8, 16), "optimizer": ("sgd", "adam")})
    figure = rank_order.accuracy(cells_of(design, failed=(0, 1)), design)
    assert figure.get_suptitle() == "Accuracy in rank order: the 24 most accurate of 32 cells"
    assert len(figure.axes[0].containers[0].lines[0].get_xdata()) == 24
    assert figure.get_label().endswith("; failed: 1 × 8, sgd; 1 × 8, adam")  # noqa: RUF001


def test_a_cell_that_failed_is_in_the_last_row_with_that_word():
    figure = rank_order.accuracy(cells_of(THREE, failed=(7,)), THREE)
    (mark,) = [text for text in figure.axes[0].texts if text.get_text() == "failed"]
    assert mark.get_position() == (0.5, 7)
    assert len(figure.axes[0].containers[0].lines[0].get_xdata()) == 7


def test_published_accuracies_are_hollow_marks_in_the_rows_of_their_cells():
    published = pd.DataFrame([{"layers": 2, "nodes": 16, "optimizer": "sgd", "val_accuracy": 0.8}])
    figure = rank_order.accuracy(cells_of(THREE), THREE, published)
    hollow = [line for line in figure.axes[0].lines if line.get_markersize() == 7]
    assert [line.get_xydata().tolist() for line in hollow] == [[[0.8, 1]]]
    assert "published (last epoch)" in [t.get_text() for t in figure.legends[0].get_texts()]


def test_if_all_cells_failed_the_plot_says_so(tmp_path):
    figure = rank_order.accuracy(cells_of(THREE, failed=tuple(range(8))), THREE)
    assert [t.get_text() for t in figure.axes[0].texts].count("failed") == 8
    save(figure, tmp_path / "plot.svg")
    assert "no cell has a result" in (tmp_path / "plot.svg").read_text()
