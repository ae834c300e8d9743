"""What was trained once is not trained again."""

import re

import pytest
import yaml
from conftest import CONFIG, copy_checkout, snakemake
from reruns import after, planned, replace

OTHER = CONFIG | {"experiment": "other", "published": None}


@pytest.fixture
def folder(experiment, tmp_path):
    """A checkout with the raw files and the cache of the finished experiment, and no results."""
    copy_checkout(experiment.folder, tmp_path, ["data", ".cache"])
    return tmp_path


def run(folder, config, *arguments):
    (folder / "small.yaml").write_text(yaml.safe_dump(config))
    return snakemake(folder, "--cores", "2", *arguments)


def taken(results):
    """Assert that all trainings were taken from the store; return how many there are."""
    logs = [path.read_text() for path in (results / "logs/train_cell").iterdir()]
    taken = re.compile(r"\d x 16, fold \d, seed 5 \| taken from \.cache/[0-9a-f]{32}")
    lines = "".join(logs).splitlines()
    assert all(taken.fullmatch(line) for line in lines), lines
    return len(lines)


def test_a_second_experiment_on_the_same_data_trains_nothing_anew(folder, experiment):
    design = OTHER["design"] | {"layers": [2]}
    folds = OTHER["cross_validation"] | {"folds": [2]}
    other = OTHER | {"design": design, "cross_validation": folds}
    done = run(folder, other, "--until", "train_cell")
    assert done.returncode == 0, done.stdout + done.stderr
    assert taken(folder / "results/other") == 1
    assert len(re.findall("epochs, taken from the store$", done.stderr, re.MULTILINE)) == 1
    cell = "cells/layers-2_nodes-16/fold-2_seed-5"
    for name in ("model.keras", "history.csv", "metrics.json"):
        ours = folder / "results/other" / cell / name
        assert ours.read_bytes() == (experiment.results / cell / name).read_bytes()


def test_augmentation_that_is_rewritten_and_makes_the_same_images_retrains_nothing(
    copy, experiment
):
    replace(
        copy / "scripts/augment_fold.py",
        "np.tile(table.labels, 1 + len(KINDS) * copies)",
        "np.concatenate([table.labels] * (1 + len(KINDS) * copies))",
    )
    assert planned(copy) == after("augment_fold")
    done = snakemake(copy, "--cores", "2", "--until", "train_cell")
    assert done.returncode == 0, done.stdout + done.stderr
    ours, theirs = copy / "results/small", experiment.results
    assert taken(ours) == 4
    # The metrics have the times of the trainings as they were.
    same = [path for pattern in ("tensors/*.npz", "cells/*/*/*") for path in ours.glob(pattern)]
    assert len(same) == 2 + 4 * 5
    for path in same:
        assert path.read_bytes() == (theirs / path.relative_to(ours)).read_bytes(), path
    # What follows takes the same bytes; only the costs of what ran are others.
    assert planned(copy) == after("tabulate_costs")
