"""Lookups only: from the configuration and the machine to wildcards, paths and parameters."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from snakemake.utils import available_cpu_count

# The library lies beside the programs, which find it by themselves.
sys.path.append(str(Path(workflow.basedir) / "scripts"))

from digits import configuration, identity, sources
from digits.errors import DigitsError

# Jobs run on the interpreter that runs Snakemake, unless their environment is deployed for them.
if not workflow.deployment_settings.deployment_method:
    shell.prefix(
        f"set -euo pipefail; export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH; "
    )

# Snakemake's own validate() answers a misspelt key with hundreds of lines.
try:
    schema = Path(workflow.basedir) / "workflow/schemas/config.schema.yaml"
    configuration.complete(config, yaml.safe_load(schema.read_text(encoding="utf-8")))
except DigitsError as error:
    sys.exit(f"error: {error}")

DATASET = config["dataset"]
FOLDS = config["cross_validation"]["folds"]
DESIGN = config["design"]
RECIPE = config["training"]
PUBLISHED = config["published"]


wildcard_constraints:
    part="train|test",
    layers="|".join(map(str, DESIGN["layers"])),
    nodes="|".join(map(str, DESIGN["nodes"])),
    fold="|".join(map(str, FOLDS)),
    seed="|".join(map(str, DESIGN["seeds"])),


def code(program):
    """The identity of a program's code, for its rule's params."""
    return identity.code_identity(program, Path(workflow.basedir) / "scripts")


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
        sys.exit(f"error: {error}")


def raw_file(part):
    """The file that a raw CSV is read from."""
    return sources.path_of(raw_source(part))


def published(table):
    """The table of published figures to compare with, where the configuration names any."""
    return [f"{PUBLISHED}/{table}.csv"] if PUBLISHED else []


def option(flag, value):
    """A command-line option, or nothing where there is no value."""
    return f"{flag} {shlex.quote(value)}" if value else ""


def has_gpu():
    """Whether trainings take a GPU each: asked for, or found by the machine's own tool."""
    if RECIPE["device"] == "auto" and shutil.which("nvidia-smi"):
        return subprocess.run(["nvidia-smi"], capture_output=True, check=False).returncode == 0
    return RECIPE["device"] == "gpu"


def cores_of_a_training(wildcards):
    """Cores to claim, so that no more trainings run side by side than the machine has cores."""
    return max(1, (workflow.cores or 1) // available_cpu_count())
