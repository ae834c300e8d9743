"""The program ingest_images."""

import json
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import ingest_images
from digits.core.errors import DataError
from digits.data.content_hashes import HASHES, source_identity
from digits.data.image_tables import read_images


def arguments(source, output, **keys):
    dataset = json.dumps({"files": [str(source)], "image_shape": [1, 2], "classes": 3} | keys)
    return [f"--dataset={dataset}", f"--output={output}", f"--found={output}.json"]


def test_a_training_set_becomes_a_table_with_labels(tmp_path, capsys):
    source, output = tmp_path / "train.csv", tmp_path / "new" / "train.parquet"
    source.write_text("digit,p1,p2\n2,0,255\n0,3,4\n1,5,6\n")
    ingest_images.main(arguments(source, output, label="digit"))
    table = read_images(output)
    assert table.images.tolist() == [[[0, 255]], [[3, 4]], [[5, 6]]]
    assert table.labels.tolist() == [2, 0, 1]
    assert capsys.readouterr().out == f"3 images from {source}\n"


def test_a_source_that_changed_after_the_run_was_planned_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source, output = tmp_path / "test.csv", tmp_path / "test.parquet"
    source.write_text("p1,p2\n0,255\n")
    planned = ["--content", source_identity(str(source), HASHES)]
    command = [*arguments(source, output, part="test"), *planned]
    ingest_images.main(command)
    output.unlink()
    source.write_text("p1,p2\n0,254\n")
    with pytest.raises(DataError) as caught:
        ingest_images.main(command)
    fault = "the file was changed during the run; run again"
    assert str(caught.value) == f"{source}: {fault}"
    assert not output.exists()


def test_a_test_set_is_read_from_a_zip_without_labels(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("test.csv", "p0,p1\n1,2\n")
    output = tmp_path / "test.parquet"
    ingest_images.main(arguments(f"{tmp_path}/all.zip::test.csv", output, part="test"))
    table = read_images(output)
    assert table.images.tolist() == [[[1, 2]]]
    assert table.labels is None


def test_what_was_found_is_written_and_what_was_understood_is_printed(tmp_path, capsys):
    source, output = tmp_path / "train.csv", tmp_path / "train.parquet"
    source.write_text("p0;p1;Label\n2;3;0\n0;0;1\n0;9;2\n")
    ingest_images.main(arguments(source, output))
    assert capsys.readouterr().out.splitlines() == [
        "note: The separators are semicolons.",
        "note: The label is the column 'Label'.",
        f"3 images from {source}",
    ]
    found = json.loads((tmp_path / "train.parquet.json").read_text())
    (file,) = found["files"]
    assert (file["separator"], file["header"], file["rows"]) == ("semicolon", True, 3)
    assert (found["observed"]["low"], found["observed"]["high"]) == (0, 9)


def test_a_fault_ends_the_program_with_one_line_and_no_output(tmp_path):
    source, output = tmp_path / "train.csv", tmp_path / "train.parquet"
    source.write_text("label,p0,p1\n1,2,3\n3,0,0\n")
    program = Path(ingest_images.__file__)
    done = subprocess.run(
        [sys.executable, program, *arguments(source, output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {source}, row 3, column label: expected an integer from 0 to 2, found '3'\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["train.csv"]


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit the address space")
def test_a_limit_that_leaves_no_room_for_the_libraries_is_reported_in_one_line(tmp_path):
    source, limit = tmp_path / "train.csv", 160 << 20
    source.write_text("label,p0,p1\n0,2,3\n")
    done = subprocess.run(
        [sys.executable, ingest_images.__file__, *arguments(source, tmp_path / "a")],
        capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "error: out of memory; close other programs, run fewer jobs at once (--cores), or raise the"
        " limit of 160 MiB (ulimit -v)\n"
    )
