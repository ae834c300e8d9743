"""Packages that are withheld from an import."""

import sys

import pytest

from digits.core.imports import withheld


def test_withheld_packages_cannot_be_imported_and_are_back_afterwards():
    sys.modules.pop("colorsys", None)
    with withheld("colorsys", "json"):
        import json  # it was there before, so it stays

        assert json.dumps([]) == "[]"
        with pytest.raises(ModuleNotFoundError):
            import colorsys
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 0) == (0, 0, 0)


def test_withheld_packages_are_back_after_an_error():
    sys.modules.pop("colorsys", None)
    with pytest.raises(ZeroDivisionError), withheld("colorsys"):
        1 / 0  # noqa: B018 - for its error
    assert "colorsys" not in sys.modules
