"""Costs of rules, summed up from benchmark files as Snakemake writes them."""

import json

import pytest

from digits.core.design import Design
from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.core.results_folder import ResultsFolder
from digits.workflow.costs import cost_table

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
DESIGN = Design({"layers": (2, 3), "nodes": (100,)}, seeds=(5,))
TRIAL = (2, 100, 0, 5)


@pytest.fixture
def folder(tmp_path):
    return ResultsFolder(tmp_path, DESIGN)


def benchmark(folder, job, *rows):
    """Write a benchmark file: a row (seconds, peak memory, processor time) per repetition."""
    path = folder.path / f"benchmarks/{job}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"{s}\t0:00:05\t{rss}\t9\t9\t9\t1.0\t0.0\t99.0\t{cpu}\n" for s, rss, cpu in rows)
    path.write_text(HEADER + "".join(lines))
    return path


def train(folder, seconds, cpu_seconds):
    """Write the metrics of a training that took so long by its own clocks."""
    metrics = dict(zip(DESIGN.trial_columns, TRIAL, strict=True)) | {"training_seconds": seconds}
    metrics |= {"cpu_seconds": cpu_seconds, "epochs": 1, "accuracy": 0.5, "val_accuracy": 0.5}
    metrics |= {"val_loss": 1.0, "best_epoch": 1, "best_val_accuracy": 0.5, "parameters": 9}
    metrics |= {"images_per_second": 9, "device": "CPU", "failed": None, "versions": {}}
    path = folder.metrics(TRIAL)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(metrics))


def rows(table):
    return {rule: tuple(costs) for rule, *costs in table}


def test_jobs_of_a_rule_are_summed_and_the_largest_memory_is_taken(folder):
    benchmark(folder, "predict_cell/a", (10.25, 900.5, 9.5))
    benchmark(folder, "split_folds/fold-0", (1.5, 200, 1))
    benchmark(folder, "predict_cell/b", (20.5, 800, 19.25))
    table = cost_table(folder, ["predict_cell", "split_folds"])
    assert rows(table) == {
        "predict_cell": (2, 30.75, 28.75, 900.5),
        "split_folds": (1, 1.5, 1.0, 200.0),
    }


def test_rules_are_in_the_order_given_and_only_those_that_have_run(folder):
    for rule in ("augment_fold", "plot_data", "draw_graphs"):
        benchmark(folder, f"{rule}/{rule}", (1, 100, 1))
    found = cost_table(folder, ["plot_data", "write_cards", "augment_fold"])
    assert [cost.rule for cost in found] == ["plot_data", "augment_fold"]


@pytest.mark.parametrize("sample", [("-", "-"), ("NA", "NA"), (0.0, 0.0), (3.6, 0.0), (3.9, 0.01)])
def test_what_was_not_sampled_is_unknown_rather_than_nothing(folder, sample):
    memory, processor = sample
    benchmark(folder, "write_config/a", (0.25, memory, processor))
    benchmark(folder, "predict_cell/a", (0.5, memory, processor))
    benchmark(folder, "predict_cell/b", (2, 300, 1.5))
    found = rows(cost_table(folder, ["write_config", "predict_cell"]))
    assert found["predict_cell"] == (2, 2.5, 1.5, 300.0)
    assert found["write_config"] == (1, 0.25, None, None)


def test_the_clock_of_a_training_counts_where_the_samples_missed_some_of_it(folder):
    train(folder, seconds=20.0, cpu_seconds=22.9)
    benchmark(folder, f"train_cell/{DESIGN.cell_folder(TRIAL[:-2])}", (24.0, 900, 19.5))
    assert rows(cost_table(folder, ["train_cell"])) == {"train_cell": (1, 24.0, 22.9, 900.0)}


def test_samples_count_where_they_show_more_than_the_clock_of_the_training(folder):
    train(folder, seconds=20.0, cpu_seconds=22.9)
    benchmark(folder, f"train_cell/{DESIGN.cell_folder(TRIAL[:-2])}", (24.0, 900, 26.5))
    assert rows(cost_table(folder, ["train_cell"])) == {"train_cell": (1, 24.0, 26.5, 900.0)}


def test_a_training_from_the_store_costs_what_its_job_did(folder):
    train(folder, seconds=20.0, cpu_seconds=22.9)
    benchmark(folder, f"train_cell/{DESIGN.cell_folder(TRIAL[:-2])}", (3.0, 400, 2.5))
    assert rows(cost_table(folder, ["train_cell"])) == {"train_cell": (1, 3.0, 2.5, 400.0)}


def test_jobs_of_an_earlier_design_do_not_count(folder):
    for job in ("layers-2_nodes-100", "layers-9_nodes-100", "plain"):
        benchmark(folder, f"predict_cell/{job}", (1, 100, 1))
    for job in ("fold-0", "fold-1", "zoom-0.1/fold-0"):
        benchmark(folder, f"split_folds/{job}", (1, 100, 1))
    found = rows(cost_table(folder, ["predict_cell", "split_folds"]))
    assert (found["predict_cell"][0], found["split_folds"][0]) == (2, 1)


def test_of_a_job_that_is_repeated_the_last_run_counts(folder):
    benchmark(folder, "predict_cell/a", (9, 999, 8), (3, 100, 2))
    assert rows(cost_table(folder, ["predict_cell"])) == {"predict_cell": (1, 3.0, 2.0, 100.0)}


def test_sums_are_rounded_to_hundredths(folder):
    for job in range(3):
        benchmark(folder, f"a/{job}", (0.1, 100, 0.2))
    assert rows(cost_table(folder, ["a"])) == {"a": (3, 0.3, 0.6, 100.0)}


def test_times_of_more_than_a_day_are_read(folder):
    path = benchmark(folder, "predict_cell/a", (90000.5, 100, 2))
    path.write_text(path.read_text().replace("0:00:05", "1 day, 1:00:00"))
    assert rows(cost_table(folder, ["predict_cell"])) == {"predict_cell": (1, 90000.5, 2.0, 100.0)}


@pytest.mark.parametrize(
    "content",
    [HEADER.encode(), b"s\th:m:s\n1\t0:00:01\n", HEADER.encode() + b"x\t" * 9 + b"y\n"],
    ids=["no row", "columns missing", "text"],
)
def test_a_damaged_file_is_refused_by_name(folder, content):
    benchmark(folder, "a/a").write_bytes(content)
    with pytest.raises(DataError, match=rf"^\S+/a\.tsv: .+{ADVICE}$"):
        cost_table(folder, ["a"])
