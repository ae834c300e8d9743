"""Write a cell's submission: the most probable class of each test image, by all of its trials."""

from pathlib import Path

from digits import program
from digits.probabilities import read_probabilities
from digits.submissions import vote, write_submission


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = program.parser(__doc__)
    parser.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="of the test images, per trial"
    )
    parser.add_argument("--output", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    probabilities = [read_probabilities(path)[1] for path in arguments.predictions]
    write_submission(arguments.output, vote(probabilities))


if __name__ == "__main__":
    program.run(main)
