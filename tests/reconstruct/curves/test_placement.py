"""Patients along digitised curves: they meet what was read, and come near to what was there."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import cox
from kmrepro.models.attainable import attainable_hazard_ratio
from kmrepro.reconstruct import (
    ContradictionError,
    PseudoIPD,
    ReconstructionRefused,
    reconstruct,
)
from kmrepro.reconstruct.curves.knots import CurveKnots
from kmrepro.studies import CensorMarks, Endpoint, Study, curve_endpoint, digitised_curve

from ...seeds import seeds
from ..trials import random_patients, survival_at

Patients = tuple[np.ndarray, np.ndarray]


def endpoint_of(arms: dict[str, dict[str, Any]]) -> Endpoint:
    """Build an endpoint in months; its first arm is the reference."""
    endpoint = {"name": "OS", "reference": next(iter(arms)), "arms": arms}
    return Study.model_validate({"id": "curves", "endpoint": [endpoint]}).endpoints[0]


def read_off(
    patients: Patients, *, samples: int = 0, rows: int = 5, events: bool = False
) -> dict[str, Any]:
    """Read one arm off its figure: steps (or evenly spaced heights) to three decimals, rows."""
    time, event = patients
    drops = np.unique(time[event])
    whens = np.linspace(0, time.max(), samples + 1)[1:] if samples else drops
    heights = [round(survival_at(time, event, when), 3) for when in whens]
    if not samples and (not drops.size or time.max() > drops[-1]):
        whens, heights = np.append(whens, time.max()), [*heights, (heights or [1.0])[-1]]
    arm: dict[str, Any] = {"n": int(time.size)}
    arm["curve"] = digitised_curve(
        [0.0, *whens], [1.0, *heights], kind="samples" if samples else "steps", tolerance=0.0005
    )
    if rows:
        ticks = np.linspace(0, time.max(), rows, endpoint=False)
        arm["at_risk"] = {float(tick): int((time >= tick).sum()) for tick in ticks}
    if events:
        arm["events"] = int(event.sum())
    return arm


def missed(printed: dict[str, Any], ipd: PseudoIPD, arm: str) -> list[str]:
    """Say, by slow and obvious means, what of one arm the patients do not meet."""
    time, event = ipd.of(arm)
    curve = printed["curve"]
    said = [] if time.size == printed["n"] else [f"{time.size} patients"]
    said += [
        f"survival at {when}"
        for when, height in zip(curve.time, curve.survival, strict=True)
        if abs(survival_at(time, event, when) - height) > curve.tolerance + 1e-9
    ]
    said += [
        f"at risk at {when}"
        for when, count in printed.get("at_risk", {}).items()
        if (time >= when).sum() != count
    ]
    if printed.get("events") not in (None, int(event.sum())):
        said.append(f"{event.sum()} events")
    return said


def trial(seed: int, n: int = 60) -> Patients:
    """Patients with a Weibull hazard, staggered entry and, every other time, whole days."""
    rng = np.random.default_rng(seed)
    failure = 20 * rng.weibull(rng.choice([0.8, 1.0, 1.5]), n)
    leaving = np.minimum(rng.uniform(6, 40, n), rng.exponential(120, n))
    time = np.minimum(failure, leaving) + 0.01
    return (np.ceil(10 * time) / 10 if seed % 2 else time), failure <= leaving


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_point_and_row_of_random_trials(seed: int) -> None:
    """Whatever was read off real patients is met, or the result says what is not."""
    patients = random_patients(np.random.default_rng(seed))
    printed = read_off(patients)
    ipd = reconstruct(endpoint_of({"A": printed}))
    if missed(printed, ipd, "A"):
        assert any("missed" in sentence for sentence in ipd.assumptions)


@pytest.mark.parametrize("seed", seeds(12, always=4))
@pytest.mark.parametrize("samples", [0, 60])
def test_curve_and_rows_are_met(seed: int, samples: int) -> None:
    """Points and rows of trials of 60 patients are met, every one."""
    printed = read_off(trial(seed), samples=samples)
    ipd = reconstruct(endpoint_of({"A": printed}))
    assert missed(printed, ipd, "A") == []


@pytest.mark.parametrize("seed", range(8))
def test_printed_events_are_met(seed: int) -> None:
    """The events printed are exactly those that happen, with at-risk rows and without."""
    for rows in (0, 5):
        printed = read_off(trial(seed), rows=rows, events=True)
        ipd = reconstruct(endpoint_of({"A": printed}))
        assert missed(printed, ipd, "A") == []


@pytest.mark.parametrize("seed", range(6))
def test_counted_marks_give_the_patients_back(seed: int) -> None:
    """Steps and every mark with its number of patients leave nothing open."""
    time, event = trial(seed)
    marks, counts = np.unique(time[~event], return_counts=True)
    printed = read_off((time, event), rows=0)
    printed["censor_marks"] = CensorMarks(time=tuple(marks.tolist()), count=tuple(counts.tolist()))
    ipd = reconstruct(endpoint_of({"A": printed}))
    order, found = np.lexsort((~event, time)), np.lexsort((~ipd.event, ipd.time))
    np.testing.assert_allclose(ipd.time[found], time[order])
    np.testing.assert_array_equal(ipd.event[found], event[order])


def test_a_mark_after_the_last_point_of_a_curve_is_kept() -> None:
    """Whoever is censored there was followed up to there."""
    curve = digitised_curve([2, 5, 9, 14], [0.9, 0.8, 0.65, 0.5])
    marks = CensorMarks(time=(12.0, 15.0, 18.0))
    ipd = reconstruct(curve_endpoint(curve, n=40, censor_marks=marks))
    assert {12.0, 15.0, 18.0} <= set(ipd.time[~ipd.event])
    assert ipd.time.max() == 18


def test_marks_without_numbers_are_where_censoring_happens() -> None:
    """Marks that do not say how many patients they stand for have one at least, others none."""
    time, event = trial(3)
    marks = np.unique(time[~event])
    printed = read_off((time, event), events=True)
    printed["censor_marks"] = CensorMarks(time=tuple(marks.tolist()))
    ipd = reconstruct(endpoint_of({"A": printed}))
    assert missed(printed, ipd, "A") == []
    np.testing.assert_allclose(np.unique(ipd.time[~ipd.event]), marks)


def test_rounding_errors_break_no_tie(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search sees the same numbers where another processor is 1e-15 of each of them off."""
    seen, of = [], CurveKnots.of

    def kept(*arm: Any, **how: Any) -> CurveKnots:
        seen.append(of(*arm, **how))
        return seen[-1]

    monkeypatch.setattr(CurveKnots, "of", kept)
    reconstruct(endpoint_of({"A": read_off(trial(3, 200), samples=60)}))
    knots = seen[-1]
    noise = 1 + np.random.default_rng(3).uniform(-1e-15, 1e-15, (2, knots.time.size))
    off = replace(knots, share=knots.share * noise[0], rate=knots.rate * noise[1])
    assert (off.rate != knots.rate).any()
    assert (off.records == knots.records).all()


def test_hazard_ratio_comes_back() -> None:
    """Over 20 pairs of arms the log hazard ratio is out by less than 0.01 in the middle."""
    errors = []
    for seed in range(20):
        arms = {name: trial(2 * seed + k, 100) for k, name in enumerate("AB")}
        ipd = reconstruct(endpoint_of({name: read_off(arm) for name, arm in arms.items()}))
        data = PseudoIPD(
            time=np.concatenate([arm[0] for arm in arms.values()]),
            event=np.concatenate([arm[1] for arm in arms.values()]),
            arm=np.repeat(["A", "B"], 100),
            arms=("A", "B"),
        )
        errors.append(abs(cox(ipd).log_hazard_ratio - cox(data).log_hazard_ratio))
    assert np.median(errors) < 0.01


def every_path(n: int, drops: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every number of censorings before each drop, and of events at it."""
    counts = range(n + 1)
    paths = []
    for censored in itertools.product(counts, repeat=drops):
        for events in itertools.product(range(1, n + 1), repeat=drops):
            if sum(censored) + sum(events) <= n:
                paths.append((censored, events))
    return paths


@pytest.mark.parametrize("seed", seeds(10, always=6))
def test_whatever_tiny_arms_can_do_is_found(seed: int) -> None:
    """Points that some whole patients give, in exact enumeration, are all met."""
    rng = np.random.default_rng(seed)
    n, times = 6, (2.0, 5.0, 9.0)
    censored, events = every_path(n, 3)[int(rng.integers(len(every_path(n, 3))))]
    at_risk, heights, survival = n, [], 1.0
    for leaving, died in zip(censored, events, strict=True):
        survival *= 1 - died / (at_risk - leaving)
        at_risk -= leaving + died
        heights.append(round(survival, 3))
    curve = digitised_curve(times, heights, kind="steps", tolerance=0.0005)
    printed = {"n": n, "curve": curve}
    ipd = reconstruct(endpoint_of({"A": printed}))
    assert missed(printed, ipd, "A") == []


@pytest.mark.parametrize("seed", range(12))
def test_heights_of_tiny_arms_are_matched(seed: int) -> None:
    """Heights between which events and censorings alternate, among few patients."""
    rng = np.random.default_rng(seed)
    time = np.sort(rng.uniform(0, 10, 12))
    patients = (time, rng.random(12) < 0.6)
    printed = read_off(patients, samples=6, rows=3)
    ipd = reconstruct(endpoint_of({"A": printed}))
    assert missed(printed, ipd, "A") == []


def test_events_at_the_very_time_of_a_row_and_a_height() -> None:
    """A row counts those followed just before its time, a height the events at it, too."""
    time = np.array([1.3, 2.0, 2.0, 2.4, 3.1, 4.0, 4.0, 4.0, 5.5, 6.2, 7.0, 8.0])
    event = np.array([1, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0], dtype=bool)
    curve = digitised_curve(
        [0.0, 1, 2, 3, 4, 5, 6, 7, 8],
        [survival_at(time, event, when) for when in range(9)],
        kind="samples",
        tolerance=0.0005,
    )
    rows = {0.0: 12, 2.0: 11, 4.0: 7, 6.0: 3}
    printed = {"n": 12, "curve": curve, "at_risk": rows}
    ipd = reconstruct(endpoint_of({"A": printed}))
    assert missed(printed, ipd, "A") == []


def test_a_curve_with_nothing_but_n_beside_it_says_how_uncertain_that_is() -> None:
    """Steps alone leave a little open, which the result puts in figures; numbers at risk do not."""
    printed = read_off(trial(4))
    alone = {"n": printed["n"], "curve": printed["curve"]}
    uncertain = "at most 0.19 standard errors"
    assert any(uncertain in s for s in reconstruct(endpoint_of({"A": alone})).assumptions)
    told = alone | {"at_risk": printed["at_risk"]}
    assert not any(uncertain in s for s in reconstruct(endpoint_of({"A": told})).assumptions)


def test_points_in_any_order_and_unit_are_the_same_curve() -> None:
    """Percentages out of order give the patients of fractions in order, bit for bit."""
    printed = read_off(trial(4))
    curve = printed["curve"]
    times, heights = curve.time[::-1], [100 * height for height in curve.survival[::-1]]
    again = digitised_curve(times, heights, kind="steps", tolerance=0.0005)
    first = reconstruct(endpoint_of({"A": printed}))
    second = reconstruct(endpoint_of({"A": printed | {"curve": again}}))
    np.testing.assert_array_equal(first.time, second.time)
    np.testing.assert_array_equal(first.event, second.event)
    assert any("divided by 100" in sentence for sentence in second.assumptions)


def test_rows_that_the_curve_cannot_have_are_named() -> None:
    """Ninety at risk of a hundred cannot all be alive where the curve is at one half."""
    curve = digitised_curve([0, 5, 10, 20], [1, 0.75, 0.5, 0.5], kind="steps", tolerance=0.005)
    arm = {"n": 100, "curve": curve, "at_risk": {0: 100, 12: 90}}
    with pytest.raises(ContradictionError, match=r"cannot all be true: .*90 at risk at 12") as info:
        reconstruct(endpoint_of({"A": arm}))
    assert "90 at risk at 12" in info.value.numbers


def test_fewer_events_than_drops_are_refused() -> None:
    """Every drop of the curve is an event at least."""
    curve = digitised_curve([0, 5, 10, 20], [1, 0.75, 0.5, 0.25], kind="steps", tolerance=0.005)
    with pytest.raises(ContradictionError, match="falls at 3 points but 2 events are reported"):
        reconstruct(endpoint_of({"A": {"n": 4, "curve": curve, "events": 2}}))


def test_events_after_the_curve() -> None:
    """A curve whose tail is cut leaves its other events to the time that rows say was followed."""
    curve = digitised_curve([0, 5, 10], [1, 0.9, 0.8], kind="steps", tolerance=0.0005)
    arm = {"n": 10, "curve": curve, "at_risk": {0: 10, 10: 9, 20: 4}, "events": 4}
    time, event = reconstruct(endpoint_of({"A": arm})).of("A")
    assert event.sum() == 4
    assert (time >= 20).sum() == 4
    assert survival_at(time, event, 10) == pytest.approx(0.8)


def test_what_needs_reported_numbers_alone_is_refused() -> None:
    """The attainable range does not use a curve, and says so."""
    arms = {name: read_off(trial(seed)) for seed, name in enumerate("AB")}
    with pytest.raises(ReconstructionRefused, match=r"A has a digitised curve.*leave `curve` out"):
        attainable_hazard_ratio(endpoint_of(arms))


def test_curve_beyond_the_longest_follow_up_is_refused() -> None:
    """Nobody is followed where the paper says that nobody was."""
    printed = read_off(trial(1), rows=0) | {"follow_up": {"max": "20.0"}}
    with pytest.raises(
        ContradictionError, match=r"the curve to .* but the longest follow-up is 20"
    ):
        reconstruct(endpoint_of({"A": printed}))


def test_landmark_that_the_curve_does_not_pass_is_named() -> None:
    """A printed survival beside the curve is a point like the others."""
    curve = digitised_curve([0, 5, 10, 20], [1, 0.75, 0.5, 0.5], kind="steps", tolerance=0.005)
    arm = {"n": 40, "curve": curve, "landmarks": {12: "70%"}}
    with pytest.raises(ContradictionError, match=r"survival 70% at 12"):
        reconstruct(endpoint_of({"A": arm}))


@pytest.mark.parametrize("seed", [4, 27, 30])
def test_reported_events_happen_along_clicks_that_are_off(seed: int) -> None:
    """Heights were read off a figure and may be missed by a little; a number of events is sure."""
    rng = np.random.default_rng(seed)
    n, noise = 400, 0.01
    failure, leaving = 20 * rng.weibull(1.2, n), rng.uniform(10, 50, n)
    time, event = np.minimum(failure, leaving), failure <= leaving
    whens = np.append(np.sort(rng.uniform(0, time.max(), 30))[:-1], time.max())
    true = np.array([survival_at(time, event, when) for when in whens])
    heights = np.clip(true + rng.normal(0, noise, 30), 0, 1).round(4)
    curve = digitised_curve([0, *whens], [1.0, *heights], kind="samples", tolerance=3 * noise)
    arm = {"n": n, "curve": curve, "events": int(event.sum())}
    found_time, found_event = reconstruct(endpoint_of({"A": arm})).of("A")
    assert found_event.sum() == event.sum()
    kept = [survival_at(found_time, found_event, when) for when in whens]
    assert np.abs(np.array(kept) - true).max() < 0.05
