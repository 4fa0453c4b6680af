"""The numbers, the script and the patients behind the curves that can be read in a report."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from urllib.parse import unquote

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.figures.report.interactive import (
    chart,
    in_script,
    patients_link,
    script,
    slider_step,
)
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]

TEXTS = st.text() | st.sampled_from(["</script>", "<!--", "]]>", "\u2028", "\u2029", "&lt;", "'\""])


@given(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS), max_size=4))
def test_json_cannot_end_its_script(value: dict[str, object]) -> None:
    """Whatever is written comes back, and holds no letter that HTML or a script takes amiss."""
    written = in_script(value)
    assert json.loads(written) == value
    assert not set(written) & set("<>&\u2028\u2029")
    assert written.isascii()


def test_the_numbers_are_those_of_the_curves(analysed: Analysed) -> None:
    """Each drop has survival, band and events; those who left are counted; all patients go."""
    analysis = analysed()
    drawn = chart(analysis)
    data = json.loads(drawn["data"])
    assert data["unit"] == "months"
    assert [arm["name"] for arm in data["arms"]] == [arm["name"] for arm in drawn["arms"]]
    for arm, curve in zip(data["arms"], analysis.curves.values(), strict=True):
        drops = curve.n_events > 0
        assert arm["survival"] == pytest.approx(curve.survival[drops].tolist(), abs=1e-6)
        assert arm["time"] == pytest.approx(curve.time[drops].tolist(), rel=1e-5)
        assert arm["lower"] == pytest.approx(curve.lower[drops].tolist(), abs=1e-6)
        assert sum(arm["events"]) + sum(arm["counts"]) == arm["n"] == curve.n
        assert len(arm["points"]) == 3
        for time, survival, early, late, low, high in arm["points"]:
            assert early == time == late
            assert low < survival < high
    assert "Surgical resection" in drawn["alt"]


def test_an_undefined_band_is_null(analysed: Analysed) -> None:
    """Where survival is 0 there is no interval, and JSON has no NaN."""
    analysis = analysed({"SR": 0.5}, times=(1.0,), end=500.0)
    (arm,) = json.loads(chart(analysis)["data"])["arms"]
    assert arm["survival"][-1] == 0
    assert arm["lower"][-1] is None


def test_the_link_holds_the_patients(analysed: Analysed) -> None:
    """The address is a CSV file of every patient, digit for digit."""
    ipd = analysed(labels={"SR": "Résection", "TA": "50%, #1 & more"}).ipd
    kind, _, content = patients_link(ipd).partition(",")
    assert kind == "data:text/csv;charset=utf-8"
    assert not set(content) & set(" \n\"'<>#&")
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(unquote(content))), ipd.to_frame())


@pytest.mark.parametrize(
    ("end", "step"), [(183, 1), (100, 1), (99, 0.5), (36, 0.2), (3000, 20), (0.4, 0.002)]
)
def test_the_slider_steps_in_round_numbers(end: float, step: float) -> None:
    """There are 100 to 250 steps, of 1, 2 or 5 times a power of ten."""
    assert slider_step(end) == step
    assert 100 <= end / step <= 250


def test_the_script_is_whole_and_ends_where_it_should() -> None:
    """The library comes with its licence, and nothing in it ends the script element."""
    text = script().text
    assert "Copyright (c) 2022 Leon Sorokin" in text
    assert "</script" not in text.lower()
    assert "<!--" not in text
    assert script().permission.startswith("'sha256-")
