import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.plots.levels import is_logarithmic, positions, scale_levels, thinned
from digits.plots.style import new_figure, use_style


@pytest.mark.parametrize(
    ("levels", "places"),
    [
        ((2, 3, 5), [0, 1 / 3, 1]),
        ((0.2, 0.0, 0.4), [0.5, 0, 1]),
        ((0.001, 0.01, 0.1), [0, 0.5, 1]),
        ((50, 100, 200, 400, 800), [0, 0.25, 0.5, 0.75, 1]),
        (("sgd", "adam", "adamw"), [0, 0.5, 1]),
        ((7,), [0.5]),
    ],
)
def test_numbers_are_where_they_are_on_their_scale_and_texts_are_equally_spaced(levels, places):
    assert list(positions(levels)) == list(levels)
    assert list(positions(levels).values()) == pytest.approx(places)


@given(st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=6, unique=True))
def test_numbers_keep_their_order_from_0_to_1(levels):
    placed = sorted(positions(tuple(levels)).items())
    shares = [place for _, place in placed]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == pytest.approx((0, 1))


@pytest.mark.parametrize(
    ("levels", "logarithmic"),
    [((1, 9), False), ((1, 10), True), ((0, 10), False), (("1", "10"), False)],
)
def test_positive_numbers_over_a_decade_are_on_a_log_scale(levels, logarithmic):
    assert is_logarithmic(levels) == logarithmic


@use_style()
def labels_of(factor: str, levels: tuple) -> tuple[str, list[str]]:
    axes = new_figure(3, 2, "").subplots()
    scale_levels(axes, factor, levels)
    return axes.get_xlabel(), [label.get_text() for label in axes.get_xticklabels()]


def test_an_axis_has_the_levels_and_says_if_its_scale_is_logarithmic():
    assert labels_of("nodes", (100, 200)) == ("nodes per layer", ["100", "200"])
    label, ticks = labels_of("learning_rate", (0.001, 0.01, 1.0))
    assert (label, ticks) == ("learning rate, log scale", ["0.001", "0.01", "1"])


def test_labels_that_would_overlap_are_left_out_and_the_first_one_stays():
    assert thinned([0, 0.01, 0.5, 1], ["10", "20", "30", "40"], 30) == ["10", "", "30", "40"]
    assert thinned([1, 0.99, 0], ["a", "b", "c"], 30) == ["", "b", "c"]
