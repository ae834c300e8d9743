"""The reference procedure runs and does what was published, and so do its measured pieces."""

import csv
import io
import sys
import zipfile

import numpy as np
import pandas as pd
import pieces
import pytest
import reference
from harness import HERE, Run, piece, run

SIDE, ROWS = 28, 60


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """A zip such as Kaggle's, of a few random images."""
    generator = np.random.default_rng(1)
    header = [f"pixel{number}" for number in range(SIDE**2)]
    pixels = generator.integers(0, 256, (ROWS, SIDE**2))
    labels = np.arange(ROWS) % 10
    path = tmp_path_factory.mktemp("raw") / "digits.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part, names, rows in (
            ("train", ["label", *header], np.column_stack([labels, pixels])),
            ("test", header, pixels[:7]),
        ):
            text = io.StringIO(newline="")
            csv.writer(text).writerows([names, *rows.tolist()])
            archive.writestr(f"{part}.csv", text.getvalue())
    return path


def test_the_procedure_runs_from_the_zip_to_the_submissions(raw, tmp_path):
    options = ["--raw", raw, "--output", tmp_path, "--epochs", 1, "--cells", 2]
    done = run([sys.executable, HERE / "procedure.py", *options])
    results = pd.read_csv(tmp_path / "results.csv")
    assert results[["layers", "nodes"]].values.tolist() == [[2, 100], [2, 200]]
    assert results["val_accuracy"].between(0, 1).all()
    submission = pd.read_csv(tmp_path / "Model-2L200N.csv")
    assert submission["ImageId"].tolist() == list(range(1, 8))
    assert submission["Label"].between(0, 9).all()
    assert (tmp_path / "Model-2L100N.png").stat().st_size > 10_000
    assert {"read", "augment", "fit Model-2L100N", "evaluate Model-2L200N"} <= set(done.report)
    fits = [done.report[f"fit Model-2L{nodes}N"] for nodes in (100, 200)]
    assert reference.of_trainings(done, "seconds") == sum(fit["seconds"] for fit in fits) > 0
    assert reference.of_trainings(done, "cpu_seconds") > 0


def test_the_seconds_of_the_trainings_are_those_of_the_table_of_results(tmp_path):
    tables = tmp_path / "results" / "some" / "tables"
    tables.mkdir(parents=True)
    (tables / "results.csv").write_text("training_seconds,cpu_seconds\n2.5,2\n1.5,1.25\n")
    done = reference.with_trainings(Run(9.0, 9.0, 1, "said"), tmp_path)
    assert reference.of_trainings(done, "seconds") == 4
    assert reference.of_trainings(done, "cpu_seconds") == 3.25


def test_the_pieces_split_and_augment_as_published(raw, tmp_path, network):
    parts = tmp_path / "training.npz", tmp_path / "validation.npz"
    pieces.split(raw, *parts)
    with np.load(parts[0]) as training, np.load(parts[1]) as validation:
        assert training["images"].shape == (48, SIDE, SIDE, 1)
        assert training["images"].dtype == np.float64
        assert training["images"].max() == 1
        assert len(validation["labels"]) == 12
    assert pieces.augment(parts[0])["images"] == 480


def test_a_fit_reports_its_epochs(tmp_path, network):
    generator = np.random.default_rng(2)
    images, labels = generator.integers(0, 256, (64, SIDE, SIDE), np.uint8), np.arange(64) % 10
    np.savez(tmp_path / "tensor.npz", images=images, labels=labels.astype(np.uint8))
    np.savez(tmp_path / "validation.npz", images=images[..., None] / 255, labels=labels)
    assert run(piece("count", tmp_path / "tensor.npz")).report == {"images": 64}
    tensors = tmp_path / "tensor.npz", tmp_path / "validation.npz"
    epochs = pieces.fit(*tensors, "2", "100", "2")["epochs"]
    assert len(epochs) == 2
    assert min(epochs) > 0


def test_more_images_are_made_of_some_and_none_comes_twice(tmp_path):
    generator = np.random.default_rng(3)
    pixels = np.where(generator.random((20, 16)) < 0.5, 0, generator.integers(1, 256, (20, 16)))
    table = pd.DataFrame(pixels, columns=[f"pixel{number}" for number in range(16)])
    table.insert(0, "label", np.arange(20) % 10)
    table.to_csv(tmp_path / "some.csv", index=False)
    run(piece("images", tmp_path / "some.csv", 50, tmp_path / "more.csv"))
    made = pd.read_csv(tmp_path / "more.csv")
    assert list(made) == list(table)
    pd.testing.assert_frame_equal(made[:20], table)
    again = made[20:40].reset_index(drop=True)
    assert (again["label"] == table["label"]).all()
    assert ((again == 0) == (table == 0)).all().all()
    assert (again - table).abs().to_numpy().max() in range(1, 9)
    assert not made.drop(columns="label").duplicated().any()
