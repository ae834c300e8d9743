import pandas as pd
import pytest

import plot_results
from digits.analysis.vocabulary import cells_columns
from digits.core.design import Design, read_design
from digits.core.errors import ConfigError, DataError

DESIGN = Design({"layers": (2, 5), "nodes": (100, 200)}, (0,), (1,))

RESULTS = """layers,nodes,fold,seed,cpu_seconds,val_accuracy,parameters
2,100,0,1,20.5,0.9698,89610
2,200,0,1,30.5,0.9745,199210
5,100,0,1,25.5,0.9732,119910
5,200,0,1,45.5,0.9785,319810
"""
HISTORY = """layers,nodes,fold,seed,epoch,val_accuracy,val_loss
2,100,0,1,1,0.9600,0.2
2,100,0,1,2,0.9698,0.1
5,200,0,1,1,0.9785,0.1
"""
CURVES = """layers,nodes,epoch,accuracy,loss,val_accuracy,val_loss
2,100,1,0.9,0.3,0.9600,0.2
2,100,2,0.9,0.3,0.9512,0.1
5,200,1,0.9,0.3,0.9785,0.1
"""
PUBLISHED = "layers,nodes,val_accuracy\n2,100,0.97\n5,200,0.98\n"


@pytest.fixture
def arguments(tmp_path) -> list[str]:
    (tmp_path / "results.csv").write_text(RESULTS)
    (tmp_path / "history.csv").write_text(HISTORY)
    plots = tmp_path / "plots"
    return [
        *("--design", DESIGN.as_text()),
        *("--table", str(tmp_path / "results.csv")),
        *("--history", str(tmp_path / "history.csv")),
        *("--learning", str(plots / "learning.svg")),
        *("--accuracy", str(plots / "accuracy.svg")),
    ]


@pytest.mark.filterwarnings("error")
def test_the_plot_is_written(tmp_path, arguments):
    plot_results.main(arguments)
    accuracy = (tmp_path / "plots" / "accuracy.svg").read_text()
    assert "Validation accuracy of 4 cells" in accuracy
    assert "<!-- 97.85 -->" in accuracy
    assert "<!-- published -->" not in accuracy


def test_published_figures_are_added(tmp_path, arguments):
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "results.csv").write_text(PUBLISHED)
    (tmp_path / "published" / "history.csv").write_text(CURVES)
    plot_results.main([*arguments, "--published", str(tmp_path / "published")])
    assert "<!-- published -->" in (tmp_path / "plots" / "accuracy.svg").read_text()
    learning = (tmp_path / "plots" / "learning.svg").read_text()
    assert "2 × 100 96.98%, published 95.12%" in learning  # noqa: RUF001


@pytest.mark.filterwarnings("error")
def test_if_all_failed_before_an_epoch_the_plots_say_so(tmp_path, arguments):
    table = RESULTS
    for accuracy in ("0.9698", "0.9745", "0.9732", "0.9785"):
        table = table.replace(accuracy, "")
    (tmp_path / "results.csv").write_text(table)
    (tmp_path / "history.csv").write_text(HISTORY.splitlines()[0] + "\n")
    plot_results.main(arguments)
    assert (tmp_path / "plots" / "learning.svg").read_text().count("<!-- failed -->") == 4


def test_a_missing_column_is_reported_with_the_file(tmp_path, arguments):
    (tmp_path / "results.csv").write_text(RESULTS.replace("val_accuracy", "accuracy"))
    with pytest.raises(DataError, match=r"results.csv: no column 'val_accuracy'"):
        plot_results.main(arguments)
    assert not (tmp_path / "plots").exists()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("lost", "cells"),
    [(["0.9745"], 3), (["0.9745", "0.9785"], 2), (["0.9698", "0.9745", "0.9732", "0.9785"], 0)],
)
def test_cells_that_failed_are_marked(tmp_path, arguments, lost, cells):
    table = RESULTS
    for accuracy in lost:
        table = table.replace(accuracy, "")
    (tmp_path / "results.csv").write_text(table)
    plot_results.main(arguments)
    accuracy = (tmp_path / "plots" / "accuracy.svg").read_text()
    assert f"Validation accuracy of {cells} cells" in accuracy
    assert accuracy.count("<!-- failed -->") == len(lost)


@pytest.fixture
def three_factors(arguments) -> list[str]:
    """The options of a design of three factors, whose table of cells is not among them."""
    design = Design({"layers": (2, 5), "nodes": (100, 200), "optimizer": ("sgd", "adam")})
    return [*arguments, "--design", design.as_text()]


@pytest.mark.filterwarnings("error")
def test_of_more_than_two_factors_the_intervals_of_the_table_of_cells_are_drawn(
    tmp_path, three_factors
):
    design = read_design(three_factors[-1])
    rows = [
        dict(zip(design.cell_columns, cell, strict=True)) | {"model": design.model_name(cell)}
        for cell in design.cells
    ]
    cells = pd.DataFrame(rows, columns=cells_columns(design))
    cells = cells.assign(accuracy=0.95, low=0.91, high=0.97, pick=False)
    cells.to_csv(tmp_path / "cells.csv", index=False)
    for name, text in (("results", RESULTS), ("history", HISTORY)):
        head, *lines = text.splitlines()
        more = [f"{head},optimizer", *(f"{line},{o}" for line in lines for o in ("sgd", "adam"))]
        (tmp_path / f"{name}.csv").write_text("\n".join([*more, ""]))
    plot_results.main([*three_factors, "--cells", str(tmp_path / "cells.csv")])
    accuracy = (tmp_path / "plots" / "accuracy.svg").read_text()
    assert accuracy.count("95.00% (91.00% to 97.00%)") == 2 * 8  # in two places


def test_of_more_than_two_factors_the_table_of_cells_is_asked_for(tmp_path, three_factors):
    with pytest.raises(ConfigError, match="--cells: needed for a design of more than two factors"):
        plot_results.main(three_factors)
