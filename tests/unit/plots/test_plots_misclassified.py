import numpy as np
import pandas as pd
import pytest

from digits.core.design import Design
from digits.plots import misclassified
from digits.plots.style import save

pytestmark = pytest.mark.filterwarnings("error")
BY = "\N{MULTIPLICATION SIGN}"
DESIGN = Design({"layers": (2, 3), "nodes": (8,), "optimizer": ("sgd", "adam")})
CELLS = [(2, 8, "sgd"), (3, 8, "adam")]
COLUMNS = ["model", "label", "predicted", "count", "share"]
PAIRS = pd.DataFrame(
    [
        ("all", 4, 9, 30, 0.015),
        ("all", 7, 2, 20, 0.02),
        ("2L8N_optimizer-sgd", 4, 9, 20, 0.02),
        ("3L8N_optimizer-adam", 4, 9, 10, 0.01),
        ("3L8N_optimizer-adam", 7, 2, 20, 0.04),
        ("ensemble", 7, 2, 5, 0.01),
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
            "optimizer": "adam",
            "wrong": 2,
            "trials": 3,
            "label_probability": 0.0123,
        }
    )


def images(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 5, 4), dtype=np.uint8)


def captions(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_column_is_all_trainings_a_cell_or_the_ensemble_with_0_where_it_never_errs_so():
    figure = misclassified.confused(PAIRS, CELLS, DESIGN)
    axes = figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["7 predicted as 2", "4 predicted as 9"]
    models = [label.get_text() for label in axes.get_xticklabels()]
    assert models == ["all trainings", f"2 {BY} 8, sgd", f"3 {BY} 8, adam", "ensemble"]
    shares = [[0.02, 0, 0.04, 0.01], [0.015, 0.02, 0.01, 0]]
    np.testing.assert_allclose(axes.images[0].get_array(), shares)
    written = np.reshape([text.get_text() for text in axes.texts], (2, 4)).tolist()
    assert written == [["2.00", "0", "4.00", "1.00"], ["1.50", "2.00", "1.00", "0"]]
    alone = misclassified.confused(PAIRS, CELLS, DESIGN, together=False)
    assert alone.axes[0].images[0].get_array().shape == (2, 3)


def test_the_most_frequent_pairs_are_drawn_and_no_more():
    many = pd.DataFrame([("all", 0, n, 99 - n, 0.01) for n in range(1, 40)], columns=COLUMNS)
    axes = misclassified.confused(many, CELLS, DESIGN).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [f"0 predicted as {n}" for n in range(1, misclassified.PAIRS + 1)]


def test_of_many_cells_those_that_are_shown_have_columns_and_the_title_says_so():
    design = Design({"layers": tuple(range(1, 41))})
    figure = misclassified.confused(PAIRS, design.cells[:24], design)
    assert figure.get_suptitle() == "Most frequent confusions: the 24 most accurate of 40 cells"
    assert len(figure.axes[0].get_xticklabels()) == 26


def test_worst_images_have_label_class_confidence_cell_and_how_many_were_wrong():
    figure = misclassified.worst(hardest(2), images(2), DESIGN)
    lines = captions(figure)[1].splitlines()
    assert lines == ["4 predicted as 1", f"98.77% by 2 {BY} 8,", "adam", "wrong in 2 of 3"]
    assert "4 predicted as 0, 98.77% by 2 " in figure.get_label()


def test_long_labels_have_a_line_each_and_are_cut_where_it_ends():
    rows = hardest(1).assign(label="Ankle boot", predicted="T-shirt, top or vest")
    caption = captions(misclassified.worst(rows, images(1), DESIGN))[0]
    assert caption.splitlines()[:2] == ["Ankle boot predicted", "as T-shirt, top or …"]


def test_images_stand_in_rows_as_they_are():
    shown = images(8)
    axes = misclassified.worst(hardest(8), shown, DESIGN).axes[0]
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
        misclassified.confused(PAIRS[:0], CELLS, DESIGN),
        misclassified.worst(hardest(0), images(0), DESIGN),
        misclassified.common(hardest(0), images(0), 0),
    ):
        assert not figure.axes
        assert " no validation image " in f" {figure.texts[0].get_text().lower()}"


def test_the_same_images_give_the_same_bytes(tmp_path):
    for name in ("a.svg", "b.svg"):
        save(misclassified.worst(hardest(3), images(3), DESIGN), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_colours_stay_as_they_are():
    colours = np.random.default_rng(1).integers(0, 256, (2, 4, 6, 3), dtype=np.uint8)
    axes = misclassified.worst(hardest(2), colours, DESIGN).axes[0]
    for drawn, image in zip(axes.images, colours, strict=True):
        np.testing.assert_array_equal(drawn.get_array(), image)
