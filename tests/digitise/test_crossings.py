"""Curves of one colour, traced together, and curves that meet: which way each goes on."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import read_figure
from kmrepro.digitise.alike import ended, together, traced_together
from kmrepro.digitise.canvas import Canvas, Start
from kmrepro.digitise.colours import LineColour
from kmrepro.digitise.crossings import continued, uncrossed
from kmrepro.digitise.curves import first_rows
from kmrepro.digitise.traced import TracedArm, measured
from kmrepro.digitise.tracing import trace

from . import known

BLACK = LineColour(rgb=(0.0, 0.0, 0.0))
SHAPE = (120, 400)
START = Start(column=0, row=15.0, slack=8.0)
NOTHING = np.zeros(SHAPE)


def staircase(levels: list[int], length: int = 400) -> np.ndarray:
    """Rows of a path with equally long levels."""
    return np.repeat(levels, length // len(levels)).astype(np.intp)


def ink_of(rows: np.ndarray, *, dash: int = 0) -> np.ndarray:
    """Draw a path two pixels thick; dashes of `dash` pixels with gaps as long, if not 0."""
    like = np.zeros(SHAPE)
    for column, row in enumerate(rows):
        if not dash or column // dash % 2 == 0:
            like[row : row + 2, column] = 1.0
    return like


def arm_along(rows: np.ndarray, like: np.ndarray, colour: LineColour = BLACK) -> TracedArm:
    curve = measured(like, np.zeros(SHAPE), rows=rows, start=0, width=2.0)
    return TracedArm(colour=colour, curve=curve, like=like)


def canvas_of(like: np.ndarray) -> Canvas:
    nothing = np.zeros(SHAPE, dtype=bool)
    rgb = 255.0 * (1 - np.repeat(like[:, :, None], 3, axis=2))
    return Canvas(rgb=rgb, ground=np.full_like(rgb, 255.0), ink=like, straight=nothing,
                  text=nothing, left=0, top=0)  # fmt: skip


STEEP = staircase([10, 30, 50, 80, 110])


FLAT = staircase([20, 35, 50, 60, 70])  # meets the steep one on the third level


def test_two_black_curves_exchanged_at_their_crossing_are_put_right_by_their_dashes():
    like = np.maximum(ink_of(STEEP), ink_of(FLAT, dash=6))
    middle = 200
    first = np.concatenate([STEEP[:middle], FLAT[middle:]])
    second = np.concatenate([FLAT[:middle], STEEP[middle:]])
    found = uncrossed([arm_along(first, like), arm_along(second, like)], canvas_of(like),
                      flipped=False)  # fmt: skip
    ends = sorted((arm.curve.support, float(arm.curve.rows[-1])) for arm in found)
    assert ends[0][1] == pytest.approx(71, abs=1)  # the dashed one is the flat one
    assert ends[1][1] == pytest.approx(111, abs=1)
    assert ends[0][0] < 0.75 < 0.95 < ends[1][0]


def test_two_curves_that_look_alike_are_left_as_they_are():
    like = np.maximum(ink_of(STEEP), ink_of(FLAT))
    arms = [arm_along(STEEP, like), arm_along(FLAT, like)]
    found = uncrossed(arms, canvas_of(like), flipped=False)
    assert all(new is old for new, old in zip(found, arms, strict=True))


def test_two_greys_are_told_apart_by_their_shade():
    dark, pale = LineColour(rgb=(60.0,) * 3), LineColour(rgb=(150.0,) * 3)
    inks = np.maximum(ink_of(STEEP) * (195 / 255), ink_of(FLAT) * (105 / 255))
    first = np.concatenate([STEEP[:200], FLAT[200:]])
    second = np.concatenate([FLAT[:200], STEEP[200:]])
    arms = [arm_along(first, ink_of(STEEP), dark), arm_along(second, ink_of(FLAT), pale)]
    canvas = canvas_of(inks)
    found = uncrossed(arms, replace(canvas, ink=255.0 * np.sqrt(3) * inks), flipped=False)
    assert found[0].curve.rows[-1] == pytest.approx(111, abs=1)
    assert found[1].curve.rows[-1] == pytest.approx(71, abs=1)


def test_a_curve_that_ends_on_another_goes_on_along_it():
    like = ink_of(STEEP)
    short = arm_along(FLAT[:230], ink_of(FLAT[:230]))  # seen until it meets the steep one
    whole = arm_along(STEEP, like)
    found = continued([short, whole], canvas_of(like), flipped=False)
    assert len(found[0].curve.rows) == len(STEEP)
    assert found[0].curve.rows[-1] == pytest.approx(111, abs=1)
    assert found[1] is whole


def test_a_curve_that_ends_beside_another_does_not_go_on():
    short = arm_along(FLAT[:100], ink_of(FLAT[:100]))
    whole = arm_along(STEEP, ink_of(STEEP))
    assert continued([short, whole], canvas_of(whole.like), flipped=False)[0] is short


@pytest.mark.nightly
def test_black_curves_that_cross_are_read_from_a_figure(tmp_path):
    pytest.importorskip("rapidocr")
    early = known.exponential_steps(7, n=60, seed=3, end=24)
    time, survival = known.exponential_steps(14, n=90, seed=4, end=24)
    late = (time, np.where(time < 4, survival * 0.82, np.minimum(survival, 0.8 * survival[0])))
    late = (late[0], np.minimum.accumulate(late[1]))
    arms = {"Surgery": (early, "black", "-"), "Waiting": (late, "black", "--")}
    (panel,) = read_figure(known.draw(tmp_path / "crossing.png", arms=arms, dpi=130)).panels
    plt.close("all")
    found = {arm.name: arm for arm in panel.arms}
    assert set(found) == {"Surgery", "Waiting"}
    for name, (truth, _, _) in arms.items():
        assert known.distance(found[name].curve, truth, 21.0) < 0.012


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


def test_a_solid_curve_ends_where_only_dashes_of_another_go_on():
    tail = np.full(180, 70)
    solid, dashed = np.concatenate([STEEP[:200], np.full(20, 70), tail]), np.maximum(FLAT, 0)
    dashed = np.concatenate([FLAT[:160], np.full(240, 70)])
    like = np.maximum(ink_of(solid), 0.0)
    like[:, 220:] = 0.0
    like = np.maximum(like, ink_of(dashed, dash=6))
    arms = [arm_along(solid, like), arm_along(dashed, like)]
    found = ended(arms, canvas_of(like), flipped=False)
    assert len(found[0].curve.rows) == pytest.approx(220, abs=8)
    assert found[1] is arms[1]
    assert continued(found, canvas_of(like), flipped=False)[0] is found[0]


def test_a_solid_curve_beside_dashes_goes_on():
    like = np.maximum(ink_of(STEEP), ink_of(FLAT, dash=6))
    arms = [arm_along(STEEP, like), arm_along(FLAT, like)]
    found = ended(arms, canvas_of(like), flipped=False)
    assert all(new is old for new, old in zip(found, arms, strict=True))


def test_a_curve_that_another_covers_at_its_start_does_not_say_where_1_is():
    """Its first level that is seen is a later one."""
    like = np.maximum(ink_of(STEEP), ink_of(FLAT))
    arms = [arm_along(STEEP, like), arm_along(FLAT, like)]
    assert first_rows(arms, canvas_of(like), False) == pytest.approx([11.0])
    assert first_rows(arms[1:], canvas_of(like), False) == pytest.approx([21.0])
