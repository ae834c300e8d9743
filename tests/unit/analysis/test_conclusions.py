import numpy as np
from answers import cell, conclusions, main, pair

AT_MOST = "\N{LESS-THAN OR EQUAL TO}"


def test_one_best_cell_and_a_smaller_one_to_pick():
    cells = [
        cell(2, 100, 0.96, 0.001),
        cell(3, 200, 0.9785, 0.6, pick=True),
        cell(5, 200, 0.979),
    ]
    effects = [main("layers", "5 - 2", 0.0005), main("nodes", "200 - 100", 0.02)]
    comparisons = [pair("mcnemar", "3L200N", "5L200N", -0.0005)]
    assert conclusions(cells, effects, comparisons) == [
        "5x200 is best, with a validation accuracy of 97.90% (95% interval 96.90% to 98.90%).",
        "For these networks, nodes matter (200 rather than 100: +2.00 points, 95% interval +1.00 to"
        " +3.00); layers have no clear effect (5 rather than 2: +0.05 points, 95% interval -0.95 to"
        " +1.05).",
        "3x200 is the smallest cell that is not significantly worse than 5x200 (-0.05 points, 95%"
        " interval -1.05 to +0.95, p = 0.60), at 71% of the cost and 71% of the parameters.",
        "With one training per cell, interaction cannot be separated from noise: intervals and"
        " tests are for these 3 networks on other images, not for networks trained again.",
    ]


def test_all_cells_alike():
    cells = [
        cell(2, 100, 0.95, pick=True),
        cell(2, 200, 0.95, 1.0),
        cell(3, 100, 0.95, 1.0),
    ]
    effects = [main("layers", "3 - 2", -0.0), main("nodes", "200 - 100", -0.001)]
    sentences = conclusions(cells, effects)
    assert sentences[0].startswith("2x100, 2x200 and 3x100 are equally good, each with a")
    assert sentences[1].startswith(
        "For these networks, neither layers nor nodes have a clear effect (nodes, 100 rather than"
        " 200: +0.10 points"
    )
    assert "layers, 3 rather than 2: ±0.00 points" in sentences[1]
    assert sentences[2] == "No cell is smaller than 2x100, so it is also the one to pick."


def test_two_cells_that_share_the_first_place():
    cells = [cell(2, 100, 0.9, 0.01), cell(2, 200, 0.95, pick=True), cell(3, 200, 0.95, 1.0)]
    sentences = conclusions(cells)
    assert sentences[0].startswith("2x200 and 3x200 are best, each with a validation")
    assert sentences[1] == (
        "The only smaller cell, 2x100, is significantly worse (p = 0.010), so 2x200 is also the one"
        " to pick."
    )


def test_all_smaller_cells_worse():
    cells = [cell(2, 100, 0.9, 0.02), cell(3, 100, 0.9, 0.0001), cell(5, 200, 0.95, pick=True)]
    assert (
        f"All smaller cells are significantly worse (p {AT_MOST} 0.020), so 5x200 is also the one"
        " to pick."
    ) in conclusions(cells)
    cells[0]["p_best"] = 0.0002
    assert "(p < 0.001)" in conclusions(cells)[1]


def test_cells_that_could_not_be_compared_are_not_called_worse():
    cells = [cell(2, 100, 0.9), cell(5, 200, 0.95, pick=True)]
    assert conclusions(cells)[1] == (
        "No smaller cell was evaluated on the same images as 5x200, so 5x200 is also the one to"
        " pick."
    )
    cells += [cell(3, 100, 0.9, 0.001)]
    assert conclusions(cells)[1].startswith(
        "The only smaller cell that could be compared, 3x100, is"
    )


def test_no_cell_worse_than_the_best():
    cells = [cell(2, 100, 0.94, 0.4, pick=True), cell(2, 200, 0.945, 0.9), cell(3, 200, 0.95)]
    found = pair("mcnemar", "3L200N", "2L100N", 0.01)
    assert conclusions(cells, comparisons=[found])[1] == (
        "No other cell is significantly worse than 3x200; the smallest is 2x100 (-1.00 points, 95%"
        " interval -2.00 to +0.00, p = 0.40), at 60% of the cost and 60% of the parameters."
    ).replace("+0.00", "±0.00")
    two = [cells[0], cells[2]]
    assert conclusions(two, comparisons=[found])[1].startswith(
        "2x100 is not significantly worse than 3x200 (-1.00 points"
    )


def test_wall_time_counts_where_a_gpu_was_used():
    cells = [
        cell(2, 100, 0.94, 0.4, pick=True, device="GPU", training_seconds=90.0),
        cell(3, 200, 0.95, device="GPU"),
    ]
    assert "at 90% of the cost" in conclusions(cells)[1]


def test_several_folds_generalise_to_other_trainings():
    cells = [cell(2, 100, 0.94, 0.4, pick=True, trials=5), cell(2, 200, 0.95, trials=5)]
    effects = [main("nodes", "200 - 100", 0.02), main("layers", "3 - 2", -0.03)]
    interaction = {"kind": "anova", "term": "layers:nodes", "p": 0.0123}
    comparisons = [
        pair("mcnemar", "2L100N", "2L200N", -0.011),
        pair("corrected t", "2L100N", "2L200N", -0.01),
    ]
    sentences = conclusions(cells, [*effects, interaction], comparisons)
    assert sentences[0].endswith("(95% interval 94.00% to 96.00%, over 5 trainings).")
    assert sentences[1] == (
        "Layers matter most (2 rather than 3: +3.00 points, 95% interval +2.00 to +4.00), nodes"
        " less (200 rather than 100: +2.00 points, 95% interval +1.00 to +3.00)."
    )
    assert "(-1.00 points, 95% interval -2.00 to ±0.00, p = 0.40 across trainings)" in sentences[2]
    alone = conclusions(cells, comparisons=comparisons[:1])[1]
    assert "(-1.10 points, 95% interval -2.10 to -0.10, p = 0.40 for these networks only)" in alone
    assert sentences[3] == "Depth and width interact (p = 0.012)."
    interaction["p"] = 0.4
    assert conclusions(cells, [interaction])[-1] == (
        "Depth and width do not interact significantly (p = 0.40)."
    )


def test_one_level_of_a_factor():
    cells = [cell(2, 100, 0.94, 0.01), cell(2, 200, 0.95, pick=True)]
    assert conclusions(cells, [main("nodes", "200 - 100", 0.02)])[1] == (
        "For these networks, nodes matter (200 rather than 100: +2.00 points, 95% interval +1.00 to"
        " +3.00)."
    )
    unknown = main("nodes", "200 - 100", 0.02, half=np.nan)
    several = [one | {"trials": 2} for one in cells]
    assert conclusions(several, [unknown])[1] == (
        "Nodes have no clear effect across trainings (200 rather than 100: +2.00 points)."
    )


def test_one_cell_only():
    assert conclusions([cell(2, 100, 0.94, pick=True)]) == [
        "2x100 is the only cell with a result, with a validation accuracy of 94.00%"
        " (95% interval 93.00% to 95.00%).",
        "With a single training, the interval is for this network, not for one trained again.",
    ]


def test_failed_trainings_are_reported():
    gone = cell(3, 200, np.nan, trials=0)
    cells = [cell(2, 100, 0.94, pick=True, trials=2), cell(3, 100, 0.9, 0.01, trials=1), gone]
    assert conclusions(cells)[-1] == (
        "3x200 has no result, as all trainings failed; 3x100 is based on fewer trainings, as"
        " some failed."
    )
    assert conclusions([gone, gone | {"model": "3L100N", "nodes": 100}]) == [
        "No training ended with a result, so there is nothing to compare."
    ]
