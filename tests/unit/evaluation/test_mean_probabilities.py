"""The mean of several predictions: NumPy's, in double precision, for the same images only."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.evaluation.predictions import mean_probabilities


def table(*rows, start=1):
    keys = {"ImageId": np.arange(start, start + len(rows), dtype=np.int32)}
    return keys, np.array(rows, dtype=np.float32)


PATHS = [Path(name) for name in "abcd"]


def together(*tables):
    return mean_probabilities(tables, PATHS[: len(tables)])[1].argmax(axis=1).tolist()


def test_the_mean_decides_and_not_the_majority():
    sure, doubtful = table([0.0, 1.0, 0.0]), table([0.4, 0.3, 0.3])
    assert together(sure, doubtful, doubtful) == [1]
    assert together(doubtful) == [0]


def test_each_image_has_its_own_mean():
    one = table([0.9, 0.1], [0.2, 0.8], [0.5, 0.5])
    other = table([0.0, 1.0], [0.3, 0.7], [0.6, 0.4])
    assert together(one, other) == [1, 1, 0]


def test_the_lowest_class_wins_a_tie():
    assert together(table([0.2, 0.4, 0.4], [0.5, 0.0, 0.5])) == [1, 0]
    assert together(table([0.2, 0.4, 0.4]), table([0.2, 0.4, 0.4])) == [1]


def test_the_mean_is_taken_in_double_precision():
    # In single precision 1 + 2**-26 is 1, which would make this a tie that class 0 wins.
    one, other = table([0.5, 0.5]), table([0.0, 2.0**-26])
    assert together(one, one, other) == [1]


@given(st.integers(1, 4), st.data())
@settings(deadline=None)
def test_the_mean_is_numpys_whatever_the_order_of_the_tables(count, data):
    shape = (count, data.draw(st.integers(1, 5)), data.draw(st.integers(2, 5)))
    # Multiples of 1/1024 add up exactly, so that ties are real ties.
    whole = data.draw(arrays.arrays(np.int64, shape, elements=st.integers(0, 1024)))
    order = data.draw(st.permutations(range(count)))
    tables = [table(*(whole[place] / 1024)) for place in order]
    keys, found = mean_probabilities(tables, PATHS[:count])
    assert keys["ImageId"].tolist() == list(range(1, shape[1] + 1))
    np.testing.assert_array_equal(found, np.mean(whole / 1024, axis=0))
    sums = whole.sum(axis=0).tolist()
    assert found.argmax(axis=1).tolist() == [row.index(max(row)) for row in sums]


ONE = table([0.5, 0.5], [0.5, 0.5])


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        (table([0.5, 0.5], [0.5, 0.5], start=2),
         "b, row 1, column ImageId: expected 1 as in a, found 2"),
        (table([0.5, 0.5]), "b: expected 2 rows as in a, found 1"),
        (table([0.5, 0.3, 0.2], [0.5, 0.3, 0.2]), "b: expected 2 classes as in a, found 3"),
        (({"row": ONE[0]["ImageId"]}, ONE[1]),
         "b: expected the columns ImageId as in a, found row"),
    ],
    ids=["other images", "fewer images", "more classes", "other keys"],
)  # fmt: skip
def test_predictions_that_do_not_belong_together_are_told_by_name_and_place(other, fault):
    with pytest.raises(DataError) as caught:
        mean_probabilities(iter([ONE, other]), PATHS[:2])
    assert str(caught.value) == f"{fault}{ADVICE}"
