"""The conclusions of an experiment in a few sentences, from the tables of the analysis."""

import math

from digits.analysis.estimate import ALPHA
from digits.analysis.phrases import chance, factors_of, names_of, percent, points, size, span, verb
from digits.analysis.phrases import sentence as as_sentence
from digits.analysis.recommendation import (
    FEW,
    ensemble_sentence,
    pick_sentence,
    published_sentence,
)
from digits.analysis.selection import best_cell
from digits.analysis.vocabulary import ANOVA, INTERACTION, MAIN, MARGINAL
from digits.core.design import ENSEMBLE, Design
from digits.core.formatting import listing
from digits.core.frames import pd


def answer(
    cells: pd.DataFrame, effects: pd.DataFrame, comparisons: pd.DataFrame, design: Design
) -> list[str]:
    """Answer the question of the experiment in sentences of plain text.

    Parameters
    ----------
    cells, effects, comparisons : the tables of these names, with the columns of
        :mod:`digits.analysis.vocabulary`

    Returns
    -------
    The best cell; the factors; the cell to pick; the ensemble; the published figures; interactions
    or what the design cannot show; missing cells; failures. At least one, and only those that
    apply.
    """
    known = cells[(cells["model"] != ENSEMBLE) & cells["accuracy"].notna()]
    if known.empty:
        return ["No training ended with a result, so there is nothing to compare."]
    sentences = [
        best_sentence(known, comparisons, design),
        factor_sentence(effects, single=bool((known["trials"] == 1).all())),
        pick_sentence(known, comparisons, design),
        ensemble_sentence(cells, comparisons, design),
        published_sentence(comparisons, design),
        interaction_sentence(known, effects),
        crossed_sentence(known, effects),
        failure_sentence(cells, design),
    ]
    return [sentence for sentence in sentences if sentence]


def best_sentence(known: pd.DataFrame, comparisons: pd.DataFrame, design: Design) -> str:
    """State which cell has the highest accuracy, and which others cannot be told from it.

    Parameters
    ----------
    known : the rows of the table of cells that are cells with a result
    """
    best = known[known["model"] == best_cell(known)].iloc[0]
    equals = known[known["accuracy"] == best["accuracy"]]
    names = names_of(equals["model"], design)
    over = f", over {best['trials']} trainings" if best["trials"] > 1 else ""
    interval = ""
    if pd.notna(best["low"]):
        interval = f" (95% interval {percent(best['low'])} to {percent(best['high'])}{over})"
    accuracy = percent(best["accuracy"])
    if len(known) == 1:
        result = f"a validation accuracy of {accuracy}{interval}"
        return f"{names} is the only cell with a result, with {result}."
    if len(equals) == len(known):
        return f"{names} are equally good, each with a validation accuracy of {accuracy}{interval}."
    have, each = ("has", "") if len(equals) == 1 else ("have", " each")
    alike = _alike(known.drop(equals.index), len(equals), design)
    return f"{names} {have} the highest validation accuracy, {accuracy}{each}{interval}{alike}."


def _alike(others: pd.DataFrame, best: int, design: Design) -> str:
    """Write which of the other cells cannot be told from the best ones, to follow these."""
    tested = others.dropna(subset="p_best")
    alike = tested[tested["p_best"] >= ALPHA]
    them = "it" if best == 1 else "them"
    if tested.empty:
        return ""
    if alike.empty:
        # With one training a cell, the test is of the networks.
        what = "network" if (others["trials"] == 1).all() else "cell"
        worse = f"all other {what}s are" if len(others) > 1 else f"the other {what} is"
        return f"; {worse} significantly worse" if len(tested) == len(others) else ""
    best_first = alike.sort_values("accuracy", ascending=False, kind="stable")["model"]
    who = names_of(best_first, design)
    if len(alike) > FEW:
        if len(alike) == len(others):
            return f"; none of the other cells can be told from {them}"
        return f"; {len(alike)} of the {len(others)} other cells cannot be told from {them}"
    return f"; {who} cannot be told from {them}"


def factor_sentence(effects: pd.DataFrame, *, single: bool) -> str:
    """State which factors matter, by the largest difference between their levels.

    With several trainings a factor matters if its F test in the analysis of variance, with the
    error of the whole design, is significant. With one, or without that test, it matters if the
    interval of that difference, which holds for all differences of the factor jointly, excludes 0.

    Parameters
    ----------
    single : whether each cell was trained once, so that the intervals hold for these networks only
    """
    rows = effects[(effects["kind"] == MAIN) & effects["estimate"].notna()]
    rows = rows.assign(size=rows["estimate"].abs()).sort_values(
        ["size", "term"], ascending=[False, True], kind="stable"
    )
    tests = effects[effects["kind"] == ANOVA].dropna(subset="p").set_index("term")["p"]
    matter, unclear = [], []
    for _, row in rows.drop_duplicates("term").iterrows():
        p_value = tests.get(row["term"])
        clear = row["low"] > 0 or row["high"] < 0 if p_value is None else p_value < ALPHA
        (matter if clear else unclear).append((row["term"], _gain(row, p_value)))
    finding = _matter(matter, unclear, "" if single else " across trainings")
    return as_sentence(f"for these networks, {finding}" if single and finding else finding)


def _matter(matter: list[tuple[str, str]], unclear: list[tuple[str, str]], where: str) -> str:
    """State which factors matter and which do not, each with its gain, the largest first."""
    parts = []
    if len(matter) == 1:
        ((term, gain),) = matter
        parts.append(f"{factors_of(term)} {verb([term], 'matters', 'matter')} ({gain})")
    elif matter:
        (term, gain), *rest = matter
        less = ", ".join(f"{factors_of(other)} less ({gain})" for other, gain in rest)
        parts.append(
            f"{factors_of(term)} {verb([term], 'matters', 'matter')} most ({gain}), {less}"
        )
    if len(unclear) == 1:
        ((term, gain),) = unclear
        have = verb([term], "has", "have")
        parts.append(f"{factors_of(term)} {have} no clear effect{where} ({gain})")
    elif unclear:
        terms = sorted(factors_of(term) for term, _ in unclear)
        gains = "; ".join(f"{factors_of(term)}, {gain}" for term, gain in unclear)
        who = f"{listing(terms)} have no"
        if not matter:
            who = f"none of {listing(terms)} has a"
            who = f"neither {' nor '.join(terms)} have a" if len(terms) == 2 else who
        parts.append(f"{who} clear effect{where} ({gains})")
    return "; ".join(parts)


def _gain(row: pd.Series, p_value: float | None) -> str:
    """Write a main effect as the gain of the better level over the worse one.

    With the p-value of the factor's F test or, without one, the interval of the effect.
    """
    higher, lower = row["level"].split(" - ")
    low, high = row["low"], row["high"]
    if row["estimate"] < 0:
        higher, lower, low, high = lower, higher, -high, -low
    tested = span(low, high) if p_value is None else f", {chance(p_value)}"
    return f"{higher} rather than {lower}: {points(abs(row['estimate']))}{tested}"


def interaction_sentence(known: pd.DataFrame, effects: pd.DataFrame) -> str:
    """State which factors interact and what could not have been seen, or why nothing can be said.

    Parameters
    ----------
    known : the rows of the table of cells that are cells with a result
    """
    if (known["trials"] == 1).all():
        return single_trial_sentence(len(known))
    pairs = effects["term"].astype(str).str.contains(":")
    tests = effects[(effects["kind"] == ANOVA) & pairs & effects["p"].notna()]
    if tests.empty:
        return ""
    count = len(tests)
    p_values = (count * tests.set_index("term")["p"]).clip(upper=1.0).sort_values()
    adjusted = "" if count == 1 else f", adjusted for all {count} pairs"
    found = [
        f"{factors_of(term)} interact ({chance(p_value)}{adjusted})"
        for term, p_value in p_values.items()
        if p_value < ALPHA
    ]
    if found:
        return as_sentence("; ".join(found))
    rows = effects[(effects["kind"] == INTERACTION) & effects["term"].isin(p_values.index)]
    reach = (rows["high"] - rows["low"]).max() / 2
    unseen = ""
    if pd.notna(reach):
        unseen = f"; interactions smaller than about {size(reach)} could not have been seen"
    if count == 1:
        nothing = f"{factors_of(p_values.index[0])} do not interact significantly"
        return as_sentence(f"{nothing} ({chance(p_values.iloc[0])}){unseen}")
    smallest = chance(p_values.iloc[0])
    return f"No two factors interact significantly (smallest {smallest}{adjusted}){unseen}."


def single_trial_sentence(cells: int) -> str:
    """State what cannot be concluded from one training per cell."""
    if cells == 1:
        return (
            "With a single training, the interval is for this network, not for one trained again."
        )
    return (
        "With one training per cell, interaction cannot be separated from noise: intervals and"
        f" tests are for these {cells} networks on other images, not for networks trained again."
    )


def crossed_sentence(known: pd.DataFrame, effects: pd.DataFrame) -> str:
    """State over which cells the effects are means, where that is not all of them.

    Parameters
    ----------
    known : the rows of the table of cells that are cells with a result
    """
    levels = effects[effects["kind"] == MARGINAL].groupby("term").size()
    crossed = math.prod(levels)
    if levels.empty or crossed == len(known):
        return ""
    return (
        f"Means and effects of levels are over the {crossed} of {len(known)} cells that are"
        " completely crossed."
    )


def failure_sentence(cells: pd.DataFrame, design: Design) -> str:
    """State which cells have no result, or fewer than the others, because trainings failed."""
    ours = cells[cells["model"] != ENSEMBLE]
    none = ours[ours["trials"] == 0]
    fewer = ours[(ours["trials"] > 0) & (ours["trials"] < ours["trials"].max())]
    parts = []
    if len(none):
        have = "has" if len(none) == 1 else "have"
        parts.append(f"{_some(none, design)} {have} no result, as all trainings failed")
    if len(fewer):
        are = "is" if len(fewer) == 1 else "are"
        parts.append(f"{_some(fewer, design)} {are} based on fewer trainings, as some failed")
    return f"{'; '.join(parts)}." if parts else ""


def _some(cells: pd.DataFrame, design: Design) -> str:
    """Name cells, or count them where they are many."""
    return names_of(cells["model"], design) if len(cells) <= 2 * FEW else f"{len(cells)} cells"
