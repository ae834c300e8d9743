"""Measure how close a training on one core comes to the floor: its matrix products alone."""

import math
from functools import partial

from harness import KERNELS, Spread, alternate, parser, piece, ratios, run, scratch, write
from inputs import raw_zip
from training import BATCH, CELLS, CORE, alone, prepare

TEXT = (
    "Seconds of an epoch of a fold's images in batches of 64, of `train_cell` alone on one core"
    " (validation included, the first epoch left out), and of the matrix products alone of its"
    " steps (same shapes, forward and backward, float32, the same core), in NumPy and in a compiled"
    " loop of TensorFlow's. No variable of the environment chooses their kernels; NumPy's are"
    " {kernels}. The ratio is to the faster of the two floors of the same round."
)

Report = dict[str, float | str]


def products(library: str, cell: tuple[int, int], images: int) -> Report:
    """Compute an epoch's matrix products on one core; return what the piece reports."""
    command = piece("products", library, *cell, BATCH, math.ceil(images / BATCH))
    return run(
        command, cores=CORE, environment={"OPENBLAS_NUM_THREADS": "1"}, without=KERNELS
    ).report


def row(cell: tuple[int, int], rounds: list[tuple[float, Report, Report]]) -> dict[str, str]:
    """Return a cell's row of the table, from the seconds of a training and the floors' reports."""
    seconds, *floors = zip(*rounds, strict=True)
    columns = {"cell": f"{cell[0]} x {cell[1]}", "training (s)": str(Spread.of(seconds))}
    for name, reports in zip(("NumPy", "TensorFlow"), floors, strict=True):
        columns[f"{name} (s)"] = str(Spread.of([report["seconds"] for report in reports]))
        columns[f"{name} (GFLOP/s)"] = str(Spread.of([report["gflops"] for report in reports]))
    lowest = (min(report["seconds"] for report in pair) for pair in zip(*floors, strict=True))
    return columns | {"training / floor": str(ratios(zip(seconds, lowest, strict=True)))}


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__, repeats=7)
    options.add_argument("--epochs", type=int, default=2, help="of each training, 2 or more")
    arguments = options.parse_args(argv)
    rows, data, kernels = [], {}, set()
    with scratch() as folder:
        images = prepare(raw_zip(folder), folder)
        for cell in CELLS:
            name = f"{cell[0]} x {cell[1]}"
            print(name)
            data[name] = alternate(
                arguments.repeats,
                partial(alone, folder, cell, arguments.epochs),
                partial(products, "numpy", cell, images),
                partial(products, "tensorflow", cell, images),
            )
            rows.append(row(cell, data[name]))
            kernels |= {numpy["kernels"] for _, numpy, _ in data[name]}
    write("floor", "Floor", TEXT.format(kernels=" and ".join(sorted(kernels))), rows, data)


if __name__ == "__main__":
    main()
