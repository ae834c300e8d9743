"""How the networks of an experiment were made, for readers: the settings of all of its cells."""

from collections.abc import Mapping, Sequence
from typing import Any

from digits.config.recipes import SECTIONS, recipe_of
from digits.core.design import Design, factor_label

DESCRIBED = {
    "training": {
        *("optimizer", "learning_rate", "batch_size", "epochs", "patience", "dropout"),
        *("activation", "input_scaling", "device", "stack"),
    },
    "augmentation": {"copies", "mode", "translation", "rotation", "zoom", "seed"},
}
"""The settings whose meaning the page and the cards describe in sentences."""

NEUTRAL = (0, False, None, "none", "constant", "float32")
"""Values of other settings that change nothing."""

NEEDS = {
    "warm_up": ("schedule", {"constant"}),
    "final_factor": ("schedule", {"constant"}),
    "ema_momentum": ("averaging", {"none", "last"}),
    "averaged_epochs": ("averaging", {"none", "ema"}),
    "elastic_sigma": ("elastic_alpha", {0}),
}
"""Settings without effect where another one has only such values."""


def settings_of(config: Mapping[str, Any], design: Design) -> dict[str, dict[str, Any]]:
    """Return the settings of each section: per key the values that it has in any of the cells.

    ``others`` of a section are those that no sentence describes and that change something, by their
    names as they are written for readers; ``images`` of the augmentation is the number of images
    that an epoch has of each training image.
    """
    recipes = [recipe_of({"recipes": {}, **config}, design, cell) for cell in design.cells]
    found: dict[str, dict[str, Any]] = {}
    for section in SECTIONS:
        values = {
            key: list(dict.fromkeys(recipe[section][key] for recipe in recipes))
            for key in config[section]
        }
        others = {
            factor_label(key): each
            for key, each in values.items()
            if key not in DESCRIBED[section] and _has_effect(key, values)
        }
        found[section] = values | {"others": others}
    found["augmentation"]["images"] = [1 + 3 * each for each in found["augmentation"]["copies"]]
    return found


def _has_effect(key: str, values: Mapping[str, Sequence[Any]]) -> bool:
    needed, void = NEEDS.get(key, (key, ()))
    telling = not all(value in NEUTRAL for value in values[key])
    return telling and not set(values.get(needed, ())) <= set(void)


def either(values: Sequence[Any], scale: float | None = None, form: str = "g") -> str:
    """Write the values that a setting has in the cells, scaled if numbers are: ``0.1 or 0.2``."""
    texts = [str(each) if scale is None else format(scale * each, form) for each in values]
    return " or ".join(texts)
