"""Opening a raw file in the format that its first bytes show."""

from digits.data.description import Description
from digits.data.formats.blocks import Opened
from digits.data.formats.delimited import open_csv


def open_images(source: str, description: Description) -> Opened:
    """Open a source in its format.

    Raises
    ------
    DataError
        If it cannot be read as images; from the blocks, if anything in it is invalid.
    """
    return open_csv(source, description)
