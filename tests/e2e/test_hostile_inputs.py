"""Bad data stop the run at once, in one line."""

import re
import shutil

import pytest
import yaml
from conftest import CONFIG, ROOT, copy_checkout, snakemake
from reruns import replace

TINY = CONFIG | {
    "experiment": "tiny",
    "cross_validation": {"splits": 3, "folds": [1]},
    "design": {"layers": [1], "nodes": [4], "seeds": [5]},
    "training": {"epochs": 1, "batch_size": 1000000, "device": "cpu"},
}
TROUBLE = re.compile(r"^(?:error:|Traceback).*", re.MULTILINE)


@pytest.fixture
def folder(experiment, tmp_path):
    """A checkout with the published figures of the finished experiment, and no raw files yet."""
    copy_checkout(ROOT, tmp_path)
    shutil.copytree(experiment.folder / "published", tmp_path / "published")
    (tmp_path / "raw").mkdir()
    return tmp_path


def table(name, images, labels=None):
    """A CSV of images whose label column, if any, has that name."""
    names = [f"pixel{number}" for number in range(images[0].size)]
    rows = [",".join(map(str, image.ravel())) for image in images]
    if labels is not None:
        names.insert(0, '"' + name.replace('"', '""') + '"')
        rows = [f"{label},{row}" for label, row in zip(labels, rows, strict=True)]
    return "\n".join([",".join(names), *rows]) + "\n"


def write_raw(folder, experiment, paths, label):
    train, test, answers = (folder / path for path in paths)
    train.write_text(table(label, experiment.images, experiment.labels))
    test.write_text(table(label, experiment.test_images))
    lines = [f"{i},{value}" for i, value in enumerate(experiment.test_labels, start=1)]
    answers.write_text("\n".join(["ImageId,Label", *lines]) + "\n")


def run(folder, config, *arguments):
    (folder / "small.yaml").write_text(yaml.safe_dump(config))
    done = snakemake(folder, "--cores", "2", *arguments)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("part", ["train", "test"])
def test_bad_data_stop_the_run_with_one_line_and_nothing_follows(folder, experiment, part):
    paths = ["raw/train.csv", "raw/test.csv", "raw/answers.csv"]
    write_raw(folder, experiment, paths, "digit")
    path = folder / f"raw/{part}.csv"
    path.write_text(path.read_text().replace("\n", "\n\n", 5) + "7,oops\n")
    row = path.read_text().count("\n")
    dataset = CONFIG["dataset"] | {"test_labels": None}
    dataset |= dict(zip(("train", "test"), paths, strict=False))
    config = TINY | {"dataset": dataset, "published": None, "cache": None}
    status, output = run(folder, config, "--until", "train_cell", "describe_data")
    assert status == 1
    column = "pixel0" if part == "train" else "pixel1"
    assert TROUBLE.findall(output) == [
        f"error: raw/{part}.csv, row {row}, column {column}:"
        " expected an integer from 0 to 255, found 'oops'"
    ]
    results = folder / "results/tiny"
    # The other part may be on its way already when the fault of this one is found.
    of_the_other = {
        "train": {"test.parquet", "test.json", "references.json"},
        "test": {"train.parquet", "train.json"},
    }[part]
    assert {path.name for path in results.glob("data/*")} <= of_the_other
    started = {path.name for path in results.glob("logs/*")}
    if part == "train":
        assert started <= {"ingest_images", "check_references", "write_design"}
    assert not started & {"train_cell", "describe_data"}
    assert not list(results.rglob("*.part"))


# Which faults there are is decided in tests/scripts/test_check_references.py.
def test_what_results_are_compared_with_is_checked_before_any_training(folder, experiment):
    paths = ["raw/train.csv", "raw/test.csv", "raw/answers.csv"]
    write_raw(folder, experiment, paths, "digit")
    replace(folder / "published/history.csv", "1.6", "1,6")
    dataset = CONFIG["dataset"] | dict(zip(("train", "test", "test_labels"), paths, strict=True))
    config = TINY | {"dataset": dataset, "cache": None}
    status, output = run(folder, config, "--until", "check_references", "train_cell")
    assert status == 1
    (line,) = TROUBLE.findall(output)
    fault = "row 2 has more values than there are columns"
    assert line.startswith(f"error: published/history.csv: {fault}")
    assert not list((folder / "results/tiny").glob("logs/train_cell"))
    assert not list((folder / "results/tiny").glob("cells"))


def test_files_that_cannot_be_read_are_told_before_anything_starts(folder):
    (folder / "raw/train.csv").mkdir()
    paths = {"train": "raw/train.csv", "test": "raw/gone.csv", "test_labels": None}
    status, output = run(folder, TINY | {"dataset": CONFIG["dataset"] | paths})
    assert status == 1
    assert TROUBLE.findall(output) == ["error: raw/train.csv: expected a file, found a folder"]
    assert not (folder / "results").exists()


def test_a_mistake_in_the_configuration_is_one_line(folder):
    (folder / "small.yaml").write_text("a: 1\na: 2\n")
    done = snakemake(folder, "--dry-run")
    assert done.returncode == 1
    (line,) = TROUBLE.findall(done.stdout + done.stderr)
    assert line == "error: small.yaml, line 2: a: this key appears twice; remove one of them"
