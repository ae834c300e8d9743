import numpy as np
import pytest
from answers import cell, conclusions, pair

BEST = cell(5, 200, 0.9796, loss=(0.0, np.nan))


def picked(cells, comparisons=()) -> str:
    return conclusions(cells, comparisons=comparisons)[1]


def test_where_no_smaller_cell_is_shown_to_be_as_good_the_nearest_is_named():
    cells = [
        cell(2, 100, 0.9712, 0.001, (0.0084, 0.0107), margin=0.002),
        cell(3, 200, 0.9778, 0.9, (0.0018, 0.0041), margin=0.002),
        BEST | {"pick": True, "margin": 0.002},
    ]
    assert picked(cells) == (
        "No smaller cell is shown to be within 0.2 points of 5x200, so it is also the one to pick;"
        " this design can resolve 0.23 points. Nearest: 3x200 (-0.18 points, at worst -0.41,"
        " one-sided 95%)."
    )
    networks = [pair("mcnemar", "3L200N", "5L200N", -0.0018)]
    assert "within 0.2 points of 5x200, for these networks, so it is" in picked(cells, networks)


def test_cells_that_could_not_be_compared_are_not_called_worse():
    cells = [cell(2, 100, 0.9), BEST | {"pick": True}]
    assert picked(cells) == (
        "No smaller cell could be compared with 5x200, so it is also the one to pick."
    )


def test_costs_are_named_for_what_they_are():
    small = cell(2, 100, 0.979, 0.4, (0.0006, 0.003), pick=True)
    assert "at 43% of the processor time and 43% of the parameters;" in picked([small, BEST])
    on_gpu = [row | {"device": "GPU"} for row in (small | {"training_seconds": 90.0}, BEST)]
    assert "at 90% of the wall time and" in picked(on_gpu)
    assert "at 43% of the parameters;" in picked([small, BEST | {"cpu_seconds": 0.0}])


@pytest.mark.parametrize(
    ("p_value", "words"),
    [(0.3, "not significant (p = 0.30)"), (0.0002, "significant (p < 0.001)")],
)
def test_the_ensemble_is_reported_with_its_gain(p_value, words):
    cells = [cell(2, 100, 0.94, 0.01), cell(2, 200, 0.95, pick=True)]
    cells.append(cell(0, 0, 0.96) | {"model": "ensemble", "layers": np.nan, "nodes": np.nan})
    gain = pair("mcnemar", "ensemble", "2L200N", 0.01, p_adjusted=p_value)
    assert (
        "The ensemble of all cells has a validation accuracy of 96.00%, +1.00 points compared with"
        f" 2x200, {words}."
    ) in conclusions(cells, comparisons=[gain])


def test_a_gain_over_single_networks_is_not_one_over_their_mean():
    cells = [cell(2, 100, 0.94, 0.01, trials=5), cell(2, 200, 0.95, trials=5, pick=True)]
    together = {"model": "ensemble", "layers": np.nan, "nodes": np.nan, "trials": 5}
    cells.append(cell(0, 0, 0.96) | together)
    gain = pair("corrected t", "ensemble", "2L200N", 0.01, p_adjusted=0.01)
    (found,) = [s for s in conclusions(cells, comparisons=[gain]) if "ensemble" in s]
    assert "significant (p = 0.010 across trainings). This gain is over a single network;" in found
    images = pair("mcnemar", "ensemble", "2L200N", 0.01, p_adjusted=0.01)
    assert "(p = 0.010 for these networks only)" in " ".join(
        conclusions(cells, comparisons=[images])
    )


@pytest.mark.parametrize(
    ("differences", "words"),
    [
        ([0.001], "2x1 (+0.10 points) is within noise of its published accuracy."),
        ([-0.02], "2x1 (-2.00 points) is not within noise of its published accuracy."),
        ([0.0, 0.001], "Both cells are within noise of their published accuracies (differences"),
        ([0.0, 0.001, -0.002], "All 3 cells are within noise of their published accuracies"),
        ([0.02, -0.03], "No cell is within noise of its published accuracy: 2x1 (+2.00 points)"),
        ([0.0, 0.02], "1 of 2 cells is within noise of its published accuracy, 2x2 (+2.00 points)"),
        ([0.0, 0.0, 0.02], "2 of 3 cells are within noise of their published accuracies, 2x3"),
        ([0, 0.02, 0.03, 0.04, -0.05], "1 of 5 cells is within noise of its published accuracy,"
         " the others not (differences of -5.00 to +4.00 points)."),
    ],
)  # fmt: skip
def test_agreement_with_published_figures_is_counted(differences, words):
    rows = [
        pair("published", f"2L{place}N", "published", difference)
        for place, difference in enumerate(differences, start=1)
    ]
    (found,) = [
        s for s in conclusions([cell(2, 1, 0.9, pick=True)], comparisons=rows) if "publ" in s
    ]
    assert found.startswith(words)
    unseen = "Differences below about 1.00 points could not be told from noise (noise between"
    assert (unseen in found) == any(abs(difference) < 0.01 for difference in differences)


@pytest.mark.parametrize(("df", "words"), [(20, "included"), (np.nan, "left out")])
def test_agreement_says_whether_noise_between_trainings_counts(df, words):
    rows = [pair("published", "2L1N", "published", 0.001, df=df)]
    found = conclusions([cell(2, 1, 0.9, pick=True)], comparisons=rows)
    assert f"(noise between trainings {words})." in " ".join(found)
