"""The files that the configuration names, as the rules ask for them."""

import gzip
import json

import pytest
from snakemake.io import is_flagged

from digits.data import content_hashes, kaggle_api
from digits.data.description import Description
from digits.workflow.given_files import GivenFiles

DATASET = {
    "source": "files",
    "competition": None,
    "train": "raw/train.csv",
    "test": "raw/test.csv",
    "test_labels": None,
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(content_hashes, "HASHES", tmp_path / "hashes.json")
    (tmp_path / "raw").mkdir()
    return tmp_path


def given(folder, published=None, kaggle_scores=None, **dataset):
    config = {"published": published, "kaggle_scores": kaggle_scores}
    return GivenFiles(config | {"dataset": DATASET | dataset}, folder)


def test_a_raw_file_is_found_as_it_is_packed_and_counts_by_its_content(folder):
    (folder / "raw/train.csv.gz").write_bytes(gzip.compress(b"label\n1\n"))
    files = given(folder)
    assert files.raw_sources("train") == files.raw_files("train") == ["raw/train.csv.gz"]
    first = files.raw_content("train")
    (folder / "raw/train.csv.gz").write_bytes(gzip.compress(b"label\n2\n"))
    assert files.raw_content("train") != first


def test_a_zip_counts_by_its_member_and_not_by_its_date(folder):
    files = given(folder, train="raw/a.zip::train.csv", source="demo")
    (file,) = files.raw_files("train")
    assert is_flagged(file, "ancient")


def test_a_list_and_a_pattern_stand_for_several_files(folder):
    for name in ("b.csv", "a.csv", "c.csv.gz"):
        (folder / "raw" / name).write_bytes(name.encode())
    named = given(folder, train=["raw/b.csv", "raw/a.csv", "raw/c.csv"])
    assert named.raw_sources("train") == ["raw/b.csv", "raw/a.csv", "raw/c.csv.gz"]
    pattern = given(folder, train="raw/*.csv")
    assert pattern.raw_sources("train") == ["raw/a.csv", "raw/b.csv"]
    before = pattern.raw_content("train")
    (folder / "raw/b.csv").write_bytes(b"other")
    assert pattern.raw_content("train") != before


def test_images_and_labels_may_be_in_two_files(folder):
    for name in ("images.csv", "labels.csv"):
        (folder / "raw" / name).write_bytes(name.encode())
    files = given(folder, train={"images": "raw/images.csv", "labels": "raw/labels.csv"})
    assert files.raw_files("train") == ["raw/images.csv", "raw/labels.csv"]
    before = files.raw_content("train")
    (folder / "raw/labels.csv").write_bytes(b"other")
    assert files.raw_content("train") != before


def test_the_description_of_a_part_holds_its_files_and_what_is_not_as_usual(folder):
    for name in ("train.csv", "test.csv"):
        (folder / "raw" / name).write_bytes(b"")
    usual = {"label": "label", "image_shape": [28, 28], "classes": 10, "header": "auto"}
    usual |= {"delimiter": "auto", "order": "rows", "ignore": [], "pixel_range": None}
    keys = usual | {
        "invert": None,
        "resize": False,
        "channels": 1,
        "to_gray": False,
        "submission": {"id": "ImageId"},
    }
    assert json.loads(given(folder, **keys).description("test")) == {
        "part": "test", "files": ["raw/test.csv"],
        "label": "label", "image_shape": [28, 28], "classes": 10,
    }  # fmt: skip
    keys |= {"header": False, "delimiter": "tab", "invert": False}
    told = Description.from_json(given(folder, **keys).description("train"))
    assert (told.header, told.delimiter, told.invert) == (False, "\t", False)


def test_a_pattern_without_files_and_missing_files_of_kaggle_are_told(folder, capsys):
    with pytest.raises(SystemExit):
        given(folder, train="raw/*.csv").raw_sources("train")
    assert capsys.readouterr().err == "error: raw/*.csv: no file matches this pattern\n"
    with pytest.raises(SystemExit):
        given(folder, source="kaggle").raw_sources("train")
    assert "https://www.kaggle.com/competitions/digit-recognizer" in capsys.readouterr().err


def test_what_is_missing_of_a_competition_is_read_from_the_zip_to_be_downloaded(
    folder, monkeypatch
):
    monkeypatch.setattr(kaggle_api, "lacking", lambda: None)
    (folder / "raw/test.csv").write_text("pixel0\n")
    files = given(folder, source="kaggle", competition="Kannada-MNIST")
    archive = "data/kaggle/Kannada-MNIST.zip"
    assert files.archive == archive
    for _ in range(2):
        assert files.raw_sources("train") == [f"{archive}::train.csv"]
        (file,) = files.raw_files("train")
        assert (file, is_flagged(file, "ancient")) == (archive, False)
        assert files.raw_content("train") == ""
        assert files.raw_sources("test") == ["raw/test.csv"]
        (folder / "data/kaggle").mkdir(parents=True, exist_ok=True)
        (folder / archive).touch()


def test_before_a_download_what_it_needs_is_told_with_the_other_ways(folder, monkeypatch, capsys):
    monkeypatch.setattr(kaggle_api, "lacking", lambda: "run `make kaggle` first")
    with pytest.raises(SystemExit):
        given(folder, source="kaggle", competition="some").raw_sources("train")
    error = capsys.readouterr().err
    assert "https://www.kaggle.com/competitions/some/data" in error
    assert error.endswith("; or have the run download it: run `make kaggle` first\n")


@pytest.mark.parametrize(
    "case",
    [
        ({}, None, "config: dataset.competition: expected the name of a competition to submit to"),
        ({"competition": "some", "test": None}, None, "config: dataset.test: expected test images"),
        ({"competition": "some"}, "set A", "Kaggle cannot be asked: set A"),
    ],
)
def test_submissions_that_cannot_be_made_are_refused_before_anything_runs(
    folder, monkeypatch, capsys, case
):
    dataset, need, line = case
    monkeypatch.setattr(kaggle_api, "lacking", lambda: need)
    with pytest.raises(SystemExit):
        given(folder, **dataset).ready_to_submit()
    assert capsys.readouterr().err.startswith(f"error: {line}")
    monkeypatch.setattr(kaggle_api, "lacking", lambda: None)
    assert given(folder, competition="some").ready_to_submit() == []


def test_scores_of_kaggle_are_given_once_there_are_any(folder):
    assert given(folder).kaggle_scores("results/own") == []
    (folder / "results/own/tables").mkdir(parents=True)
    table = folder / "results/own/tables/kaggle_scores.csv"
    table.touch()
    assert given(folder).kaggle_scores("results/own") == [str(table.relative_to(folder))]
    (folder / "scores.tsv").touch()
    assert given(folder, kaggle_scores="scores.tsv").scores_by_hand() == ["scores.tsv"]
    assert given(folder).scores_by_hand() == []


def test_what_the_demo_writes_is_a_result_without_an_identity_of_its_own(folder):
    files = given(folder, source="demo", test_labels="raw/answers.csv")
    assert files.raw_sources("test") == ["raw/test.csv"]
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
        (lambda files: files.raw_sources("train"), "raw/train.csv"),
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


def test_a_folder_counts_by_its_content_and_not_by_its_date(folder):
    (folder / "raw/mine/cat").mkdir(parents=True)
    (folder / "raw/mine/cat/1.png").write_bytes(b"1")
    files = given(folder, train="raw/mine")
    (path,) = files.raw_files("train")
    assert is_flagged(path, "ancient")
    before = files.raw_content("train")
    (folder / "raw/mine/cat/2.png").write_bytes(b"2")
    assert files.raw_content("train") != before


def test_idx_files_come_with_their_labels_which_a_test_set_may_lack(folder, capsys):
    for name in ("train-images-idx3-ubyte", "test-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (folder / "raw" / name).write_bytes(b"")
    files = given(folder, train="raw/train-images-idx3-ubyte", test="raw/test-images-idx3-ubyte")
    assert files.raw_sources("train", "labels") == ["raw/train-labels-idx1-ubyte"]
    assert files.raw_sources("test", "labels") == []
    (folder / "raw/train-labels-idx1-ubyte").unlink()
    with pytest.raises(SystemExit):
        files.raw_sources("train", "labels")
    assert "raw/train-labels-idx1-ubyte: no such file" in capsys.readouterr().err


@pytest.mark.parametrize("elsewhere", [False, True])
def test_given_files_are_here_and_their_dates_count_unless_results_are_in_a_storage(
    folder, elsewhere
):
    submitted = "results/own/tables/kaggle_scores.csv"
    for name in ("raw/train.csv", "published/results.csv", "answers.csv", submitted):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    config = {"published": "published", "kaggle_scores": None}
    dataset = DATASET | {"test_labels": "answers.csv"}
    files = GivenFiles(config | {"dataset": dataset}, folder, elsewhere=elsewhere)
    found = [
        *files.raw_files("train"),
        *files.published("results"),
        *files.test_labels(),
        *files.kaggle_scores("results/own"),
    ]
    assert len(found) == 4
    assert all(is_flagged(path, "local") for path in found)
    assert [is_flagged(path, "ancient") for path in found] == [elsewhere] * 4


@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_demo_counts_by_its_date_or_with_results_in_a_storage_by_its_code(folder, elsewhere):
    config = {"published": None, "kaggle_scores": None}
    dataset = DATASET | {"source": "demo", "test_labels": "raw/labels.csv"}
    files = GivenFiles(config | {"dataset": dataset}, folder, elsewhere=elsewhere, demo_code="c0de")
    for path in (*files.raw_files("train"), *files.test_labels()):
        assert is_flagged(path, "local")
        assert is_flagged(path, "ancient") == elsewhere
    assert files.demo_content() == ["c0de"] * elsewhere
    assert files.content(files.test_labels()) == ["c0de"] * elsewhere


def test_a_job_on_another_machine_need_not_find_given_files(folder):
    config = {"published": "gone", "kaggle_scores": None, "dataset": DATASET}
    files = GivenFiles(config, folder, main=False)
    assert files.published("results") == ["gone/results.csv"]
    assert files.content(files.published("results")) == []
