"""A changed setting, for each key of the configuration, and exactly the rules that run then."""

import shutil
import zipfile
from copy import deepcopy

import pytest
import yaml
from conftest import CONFIG
from reruns import COMPARING, CONFIGURED, EVERYTHING, NEW_TRIALS, NOTHING, after, planned

from digits.config.json_schema import schema
from digits.config.models import FACTOR

PUBLISHED = CONFIGURED | after("check_references", "plot_cells", "plot_results", "analyse_design")
DESIGNED = CONFIGURED | after("write_design")
KEYS = {
    "experiment": ("other", EVERYTHING | DESIGNED),
    "dataset.source": ("csv", NOTHING),
    "dataset.competition": ("digit-recognizer", CONFIGURED),
    "dataset.train": ("data/raw/same.csv", CONFIGURED | after("ingest_train")),
    "dataset.test": ("data/raw/same_test.csv", CONFIGURED | after("ingest_test")),
    "dataset.test_labels": ("data/raw/same_answers.csv", CONFIGURED | after(*COMPARING)),
    "dataset.label": ("name", EVERYTHING),
    "dataset.image_shape": ([4, 16], EVERYTHING),
    "dataset.classes": ([*range(9), "nine"], EVERYTHING),
    "dataset.header": (True, EVERYTHING),
    "dataset.ignore": (["id"], EVERYTHING),
    "dataset.delimiter": (",", EVERYTHING),
    "dataset.order": ("columns", EVERYTHING),
    "dataset.channels": (3, EVERYTHING),
    "dataset.to_gray": (True, EVERYTHING),
    "dataset.pixel_range": ([0, 255], EVERYTHING),
    "dataset.invert": (False, EVERYTHING),
    "dataset.resize": (True, EVERYTHING),
    "dataset.test_share": (0.2, EVERYTHING | {"split_test"}),
    "dataset.submission": ({"id": "Id"}, CONFIGURED | after(*COMPARING)),
    "cross_validation.splits": (4, CONFIGURED | after("split_folds")),
    "cross_validation.folds": (
        [0, 1, 2],
        DESIGNED | after("split_folds") - {"plot_augmentation"},
    ),
    "cross_validation.seed": (8, CONFIGURED | after("split_folds")),
    "augmentation.copies": (2, CONFIGURED | after("augment_fold")),
    "augmentation.translation": (0.2, CONFIGURED | after("augment_fold")),
    "augmentation.rotation": (0.2, CONFIGURED | after("augment_fold")),
    "augmentation.zoom": (0.2, CONFIGURED | after("augment_fold")),
    "augmentation.mode": ("fresh", CONFIGURED | after("augment_fold")),
    "augmentation.shear": (0.2, CONFIGURED | after("augment_fold")),
    "augmentation.elastic_alpha": (9, CONFIGURED | after("augment_fold")),
    "augmentation.elastic_sigma": (2, CONFIGURED | after("augment_fold")),
    "augmentation.seed": (4, CONFIGURED | after("augment_fold")),
    "design.layers": ([1, 2, 3], DESIGNED | NEW_TRIALS),
    "design.nodes": ([8, 16], DESIGNED | NEW_TRIALS),
    "design.seeds": ([5, 6], DESIGNED | NEW_TRIALS),
    "design.recipe": (["plain"], DESIGNED | NEW_TRIALS),
    "design.exclude": ([{"layers": 1}], DESIGNED),
    # Of the keys of other sections that can be factors, one that decides tensors and another.
    "design.optimizer": (["sgd", "adam"], DESIGNED | NEW_TRIALS),
    "design.rotation": ([0.1, 0.2], DESIGNED | after("augment_fold")),
    "training.epochs": (13, CONFIGURED | NEW_TRIALS),
    "training.batch_size": (16, CONFIGURED | NEW_TRIALS),
    "training.optimizer": ("adam", CONFIGURED | NEW_TRIALS),
    "training.learning_rate": (0.2, CONFIGURED | NEW_TRIALS),
    "training.momentum": (0.9, CONFIGURED | NEW_TRIALS),
    "training.nesterov": (True, CONFIGURED | NEW_TRIALS),
    "training.weight_decay": (0.1, CONFIGURED | NEW_TRIALS),
    "training.schedule": ("cosine", CONFIGURED | NEW_TRIALS),
    "training.warm_up": (0.1, CONFIGURED | NEW_TRIALS),
    "training.final_factor": (0.1, CONFIGURED | NEW_TRIALS),
    "training.label_smoothing": (0.1, CONFIGURED | NEW_TRIALS),
    "training.averaging": ("ema", CONFIGURED | NEW_TRIALS),
    "training.ema_momentum": (0.9, CONFIGURED | NEW_TRIALS),
    "training.averaged_epochs": (2, CONFIGURED | NEW_TRIALS),
    "training.dropout": (0.3, CONFIGURED | NEW_TRIALS),
    "training.activation": ("gelu", CONFIGURED | NEW_TRIALS),
    "training.input_scaling": ("standard", CONFIGURED | NEW_TRIALS),
    "training.patience": (3, CONFIGURED | NEW_TRIALS),
    "training.device": ("auto", CONFIGURED | NEW_TRIALS),
    "training.precision": ("bfloat16", CONFIGURED | NEW_TRIALS),
    "training.stack": (2, CONFIGURED | NEW_TRIALS),
    "recipes": ({"other": {}}, CONFIGURED),
    # Of two factors, the accuracy is drawn without the table of cells.
    "analysis.margin": (0.01, CONFIGURED | after("analyse_design") - {"plot_results"}),
    "published": (None, PUBLISHED),
    "kaggle_scores": ("scores.tsv", CONFIGURED | after("check_references", "tabulate_results")),
    "cache": (None, CONFIGURED),
    "cache_size": (1000, CONFIGURED),
}


WITH = {
    "dataset.to_gray": {"channels": 3},
    "dataset.test_share": {"test": None, "test_labels": None},
}
"""What a key of dataset cannot be changed without."""


def test_every_key_of_the_configuration_has_its_row():
    paths = {
        f"{section}.{key}" if "properties" in inner else section
        for section, inner in schema()["properties"].items()
        for key, value in inner.get("properties", {"": {}}).items()
        if FACTOR not in value
    }
    assert paths == KEYS.keys() - {"design.optimizer", "design.rotation"}


@pytest.fixture(scope="module")
def finished(experiment, tmp_path_factory):
    """The finished experiment, with the raw files under other names as well, to plan in."""
    folder = tmp_path_factory.mktemp("settings") / "copy"
    shutil.copytree(experiment.folder, folder)
    raw = folder / "data" / "raw"
    with zipfile.ZipFile(raw / "digits.zip") as archive:
        (raw / "same.csv").write_bytes(archive.read("train.csv"))
        (raw / "same_test.csv").write_bytes(archive.read("test.csv"))
    shutil.copy(raw / "answers.csv", raw / "same_answers.csv")
    (folder / "scores.tsv").write_text("submission\tscore\nModel-1L16N.csv\t0.5\n")
    return folder


@pytest.mark.parametrize("key", KEYS)
def test_a_changed_setting_reruns_the_rules_that_take_it(finished, key):
    value, expected = KEYS[key]
    config = deepcopy(CONFIG)
    section, _, name = key.rpartition(".")
    if key == "design.recipe":
        config["recipes"] = {name: {} for name in value}
    config["dataset"] |= WITH.get(key, {})
    (config.setdefault(section, {}) if section else config)[name] = value
    (finished / "small.yaml").write_text(yaml.safe_dump(config))
    assert planned(finished) == expected


def test_a_removed_cell_trains_nothing_and_the_tables_follow(finished):
    design = CONFIG["design"] | {"layers": [2]}
    (finished / "small.yaml").write_text(yaml.safe_dump(CONFIG | {"design": design}))
    gatherers = after(
        "tabulate_results",
        "tabulate_classes",
        "tabulate_errors",
        "write_submissions",
        "write_ensemble",
        "embed_networks",
    )
    assert planned(finished) == DESIGNED | gatherers
