"""Labels that look the same are refused."""

import pytest
from configurations import changed, completed, refusal

ALIKE = "expected labels that look different, found "
SHOWN = "expected at most 60 visible characters without spaces at the ends, found "


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ("all", "expected anything but all, found 'all'"),
        (1, "expected each label once, found '1' again"),
        (" A", f"{SHOWN}' A'"),
        ("A\t", "expected text without braces and control characters, found 'A\\t'"),
        ("A\u3000", f"{SHOWN}'A\\u3000'"),
        ("a\u00a0b", f"{SHOWN}'a\\xa0b'"),
        ("a\u200bb", f"{SHOWN}'a\\u200bb'"),
        ("\u202ebA", f"{SHOWN}'\\u202ebA'"),
        ("a\u00adb", f"{SHOWN}'a\\xadb'"),
        (10**290, f"{SHOWN}'1000"),
        (-(10**60), f"{SHOWN}'-1000"),
        (
            "Gr\u00f6\u00dfe",
            rf"{ALIKE}'Gr\xf6\xdfe' and 'Gro\u0308",
        ),
        ("\uff21", rf"{ALIKE}'\uff21' and 'A'"),
    ],
    ids=ascii,
)
def test_labels_that_cannot_be_told_apart_are_refused(label, fault):
    config = changed("dataset.classes", ["A", "Gro\u0308\u00dfe", "1", label])
    assert refusal(config).startswith(f"config: dataset.classes.3: {fault}")


@pytest.mark.parametrize(
    "classes",
    [
        2,
        [1, 26],
        ["T-shirt/top", "a, b", "$x^2$", '"q"', "-1", -1_000],
        ["a", "A"],
        ["a b", "a  b"],
        ["\u00e9", "e"],
        [10**59, -(10**58)],
        ["\U0001f600", "?"],
    ],
)
def test_labels_that_look_different_are_taken(classes):
    completed(changed("dataset.classes", classes))
