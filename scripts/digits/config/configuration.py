"""The configuration: defaults filled in, checked against its schema, one line per mistake."""

import copy
import math
import os
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import best_match

from digits.config.messages import describe, key_name, shown
from digits.config.overrides import convert
from digits.config.yaml_files import check_file
from digits.core.class_labels import labels_of
from digits.core.errors import ConfigError
from digits.core.intermediate_files import ContentError, reading

SCHEMA = Path(__file__).parents[3] / "workflow" / "schemas" / "config.schema.yaml"

MOST_TRIALS = 2000
"""Each adds up to 800 bytes to command lines of jobs that gather them all; Linux takes 2 MB."""

MOST_WEIGHTS = 10**9
"""4 GB of 32-bit numbers, and several times that in training."""

MOST_VALUES, MOST_DEPTH, MOST_BITS = 10_000, 8, 990
"""Of a whole configuration; aliases can make a small file endless."""

MOST_LETTERS = 60
"""Of a label, written out."""

FILES = ("train", "test", "test_labels")
ADDRESS = re.compile(r"://|^[^/\s:@]+:(?!:)[^@]+@")
"""As in https://host/a.csv or user:password@host:a.csv; not a.zip::b@c.csv."""

DEMO = {"label": "label", "image_shape": [28, 28], "classes": 10}
DEMO_FILE = re.compile(r"data/demo/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}\.csv")

Strict = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ).redefine(
        "number",
        lambda _, value: (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and abs(value) <= sys.float_info.max
        ),
    ),
)
"""JSON Schema, but 3.0 is no whole number, and a number is one that a float can hold."""


def complete(
    config: dict[str, Any], schema: dict[str, Any], written: Mapping[str, str] | None = None
) -> None:
    """Fill the schema's defaults into ``config``, in place, and check it.

    Parameters
    ----------
    written : as :func:`digits.config.yaml_files.check_file` gives it, for better messages

    Raises
    ------
    ConfigError
        If a key is missing, unknown, of the wrong type or out of range, or at odds with another;
        the text names the key by its path.
    """
    _check_extent(config)
    _check_addresses(config)
    _fill(config, schema)
    error = best_match(Strict(schema).iter_errors(config), key=_depth)
    if error:
        raise ConfigError(describe(error, schema, written))
    _expand_homes(config)
    _check_together(config)


def check(
    config: dict[str, Any], files: Sequence[str | Path], command_line: Mapping[str, Any]
) -> None:
    """Check the configuration of a run as Snakemake has merged it, and complete it in place.

    Parameters
    ----------
    files : what it was read from
    command_line : what ``--config`` gave, which is in it already

    Raises
    ------
    ConfigError
        As :func:`complete`, or if a file is not what Snakemake takes it for.
    """
    written = {}
    for file in files:
        written |= check_file(Path(os.path.relpath(file)))
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    convert(config, command_line, schema)
    complete(config, schema, written)


def check_resolved(path: Path, config: dict[str, Any]) -> None:
    """Check the configuration that a run has written down, which is complete.

    Raises
    ------
    DataError
        If it is not, or not as the schema says; the text names the file and the key.
    """
    completed = copy.deepcopy(config)
    try:
        complete(completed, yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))
    except ConfigError as error:
        with reading(path):
            raise ContentError(str(error).removeprefix("config: ")) from None
    missing = sorted(_keys(completed) - _keys(config))
    with reading(path):
        if missing:
            raise ContentError(f"lacks the key {missing[0]}")


def _keys(config: dict[str, Any]) -> set[str]:
    inner = ((key, value) for key, value in config.items() if isinstance(value, dict))
    return set(config) | {f"{section}.{key}" for section, keys in inner for key in keys}


def _check_extent(config: dict[str, Any]) -> None:
    """Refuse what is so large, so deep or so endless that it could not even be shown."""
    pending: list[tuple[str, int, Any]] = [("", 0, config)]
    for path, depth, value in pending:
        if isinstance(value, int) and value.bit_length() > MOST_BITS:
            raise ConfigError(f"config: {path[1:]}: expected a number of fewer than 300 digits")
        inner = enumerate(value) if isinstance(value, list | tuple | set) else ()
        for key, each in value.items() if isinstance(value, dict) else inner:
            pending.append((f"{path}.{key_name(key)}", depth + 1, each))
        if depth > MOST_DEPTH or len(pending) > MOST_VALUES:
            raise ConfigError(
                f"config: {path.split('.')[1]}: expected at most {MOST_VALUES:,} values,"
                f" {MOST_DEPTH} levels deep, found more"
            )


def _check_addresses(config: dict[str, Any]) -> None:
    """Refuse addresses: nothing is downloaded, and they may hold a password, so none is shown."""
    pending: list[tuple[str, Any]] = [("", config)]
    for path, value in pending:
        if isinstance(value, dict):
            pending += [(f"{path}.{key_name(key)}", inner) for key, inner in value.items()]
        elif isinstance(value, list | tuple | set):
            pending += [(path, inner) for inner in value]
        elif isinstance(value, str) and ADDRESS.search(value):
            raise ConfigError(
                f"config: {path[1:]}: expected no address, found text with '://' or with"
                " ':' before '@'; download the file and write its path"
            )


def _fill(section: Any, schema: dict[str, Any]) -> None:
    if not isinstance(section, dict):
        return
    for key, inner in schema.get("properties", {}).items():
        if "default" in inner:
            # A copy, so that what is filled in later does not end up in the schema.
            default = inner["default"]
            section.setdefault(key, dict(default) if isinstance(default, dict) else default)
        _fill(section.get(key), inner)


def _expand_homes(config: dict[str, Any]) -> None:
    """Put the home folder in place of a ``~`` or a ``~user`` at the beginning of a path."""
    sections = [("", config, ("published", "cache")), ("dataset.", config["dataset"], FILES)]
    for prefix, section, keys in sections:
        for key in keys:
            if section[key] and section[key].startswith("~"):
                path = os.path.expanduser(section[key])  # noqa: PTH111 - ./ and .. stay as they are
                if path.startswith("~"):
                    raise ConfigError(
                        f"config: {prefix}{key}: expected a home folder that is known, found"
                        f" {shown(section[key])}; write the whole path"
                    )
                section[key] = path


def _depth(error: ValidationError) -> int:
    return -len(error.absolute_path)


def _check_together(config: dict[str, Any]) -> None:
    splits, folds = config["cross_validation"]["splits"], config["cross_validation"]["folds"]
    if max(folds) >= splits:
        raise ConfigError(
            f"config: cross_validation.folds: expected 0 to {splits - 1}, as"
            f" cross_validation.splits is {splits}, found {max(folds)}"
        )
    _check_labels(labels_of(config["dataset"]["classes"]))
    _check_places(config)
    _check_files(config["dataset"])
    if config["dataset"]["source"] == "demo":
        _check_demo(config["dataset"])
    _check_size(config)


def _check_labels(labels: Sequence[str]) -> None:
    """Refuse labels that nobody could tell from each other in tables and plots."""
    alike: dict[str, str] = {}
    for place, label in enumerate(labels):
        key = f"config: dataset.classes.{place}"
        if label != label.strip() or not label.isprintable() or len(label) > MOST_LETTERS:
            raise ConfigError(
                f"{key}: expected at most {MOST_LETTERS} visible characters without spaces at the"
                f" ends, found {shown(label)}"
            )
        form = unicodedata.normalize("NFKC", label)
        if label == alike.get(form):
            raise ConfigError(f"{key}: expected each label once, found {label!r} again")
        if form in alike:
            raise ConfigError(
                f"{key}: expected labels that look different, found {label!a} and {alike[form]!a}"
            )
        alike[form] = label


def _check_places(config: dict[str, Any]) -> None:
    """Refuse paths among the results, which the workflow writes and may write over."""
    results = f"results/{config['experiment']}"
    given = {f"dataset.{key}": config["dataset"][key] for key in FILES}
    given |= {key: config[key] for key in ("published", "cache")}
    for key, path in given.items():
        if path and f"{_absolute(path)}/".startswith(f"{_absolute(results)}/"):
            raise ConfigError(
                f"config: {key}: expected a path outside {results}/, which the workflow writes,"
                f" found {shown(path)}"
            )


def _check_files(dataset: dict[str, Any]) -> None:
    """Refuse a file that stands for two keys, however written; a.csv may be there as a.csv.gz."""
    paths = [dataset[key] and _absolute(dataset[key]).removesuffix(".gz") for key in FILES]
    for place, (key, path) in enumerate(zip(FILES, paths, strict=True)):
        if path in paths[:place]:
            raise ConfigError(
                f"config: dataset.{key}: expected another file than for"
                f" dataset.{FILES[paths.index(path)]}, found {shown(dataset[key])} for both"
            )


def _absolute(path: str) -> str:
    """Return a path in full, by its text alone: nothing is looked up, links are not followed."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.absolute() leaves .. as it is


def _check_demo(dataset: dict[str, Any]) -> None:
    """Refuse what does not fit the demo's data, which are what they are."""
    for key in FILES:
        path = dataset[key]
        # The demo writes these files, so they must not be anybody's own.
        if path is None or not DEMO_FILE.fullmatch(path):
            raise ConfigError(
                f"config: dataset.{key}: expected a .csv in data/demo/, which the demo writes,"
                f" found {shown(path)}"
            )
    for key, value in DEMO.items():
        if dataset[key] != value:
            raise ConfigError(
                f"config: dataset.{key}: expected {value}, as dataset.source is demo,"
                f" found {dataset[key]}"
            )


def _check_size(config: dict[str, Any]) -> None:
    design = config["design"]
    factors = {f"design.{key}": len(levels) for key, levels in design.items()}
    factors["cross_validation.folds"] = len(config["cross_validation"]["folds"])
    trials = math.prod(factors.values())
    if trials > MOST_TRIALS:
        raise ConfigError(
            f"config: design: expected at most {MOST_TRIALS:,} trials, found {trials:,}:"
            f" {' x '.join(f'{count} {key}' for key, count in factors.items())}"
        )
    layers, nodes = max(design["layers"]), max(design["nodes"])
    weights = math.prod(config["dataset"]["image_shape"]) * nodes + (layers - 1) * nodes**2
    if weights > MOST_WEIGHTS:
        raise ConfigError(
            f"config: design: expected at most {MOST_WEIGHTS:,} weights in a network, found"
            f" {weights:,}: {layers} layers of {nodes} nodes"
        )
