"""Lookups only: from the configuration and the machine to wildcards, paths and parameters."""

import itertools
import json
import math
import os
import shlex
import sys
from pathlib import Path

import yaml
from snakemake.utils import available_cpu_count

# The library lies beside the programs, which find it by themselves.
ROOT = Path(workflow.basedir)
sys.path.append(str(ROOT / "scripts"))

from digits import classes, config_files, configuration, devices, identity, runs, sources
from digits.errors import DigitsError
from digits.program import fail

# Jobs run on the interpreter that runs Snakemake, unless their environment is deployed for them,
# and end with the run that started them, however it ends.
EXPORTS = [f"{runs.VARIABLE}={shlex.quote(str(runs.enter(Path('.snakemake')) or ''))}"]
# scikit-learn's joblib, whose processes no job uses, warns where /dev/shm cannot be written to.
EXPORTS.append("JOBLIB_MULTIPROCESSING=0")
if not workflow.deployment_settings.deployment_method:
    EXPORTS.append(f"PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH")
shell.prefix(f"set -euo pipefail; export {' '.join(EXPORTS)}; ")

# Snakemake's own validate() answers a misspelt key with hundreds of lines.
try:
    for file in workflow.configfiles:
        config_files.check_file(Path(os.path.relpath(file)))
    schema = ROOT / "workflow/schemas/config.schema.yaml"
    configuration.complete(config, yaml.safe_load(schema.read_text(encoding="utf-8")))
except DigitsError as error:
    fail(str(error))

PINS = identity.read_pins(ROOT / "envs/requirements.txt")
DATASET = config["dataset"]
FOLDS = config["cross_validation"]["folds"]
DESIGN = config["design"]
RECIPE = config["training"]
CLASSES = json.dumps(DATASET["classes"], ensure_ascii=False)
PUBLISHED = config["published"]

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
    return identity.code_identity(program, ROOT / "scripts", PINS)


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
    path = sources.path_of(raw_source(part))
    return ancient(path) if raw_member(part) else path


def raw_member(part):
    """The identity of the member of a zip that a raw CSV is, nothing for other files."""
    return sources.member_identity(raw_source(part))


def given_file(key, path):
    """A file that the configuration names: Snakemake does not miss it where results are there."""
    try:
        if sources.is_there(Path(path)):
            return path
    except DigitsError as error:
        fail(f"config: {key}: {error}")
    fail(f"config: {key}: {path}: no such file")


def published(table):
    """The table of published figures to compare with, where the configuration names any."""
    return [given_file("published", f"{PUBLISHED}/{table}.csv")] if PUBLISHED else []


def test_labels():
    """The true labels of the test images, where the configuration names any."""
    path = DATASET["test_labels"]
    if path is None or DATASET["source"] == "demo":
        return path or []
    return given_file("dataset.test_labels", path)


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
    return math.ceil((workflow.cores or 1) / available_cpu_count())
