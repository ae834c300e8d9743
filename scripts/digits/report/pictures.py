"""The pictures of the report page: SVG drawings as data URIs."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from digits.core.design import Cell
from digits.core.intermediate_files import ContentError, reading
from digits.core.results_folder import ResultsFolder

OF_CELL = ("learning", "confusion")
"""The drawings of each cell."""

PIXELS = {"pt": 4 / 3, "px": 1.0, "in": 96.0, "": 1.0}


@dataclass(frozen=True)
class Picture:
    """An SVG drawing, ready for an ``<img>``.

    Attributes
    ----------
    uri : the drawing as a data URI
    width, height : its natural size in CSS pixels
    title : its own ``<title>``, for screen readers; empty if it has none
    """

    uri: str
    width: int
    height: int
    title: str = ""


def read_picture(path: Path) -> Picture:
    """Read an SVG drawing as a data URI."""
    with reading(path):
        text = path.read_text(encoding="utf-8")
        root = ElementTree.fromstring(text)
        if root.tag.rpartition("}")[2] != "svg":
            raise ContentError("expected an SVG drawing")
        width, height = natural_size(root)
    data = base64.b64encode(text.encode()).decode()
    title = " ".join((root.findtext("{*}title") or "").split())
    return Picture(f"data:image/svg+xml;base64,{data}", width, height, title)


def natural_size(svg: ElementTree.Element) -> tuple[int, int]:
    """Return the width and height of a drawing in CSS pixels, from its size or its view box."""
    box = (svg.get("viewBox") or "").replace(",", " ").split()
    sizes = [svg.get("width") or "", svg.get("height") or ""]
    matches = [re.fullmatch(r"([\d.]+)(pt|px|in|)", size.strip()) for size in sizes]
    if all(matches):
        width, height = (float(match[1]) * PIXELS[match[2]] for match in matches if match)
    elif len(box) == 4:
        width, height = float(box[2]), float(box[3])
    else:
        raise ContentError("expected an SVG drawing with its size")
    return max(1, round(width)), max(1, round(height))


def read_pictures(paths: list[Path]) -> dict[str, dict[str, Picture]]:
    """Read drawings by folder and stem, in the order given."""
    pictures: dict[str, dict[str, Picture]] = {}
    for path in paths:
        pictures.setdefault(path.parent.name, {})[path.stem] = read_picture(path)
    return pictures


def read_cell_pictures(
    folder: ResultsFolder, cells: Iterable[Cell]
) -> dict[Cell, dict[str, Picture]]:
    """Read the drawings of some cells, by their names."""
    return {
        cell: {name: read_picture(folder.cell_plot(cell, name)) for name in OF_CELL}
        for cell in cells
    }
