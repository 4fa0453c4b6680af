"""Curves of one colour, traced together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kmrepro.digitise.alike import together, traced_together
from kmrepro.digitise.traced import Start, TracedArm
from kmrepro.digitise.tracing import trace

from .test_crossings import BLACK, FLAT, SHAPE, STEEP, arm_along, canvas_of, ink_of

START = Start(column=0, row=15.0, slack=8.0)
NOTHING = np.zeros(SHAPE)


def ends_of(arms: list[TracedArm]) -> list[float]:
    return sorted(float(arm.curve.rows[-1]) for arm in arms)


def test_two_curves_on_one_line_part_to_explain_the_ink_of_both():
    """Traced one after the other, both went along the steep line from where the two meet."""
    like = np.maximum(ink_of(STEEP), ink_of(FLAT, dash=6))
    both = np.concatenate([FLAT[:200], STEEP[200:]])
    found = traced_together(
        [arm_along(STEEP, like), arm_along(both, like)], NOTHING, START, expected=2
    )
    assert ends_of(found) == pytest.approx([71, 111], abs=1)


def test_a_curve_that_is_missing_is_found_in_the_ink_that_is_left():
    like = np.maximum(ink_of(STEEP), ink_of(FLAT))
    found = traced_together([arm_along(STEEP, like)], NOTHING, START, expected=2)
    assert ends_of(found) == pytest.approx([71, 111], abs=1)


def test_no_curve_is_made_up_where_no_ink_is_left():
    like = ink_of(STEEP)
    assert len(traced_together([arm_along(STEEP, like)], NOTHING, START, expected=2)) == 1


def test_curves_that_explain_all_ink_stay_where_they_are():
    like = np.maximum(ink_of(STEEP), ink_of(FLAT, dash=6))
    arms = [arm_along(STEEP, like), arm_along(FLAT, like)]
    for new, old in zip(traced_together(arms, NOTHING, START), arms, strict=True):
        assert np.abs(new.curve.rows[:380] - old.curve.rows[:380]).mean() < 1.0


def test_all_curves_begin_anew_where_none_can_leave_its_line_alone():
    """A third line is on no path, and the second curve is needed where it is."""
    third = np.full(400, 14, dtype=np.intp)
    like = np.maximum.reduce([ink_of(STEEP), ink_of(FLAT, dash=9), ink_of(third, dash=3)])
    doubled = np.concatenate([STEEP[:200], FLAT[200:]])
    arms = [arm_along(rows, like) for rows in (STEEP, FLAT, np.maximum.accumulate(doubled))]
    found = traced_together(arms, NOTHING, START, expected=3)
    assert ends_of(found) == pytest.approx([15, 71, 111], abs=1.5)


def test_a_dashed_curve_goes_on_over_a_gap_wider_than_its_others():
    like = ink_of(FLAT, dash=12)
    like[:, 230:285] = 0.0
    first = trace(like, NOTHING, start=0, start_row=20.0, slack=4.0)
    short = replace(arm_along(FLAT[:230], like), curve=first)
    assert len(first.rows) < 300
    (found,) = together(
        [short], canvas_of(like), Start(column=0, row=20.0, slack=4.0), flipped=False, expected=1
    )
    assert len(found.curve.rows) > 370
    assert found.curve.rows[-1] == pytest.approx(71, abs=1)


def test_curves_of_other_colours_are_left_as_they_are():
    other = replace(BLACK, rgb=(200.0, 0.0, 0.0))
    arms = [arm_along(STEEP, ink_of(STEEP)), arm_along(FLAT, ink_of(FLAT), other)]
    found = together(arms, canvas_of(arms[0].like), START, flipped=False, expected=2)
    assert all(new is old for new, old in zip(found, arms, strict=True))
