"""Reading what the report page is made from, with one-line errors for what cannot be used."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import yaml

from digits import records
from digits.analysis.names import CELLS, ENSEMBLE, MODEL
from digits.errors import DataError
from digits.tables import CELL, read_numbers, read_table

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


def read_text(path: Path) -> str:
    """Read a text file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as text; expected a file in UTF-8") from error


def read_published(folder: Path) -> pd.DataFrame:
    """Read the published results, one row per cell, from the ``results.csv`` of a folder."""
    path = folder / "results.csv"
    published = read_numbers(path, CELL)
    twice = published[published.duplicated(CELL)]
    if len(twice):
        layers, nodes = twice.iloc[0][CELL]
        raise DataError(f"{path}: layers {layers:g}, nodes {nodes:g} has two rows; expected one")
    return published


def read_cells(path: Path) -> pd.DataFrame:
    """Read the table of cells of the analysis; its models are cells and the ensemble."""
    cells = read_table(path, CELLS)
    for name in cells["model"]:
        if name != ENSEMBLE and not MODEL.fullmatch(str(name)):
            raise DataError(
                f"{path}: expected models as 5L200N or {ENSEMBLE}, found {name!r};"
                " delete it and run again"
            )
    return cells


def read_json(path: Path, keys: Iterable[str] | Mapping[str, Any]) -> dict[str, Any]:
    """Read a JSON object that has ``keys``, or is of the form that a mapping states."""
    form = keys if isinstance(keys, Mapping) else dict.fromkeys(keys, records.ANY)
    return records.read_record(path, form)


def read_config(path: Path) -> tuple[dict[str, Any], str]:
    """Read a resolved configuration; return it parsed and as written."""
    text = read_text(path)
    try:
        config = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise DataError(f"{path}: no valid YAML; delete it and run again") from error
    if not isinstance(config, dict) or "experiment" not in config:
        raise DataError(f"{path}: lacks the key experiment; delete it and run again")
    augmentation = config.get("augmentation") or {}
    records.check(path, augmentation, records.Each(records.ANY), "augmentation")
    return config, text


def read_picture(path: Path) -> Picture:
    """Read an SVG drawing as a data URI, so that the page needs no other file."""
    text = read_text(path)
    try:
        root = ElementTree.fromstring(text)
        if root.tag.rpartition("}")[2] != "svg":
            raise ValueError(root.tag)
        width, height = natural_size(root)
    except (ElementTree.ParseError, ValueError, OverflowError) as error:
        raise DataError(
            f"{path}: expected an SVG drawing with its size; delete it and run again"
        ) from error
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
        raise ValueError("no size")
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
