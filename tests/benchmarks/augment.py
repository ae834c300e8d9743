"""Measure the augmentation of a fold against Keras's preprocessing layers."""

from harness import alternate, compare, parser, piece, run, scratch, write
from inputs import extract, fold_steps, make_tensor, raw_zip, timed

TEXT = (
    "33,600 images to 336,000: Keras's layers on whole arrays, the result kept in memory, against"
    " `augment_fold`, which reads Parquet and writes the tensor. The work alone leaves out the"
    " start of the interpreter, the imports and, for Keras only, the reading of the images."
)


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    arguments = parser(__doc__, repeats=3).parse_args(argv)
    with scratch() as folder:
        raw = raw_zip(folder)
        parts = folder / "training.npz", folder / "validation.npz"
        run(piece("split", raw, *parts))
        make_tensor(extract(raw, "train", folder), folder)
        theirs = piece("augment", parts[0])
        ours = timed(fold_steps(folder / "images.parquet", folder)[1])
        pairs = alternate(arguments.repeats, lambda: run(theirs), lambda: run(ours))
    names = ("Keras layers", "augment_fold")
    rows = [
        compare("whole process", pairs, lambda run: run.seconds, "s", names),
        compare("work alone", pairs, lambda run: run.report["seconds"], "s", names),
        compare("peak memory", pairs, lambda run: run.megabytes, "MB", names),
    ]
    write("augment", "Augment", TEXT, rows, pairs)


if __name__ == "__main__":
    main()
