"""Fail if any training did, and name those that have; else note how many there were.

It runs last: other trainings, the tables and the report do not wait for a failed one.
"""

from pathlib import Path

from digits import program
from digits.errors import TrainingError
from digits.files import write_json
from digits.trials import has_failed, read_metrics


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = program.parser(__doc__)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    trials = [read_metrics(path) for path in arguments.metrics]
    failed = [
        "{layers} x {nodes}, fold {fold}, seed {seed} ({failed})".format(**trial)
        for trial in trials
        if has_failed(trial)
    ]
    if failed:
        raise TrainingError(
            f"{len(failed)} of {len(trials)} trainings failed, all else is done:"
            f" {'; '.join(failed)}"
        )
    write_json(arguments.output, {"trainings": len(trials)})


if __name__ == "__main__":
    program.run(main)
