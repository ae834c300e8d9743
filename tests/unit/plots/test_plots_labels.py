import itertools

import numpy as np
import pandas as pd
import pytest
from answers import cell
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from digits.analysis.vocabulary import COMPARISONS, cells_columns
from digits.core.design import Design
from digits.plots import selection
from digits.plots.labels import overlap, place_labels
from digits.plots.style import new_figure, use_style

SIZES = Design({"layers": (1, 2, 3, 4, 5, 6), "nodes": (50, 100, 200, 400)})


@use_style()
def labelled(points: np.ndarray, bars: np.ndarray | None = None):
    figure = new_figure(5, 4, "")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xlim=(0, 1), ylim=(0, 1))
    figure.draw_without_rendering()
    place_labels(axes, points, [f"{place} by 100" for place in range(len(points))], bars)
    return axes, [text.get_window_extent().extents for text in axes.texts]


def test_each_point_gets_its_name():
    points = np.array([[0.2, 0.2], [0.7, 0.9]])
    axes, _ = labelled(points)
    assert [text.get_text() for text in axes.texts] == ["0 by 100", "1 by 100"]
    assert [text.xy for text in axes.texts] == [tuple(point) for point in points]


@pytest.mark.parametrize("gap", [0.03, 0.1, 0.3])
def test_names_of_neighbours_do_not_overlap(gap):
    points = 0.5 + gap * np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    _, boxes = labelled(points)
    assert all(overlap(a, b) == 0 for a, b in itertools.combinations(boxes, 2))


@given(st.lists(st.tuples(*[st.sampled_from([0.1, 0.12, 0.5, 0.9])] * 2), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_names_of_points_that_coincide_do_not_overlap(points):
    _, boxes = labelled(np.array(points))
    assert all(overlap(a, b) == 0 for a, b in itertools.combinations(boxes, 2))


def test_only_the_first_points_are_named_and_names_keep_off_the_others():
    axes = new_figure(5, 4, "").add_subplot(xlim=(0, 1), ylim=(0, 1))
    FigureCanvasAgg(axes.figure)
    axes.figure.draw_without_rendering()
    points = np.array([[0.5, 0.5], [0.53, 0.5]])
    place_labels(axes, points, ["named"])
    (text,) = axes.texts
    left, bottom, right, top = text.get_window_extent().extents
    x, y = axes.transData.transform(points[1])
    assert not (left <= x <= right and bottom <= y <= top)


def test_names_stay_inside_the_axes():
    axes, boxes = labelled(np.array([[0.99, 0.5], [0.01, 0.99], [0.5, 0.01]]))
    left, bottom, right, top = axes.get_window_extent().extents
    for box in boxes:
        assert left <= box[0] and box[2] <= right
        assert bottom <= box[1] and box[3] <= top


def test_names_keep_off_error_bars():
    point = np.array([[0.5, 0.5]])
    axes, (box,) = labelled(point, np.array([[0.3, 0.3]]))
    x, y = axes.transData.transform((0.5, 0.5))
    assert not box[0] <= x <= box[2]
    assert not box[1] <= y <= box[3]


def cost_table(layers: list[int], nodes: list[int], *, equal: bool = False) -> pd.DataFrame:
    """Cells whose accuracy and cost grow with their size, or are all the same, and an ensemble."""
    rows = []
    for depth, width in itertools.product(layers, nodes):
        accuracy = 0.97 if equal else 0.9 + 0.01 * depth**0.5 + 0.01 * np.log(width)
        costs = {"cpu_seconds": 60.0, "parameters": 9000} if equal else {}
        rows.append(cell(depth, width, accuracy, **costs))
    together = {"model": "ensemble", "layers": np.nan, "nodes": np.nan}
    together |= {"cpu_seconds": sum(row["cpu_seconds"] for row in rows)}
    together |= {"parameters": sum(row["parameters"] for row in rows)}
    best = max(row["accuracy"] for row in rows) + 0.001
    return pd.DataFrame([*rows, cell(0, 0, best) | together], columns=cells_columns(SIZES))


@pytest.mark.parametrize(
    "cells",
    [
        cost_table([2, 3, 5], [100, 200]),
        cost_table([1, 2, 3, 5, 6], [50, 200]),
        cost_table([1, 2, 3, 4, 5, 6], [50, 100, 200, 400]),
        cost_table([2, 3, 5], [100, 200], equal=True),
    ],
    ids=["six cells", "ten cells", "24 cells", "equal costs"],
)
def test_names_in_the_plot_of_costs_are_off_one_another_and_off_the_front(cells):
    figure = selection.cost(cells, pd.DataFrame(columns=COMPARISONS), SIZES)
    FigureCanvasAgg(figure).draw()
    for axes in figure.axes:
        boxes = [text.get_window_extent().extents for text in axes.texts]
        assert len(boxes) == (len(cells) if len(cells) <= selection.NAMED else 1)
        assert all(overlap(a, b) == 0 for a, b in itertools.combinations(boxes, 2))
        front = next(line for line in axes.lines if line.get_linestyle() == "--")
        path = front.get_transform().transform_path(front.get_path())
        assert len(path) > 1
        assert not any(path.intersects_bbox(Bbox.from_extents(*box), filled=False) for box in boxes)
