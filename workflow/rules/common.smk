"""Lookups only: from the configuration and the machine to wildcards, paths and parameters."""

import itertools
import json
import math
import shlex
import sys
from pathlib import Path

from snakemake.utils import available_cpu_count

# The folder of this workflow, where its code is; data and results are in the working folder.
ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "scripts"))

from digits.workflow import isolation

isolation.forget_folders()

from digits.config import configuration
from digits.core import class_labels, environment
from digits.core.command_line import fail
from digits.core.errors import DigitsError
from digits.data import content_hashes, sources
from digits.training import devices
from digits.workflow import plan, startup

MAIN = workflow.is_main_process
DEPLOYED = bool(workflow.deployment_settings.deployment_method)

try:
    startup.prepare(ROOT, main=MAIN, deployed=DEPLOYED)
    # Snakemake's own validate() answers a misspelt key with hundreds of lines.
    configuration.check(config, workflow.configfiles, workflow.config_settings.config)
    PLAN = startup.take_plan(ROOT, config["experiment"], main=MAIN)
except DigitsError as error:
    fail(str(error))


def of_project(path):
    """A file of the project, as it is found from the working folder."""
    return startup.of_project(ROOT, path)


# Processes for single jobs, as on a cluster, read with which code the run was planned.
onstart:
    plan.save_plan(PLAN, startup.plan_file(config["experiment"]))


PINS = plan.pins_of(ROOT)
DATASET = config["dataset"]
FOLDS = config["cross_validation"]["folds"]
DESIGN = config["design"]
RECIPE = config["training"]
CLASSES = json.dumps(DATASET["classes"], ensure_ascii=False)

# Figures that come with the project are found from any working folder.
PUBLISHED = config["published"]
if PUBLISHED and not Path(PUBLISHED).exists() and (ROOT / PUBLISHED).exists():
    PUBLISHED = of_project(PUBLISHED)

# What the demo writes is no given file but a result; each is looked into if it was replaced.
DEMO = [DATASET[key] for key in configuration.FILES] if DATASET["source"] == "demo" else []
if MAIN:
    startup.renew_results(config["experiment"], DEMO)

# The priority of the jobs that may find fault with what is given; that of trainings is far lower.
FIRST = 1_000_000

# A training claims one GPU where there is one or one is asked for.
GPUS = int("GPU" in (RECIPE["device"].upper(), devices.kind(RECIPE["device"])))


wildcard_constraints:
    part="train|test",
    layers="|".join(map(str, DESIGN["layers"])),
    nodes="|".join(map(str, DESIGN["nodes"])),
    fold="|".join(map(str, FOLDS)),
    seed="|".join(map(str, DESIGN["seeds"])),


def code(program):
    """The identity of a program's code, for its rule's params."""
    try:
        return PLAN.code(program, ROOT, PINS)
    except DigitsError as error:
        fail(str(error))


def for_cells(pattern):
    """Paths for all cells of the design."""
    return expand(pattern, layers=DESIGN["layers"], nodes=DESIGN["nodes"])


def for_trials(pattern):
    """Paths for all trials: each cell on each fold with each seed."""
    return expand(
        pattern,
        layers=DESIGN["layers"],
        nodes=DESIGN["nodes"],
        fold=FOLDS,
        seed=DESIGN["seeds"],
    )


def for_cell_trials(pattern):
    """An input function: paths for the trials of the cell that the wildcards name."""
    return lambda wildcards: expand(
        pattern,
        layers=wildcards.layers,
        nodes=wildcards.nodes,
        fold=FOLDS,
        seed=DESIGN["seeds"],
    )


def raw_source(part):
    """Where a raw CSV is read from: the file itself, its .gz, or a member of a zip beside it."""
    if DATASET["source"] == "demo":
        return DATASET[part]
    try:
        return sources.locate(DATASET[part])
    except DigitsError as error:
        fail(str(error))


def raw_file(part):
    """The file that a raw CSV is read from; a zip counts by the member that is meant."""
    source = raw_source(part)
    path = sources.path_of(source)
    return path if path == source else ancient(path)


def raw_content(part):
    """The identity of a raw CSV's content, for params; what the demo writes has none."""
    source = raw_source(part)
    return "" if source in DEMO else content_hashes.source_identity(source, content_hashes.HASHES)


def given_file(key, path):
    """A file that the configuration names, which has to be there even where results are."""
    try:
        if sources.is_there(Path(path)):
            return path
    except DigitsError as error:
        fail(f"config: {key}: {error}")
    fail(f"config: {key}: {path}: no such file")


def published(*tables):
    """The tables of published figures to compare with, where the configuration names any."""
    return [given_file("published", f"{PUBLISHED}/{table}.csv") for table in tables if PUBLISHED]


def test_labels():
    """The true labels of the test images, where the configuration names any."""
    path = DATASET["test_labels"]
    if path is None or path in DEMO:
        return path or []
    return given_file("dataset.test_labels", path)


def content(files):
    """The identities of given files' contents, for params; what the demo writes has none."""
    paths = [files] if isinstance(files, str) else files
    return [
        content_hashes.content_identity(Path(each), content_hashes.HASHES)
        for each in paths
        if each not in DEMO
    ]


def templates(pattern):
    """The identities of templates' contents, for params: no paths, which a moved checkout changes."""
    return content(sorted(map(str, (ROOT / "workflow/report").glob(pattern))))


def option(flag, value):
    """A command-line option, or nothing where there is no value."""
    return f"{flag}={shlex.quote(value)}" if value else ""


def longest_first(wildcards):
    """The priority of a training: large networks start first, so that none is waited for alone."""

    def weights(cell):
        layers, nodes = cell
        return nodes * (math.prod(DATASET["image_shape"]) + (layers - 1) * nodes)

    cells = sorted(itertools.product(DESIGN["layers"], DESIGN["nodes"]), key=weights)
    return 1 + cells.index((int(wildcards.layers), int(wildcards.nodes)))


def cores_of_a_training(wildcards):
    """Cores to claim, so that no more trainings run side by side than the machine has cores."""
    return math.ceil((workflow.resource_settings.cores or 1) / available_cpu_count())
