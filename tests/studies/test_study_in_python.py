"""A study built in Python is the study of the same file, and is refused with the same words."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kmrepro as km
from kmrepro.studies import StudyFileError, read_study

ARMS: dict[str, Any] = {
    "SR": {"n": 185, "landmarks": {12: "98.8%", 2.5: "99%"}, "at_risk": {0: 185, 12.0: 180}},
    "TA": {"n": 185, "landmarks": {12: {"survival": "99.5%", "ci": ("97%", "100%")}}},
}
TEXT = """id = "mine"
[[endpoint]]
name = "OS"
reference = "SR"
[endpoint.arms.SR]
n = 185
landmarks = { "2.5" = "99%", 12 = "98.8%" }
at_risk = { 0 = 185, 12 = 180 }
[endpoint.arms.TA]
n = 185
landmarks = { 12 = { survival = "99.5%", ci = ["97%", "100%"] } }
"""


def test_it_is_the_study_of_the_same_file(file: Path) -> None:
    """Times may be numbers, lists tuples, and lists of tables in the plural."""
    file.write_text(TEXT, "utf-8")
    arms = {**ARMS, "SR": {**ARMS["SR"], "landmarks": {2.5: "99%", 12: "98.8%"}}}
    endpoint = {"name": "OS", "reference": "SR", "arms": arms}
    assert km.study(id="mine", endpoints=[endpoint]) == read_study(file)
    assert km.study({"id": "mine"}, endpoint=(endpoint,)) == read_study(file)
    assert km.study(tomllib.loads(TEXT)) == read_study(file)


def test_digitised_curves_may_be_given_as_such() -> None:
    """What `digitised_curve` returns can be the curve of an arm."""
    curve = km.digitised_curve([0, 5, 9, 12], [1, 0.8, 0.5, 0.5])
    study = km.study(id="mine", endpoint=[{"name": "OS", "arms": {"A": {"curve": curve}}}])
    assert study.endpoints[0].arms["A"].curve is curve


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("n = 185", 'n = "185"', id="quotes"),
        pytest.param('"98.8%"', "98.8", id="no quotes"),
        pytest.param('"98.8%"', '"101%"', id="range"),
        pytest.param("reference", "refrence", id="key"),
        pytest.param('name = "OS"', "", id="missing"),
        pytest.param('"98.8%"', '"REPLACE 98.8%"', id="placeholder"),
    ],
)
def test_faults_have_the_words_of_a_file(file: Path, old: str, new: str) -> None:
    """Only the name in front differs."""
    text = TEXT.replace(old, new, 1)
    file.write_text(text, "utf-8")
    with pytest.raises(km.StudyFileError) as of_file:
        read_study(file)
    with pytest.raises(km.StudyFileError, match=r"^study") as in_python:
        km.study(tomllib.loads(text))
    assert in_python.value.faults == of_file.value.faults


def test_times_out_of_order_and_both_names() -> None:
    """Times stay in the order in which they are given, which must increase."""
    endpoint = {"name": "OS", "arms": ARMS}
    with pytest.raises(km.StudyFileError, match=r"arms\.SR\.landmarks: 2\.5 comes after 12"):
        km.study(id="mine", endpoints=[endpoint])
    with pytest.raises(km.StudyFileError, match="endpoint and endpoints are both given"):
        km.study(id="mine", endpoints=[endpoint], endpoint=[endpoint])


def test_numbers_of_numpy_are_numbers() -> None:
    """Counts that come out of a table are whole numbers, too."""
    arm = {"n": np.int64(40), "events": np.int32(9), "at_risk": {0: np.uint8(40)}}
    arm |= {"landmarks": {np.int64(12): "80%"}}
    study = km.study(id="mine", endpoints=[{"name": "OS", "arms": {"A": arm}}])
    found = study.endpoints[0].arms["A"]
    assert (found.n, found.events, dict(found.at_risk)) == (40, 9, {0: 40})
    assert type(found.n) is int
    arm["n"] = np.True_
    with pytest.raises(StudyFileError, match="is not a number of patients"):
        km.study(id="mine", endpoints=[{"name": "OS", "arms": {"A": arm}}])
