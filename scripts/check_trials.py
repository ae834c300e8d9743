"""Fail if a training failed, or if predictions contradict what it reported; name the trials.

Training and prediction compute the accuracy on the validation images independently; where the two
differ, one of them is wrong, and no result of the trial can be trusted. This runs last, so that
other trainings, the tables and the report are finished in spite of a failed one.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.design import ascii_label, trial_of
from digits.core.errors import TrainingError
from digits.evaluation.predictions import read_probabilities
from digits.evaluation.trials import disagreement, has_failed, read_metrics


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True)
    parser.add_argument("--predictions", type=Path, nargs="+", required=True, help="same order")
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    trials = [read_metrics(path) for path in arguments.metrics]
    failed = [
        f"{ascii_label(trial_of(trial))} ({trial['failed']})"
        for trial in trials
        if has_failed(trial)
    ]
    wrong = contradicted(trials, arguments.predictions)
    faults = []
    if failed:
        faults.append(
            f"{len(failed)} of {len(trials)} trainings failed, the rest finished:"
            f" {'; '.join(failed)}"
        )
    if wrong:
        faults.append(
            f"the predictions of {len(wrong)} of {len(trials)} trials contradict their training:"
            f" {'; '.join(wrong)}"
        )
    if faults:
        raise TrainingError("; ".join(faults))
    write_json(arguments.output, {"trainings": len(trials)})


def contradicted(trials: list[dict], predictions: list[Path]) -> list[str]:
    """Describe, for each trial whose predictions contradict its training, how, and what to do."""
    found = []
    for trial, path in zip(trials, predictions, strict=True):
        if not has_failed(trial):
            keys, probabilities = read_probabilities(path)
            difference = disagreement(trial, keys["label"].to_numpy(), probabilities)
            if difference:
                name = ascii_label(trial_of(trial))
                found.append(f"{name}: {difference}; delete {path.parent} and run again")
    return found


if __name__ == "__main__":
    job.run(main)
