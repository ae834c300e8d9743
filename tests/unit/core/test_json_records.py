"""Records in JSON: what is of a form is read, what is not is told by its key."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core.errors import DataError
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
    ("change", "told"),
    [
        ({"count": 2.5}, "key count: expected a whole number from 0, found 2.5"),
        ({"count": -1}, "key count: expected a whole number from 0, found -1"),
        ({"count": True}, "key count: expected a whole number from 0, found True"),
        ({"count": 10**30}, "key count: expected a whole number from 0, found 1000"),
        ({"inner": 7}, "key inner: expected a mapping, found 7"),
        ({"inner": {}}, "no inner.list"),
        ({"inner": {"list": {}}}, "key inner.list: expected a list"),
        (
            {"inner": {"list": [1, float("nan")]}},
            r"key inner.list\[1\]: expected a number, found n",
        ),
        ({"each": {"a": "x", "b": None}}, "key each.b: expected text, found None"),
        ({"inner": {"list": [10**400]}}, r"key inner.list\[0\]: expected a number, found 1000"),
        ({"share": 1.01}, "key share: expected a number from 0 to 1 or null, found 1.01"),
    ],
)
def test_what_is_of_another_kind_is_told_by_its_key(change, told, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(GOOD | change))
    with pytest.raises(DataError, match=rf"a\.json(, |: ){told}.*; delete it and run again$"):
        read_record(tmp_path / "a.json", FORM)


@pytest.mark.parametrize("change", [{"each": {"a": "\ud800"}}, {"each": {"\ud800": "x"}}])
def test_half_a_character_is_told_before_anything_is_written_with_it(change, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(GOOD | change))
    with pytest.raises(DataError, match=r"a\.json: not readable JSON \(.*delete it and run again$"):
        read_record(tmp_path / "a.json", FORM)


@given(JSON)
def test_any_value_is_of_a_form_or_told_in_one_line(value):
    try:
        check("a.json", value, FORM)
    except DataError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert isinstance(value, dict)
        assert set(FORM) <= set(value)


@given(JSON)
def test_anything_is_of_any_kind(value):
    check("a.json", value, ANY)
