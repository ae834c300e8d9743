"""Measure the conversion of a CSV to Parquet: checked and ingested, or by pandas alone."""

from harness import alternate, compare, parser, piece, run, scratch, write
from inputs import extract, ingest, raw_zip, timed

TEXT = (
    "`train.csv` of 42,000 rows to Parquet: pandas reads and writes it, unchecked; `ingest_images`"
    " checks every value too. The work alone leaves out the start of the interpreter and the"
    " imports."
)


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    arguments = parser(__doc__, repeats=5).parse_args(argv)
    with scratch() as folder:
        csv = extract(raw_zip(folder), "train", folder)
        step = ingest(csv, folder / "ours.parquet")
        run(step.command)
        theirs = piece("parquet", csv, folder / "theirs.parquet")
        ours = timed(step)
        pairs = alternate(arguments.repeats, lambda: run(theirs), lambda: run(ours))
    names = ("pandas", "ingest_images")
    rows = [
        compare("whole process", pairs, lambda run: run.seconds, "s", names),
        compare("work alone", pairs, lambda run: run.report["seconds"], "s", names),
        compare("peak memory", pairs, lambda run: run.megabytes, "MB", names),
    ]
    write("ingest", "Ingest", TEXT, rows, pairs)


if __name__ == "__main__":
    main()
