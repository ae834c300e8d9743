"""The program predict_cell."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from image_files import write_images

import predict_cell
from digits.core.design import Design
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageTable, take, write_chunks
from digits.evaluation.predictions import UNLABELLED, read_probabilities

IMAGES = np.random.default_rng(1).integers(0, 256, (9, 5, 4), dtype=np.uint8)
LABELS = np.arange(9, dtype=np.uint8) % 3


DESIGN = Design({"layers": (2,), "nodes": (7,)}, folds=(0, 2), seeds=(1,))
ROWS = {0: [3, 5, 8], 2: [1, 2]}
"""The rows of the validation images of each fold."""


def arguments(folder, model):
    """Write the networks of two trials, the same for both, and images of their folds."""
    results = ResultsFolder(folder, DESIGN)
    for trial in DESIGN.trials:
        results.model(trial).parent.mkdir(parents=True, exist_ok=True)
        results.model(trial).unlink(missing_ok=True)
        results.model(trial).symlink_to(model)
    for fold, rows in ROWS.items():
        part = results.part(fold, "validation")
        part.parent.mkdir(parents=True, exist_ok=True)
        write_chunks(part, take(ImageTable(IMAGES, LABELS), np.array(rows)))
    write_images(folder / "test.parquet", ImageTable(IMAGES))
    given = [f"--results={folder}", f"--design={DESIGN.as_text()}"]
    return [*given, f"--test={folder}/test.parquet"]


def predictions(folder, name):
    return [getattr(ResultsFolder(folder, DESIGN), name)(trial) for trial in DESIGN.trials]


def test_all_images_get_the_probabilities_of_the_model_with_their_keys(tmp_path, saved_network):
    model, path = saved_network
    predict_cell.main(arguments(tmp_path, path))
    expected = model.predict(IMAGES, verbose=0)
    for path, rows in zip(predictions(tmp_path, "validation"), ROWS.values(), strict=True):
        keys, probabilities = read_probabilities(path)
        np.testing.assert_allclose(probabilities, expected[rows], atol=2e-6)
        found = {name: keys[name].tolist() for name in keys}
        assert found == {"row": rows, "label": [row % 3 for row in rows]}
        assert [str(keys[name].dtype) for name in keys] == ["int32", "uint8"]
    for path in predictions(tmp_path, "test"):
        keys, probabilities = read_probabilities(path, UNLABELLED)
        np.testing.assert_allclose(probabilities, expected, atol=2e-6)
        assert {name: keys[name].tolist() for name in keys} == {"ImageId": list(range(1, 10))}
        assert [str(keys[name].dtype) for name in keys] == ["int32"]


def test_the_same_inputs_give_the_same_bytes(tmp_path, saved_network):
    contents = []
    for _ in range(2):
        predict_cell.main(arguments(tmp_path, saved_network[1]))
        paths = [*predictions(tmp_path, "validation"), *predictions(tmp_path, "test")]
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]


def test_the_number_of_threads_does_not_change_the_bytes(tmp_path, network):
    """A product of matrices this large is shared by threads, each of which sums up a part."""
    model = network.build_network((28, 28), 10, layers=1, nodes=200, dropout=0, seeds=[1, 2])
    design = Design({"layers": (1,), "nodes": (200,)}, seeds=(1,))
    results, (trial,) = ResultsFolder(tmp_path, design), design.trials
    network.save_network(model, results.model(trial))
    images = np.random.default_rng(1).integers(0, 256, (3000, 28, 28), dtype=np.uint8)
    write_images(tmp_path / "test.parquet", ImageTable(images))
    rows = np.arange(9, dtype=np.int32)
    write_images(results.part(0, "validation"), ImageTable(images[:9], LABELS, rows))
    contents = []
    for threads in ("1", "2"):
        subprocess.run(
            [sys.executable, predict_cell.__file__, f"--results={tmp_path}",
             f"--design={design.as_text()}", f"--test={tmp_path}/test.parquet"],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads}, check=True,
        )  # fmt: skip
        contents.append(results.test(trial).read_bytes())
    assert contents[0] == contents[1]


def test_tensorflow_is_never_imported(tmp_path, saved_network):
    code = (
        "import sys, predict_cell; predict_cell.main(sys.argv[1:]);"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments(tmp_path, saved_network[1])],
        cwd=Path(predict_cell.__file__).parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = set(ran.stdout.split())
    assert {"digits", "h5py", "numpy"} <= imported
    assert not imported & {"tensorflow", "keras", "torch", "jax", "matplotlib"}
