import numpy as np
from answers import anova, cell, conclusions, main, pair

from digits.core.design import Design


def marginal(term, level) -> dict:
    return {"kind": "marginal", "term": term, "level": level, "estimate": 0.9}


def interaction(term, half) -> dict:
    row = {"kind": "interaction", "term": term, "level": "x", "estimate": 0.001}
    return row | {"low": 0.001 - half, "high": 0.001 + half}


def test_one_training_a_cell():
    cells = [
        cell(2, 100, 0.96, 0.001, (0.019, 0.022)),
        cell(3, 200, 0.9785, 0.6, (0.0005, 0.0034), pick=True),
        cell(5, 200, 0.979, loss=(0.0, np.nan)),
    ]
    effects = [main("layers", "5 - 2", 0.0005), main("nodes", "200 - 100", 0.02)]
    comparisons = [pair("mcnemar", "3L200N", "5L200N", -0.0005)]
    assert conclusions(cells, effects, comparisons) == [
        "5x200 has the highest validation accuracy, 97.90% (95% interval 96.90% to 98.90%); 3x200"
        " cannot be told from it.",
        "For these networks, nodes matter (200 rather than 100: +2.00 points, 95% interval +1.00 to"
        " +3.00); layers have no clear effect (5 rather than 2: +0.05 points, 95% interval -0.95 to"
        " +1.05).",
        "3x200 is the smallest cell shown to lose less than 0.5 points against 5x200, for these"
        " networks (-0.05 points, at worst -0.34, one-sided 95%), at 71% of the processor time and"
        " 71% of the parameters; this design can resolve 0.29 points.",
        "With one training per cell, interaction cannot be separated from noise: intervals and"
        " tests are for these 3 networks on other images, not for networks trained again.",
    ]


def test_several_folds_are_judged_by_the_error_of_the_whole_design():
    cells = [
        cell(2, 100, 0.94, 0.001, (0.03, 0.035), trials=5),
        cell(2, 200, 0.965, 0.4, (0.0018, 0.0041), trials=5, pick=True),
        cell(3, 200, 0.967, 0.9, (0.0, np.nan), trials=5),
    ]
    effects = [
        main("nodes", "200 - 100", 0.02, half=0.05),
        main("layers", "3 - 2", -0.03, half=0.001),
        anova("block", 0.01),
        anova("layers", 0.069),
        anova("nodes", 0.0002),
        anova("layers:nodes", 0.69),
        interaction("layers:nodes", 0.0064),
        interaction("layers:nodes", 0.0061),
    ]
    comparisons = [pair("pooled t", "2L200N", "3L200N", -0.0018)]
    sentences = conclusions(cells, effects, comparisons)
    assert sentences[0].endswith(
        "(95% interval 95.70% to 97.70%, over 5 trainings); 2x200 cannot be told from it."
    )
    assert sentences[1] == (
        "Nodes matter (200 rather than 100: +2.00 points, p < 0.001); layers have no clear effect"
        " across trainings (2 rather than 3: +3.00 points, p = 0.069)."
    )
    assert sentences[2].startswith(
        "2x200 is the smallest cell shown to lose less than 0.5 points against 3x200 (-0.18 points,"
        " at worst -0.41, one-sided 95%), at 80% of the processor time and"
    )
    assert sentences[3] == (
        "Layers and nodes do not interact significantly (p = 0.69); interactions smaller than about"
        " 0.64 points could not have been seen."
    )
    assert conclusions(cells, [anova("layers:nodes", 0.0123)])[-1] == (
        "Layers and nodes interact (p = 0.012)."
    )


def test_all_cells_alike():
    cells = [
        cell(2, 100, 0.95, loss=(0.0, np.nan), pick=True),
        cell(2, 200, 0.95, 1.0, (0.0, 0.003)),
        cell(3, 100, 0.95, 1.0, (0.0, 0.003)),
    ]
    effects = [main("layers", "3 - 2", -0.0), main("nodes", "200 - 100", -0.001)]
    sentences = conclusions(cells, effects)
    assert sentences[0] == (
        "2x100, 2x200 and 3x100 are equally good, each with a validation accuracy of 95.00%"
        " (95% interval 94.00% to 96.00%)."
    )
    assert sentences[1].startswith(
        "For these networks, neither layers nor nodes have a clear effect (nodes, 100 rather than"
        " 200: +0.10 points"
    )
    assert "layers, 3 rather than 2: ±0.00 points" in sentences[1]
    assert sentences[2] == "No cell is smaller than 2x100, so it is also the one to pick."


def test_two_cells_that_share_the_first_place():
    cells = [cell(2, 100, 0.9, 0.01), cell(2, 200, 0.95, pick=True), cell(3, 200, 0.95, 1.0)]
    assert conclusions(cells)[0] == (
        "2x200 and 3x200 have the highest validation accuracy, 95.00% each (95% interval 94.00% to"
        " 96.00%); the other network is significantly worse."
    )


def test_cells_that_cannot_be_told_from_the_best_are_named_or_counted():
    best = cell(5, 200, 0.96, loss=(0.0, np.nan), pick=True)
    worse = [cell(2, nodes, 0.9, 0.001) for nodes in (1, 2)]
    assert conclusions([*worse, best])[0].endswith("); all other networks are significantly worse.")
    several = [row | {"trials": 5} for row in (*worse, best)]
    assert conclusions(several)[0].endswith("; all other cells are significantly worse.")
    alike = [cell(3, nodes, 0.95, 0.2) for nodes in (1, 2, 3, 4)]
    found = conclusions([*worse, *alike, best])[0]
    assert found.endswith("); 4 of the 6 other cells cannot be told from it.")
    assert conclusions([*alike, best])[0].endswith("; none of the other cells can be told from it.")
    unknown = cell(2, 3, 0.9)
    assert conclusions([*worse, unknown, best])[0].endswith(
        "96.00% (95% interval 95.00% to 97.00%)."
    )


def test_factors_of_any_number_are_ranked_and_agree_with_their_verbs():
    design = Design({"layers": (2,), "nodes": (1, 2), "optimizer": ("sgd", "adamw")})
    cells = [cell(2, 1, 0.9, trials=3, pick=True), cell(2, 2, 0.8, 0.001, trials=3)]
    effects = [
        *(main("nodes", "2 - 1", 0.01), anova("nodes", 0.02)),
        *(main("optimizer", "adamw - sgd", 0.02), anova("optimizer", 0.0001)),
        *(main("learning_rate", "0.1 - 0.01", -0.005), anova("learning_rate", 0.3)),
        *(main("epochs", "9 - 3", 0.004), anova("epochs", 0.01)),
    ]
    models = {"2L1N_optimizer-sgd": cells[0], "2L2N_optimizer-sgd": cells[1]}
    cells = [row | {"model": name, "optimizer": "sgd"} for name, row in models.items()]
    found = conclusions(cells, effects, design=design)
    assert found[0].startswith("2x1, sgd has the highest")
    assert found[1] == (
        "Optimizer matters most (adamw rather than sgd: +2.00 points, p < 0.001), nodes less (2"
        " rather than 1: +1.00 points, p = 0.020), epochs less (9 rather than 3: +0.40 points, p ="
        " 0.010); learning rate has no clear effect across trainings (0.01 rather than 0.1: +0.50"
        " points, p = 0.30)."
    )
    unclear = [row | ({"p": 0.5} if row["kind"] == "anova" else {}) for row in effects]
    assert conclusions(cells, unclear, design=design)[1].startswith(
        "None of epochs, learning rate, nodes and optimizer has a clear effect across trainings ("
    )
    unclear[1] = unclear[1] | {"p": 0.01}
    assert (
        "; epochs, learning rate and optimizer have no clear effect across trainings ("
        in (conclusions(cells, unclear, design=design)[1])
    )


def test_interactions_of_several_pairs_are_adjusted_for_their_number():
    cells = [cell(2, 1, 0.9, trials=3, pick=True), cell(2, 2, 0.8, 0.001, trials=3)]
    tests = [anova("a:b", 0.01), anova("a:weight_decay", 0.2), anova("b:weight_decay", 0.9)]
    assert (
        conclusions(cells, tests)[-1] == "A and b interact (p = 0.030, adjusted for all 3 pairs)."
    )
    tests[0] = anova("a:b", 0.02)
    assert conclusions(cells, [*tests, interaction("a:b", 0.002)])[-1] == (
        "No two factors interact significantly (smallest p = 0.060, adjusted for all 3 pairs);"
        " interactions smaller than about 0.20 points could not have been seen."
    )


def test_effects_of_a_part_of_the_design_are_said_to_be_so():
    cells = [cell(2, 1, 0.9, pick=True), cell(2, 2, 0.8, 0.001), cell(3, 1, 0.8, 0.001)]
    levels = [marginal("layers", "2"), marginal("nodes", "1"), marginal("nodes", "2")]
    assert conclusions(cells, levels)[-1] == (
        "Means and effects of levels are over the 2 of 3 cells that are completely crossed."
    )
    assert "crossed" not in conclusions(cells[:2], levels)[-1]


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
    many = [gone | {"model": f"3L{nodes}N"} for nodes in (1, 2, 3, 4, 5, 100, 200)]
    assert conclusions([*cells[:1], *many])[-1].startswith("7 cells have no result")
