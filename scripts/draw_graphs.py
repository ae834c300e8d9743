"""Draw the workflow of an experiment as SVG: its rule graph and its job graph."""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.workflow.graphs import ask_snakemake, condense, draw_svg, rule_graph

SNAKEFILE = Path(__file__).resolve().parent.parent / "Snakefile"


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--config", type=Path, required=True, help="configuration, in YAML")
    parser.add_argument("--rule-graph", type=Path, required=True, help="SVG to write")
    parser.add_argument("--job-graph", type=Path, required=True, help="SVG to write")
    arguments = parser.parse_args(argv)

    jobs = ask_snakemake(SNAKEFILE, arguments.config)
    draw_svg(rule_graph(jobs), arguments.rule_graph)
    draw_svg(condense(jobs), arguments.job_graph)


if __name__ == "__main__":
    job.run(main)
