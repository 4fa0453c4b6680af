"""Which reported numbers say how censoring ran, and the expected course that they give.

The order is: numbers at risk; events per arm; events in total; the interval of the reported hazard
ratio, whose width says how many events there were; follow-up and dates; nothing. What none of them
says is the mean of the scenarios that also give an ensemble its draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..studies import Endpoint
from .constraints import ArmConstraints
from .curve_calibration import calibrate_curves
from .expected_course import Calibration, ExpectedCourse
from .pseudo_ipd import FloatArray
from .scenarios import ArmScenarios, Scenarios, weighted_scenarios

__all__ = ["Calibration", "calibrate"]

SCENARIOS = 256
SEED = 1
TAIL_CELLS = 48  # of the course after the last time at which the curve is known


def calibrate(endpoint: Endpoint, arms: Mapping[str, ArmConstraints]) -> dict[str, Calibration]:
    """Find the expected course of every arm of an endpoint from the best that is reported.

    Parameters
    ----------
    endpoint : Endpoint
    arms : mapping of str to ArmConstraints
        What its arms report.

    Returns
    -------
    dict of str to Calibration
        The mean of the scenarios, weighted by what is reported; along digitised curves, the course
        that `kmrepro.reconstruct.curve_calibration` finds.
    """
    if not arms:
        return {}
    if any(arm.along_curve for arm in arms.values()):
        return calibrate_curves(endpoint, arms)
    rng = np.random.default_rng(SEED)
    scenarios = weighted_scenarios(endpoint, arms, SCENARIOS, rng)
    courses = {}
    for name, arm in arms.items():
        fixed = scenarios.arms[name].arm.last_time_source in ("printed", "dates")
        courses[name] = _mean_course(arm, scenarios, name, end_is_known=fixed)
    return _calibrations(endpoint, arms, scenarios, courses)


def _mean_course(
    arm: ArmConstraints, scenarios: Scenarios, name: str, *, end_is_known: bool
) -> tuple[float, ExpectedCourse]:
    """Return the middle of the ends of follow-up, and the mean of the expected courses.

    Notes
    -----
    Where the end is not known, every scenario's tail is stretched to the same end first, so that
    its events and censorings stay with the tail.
    """
    drawn = scenarios.arms[name]
    weight = scenarios.weight
    if end_is_known:
        return arm.last_time, _averaged(arm, scenarios.grid, drawn, weight)
    last = max((knot.time for knot in arm.knots), default=0.0)
    order = np.argsort(drawn.ends)
    middle = int(np.searchsorted(np.cumsum(weight[order]), 0.5))
    end = float(drawn.ends[order[min(middle, order.size - 1)]])
    head = scenarios.grid[scenarios.grid <= last]
    share = np.linspace(0.0, 1.0, TAIL_CELLS + 1)[1:]
    time = np.concatenate([head, last + share * (end - last)])
    rows = np.empty((2, drawn.ends.size, time.size))
    for row, own in enumerate(drawn.ends):
        at = np.concatenate([head, last + share * (own - last)])
        at[-1] = np.nextafter(own, 0.0)  # who is followed to the end is at risk there
        rows[0, row] = np.interp(at, scenarios.grid, drawn.at_risk[row])
        rows[1, row] = np.interp(at, scenarios.grid, drawn.events[row])
    rows[1, :, -1] = drawn.events[:, -1]
    stretched = replace(drawn, at_risk=rows[0], events=rows[1])
    return end, _averaged(arm, time, stretched, weight)


def _averaged(
    arm: ArmConstraints, time: FloatArray, drawn: ArmScenarios, weight: FloatArray
) -> ExpectedCourse:
    inside = time <= drawn.arm.last_time
    events = np.maximum.accumulate(weight @ drawn.events)[inside]
    at_risk = (weight @ drawn.at_risk)[inside]
    if at_risk[-1] <= 0:
        at_risk[-1] = max(at_risk[-2] - (events[-1] - events[-2]), 0.0)
    at_risk = np.minimum(np.minimum.accumulate(at_risk), arm.n - events)
    censored = np.maximum.accumulate(arm.n - events - at_risk)
    censored[-1] = arm.n - events[-1]  # whoever is left is censored at the end
    return ExpectedCourse(time=time[inside], at_risk=at_risk, events=events, censored=censored)


def _calibrations(
    endpoint: Endpoint,
    arms: Mapping[str, ArmConstraints],
    scenarios: Scenarios,
    courses: Mapping[str, tuple[float, ExpectedCourse]],
) -> dict[str, Calibration]:
    """Say what censoring was calibrated to, and share out events that both arms have together."""
    ended = {
        name: arm if courses[name][0] == arm.last_time else arm.ending_at(courses[name][0])
        for name, arm in arms.items()
    }
    whole: dict[str, int] = {}
    if scenarios.total is not None:
        expected = {name: float(course.events[-1]) for name, (_, course) in courses.items()}
        low, high = (float(scenarios.weight @ bound) for bound in scenarios.total.T)
        whole = _shared_out(expected, round((low + high) / 2), arms)
    made = {}
    for name, arm in ended.items():
        basis = _basis(endpoint, arm, scenarios)
        made[name] = Calibration(
            arm=replace(arm, events=whole.get(name, arm.events)),
            course=courses[name][1],
            basis=basis,
            sentence=_sentence(endpoint, arm, basis, sum(whole.values())),
        )
    return made


def _shared_out(
    expected: Mapping[str, float], total: int, arms: Mapping[str, ArmConstraints]
) -> dict[str, int]:
    """Share a total of events out to the arms in whole events (largest remainder)."""
    factor = total / max(sum(expected.values()), 1e-9)
    wanted = {name: min(events * factor, arms[name].n) for name, events in expected.items()}
    whole = {name: int(events) for name, events in wanted.items()}
    by_remainder = sorted(wanted, key=lambda name: whole[name] - wanted[name])
    for name in by_remainder[: max(total - sum(whole.values()), 0)]:
        whole[name] += 1
    return whole


def _basis(endpoint: Endpoint, arm: ArmConstraints, scenarios: Scenarios) -> str:
    if any(knot.at_risk is not None for knot in arm.knots):
        return "at-risk counts"
    if arm.events is not None:
        return "events per arm"
    if scenarios.basis in ("events in total", "reported interval"):
        return scenarios.basis
    follow_up = endpoint.arms[arm.name].follow_up
    if follow_up is not None and follow_up.median is not None:
        return "follow-up"
    return "dates" if arm.last_time_source == "dates" else "nothing"


def _sentence(endpoint: Endpoint, arm: ArmConstraints, basis: str, total: int) -> str:
    """Say what censoring was calibrated to."""
    if basis == "at-risk counts":
        after = "the rest is the mean of what is plausible"
        if arm.events is not None:
            after = f"the rest is the mean of what is plausible with the {arm.events} events"
        return f"censoring follows the reported numbers at risk; {after}"
    if basis == "events per arm":
        return (
            f"censoring is the mean of what is plausible with the {arm.events} events reported, "
            "which are one draw from it"
        )
    if basis == "events in total":
        return (
            "censoring is the mean of what is plausible, similar in the arms, with the "
            f"{total} events reported in total"
        )
    if basis == "reported interval":
        reported = endpoint.reported
        low, high = reported.ci if reported is not None and reported.ci else ("", "")
        return (
            "events are not reported: censoring is the mean of what is plausible, similar in both "
            f"arms, with the width of the reported interval ({low} to {high}), which implies "
            f"{total} events"
        )
    if basis == "follow-up":
        return (
            "events are not reported: censoring is the mean of what is plausible with the median "
            "follow-up reported (most often a reverse Kaplan-Meier median)"
        )
    if basis == "dates":
        return (
            "events are not reported: censoring is the mean of what is plausible with entry over "
            "the enrolment period and follow-up to the cut-off"
        )
    return (
        "nothing reported says how censoring ran: it is the mean of what is plausible; the hazard "
        "ratio rests on this"
    )
