"""Records in JSON: what is of a form is read, what is not is reported with its key."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE, ContentError
from digits.core.json_records import ANY, COUNT, NUMBER, SHARE, TEXT, Each, check, read_record

FORM = {"count": COUNT, "inner": {"list": [NUMBER]}, "each": Each(TEXT), "share": SHARE.or_none()}
GOOD = {"count": 3, "inner": {"list": [1, 2.5]}, "each": {"a": "x"}, "share": None, "other": [{}]}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_record_of_the_form_is_read_with_what_it_has_beside(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(GOOD))
    assert read_record(tmp_path / "a.json", FORM) == GOOD


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"count": 2.5}, ", key count: expected a whole number from 0, found 2.5"),
        ({"inner": 7}, ", key inner: expected a mapping, found 7"),
        ({"inner": {}}, ": lacks the key inner.list"),
        ({"inner": {"list": {}}}, ", key inner.list: expected a list, found {}"),
        ({"inner": {"list": [1, "x"]}}, ", key inner.list[1]: expected a number, found 'x'"),
        ({"each": {"a": "x", "b": None}}, ", key each.b: expected text, found None"),
        ({"share": 1.01}, ", key share: expected a number from 0 to 1 or null, found 1.01"),
    ],
)
def test_what_is_of_another_kind_is_reported_with_its_key(change, reason, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(GOOD | change))
    with pytest.raises(DataError) as caught:
        read_record(path, FORM)
    assert str(caught.value) == f"{path}{reason}{ADVICE}"


def test_counts_are_whole_and_numbers_finite_of_the_size_of_floats():
    counts = [0, 7, 2**53, -1, True, 2.0, 2**53 + 1, "1", None]
    assert [COUNT.fits(value) for value in counts] == [True] * 3 + [False] * 6
    numbers = [0, -1.5, 10**300, True, float("nan"), float("inf"), 10**400, "1", None]
    assert [NUMBER.fits(value) for value in numbers] == [True] * 3 + [False] * 6


def test_half_a_character_is_refused_before_anything_is_written_with_it(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(GOOD | {"each": {"a": "\ud800"}}))
    with pytest.raises(DataError, match=r"a\.json: 'utf-8' codec can't encode"):
        read_record(tmp_path / "a.json", FORM)


@given(JSON)
@settings(deadline=None)
def test_any_value_is_of_a_form_or_refused(value):
    try:
        check(value, FORM)
    except ContentError:
        return
    assert isinstance(value, dict)
    assert set(FORM) <= set(value)


@given(JSON)
@settings(deadline=None)
def test_anything_is_of_any_kind(value):
    check(value, ANY)
