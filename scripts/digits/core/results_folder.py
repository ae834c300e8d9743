"""Where the files of an experiment are that programs look up by trial, cell or fold.

The rules that make them write the same paths; a test holds the two together.
"""

from dataclasses import dataclass
from pathlib import Path

from digits.core.design import (
    ENSEMBLE,
    Cell,
    Design,
    Trial,
    fold_folder,
    read_design,
    submission_file,
)


@dataclass(frozen=True)
class ResultsFolder:
    """The results folder of an experiment of this design, such as ``results/demo``."""

    path: Path
    design: Design

    @classmethod
    def of(cls, path: Path, design: str | Path) -> "ResultsFolder":
        """Return a folder, with the design of a file or of JSON in one line.

        Raises
        ------
        DataError
            See :func:`digits.core.design.read_design`.
        """
        return cls(path, read_design(design))

    def _of_trial(self, trial: Trial, name: str) -> Path:
        return self.path / "cells" / self.design.trial_folder(trial) / name

    def model(self, trial: Trial) -> Path:
        """Return the network that a trial has trained."""
        return self._of_trial(trial, "model.keras")

    def history(self, trial: Trial) -> Path:
        """Return the epochs of a trial."""
        return self._of_trial(trial, "history.csv")

    def metrics(self, trial: Trial) -> Path:
        """Return the results of a trial."""
        return self._of_trial(trial, "metrics.json")

    def validation(self, trial: Trial) -> Path:
        """Return the predictions of a trial for its fold's validation images."""
        return self._of_trial(trial, "validation.parquet")

    def test(self, trial: Trial) -> Path:
        """Return the predictions of a trial for the test images."""
        return self._of_trial(trial, "test.parquet")

    def training_log(self, cell: Cell) -> Path:
        """Return the log of the trainings of a cell."""
        return self.path / "logs" / "train_cell" / f"{self.design.cell_folder(cell)}.log"

    def submission(self, model: str) -> Path:
        """Return the submission of a cell, by the name of its model, or of the ensemble."""
        return self.path / "submissions" / submission_file(model)

    def score(self, model: str) -> Path:
        """Return the record with the score of a submission."""
        return self.path / "submissions" / submission_file(model, ".json")

    @property
    def scores(self) -> dict[str, Path]:
        """The records with the scores of all submissions, by model."""
        return {model: self.score(model) for model in (*self.design.models, ENSEMBLE)}

    @property
    def kaggle_scores(self) -> Path:
        """The table of what was submitted to Kaggle; there is none before."""
        return self.path / "tables" / "kaggle_scores.csv"

    def part(self, fold: int, part: str) -> Path:
        """Return the images of a fold's part, ``train`` or ``validation``."""
        return self.path / "folds" / fold_folder(fold) / f"{part}.parquet"

    def tensor(self, cell: Cell, fold: int) -> Path:
        """Return the training tensor of a cell's trials on a fold."""
        folder = self.path / "tensors" / self.design.tensor_folder(cell)
        return folder / f"{fold_folder(fold)}.npz"

    def check(self, cell: Cell, fold: int) -> Path:
        """Return the record of the check of a fold and of the tensor that a cell is trained on."""
        name = self.design.tensor_folder(cell)
        return self.path / "folds" / fold_folder(fold) / name / "check.json"

    def cell_plot(self, cell: Cell, name: str) -> Path:
        """Return a plot of a cell, ``confusion`` or ``learning``."""
        return self.path / "plots" / "cells" / self.design.cell_folder(cell) / f"{name}.svg"
