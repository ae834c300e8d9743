"""The configuration: its schema, the two files that come with it, and what is refused."""

import copy
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import yaml

from digits.data.image_tables import read_images

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
SHIPPED = ["config.yaml", "kaggle.yaml"]


def read(name):
    return yaml.safe_load((ROOT / "config" / name).read_text())


def sections(schema, path=()):
    """Every object of the schema with the path to it."""
    yield path, schema
    for key, value in schema.get("properties", {}).items():
        if value.get("type") == "object":
            yield from sections(value, (*path, key))


def keys(schema):
    """Every key that holds a value, with its path."""
    for path, section in sections(schema):
        for key, value in section["properties"].items():
            if value.get("type") != "object":
                yield (*path, key), value


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("path", "section"), list(sections(SCHEMA)), ids=lambda part: str(part)[:30]
)
def test_unknown_keys_are_refused_at_every_level(path, section):
    assert section["additionalProperties"] is False
    config = copy.deepcopy(read("config.yaml"))
    place = config
    for key in path:
        place = place[key]
    place["copeis"] = 3
    with pytest.raises(jsonschema.ValidationError, match="copeis"):
        jsonschema.validate(config, SCHEMA)


@pytest.mark.parametrize(("path", "key"), list(keys(SCHEMA)), ids=lambda part: ".".join(part)[:40])
def test_every_key_is_described_bounded_and_has_a_valid_default(path, key):
    assert len(key["description"]) > 10
    required = path[0] == "experiment" or path in {("dataset", "train"), ("dataset", "test")}
    assert ("default" in key) != required
    if not required:
        validator = jsonschema.Draft202012Validator(key | {"$defs": SCHEMA["$defs"]})
        validator.validate(key["default"])


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_files_are_valid_and_state_every_key(name):
    config = read(name)
    jsonschema.validate(config, SCHEMA)
    optional = {("dataset", "test_labels"), ("published",), ("cache",), ("cache_size",)}
    for path, _ in keys(SCHEMA):
        place = config
        for part in path:
            if path in optional and part not in place:
                break
            place = place[part]


def test_the_configuration_of_another_data_set_is_three_lines():
    text = (ROOT / "config/fashion.yaml").read_text()
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == 3
    jsonschema.validate(read("fashion.yaml"), SCHEMA)


def write_fashion(folder, part, each):
    """Write a CSV as those of Fashion-MNIST, with some random images of each class."""
    rng = np.random.default_rng(each)
    names = ["label", *(f"pixel{number}" for number in range(1, 785))]
    labels = rng.permutation(np.repeat(np.arange(10), each))
    rows = np.column_stack([labels, rng.integers(0, 256, (len(labels), 784))])
    path = folder / f"fashion-mnist_{part}.csv"
    np.savetxt(path, rows, fmt="%d", delimiter=",", header=",".join(names), comments="")
    return rows


def test_the_example_of_another_data_set_takes_its_files_as_they_are(checkout):
    folder = checkout / "data/fashion"
    folder.mkdir(parents=True)
    given = {part: write_fashion(folder, part, each) for part, each in (("train", 6), ("test", 2))}
    jobs = ("--until", "check_references", "check_fold")
    status, output = run(checkout, "--cores=1", *jobs, "--configfile=config/fashion.yaml")
    assert status == 0, output
    for part, rows in given.items():
        table = read_images(checkout / f"results/fashion/data/{part}.parquet")
        np.testing.assert_array_equal(table.labels, rows[:, 0])
        np.testing.assert_array_equal(table.images.reshape(len(rows), 784), rows[:, 1:])
    check = json.loads((checkout / "results/fashion/folds/fold-0/check.json").read_text())
    assert check == {"train": 48, "validation": 12, "tensor": 480}
    status, output = dry_run(checkout, "--configfile=config/fashion.yaml")
    assert status == 0, output
    assert re.search(r"^train_cell +6$", output, re.MULTILINE)


def test_reference_experiment_is_the_published_one():
    config = read("kaggle.yaml")
    defaults = {".".join(path): key["default"] for path, key in keys(SCHEMA) if "default" in key}
    for path, value in defaults.items():
        section, _, key = path.rpartition(".")
        place = config[section] if section else config
        if path in {"published", "dataset.test_labels", "cache", "cache_size"}:
            continue
        assert place[key] == value, f"the default of {path} is the published value"
    assert (ROOT / config["published"] / "results.csv").is_file()
    assert (ROOT / config["published"] / "history.csv").is_file()


@pytest.fixture
def checkout(tmp_path):
    for part in ("Snakefile", "config", "envs", "profiles", "scripts", "workflow"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path)
    return tmp_path


def dry_run(checkout, *arguments):
    return run(checkout, "--dry-run", *arguments)


def run(checkout, *arguments):
    command = [sys.executable, "-m", "snakemake", *arguments]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_missing_raw_files_are_told_in_one_line_with_the_ways_to_get_them(checkout):
    status, output = dry_run(checkout, "--configfile", "config/kaggle.yaml")
    lines = [line for line in output.splitlines() if line.startswith("error:")]
    assert status == 1
    assert len(lines) == 1
    assert "data/raw/train.csv" in lines[0]
    assert "kaggle.com/competitions/digit-recognizer" in lines[0]
    assert "kaggle competitions download" in lines[0]
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("test_labels: raw/gone.csv", "dataset.test_labels: raw/gone.csv: no such file"),
        ("test_labels: raw", "dataset.test_labels: raw: expected a file, found a folder"),
        ("published: gone", "published: gone/results.csv: no such file"),
        ("published: raw", "published: raw/history.csv: no such file"),
    ],
)
def test_what_results_are_compared_with_has_to_be_there(checkout, given, fault):
    (checkout / "raw").mkdir()
    for name in ("train", "test", "results"):
        (checkout / f"raw/{name}.csv").write_text("")
    dataset = "dataset:\n  train: raw/train.csv\n  test: raw/test.csv\n"
    indent = "  " * given.startswith("test_labels")
    (checkout / "own.yaml").write_text(f"experiment: own\n{dataset}{indent}{given}\n")
    status, output = dry_run(checkout, "--configfile", "own.yaml")
    lines = [line for line in output.splitlines() if line.startswith(("error:", "Traceback"))]
    assert status == 1
    assert lines == [f"error: config: {fault}"]


@pytest.mark.parametrize(
    "more", [(), ("--workflow-profile", "none"), ("--config", "training={dropout: 0.1}")]
)
def test_a_config_file_takes_the_place_of_the_demo_s(checkout, more):
    raw = checkout / "raw"
    raw.mkdir()
    (raw / "train.csv").write_text("label,pixel0\n0,0\n")
    (raw / "test.csv").write_text("pixel0\n0\n")
    (checkout / "own.yaml").write_text(
        "experiment: own\ndataset: {train: raw/train.csv, test: raw/test.csv}\n"
    )
    status, output = dry_run(checkout, "--configfile", "own.yaml", *more, "-p")
    assert status == 0, output
    # Nothing of the demo is mixed in: neither its data nor its test labels nor its epochs.
    assert "results/own/" in output
    assert "--epochs 10 " in output
    assert "make_demo" not in output
    assert "data/demo" not in output


def test_values_of_the_command_line_add_to_the_demo_s(checkout):
    given = ("experiment=short", "training={epochs: 2}", "design={layers: [1], nodes: [5, 6]}")
    status, output = dry_run(checkout, "-p", "--config", *given)
    assert status == 0, output
    assert re.search(r"^train_cell +2$", output, re.MULTILINE)
    assert "results/short/cells/layers-1_nodes-5/" in output
    assert "--epochs 2 --batch-size 64 " in output
    assert "data/demo/train.csv" in output


def test_values_of_the_command_line_are_checked_as_those_of_a_file(checkout):
    status, output = dry_run(checkout, "--config", "training={epochs: two}")
    assert status == 1
    fault = "error: config: training.epochs: expected a whole number, found 'two'"
    assert [line[: len(fault)] for line in output.splitlines() if "error" in line] == [fault]


def test_configuration_without_a_name_is_refused(checkout):
    (checkout / "own.yaml").write_text("dataset: {train: a.csv, test: b.csv}\n")
    status, output = dry_run(checkout, "--configfile", "own.yaml")
    assert status == 1
    assert "error: config: experiment: this key is required" in output.splitlines()
