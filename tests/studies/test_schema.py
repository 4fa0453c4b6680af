"""The JSON Schema accepts what the reader accepts, and describes every key."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from kmrepro.studies import Study, bundled_ids, starter_text, study_schema

from ..json_schema import Draft202012Validator


@pytest.fixture(scope="module")
def validator() -> Any:
    """Return a validator of the schema, after checking the schema itself."""
    schema = study_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", bundled_ids())
def test_bundled_papers_are_valid(validator: Any, name: str) -> None:
    """Every bundled paper is valid."""
    text = (resources.files("kmrepro.studies.papers") / f"{name}.toml").read_text("utf-8")
    validator.validate(tomllib.loads(text))


def test_the_starter_is_valid(validator: Any) -> None:
    """The starter is valid."""
    validator.validate(tomllib.loads(starter_text()))


def test_intervals_and_landmarks_have_two_forms(validator: Any) -> None:
    """A landmark is a number or a table, an interval a list or one text."""
    arm = {
        "n": 5,
        "landmarks": {"12": {"survival": "90%", "ci": "80-99%"}, "24.5": "80%"},
        "median_ci": ["1", "NR"],
        "censor_marks": [1, 2.5],
    }
    raw = {"id": "x", "endpoint": [{"name": "OS", "arms": {"A": arm}}]}
    validator.validate(raw)
    assert Study.model_validate(raw).endpoints[0].arms["A"].n == 5


STARTER: dict[str, Any] = tomllib.loads(starter_text())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("titles",), "x"),
        (("time_unit",), "month"),
        (("id",), "a/b"),
        (("endpoint",), []),
        (("data_cutoff",), "June 2010"),
        (("endpoint", 0, "arms"), {}),
        (("endpoint", 0, "arms", "new", "n"), 0),
        (("endpoint", 0, "arms", "new", "n"), 12.5),
        (("endpoint", 0, "arms", "new", "event"), 3),
        (("endpoint", 0, "arms", "new", "landmarks", "12"), 98.8),
        (("endpoint", 0, "reported", "ci"), ["1", "2", "3"]),
        (("endpoint", 0, "reported", "p"), 0.1),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses(
    validator: Any, path: tuple[Any, ...], value: Any
) -> None:
    """Unknown keys, wrong types and wrong choices are marked in an editor already."""
    raw = copy.deepcopy(STARTER)
    inner = raw
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert not validator.is_valid(raw)
    with pytest.raises(ValueError, match="validation error"):
        Study.model_validate(raw)


def _properties(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield from node.get("properties", {}).items()
        for inner in node.values():
            yield from _properties(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _properties(inner)


def test_every_key_is_described() -> None:
    """Every key has a description, a sentence."""
    described = dict(_properties(study_schema()))
    assert {"id", "landmarks", "hazard_ratio", "levels", "parts"} <= set(described)
    for key, node in described.items():
        assert node.get("description", "").endswith((".", "}.")), key


def test_null_is_not_offered() -> None:
    """TOML has no null, so the schema does not offer it."""
    assert "null" not in str(study_schema())


def test_defaults_are_what_one_could_write() -> None:
    """Every default in the schema is valid where it stands."""
    schema = study_schema()
    validator = Draft202012Validator(schema)
    for table in (schema, *schema["$defs"].values()):
        for value in table.get("properties", {}).values():
            if "default" in value:
                one = {**value, "$defs": schema["$defs"]}
                validator.evolve(schema=one).validate(value["default"])
