"""The papers that report simulated trials: numbers in the text, tables, and curves in figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from simulated_curves import StepCurve, limits, reading_of

from kmrepro.studies import Endpoint, Study

if TYPE_CHECKING:
    from simulated_trials import SimulatedTrial

__all__ = ["PAPERS", "Paper", "name_of", "paper_of"]

FloatArray = npt.NDArray[np.float64]
Report = dict[str, Any]

Z_95 = 1.959963984540054
FORMS = ("log", "log-log", "plain")


def _percent(value: float, digits: int) -> str:
    return f"{100 * value:.{digits}f}%"


def _landmark_times(trial: SimulatedTrial, count: int, rng: np.random.Generator) -> list[float]:
    """Return round times at which a paper would report survival."""
    longest = min(float(time[-1]) for time in trial.time)
    late = min(float(np.quantile(time, 0.9)) for time in trial.time)
    unit = next((u for u in (12.0, 6.0, 3.0, 1.0) if late >= count * u), 0.5)
    late = min(late, longest)
    if rng.random() < 0.5:  # 1, 3 and 5 years and the like
        usual = [unit * k for k in (1, 2, 3, 5, 7, 10) if unit * k <= late]
        times = usual[-count:] if rng.random() < 0.5 else usual[:count]
    else:
        shares = (np.arange(count) + rng.uniform(0.3, 1.0)) / count
        times = sorted({max(round(late * s / (unit / 2)), 1) * unit / 2 for s in shares})
    return [t for t in times if t <= longest] or [round(late / 2, 1)]


def _median(curve: StepCurve) -> str:
    median = curve.first_at_half(curve.survival)
    return "NR" if median is None else f"{median:.1f}"


def _median_ci(curve: StepCurve, form: str) -> list[str]:
    ends = [curve.first_at_half(band) for band in curve.band(form)]
    return ["NR" if end is None else f"{end:.1f}" for end in ends]


def _landmark_ci(curve: StepCurve, times: list[float], form: str) -> Report:
    made = {}
    for t in times:
        survival, variance = curve.at(t)
        low, high = limits(np.array([survival]), np.array([variance]), form)
        made[f"{t:g}"] = {
            "survival": _percent(survival, 1),
            "ci": [_percent(float(low[0]), 1), _percent(float(high[0]), 1)],
        }
    return made


def _at_risk(curve: StepCurve, times: list[float]) -> Report:
    return {f"{t:g}": int(np.sum(curve.followed >= t)) for t in times}


def _reverse_median(trial: SimulatedTrial, arm: int) -> str | None:
    curve = StepCurve.of(trial.time[arm], ~trial.event[arm])
    median = curve.first_at_half(curve.survival)
    return None if median is None else f"{median:.1f}"


@dataclass(frozen=True)
class Paper:
    """What papers of one kind report.

    Attributes
    ----------
    landmarks, digits : int
        How many survivals, and decimals of their percents.
    also : tuple of str
        Of "events", "longest", "median", "median_ci", "at_risk", "rows", "landmark_ci", "ratio",
        "total", "follow_up".
    reading : str
        How the curves are read, see `READINGS`; none by default.
    one_arm : bool
        Whether only the reference arm has a curve; the other has landmarks then, and only then.
    """

    landmarks: int = 0
    digits: int = 1
    also: tuple[str, ...] = ()
    reading: str = ""
    one_arm: bool = False


PAPERS = {
    "four landmarks, events, follow-up": Paper(4, 1, ("events", "longest")),
    "the same, at risk, medians": Paper(4, 1, ("events", "longest", "at_risk", "median")),
    "three landmarks in whole %": Paper(3, 0),
    "medians with intervals, events": Paper(0, 0, ("events", "median", "median_ci")),
    "two landmarks, ratio and interval": Paper(2, 0, ("ratio",)),
    "one landmark, medians, ratio": Paper(1, 1, ("median", "median_ci", "ratio")),
    "four landmarks, longest follow-up": Paper(4, 1, ("longest",)),
    "three landmarks, rows at risk": Paper(3, 1, ("rows", "median", "events")),
    "landmarks with intervals, total": Paper(2, 1, ("landmark_ci", "total")),
    "three landmarks, median follow-up": Paper(3, 1, ("follow_up", "events")),
    "curves: exact steps, rows at risk": Paper(also=("rows",), reading="every step, four decimals"),
    "curves: every step, n alone": Paper(reading="every step"),
    "curves: 100 heights, events": Paper(also=("events",), reading="100 heights"),
    "curves: pixels, rows at risk": Paper(also=("rows",), reading="pixels"),
    "curves: 60 clicks, rows at risk": Paper(also=("rows", "events"), reading="60 clicks"),
    "curves: 20 noisy clicks, events": Paper(also=("events",), reading="20 noisy clicks"),
    "curves: 20 noisy clicks, rows": Paper(also=("rows",), reading="20 noisy clicks"),
    "a curve with rows, four landmarks": Paper(
        4, 1, ("events", "rows"), reading="pixels", one_arm=True
    ),
}


def paper_of(trial: SimulatedTrial, kind: str, *, cut: bool = False) -> Endpoint:
    """Report a trial as papers of one kind do; see `PAPERS`.

    Parameters
    ----------
    trial : SimulatedTrial
    kind : str
    cut : bool
        Whether the axis of a figure ends while some are still at risk.
    """
    rng = np.random.default_rng([trial.seed, list(PAPERS).index(kind), 1])
    paper, form = PAPERS[kind], str(rng.choice(FORMS))
    end = _axis_end(trial) if cut else math.inf
    curves = [StepCurve.of(*arm, end) for arm in zip(trial.time, trial.event, strict=True)]
    times = _landmark_times(trial, max(paper.landmarks, 1), rng)[: paper.landmarks]
    rows = _row_times(trial, end) if "rows" in paper.also else times
    arms = {
        name: _arm(trial, place, paper, curves[place], (times, rows, form))
        for place, name in enumerate(("C", "T"))
    }
    endpoint: Report = {
        "name": name_of(trial),
        "reference": "C",
        "time_unit": "months",
        "arms": arms,
    }
    reported = _comparison(trial, paper)
    if reported:
        endpoint["reported"] = reported
    return Study.model_validate({"id": "simulated", "endpoint": [endpoint]}).endpoints[0]


def name_of(trial: SimulatedTrial) -> str:
    """Return what the endpoint is called: progression is seen at visits, death when it happens."""
    return "PFS" if trial.course.startswith("visits") else "OS"


def _axis_end(trial: SimulatedTrial) -> float:
    """Return a round time at which 2% to 30% of the arm that is followed longer are at risk."""
    rng = np.random.default_rng([trial.seed, 3])
    left = float(np.exp(rng.uniform(math.log(0.02), math.log(0.3))))
    end = max(float(np.quantile(time, 1 - left)) for time in trial.time)
    return max(round(end / (step := _row_step(end))), 1) * step


def _row_step(longest: float) -> float:
    return next((s for s in (1, 2, 3, 6, 12, 24) if longest / s <= 9), 36)


def _row_times(trial: SimulatedTrial, end: float) -> list[float]:
    longest = min(max(float(time[-1]) for time in trial.time), end)
    step = _row_step(longest)
    times = np.arange(0, longest, step)
    return [float(t) for t in (times if end > longest else [*times, end])]


def _arm(
    trial: SimulatedTrial,
    place: int,
    paper: Paper,
    curve: StepCurve,
    how: tuple[list[float], list[float], str],
) -> Report:
    times, rows, form = how
    arm: Report = {"n": curve.n}
    read = bool(paper.reading) and not (paper.one_arm and place)
    if read:
        rng = np.random.default_rng([trial.seed, place, list(PAPERS.values()).index(paper), 2])
        arm["curve"] = reading_of(curve, paper.reading, rng)
    elif times:
        arm["landmarks"] = {f"{t:g}": _percent(curve.at(t)[0], paper.digits) for t in times}
    if "landmark_ci" in paper.also:
        arm["landmarks"] = _landmark_ci(curve, times, form)
    if "events" in paper.also:
        arm["events"] = int(trial.event[place].sum())
    if "at_risk" in paper.also or "rows" in paper.also:
        arm["at_risk"] = _at_risk(curve, rows)
    if "median" in paper.also:
        arm["median"] = _median(curve)
    if "median_ci" in paper.also and arm["median"] != "NR":
        arm["median_ci"] = _median_ci(curve, form)
    if "longest" in paper.also:
        arm["follow_up"] = {"max": f"{trial.time[place][-1]:.4f}"}
    median = _reverse_median(trial, place) if "follow_up" in paper.also else None
    if median is not None:
        arm["follow_up"] = {"median": median}
    return arm


def _comparison(trial: SimulatedTrial, paper: Paper) -> Report | None:
    if "total" in paper.also:
        return {"events": int(sum(event.sum() for event in trial.event))}
    if "ratio" not in paper.also:
        return None
    ends = [trial.log_hazard_ratio + side * Z_95 * trial.se for side in (0, -1, 1)]
    ratio, low, high = (f"{math.exp(end):.2f}" for end in ends)
    return {"hazard_ratio": ratio, "ci": [low, high]}
