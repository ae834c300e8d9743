"""Tables of the analysis, made by hand, and what the answer says of them."""

import numpy as np
import pandas as pd

from digits.analysis.conclusions import answer
from digits.analysis.vocabulary import COMPARISONS, EFFECTS, cells_columns
from digits.core.design import Design

BY = "\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
SIZES = Design({"layers": (2, 3, 5), "nodes": (1, 2, 3, 4, 5, 100, 200)})


def cell(layers, nodes, accuracy, p_best=np.nan, loss=(np.nan, np.nan), **more) -> dict:
    """A row of the table of cells; ``loss`` is its loss against the best and the bound of that."""
    return {
        "model": f"{layers}L{nodes}N",
        "layers": layers,
        "nodes": nodes,
        "trials": 1,
        "parameters": 1000 * layers + 10 * nodes,
        "cpu_seconds": 10.0 * layers + nodes / 10,
        "training_seconds": 100.0,
        "device": "CPU",
        "accuracy": accuracy,
        "low": accuracy - 0.01,
        "high": accuracy + 0.01,
        "p_best": p_best,
        "loss": loss[0],
        "worst_loss": loss[1],
        "margin": 0.005,
        "pareto": True,
        "pick": False,
    } | more


def main(term, level, estimate, half=0.01) -> dict:
    ends = {"low": estimate - half, "high": estimate + half}
    return {"kind": "main effect", "term": term, "level": level, "estimate": estimate} | ends


def anova(term, p) -> dict:
    return {"kind": "anova", "term": term, "p": p}


def pair(test, first, second, difference, **more) -> dict:
    ends = {"low": difference - 0.01, "high": difference + 0.01, "p": 0.2, "p_adjusted": 0.3}
    row = {"test": test, "first": first, "second": second, "difference": difference}
    return row | ends | {"decides": True} | more


def conclusions(cells, effects=(), comparisons=(), design=SIZES) -> list[str]:
    sentences = answer(
        pd.DataFrame(cells, columns=cells_columns(design)),
        pd.DataFrame(list(effects), columns=EFFECTS),
        pd.DataFrame(list(comparisons), columns=COMPARISONS),
        design,
    )
    for sentence in sentences:
        assert sentence.endswith(".")
        assert sentence[0].isdigit() or sentence[0].isupper()
        assert "nan" not in sentence
        assert "  " not in sentence
    plain = {BY: "x", MINUS: "-", "\N{NO-BREAK SPACE}": " "}
    for special, usual in plain.items():
        sentences = [sentence.replace(special, usual) for sentence in sentences]
    return sentences
