"""Write the design of an experiment: its factors with their levels, its folds and its seeds."""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.design import read_design


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_design(parser)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    write_json(arguments.output, read_design(arguments.design).as_data())


if __name__ == "__main__":
    job.run(main)
