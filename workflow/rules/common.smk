"""Lookups: from the configuration and the machine to wildcards, paths and parameters."""

import itertools
import json
import math
import shlex
import sys
from pathlib import Path

from snakemake.utils import available_cpu_count

sys.path.insert(0, f"{workflow.basedir}/scripts")

from digits.workflow import isolation

isolation.forget_folders()

from digits.core import class_labels, environment
from digits.core.design import CELL
from digits.training import devices
from digits.workflow import startup
from digits.workflow.all_rules import complete_rules, results_of_rules, time_rules
from digits.workflow.given_files import GivenFiles

RUN = startup.start(workflow, config)
GIVEN = GivenFiles(config, RUN.root)

DATASET = config["dataset"]
DESIGN = config["design"]
RECIPE = config["training"]
FOLDS = config["cross_validation"]["folds"]
CLASSES = json.dumps(DATASET["classes"], ensure_ascii=False)
PUBLISHED = GIVEN.published_folder

# Every wildcard with the values that it takes.
LEVELS = {"part": ["train", "test"], "layers": DESIGN["layers"], "nodes": DESIGN["nodes"]}
LEVELS |= {"fold": FOLDS, "seed": DESIGN["seeds"]}

# The priority of the jobs that check the user's files; that of trainings is far lower.
FIRST = 1_000_000

# A training claims one GPU if there is one, or if the configuration asks for one.
GPUS = int("GPU" in (RECIPE["device"].upper(), devices.kind(RECIPE["device"])))

# The categories of Snakemake's report, numbered because it sorts them by name.
RESULTS, ANALYSIS, CELLS, ERRORS = "1 Results", "2 Analysis", "3 Cells", "4 Errors"
SUBMISSIONS, DATA, PROVENANCE = "5 Submissions", "6 Data", "7 Provenance"

# The report's names for kinds of files, and the labels of a cell's files.
KINDS = {".csv": "table", ".svg": "plot", ".html": "page", ".md": "text", ".yaml": "file"}
OF_CELL = {"layers": "{layers}", "nodes": "{nodes}"}

# The identity of a program's code, for its rule's params.
code = RUN.code


def for_all(patterns, but=()):
    """Paths for all values of the wildcards in patterns, but for those that stay wildcards."""
    levels = {name: values for name, values in LEVELS.items() if name not in but}
    return expand(patterns, **levels, allow_missing=True)


def result(path, category, labels, caption=None):
    """Mark an output as a result: `all` makes it, and Snakemake's report shows it.

    Labels may be a text, which says what the file shows. The caption is that of ``workflow/report``
    with the name of the file, or else with the name given.
    """
    if "<cell>" in path:
        labels = OF_CELL | {"plot": labels}
    elif isinstance(labels, str):
        labels = {"kind": KINDS[Path(path).suffix], "shows": labels}
    return report(path, f"../report/{caption or Path(path).stem}.rst", category, labels=labels)


def option(flag, value):
    """A command-line option, or nothing where there is no value."""
    return f"{flag}={shlex.quote(value)}" if value else ""


def longest_first(wildcards):
    """The priority of a training: large networks start first, so that no core idles at the end."""
    pixels = math.prod(DATASET["image_shape"])
    cells = itertools.product(DESIGN["layers"], DESIGN["nodes"])
    cells = sorted(cells, key=lambda cell: cell[1] * (pixels + (cell[0] - 1) * cell[1]))
    return 1 + cells.index((int(wildcards.layers), int(wildcards.nodes)))


def cores_of_a_training(wildcards):
    """Cores to claim, so that at most as many trainings run at once as the machine has cores."""
    return math.ceil((workflow.resource_settings.cores or 1) / available_cpu_count())
