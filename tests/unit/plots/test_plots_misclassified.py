import numpy as np
import pandas as pd
import pytest

from digits.plots import misclassified
from digits.plots.style import save

pytestmark = pytest.mark.filterwarnings("error")
COLUMNS = ["model", "layers", "nodes", "label", "predicted", "count", "share"]
PAIRS = pd.DataFrame(
    [
        ("all", None, None, 4, 9, 30, 0.015),
        ("all", None, None, 7, 2, 20, 0.02),
        ("2L8N", 2, 8, 4, 9, 20, 0.02),
        ("3L8N", 3, 8, 4, 9, 10, 0.01),
        ("3L8N", 3, 8, 7, 2, 20, 0.04),
        ("ensemble", None, None, 7, 2, 5, 0.01),
    ],
    columns=COLUMNS,
)


def hardest(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": range(count),
            "label": 4,
            "predicted": range(count),
            "confidence": 0.98765,
            "layers": 2,
            "nodes": 8,
            "wrong": 2,
            "trials": 3,
            "label_probability": 0.0123,
        }
    )


def images(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 5, 4), dtype=np.uint8)


def captions(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_bar_is_all_trainings_and_a_mark_a_model_at_0_where_it_never_errs_so():
    figure = misclassified.confused(PAIRS)
    axes = figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["7 predicted as 2", "4 predicted as 9"]
    assert [bar.get_width() for bar in axes.patches] == [0.02, 0.015]
    marks = [line.get_xdata().tolist() for line in axes.lines]
    assert marks == [[0, 0.02], [0.04, 0.01], [0.01, 0]]  # 2 x 8, 3 x 8, ensemble
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == ["all trainings", "cells with 2 layers", "cells with 3 layers", "ensemble"]
    alone = misclassified.confused(PAIRS, together=False)
    assert len(alone.axes[0].lines) == 2
    assert len(alone.legends[0].get_texts()) == 3


def test_the_most_frequent_pairs_are_drawn_and_no_more():
    many = pd.DataFrame([("all", None, None, 0, n, 99 - n, 0.01) for n in range(1, 40)])
    axes = misclassified.confused(many.set_axis(COLUMNS, axis=1)).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [f"0 predicted as {n}" for n in range(1, misclassified.PAIRS + 1)]


def test_worst_images_have_label_class_confidence_cell_and_how_many_were_wrong():
    figure = misclassified.worst(hardest(2), images(2))
    assert captions(figure)[1] == "4 predicted as 1\n98.77% by 2 × 8\nwrong in 2 of 3"  # noqa: RUF001
    assert "4 predicted as 0, 98.77% by" in figure.get_label()


def test_long_labels_have_a_line_each_and_are_cut_where_it_ends():
    rows = hardest(1).assign(label="Ankle boot", predicted="T-shirt, top or vest")
    caption = captions(misclassified.worst(rows, images(1)))[0]
    assert caption.splitlines()[:2] == ["Ankle boot predicted", "as T-shirt, top or …"]


def test_images_stand_in_rows_as_they_are():
    shown = images(8)
    axes = misclassified.worst(hardest(8), shown).axes[0]
    for drawn, image in zip(axes.images, shown, strict=True):
        np.testing.assert_array_equal(drawn.get_array(), image)
        left, right, bottom, top = drawn.get_extent()
        assert (bottom - top) / (right - left) == pytest.approx(5 / 4)
    lefts, tops = zip(*[drawn.get_extent()[::3] for drawn in axes.images], strict=True)
    assert len(set(tops[:6])) == 1 and tops[6] == tops[7] > tops[0]
    assert len(set(lefts)) == 6 and lefts[6] == lefts[0]


@pytest.mark.parametrize(
    ("shown", "total", "title"),
    [
        (3, 1200, "1,200 validation images are misclassified by every cell: the 3 hardest"),
        (3, 3, "3 validation images are misclassified by every cell"),
        (1, 1, "1 validation image is misclassified by every cell"),
    ],
)
def test_images_that_every_cell_misclassifies_are_counted(shown, total, title):
    figure = misclassified.common(hardest(shown), images(shown), total)
    assert figure.get_suptitle() == title
    assert captions(figure)[0] == "4 predicted as 0\nmean probability\nof 4: 1.2%"


def test_without_errors_there_is_only_text():
    for figure in (
        misclassified.confused(PAIRS[:0]),
        misclassified.worst(hardest(0), images(0)),
        misclassified.common(hardest(0), images(0), 0),
    ):
        assert not figure.axes
        assert " no validation image " in f" {figure.texts[0].get_text().lower()}"


def test_the_same_images_give_the_same_bytes(tmp_path):
    for name in ("a.svg", "b.svg"):
        save(misclassified.worst(hardest(3), images(3)), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
