"""Costs of rules, summed up from benchmark files as Snakemake writes them."""

import numpy as np
import pytest

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.workflow.costs import cost_table

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def benchmark(folder, job, *rows):
    """Write a benchmark file: a row (seconds, peak memory, processor time) per repetition."""
    path = folder / f"{job}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"{s}\t0:00:05\t{rss}\t9\t9\t9\t1.0\t0.0\t99.0\t{cpu}\n" for s, rss, cpu in rows)
    path.write_text(HEADER + "".join(lines))
    return path


def rows(table):
    return {row[0]: row[1:] for row in table.itertuples(index=False, name=None)}


def test_jobs_of_a_rule_are_summed_and_the_largest_memory_is_taken(tmp_path):
    table = cost_table(
        [
            benchmark(tmp_path, "train_cell/a", (10.25, 900.5, 9.5)),
            benchmark(tmp_path, "split_folds/a", (1.5, 200, 1)),
            benchmark(tmp_path, "train_cell/b", (20.5, 800, 19.25)),
        ]
    )
    assert list(table) == ["rule", "jobs", "seconds", "cpu_seconds", "max_rss_mb"]
    assert rows(table) == {
        "train_cell": (2, 30.75, 28.75, 900.5),
        "split_folds": (1, 1.5, 1.0, 200.0),
    }


def test_rules_stay_in_the_order_in_which_they_come(tmp_path):
    jobs = ["train_cell/a", "augment_fold/a", "plot_data/a", "augment_fold/b"]
    table = cost_table([benchmark(tmp_path, job, (1, 1, 1)) for job in jobs])
    assert table["rule"].tolist() == ["train_cell", "augment_fold", "plot_data"]


@pytest.mark.parametrize("unknown", ["-", "NA"])
def test_what_could_not_be_measured_counts_for_nothing(tmp_path, unknown):
    table = cost_table(
        [
            benchmark(tmp_path, "write_config/a", (0.25, unknown, unknown)),
            benchmark(tmp_path, "train_cell/a", (0.5, unknown, unknown)),
            benchmark(tmp_path, "train_cell/b", (2, 300, 1.5)),
        ]
    )
    assert rows(table)["train_cell"] == (2, 2.5, 1.5, 300.0)
    jobs, seconds, _, memory = rows(table)["write_config"]
    assert (jobs, seconds) == (1, 0.25)
    assert np.isnan(memory)


def test_of_a_job_that_is_repeated_the_last_run_counts(tmp_path):
    table = cost_table([benchmark(tmp_path, "train_cell/a", (9, 999, 8), (3, 100, 2))])
    assert rows(table) == {"train_cell": (1, 3.0, 2.0, 100.0)}


def test_sums_are_rounded_to_hundredths(tmp_path):
    table = cost_table([benchmark(tmp_path, f"a/{job}", (0.1, 1, 0.2)) for job in range(3)])
    assert rows(table) == {"a": (3, 0.3, 0.6, 1.0)}


def test_times_of_more_than_a_day_are_read(tmp_path):
    path = benchmark(tmp_path, "train_cell/a", (90000.5, 1, 2))
    path.write_text(path.read_text().replace("0:00:05", "1 day, 1:00:00"))
    assert rows(cost_table([path])) == {"train_cell": (1, 90000.5, 2.0, 1.0)}


@pytest.mark.parametrize(
    "content",
    [HEADER.encode(), b"s\th:m:s\n1\t0:00:01\n", HEADER.encode() + b"x\t" * 9 + b"y\n"],
    ids=["no row", "columns missing", "text"],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, content):
    (tmp_path / "a.tsv").write_bytes(content)
    with pytest.raises(DataError, match=rf"^\S+/a\.tsv: .+{ADVICE}$"):
        cost_table([tmp_path / "a.tsv"])
