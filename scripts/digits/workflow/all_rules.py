"""Settings of all rules at once: benchmarks, conda environment, wildcards; and their results."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from snakemake.io import is_flagged

from digits.workflow.stored_files import StoredFiles, constrain_stored

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

ENVIRONMENT = "../../envs/environment.yaml"
"""The conda environment, as it is found from the files of the rules."""

GPU_ENVIRONMENT = "../../envs/environment-gpu.yaml"
"""That of the rules that claim a GPU."""


def time_rules(workflow: "Workflow", results: str) -> list[str]:
    """Give each rule defined so far a benchmark file, named as its log.

    Parameters
    ----------
    results : folder of the experiment

    Returns
    -------
    the benchmark files, with wildcards; without those of rules that write into no experiment, such
    as the demo's data, which every experiment would then write again
    """
    patterns, as_written = [], StoredFiles(workflow).as_written
    for rule in workflow.rules:
        log = Path(as_written(rule.log[0])).relative_to(Path(results, "logs"))
        benchmark = str(Path(results, "benchmarks", log.with_suffix(".tsv")))
        rule.benchmark_modifier = rule.log_modifier
        rule.benchmark = benchmark
        if all(Path(as_written(output)).is_relative_to(results) for output in rule.output):
            patterns.append(benchmark)
    return patterns


def results_of_rules(workflow: "Workflow") -> list[str]:
    """Return the outputs of the rules defined so far that are marked for Snakemake's report."""
    outputs = [output for rule in workflow.rules for output in rule.output]
    reported = [each for each in outputs if is_flagged(each, "report")]
    return list(map(StoredFiles(workflow).as_written, reported))


def complete_rules(workflow: "Workflow", levels: Mapping[str, Iterable[object]]) -> None:
    """Set the conda environment of the rules defined so far, and constrain the wildcards.

    A wildcard that stands in a pathvar can be constrained only once its rule is made.
    """
    for rule in workflow.rules:
        claims_gpu = rule.resources.get("gpu") not in (None, 0)
        rule.conda_env = GPU_ENVIRONMENT if claims_gpu else ENVIRONMENT
    values = {
        name: "|".join(re.escape(str(value)) for value in each) for name, each in levels.items()
    }
    workflow.global_wildcard_constraints(**values)
    constrain_stored(workflow.rules, values)
