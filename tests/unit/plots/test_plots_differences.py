import numpy as np
import pandas as pd
import pytest
from answers import cell, pair
from made_tables import (
    CELLS_TABLE,
    COMPARISONS_TABLE,
    NO_COMPARISONS,
    NONE,
    SIZES,
    cells_table,
    many,
)

from digits.core.design import Design
from digits.plots import differences
from digits.plots.style import BLUE

pytestmark = pytest.mark.filterwarnings("error")
BY = "\N{MULTIPLICATION SIGN}"
NBSP = "\N{NO-BREAK SPACE}"


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_differences_are_row_minus_column_with_the_best_first():
    figure = differences.differences(CELLS_TABLE, COMPARISONS_TABLE, SIZES)
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


def test_differences_that_are_not_significant_are_pale_and_it_is_stated_if_none_is():
    (axes,) = differences.differences(CELLS_TABLE, COMPARISONS_TABLE, SIZES).axes
    assert axes.images[0].get_alpha()[0].tolist() == [differences.PALE, 1]
    none = COMPARISONS_TABLE.assign(p_adjusted=0.3)
    figure = differences.differences(CELLS_TABLE, none, SIZES)
    assert figure.get_supxlabel() == "No pair is significant at 5%, adjusted for all pairs."
    assert not figure.legends


def test_the_test_that_decides_is_drawn():
    other = pair("images", "2L200N", "5L200N", -0.04, p_adjusted=0.9, decides=False)
    table = pd.concat([COMPARISONS_TABLE, pd.DataFrame([other])])[::-1]
    gains, p_values = differences.pair_matrices(["5L200N", "2L200N"], table)
    assert gains[0, 1] == pytest.approx(1)
    assert p_values[0, 1] == 0.4
    assert np.isnan(gains[1, 0])


MANY = Design({"layers": tuple(range(1, 14)), "optimizer": ("sgd", "adam")})


def test_many_cells_are_in_rank_order_with_their_accuracy_and_difference_from_the_best():
    cells, comparisons = many(MANY)
    figure = differences.differences(cells, comparisons, MANY)
    left, right = figure.axes
    assert figure.get_suptitle() == "Cells in rank order: the 24 most accurate of 26 cells"
    shares = left.containers[0].lines[0].get_xydata()
    np.testing.assert_allclose(shares[:3], [[0.925, 0], [0.924, 1], [0.923, 2]])
    assert len(shares) == 24
    significant, other = (drawn.lines[0] for drawn in right.containers)
    np.testing.assert_allclose(other.get_xydata(), [[-0.1, 1], [-0.2, 2]], atol=1e-12)
    assert (significant.get_markerfacecolor(), other.get_markerfacecolor()) == (BLUE, "white")
    np.testing.assert_allclose(significant.get_xydata()[0], [-0.3, 3])
    ends = np.array(right.containers[1].lines[2][0].get_segments())[:, :, 0]
    np.testing.assert_allclose(ends, [[-1.1, 0.9], [-1.2, 0.8]])
    assert right.get_title(loc="left") == "Difference from the best"


def test_levels_stand_beside_their_rows():
    left, _ = differences.differences(*many(MANY), MANY).axes
    beside = {text.get_text() for text in left.texts if text.xy == (0, 1)}
    assert beside == {"13", "sgd", "■"}


def test_the_bound_the_margin_and_the_pick_are_drawn():
    left, right = differences.differences(*many(MANY), MANY).axes
    ring = next(line for line in left.lines if line.get_markersize() == 11)
    np.testing.assert_allclose(ring.get_xydata(), [[0.924, 1]])
    bound = next(line for line in right.lines if line.get_marker() == "|")
    assert len(bound.get_xdata()) == 24
    assert set(bound.get_xdata()) == {-0.2}
    margin = next(line for line in right.lines if line.get_linestyle() == "--")
    assert set(margin.get_xdata()) == {-0.5}


def test_a_cell_that_was_not_compared_has_no_difference():
    cells, comparisons = many(MANY)
    kept = comparisons[comparisons["second"] != MANY.model_name(MANY.cells[-2])]
    _, right = differences.differences(cells, kept, MANY).axes
    drawn = np.concatenate([drawn.lines[0].get_ydata() for drawn in right.containers])
    assert sorted(drawn) == list(range(2, 24))


@pytest.mark.parametrize("cells", [NONE, CELLS_TABLE[:1], cells_table(cell(2, 100, np.nan))])
def test_fewer_than_two_cells_are_not_compared(cells):
    figure = differences.differences(cells, NO_COMPARISONS, SIZES)
    assert texts(figure.axes[0]) == ["fewer than two cells to compare"]
