"""Where the images of an experiment come from, as far as that is certain."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

KAGGLE_TRAIN = "b35cc952c291f03d995f48721373e69454f689e299d724bd9a5927bdabddfeed"
"""SHA-256 of the train.csv of Kaggle's competition Digit Recognizer."""

NAMES = {"demo": "scikit-learn digits", "kaggle": "Digit Recognizer"}


def origin(config: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    """Return the origin of the data if it is certain: ``demo``, ``kaggle`` or None.

    Parameters
    ----------
    config : the resolved configuration
    facts : the facts of the data
    """
    if config["dataset"].get("source") == "demo":
        return "demo"
    return "kaggle" if facts["train"]["sha256"] == KAGGLE_TRAIN else None


def data_set(config: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Return the name of the data set: that of its origin or, if it is not known, of its file."""
    known = origin(config, facts)
    file = str(facts["train"]["source"]).partition("::")[0]
    return NAMES[known] if known else PurePath(file).name or file
