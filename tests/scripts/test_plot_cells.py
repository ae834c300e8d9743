import pytest

import plot_cell
from digits.core.design import Design
from digits.core.errors import DataError

DESIGN = Design({"layers": (2, 3), "nodes": (100,)}, (0, 1), (1,))

CONFUSION = """layers,nodes,fold,seed,label,predicted,count
2,100,0,1,0,0,4
2,100,0,1,0,1,1
2,100,0,1,1,0,0
2,100,0,1,1,1,5
2,100,1,1,1,1,10
3,100,0,1,0,1,7
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
    names = {
        "--confusion-table": "confusion.csv",
        "--history-table": "history.csv",
        "--confusion": "plots/confusion.svg",
        "--learning": "plots/learning.svg",
    }
    paths = [text for flag, name in names.items() for text in (flag, str(tmp_path / name))]
    return [*paths, "--design"]


TWO, THREE = (DESIGN.only(cell).as_text() for cell in DESIGN.cells)


@pytest.mark.filterwarnings("error")
def test_both_plots_cover_all_trials_of_the_cell_and_no_other_cell(tmp_path, arguments):
    plot_cell.main([*arguments, TWO])
    confusion = (tmp_path / "plots" / "confusion.svg").read_text()
    assert "19 of 20 validation images correct, 2 trials pooled" in confusion
    assert "over 2 epochs" in (tmp_path / "plots" / "learning.svg").read_text()


def test_published_curves_of_the_cell_are_added(tmp_path, arguments):
    published = tmp_path / "published"
    published.mkdir()
    (published / "history.csv").write_text(HISTORY)
    plot_cell.main([*arguments, THREE])
    without = (tmp_path / "plots" / "learning.svg").read_text()
    plot_cell.main([*arguments, THREE, "--published", str(published)])
    added = (tmp_path / "plots" / "learning.svg").read_text()
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
    plot_cell.main([*arguments, design.only((2, 100, "none")).as_text()])
    assert "19 of 20 validation images" in (tmp_path / "plots" / "confusion.svg").read_text()


def test_the_same_tables_give_the_same_bytes(tmp_path, arguments):
    plots = [tmp_path / "plots" / "confusion.svg", tmp_path / "plots" / "learning.svg"]
    plot_cell.main([*arguments, TWO])
    first = [plot.read_bytes() for plot in plots]
    plot_cell.main([*arguments, TWO])
    assert [plot.read_bytes() for plot in plots] == first


def test_a_cell_with_confusions_but_no_epochs_is_reported_with_the_file(tmp_path, arguments):
    (tmp_path / "history.csv").write_text(HISTORY.replace("\n3,", "\n7,"))
    with pytest.raises(DataError, match=r"history.csv: no row with layers 3 and nodes 100"):
        plot_cell.main([*arguments, THREE])
    assert not (tmp_path / "plots").exists()


def rows(table: str, *dropped: str) -> str:
    return "".join(line for line in table.splitlines(True) if not line.startswith(dropped))


@pytest.mark.filterwarnings("error")
def test_a_trial_that_failed_is_not_drawn_with_the_others(tmp_path, arguments):
    plots = [tmp_path / "plots" / "confusion.svg", tmp_path / "plots" / "learning.svg"]
    (tmp_path / "confusion.csv").write_text(rows(CONFUSION, "2,100,0"))
    plot_cell.main([*arguments, TWO])
    drawn = [plot.read_bytes() for plot in plots]
    assert b"10 of 10 validation images correct" in drawn[0]
    (tmp_path / "history.csv").write_text(rows(HISTORY, "2,100,0"))
    plot_cell.main([*arguments, TWO])
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
    plot_cell.main([*arguments, TWO])
    learning = (tmp_path / "plots" / "learning.svg").read_text()
    assert words in learning
    for drawing in (learning, (tmp_path / "plots" / "confusion.svg").read_text()):
        assert "no training of this cell ended with a result" in drawing


def test_a_published_folder_without_a_history_is_refused(tmp_path, arguments):
    with pytest.raises(DataError, match=r"nowhere/history.csv: no such file"):
        plot_cell.main([*arguments, TWO, "--published", str(tmp_path / "nowhere")])
