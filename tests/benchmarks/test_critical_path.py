"""The chain of jobs that decides when trainings start and when the report is there."""

import base64
import json

import critical_path
import harness
import pytest
from critical_path import Job, chain, read_jobs, stretches, table


def job(rule, start, end, inputs=(), outputs=()):
    return Job(rule, rule, frozenset(inputs), frozenset(outputs), start, end)


@pytest.fixture
def jobs():
    """A small experiment on two cores; the first plot, of the data, keeps a training waiting."""
    return [
        job("ingest_images", 1.0, 2.0, ["raw"], ["images"]),
        job("write_design", 1.0, 1.2, [], ["design"]),
        job("split_folds", 2.1, 3.0, ["images"], ["fold"]),
        job("plot_data", 2.1, 5.0, ["images"], ["plot"]),
        job("train_cell", 3.1, 6.0, ["fold"], ["a"]),
        job("train_cell", 5.1, 9.0, ["fold"], ["b"]),
        job("tabulate_results", 9.1, 9.5, ["a", "b", "design"], ["table"]),
        job("plot_results", 9.6, 11.0, ["table"], ["accuracy"]),
        job("write_report", 11.2, 12.0, ["accuracy", "table", "plot"], ["page"]),
    ]


def test_a_job_waited_for_the_last_of_its_inputs(jobs):
    rules = [each.rule for each in chain(jobs[7], jobs)]
    assert rules[-3:] == ["train_cell", "tabulate_results", "plot_results"]


def test_a_job_that_waited_for_a_core_follows_the_one_that_left_it(jobs):
    assert [each.rule for each in chain(jobs[5], jobs)] == [
        "ingest_images",
        "plot_data",
        "train_cell",
    ]


def test_a_run_is_parted_at_its_first_and_last_training(jobs):
    before, during, after = stretches(jobs, 12.5)
    assert [before.seconds, during.seconds, after.seconds] == pytest.approx([3.1, 5.9, 3.5])
    assert [each.rule for each in before.chain] == ["ingest_images", "split_folds"]
    assert [each.outputs for each in during.chain] == [{"b"}]
    assert [each.rule for each in after.chain] == [
        "tabulate_results",
        "plot_results",
        "write_report",
    ]


def test_every_job_of_a_chain_has_a_row(jobs):
    rows = table(stretches(jobs, 12.5))
    assert rows[0][""] == "until the first training"
    assert rows[2] == {
        "": "split_folds",
        "start (s)": "2.10",
        "seconds": "0.900",
        "waited": "0.100",
    }
    assert len(rows) == 3 + 2 + 1 + 3


def test_the_result_is_kept_and_gathered_on_the_page(jobs, tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "RESULTS", tmp_path)
    monkeypatch.setattr(critical_path, "raw_zip", lambda folder: folder)
    monkeypatch.setattr(critical_path.checkout, "with_raw", lambda folder, _: folder)
    done = harness.Run(12.5, 20.0, 0, "")
    monkeypatch.setattr(critical_path, "measure_copy", lambda *_: (jobs, done))
    critical_path.main([])
    assert "| until the first training |" in (tmp_path / "README.md").read_text()
    assert len(json.loads((tmp_path / "critical_path.json").read_text())["data"]) == len(jobs)


def test_jobs_are_read_from_what_snakemake_records_of_each_output(tmp_path):
    for output, end in (("results/a.csv", 105.5), ("results/ü.csv", 107.0)):
        record = {"rule": "tabulate_results", "log": ["logs/all.log"], "input": ["x"]}
        name = base64.b64encode(output.encode(), altchars=b"-_").decode()
        path = tmp_path / name
        path.write_text(json.dumps(record | {"starttime": 104.0, "endtime": end}))
    outputs = frozenset({"results/a.csv", "results/ü.csv"})
    expected = Job("tabulate_results", "all", frozenset("x"), outputs, 4.0, 7.0)
    assert read_jobs(tmp_path, 100.0) == [expected]
