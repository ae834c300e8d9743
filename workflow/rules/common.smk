"""Lookups: from the configuration and the machine to wildcards, paths and parameters."""

import json
import math
import shlex
import sys
from pathlib import Path

from snakemake.utils import available_cpu_count

sys.path.insert(0, f"{workflow.basedir}/scripts")

from digits.workflow import isolation

isolation.forget_folders()

from digits.config.recipes import design_of, recipe_of, work_of
from digits.core import class_labels, environment
from digits.core.results_folder import ResultsFolder
from digits.training import devices
from digits.workflow import packing, resources, startup
from digits.workflow.all_rules import complete_rules, results_of_rules, time_rules
from digits.workflow.given_files import GivenFiles
from digits.workflow.stored_files import StoredFiles

RUN = startup.start(workflow, config)
STORED = StoredFiles(workflow)
GIVEN = GivenFiles(
    config,
    RUN.root,
    elsewhere=STORED.elsewhere,
    demo_code=RUN.code("make_demo"),
    main=workflow.is_main_process,
)

# Snakemake's own refuses the outputs of rules where its storage keeps them.
expand = STORED.expand

DATASET = config["dataset"]
DESIGN = design_of(config)
DEVICE = config["training"]["device"]
FOLDER = f"results/{config['experiment']}"
FOLDS = config["cross_validation"]["folds"]
CLASSES = json.dumps(DATASET["classes"], ensure_ascii=False)
SUBMISSION = json.dumps(
    {key: DATASET["submission"][key] for key in ("id", "label", "first")}, ensure_ascii=False
)
PUBLISHED = GIVEN.published_folder

# There may be no test set, or it is a share of the images of the training file.
TEST = ["test"] * (DATASET["test"] is not None or DATASET["test_share"] > 0)
WITHOUT_TEST = "" if TEST else "--without-test"

# Every wildcard with the values that it takes.
LEVELS = {
    "part": ["whole"] if DATASET["test_share"] else ["train", *TEST],
    "cell": list(map(DESIGN.cell_folder, DESIGN.cells)),
    "augmentation": list(dict.fromkeys(map(DESIGN.tensor_folder, DESIGN.cells))),
    "fold": FOLDS,
    "seed": DESIGN.seeds,
}

# The work of a training of each cell, in order.
WORK = sorted(work_of(config, DESIGN, cell) for cell in DESIGN.cells)

# The number of trainings that each cell lacks, as the run begins; unknown of results in a storage.
UNTRAINED = {}
if not STORED.elsewhere:
    UNTRAINED = packing.untrained(ResultsFolder(Path(FOLDER), DESIGN), stored=bool(config["cache"]))

# The augmentation that is drawn, that of the first cell.
DRAWN = recipe_of(config, DESIGN, DESIGN.cells[0])["augmentation"]

# The priority of the jobs that check the user's files or that trainings wait for; that of trainings
# is far lower.
FIRST = 1_000_000

# The cores to share out, and how many a training claims, so that no more run at once than the
# machine has. On the node of a cluster, a job has what it was submitted with.
CORES = (workflow.resource_settings.cores or 1) if workflow.is_main_process else 1
CLAIMED = math.ceil(CORES / available_cpu_count())

# The number of cells for whose plots another process is worth its start.
CELLS_AT_ONCE = 4

# The priority of the job that fails where a training did: the page is made before, or beside it.
LAST = -1

# Jobs that no training waits for: one at a time, so that they leave cores to those that trainings
# do wait for. A lower claim to the processor would keep the core from a training for longer.
ASIDE = {"asides": 1}
workflow.register_resource("asides", 1)

# A training claims one GPU if there is one, or if the configuration asks for one.
GPUS = int("GPU" in (DEVICE.upper(), devices.kind(DEVICE)))

# The categories of Snakemake's report, numbered because it sorts them by name.
RESULTS, ANALYSIS, CELLS, ERRORS = "1 Results", "2 Analysis", "3 Cells", "4 Errors"
SUBMISSIONS, DATA, PROVENANCE = "5 Submissions", "6 Data", "7 Provenance"

# The label of what is of all cells, beside the levels of others.
ALL_CELLS = {DESIGN.shown[0]: "all"}

# The report's names for kinds of files.
KINDS = {".csv": "table", ".svg": "plot", ".html": "page", ".md": "text", ".yaml": "file"}

# The identity of a program's code, for its rule's params.
code = RUN.code


def for_all(patterns, but=()):
    """Paths for all values of the wildcards in patterns, but for those that stay wildcards.

    Beside long lists of inputs, files without wildcards are given by it as well: where a rule has
    an output of another as an input, Snakemake's time to plan it grows with the square of the list.
    """
    levels = {name: values for name, values in LEVELS.items() if name not in but}
    return expand(patterns, **levels, allow_missing=True)


def result(path, category, shows, caption=None):
    """Mark an output as a result: `all` makes it, and Snakemake's report shows it.

    The text says what the file shows; in place of it, a file of a cell has its levels as labels.
    The caption is that of ``workflow/report`` with the name of the file, or else with the name
    given.
    """
    labels = {"kind": KINDS[Path(path).suffix], "shows": shows}
    if isinstance(shows, dict):
        labels = shows
    return report(path, f"../report/{caption or Path(path).stem}.rst", category, labels=labels)


def option(flag, value):
    """A command-line option, or nothing where there is no value."""
    return f"{flag}={shlex.quote(value)}" if value else ""


def cell_of(wildcards):
    """The cell that a job is about, by its folder."""
    return DESIGN.parse_cell_folder(wildcards.cell)


def levels_of(cell):
    """The levels of a cell by factor, as texts."""
    levels = zip(DESIGN.factors, cell)
    return {name: str(level) for name, level in levels if name in DESIGN.shown}


def of_trials(name):
    """The paths of the files of this name of all trials of a cell, which stays a wildcard."""
    return for_all(f"<results>/cells/{{cell}}/fold-{{fold}}_seed-{{seed}}/{name}", but=["cell"])


def on_folds(pattern):
    """An input function: the paths for all folds and the augmentation that a cell is trained on."""
    return lambda wildcards: expand(
        pattern, augmentation=DESIGN.tensor_folder(cell_of(wildcards)), fold=FOLDS
    )


def plots_of_cells(name, shows):
    """The plots of this name of all cells, as results with the levels of their cells."""
    return [
        result(
            f"<plots>/cells/{DESIGN.cell_folder(cell)}/{name}.svg",
            CELLS,
            levels_of(cell) | {"plot": shows},
        )
        for cell in DESIGN.cells
    ]


def results_folder(wildcards, input):
    """The results folder, where the design is: elsewhere if Snakemake's storage keeps it."""
    return Path(str(input.design)).parent


def results_of_cell(wildcards, output):
    """The results folder of a cell's files: elsewhere if Snakemake's storage keeps them."""
    return Path(str(output[0])).parents[3]


def design_of_cell(wildcards):
    """The design of a cell alone, which does not change when others are added."""
    return DESIGN.only(cell_of(wildcards)).as_text()


def training_of(wildcards):
    """The settings of a cell's trainings."""
    return json.dumps(recipe_of(config, DESIGN, cell_of(wildcards))["training"])


def augmentation_of(wildcards):
    """The settings of an augmentation, by its folder or by a cell that it is for."""
    if "cell" in wildcards.keys():
        cell = cell_of(wildcards)
    else:
        folder = wildcards.get("augmentation", "")
        cell = next(cell for cell in DESIGN.cells if DESIGN.tensor_folder(cell) == folder)
    return recipe_of(config, DESIGN, cell)["augmentation"]


def training_program(wildcards):
    """The program that trains a cell: on its tensor, or on copies made afresh in each epoch."""
    return {"fixed": "train_cell", "fresh": "train_fresh"}[augmentation_of(wildcards)["mode"]]


def fresh_copies(wildcards):
    """The option with the settings of the copies that a training makes afresh."""
    settings = augmentation_of(wildcards)
    return option("--augmentation", json.dumps(settings)) if settings["mode"] == "fresh" else ""


def longest_first(wildcards):
    """The priority of a training: large ones start first, so that no core idles at the end."""
    return 1 + WORK.index(work_of(config, DESIGN, cell_of(wildcards)))


def train_first(wildcards):
    """The priority of raw files: tensors wait for those to train on alone."""
    return FIRST + (wildcards.part != "test")


def cores_of_raw_files(wildcards):
    """Cores to claim for raw files: those of the test set leave one to what tensors wait for."""
    return 1 if wildcards.part == "test" else 2


def cores_of_a_cell(wildcards):
    """Cores to claim for the processes that train a cell, one for each; there is one on a GPU.

    Where --cores is more than the machine has, a process claims several.
    """
    trials, cells = packing.work_beside(cell_of(wildcards), UNTRAINED, DESIGN)
    return CLAIMED * (1 if GPUS else packing.processes(trials, cells, CORES // CLAIMED))


def trainings_of(wildcards, input, threads):
    """What the trainings of a cell cost; their tensors must be there."""
    # Snakemake's own size of an input, which it knows of remote ones too, takes a millisecond.
    first = input.tensor[0]
    size = max(input.size_files) if first.is_storage else Path(first).stat().st_size
    device = "GPU" if GPUS else "CPU"
    processes = max(1, threads // CLAIMED)
    return resources.trainings_of(
        config, DESIGN, cell_of(wildcards), tensor=size, device=device, processes=processes
    )


def memory_of_a_cell(wildcards, input, threads, attempt):
    """The memory that the trainings of a cell ask a scheduler for, in MB."""
    return trainings_of(wildcards, input, threads).memory(attempt)


def minutes_of_a_cell(wildcards, input, threads, attempt):
    """The time that the trainings of a cell ask a scheduler for."""
    return trainings_of(wildcards, input, threads).minutes(attempt)
