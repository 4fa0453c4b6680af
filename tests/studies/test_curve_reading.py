"""Points are read as drops only where numbers of patients allow it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.studies import Arm, CurveFault, Study, curve_endpoint, digitised_curve
from kmrepro.studies.curve_reading import explained, with_level_ends
from kmrepro.studies.digitised import DigitisedCurve
from kmrepro.studies.reading_error import pixel_rows


def drops(n: int, events: int) -> tuple[list[float], list[float]]:
    """Return uneven times, and survival of n patients without censoring after each event."""
    time = np.cumsum(0.3 + 0.7 * (np.arange(events) * 0.618 % 1))
    return time.tolist(), (1 - np.arange(1, events + 1) / n).tolist()


def read(time: list[float], survival: list[float], **beside: object) -> DigitisedCurve:
    """Return the curve as it is read beside numbers of patients."""
    return explained(digitised_curve(time, survival), **beside)  # type: ignore[arg-type]


@settings(deadline=None)  # numpy is loaded in the first example
@given(st.integers(20, 400), st.floats(0.2, 0.9))
def test_exact_drops_stay_drops(n: int, share: float) -> None:
    """Every event written down is a drop, in a trial of any size."""
    time, survival = drops(n, max(int(share * n), 4))
    curve = read(time, survival, n=n)
    assert curve.kind == "steps"
    assert (curve.time, curve.survival) == (tuple(time), pytest.approx(survival))


def test_falls_smaller_than_an_event_are_jitter() -> None:
    """A hand that trembles on flats makes falls that no patient explains."""
    time, survival = drops(50, 30)
    flat = [height - 0.0011 for height in survival]
    times = sorted([*time, *(each + 0.1 for each in time)])
    heights = sorted([*survival, *flat], reverse=True)
    curve = read(times, heights, n=50)
    assert curve.kind == "samples"
    assert not any(curve.is_drop)
    assert "30 of 60 falls are smaller than one event" in curve.repairs[-1]


def test_more_drops_than_patients_leave() -> None:
    """Numbers at risk and events limit how often a curve can fall."""
    time, survival = drops(100, 40)
    half = next(each for each in time if each > time[-1] / 2)
    rows = {0: 100, half: 90}
    said = read(time, survival, n=100, at_risk=rows).repairs[-1]
    assert "the curve falls 20 times, and 10 patients leave" in said
    said = read(time, survival, n=100, events=30).repairs[-1]
    assert "the curve falls 40 times, and 30 events happened" in said
    assert read(time, survival, n=100, events=40).kind == "steps"


def test_falls_of_many_events_are_heights() -> None:
    """Nine clicks on the curve of a hundred patients are not its drops."""
    time = [0, 3, 6, 9, 12, 18, 24, 30, 36]
    curve = read(time, [1, 0.94, 0.88, 0.81, 0.75, 0.63, 0.52, 0.45, 0.40], n=100)
    assert curve.kind == "samples"
    assert "8 points without numbers at risk leave open when events happened" in curve.repairs[-1]
    assert "the usual fall is of about" in curve.repairs[-2]
    assert 0.005 <= curve.tolerance < 0.01  # decimals are a lower bound, not the accuracy
    assert curve.tolerance_source == "from how the points scatter"


def test_falls_of_many_events_down_to_zero_are_heights() -> None:
    """Behind a survival of 0 one event takes nothing down, which is no number to divide by."""
    curve = read(
        [0, 3, 6, 9, 12, 18, 24, 30, 36], [1, 0.94, 0.88, 0.81, 0.75, 0.5, 0.2, 0, 0], n=100
    )
    assert "the usual fall is of about" in " ".join(curve.repairs)


def test_decimals_of_few_clicks_are_no_accuracy() -> None:
    """Survival of forty patients is in steps of about 1/40, and four clicks are not nearer."""
    time, height = [10.0, 20.0, 30.0, 40.0], [0.801, 0.602, 0.423, 0.106]
    curve = read(time, height, n=40)
    assert (curve.tolerance, curve.tolerance_source) == (0.5 / 40, "usual for few clicks")
    stated = explained(digitised_curve(time, height, tolerance=0.001), n=40)
    assert stated.tolerance == 0.001
    assert read(time, height, n=40, at_risk={0: 40, 20: 20}).tolerance < 0.01


def test_drops_in_whole_months_stay_drops() -> None:
    """Where times are recorded in months, several events share one."""
    time = [float(k) for k in range(1, 41) if k not in (17, 33)]
    curve = digitised_curve(time, [round(1 - (k + 1) / 50, 3) for k in range(38)])
    assert explained(curve, n=300).kind == "steps"


def test_a_stated_kind_is_kept() -> None:
    """Whoever says that points are drops is believed."""
    curve = digitised_curve([3, 6, 9, 12], [0.9, 0.8, 0.7, 0.6], kind="steps")
    assert explained(curve, n=100) is curve


@pytest.mark.parametrize("points", [2, 3])
def test_too_few_points_are_refused(points: int) -> None:
    """Three points are no curve."""
    curve = digitised_curve([0.0, 5.0, 9.0][:points], [1.0, 0.8, 0.6][:points])
    with pytest.raises(CurveFault, match=f"{points} points are too few for a curve: at least 4"):
        explained(curve, n=40)
    with pytest.raises(CurveFault, match=r"all\.curve: .* are too few for a curve"):
        curve_endpoint(curve, n=40)


def test_an_arm_reads_its_curve_with_its_numbers() -> None:
    """A study's arm has the reading that its own n allows."""
    curve = digitised_curve([3, 7, 9, 12], [0.9, 0.8, 0.7, 0.6])
    assert Arm(curve=curve).curve == curve
    small, large = Arm(n=10, curve=curve).curve, Arm(n=200, curve=curve).curve
    assert small is not None
    assert large is not None
    assert (small.kind, large.kind) == ("steps", "samples")


@pytest.mark.parametrize("rows", [211, 400, 437, 800])
def test_rows_of_pixels_are_the_tolerance(rows: int) -> None:
    """Heights of traced pixels are as coarse as the rows, with however many decimals."""
    rng = np.random.default_rng(rows)
    exact = np.sort(rng.uniform(0.2, 1, 60))[::-1]
    heights = np.round(exact * rows) / rows
    curve = digitised_curve(np.cumsum(rng.uniform(0.2, 1, 60)).tolist(), heights.tolist())
    assert pixel_rows(heights) == rows
    assert curve.tolerance == pytest.approx(0.6 / rows)
    assert curve.tolerance_source == f"heights are in steps of 1/{rows}, as rows of pixels are"
    assert np.abs(exact - heights).max() <= curve.tolerance


def test_heights_off_any_rows_have_none() -> None:
    """Survival of censored patients is in no rows."""
    heights = np.cumprod(1 - 1 / (150 - np.arange(60) * 2.0 - np.arange(60) % 3))
    assert pixel_rows(heights) is None


def test_a_steep_edge_leaves_the_tolerance_of_the_rest() -> None:
    """Points along an edge that were traced in no order say nothing about the others."""
    edge = [0.91, 0.94, 0.87, 0.78, 0.815, 0.97, 0.845, 0.755]
    at = [2.800, 2.803, 2.806, 2.808, 2.811, 2.814, 2.818, 2.82]
    time = [*at, *(3 + 0.7 * k + 0.1 * (k % 3) for k in range(50))]
    height = [*edge, *(0.75 - 0.00612345 * k for k in range(50))]
    curve = digitised_curve([0, *time], [1, *height])
    assert curve.tolerance == 0.002
    assert "6 points were out of order along a nearly vertical edge." in curve.repairs
    assert curve.survival[-1] == pytest.approx(0.75 - 0.00612345 * 49)


def test_noise_of_floating_point_is_no_jitter() -> None:
    """Heights that differ in the last bit are level."""
    height = [0.9, 0.9 + 1e-16, 0.9 - 1e-16, 0.85 + 1e-15, 0.85, 0.8]
    curve = digitised_curve([1, 2, 3, 4, 5, 6], height)
    assert not any("never rises" in repair for repair in curve.repairs)
    assert curve.tolerance == 0.005


@pytest.mark.parametrize(
    "low",
    [
        pytest.param([42.3, 0.5], id="last"),
        pytest.param([30.0, 4.0, 0.8, 2.1, 0.9], id="jitter near 0"),
        pytest.param([42.3, 0.9, 0.6], id="no fraction: it would rise"),
    ],
)
def test_percentages_near_zero_are_no_fractions(low: list[float]) -> None:
    """A curve in percent may come down below 1%."""
    height = [100.0, 80.0, 60.0, *low]
    curve = digitised_curve([10.0 * k for k in range(len(height))], height)
    assert curve.survival[:2] == (0.8, 0.6)
    assert curve.survival[-1] <= 0.01


def test_a_level_end_that_was_not_clicked() -> None:
    """A curve that ends at a drop goes on level as far as another one."""
    time, survival = drops(50, 20)
    short = digitised_curve(time, survival)
    long = digitised_curve([*time, 30.0], [*survival, survival[-1]])
    ended = with_level_ends({"A": short, "B": long}, {})
    assert ended["B"] == long
    assert ended["A"].time == long.time
    assert ended["A"].survival == long.survival
    assert ended["A"].is_drop == long.is_drop
    assert "another curve goes on to 30" in ended["A"].repairs[-1]
    assert with_level_ends({"A": short, "B": long}, {"A": {0: 50, 25: 0}})["A"].last_time == 25


def test_rows_and_follow_up_show_a_level_end() -> None:
    """Numbers at risk after the last drop, or the longest follow-up, say how far a curve goes."""
    time, survival = drops(50, 20)
    short = digitised_curve(time, survival)
    rows = {"A": {0: 50, 40: 3}}
    by_row = with_level_ends({"A": short}, rows)["A"]
    assert (by_row.last_time, by_row.survival[-1]) == (40, short.survival[-1])
    assert "3 are at risk at 40" in by_row.repairs[-1]
    followed = with_level_ends({"A": short}, rows, {"A": 44.0})["A"]
    assert followed.last_time == 44
    assert "patients are followed up to 44" in followed.repairs[-1]


def test_the_follow_up_of_a_study_ends_its_curve() -> None:
    """Curves of a study file go on as long as its longest follow-up."""
    time, survival = drops(50, 20)
    arm = {
        "n": 50,
        "curve": digitised_curve(time, survival),
        "follow_up": {"max": "44"},
    }
    study = Study.model_validate({"id": "a", "endpoint": [{"name": "OS", "arms": {"A": arm}}]})
    curve = study.endpoints[0].arms["A"].curve
    assert curve is not None
    assert curve.last_time == 44


def test_a_level_end_that_nothing_shows() -> None:
    """Without another curve it is only said; a curve that comes down to 0 has none."""
    time, survival = drops(50, 20)
    short = digitised_curve(time, survival)
    (alone,) = with_level_ends({"A": short}, {}).values()
    assert alone.time == short.time
    assert "nothing shows for how long the curve goes on" in alone.repairs[-1]
    down = digitised_curve([1.0, 2.0, 4.0, 7.0], [0.75, 0.5, 0.25, 0.0])
    assert with_level_ends({"A": down}, {}) == {"A": down}


def test_a_first_edge_at_the_very_start_may_be_clicked_from_below() -> None:
    """The click at its upper end then comes a little later than that at its lower end."""
    curve = digitised_curve([0.0, 0.05, 3.0, 6.0, 10.0], [0.962, 1.0, 0.92, 0.88, 0.88])
    assert curve.survival[0] <= 0.985
    with pytest.raises(CurveFault, match=r"survival starts at 0\.962 at time 0"):
        digitised_curve([0.0, 0.5, 3.0, 6.0, 10.0], [0.962, 0.96, 0.92, 0.88, 0.88])
