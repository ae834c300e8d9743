"""What a report page shows and leaves out of a very large experiment."""

from hypothesis import given
from hypothesis import strategies as st

from digits.report.page_size import fitting_pictures
from digits.report.pictures import Picture


def picture(size: int) -> Picture:
    return Picture("d" * size, 1, 1)


def test_the_first_pictures_stay_and_one_that_is_too_large_gives_way_to_the_next():
    groups = {"results": {"a": picture(4), "b": picture(9)}, (2, 100): {"c": picture(6)}}
    kept, others = fitting_pictures(groups, 10)
    assert {group: list(names) for group, names in kept.items()} == {
        "results": ["a"],
        (2, 100): ["c"],
    }
    assert others == [("results", "b")]


@given(st.lists(st.integers(0, 50)), st.integers(0, 200))
def test_what_stays_is_within_the_limit_and_nothing_is_lost(sizes, limit):
    groups = {"plots": {str(place): picture(size) for place, size in enumerate(sizes)}}
    kept, others = fitting_pictures(groups, limit)
    assert sum(len(shown.uri) for shown in kept["plots"].values()) <= limit
    assert sorted([*kept["plots"], *(name for _, name in others)]) == sorted(groups["plots"])
