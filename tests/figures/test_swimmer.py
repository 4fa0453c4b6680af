"""Swimmer plots, by their artists."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from kmrepro.figures import SwimmerDisplay, drawings_of, figure_bytes
from kmrepro.figures.swimmer import has_swimmer
from kmrepro.models import EndpointAnalysis, analyse
from kmrepro.reconstruct import reconstruct
from kmrepro.studies import load_study

Analysed = Callable[..., EndpointAnalysis]
Check = Callable[[Figure], None]


@cache
def zhang(cohort: str, name: str) -> EndpointAnalysis:
    """Return an endpoint of Zhang 2023, reconstructed."""
    endpoint = load_study("zhang2023").endpoint(cohort, name)
    return analyse(endpoint, reconstruct(endpoint))


def test_bars_are_the_patients() -> None:
    """Zhang 2023: 23 bars, the longest first, with crosses at the three printed recurrences."""
    display = SwimmerDisplay.from_analysis(zhang("resected", "DFS")).plot()
    (arm,) = display.times
    ends = [segment[1][0] for segment in display.bars_[arm].get_segments()]
    assert ends == sorted(ends, reverse=True)
    assert len(ends) == 23
    assert sorted(np.asarray(display.events_[arm].get_xdata()).tolist()) == [1.1, 2.1, 4.2]
    assert len(np.asarray(display.censored_[arm].get_xdata())) == 20
    assert display.names_[arm].get_text().endswith("23 patients, 3 events")
    assert "The times of the events are reported; the other bars are reconstructed" in display.note


def test_the_note_says_what_is_not_printed() -> None:
    """Nobody died in Zhang 2023, and the marks on the paper's own bars are not in its text."""
    display = SwimmerDisplay.from_analysis(zhang("converted", "OS"))
    assert display.title == "Figure 3: Overall survival, converted patients"
    assert display.note.startswith("That nobody had the event is reported")
    assert "no bar here is a patient of another endpoint" in display.note
    assert "26 patients, 0 events, followed for 3.9 to 40.6 months" in display.alt


@pytest.mark.parametrize(
    ("cohort", "name", "key"),
    [
        pytest.param("converted", "OS", ["End of follow-up, no event"], id="nobody"),
        pytest.param("resected", "DFS", ["Event", "End of follow-up without it"], id="some"),
    ],
)
def test_the_key_holds_what_is_drawn(cohort: str, name: str, key: list[str]) -> None:
    """Where nobody had the event it has no mark for one."""
    legend = SwimmerDisplay.from_analysis(zhang(cohort, name)).plot().ax_.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == key


@pytest.mark.parametrize("width", ["column", "page", None])
@pytest.mark.parametrize("n", [4, 60, 150])
def test_nothing_is_cut_off(analysed: Analysed, check_texts: Check, n: int, width: Any) -> None:
    """From 8 to 300 patients in two arms, on one column and on two."""
    display = SwimmerDisplay.from_analysis(analysed(n=n)).plot(width=width)
    check_texts(display.figure_)
    assert display.figure_.get_size_inches()[1] < 9.4
    assert "The bars are reconstructed, not the original patients" in display.note


def test_arms_stand_apart(analysed: Analysed) -> None:
    """All bars of the reference are above those of the other arm, in its own order."""
    display = SwimmerDisplay.from_analysis(analysed(n=20)).plot()
    first, second = (
        [segment[0][1] for segment in display.bars_[arm].get_segments()] for arm in display.times
    )
    assert max(first) < min(second)


def test_long_names_are_shortened(analysed: Analysed, check_texts: Check) -> None:
    """A name that does not fit leaves room for the numbers."""
    labels = {"SR": "Surgical resection with many further words in its name " * 2}
    display = SwimmerDisplay.from_analysis(analysed(labels=labels, n=12)).plot(width=85)
    check_texts(display.figure_)
    assert display.names_["SR"].get_text().endswith("events")


def test_more_patients_are_refused(analysed: Analysed) -> None:
    """Hundreds of bars are no drawing; the message says what is."""
    with pytest.raises(ValueError, match=r"at most 300 patients .* psm/OS has 302"):
        SwimmerDisplay.from_analysis(analysed(n=151))


def test_which_endpoints_have_one(analysed: Analysed) -> None:
    """Where the paper prints one, and single arms of few patients."""
    assert has_swimmer(analysed(swimmer="Figure 7"))
    assert not has_swimmer(analysed(swimmer="Figure 7", n=151))
    assert not has_swimmer(analysed(n=10))
    assert has_swimmer(analysed({"A": 0.01}, n=50, reference=None))
    assert not has_swimmer(analysed({"A": 0.01}, n=51, reference=None))


def test_they_are_named_as_in_the_paper() -> None:
    """Zhang 2023 prints one bar per patient as Figure 3."""
    names = [
        each.name for each in drawings_of([zhang("converted", "OS"), zhang("resected", "DFS")])
    ]
    assert {"figure-3", "resected_DFS_swimmer"} <= set(names)


@pytest.mark.parametrize("style", ["journal", "grey"])
def test_files_come_out_the_same_twice(style: Any) -> None:
    """Two drawings are the same bytes."""
    one, other = (
        figure_bytes(
            SwimmerDisplay.from_analysis(zhang("resected", "DFS")).plot(style=style).figure_,
            file_format="svg",
        )
        for _ in range(2)
    )
    assert one == other
