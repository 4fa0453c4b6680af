"""The format of study files as a JSON Schema, for editors and other programs."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from .study import Study

__all__ = ["key_schema", "study_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WithoutNull(GenerateJsonSchema):
    """TOML has no null: a key that is optional is left out."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        default = described.get("default")
        if default in (None, "", []):
            described.pop("default", None)
        elif isinstance(default, dict) and "text" in default:  # a PrintedNumber
            described["default"] = default["text"]
        return described


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a study file.

    Every file that the reader accepts is valid under it. The reader checks more: the order of
    times and dates, ranges of reported numbers, arms and files that a key names.

    Examples
    --------
    >>> study_schema()["required"]
    ['id', 'endpoint']
    """
    schema = Study.model_json_schema(by_alias=True, schema_generator=_WithoutNull)
    return {
        "$schema": _DIALECT,
        **schema,
        "title": "kmrepro study file",
        "description": "What one paper reports about survival; numbers are in quotes, as printed.",
    }


def key_schema(place: tuple[str | int, ...]) -> dict[str, Any]:
    """Return the part of the schema that describes a place in a study file.

    Parameters
    ----------
    place : tuple of str and int
        Keys, and indices of lists, from the top of the file down.

    Returns
    -------
    dict
        Empty if the schema says nothing of the place. Where a short form is allowed too, the
        table.
    """
    schema = _cached_schema()
    node: Any = schema
    for step in place:
        node = _step(_resolved(node, schema), step)
    return _resolved(node, schema)


@cache
def _cached_schema() -> dict[str, Any]:
    return study_schema()


def _step(node: dict[str, Any], step: str | int) -> Any:
    if isinstance(step, int):
        return node.get("items", {})
    if step in node.get("properties", {}):
        return node["properties"][step]
    patterns = node.get("patternProperties", {})
    return next(iter(patterns.values()), node.get("additionalProperties", {}))


def _resolved(node: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference, and take the table where a short form is allowed too."""
    if not isinstance(node, dict):
        return {}
    if "$ref" in node:
        node = {**schema["$defs"][node["$ref"].rpartition("/")[2]], **node}
    tables = [choice for choice in node.get("anyOf", ()) if "properties" in choice]
    return {**node, **tables[0]} if tables else node
