import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from digits.plots.labels import overlap, place_labels
from digits.plots.style import new_figure, use_style


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
