"""What is known to go wrong in reconstructions from digitised curves, one test each.

Every situation comes from running published tools on trials whose data are known; here each is
made anew, small.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from kmrepro.models import analyse, kaplan_meier, logrank
from kmrepro.reconstruct import ContradictionError, PseudoIPD, reconstruct
from kmrepro.studies import (
    CensorMarks,
    CurveFault,
    DigitisedCurve,
    Endpoint,
    curve_endpoint,
    digitised_curve,
)

from ..trials import survival_at

Floats = npt.NDArray[np.float64]
Patients = tuple[Floats, npt.NDArray[np.bool_]]


def trial(seed: int, *, n: int = 138, rate: float = 0.05, entry: float = 24.0) -> Patients:
    """Draw patients with exponential survival, who entered over `entry` and are seen until 36."""
    rng = np.random.default_rng(seed)
    dies, seen = rng.exponential(1 / rate, n), 36.0 - rng.uniform(0, entry, n)
    return np.round(np.minimum(dies, seen) + 0.05, 1), dies <= seen


def steps(patients: Patients) -> DigitisedCurve:
    """Read every drop of the Kaplan-Meier curve, and its end, to three decimals."""
    time, event = patients
    whens = np.unique([*time[event], time.max()])
    return digitised_curve(
        [0, *whens],
        [1, *(round(survival_at(time, event, when), 3) for when in whens)],
        kind="steps",
    )


def rows(patients: Patients, times: list[float]) -> dict[float, int]:
    """Count who is at risk at some times."""
    return {when: int((patients[0] >= when).sum()) for when in times}


def at_risk(ipd: PseudoIPD, times: list[float]) -> dict[float, int]:
    """Count who of the reconstructed is at risk at some times."""
    return rows((ipd.time, ipd.event), times)


def test_an_interval_without_a_point_shifts_no_number_at_risk() -> None:
    """Between 12 and 24 the curve is flat and has no point; 51 are at risk at 12, and 30 at 24."""
    curve = digitised_curve([0, 3, 8, 11, 26, 31], [1, 0.95, 0.9, 0.85, 0.8, 0.7], kind="steps")
    printed = {0.0: 80, 6.0: 70, 12.0: 51, 18.0: 40, 24.0: 30, 30.0: 16}
    ipd = reconstruct(curve_endpoint(curve, n=80, at_risk=printed))
    assert at_risk(ipd, list(printed)) == printed
    assert not ipd.event[(ipd.time > 12) & (ipd.time < 24)].any()


@pytest.mark.parametrize("seed", range(4))
def test_no_patient_vanishes_in_the_last_interval(seed: int) -> None:
    """There are as many patients as printed, also of whom nothing is known after the last row."""
    patients = trial(seed)
    times = [0.0, 6.0, 12.0, 18.0]
    endpoint = curve_endpoint(steps(patients), n=138, at_risk=rows(patients, times))
    ipd = reconstruct(endpoint)
    assert ipd.time.size == 138
    assert at_risk(ipd, times) == rows(patients, times)


@pytest.mark.parametrize("more", [0, 3])
def test_the_number_of_events_is_honoured(more: int) -> None:
    """Events are those printed, not those that the curve alone suggests."""
    patients = trial(5)
    printed = int(patients[1].sum()) + more
    curve = digitised_curve(
        np.linspace(0, 30, 31), [survival_at(*patients, when) for when in np.linspace(0, 30, 31)],
        kind="samples", tolerance=0.02,
    )  # fmt: skip
    ipd = reconstruct(curve_endpoint(curve, n=138, events=printed))
    assert int(ipd.event.sum()) == printed


@pytest.mark.parametrize(
    ("events", "said"),
    [
        pytest.param(10, r"the curve falls at \d+ points but 10 events are reported", id="few"),
        pytest.param(500, "500 events are reported for 138 patients", id="many"),
    ],
)
def test_impossible_numbers_of_events_are_refused(events: int, said: str) -> None:
    """Ten events cannot make a hundred drops, and 138 patients cannot have 500."""
    with pytest.raises(ContradictionError, match=said):
        reconstruct(curve_endpoint(steps(trial(5)), n=138, events=events))


def test_no_genuine_point_is_an_outlier() -> None:
    """A steep fall after a long plateau, and the plateau after it, are kept, every point."""
    time = [0, 1, 9.5, 10, 10.2, 10.4, 10.5, 10.7, 11, 29, 30]
    height = [1, 0.99, 0.98, 0.8, 0.65, 0.5, 0.36, 0.2, 0.1, 0.05, 0]
    curve = digitised_curve(time, height)
    assert (curve.time, curve.survival) == (tuple(time[1:]), tuple(height[1:]))
    assert curve.repairs == ()
    endpoint = curve_endpoint(curve, n=100)
    (check,) = analyse(endpoint, reconstruct(endpoint)).curve_checks
    assert check.inside.all()


def test_a_table_without_time_0_does_not_lose_patients() -> None:
    """With n beside it, its first row is later; without n, that n is missing is said."""
    patients = trial(2)
    printed = rows(patients, [6.0, 12.0, 18.0, 24.0])
    ipd = reconstruct(curve_endpoint(steps(patients), n=138, at_risk=printed))
    assert ipd.time.size == 138
    assert at_risk(ipd, list(printed)) == printed
    with pytest.raises(CurveFault, match='number of patients is not given for "all"; give `n`, or'):
        curve_endpoint(steps(patients), at_risk=printed)


def test_a_table_that_rises_is_refused() -> None:
    """The two rows are named."""
    patients = trial(2)
    printed = rows(patients, [0.0, 6.0, 12.0, 18.0]) | {18.0: 130}
    with pytest.raises(ContradictionError, match=r"at risk rises from \d+ at 12 to 130 at 18"):
        reconstruct(curve_endpoint(steps(patients), n=138, at_risk=printed))


def test_percentages_are_no_fractions() -> None:
    """A curve in percent gives the patients of the same curve in fractions, and says so."""
    fractions = steps(trial(3))
    percent = digitised_curve(
        [0, *fractions.time], [100, *(100 * height for height in fractions.survival)], kind="steps"
    )
    assert percent.repairs == ("heights are percentages and were divided by 100.",)
    first, second = (reconstruct(curve_endpoint(each, n=138)) for each in (fractions, percent))
    assert first.event.any()
    assert np.array_equal(first.time, second.time)
    assert np.array_equal(first.event, second.event)


def test_points_after_the_last_row_count() -> None:
    """Forty patients die one by one; all forty drops are events though rows end at 12."""
    curve = digitised_curve(
        [0, *(1 + 0.83 * k for k in range(40))], [1, *(1 - (k + 1) / 60 for k in range(40))],
        kind="steps", tolerance=0.0005,
    )  # fmt: skip
    ipd = reconstruct(curve_endpoint(curve, n=60, at_risk={0: 60, 6: 53, 12: 46}))
    assert int(ipd.event.sum()) == 40
    assert ipd.time[ipd.event].max() == curve.time[-1]


def test_a_flat_tail_invents_no_deaths() -> None:
    """From 12 on nobody dies, and 85 of 90 leave; the curve stays where it is."""
    curve = digitised_curve(
        [0, 2, 4, 7, 9, 12, 40], [1, 0.98, 0.96, 0.94, 0.92, 0.9, 0.9], kind="steps"
    )
    printed = {0.0: 100, 12.0: 92, 20.0: 40, 30.0: 12, 40.0: 5}
    ipd = reconstruct(curve_endpoint(curve, n=100, at_risk=printed))
    assert at_risk(ipd, list(printed)) == printed
    assert not ipd.event[ipd.time > 12].any()
    assert kaplan_meier(ipd, arm="all").survival_at([40.0])[0] == pytest.approx(0.9, abs=0.005)


def test_marks_without_multiplicity_invent_no_events() -> None:
    """Where a mark hides several patients, at-risk rows tell: events and test come out right."""
    arms = {"A": trial(7, rate=0.05), "B": trial(8, rate=0.045)}
    arms = {name: (np.ceil(time), event) for name, (time, event) in arms.items()}
    times = [0.0, 6.0, 12.0, 18.0, 24.0, 30.0]
    endpoint = curve_endpoint(
        {name: steps(each) for name, each in arms.items()},
        n=dict.fromkeys(arms, 138),
        at_risk={name: rows(each, times) for name, each in arms.items()},
        censor_marks={
            name: CensorMarks(time=tuple(np.unique(time[~event])))
            for name, (time, event) in arms.items()
        },
    )
    ipd = reconstruct(endpoint)
    for name, (time, event) in arms.items():
        found = ipd.of(name)
        assert found[0].size == 138
        assert int(found[1].sum()) == pytest.approx(int(event.sum()), abs=3)
        assert set(found[0][~found[1]]) == set(time[~event])
    assert logrank(ipd).p == pytest.approx(logrank(as_ipd(arms)).p, abs=0.05)


def as_ipd(arms: dict[str, Patients]) -> PseudoIPD:
    """Put the true patients of several arms together."""
    return PseudoIPD(
        time=np.concatenate([time for time, _ in arms.values()]),
        event=np.concatenate([event for _, event in arms.values()]),
        arm=np.repeat(list(arms), [time.size for time, _ in arms.values()]),
        arms=tuple(arms),
    )


@pytest.mark.parametrize("given", [{}, {"at_risk": {0: 30, 5: 20}}, {"events": 30}])
def test_an_arm_without_censoring(given: dict[str, Any]) -> None:
    """Everybody dies, one by one."""
    curve = digitised_curve(
        [0, *(0.5 * k + 0.01 * (k % 3) for k in range(1, 31))],
        [1, *(1 - k / 30 for k in range(1, 31))], kind="steps", tolerance=0.0005,
    )  # fmt: skip
    if "at_risk" in given:
        given = {"at_risk": {0: 30, 5: sum(time >= 5 for time in curve.time)}}
    ipd = reconstruct(curve_endpoint(curve, n=30, **given))
    assert ipd.event.all()
    assert ipd.time.tolist() == list(curve.time)


@pytest.mark.parametrize("given", [{}, {"at_risk": {0: 30, 10: 21}}, {"events": 0}])
def test_an_arm_without_an_event(given: dict[str, Any]) -> None:
    """Nobody dies: no event, nobody lost, and beside another arm a test but no crash."""
    flat = digitised_curve([0, 10, 20], [1, 1, 1])
    ipd = reconstruct(curve_endpoint(flat, n=30, **given))
    assert (ipd.time.size, int(ipd.event.sum())) == (30, 0)
    two: Endpoint = curve_endpoint({"A": steps(trial(1)), "B": flat}, n={"A": 138, "B": 30})
    analysis = analyse(two, reconstruct(two))
    assert [int(curve.n_events.sum()) for curve in analysis.curves.values()][1] == 0
    assert analysis.logrank is not None


def test_events_that_heights_contradict_are_not_sought_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So many steps are weighed for reported events, and one pass more for each scale."""
    placement = importlib.import_module("kmrepro.reconstruct.curves.placement")
    spent, path_along, allowed = [], placement.path_along, 100_000

    def counted(*given: Any, **named: Any) -> Any:
        path = path_along(*given, **named)
        spent.append(0 if path is None else path.tried)
        return path

    monkeypatch.setattr(placement, "path_along", counted)
    monkeypatch.setattr(placement, "MOST_TRIED_FOR_EVENTS", allowed)
    patients = trial(3, n=240)
    whens = np.linspace(0.36, 36, 100)
    curve = digitised_curve(
        [0, *whens], [1, *(round(survival_at(*patients, when), 3) for when in whens)]
    )
    events = int(1.05 * patients[1].sum())
    endpoint = curve_endpoint({"A": curve}, n={"A": 240}, events={"A": events})
    ipd = reconstruct(endpoint)
    assert ipd.time.size == 240
    assert sum(spent) <= allowed + len(placement.SCALES) * max(spent)
