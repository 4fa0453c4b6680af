"""Doubts about traced curves: covered stretches, shared ends, changed dashes, lines left over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kmrepro.digitise.doubts import Traces, curve_doubts, left_share, names_without_sample
from kmrepro.digitise.samples import LegendEntry
from kmrepro.digitise.traced import TracedArm, measured

from .test_crossings import FLAT, SHAPE, STEEP, arm_along, canvas_of, ink_of
from .test_legend import name


def traces_of(*arms: TracedArm, ink: np.ndarray) -> Traces:
    """Curves on a canvas with that ink; a column is a month."""
    canvas = canvas_of(ink)
    return Traces(
        arms=arms,
        names=tuple("ABCD"[: len(arms)]),
        canvas=replace(canvas, ink=255.0 * np.sqrt(3) * ink),
        flipped=False,
        time=float,
    )


MEETING = "their looks do not tell which is which"


def but_of_meeting(traces: Traces) -> list[str]:
    """Return what is said, but of the place where the curves of these tests meet."""
    return [text for text in curve_doubts(traces) if MEETING not in text]


def alone(rows: np.ndarray, like: np.ndarray) -> Traces:
    return traces_of(arm_along(rows, like), ink=like)


def test_a_curve_that_is_seen_is_not_doubted():
    like = np.maximum(ink_of(STEEP), ink_of(FLAT))
    both = traces_of(arm_along(STEEP, like), arm_along(FLAT, like), ink=like)
    assert but_of_meeting(both) == []


@pytest.mark.parametrize(("dash", "said"), [(0, 1), (6, 0)], ids=["both solid", "one dashed"])
def test_curves_that_nothing_tells_apart_where_they_meet_are_named(dash, said):
    """They meet on the third of five levels; solid and dashed go on as they are."""
    like = np.maximum(ink_of(STEEP), ink_of(FLAT, dash=dash))
    both = traces_of(arm_along(STEEP, like), arm_along(FLAT, like), ink=like)
    found = [text for text in curve_doubts(both) if MEETING in text]
    assert len(found) == said
    assert all(
        text.startswith("arms 'A' and 'B'") and "meet, at 200, their" in text for text in found
    )


def test_a_stretch_that_a_legend_covers_is_named_with_its_times():
    like = ink_of(STEEP)
    like[:, 140:180] = 0.0  # it falls at 160
    (doubt,) = curve_doubts(alone(STEEP, like))
    assert doubt.startswith("arm 'A': nothing of the curve is seen from 140 to 180")


def test_what_another_curve_covers_is_not_named():
    like = ink_of(STEEP)
    mine = like.copy()
    mine[:, 140:180] = 0.0
    other = arm_along(STEEP, like)
    both = traces_of(arm_along(STEEP, mine), other, ink=like)
    assert not any("nothing of the curve" in text for text in curve_doubts(both))


def test_gaps_of_dashes_are_seen():
    assert curve_doubts(alone(STEEP, ink_of(STEEP, dash=6))) == []


@pytest.mark.parametrize(("flat", "row", "shared"), [(300, 110, 320), (390, 113, 390)])
def test_curves_that_lie_on_each_other_up_to_their_end_are_named(flat, row, shared):
    """Also where one falls on the other just before both end: it may end with its fall."""
    rows = np.concatenate([FLAT[:flat], np.full(400 - flat, row)])
    like = np.maximum(ink_of(STEEP), ink_of(rows))
    both = traces_of(arm_along(STEEP, like), arm_along(rows, like), ink=like)
    (doubt,) = but_of_meeting(both)
    said = f"'A' and 'B': their curves lie on each other from {shared} to where both end"
    assert said in doubt


def test_curves_that_end_apart_are_not_named():
    ended = ink_of(FLAT)
    ended[:, 380:] = 0.0
    like = np.maximum(ink_of(STEEP), ended)
    short = arm_along(FLAT[:380], like)
    assert but_of_meeting(traces_of(arm_along(STEEP, like), short, ink=like)) == []


@pytest.mark.parametrize("shift", [0, 8])
def test_a_line_that_goes_on_behind_an_end_is_named(shift):
    """On the same level or after a fall; another curve that goes on there is known."""
    like = ink_of(np.full(400, 30))
    like[:, 200:] = 0.5 * ink_of(np.full(400, 30 + shift))[:, 200:]
    ended = arm_along(np.full(200, 30), ink_of(np.full(400, 30)))
    doubts = curve_doubts(traces_of(ended, ink=like))
    assert any("where its curve is taken to end, at 200, a line" in text for text in doubts)
    other = arm_along(np.full(400, 30 + shift), like)
    doubts = curve_doubts(traces_of(ended, other, ink=like))
    assert not any("taken to end" in text for text in doubts)


@pytest.mark.parametrize(("first", "kinds"), [(0, "solid up to"), (6, "dashed up to")])
def test_a_line_that_changes_between_solid_and_dashed_is_named(first, kinds):
    like = ink_of(STEEP, dash=first)
    like[:, 200:] = ink_of(STEEP, dash=6 - first)[:, 200:]
    level = np.full(400, 2)
    like = np.maximum(like, ink_of(level))
    both = traces_of(arm_along(STEEP, like), arm_along(level, like), ink=like)
    doubts = [text for text in curve_doubts(both) if "another curve" in text]
    assert len(doubts) == 1
    assert f"arm 'A': the line is {kinds} about" in doubts[0]


@pytest.mark.parametrize(("begins", "share"), [(0, 0.0), (60, 0.2)], ids=["one half", "a curve"])
def test_a_level_line_from_the_start_on_is_no_curve(begins, share):
    """Lines of the median run from the axis; a curve that is missing came down from its start."""
    level = ink_of(np.full(400, 100))
    level[:, np.arange(400) % 3 > 0] = 0.0  # dots
    level[:, :begins] = 0.0
    found = traces_of(arm_along(STEEP, ink_of(STEEP)), ink=np.maximum(ink_of(STEEP), level))
    assert left_share(found) == 0 if share == 0 else left_share(found) > share


@pytest.mark.parametrize("flanked", [True, False])
def test_dashed_limits_that_were_recognised_are_explained(flanked):
    """Their dashes seldom stand above and below the curve at one time."""
    above, below = ink_of(FLAT - 8, dash=6), np.roll(ink_of(FLAT + 30, dash=6), 6, axis=1)
    like = np.maximum.reduce([ink_of(FLAT), above, below])
    arm = replace(arm_along(FLAT, like), flanked=flanked)
    share = left_share(traces_of(arm, ink=like))
    assert share == 0 if flanked else share > 0.3


def test_a_line_that_no_curve_follows_is_named():
    ink = np.maximum(ink_of(STEEP), ink_of(FLAT))
    found = traces_of(arm_along(STEEP, ink_of(STEEP)), ink=ink)
    assert left_share(found) > 0.5
    assert any("belong to none of the curves" in text for text in curve_doubts(found))


def test_marks_of_a_curve_and_other_plots_within_are_no_lines_left_over():
    ink = ink_of(STEEP)
    for column in range(20, 380, 12):
        row = STEEP[column]
        ink[max(row - 4, 0) : row + 6, column] = 1.0
    ink[40:60, 300:390] = 1.0  # an inset
    found = traces_of(arm_along(STEEP, ink_of(STEEP)), ink=ink)
    assert left_share(found) > 0.15
    assert left_share(replace(found, insets=((295.0, 35.0, 395.0, 65.0),))) < 0.05


def test_incidence_is_looked_at_upside_down():
    ink = ink_of(STEEP)
    curve = measured(ink, np.zeros(SHAPE), rows=STEEP, start=0, width=2.0)
    arm = TracedArm(colour=arm_along(STEEP, ink).colour, curve=curve, like=ink)
    found = replace(traces_of(arm, ink=ink[::-1]), flipped=True)
    assert left_share(found) < 0.05


def test_the_frame_of_a_legend_is_no_line_left_over():
    ink = ink_of(STEEP)
    ink[85:110, 20:250] = 1.0
    ink[87:108, 22:248] = 0.0
    assert left_share(traces_of(arm_along(STEEP, ink_of(STEEP)), ink=ink)) < 0.05


def test_limits_above_and_below_a_curve_are_no_lines_left_over():
    ink = np.maximum.reduce([ink_of(FLAT), ink_of(FLAT - 14, dash=8), ink_of(FLAT + 14, dash=8)])
    curve = arm_along(FLAT, ink_of(FLAT))
    assert left_share(traces_of(curve, ink=ink)) < 0.1
    ink[:60] = ink_of(FLAT)[:60]
    assert left_share(traces_of(curve, ink=ink)) > 0.1


def test_a_name_in_a_legend_without_a_sample_is_doubted():
    lines = [
        name("Stage", 38),
        name("Low", 58),
        name("Middle", 78),
        name("High", 98),
        name("P = 0.02", 118),
    ]
    entries = [
        LegendEntry(name=text, rgb=(0.0, 0.0, 0.0), filled=1.0, box=(262, y - 8, 292, y + 8))
        for text, y in (("Low", 58), ("High", 98))
    ]
    (doubt,) = names_without_sample(entries, lines)
    assert doubt.startswith("the legend's 'Middle' has no sample")
    assert names_without_sample(entries[:1], lines) == []
