"""The rerun table's own view of the workflow: who takes what a rule makes, and what would run."""

import os
import re
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from conftest import snakemake
from snakemake.api import SnakemakeApi
from snakemake.settings.enums import Quietness
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings

CONSUMERS = {
    "ingest_train": {"describe_data", "plot_data", "split_folds"},
    "ingest_test": {
        "describe_data",
        "check_references",
        "predict_cell",
        "score_submission",
        "score_ensemble",
    },
    "check_references": set(),
    "describe_data": {"write_report", "write_cards"},
    "plot_data": {"write_report"},
    "split_folds": {
        "augment_fold",
        "check_fold",
        "train_cell",
        "predict_cell",
        "embed_networks",
        "plot_errors",
    },
    "augment_fold": {"check_fold", "plot_augmentation", "train_cell"},
    "check_fold": {"train_cell", "write_cards"},
    "plot_augmentation": {"write_report"},
    "train_cell": {
        "predict_cell",
        "write_submission",
        "write_ensemble",
        "tabulate_results",
        "tabulate_classes",
        "tabulate_errors",
        "analyse_design",
        "embed_networks",
        "write_report",
        "check_trials",
        "write_cards",
    },
    "predict_cell": {
        "write_submission",
        "write_ensemble",
        "tabulate_classes",
        "tabulate_errors",
        "analyse_design",
        "embed_networks",
        "check_trials",
    },
    "write_submission": {"score_submission"},
    "write_ensemble": {"score_ensemble"},
    "score_ensemble": {"write_report"},
    "score_submission": {"tabulate_results", "write_report"},
    "tabulate_results": {
        "plot_cell",
        "plot_results",
        "analyse_design",
        "write_report",
        "write_cards",
    },
    "tabulate_classes": {"plot_cell", "write_report", "write_cards"},
    "tabulate_errors": {"plot_errors", "write_report", "write_cards"},
    "plot_errors": {"write_report"},
    "plot_cell": {"write_report"},
    "plot_results": {"write_report"},
    "analyse_design": {"plot_effects", "plot_published", "write_report", "write_cards"},
    "plot_effects": {"write_report"},
    "plot_published": {"write_report"},
    "embed_networks": {"write_report"},
    "write_cards": set(),
    "tabulate_costs": {"write_report"},
    "write_config": {"draw_graphs", "write_report", "write_cards"},
    "draw_graphs": {"write_report"},
    "write_report": {"check_trials"},
    "check_trials": set(),
}
"""Who takes what a rule makes, written down here by hand; ingest_images once per part."""

UNTIMED = {"tabulate_costs", "write_report", "check_trials"}
"""Rules whose costs are not gathered; the costs of all others are."""


def after(*rules: str) -> set[str]:
    """The rules and all that take, directly or not, what they make."""
    found, pending = set(), list(rules)
    while pending:
        rule = pending.pop()
        if rule not in found:
            found.add(rule)
            pending += CONSUMERS[rule]
            pending += [] if rule in UNTIMED else ["tabulate_costs"]
    return {re.sub("ingest_(train|test)", "ingest_images", rule) for rule in found}


SUBMITTING = ("write_submission", "write_ensemble")
SCORING = ("score_submission", "score_ensemble")
COMPARING = ("check_references", *SCORING)
EVERYTHING = after("ingest_train", "ingest_test", "write_config")
CONFIGURED = after("write_config")
NOTHING = set()
NEW_TRIALS = after("train_cell")


def planned(folder: Path) -> set[str]:
    """The rules that Snakemake would run, planned in this process with the library as it is here.

    What depends on another version of the library in ``folder`` needs :func:`dry_run`.
    """
    with chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))
        patch.setattr(os, "environ", os.environ.copy())
        given = ConfigSettings(configfiles=[Path("small.yaml")])
        with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
            workflow = api.workflow(ResourceSettings(cores=1), given, snakefile=Path("Snakefile"))
            # There is no public way to the graph, but for ways to print it.
            graph = workflow.dag(DAGSettings()).workflow_api._workflow
            graph._prepare_dag(forceall=False, ignore_incomplete=False, lock_warn_only=True)
            graph._build_dag()
            return {job.rule.name for job in graph.dag.needrun_jobs()} - {"all"}


def dry_run(folder: Path) -> set[str]:
    """The rules that the command ``snakemake --dry-run`` would run."""
    run = snakemake(folder, "--dry-run")
    assert run.returncode == 0, run.stdout + run.stderr
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\ntotal", run.stdout, re.DOTALL)
    if not table:
        assert "Nothing to be done" in run.stdout + run.stderr
        return NOTHING
    return set(re.findall(r"^(\w+)", table[1], re.MULTILINE)) - {"all"}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) >= 1, f"{old!r} in {path}"
    path.write_text(text.replace(old, new, 1))
