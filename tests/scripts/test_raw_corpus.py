"""A corpus of unusual raw files: each is read like its clean twin or reported in one exact line."""

import json
import os
import tempfile
from pathlib import Path

import pytest
import raw_files
import raw_lines
from raw_tables import CLEAN

import ingest_images
import split_folds
from digits.workflow import job
from digits.data.image_tables import read_images

TABLES = raw_lines.CASES
LAYOUT = {"image_shape": [2, 3], "classes": 3}
NOBODY = 65534


def arguments(source: Path | str, output: Path, **keys: object) -> list[str]:
    dataset = json.dumps({"files": [str(source)]} | LAYOUT | keys)
    found = f"--found={output.with_suffix('.json')}"
    return [f"--dataset={dataset}", f"--output={output}", found]


def told(capsys, main, argv: list[str]) -> str:
    """Run a program that must fail; return what it says, which is one line without a traceback."""
    with pytest.raises(SystemExit) as ended:
        job.run(lambda: main(argv))
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith("\n")
    assert len(said.err.splitlines()) == 1
    return said.err.removeprefix("error: ").removesuffix("\n")


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> bytes:
    """The Parquet of the clean twin."""
    folder = tmp_path_factory.mktemp("clean")
    (folder / "train.csv").write_bytes(CLEAN)
    ingest_images.main(arguments(folder / "train.csv", folder / "train.parquet"))
    table = read_images(folder / "train.parquet")
    assert table.labels.tolist() == [0, 1, 2, 1]
    assert table.images.reshape(4, 6).tolist()[1] == [11, 21, 31, 41, 51, 61]
    return (folder / "train.parquet").read_bytes()


def check(capsys, clean: bytes, folder: Path, source: Path | str, expected: str) -> None:
    output, before = folder / "out" / "train.parquet", sorted(folder.rglob("*"))
    if expected:
        assert told(capsys, ingest_images.main, arguments(source, output)) == expected
        assert [path for path in sorted(folder.rglob("*")) if path.is_file()] == [
            path for path in before if path.is_file()
        ]
    else:
        ingest_images.main(arguments(source, output))
        assert output.read_bytes() == clean


def test_the_corpus_is_as_large_as_it_should_be():
    assert len(TABLES) + len(raw_files.CASES) >= 90


@pytest.mark.parametrize("name", TABLES)
def test_a_table(tmp_path, capsys, clean, name):
    make, expected = TABLES[name]
    source = tmp_path / "train.csv"
    source.write_bytes(make())
    check(capsys, clean, tmp_path, source, expected and f"{source}{expected}")


@pytest.mark.parametrize("name", raw_files.CASES)
def test_a_file(tmp_path, capsys, clean, name):
    make, expected = raw_files.CASES[name]
    source = make(tmp_path)
    check(capsys, clean, tmp_path, source, expected.replace("{folder}", str(tmp_path)))
    assert not list(tmp_path.rglob("canary"))


def test_a_class_with_fewer_images_than_folds_is_told_by_the_first_job_that_knows(tmp_path, capsys):
    source, images = tmp_path / "train.csv", tmp_path / "train.parquet"
    source.write_bytes(CLEAN)
    ingest_images.main(arguments(source, images))
    capsys.readouterr()
    parts = [f"--train={tmp_path}/a.parquet", f"--validation={tmp_path}/b.parquet"]
    argv = [f"--images={images}", "--classes=3", "--splits=2", "--fold=0", "--seed=1", *parts]
    assert told(capsys, split_folds.main, argv) == (
        "cross_validation.splits: 2 folds need 2 images of every class, but class 0 has 1"
    )
    names = ["train.csv", "train.json", "train.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_an_unreadable_file(capsys):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        source = Path(folder) / "train.csv"
        source.write_bytes(CLEAN)
        source.chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(NOBODY)
        try:
            line = told(capsys, ingest_images.main, arguments(source, Path(folder) / "out"))
        finally:
            if root:
                os.seteuid(0)
    assert line == f"{source}: cannot be read (Permission denied)"
