"""The JSON schema of the models, and look-ups in it by key."""

from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from digits.config.models import Configuration

Schema = JsonSchemaValue

KINDS = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}
"""The names of types in JSON schemas."""


class _Plain(GenerateJsonSchema):
    """Without titles of keys, which only repeat their names."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


@cache
def schema() -> Schema:
    """Return the JSON schema of a configuration, each section where it belongs.

    It holds all that concerns one key alone; how keys fit together is for the models to check.
    """
    whole = Configuration.model_json_schema(schema_generator=_Plain)
    definitions = whole.pop("$defs")
    return _in_place(whole, definitions) | {"title": "Configuration of an experiment"}


def _in_place(part: Any, definitions: Schema) -> Any:
    """Return a part of a schema with definitions in the place of references to them."""
    if isinstance(part, list):
        return [_in_place(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        found = dict(definitions[part["$ref"].rpartition("/")[2]])
        found.pop("title", None)
        rest = {key: value for key, value in part.items() if key != "$ref"}
        return _in_place(found | rest, definitions)
    return {key: _in_place(value, definitions) for key, value in part.items()}


def alternatives(key: Schema) -> list[Schema]:
    """Return the schemas of which a value has to fit one."""
    return key.get("anyOf", [key])


def kinds(key: Schema) -> list[str]:
    """Return the names of the types that a value may be of."""
    return [each["type"] for each in alternatives(key) if "type" in each]


def items(key: Schema) -> Schema:
    """Return the schema of the values of a list; it is empty where there may be no list."""
    return next((each["items"] for each in alternatives(key) if "items" in each), {})


def properties(key: Schema) -> Schema:
    """Return the keys of a section, by name; they are none where there may be no section."""
    return next((each["properties"] for each in alternatives(key) if "properties" in each), {})


def entries(key: Schema) -> Schema:
    """Return the schema of the values of a mapping from any names; it is empty for others."""
    for each in (key.get("additionalProperties"), *key.get("patternProperties", {}).values()):
        if isinstance(each, dict):
            return each
    return {}
