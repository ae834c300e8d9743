"""Draw the effects of the factors, the differences between cells, and accuracy against cost.

Where there are published accuracies, also the difference of each cell to its own.
"""

from pathlib import Path

from digits.workflow import job
from digits.analysis.vocabulary import COMPARISONS, EFFECTS, cells_columns
from digits.core import command_line
from digits.core.design import read_design
from digits.core.tables import read_table
from digits.plots import selection
from digits.plots.differences import differences
from digits.plots.effects import effects
from digits.plots.published import published
from digits.plots.style import save


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_design(parser)
    parser.add_argument("--cells", type=Path, required=True, help="tables/cells.csv")
    parser.add_argument("--effects", type=Path, required=True, help="tables/effects.csv")
    parser.add_argument("--comparisons", type=Path, required=True, help="tables/comparisons.csv")
    parser.add_argument("--effects-plot", type=Path, required=True, help="plot to write (.svg)")
    parser.add_argument("--differences", type=Path, required=True, help="plot to write (.svg)")
    parser.add_argument("--cost", type=Path, required=True, help="plot to write (.svg)")
    parser.add_argument(
        "--published", type=Path, nargs="?", help="plot to write, where there are any (.svg)"
    )
    arguments = parser.parse_args(argv)

    design = read_design(arguments.design)
    cells = read_table(arguments.cells, cells_columns(design), design)
    table = read_table(arguments.effects, EFFECTS, empty=True)
    comparisons = read_table(arguments.comparisons, COMPARISONS, empty=True)
    save(effects(cells, table, design), arguments.effects_plot)
    save(differences(cells, comparisons, design), arguments.differences)
    save(selection.cost(cells, comparisons, design), arguments.cost)
    if arguments.published:
        save(published(comparisons, design), arguments.published)


if __name__ == "__main__":
    job.run(main)
