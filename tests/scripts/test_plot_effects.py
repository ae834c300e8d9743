import pytest

import plot_effects
from digits.analysis.vocabulary import COMPARISONS, EFFECTS, cells_columns
from digits.core.design import Design
from digits.core.errors import DataError

DESIGN = Design({"layers": (2, 3), "optimizer": ("sgd", "adam")})
ROW = {"model": "2L_optimizer-sgd", "layers": 2, "optimizer": "sgd"}


@pytest.fixture
def options(tmp_path) -> list[str]:
    """Write tables of one cell; return the options."""
    (tmp_path / "design.json").write_text(DESIGN.as_text())
    columns = cells_columns(DESIGN)
    cells = ",".join(str(ROW.get(column, "1")) for column in columns)
    (tmp_path / "cells.csv").write_text(f"{','.join(columns)}\n{cells}\n")
    for name, given in (("effects", EFFECTS), ("comparisons", COMPARISONS)):
        (tmp_path / f"{name}.csv").write_text(f"{','.join(given)}\n")
    tables = [f"--{name}={tmp_path / name}.csv" for name in ("cells", "effects", "comparisons")]
    plots = [f"--{name}={tmp_path / name}.svg" for name in ("effects-plot", "differences", "cost")]
    return [f"--design={tmp_path / 'design.json'}", *tables, *plots]


@pytest.mark.filterwarnings("error")
def test_the_plots_are_written(tmp_path, options):
    plot_effects.main(options)
    assert len(list(tmp_path.glob("*.svg"))) == 3
    assert "2 layers, sgd" in (tmp_path / "cost.svg").read_text()


@pytest.mark.parametrize(
    ("name", "columns", "missing"),
    [("cells", cells_columns(DESIGN)[:-1], "pick"), ("comparisons", ["test"], "first")],
)
def test_a_missing_column_is_reported_with_the_file(tmp_path, options, name, columns, missing):
    row = ",".join(str(ROW.get(column, "1")) for column in columns)
    (tmp_path / f"{name}.csv").write_text(f"{','.join(columns)}\n{row}\n")
    with pytest.raises(DataError, match=rf"{name}\.csv: no column '{missing}'"):
        plot_effects.main(options)
    assert not list(tmp_path.glob("*.svg"))


def test_a_level_that_the_design_lacks_is_reported_with_its_row(tmp_path, options):
    path = tmp_path / "cells.csv"
    path.write_text(path.read_text().replace(",sgd,", ",adagrad,"))
    with pytest.raises(DataError, match=r"row 2, column optimizer: expected one of sgd"):
        plot_effects.main(options)
