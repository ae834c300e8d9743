"""Fail if a training failed, or if predictions contradict what it reported; name the trials.

Training and prediction compute the accuracy on the validation images independently; where the two
differ, one of them is wrong, and no result of the trial can be trusted. This runs last, so that
other trainings, the tables and the report are finished in spite of a failed one.
"""

from collections.abc import Mapping
from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.design import Trial
from digits.core.errors import TrainingError
from digits.core.results_folder import ResultsFolder
from digits.evaluation.predictions import read_probabilities
from digits.evaluation.trials import disagreement, has_failed, read_all_metrics


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    folder = ResultsFolder.of(arguments.results, arguments.design)
    label = folder.design.ascii_label
    trials = dict(zip(folder.design.trials, read_all_metrics(folder), strict=True))
    failed = [
        f"{label(trial)} ({metrics['failed']})"
        for trial, metrics in trials.items()
        if has_failed(metrics)
    ]
    wrong = contradicted(folder, trials)
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


def contradicted(folder: ResultsFolder, trials: Mapping[Trial, dict]) -> list[str]:
    """Describe, for each trial whose predictions contradict its training, how, and what to do.

    Parameters
    ----------
    trials : the metrics of each
    """
    found = []
    for trial, metrics in trials.items():
        if not has_failed(metrics):
            path = folder.validation(trial)
            keys, probabilities = read_probabilities(path)
            difference = disagreement(metrics, keys["label"], probabilities)
            if difference:
                name = folder.design.ascii_label(trial)
                found.append(f"{name}: {difference}; delete {path.parent} and run again")
    return found


if __name__ == "__main__":
    job.run(main)
