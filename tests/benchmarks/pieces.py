"""The measured pieces that are no programs of the workflow, each run in a process of its own.

A piece imports what it needs, then works, and prints the seconds of the work as JSON.
"""

import importlib
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def program(name: str, *arguments: str) -> dict:
    """Run a rule's program in this process, to time it without interpreter and imports."""
    sys.path.insert(0, str(ROOT / "scripts"))
    main = importlib.import_module(name).main
    started = time.perf_counter()
    main(list(arguments))
    return {"seconds": time.perf_counter() - started}


def parquet(csv: str, output: str) -> dict:
    """Read a CSV with pandas and write it as Parquet, nothing checked."""
    import pandas as pd
    import pyarrow.parquet  # noqa: F401 - so that to_parquet's import is none of the work

    started = time.perf_counter()
    pd.read_csv(csv).to_parquet(output)
    return {"seconds": time.perf_counter() - started}


def split(raw: str, training: str, validation: str) -> dict:
    """Make the two parts of the fold as the procedure does, and keep them for other pieces."""
    import numpy as np
    import procedure

    table, _ = procedure.read(Path(raw))
    images = procedure.scale(table.drop(columns="label"))
    parts = procedure.split(images, table["label"].to_numpy())
    for path, (images, labels) in zip((training, validation), parts, strict=True):
        np.savez(path, images=images, labels=labels)
    return {}


def augment(training: str) -> dict:
    """Augment the training part as the procedure does."""
    import numpy as np
    import procedure

    with np.load(training) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    started = time.perf_counter()
    augmented, _ = procedure.augment(images, labels)
    return {"seconds": time.perf_counter() - started, "images": len(augmented)}


def fit(tensor: str, validation: str, layers: str, nodes: str, epochs: str) -> dict:
    """Train a cell as the procedure does, on images that are augmented already."""
    import keras
    import numpy as np
    import procedure

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
            self.started = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            seconds.append(time.perf_counter() - self.started)

    seconds: list[float] = []
    with np.load(tensor) as arrays:
        training = arrays["images"][..., None] / 255.0, arrays["labels"].astype(np.int64)
    with np.load(validation) as arrays:
        held_out = arrays["images"], arrays["labels"]
    model = procedure.build(int(layers), int(nodes), training[0].shape[1:])
    procedure.fit(model, training, held_out, int(epochs), [Clock()])
    return {"epochs": seconds}


def count(tensor: str) -> dict:
    """Count the images of a tensor."""
    import numpy as np

    with np.load(tensor) as arrays:
        return {"images": len(arrays["labels"])}


def products(library: str, layers: str, nodes: str, batch: str, steps: str) -> dict:
    """Compute the matrix products of so many training steps, in "numpy" or in "tensorflow"."""
    import products

    if library == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    make = {"numpy": products.in_numpy, "tensorflow": products.in_tensorflow}[library]
    network = int(layers), int(nodes), int(batch)
    seconds = products.measure(make(*network), int(steps))
    speed = products.operations(*network) * int(steps) / seconds / 1e9
    return {"seconds": seconds, "gflops": speed, "kernels": products.kernels()}


def images(source: str, rows: str, output: str) -> dict:
    """Write a CSV of so many images: those of another, then the same with other grey values.

    Every pixel of a stroke is changed by up to 8 of 255 levels, so that no image comes twice and
    the file compresses as the real one does; what is background stays so.
    """
    import numpy as np
    import pandas as pd

    table = pd.read_csv(source, dtype=np.uint8)
    numbers = np.array([list(f",{n}".encode().ljust(4, b"\0")) for n in range(256)], np.uint8)
    generator = np.random.default_rng(0)
    pixels = table.columns.get_loc("pixel0")
    with Path(output).open("wb") as file:
        file.write(",".join(table.columns).encode() + b"\r\n")
        for start in range(0, int(rows), 10_000):
            chosen = np.arange(start, min(start + 10_000, int(rows)))
            part = table.to_numpy()[chosen % len(table)].astype(np.int16)
            changed = (part > 0) & (chosen >= len(table))[:, None]
            changed[:, :pixels] = False
            noise = generator.integers(-8, 9, part.shape, dtype=np.int16)
            part = np.where(changed, np.clip(part + noise, 1, 255), part)
            # A line is numbers of up to three digits; the zeros that fill them up are dropped.
            ends = np.broadcast_to(np.frombuffer(b"\r\n", np.uint8), (len(part), 2))
            text = np.hstack([numbers[part].reshape(len(part), -1)[:, 1:], ends])
            file.write(text[text != 0].tobytes())
    return {}


PIECES = {
    piece.__name__: piece
    for piece in (program, parquet, split, augment, fit, count, products, images)
}

if __name__ == "__main__":
    print(json.dumps(PIECES[sys.argv[1]](*sys.argv[2:])))
