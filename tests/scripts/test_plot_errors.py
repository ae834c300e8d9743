"""The program plot_errors, on the tables that tabulate_errors makes of small predictions."""

import json

import numpy as np
import pytest
from image_files import write_images

import plot_errors
import tabulate_errors
from digits.core.design import Design
from digits.core.errors import DataError
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageTable
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trials import RESULTS

pytestmark = pytest.mark.filterwarnings("error")
TABLES = ("calibration", "ece", "confused", "hardest")
PLOTS = ("reliability", "confusions", "worst", "common")


def prepare(folder, says, *, failed=False):
    """Write what cells say of 40 images, all of class 0, and tabulate it."""
    design = Design({"layers": tuple(says), "nodes": (8,)}, (0,), (1,))
    results = ResultsFolder(folder, design)
    (folder / "design.json").write_text(design.as_text())
    rows = np.arange(40, dtype=np.int32)
    labels = np.zeros(40, np.uint8)
    pixels = np.random.default_rng(1).integers(0, 256, (40, 4, 3), dtype=np.uint8)
    results.part(0, "validation").parent.mkdir(parents=True)
    write_images(results.part(0, "validation"), ImageTable(pixels, labels, rows))
    for trial in design.trials:
        results.metrics(trial).parent.mkdir(parents=True)
        confidence = np.where(rows < says[trial[0]], 0.1, 0.8)
        probabilities = np.column_stack([confidence, 1 - confidence]).astype(np.float32)
        keys = {"row": rows, "label": labels}
        write_probabilities(results.validation(trial), keys, probabilities)
        metrics = dict.fromkeys(RESULTS, 1) | dict(zip(design.trial_columns, trial, strict=True))
        metrics |= {"device": "CPU", "failed": "x" if failed else None}
        results.metrics(trial).write_text(json.dumps(metrics))
    tabulate_errors.main(
        [f"--results={folder}", f"--design={folder}/design.json",
         "--classes=2", *(f"--{table}={folder}/{table}.csv" for table in TABLES)]
    )  # fmt: skip


def plot(folder):
    plot_errors.main(
        [f"--results={folder}", f"--design={folder}/design.json",
         *(f"--{table}={folder}/{table}.csv" for table in TABLES),
         *(f"--{name}={folder}/plots/{name}.svg" for name in PLOTS)]
    )  # fmt: skip
    return {name: (folder / "plots" / f"{name}.svg").read_text() for name in PLOTS}


def test_all_plots_are_drawn_and_images_that_every_cell_misclassifies_are_counted(tmp_path):
    prepare(tmp_path, {2: 30, 3: 27})
    plots = plot(tmp_path)
    assert "expected calibration error: 2 × 8" in plots["reliability"]  # noqa: RUF001
    assert "0 predicted as 1 71.25%" in plots["confusions"]  # 57 of 80
    assert "27 validation images are misclassified by every cell: the 24 hardest" in plots["common"]
    assert plots["worst"].count("<image") == plots["common"].count("<image") == 24
    assert plot(tmp_path) == plots


def test_a_single_cell_can_be_drawn(tmp_path):
    prepare(tmp_path, {2: 1})
    plots = plot(tmp_path)
    assert "1 validation image is misclassified by every cell." in plots["common"]
    assert plots["worst"].count("<image") == 1


@pytest.mark.parametrize(
    ("says", "failed", "words"),
    [
        ({2: 0, 3: 0}, False, {"worst": "was misclassified", "common": "misclassified by every"}),
        (
            {2: 5, 3: 0},
            False,
            {"common": "no validation image was misclassified by every training"},
        ),
        ({2: 5, 3: 5}, True, dict.fromkeys(PLOTS, "o ") | {"reliability": "no training ended"}),
    ],
    ids=["no mistakes", "none in common", "all failed"],
)
def test_plots_without_content_state_that(tmp_path, says, failed, words):
    prepare(tmp_path, says, failed=failed)
    plots = plot(tmp_path)
    for name, text in words.items():
        assert text in plots[name]
        assert "<image" not in plots[name]


def test_a_missing_image_is_reported_with_the_file(tmp_path):
    prepare(tmp_path, {2: 3})
    write_images(
        ResultsFolder.of(tmp_path, tmp_path / "design.json").part(0, "validation"),
        ImageTable(np.zeros((1, 4, 3), np.uint8), np.zeros(1, np.uint8), np.zeros(1, np.int32)),
    )
    with pytest.raises(DataError, match=r"validation\.parquet: no image of row 1"):
        plot(tmp_path)
