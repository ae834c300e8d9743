"""What was found in raw files, as a short table of text for the terminal."""

from collections.abc import Mapping
from typing import Any

SHOWN_FILES = 5
FACTS = {
    "format": "format",
    "separator": "separator",
    "header": "header",
    "columns": "columns",
}


def overview(
    part: str, found: Mapping[str, Any], image_shape: tuple[int, ...], counts: Mapping[str, int]
) -> str:
    """Return some lines about a part of the data.

    Parameters
    ----------
    part : such as ``train``
    found : see :func:`digits.data.ingest.ingest`
    image_shape : of the images as they were stored
    counts : images per class, by label; empty where there are no labels
    """
    files, observed = found["files"], found["observed"]
    height, width, *channels = image_shape
    colour = " in colour" if channels else ""
    lines = [f"{part}: {found['rows']:,} images of {height} x {width} pixels{colour}"]
    for file in files[:SHOWN_FILES]:
        known = [f"{name} {_shown(file[key])}" for key, name in FACTS.items() if key in file]
        lines.append(f"  {file['source']}: {file['rows']:,} images, {', '.join(known)}")
    if len(files) > SHOWN_FILES:
        lines.append(f"  and {len(files) - SHOWN_FILES} more files")
    lines.append(f"  values in the files: {observed['low']:g} to {observed['high']:g}")
    border, inside = observed["border"], observed["inside"]
    lines.append(f"  mean of the outermost pixels {border:.1f} of 255, of the others {inside:.1f}")
    height, width = observed["height"], observed["width"]
    lines.append(f"  spread of the mean image: {height:.1f} pixels high, {width:.1f} wide")
    if counts:
        classes = "; ".join(f"{label} {count:,}" for label, count in counts.items())
        lines.append(f"  images per class: {classes}")
    else:
        lines.append("  no labels")
    lines += [f"  note: {note}" for note in found["notes"]]
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
