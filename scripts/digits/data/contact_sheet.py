"""A picture of a few images of each class, upright, for a look before anything is trained."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digits.data.image_tables import Images

PER_CLASS = 16
SIDE = 48
"""Least height of an image in the picture, in pixels; images are enlarged by a whole factor."""

MARGIN = 4
LETTERS = 12
"""Number of letters of a label that are shown."""


def first_of_each(table: Images, classes: int, count: int = PER_CLASS) -> list[list[np.ndarray]]:
    """Return the first images of each class, or of the whole table where it has no labels.

    Returns
    -------
    a list per class of uint8 arrays of the images' shape; one list alone without labels
    """
    found: list[list[np.ndarray]] = [[] for _ in range(classes if table.labels is not None else 1)]
    for chunk in table.chunks():
        labels = np.zeros(len(chunk), np.intp) if chunk.labels is None else chunk.labels
        for number in np.unique(labels):
            wanted = count - len(found[number])
            rows = np.flatnonzero(labels == number)[:wanted]
            found[number] += list(chunk.images[rows])
        if all(len(each) == count for each in found):
            break
    return found


def contact_sheet(rows: Sequence[Sequence[np.ndarray]], names: Sequence[str]) -> bytes:
    """Draw rows of images, each with a name in front, as a PNG.

    Parameters
    ----------
    rows : uint8 arrays of one shape (height, width), or (height, width, 3)
    names : as many as rows
    """
    shape = next(image for row in rows for image in row).shape
    factor = max(1, -(-SIDE // shape[0]))
    height, width = shape[0] * factor, shape[1] * factor
    font = ImageFont.load_default(14)
    texts = [name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…" for name in names]
    left = MARGIN + max(round(font.getlength(text)) for text in texts) + MARGIN
    most = max(map(len, rows))
    size = left + most * (width + MARGIN), MARGIN + len(rows) * (height + MARGIN)
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for line, (row, text) in enumerate(zip(rows, texts, strict=True)):
        top = MARGIN + line * (height + MARGIN)
        pen.text((MARGIN, top + height // 2), text, "black", font, anchor="lm")
        for place, image in enumerate(row):
            enlarged = Image.fromarray(np.repeat(np.repeat(image, factor, 0), factor, 1))
            sheet.paste(enlarged, (left + place * (width + MARGIN), top))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()
