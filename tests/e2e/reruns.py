"""The rerun table's own view of the workflow: who takes what a rule makes, and what would run."""

import os
import re
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from conftest import snakemake
from rule_files import BODIES, TIMED, producers
from snakemake.api import SnakemakeApi
from snakemake.settings.enums import Quietness
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings

CONSUMERS = {
    taken: {rule for rule in BODIES if taken in producers(rule)}
    for taken in {*BODIES, "ingest_train", "ingest_test"}
}
"""Who takes what a rule makes, as the rules' inputs say; ingest_images once per part."""


def after(*rules: str) -> set[str]:
    """The rules and all that take, directly or not, what they make; nothing asks for submit."""
    found, pending = set(), list(rules)
    while pending:
        rule = pending.pop()
        if rule not in found:
            found.add(rule)
            pending += CONSUMERS[rule]
            pending += ["tabulate_costs"] if rule in [*TIMED, "ingest_train", "ingest_test"] else []
    return {re.sub("ingest_(train|test)", "ingest_images", rule) for rule in found - {"submit"}}


SUBMITTING = ("write_submissions", "write_ensemble")
COMPARING = ("check_references", *SUBMITTING)
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
