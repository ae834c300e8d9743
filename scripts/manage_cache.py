"""Show the entries of a store of trained cells, or remove those that were used longest ago.

``show`` lists the entries; ``prune`` keeps those used last, up to ``--size``. Both may run during
experiments.
"""

import re
from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.errors import DataError
from digits.workflow.store import entries, prune

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("command", choices=("show", "prune"))
    parser.add_argument("cache", type=Path, help="folder of the store (cache in the configuration)")
    parser.add_argument("--size", type=parse_size, default=0, help="to keep, such as 500M or 20G")
    arguments = parser.parse_args(argv)

    if not arguments.cache.is_dir():
        raise DataError(f"{arguments.cache}: no such folder")
    if arguments.command == "prune":
        removed = prune(arguments.cache, arguments.size)
        size = format_size(sum(entry.bytes for entry in removed))
        print(f"removed {len(removed)} entries, {size}")
    left = entries(arguments.cache)
    for entry in left:
        used = datetime.fromtimestamp(entry.used).strftime("%Y-%m-%d %H:%M")
        names = sorted(path.name for path in entry.path.iterdir() if path.suffix != ".json")
        print(f"{entry.path.name}  {used}  {format_size(entry.bytes):>10}  {', '.join(names)}")
    print(f"{len(left)} entries, {format_size(sum(entry.bytes for entry in left))}")


def parse_size(text: str) -> int:
    """Parse a number of bytes, with or without a binary unit (K, M, G, T)."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?", text, re.IGNORECASE)
    if not match:
        raise ArgumentTypeError(f"{text!r} is not a size; write, for example, 500M or 20G")
    return int(float(match[1]) * UNITS[match[2].upper()])


def format_size(size: float) -> str:
    """Format a number of bytes with a suitable unit."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


if __name__ == "__main__":
    job.run(main)
