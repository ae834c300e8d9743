"""Plot the accuracy of the cells of several finished experiments against their time."""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.errors import ConfigError
from digits.monitor.experiments import read_experiment
from digits.plots.experiments import experiments
from digits.plots.style import save


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("names", metavar="NAME", nargs="+", help="name of an experiment")
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of all")
    parser.add_argument("--output", required=True, type=Path, help="SVG or PNG to write")
    arguments = parser.parse_args(argv)
    if len(set(arguments.names)) < len(arguments.names):
        raise ConfigError("expected each experiment once")
    read = [read_experiment(arguments.results / name) for name in arguments.names]
    times = {each.time for each in read}
    # The processor's time does not include the work of a GPU.
    measure = times.pop() if len(times) == 1 else "training_seconds"
    save(experiments({each.name: each.results for each in read}, measure), arguments.output)


if __name__ == "__main__":
    job.run(main)
