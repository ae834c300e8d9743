"""Measure time and memory of the steps on the data as these grow tenfold and tenfold again."""

from itertools import pairwise
from pathlib import Path
from typing import Any

from harness import Run, parser, piece, run, scratch, short, write
from inputs import Step, extract, fold_steps, ingest, look_steps, raw_zip

TEXT = (
    "A process per step and size, on CSVs of the real images and, beyond 42,000, of the same with"
    " other grey values. The peak counts files that are mapped into memory. *inputs* are the step's"
    " input files; *growth* is what the peak grew by from the size before, as a share of what they"
    " grew by."
)


def steps(source: Path, rows: int, folder: Path) -> list[Step]:
    """Make a CSV of so many rows, and return what is done with it; ``test.csv`` is as it is."""
    csv, images = folder / "train.csv", folder / "train.parquet"
    run(piece("images", source / "train.csv", rows, csv))
    look = look_steps(images, source / "test.parquet", folder)
    return [ingest(csv, images), *fold_steps(images, folder), *look]


def measure(step: Step) -> tuple[Run, int]:
    """Run a step; return what it took and the bytes of its input files."""
    result = run(step.command)
    print(f"  {step.rule}: {short(result.seconds)} s, {short(result.megabytes)} MB", flush=True)
    return result, sum(path.stat().st_size for path in step.inputs)


def table(taken: dict[str, dict[int, tuple[Run, int]]]) -> list[dict[str, Any]]:
    """Return a row per step and size."""
    rows = []
    for rule, sizes in taken.items():
        growth = {min(sizes): ""}
        for (_, (less, small)), (size, (more, large)) in pairwise(sorted(sizes.items())):
            growth[size] = f"{(more.peak - less.peak) / (large - small):.2f}"
        for size, (result, inputs) in sorted(sizes.items()):
            row = {"step": rule, "rows": f"{size:,}", "seconds": short(result.seconds)}
            row |= {"processor (s)": short(result.cpu_seconds)}
            row |= {"peak (MB)": short(result.megabytes), "inputs (MB)": short(inputs / 1e6)}
            rows.append(row | {"growth": growth[size]})
    return rows


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__)
    sizes = [4_200, 42_000, 420_000]
    options.add_argument("--rows", type=int, nargs="+", default=sizes, help="sizes to measure")
    arguments = options.parse_args(argv)
    taken: dict[str, dict[int, tuple[Run, int]]] = {}
    with scratch() as source:
        raw = raw_zip(source)
        for part in ("train", "test"):
            extract(raw, part, source)
        test = ingest(source / "test.csv", source / "test.parquet", label=False)
        run(test.command)
        # Once without a look at the clock: what is compiled for later is compiled here.
        for rows in [min(arguments.rows), *arguments.rows]:
            print(f"{rows:,} rows", flush=True)
            with scratch() as folder:
                for step in steps(source, rows, folder):
                    taken.setdefault(step.rule, {})[rows] = measure(step)
    write("growth", "Growth of the data", TEXT, table(taken), taken)


if __name__ == "__main__":
    main()
