"""Where results and the runs that make them are found, in the working folder and in copies."""

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


def test_results_here_come_before_copies(tmp_path):
    for folder in ("results/own", COPIES):
        (tmp_path / folder / "logs").mkdir(parents=True)
    assert results_of("own", tmp_path) == tmp_path / "results/own"


def test_the_working_folder_is_that_of_the_copies_and_not_above_it():
    assert root_of(Path("/data/results/own")) == Path("/data")
    assert root_of(Path("/data", COPIES)) == Path("/data")
