"""The format of study files as a JSON Schema, for editors and other programs."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from .study import Study

__all__ = ["study_schema"]

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
        elif isinstance(default, dict) and "text" in default:  # a printed number stands as printed
            described["default"] = default["text"]
        return described


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a study file.

    Every file that the reader accepts is valid under it. The reader checks more: the order of
    times and dates, ranges of printed numbers, arms and files that a key names.

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
        "description": "What one paper prints about survival; numbers stand as printed, in quotes.",
    }
