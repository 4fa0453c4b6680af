"""Points that someone clicked, cleaned: every repair counted, every larger one refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.studies import CensorMarks, CurveFault, digitised_curve

TIME = [0, 2, 5, 9, 14]
HEIGHT = [1.0, 0.9, 0.8, 0.65, 0.65]


def repaired(time: list[float], survival: list[float]) -> str:
    """Return the only repair, and check that the curve is the plain one."""
    curve = digitised_curve(time, survival)
    assert curve.time == (2, 5, 9, 14)
    assert curve.survival == pytest.approx((0.9, 0.8, 0.65, 0.65))
    assert len(curve.repairs) == 1
    return curve.repairs[0]


def test_a_clean_curve_is_left_alone() -> None:
    """Points that need no repair are the curve, and nothing is said."""
    curve = digitised_curve(TIME, HEIGHT)
    assert curve.time == (2, 5, 9, 14)
    assert curve.survival == (0.9, 0.8, 0.65, 0.65)
    assert curve.is_drop == (True, True, True, False)
    assert curve.last_time == 14
    assert curve.repairs == ()


def test_percentages_are_divided() -> None:
    """Percentages and fractions give the same curve."""
    said = repaired(TIME, [100 * height for height in HEIGHT])
    assert said == "heights are percentages and were divided by 100."


def test_clicks_out_of_order_are_sorted() -> None:
    """A point that was clicked late comes where it belongs."""
    order = [0, 3, 1, 2, 4]
    said = repaired([TIME[i] for i in order], [HEIGHT[i] for i in order])
    assert said == "1 point was out of order in time and sorted."


def test_both_ends_of_an_edge_are_one_drop() -> None:
    """Of several points at a time the lowest is what the curve falls to."""
    said = repaired([0, 2, 2, 5, 5, 9, 9, 14], [1.0, 1.0, 0.9, 0.9, 0.8, 0.8, 0.65, 0.65])
    assert said == "3 points were above another at the same time; the lowest was kept."


def test_the_start_is_added() -> None:
    """A curve whose first click is its first drop still starts at 1."""
    said = repaired(TIME[1:], HEIGHT[1:])
    assert said == "the start of the curve, survival 1 at time 0, was added."


def test_a_start_a_little_low_is_taken_for_one() -> None:
    """At time 0 nobody has had the event."""
    said = repaired(TIME, [0.99, *HEIGHT[1:]])
    assert said == "the height at time 0, 0.99, was taken for 1."


def test_clicks_just_off_the_axes_are_moved_onto_them() -> None:
    """A click may miss an axis by 2% of it."""
    curve = digitised_curve([-0.1, 2, 5, 9], [1.01, 0.9, 0.5, -0.01])
    assert curve.survival == (0.9, 0.5, 0.0)
    assert curve.repairs == ("2 points were just outside the axes and moved onto them.",)


def test_small_rises_are_levelled() -> None:
    """Jitter is shared out between the points that it is in, and widens the tolerance there."""
    curve = digitised_curve([0, 2, 5, 9], [1.0, 0.90, 0.91, 0.7])
    assert curve.survival == pytest.approx((0.905, 0.905, 0.7))
    assert curve.tolerance_source == "from how the points scatter"
    assert min(curve.widths) > 0.005
    assert curve.tolerance < 0.03
    assert curve.repairs == ("2 points were moved by up to 0.0050 so that survival never rises.",)


def test_a_trembling_hand_is_levelled_in_time() -> None:
    """Clicks that step back in time by little keep their order, which is that of the heights."""
    curve = digitised_curve([0, 20, 40, 39.8, 60], [1.0, 0.9, 0.8, 0.7, 0.6])
    assert curve.time == pytest.approx((20, 39.9, 60))
    assert curve.survival == (0.9, 0.7, 0.6)
    assert curve.repairs[0] == "1 point was back in time by up to 0.2 and levelled."


def staircase(rng: np.random.Generator, drops: int, *, lean: float) -> Any:
    """Return the drops of a curve, and clicks at both ends of its edges, by hand."""
    time = np.cumsum(rng.uniform(0.5, 2.0, drops))
    height = 1 - np.arange(1, drops + 1) / (1.5 * drops)
    corner_times = np.column_stack([time, time + rng.uniform(0, lean, drops)]).ravel()
    corner_heights = np.column_stack([np.append(1.0, height[:-1]), height]).ravel()
    jittered = np.clip(corner_heights + rng.normal(0, 0.0005, 2 * drops), 0, 1)
    return time, height, corner_times, jittered


@pytest.mark.parametrize("seed", range(10))
def test_leaning_edges_of_a_staircase_are_one_drop_each(seed: int) -> None:
    """Clicks at every corner, not quite upright, give the drops."""
    rng = np.random.default_rng(seed)
    time, height, clicked, heights = staircase(rng, 30, lean=0.05)
    curve = digitised_curve(clicked.tolist(), heights.tolist())
    assert curve.kind == "steps"
    assert any("30 points were at the upper end" in repair for repair in curve.repairs)
    assert np.allclose(curve.time, time, atol=0.06)
    assert np.allclose(curve.survival, height, atol=0.003)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 3)), min_size=2, max_size=120))
def test_no_genuine_point_is_deleted(gaps: list[tuple[int, int]]) -> None:
    """Every drop of a curve that needs no repair is there afterwards, at its time and height."""
    time = np.cumsum([gap for gap, _ in gaps]).astype(float)
    falls = np.cumsum([fall for _, fall in gaps])
    height = np.round(1 - falls / (falls[-1] + 40), 3)
    curve = digitised_curve([0.0, *time], [1.0, *height])
    assert curve.time == tuple(time)
    assert curve.survival == tuple(height)
    assert curve.repairs == ()


def test_repairing_a_repaired_curve_changes_nothing() -> None:
    """What was put right is right."""
    rng = np.random.default_rng(1)
    _, _, time, heights = staircase(rng, 20, lean=0.04)
    once = digitised_curve([0, *time.tolist()], [1, *heights.tolist()])
    again = digitised_curve([0, *once.time], [1, *once.survival], tolerance=once.tolerance)
    assert again.repairs == ()
    assert (again.time, again.survival) == (once.time, once.survival)


def test_steps_and_samples_are_told_apart() -> None:
    """Drops are steps; heights at regular or dense times are samples."""
    rng = np.random.default_rng(0)
    drops = np.sort(rng.uniform(1, 60, 40))
    heights = 1 - np.arange(1, 41) / 60

    def sampled(times: np.ndarray) -> list[float]:
        known = np.concatenate([[1.0], heights])
        return [float(each) for each in known[np.searchsorted(drops, times, side="right")]]

    even, dense = np.linspace(0, 60, 101), np.sort(rng.uniform(0, 60, 300))
    assert digitised_curve(drops.tolist(), heights.tolist()).kind == "steps"
    assert digitised_curve(even.tolist(), sampled(even)).kind == "samples"
    assert digitised_curve(dense.tolist(), sampled(dense)).kind == "samples"
    rounded = [round(height, 3) for height in sampled(dense)]
    assert digitised_curve(dense.tolist(), rounded).kind == "samples"


def test_steps_with_heights_at_regular_times_are_steps() -> None:
    """Heights read at the times of an at-risk table do not make a curve one of samples."""
    time = [0, 200, 353, 365, 400, 464, 475, 563, 600, 800, 1000, 1200]
    height = [1, 1, 0.923, 0.846, 0.846, 0.752, 0.658, 0.564, 0.564, 0.564, 0.564, 0.564]
    assert digitised_curve(time, height).kind == "steps"


def test_drops_below_the_last_decimal_are_steps() -> None:
    """Every drop of 1000 patients is a point, though every other has the height before it."""
    heights = [round(1 - k / 2000, 3) for k in range(300)]
    assert digitised_curve([k + (k % 7) / 10 for k in range(300)], heights).kind == "steps"


@pytest.mark.parametrize(
    ("heights", "width", "source"),
    [
        pytest.param([1, 0.9, 0.85], 0.005, "heights are rounded to 2 decimals", id="rounded"),
        pytest.param([1, 0.912345, 0.85], 0.002, "usual for careful clicks", id="clicked"),
    ],
)
def test_the_tolerance_is_what_the_heights_show(
    heights: list[float], width: float, source: str
) -> None:
    """Rounded heights say how exact they are; others are as exact as clicks."""
    curve = digitised_curve([0, 1, 2], heights)
    assert (curve.tolerance, curve.tolerance_source) == (pytest.approx(width), source)


def test_kind_and_tolerance_can_be_stated() -> None:
    """What is stated is not guessed."""
    curve = digitised_curve(TIME, HEIGHT, kind="samples", tolerance=0.01)
    assert (curve.kind, curve.tolerance, curve.tolerance_source) == ("samples", 0.01, "as stated")
    assert not any(curve.is_drop)


REFUSED = [
    pytest.param([], [], "0 points cannot be a curve; at least two are needed", id="none"),
    pytest.param([3], [0.9], "1 point cannot be a curve; at least two are needed", id="one"),
    pytest.param([0, 1], [1.0], "2 times do not go with 1 height", id="lengths"),
    pytest.param(None, [1.0], "`time` must be one list of numbers", id="no times"),
    pytest.param([0, 1], 0.5, "`survival` must be one list of numbers", id="one number"),
    pytest.param([0, 0], [1.0, 0.99], "no point lies after time 0", id="all at 0"),
    pytest.param([0, math.nan], [1, 0.9], "point 2 is not a pair of numbers", id="nan"),
    pytest.param(["0", "late"], [1, 0.9], "`time` must be numbers: .*'late'", id="words"),
    pytest.param(
        np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]"),
        [1, 0.9],
        "`time` must be numbers, but has datetime64",
        id="dates",
    ),
    pytest.param([0, math.inf], [1, 0.9], "point 2 is not a pair of numbers", id="inf"),
    pytest.param([0, 1e6], [1, 0.9], "a time of 1e\\+06 is not possible", id="late"),
    pytest.param(
        [0, 1, 2],
        [1, 0.5, 0.6],
        r"survival rises by 0.100 at \(2, 0.6\), and a survival curve cannot; rises of up to 0.05",
        id="rises",
    ),
    pytest.param(
        [1, 2, 3],
        [0.5, 0.4, 0.3],
        "survival starts at 0.5 at time 1, and a survival curve starts at 1",
        id="starts low",
    ),
    pytest.param(
        [0, 2, 3], [0, 0.1, 0.3], "add its first points, or plot 1 - cumulative", id="incidence"
    ),
    pytest.param(
        [0, 1, 2, 3],
        [100, 0.9, 80, 0.7],
        r"heights mix percentages and fractions: \(1, 0.9\), \(3, 0.7\) beside 100",
        id="mixed",
    ),
    pytest.param(
        [0, 1, 2, 3, 4, 5],
        [100, 95, 90, 0.85, 0.8, 0.75],
        "heights mix percentages and fractions",
        id="mixed later",
    ),
    pytest.param(
        [-5, 1, 20], [1, 0.9, 0.8], r"\(-5, 1\) lies outside the axes, where time is", id="before 0"
    ),
    pytest.param([0, 1], [1.3, 0.9], r"\(0, 1.3\) lies outside the axes", id="above 1"),
    pytest.param([0, 1], [1, -0.1], r"\(1, -0.1\) lies outside the axes", id="below 0"),
]


@pytest.mark.parametrize(("time", "survival", "said"), REFUSED)
def test_what_is_no_curve_is_refused(time: list[float], survival: list[float], said: str) -> None:
    """Larger repairs are refused with the points, what is allowed, and what to do."""
    with pytest.raises(CurveFault, match=said):
        digitised_curve(time, survival)


def test_a_long_list_of_points_is_cut_short() -> None:
    """A message names three points and counts the others."""
    with pytest.raises(CurveFault, match=r"\(4, 0.6\) and 2 more, and a survival curve cannot"):
        digitised_curve(range(7), [1, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6])


def test_too_many_points_are_refused() -> None:
    """More points than a figure shows are no clicks."""
    with pytest.raises(CurveFault, match="20001 points are more than a figure shows"):
        digitised_curve(range(20_001), np.linspace(1, 0, 20_001).tolist())


@pytest.mark.parametrize("tolerance", [0, -0.1, 0.2, math.nan])
def test_a_tolerance_that_cannot_be_is_refused(tolerance: float) -> None:
    """No width, a negative one or a huge one is a slip."""
    with pytest.raises(CurveFault, match=r"`tolerance` must be above 0 and at most 0\.1"):
        digitised_curve(TIME, HEIGHT, tolerance=tolerance)


def test_an_unknown_kind_is_refused() -> None:
    """There are two kinds of points."""
    with pytest.raises(CurveFault, match='`kind` must be "steps" or "samples", but is \'stairs\''):
        digitised_curve(TIME, HEIGHT, kind="stairs")  # type: ignore[arg-type]


def test_gaps_leave_evenly_spaced_points_samples() -> None:
    """Points left out here and there do not turn heights into the places where the curve falls."""
    time = [0.5 * k for k in range(1, 101) if k not in (17, 60, 61)]
    height = [round(math.exp(-t / 40), 3) if t < 45 else 0.325 for t in time]
    flat = [height[0], height[0], *height[2:]]
    assert digitised_curve(time, flat).kind == "samples"


def test_drops_at_most_months_are_steps() -> None:
    """Drops in whole months, of which few are missing, fall at every point; heights do not."""
    time = [float(k) for k in range(1, 41) if k not in (17, 33)]
    assert digitised_curve(time, [round(1 - (k + 1) / 50, 3) for k in range(38)]).kind == "steps"


@pytest.mark.parametrize("early", [[10, 20], [20, 10]], ids=["in order", "clicked anyhow"])
def test_a_trembling_last_fall_below_one_percent_is_a_percentage(early: list[float]) -> None:
    """The lower of two clicks beside the last edge came first in time, not in order."""
    time = [0, *early, 30, 40, 42.5, 42.3]
    heights = [100, *(80 if at == 10 else 60 for at in early), 45, 25, 19.4, 0.6]
    curve = digitised_curve(time, heights, kind="samples")
    assert curve.survival[-1] == pytest.approx(0.006)
    assert curve.survival[-2] > 0.19


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ({"time": (3.0, 2.0)}, "must be positive times that increase"),
        ({"time": (-1.0, 2.0)}, "must be positive times that increase"),
        ({"time": (1.0, math.nan)}, "must be positive times that increase"),
        ({"time": ("a",)}, "must be positive times that increase"),
        ({"time": (1.0, 2.0), "count": (1,)}, "must have one number of patients"),
        ({"time": (1.0,), "count": (0,)}, "must have one number of patients"),
    ],
)
def test_marks_that_no_figure_has_are_refused(marks: dict[str, Any], message: str) -> None:
    """They gave patients, or an error of Python's."""
    with pytest.raises(CurveFault, match=message):
        CensorMarks(**marks)
