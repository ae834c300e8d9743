"""The files that the configuration names, as the rules ask for them."""

import gzip

import pytest
from snakemake.io import is_flagged

from digits.data import content_hashes
from digits.workflow.given_files import GivenFiles

DATASET = {"source": "files", "train": "raw/train.csv", "test": "raw/test.csv", "test_labels": None}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(content_hashes, "HASHES", tmp_path / "hashes.json")
    (tmp_path / "raw").mkdir()
    return tmp_path


def given(folder, published=None, **dataset):
    return GivenFiles({"dataset": DATASET | dataset, "published": published}, folder)


def test_a_raw_file_is_found_as_it_is_packed_and_counts_by_its_content(folder):
    (folder / "raw/train.csv.gz").write_bytes(gzip.compress(b"label\n1\n"))
    files = given(folder)
    assert files.raw_source("train") == files.raw_file("train") == "raw/train.csv.gz"
    first = files.raw_content("train")
    (folder / "raw/train.csv.gz").write_bytes(gzip.compress(b"label\n2\n"))
    assert files.raw_content("train") != first


def test_a_zip_counts_by_its_member_and_not_by_its_date(folder):
    files = given(folder, train="raw/a.zip::train.csv", source="demo")
    assert is_flagged(files.raw_file("train"), "ancient")


def test_what_the_demo_writes_is_a_result_without_an_identity_of_its_own(folder):
    files = given(folder, source="demo", test_labels="raw/answers.csv")
    assert files.raw_source("test") == "raw/test.csv"
    assert files.raw_content("test") == ""
    assert files.test_labels() == ["raw/answers.csv"]
    assert files.content(files.test_labels()) == []


def test_published_figures_of_the_project_are_found_from_any_folder(folder, monkeypatch):
    (folder / "config/figures").mkdir(parents=True)
    (folder / "config/figures/results.csv").write_text("layers\n")
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    files = given(folder, published="config/figures")
    assert files.published("results") == [f"{folder}/config/figures/results.csv"]
    assert len(files.content(files.published("results"))) == 1
    assert given(folder).published("results") == []


@pytest.mark.parametrize(
    ("look_up", "line"),
    [
        (lambda files: files.raw_source("train"), "raw/train.csv"),
        (lambda files: files.test_labels(), "config: dataset.test_labels: raw: expected a file"),
        (lambda files: files.published("results"), "config: published: gone/results.csv: no such"),
    ],
)
def test_a_file_that_is_not_there_ends_the_run_in_one_line(folder, capsys, look_up, line):
    with pytest.raises(SystemExit):
        look_up(given(folder, published="gone", test_labels="raw"))
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert line in error
    assert error.count("\n") == 1
