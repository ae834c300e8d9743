"""A published experiment, and noise as cross-validation makes it, for the tests of the analysis."""

from itertools import product

import numpy as np
import pandas as pd

# R's data set "npk" (Venables and Ripley): yields of peas by block, and whether nitrogen, phosphate
# and potassium were given
NPK = """1 011 49.5 110 62.8 000 46.8 101 57.0
2 100 59.8 111 58.5 001 55.5 010 56.0
3 010 62.8 111 55.8 100 69.5 001 55.0
4 100 62.0 111 48.8 001 45.5 010 44.2
5 110 52.0 000 51.5 101 49.8 011 48.8
6 101 57.2 110 59.0 011 53.2 000 56.0"""

# Montgomery, Design and Analysis of Experiments, example 5.3: deviation from the fill height of
# bottles by carbonation (10, 12 and 14 per cent), pressure (25 and 30 psi) and line speed (200 and
# 250 bottles a minute), in two replicates
BOTTLES = """10 25 200 -3 -1
10 25 250 -1 0
10 30 200 -1 0
10 30 250 1 1
12 25 200 0 1
12 25 250 2 1
12 30 200 2 3
12 30 250 6 5
14 25 200 5 4
14 25 250 7 6
14 30 200 7 9
14 30 250 10 11"""


def peas() -> pd.DataFrame:
    rows = []
    for line in NPK.splitlines():
        block, *plots = line.split()
        for plot, crop in zip(plots[::2], plots[1::2], strict=True):
            rows.append((int(block), *map(int, plot), float(crop)))
    return pd.DataFrame(rows, columns=["block", "layers", "phosphate", "nodes", "accuracy"])


def bottles() -> pd.DataFrame:
    rows = []
    for line in BOTTLES.splitlines():
        *levels, first, second = map(int, line.split())
        rows += [(*levels, block, float(y)) for block, y in ((1, first), (2, second))]
    columns = ["carbonation", "pressure", "speed", "block", "accuracy"]
    return pd.DataFrame(rows, columns=columns)


def accuracies(generator, overlap: float) -> pd.DataFrame:
    """Noise for six cells on five folds that differ; what is alike in all folds of a cell has the
    variance ``overlap``, as Nadeau and Bengio take it to be the share of a fold among all images.
    """
    cells = list(product((2, 3, 5), (100, 200), range(5)))
    frame = pd.DataFrame(cells, columns=["layers", "nodes", "block"])
    common = np.repeat(generator.normal(size=6), 5)
    noise = np.sqrt(overlap) * common + np.sqrt(1 - overlap) * generator.normal(size=30)
    return frame.assign(accuracy=noise + 3 * generator.normal(size=5)[frame["block"]])
