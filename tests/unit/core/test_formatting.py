"""Texts from files, made safe to display."""

from hypothesis import given
from hypothesis import strategies as st

from digits.core.formatting import one_line


def test_what_can_be_read_stays_and_the_rest_becomes_single_spaces():
    assert one_line(" a\n\tb\x1b[31m \u2028 5 × 200\x00") == "a b [31m 5 × 200"  # noqa: RUF001


@given(st.text())
def test_a_text_is_one_line_of_printable_characters_and_stays_so(text):
    line = one_line(text)
    assert line.isprintable()
    assert len((line + "x").splitlines()) == 1
    assert one_line(line) == line
