import itertools

import numpy as np
import pandas as pd
import pytest
from answers import cell
from made_tables import (
    CELLS_TABLE,
    EFFECTS_TABLE,
    NO_EFFECTS,
    NONE,
    SIZES,
    THREE,
    cells_table,
    effect,
    effects_table,
    many,
)

from digits.core.design import Design
from digits.plots import effects
from digits.plots.style import BLUE, MUTED, level_colours

pytestmark = pytest.mark.filterwarnings("error")
BY = "\N{MULTIPLICATION SIGN}"
MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def titles(figure) -> list[str]:
    return [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]


def panel(figure, title: str):
    return next(axes for axes in figure.axes if axes.get_title(loc="left") == title)


def below(figure, axes):
    """The panel of differences below a panel of means."""
    panels = figure.axes
    left = axes.get_subplotspec().colspan
    grid = axes.get_gridspec()
    return next(
        each
        for each in panels
        if each.get_gridspec() is grid
        and each.get_subplotspec().rowspan.start == 1
        and each.get_subplotspec().colspan == left
    )


def crossed(factors: dict) -> tuple[Design, pd.DataFrame]:
    """A design with marginal means and differences of all its factors and interactions."""
    design = Design(factors)
    rows = []
    for place, (factor, levels) in enumerate(design.factors.items()):
        for number, level in enumerate(levels):
            rows.append(effect("marginal", factor, str(level), 0.9 + 0.01 * number))
        for low, high in itertools.combinations(levels, 2):
            rows.append(effect("main effect", factor, f"{high} - {low}", 0.01 * (place + 1)))
    for place, pair in enumerate(itertools.combinations(design.factors, 2)):
        rows.append(effect("interaction", ":".join(pair), "x", 0.001 * place))
        rows.append({"kind": "anova", "term": ":".join(pair), "p": 0.25})
    return design, effects_table(*rows)


def test_means_of_levels_are_where_the_levels_are_on_the_scale():
    figure = effects.effects(CELLS_TABLE, EFFECTS_TABLE, SIZES)
    assert titles(figure) == ["Layers", "Nodes", f"Layers {BY} nodes"]
    layers, nodes = panel(figure, "Layers"), panel(figure, "Nodes")
    np.testing.assert_allclose(layers.lines[0].get_xydata(), [[0, 0.96], [1, 0.98]])
    assert [label.get_text() for label in layers.get_xticklabels()] == ["2", "3", "5"]
    assert layers.get_xlabel() == "hidden layers"
    assert layers.get_ylim() == nodes.get_ylim()


def test_differences_have_paired_intervals_and_are_hollow_where_these_contain_zero():
    figure = effects.effects(CELLS_TABLE, EFFECTS_TABLE, SIZES)
    layers, nodes = (below(figure, panel(figure, name)) for name in ("Layers", "Nodes"))
    assert [t.get_text() for t in layers.get_yticklabels()] == [f"5 {MINUS} 2"]
    for axes, estimate, colour, face in ((layers, 0.5, MUTED, "white"), (nodes, 2.5, BLUE, BLUE)):
        (drawn,) = axes.containers
        assert drawn.lines[0].get_xdata() == pytest.approx([estimate])
        assert (drawn.lines[0].get_color(), drawn.lines[0].get_markerfacecolor()) == (colour, face)
    segments = np.array(nodes.containers[0].lines[2][0].get_segments())
    np.testing.assert_allclose(segments[:, :, 0], [[2, 3]])


def test_a_pair_has_a_line_per_level_and_levels_that_failed_leave_the_others_their_colours():
    cells = cells_table(*THREE, cell(3, 100, np.nan, trials=0))
    axes = panel(effects.effects(cells, EFFECTS_TABLE, SIZES), f"Layers {BY} nodes")
    dark, _, light = level_colours(3)
    drawn = {line.get_color(): line.get_ydata().tolist() for line in axes.lines}
    assert drawn[dark] == [0.95, 0.97]
    assert drawn[light] == [0.98]
    entries = [text.get_text() for text in axes.get_legend().get_texts()]
    assert entries == ["layers:", "2", "3", "5"]


def test_a_text_factor_has_the_lines_and_a_number_is_along_the_axis():
    design = Design({"layers": (2, 3), "optimizer": ("sgd", "adam")})
    assert effects.lines_and_axis(("layers", "optimizer"), design) == ("optimizer", "layers")


def test_means_of_a_pair_are_over_the_levels_of_the_others_at_which_none_is_missing():
    design = Design({"layers": (2, 3), "nodes": (8, 16), "dropout": (0.0, 0.5)})
    levels = [(2, 8, 0.0), (2, 16, 0.0), (3, 8, 0.0), (3, 16, 0.0), (2, 8, 0.5), (3, 8, 0.5)]
    known = pd.DataFrame(levels, columns=design.cell_columns)
    known["accuracy"] = [0.90, 0.91, 0.92, 0.93, 0.10, 0.20]
    means = effects.pair_means(known, ("layers", "nodes"), design)
    assert means.to_dict() == {(2, 8): 0.90, (2, 16): 0.91, (3, 8): 0.92, (3, 16): 0.93}
    means = effects.pair_means(known, ("layers", "dropout"), design)
    assert means.to_dict() == pytest.approx(
        {(2, 0.0): 0.90, (3, 0.0): 0.92, (2, 0.5): 0.10, (3, 0.5): 0.20}
    )


FACTORS = {
    "layers": (2, 3),
    "nodes": (8, 16),
    "optimizer": ("sgd", "adam"),
    "dropout": (0.0, 0.5),
    "schedule": ("constant", "cosine"),
    "learning_rate": (0.01, 0.1),
}


@pytest.mark.parametrize(("count", "pairs"), [(1, 0), (2, 1), (3, 3), (4, 6), (6, 6)])
def test_there_is_a_panel_per_factor_and_per_pair_of_which_the_strongest_six(count, pairs):
    design, table = crossed(dict(list(FACTORS.items())[:count]))
    cells, _ = many(design)
    found = titles(effects.effects(cells, table, design))
    assert [title for title in found if BY not in title] == [
        *["Layers", "Nodes", "Optimizer", "Dropout", "Schedule", "Learning rate"][:count]
    ]
    assert len([title for title in found if BY in title]) == pairs
    if count == 6:
        assert found[6:8] == [f"Schedule {BY} learning rate", f"Dropout {BY} learning rate"]


def test_the_test_of_an_interaction_stands_with_its_panel():
    design, table = crossed(dict(list(FACTORS.items())[:2]))
    cells, _ = many(design)
    axes = panel(effects.effects(cells, table, design), f"Layers {BY} nodes")
    assert f"interaction: p{NBSP}={NBSP}0.25" in texts(axes)


@pytest.mark.parametrize(
    ("factor", "levels", "shown"),
    [
        ("layers", (1, 2, 3), ["2 - 1", "3 - 1", "3 - 2"]),
        ("layers", (1, 2, 3, 4, 5), ["2 - 1", "3 - 2", "4 - 3", "5 - 4"]),
        ("optimizer", tuple("abcde"), ["e - a", "e - b", "e - c", "e - d"]),
    ],
)
def test_of_many_levels_neighbours_are_compared_and_texts_with_the_best(factor, levels, shown):
    design, table = crossed({factor: levels})
    assert effects.differences_of(table, factor, design)["level"].tolist() == shown


def test_effects_are_described_for_screen_readers():
    text = effects.effects(CELLS_TABLE, EFFECTS_TABLE, SIZES).get_label()
    assert "by hidden layers 2: 96.00%, 5: 98.00%; by nodes per layer 100: 95.00%" in text
    failed = cells_table(*THREE, cell(3, 100, np.nan, trials=0))
    text = effects.effects(failed, EFFECTS_TABLE, SIZES).get_label()
    assert f"3{NBSP}{BY}{NBSP}100 has no result" in text


def test_where_nothing_has_a_result_the_plot_says_so():
    figure = effects.effects(NONE, NO_EFFECTS, SIZES)
    assert figure.get_label() == "Effects of layers, nodes: no cell has a result"
    assert texts(panel(figure, "Layers")) == ["no levels to compare"]
    assert texts(panel(figure, f"Layers {BY} nodes")) == ["no cell has a result"]


def test_a_single_cell_has_no_effects():
    figure = effects.effects(CELLS_TABLE[:1], NO_EFFECTS, Design({"layers": (2,), "nodes": (100,)}))
    assert not figure.axes
    assert "only one cell" in figure.texts[0].get_text()
