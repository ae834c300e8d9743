import numpy as np
import pandas as pd
import pytest

from digits.plots import cells, failed
from digits.plots.style import BLUE, VERMILLION, save

pytestmark = pytest.mark.filterwarnings("error")
COUNTS = pd.DataFrame([[90, 8, 2], [0, 50, 0], [1, 0, 49]])


def texts(axes) -> dict[tuple[float, float], str]:
    return {text.get_position(): text.get_text() for text in axes.texts}


def history(epochs: int, fold: int = 0, best: int = 1) -> pd.DataFrame:
    epoch = np.arange(1, epochs + 1)
    return pd.DataFrame(
        {
            "layers": 2,
            "nodes": 100,
            "fold": fold,
            "seed": 1,
            "epoch": epoch,
            "loss": 1 / epoch + fold,
            "accuracy": 1 - 0.5 / epoch,
            "val_loss": 0.5 + 0.01 * np.abs(epoch - best) + 0.1 * fold,
            "val_accuracy": 1 - 0.1 / epoch - 0.01 * fold,
        }
    )


def curves(axes, colour: str, style: str = "-") -> list:
    return [
        line for line in axes.lines if line.get_color() == colour and line.get_linestyle() == style
    ]


def test_counts_are_pooled_over_trials():
    table = pd.DataFrame(
        {
            "layers": 2,
            "nodes": 100,
            "fold": [0, 0, 0, 0, 1, 1, 1, 1],
            "seed": 1,
            "label": ["b", "b", "a", "a"] * 2,
            "predicted": ["b", "a"] * 4,
            "count": [0, 3, 0, 5, 0, 4, 1, 0],
        }
    )
    pooled = cells.pooled_counts(table)
    np.testing.assert_array_equal(pooled, [[0, 7], [1, 5]])
    assert pooled.index.tolist() == pooled.columns.tolist() == ["b", "a"]
    assert cells.trial_count(table) == 2


def test_confusion_writes_the_counts_and_leaves_errors_that_never_occur_empty():
    axes = cells.confusion(COUNTS, "2 by 100").axes[0]
    inside = {place: text for place, text in texts(axes).items() if max(place) <= 2}
    assert inside == {
        (0, 0): "90",
        (1, 0): "8",
        (2, 0): "2",
        (1, 1): "50",
        (0, 2): "1",
        (2, 2): "49",
    }
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")


def test_confusion_colours_errors_alone_by_their_share_of_the_true_class():
    axes = cells.confusion(COUNTS, "2 by 100").axes[0]
    diagonal, errors = (image.get_array() for image in axes.images)
    np.testing.assert_array_equal(~diagonal.mask, np.eye(3, dtype=bool))
    np.testing.assert_allclose(
        errors.filled(-1), [[-1, 8, 2], [-1, -1, -1], [2, -1, -1]], rtol=1e-12
    )
    assert axes.images[1].get_clim() == (0, 8)


def test_confusion_gives_recall_and_precision():
    axes = cells.confusion(COUNTS, "2 by 100").axes[0]
    margin = texts(axes)
    recalls = [margin[(3.15, label)] for label in range(3)]
    precisions = [margin[(label, 3.05)] for label in range(3)]
    assert recalls == ["90.0%", "100.0%", "98.0%"]
    assert precisions == ["98.9%", "86.2%", "96.1%"]  # 90/91, 50/58, 49/51
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "1", "2", "recall"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["0", "1", "2", "precision"]


def test_confusion_names_cell_accuracy_and_trials():
    assert (
        cells.confusion(COUNTS, "2 by 100", trials=3).get_suptitle()
        == "2 by 100: 94.50% of 200 validation images correct, 3 trials pooled"
    )


@pytest.mark.parametrize("counts", [np.diag([3, 4]), np.array([[5, 0], [0, 0]])])
def test_confusion_of_two_classes_without_errors_or_images(counts, tmp_path):
    figure = cells.confusion(pd.DataFrame(counts), "1 by 10")
    save(figure, tmp_path / "plot.svg")
    assert figure.get_suptitle().startswith("1 by 10: 100.00%")
    unknown = "-" if counts[1, 1] == 0 else "100.0%"
    assert texts(figure.axes[0])[(2.15, 1)] == unknown


def test_learning_draws_the_history_of_one_trial():
    table = history(4, best=3)
    loss, accuracy = cells.learning(table, "2 by 100").axes
    for axes, measure in ((loss, "loss"), (accuracy, "accuracy")):
        for column, colour in ((measure, BLUE), (f"val_{measure}", VERMILLION)):
            (line,) = curves(axes, colour)
            np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
            np.testing.assert_array_equal(line.get_ydata(), table[column])
        assert axes.get_xlabel() == "epoch"
        assert "log" in axes.get_title(loc="left")


def test_learning_rings_the_epoch_with_the_lowest_validation_loss():
    table = history(4, best=3)
    figure = cells.learning(table.sample(frac=1, random_state=0), "2 by 100")
    rings = [curves(axes, cells.BEST["color"], "None")[0] for axes in figure.axes]
    assert [ring.get_xydata().tolist() for ring in rings] == [
        [[3, table["val_loss"][2]]],
        [[3, table["val_accuracy"][2]]],
    ]
    assert figure.get_suptitle() == "2 by 100: 96.67% validation accuracy at the kept epoch"


def test_learning_of_several_trials_adds_their_mean_as_far_as_all_went():
    table = pd.concat([history(5, fold=0), history(3, fold=1, best=2)])
    figure = cells.learning(table, "2 by 100")
    first, second, mean = curves(figure.axes[0], VERMILLION)
    assert (len(first.get_xdata()), len(second.get_xdata())) == (5, 3)
    np.testing.assert_array_equal(mean.get_xdata(), [1, 2, 3])
    np.testing.assert_allclose(mean.get_ydata(), [0.555, 0.555, 0.565])
    assert mean.get_linewidth() > first.get_linewidth()
    ring = curves(figure.axes[0], cells.BEST["color"], "None")[0]
    assert ring.get_xdata().tolist() == [1, 2]
    assert "mean of 2 trials" in figure.get_suptitle()


def test_learning_adds_published_curves_where_there_are():
    published = history(3).assign(val_accuracy=[0.7, 0.8, 0.9])
    figure = cells.learning(history(4), "2 by 100", published)
    dashed = curves(figure.axes[1], VERMILLION, "--")
    assert [line.get_ydata().tolist() for line in dashed] == [[0.7, 0.8, 0.9]]
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == [
        "training",
        "validation",
        "kept epoch (lowest validation loss)",
        "published",
    ]


def test_learning_without_published_rows_says_nothing_of_them():
    figure = cells.learning(history(4), "2 by 100", history(4).iloc[:0])
    assert all(not curves(axes, BLUE, "--") for axes in figure.axes)
    assert "published" not in [text.get_text() for text in figure.legends[0].get_texts()]


def test_accuracies_of_0_and_100_percent_are_on_the_scale():
    table = history(2).assign(accuracy=[0.0, 1.0], val_accuracy=[0.5, 1.0])
    axes = cells.learning(table, "2 by 100").axes[1]
    low, high = axes.get_ylim()
    assert low < 0 and high > 1
    heights = axes.transData.transform([[1, 0], [1, 0.9], [1, 0.99], [1, 1]])[:, 1]
    assert np.isfinite(heights).all()
    assert (np.diff(heights) > 0).all()


def test_one_epoch_can_be_drawn_and_gives_the_same_bytes_twice(tmp_path):
    for name in ("first.svg", "second.svg"):
        save(cells.learning(history(1), "2 by 100"), tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def test_a_cell_without_a_result_has_text_in_place_of_a_confusion_matrix(tmp_path):
    figure = failed.confusion("2 by 100")
    assert figure.get_suptitle() == "Confusion matrix of 2 by 100: failed"
    assert [text.get_text() for text in figure.texts[:1]] == [
        "No training of this cell ended with a result."
    ]
    assert figure.get_figheight() < 2
    save(figure, tmp_path / "plot.svg")
    assert f"of 2 by 100: {failed.REASON}</dc:title>" in (tmp_path / "plot.svg").read_text()


def test_the_epochs_that_were_finished_before_a_failure_are_drawn_without_a_best_one(tmp_path):
    table = pd.concat([history(3), history(2, fold=1)])
    figure = failed.learning(table, "2 by 100")
    first, second = curves(figure.axes[0], VERMILLION)
    assert (first.get_xdata().tolist(), second.get_xdata().tolist()) == ([1, 2, 3], [1, 2])
    assert not curves(figure.axes[0], cells.BEST["color"], "None")
    assert len(curves(figure.axes[1], BLUE)) == 2
    assert figure.get_suptitle() == f"2 by 100: failed, {failed.REASON}"
    for name in ("first.svg", "second.svg"):
        save(failed.learning(table, "2 by 100"), tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def test_a_failure_before_the_first_epoch_leaves_only_text(tmp_path):
    figure = failed.learning(history(3).iloc[:0], "2 by 100")
    save(figure, tmp_path / "plot.svg")
    assert not figure.axes
    assert figure.texts[0].get_text().endswith("ended with a result; no epoch was finished.")
