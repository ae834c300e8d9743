"""Where results and the runs that make them are found, in the working folder and in copies."""

import os
import time
from pathlib import Path

import pytest

from digits.monitor.runs import results_of, root_of

COPIES = ".snakemake/storage/s3/bucket/ann/results/own"


@pytest.mark.parametrize("results", ["results/own", COPIES])
def test_results_and_copies_of_those_in_a_storage_are_found_by_the_experiment(tmp_path, results):
    (tmp_path / "results/own/checkpoints").mkdir(parents=True)
    assert results_of("own", tmp_path) == tmp_path / "results/own"
    (tmp_path / results / "logs").mkdir(parents=True)
    assert results_of("own", tmp_path) == tmp_path / results
    assert root_of(tmp_path / results) == tmp_path


def test_of_several_the_results_are_those_in_which_something_was_logged_last(tmp_path):
    folders = [tmp_path / name for name in ("results/own", COPIES, COPIES.replace("ann", "zoe"))]
    for folder in folders:
        (folder / "logs/train_cell").mkdir(parents=True)
        (folder / "logs/train_cell/a.log").touch()
    later = time.time() + 60
    for number, folder in enumerate([*folders, *folders]):
        os.utime(folder / "logs/train_cell/a.log", (later + number, later + number))
        assert results_of("own", tmp_path) == folder


def test_the_working_folder_is_that_of_the_copies_and_not_above_it():
    assert root_of(Path("/data/results/own")) == Path("/data")
    assert root_of(Path("/data", COPIES)) == Path("/data")
