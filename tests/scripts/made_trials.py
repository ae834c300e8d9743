"""Trials of any design with predictions that a test chooses, where the programs look for them."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from digits.core.design import Design
from digits.core.results_folder import ResultsFolder
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trials import RESULTS

MIXED = Design(
    {"layers": (2,), "nodes": (8,), "optimizer": ("sgd", "adamw"), "dropout": (0.0, 0.25)},
    folds=(0, 1),
    seeds=(5,),
    exclude=({"optimizer": "sgd", "dropout": 0.25},),
)
"""A design with factors of text and of fractions, whose texts are not in alphabetical order."""

HEADER = "layers,nodes,optimizer,dropout,fold,seed"
IDENTITIES = [
    f"2,8,{levels},{fold},5" for levels in ("sgd,0.0", "adamw,0.0", "adamw,0.25") for fold in (0, 1)
]
"""The trials of ``MIXED`` as tables have them, under ``HEADER``, in the order of the design."""


@dataclass(frozen=True)
class Trials:
    """Trials of a design; those that are not written have failed."""

    path: Path
    design: Design
    results: ResultsFolder = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "results", ResultsFolder(self.path, self.design))
        for trial in self.design.trials:
            self.write(trial, failed="epoch 1: nan")

    @property
    def given(self) -> list[str]:
        """The options of the programs that need all trials."""
        return [f"--results={self.path}", f"--design={self.design.as_text()}"]

    def write(self, trial: tuple, **changes: object) -> Path:
        """Write the metrics of a trial."""
        about = dict.fromkeys(RESULTS, 1) | {"device": "CPU"}
        about |= dict(zip(self.design.trial_columns, trial, strict=True))
        path = self.results.metrics(trial)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(about | changes))
        return path

    def fail(self, *trials: tuple) -> None:
        """Have trials fail after all."""
        for trial in trials:
            path = self.results.metrics(trial)
            path.write_text(json.dumps(json.loads(path.read_text()) | {"failed": "epoch 1: nan"}))

    def answer(self, trial: tuple, labels: object, probabilities: object, *, first: int = 0):
        """Write predictions of a trial for the validation images of its fold."""
        labels = np.asarray(labels, np.uint8)
        keys = {"row": np.arange(first, first + len(labels)), "label": labels}
        path = self.results.validation(trial)
        write_probabilities(path, keys, np.array(probabilities, np.float32))

    def submit(self, trial: tuple, probabilities: object) -> None:
        """Write predictions of a trial for the test images."""
        keys = {"ImageId": np.arange(1, len(probabilities) + 1)}
        write_probabilities(self.results.test(trial), keys, np.array(probabilities, np.float32))


def drawn(trial: tuple, images: int, classes: int) -> np.ndarray:
    """Draw the predicted classes of a trial at random, other ones for each trial."""
    place = list(MIXED.trials).index(trial)
    return np.random.default_rng(place).integers(0, classes, images)


def sure(predicted: np.ndarray, classes: int, confidence: float = 0.9) -> np.ndarray:
    """Return probabilities of which those of the predicted classes are of this size."""
    rest = (1 - confidence) / (classes - 1)
    return rest + (confidence - rest) * np.eye(classes)[predicted]
