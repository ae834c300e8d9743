import dataclasses
import shutil
from pathlib import Path

import pytest

import plot_cells
from digits.core.design import Design
from digits.core.errors import DataError

DESIGN = Design({"layers": (2, 3), "nodes": (100,)}, (0, 1), (1,))

CONFUSION = """layers,nodes,fold,seed,label,predicted,count
2,100,0,1,0,0,4
2,100,0,1,0,1,1
2,100,0,1,1,0,0
2,100,0,1,1,1,5
2,100,1,1,1,1,10
3,100,0,1,0,0,2
3,100,0,1,0,1,7
3,100,0,1,1,0,0
3,100,0,1,1,1,1
"""
HISTORY = """layers,nodes,fold,seed,epoch,seconds,accuracy,loss,val_accuracy,val_loss
2,100,0,1,1,1.5,0.5,1.0,0.8,0.6
2,100,0,1,2,1.5,0.6,0.9,0.9,0.4
2,100,1,1,1,1.5,0.5,1.0,0.8,0.6
3,100,0,1,1,1.5,0.5,1.0,0.8,0.6
"""


@pytest.fixture
def arguments(tmp_path) -> list[str]:
    (tmp_path / "confusion.csv").write_text(CONFUSION)
    (tmp_path / "history.csv").write_text(HISTORY)
    names = ("confusion", "history")
    tables = [f"--{name}-table={tmp_path / name}.csv" for name in names]
    return [f"--results={tmp_path}", *tables, "--design"]


def plots_of(folder: Path, layers: int = 2, rest: str = "") -> list[Path]:
    plots = folder / f"plots/cells/layers-{layers}_nodes-100{rest}"
    return [plots / "confusion.svg", plots / "learning.svg"]


BOTH = DESIGN.as_text()


@pytest.mark.filterwarnings("error")
def test_both_plots_cover_all_trials_of_the_cell_and_no_other_cell(tmp_path, arguments):
    plot_cells.main([*arguments, BOTH])
    confusion, learning = (path.read_text() for path in plots_of(tmp_path))
    assert "19 of 20 validation images correct, 2 trials pooled" in confusion
    assert "over 2 epochs" in learning
    confusion, learning = (path.read_text() for path in plots_of(tmp_path, 3))
    assert "3 of 10 validation images correct" in confusion
    assert "over 1 epoch" in learning


def test_published_curves_of_the_cell_are_added(tmp_path, arguments):
    published = tmp_path / "published"
    published.mkdir()
    (published / "history.csv").write_text(HISTORY)
    plot_cells.main([*arguments, BOTH])
    without = plots_of(tmp_path, 3)[1].read_text()
    plot_cells.main([*arguments, BOTH, "--published", str(published)])
    added = plots_of(tmp_path, 3)[1].read_text()
    assert "<!-- published -->" in added
    assert "<!-- published -->" not in without


def test_a_cell_of_any_factors_is_found_and_named_by_its_levels(tmp_path, arguments):
    for name, text in (("confusion", CONFUSION), ("history", HISTORY)):
        head, *lines = text.splitlines()
        told = [line.replace(",100,", ",100,none,") for line in lines]
        (tmp_path / f"{name}.csv").write_text(
            "\n".join([head.replace("nodes", "nodes,averaging"), *told, ""])
        )
    factors = {"layers": (2, 3), "nodes": (100,), "averaging": ("none", "ema")}
    design = Design(factors, (0, 1), (1,))
    exclude = ({"averaging": "ema"},)
    plot_cells.main([*arguments, dataclasses.replace(design, exclude=exclude).as_text()])
    drawn = plots_of(tmp_path, rest="_averaging-none")[0]
    assert "19 of 20 validation images" in drawn.read_text()


def test_processes_share_the_cells_and_draw_the_same(tmp_path, arguments):
    plots = [*plots_of(tmp_path, 2), *plots_of(tmp_path, 3)]
    plot_cells.main([*arguments, BOTH])
    alone = [plot.read_bytes() for plot in plots]
    shutil.rmtree(tmp_path / "plots")
    plot_cells.main([*arguments, BOTH, "--processes=2"])
    assert [plot.read_bytes() for plot in plots] == alone


def test_the_same_tables_give_the_same_bytes(tmp_path, arguments):
    plots = plots_of(tmp_path)
    plot_cells.main([*arguments, BOTH])
    first = [plot.read_bytes() for plot in plots]
    plot_cells.main([*arguments, BOTH])
    assert [plot.read_bytes() for plot in plots] == first


def test_a_cell_with_confusions_but_no_epochs_is_reported_with_the_file(tmp_path, arguments):
    (tmp_path / "history.csv").write_text(rows(HISTORY, "3,"))
    with pytest.raises(DataError, match=r"history.csv: no row with layers 3 and nodes 100"):
        plot_cells.main([*arguments, BOTH])
    assert not plots_of(tmp_path, 3)[0].exists()


def rows(table: str, *dropped: str) -> str:
    return "".join(line for line in table.splitlines(True) if not line.startswith(dropped))


@pytest.mark.filterwarnings("error")
def test_a_trial_that_failed_is_not_drawn_with_the_others(tmp_path, arguments):
    plots = plots_of(tmp_path)
    (tmp_path / "confusion.csv").write_text(rows(CONFUSION, "2,100,0"))
    plot_cells.main([*arguments, BOTH])
    drawn = [plot.read_bytes() for plot in plots]
    assert b"10 of 10 validation images correct" in drawn[0]
    (tmp_path / "history.csv").write_text(rows(HISTORY, "2,100,0"))
    plot_cells.main([*arguments, BOTH])
    assert [plot.read_bytes() for plot in plots] == drawn


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("confusion", "history", "words"),
    [
        (rows(CONFUSION, "2,"), HISTORY, "as far as they went, to epoch 2"),
        (rows(CONFUSION, "2,"), rows(HISTORY, "2,"), "no epoch was finished"),
        (rows(CONFUSION, "2,", "3,"), rows(HISTORY, "2,", "3,"), "no epoch was finished"),
    ],
    ids=["after some epochs", "before the first", "all cells"],
)
def test_a_cell_without_a_result_gets_plots_that_say_so(
    tmp_path, arguments, confusion, history, words
):
    (tmp_path / "confusion.csv").write_text(confusion)
    (tmp_path / "history.csv").write_text(history)
    plot_cells.main([*arguments, BOTH])
    drawings = [path.read_text() for path in plots_of(tmp_path)]
    assert words in drawings[1]
    for drawing in drawings:
        assert "no training of this cell ended with a result" in drawing


def test_a_published_folder_without_a_history_is_refused(tmp_path, arguments):
    with pytest.raises(DataError, match=r"nowhere/history.csv: no such file"):
        plot_cells.main([*arguments, BOTH, "--published", str(tmp_path / "nowhere")])
