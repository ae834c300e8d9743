"""Importing packages without what they import in turn if it is installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def withheld(*packages: str) -> Iterator[None]:
    """Make packages that are not yet imported appear not to be installed."""
    new = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(new))
    try:
        yield
    finally:
        for package in new:
            del sys.modules[package]
