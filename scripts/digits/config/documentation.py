"""The documents that are generated from the models: the schema and the tables of keys.

``make docs`` writes them: ``python -m digits.config.documentation``.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from digits.config.field_types import COMPETITION, NAME, RECIPE, WORDS
from digits.config.json_schema import Schema, entries, schema
from digits.config.models import FACTOR
from digits.core.atomic_files import write_text

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
README = ROOT / "config" / "README.md"

HEADER = "# Written by make docs from scripts/digits/config/models.py: edit that, not this file.\n"
TABLE = re.compile(
    r"(<!-- keys of (\S+), from make docs -->\n).*?(<!-- end of keys -->)", re.DOTALL
)
"""A place for a table in a text, and the keys, with commas between, that it is of."""


FACTORS = (
    "| `{}.KEY` | list of different values of the key, or `null` | `null` | Levels of any key of"
    " training or augmentation, but `device`, `seed` and `stack`. Null or left out: it is no"
    " factor. |"
)


def main() -> None:
    """Write the documents."""
    write_text(SCHEMA, schema_text())
    write_text(README, with_tables(README.read_text(encoding="utf-8")))


def schema_text() -> str:
    """Return the JSON schema as YAML."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return HEADER + yaml.safe_dump(draft | schema(), sort_keys=False, width=100)


def with_tables(text: str) -> str:
    """Return a text in which the tables of keys are replaced by current ones."""
    return TABLE.sub(lambda found: f"{found[1]}\n{table(found[2].split(','))}\n{found[3]}", text)


def table(names: Iterable[str]) -> str:
    """Return the table of some keys and of the keys in sections, in Markdown."""
    lines = ["| Key | Type and range | Default | Meaning |", "|---|---|---|---|"]
    lines += [row for name in names for row in _rows(name, schema()["properties"][name])]
    return "".join(f"{line}\n" for line in lines)


def _rows(path: str, key: Schema) -> Iterator[str]:
    if "properties" in key:
        for name, inner in key["properties"].items():
            if FACTOR not in inner:
                yield from _rows(f"{path}.{name}", inner)
        if any(FACTOR in inner for inner in key["properties"].values()):
            yield FACTORS.format(path)
        return
    value = key.get("default")
    text = value if isinstance(value, str) else json.dumps(value)
    default = f"`{text}`" if "default" in key else "required"
    meaning = key["description"].replace("<", r"\<")
    yield f"| `{path}` | {_type(key)} | {default} | {meaning} |"


def _type(key: Schema, many: str = "") -> str:
    """Say what a value may be; ``many`` is the ending of nouns, ``s`` for the values of a list."""
    if "anyOf" in key:
        types = [_type(each, many) for each in key["anyOf"]]
        return ("; or " if any(map(_is_list, key["anyOf"])) else " or ").join(types)
    if "const" in key or "enum" in key:
        return ", ".join(map(_quoted, key.get("enum") or [key["const"]]))
    if "properties" in key:
        return f"section of {', '.join(map(_quoted, key['properties']))}"
    if _is_list(key):
        words = [
            _count(key),
            "different" if key.get("uniqueItems") else "",
            _type(key["items"], "s"),
        ]
        return f"list of {' '.join(filter(None, words))}"
    if entries(key):
        return f"mapping{many}" if many else "mapping from names to mappings"
    return _simple(key, many)


def _simple(key: Schema, many: str) -> str:
    if key["type"] == "string":
        return _text(key, many)
    return "`null`" if key["type"] == "null" else f"{key['type']}{many}{_range(key)}"


def _quoted(choice: str | bool) -> str:
    """Format a choice as code; a vertical bar would end the cell of the table."""
    text = choice if isinstance(choice, str) else json.dumps(choice)
    return f"`{text}`".replace("|", r"\|")


def _is_list(key: Schema) -> bool:
    return key.get("type") == "array"


def _text(key: Schema, many: str) -> str:
    if key.get("format") == "path":
        return f"path{many}"
    if key["pattern"] in (COMPETITION, NAME, RECIPE):
        return WORDS[key["pattern"]].replace("a name", "names" if many else "a name", 1)
    return f"text{many} of at most {key['maxLength']} characters"


def _count(key: Schema) -> str:
    low, high = key.get("minItems"), key.get("maxItems")
    if high is None:
        return ""
    if low is None:
        return f"up to {high}"
    return f"{low}" if low == high else f"{low} to {high}"


def _range(key: Schema) -> str:
    low, high = key.get("minimum"), key.get("maximum")
    if "exclusiveMinimum" in key:
        return f" above {key['exclusiveMinimum']}"
    if "exclusiveMaximum" in key:
        return f", {low} to below {key['exclusiveMaximum']}"
    if high is not None:
        return f", {low} to {high}"
    return f", at least {low}" if low is not None else ""


if __name__ == "__main__":
    main()
