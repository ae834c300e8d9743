"""Reading what the report page is made from, with one-line errors for what cannot be used."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from digits.core.errors import DataError
from digits.core.intermediate_files import ContentError, reading

PIXELS = {"pt": 4 / 3, "px": 1.0, "in": 96.0, "": 1.0}


@dataclass(frozen=True)
class Picture:
    """An SVG drawing, ready for an ``<img>``.

    Attributes
    ----------
    uri : the drawing as a data URI
    width, height : its natural size in CSS pixels
    title : what it shows, by its own ``<title>``; empty if it has none
    """

    uri: str
    width: int
    height: int
    title: str = ""


def read_picture(path: Path) -> Picture:
    """Read an SVG drawing as a data URI, so that the page needs no other file."""
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
    """Return the width and height of a drawing in CSS pixels, by its size or else its view box."""
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
    """Read drawings by their folders' and their own names, in the order given."""
    pictures: dict[str, dict[str, Picture]] = {}
    for path in paths:
        pictures.setdefault(path.parent.name, {})[path.stem] = read_picture(path)
    return pictures


def read_cell_pictures(paths: list[Path]) -> dict[tuple[int, int], dict[str, Picture]]:
    """Read drawings named ``layers-5_nodes-200/confusion.svg`` by cell and stem."""
    pictures: dict[tuple[int, int], dict[str, Picture]] = {}
    for path in paths:
        cell = re.fullmatch(r"layers-(\d+)_nodes-(\d+)", path.parent.name)
        if not cell:
            raise DataError(f"{path}: expected a folder named like layers-5_nodes-200 around it")
        key = (int(cell[1]), int(cell[2]))
        pictures.setdefault(key, {})[path.stem] = read_picture(path)
    return pictures
