"""The table of a design of many cells: rules by what all their jobs took."""

import json
import re

import checkout
import large_design
from critical_path import Job
from harness import ROOT, Run


def job(rule, name, start, end):
    return Job(rule, name, frozenset(), frozenset(), start, end)


def test_the_rules_that_took_most_come_first_below_the_run_and_its_trainings():
    jobs = [
        job("plot_cells", "plot_cells", 8.0, 9.0),
        job("train_cell", "a", 1.0, 5.0),
        job("train_cell", "b", 2.0, 8.0),
    ]
    fit = json.dumps({"fit": {"seconds": 7.5, "cpu_seconds": 7.0}})
    rows = large_design.table(jobs, Run(12.0, 20.0, 0, f"of Snakemake\n{fit}"))
    assert [(row[""], row["jobs"], float(row["seconds"])) for row in rows] == [
        ("whole run", "1", 12.0),
        ("processor time of all", "", 20.0),
        ("trainings", "", 7.5),
        ("train_cell", "2", 10.0),
        ("plot_cells", "1", 1.0),
    ]


def test_the_design_is_of_96_cells_on_5_folds(tmp_path):
    configs = ["config/config.yaml", large_design.configuration(tmp_path, epochs=5)]
    plan = checkout.snakemake(ROOT, "-n", "--directory", tmp_path, "--configfile", *configs).output
    assert re.search(r"train_cell +96\n", plan), plan
    assert re.search(r"augment_fold +5\n", plan), plan
