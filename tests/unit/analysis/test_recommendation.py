import numpy as np
import pytest
from answers import cell, conclusions, pair


@pytest.mark.parametrize(
    ("p_holm", "words"), [(0.3, "not significant (p = 0.30)"), (0.0002, "significant (p < 0.001)")]
)
def test_the_ensemble_is_reported_with_its_gain(p_holm, words):
    cells = [cell(2, 100, 0.94, 0.01), cell(2, 200, 0.95, pick=True)]
    cells.append(cell(0, 0, 0.96) | {"model": "ensemble", "layers": np.nan, "nodes": np.nan})
    gain = pair("mcnemar", "ensemble", "2L200N", 0.01, p_holm=p_holm)
    assert (
        "The ensemble of all cells has a validation accuracy of 96.00%, +1.00 points compared with"
        f" 2x200, {words}."
    ) in conclusions(cells, comparisons=[gain])


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
