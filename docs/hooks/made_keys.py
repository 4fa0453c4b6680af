"""Every key of a study file, from its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kmrepro.studies import study_schema

Schema = Mapping[str, Any]


def keys(_: str) -> str:
    """Return a section with a table of keys for each kind of table in a study file."""
    schema = study_schema()
    places: list[tuple[list[str], Schema]] = []
    for place, table in _tables("", schema, schema["$defs"]):
        same = next((names for names, other in places if other == table), None)
        if same is None:
            places.append(([place], table))
        else:
            same.append(place)
    return "\n\n".join(_section(names, table) for names, table in places)


def _tables(place: str, value: Schema, definitions: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield every table that a value is or holds, each with the way it is written in TOML."""
    if "$ref" in value:
        value = definitions[value["$ref"].rpartition("/")[2]]
    if "properties" in value:
        yield place, value
    for key, inner in value.get("properties", {}).items():
        yield from _tables(f"{place}.{key}".removeprefix("."), inner, definitions)
    for choice in value.get("anyOf", ()):
        yield from _tables(place, choice, definitions)
    for step, inner in _held(value):
        yield from _tables(f"{place}{step}", inner, definitions)


def _held(value: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield what stands in a list, or under keys that the author of a file chooses."""
    if "items" in value:
        yield "[]", value["items"]
    if isinstance(named := value.get("additionalProperties"), Mapping):
        yield ".NAME", named
    for timed in value.get("patternProperties", {}).values():
        yield ".TIME", timed


def _section(places: list[str], table: Schema) -> str:
    """Return the heading, the purpose and the keys of one kind of table."""
    needed = table.get("required", ())
    rows = [
        f"| `{key}` | {_value(value)} | {_meaning(key in needed, value)} |"
        for key, value in table["properties"].items()
    ]
    inside = any(places)
    heading = ", ".join(f"`{_in_toml(place)}`" for place in places) if inside else "At the top"
    purpose = " ".join(table.get("description", "").split()) if inside else ""
    header = ["| key | value | meaning |", "|---|---|---|"]
    return "\n".join([f"## {heading}", "", purpose, "", *header, *rows])


def _in_toml(place: str) -> str:
    """Return the line that opens a table in a study file: one of a list has double brackets."""
    name = place.replace("[]", "")
    return f"[[{name}]]" if place.endswith("[]") else f"[{name}]"


def _meaning(needed: bool, value: Schema) -> str:
    parts = ["**Needed.**" if needed else "", value.get("description", "")]
    default = value.get("default")
    if isinstance(default, bool):
        parts.append(f"`{str(default).lower()}` if absent.")
    elif default:
        parts.append(f'`"{default}"` if absent.')
    return _cell(" ".join(part for part in parts if part))


def _value(value: Schema) -> str:
    """Say in words what a value may be, with an example where the schema has one."""
    if "examples" in value:
        return " or ".join(f"`{_toml(each)}`" for each in value["examples"][:2])
    if "enum" in value:
        return ", ".join(f'`"{each}"`' for each in value["enum"])
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(map(_value, value["anyOf"])))
    if value.get("type") == "array":
        return f"list: {_value(value['items'])}"
    if value.get("type") == "integer":
        return f"whole number from {value['minimum']}"
    plain = {"boolean": "`true` or `false`", "number": "number", "string": "text"}
    return plain.get(value.get("type", ""), "table")


def _toml(example: Any) -> str:
    if isinstance(example, list):
        return f"[{', '.join(map(_toml, example))}]"
    return f'"{example}"'


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
