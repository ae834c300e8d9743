"""The design of a configuration, and the recipe of each of its cells: how its networks are made.

A recipe is resolved in one place, :func:`recipe_of`: the configuration's sections, with their
defaults, then the bundle of the cell's ``recipe``, then the cell's other levels.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import ValidationError

from digits.config.dataset import values_of
from digits.config.field_types import RefusalError
from digits.config.models import FIXED, MOST_EXCLUDED, Augmentation, Training, given_type
from digits.config.value_text import shown
from digits.core.design import SIZES, Cell, Design, Level

MOST_TRIALS = 2000
MOST_FACTORS = 6

SECTIONS = {"training": Training, "augmentation": Augmentation}

COLUMNS = {"epochs": "max_epochs"}
"""Factors whose names are those of other columns of the tables, and what they are called there."""

KEYS = {column: key for key, column in COLUMNS.items()}

COPIES = 3
"""Kinds of augmented copies, each of which is made ``augmentation.copies`` times."""


def design_of(config: Mapping[str, Any]) -> Design:
    """Return the design of a configuration, complete or written by an older version.

    Factors are in one order, whatever that of the file: the size of the network, the recipe, then
    the keys of training and of augmentation. Numbers are in order; texts are as in the file.
    """
    levels = config["design"]
    factors = {
        name: _levels(KEYS.get(name, name), levels[KEYS.get(name, name)])
        for name in factor_names()
        if levels.get(KEYS.get(name, name))
    }
    exclude = [
        {COLUMNS.get(name, name): _level(name, level) for name, level in partial.items()}
        for partial in levels.get("exclude", [])
    ]
    return Design(
        factors,
        folds=tuple(config["cross_validation"]["folds"]),
        seeds=tuple(levels["seeds"]),
        exclude=tuple(exclude),
        tensors=tuple(name for name in factors if _decides_tensors(name, config)),
    )


def factor_names() -> list[str]:
    """Return the names that a factor can have, in the order of factors."""
    return [*SIZES, "recipe", *(COLUMNS.get(key, key) for _, key in _keys())]


def recipe_of(config: Mapping[str, Any], design: Design, cell: Cell) -> dict[str, dict[str, Any]]:
    """Return the sections ``training`` and ``augmentation`` as they are for a cell."""
    levels = {KEYS.get(name, name): level for name, level in zip(design.factors, cell, strict=True)}
    bundle = config.get("recipes", {}).get(levels.get("recipe"), {})
    recipe = {name: {**config[name], **bundle.get(name, {})} for name in SECTIONS}
    for section, key in _keys():
        if key in levels:
            recipe[section][key] = _value(key, levels[key])
    return recipe


def settings_of(config: Mapping[str, Any], design: Design, cell: Cell) -> dict[str, Level]:
    """Return all that makes a cell's networks, as levels: of its factors and of all other keys."""
    recipe = recipe_of(config, design, cell)
    keys = {key: recipe[section][key] for section, key in _keys() if key in recipe[section]}
    settings = {COLUMNS.get(key, key): _level(key, value) for key, value in keys.items()}
    return settings | dict(zip(design.factors, cell, strict=True))


def work_of(config: Mapping[str, Any], design: Design, cell: Cell) -> float:
    """Return how long a training of a cell takes at most, in multiplications for each image."""
    recipe = recipe_of(config, design, cell)
    images = 1 + COPIES * recipe["augmentation"]["copies"]
    weights = weights_of(design, cell, values_of(config["dataset"]))
    return recipe["training"]["epochs"] * images * weights


def weights_of(design: Design, cell: Cell, inputs: int) -> int:
    """Return the number of weights of a cell's network, without those of its last layer."""
    levels = dict(zip(design.factors, cell, strict=True))
    layers, nodes = (levels[name] for name in SIZES)
    return nodes * (inputs + (layers - 1) * nodes)


def check_recipes(config: Mapping[str, Any]) -> None:
    """Check what concerns several sections of a complete configuration: factors and recipes.

    Raises
    ------
    RefusalError
        If a bundle has a key that is a factor, if a recipe or an
        excluded cell is not known, if there are too many factors or trials, or if a network cannot
        be trained with the recipe of a cell.
    """
    for name, bundle in config["recipes"].items():
        _check_bundle(f"recipes.{name}", bundle, config["design"])
    for place, name in enumerate(config["design"].get("recipe") or []):
        if name not in config["recipes"]:
            known = ", ".join(config["recipes"]) or "none there"
            raise RefusalError(f"a key of recipes ({known})", shown(name), f"design.recipe.{place}")
    for place, partial in enumerate(config["design"]["exclude"]):
        _check_excluded(f"design.exclude.{place}", partial, config["design"])
    design = design_of(config)
    _check_size(design)
    _check_each_recipe(config, design)


def _keys() -> Iterator[tuple[str, str]]:
    """Yield the keys that can be factors, with their sections."""
    for section, model in SECTIONS.items():
        yield from ((section, key) for key in model.model_fields if key not in FIXED)


def _kind(key: str) -> Any:
    """Return the type of a key's values, None for what is a key of neither section."""
    fields = (model.model_fields.get(key) for model in SECTIONS.values())
    annotation = next((field.annotation for field in fields if field), None)
    given = given_type(annotation)
    return get_args(given)[0] if get_origin(given) is Annotated else given


def _level(key: str, value: Any) -> Level:
    """Return a value of the configuration as a level: a number of the key's type, or text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return float(value) if _kind(key) is float else value


def _value(key: str, level: Level) -> Any:
    """Return a level as a value of the configuration."""
    return level == "true" if _kind(key) is bool else level


def _levels(key: str, values: Iterable[Any]) -> tuple[Level, ...]:
    levels = [_level(key, value) for value in values]
    return tuple(levels if isinstance(levels[0], str) else sorted(levels))


def _decides_tensors(factor: str, config: Mapping[str, Any]) -> bool:
    if factor == "recipe":
        return any(bundle.get("augmentation") for bundle in config.get("recipes", {}).values())
    return KEYS.get(factor, factor) in Augmentation.model_fields


def _check_bundle(path: str, bundle: Mapping[str, Any], levels: Mapping[str, Any]) -> None:
    """Refuse a bundle with a key that is a factor, if the bundles are levels of one."""
    for section, keys in bundle.items():
        for key in keys:
            if levels.get("recipe") and levels.get(key):
                raise RefusalError(
                    "no key that is a factor of the design", key, f"{path}.{section}"
                )


def _check_excluded(path: str, partial: Mapping[str, Any], levels: Mapping[str, Any]) -> None:
    for name, value in partial.items():
        factors = {key: known for key, known in levels.items() if key not in ("seeds", "exclude")}
        known = factors.get(name)
        if known is None:
            names = ", ".join(key for key, each in factors.items() if each)
            raise RefusalError(f"a factor of the design ({names})", shown(name), path)
        if value not in known:
            raise RefusalError(f"one of {shown(known)}", shown(value), f"{path}.{name}")
    if not partial:
        raise RefusalError("a level of at least one factor", "none", path)


def _check_size(design: Design) -> None:
    """Refuse a design with too many factors, with too many trials, or with no cell."""
    if len(design.varied) > MOST_FACTORS:
        found = f"{len(design.varied)}: {', '.join(design.varied)}"
        raise RefusalError(f"at most {MOST_FACTORS} factors with several levels", found, "design")
    factors = design.factors.items()
    counts = {f"design.{KEYS.get(name, name)}": len(levels) for name, levels in factors}
    counts |= {"design.seeds": len(design.seeds), "cross_validation.folds": len(design.folds)}
    # The product first, since crossing a million levels would take minutes.
    crossed = math.prod(counts.values())
    product = " x ".join(f"{count} {key}" for key, count in counts.items() if count > 1)
    if crossed > MOST_TRIALS * (1 + MOST_EXCLUDED * bool(design.exclude)):
        raise RefusalError(f"at most {MOST_TRIALS:,} trials", f"{crossed:,}: {product}", "design")
    trials = len(design.cells) * len(design.folds) * len(design.seeds)
    if trials > MOST_TRIALS:
        found = f"{trials:,}: {product}, without those excluded"
        raise RefusalError(f"at most {MOST_TRIALS:,} trials", found, "design")
    if not trials:
        raise RefusalError(
            "partial cells that leave a cell", "that all are excluded", "design.exclude"
        )


def _check_each_recipe(config: Mapping[str, Any], design: Design) -> None:
    """Check the recipe of each cell, for what a key demands of another."""
    checked = []
    for cell in design.cells:
        recipe = recipe_of(config, design, cell)
        if recipe in checked:
            continue
        checked.append(recipe)
        for section, model in SECTIONS.items():
            try:
                model.model_validate(recipe[section])
            except ValidationError as error:
                raise _refusal(error, section, design.cell_label(cell)) from None


def _refusal(error: ValidationError, section: str, cell: str) -> RefusalError:
    """Return the first error of a section as a refusal that names the cell."""
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    inner = cause.key if isinstance(cause, RefusalError) else ""
    key = ".".join(filter(None, [section, *map(str, first["loc"]), inner]))
    return RefusalError.of(f"{cause or first['msg']} (cell {cell})", key)
