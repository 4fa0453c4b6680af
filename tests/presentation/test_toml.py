"""Strings, keys and names in study files."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from kmrepro.presentation import toml
from kmrepro.studies.fields import Name

TEXT = st.text(st.characters(codec="utf-8"), max_size=80)


@given(TEXT, TEXT)
def test_what_is_written_is_read_again(name: str, text: str) -> None:
    """A key and a string come back as they were."""
    written = f"{toml.key(name)} = {toml.quoted(text)}"
    assert tomllib.loads(written) == {name: text}


@given(st.lists(TEXT, max_size=6))
def test_short_names_are_names_of_a_study_file(labels: list[str]) -> None:
    """Whatever arms are called, each has a name that is allowed, and no two are one file."""
    names = toml.short_names(labels)
    assert len({name.casefold() for name in names}) == len(labels)
    for name in names:
        assert TypeAdapter(Name).validate_python(name) == name


def test_a_name_that_is_allowed_stays() -> None:
    """Only what a study file does not allow is changed."""
    assert toml.short_names(["Surgical resection", "TA"]) == ["Surgical resection", "TA"]
