"""The program predict_cell."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from image_files import write_images

import predict_cell
from digits.data.image_tables import ImageTable, take, write_chunks
from digits.evaluation.predictions import UNLABELLED, read_probabilities

IMAGES = np.random.default_rng(1).integers(0, 256, (9, 5, 4), dtype=np.uint8)
LABELS = np.arange(9, dtype=np.uint8) % 3


def arguments(folder, model):
    table = ImageTable(IMAGES, LABELS)
    write_chunks(folder / "validation.parquet", take(table, np.array([3, 5, 8])))
    write_images(folder / "test.parquet", ImageTable(IMAGES))
    return [f"--model={model}", f"--validation={folder}/validation.parquet",
            f"--test={folder}/test.parquet", f"--validation-output={folder}/out/validation.parquet",
            f"--test-output={folder}/out/test.parquet"]  # fmt: skip


def test_all_images_get_the_probabilities_of_the_model_with_their_keys(tmp_path, saved_network):
    model, path = saved_network
    predict_cell.main(arguments(tmp_path, path))
    expected = model.predict(IMAGES, verbose=0)
    keys, probabilities = read_probabilities(tmp_path / "out/validation.parquet")
    np.testing.assert_allclose(probabilities, expected[[3, 5, 8]], atol=2e-6)
    assert {name: keys[name].tolist() for name in keys} == {"row": [3, 5, 8], "label": [0, 2, 2]}
    assert keys.dtypes.astype(str).tolist() == ["int32", "uint8"]
    keys, probabilities = read_probabilities(tmp_path / "out/test.parquet", UNLABELLED)
    np.testing.assert_allclose(probabilities, expected, atol=2e-6)
    assert {name: keys[name].tolist() for name in keys} == {"ImageId": list(range(1, 10))}
    assert keys.dtypes.astype(str).tolist() == ["int32"]


def test_the_same_inputs_give_the_same_bytes(tmp_path, saved_network):
    contents = []
    for _ in range(2):
        predict_cell.main(arguments(tmp_path, saved_network[1]))
        contents.append([path.read_bytes() for path in sorted((tmp_path / "out").iterdir())])
    assert contents[0] == contents[1]


def test_the_number_of_threads_does_not_change_the_bytes(tmp_path, network):
    """A product of matrices this large is shared by threads, each of which sums up a part."""
    model = network.build_network((28, 28), 10, layers=1, nodes=200, dropout=0, seeds=[1, 2])
    network.save_network(model, tmp_path / "model.keras")
    images = np.random.default_rng(1).integers(0, 256, (3000, 28, 28), dtype=np.uint8)
    write_images(tmp_path / "test.parquet", ImageTable(images))
    rows = np.arange(9, dtype=np.int32)
    write_images(tmp_path / "validation.parquet", ImageTable(images[:9], LABELS, rows))
    contents = []
    for threads in ("1", "2"):
        subprocess.run(
            [sys.executable, predict_cell.__file__, f"--model={tmp_path}/model.keras",
             f"--validation={tmp_path}/validation.parquet", f"--test={tmp_path}/test.parquet",
             f"--validation-output={tmp_path}/a.parquet", f"--test-output={tmp_path}/b.parquet"],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads}, check=True,
        )  # fmt: skip
        contents.append((tmp_path / "b.parquet").read_bytes())
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
