"""The conclusions of an experiment in a few sentences, from the tables of the analysis."""

import pandas as pd

from digits.analysis.estimate import ALPHA
from digits.analysis.phrases import chance, names_of, percent, points, span
from digits.analysis.recommendation import ensemble_sentence, pick_sentence, published_sentence
from digits.analysis.selection import best_cell
from digits.analysis.vocabulary import ANOVA, BOTH, MAIN
from digits.core.design import ENSEMBLE


def answer(cells: pd.DataFrame, effects: pd.DataFrame, comparisons: pd.DataFrame) -> list[str]:
    """Answer the question of the experiment in sentences of plain text.

    Parameters
    ----------
    cells, effects, comparisons : the tables of these names, with the columns of
        :mod:`digits.analysis.vocabulary`

    Returns
    -------
    The best cell; the factors; the cell to pick; the ensemble; the published figures; what the
    design cannot show; failures. At least one, and only those that apply.
    """
    known = cells[(cells["model"] != ENSEMBLE) & cells["accuracy"].notna()]
    if known.empty:
        return ["No training ended with a result, so there is nothing to compare."]
    sentences = [
        best_sentence(known),
        factor_sentence(effects, single=bool((known["trials"] == 1).all())),
        pick_sentence(known, comparisons),
        ensemble_sentence(cells, comparisons),
        published_sentence(comparisons),
        interaction_sentence(known, effects),
        failure_sentence(cells),
    ]
    return [sentence for sentence in sentences if sentence]


def best_sentence(known: pd.DataFrame) -> str:
    """State which cell is best, and its accuracy.

    Parameters
    ----------
    known : the rows of the table of cells that are cells with a result
    """
    best = known[known["model"] == best_cell(known)].iloc[0]
    equals = known[known["accuracy"] == best["accuracy"]]
    names = names_of(equals["model"])
    over = f", over {best['trials']} trainings" if best["trials"] > 1 else ""
    interval = ""
    if pd.notna(best["low"]):
        interval = f" (95% interval {percent(best['low'])} to {percent(best['high'])}{over})"
    accuracy = f"a validation accuracy of {percent(best['accuracy'])}{interval}"
    if len(known) == 1:
        return f"{names} is the only cell with a result, with {accuracy}."
    if len(equals) == 1:
        return f"{names} is best, with {accuracy}."
    place = "equally good" if len(equals) == len(known) else "best"
    return f"{names} are {place}, each with {accuracy}."


def factor_sentence(effects: pd.DataFrame, *, single: bool) -> str:
    """State which factors matter, by the largest difference between their levels.

    A factor matters if the interval of that difference, which holds for all differences of the
    factor jointly, excludes 0.

    Parameters
    ----------
    single : whether each cell was trained once, so that the intervals hold for these networks only
    """
    rows = effects[(effects["kind"] == MAIN) & effects["estimate"].notna()]
    rows = rows.assign(size=rows["estimate"].abs()).sort_values(
        ["size", "term"], ascending=[False, True], kind="stable"
    )
    largest = rows.drop_duplicates("term")
    clear = (largest["low"] > 0) | (largest["high"] < 0)
    matter = [(row["term"], _gain(row)) for _, row in largest[clear].iterrows()]
    unclear = [(row["term"], _gain(row)) for _, row in largest[~clear].iterrows()]
    finding = _matter(matter, unclear, "" if single else " across trainings")
    if single and finding:
        return f"For these networks, {finding}."
    return f"{finding[:1].upper()}{finding[1:]}." if finding else ""


def _matter(matter: list[tuple[str, str]], unclear: list[tuple[str, str]], where: str) -> str:
    """State which factors matter and which do not, each with its gain, the largest first."""
    if len(matter) == 2:
        (first, most), (second, less) = matter
        return f"{first} matter most ({most}), {second} less ({less})"
    if len(unclear) == 2:
        gains = "; ".join(f"{term}, {gain}" for term, gain in unclear)
        return f"neither layers nor nodes have a clear effect{where} ({gains})"
    parts = [f"{term} matter ({gain})" for term, gain in matter]
    parts += [f"{term} have no clear effect{where} ({gain})" for term, gain in unclear]
    return "; ".join(parts)


def _gain(row: pd.Series) -> str:
    """Write a main effect as the gain of the better level over the worse one."""
    higher, lower = row["level"].split(" - ")
    if row["estimate"] >= 0:
        gain = f"{points(row['estimate'])}{span(row['low'], row['high'])}"
        return f"{higher} rather than {lower}: {gain}"
    gain = f"{points(-row['estimate'])}{span(-row['high'], -row['low'])}"
    return f"{lower} rather than {higher}: {gain}"


def interaction_sentence(known: pd.DataFrame, effects: pd.DataFrame) -> str:
    """State whether the factors interact, or why the design cannot show it."""
    if (known["trials"] == 1).all():
        return single_trial_sentence(len(known))
    rows = effects[(effects["kind"] == ANOVA) & (effects["term"] == BOTH)]
    if rows.empty or pd.isna(rows.iloc[0]["p"]):
        return ""
    p_value = rows.iloc[0]["p"]
    if p_value < ALPHA:
        return f"Depth and width interact ({chance(p_value)})."
    return f"Depth and width do not interact significantly ({chance(p_value)})."


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


def failure_sentence(cells: pd.DataFrame) -> str:
    """State which cells have no result, or fewer than the others, because trainings failed."""
    ours = cells[cells["model"] != ENSEMBLE]
    none = ours[ours["trials"] == 0]
    fewer = ours[(ours["trials"] > 0) & (ours["trials"] < ours["trials"].max())]
    parts = []
    if len(none):
        have = "has" if len(none) == 1 else "have"
        parts.append(f"{names_of(none['model'])} {have} no result, as all trainings failed")
    if len(fewer):
        are = "is" if len(fewer) == 1 else "are"
        parts.append(f"{names_of(fewer['model'])} {are} based on fewer trainings, as some failed")
    return f"{'; '.join(parts)}." if parts else ""
