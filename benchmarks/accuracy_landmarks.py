"""How near the hazard ratio of pseudo-IPD from landmarks comes to that of the data themselves.

    python benchmarks/accuracy_landmarks.py

For every trial of the corpus the endpoint is printed as papers do, reconstructed and re-analysed.
The floor is what remains when nothing but chance is unknown: trials are simulated from the hazard
and censoring that each endpoint implies, and reconstructed with exactly these.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from corpus import Trial, corpus_argument, endpoint_of, read_trials

from kmrepro.models import analyse, cox
from kmrepro.reconstruct import PseudoIPD, reconstruct
from kmrepro.reconstruct.calibration import Calibration, calibrate
from kmrepro.reconstruct.constraints import ArmConstraints, arm_constraints
from kmrepro.reconstruct.expected_course import (
    CensoringShape,
    ExpectedCourse,
    HazardCurve,
    calibrated_strength,
    cumulative_hazard,
    expected_course,
)
from kmrepro.reconstruct.integer_search import place_patients

# What other routes reach on the same input, as published with the corpus: median and mean.
OTHERS = {
    False: {"Parmar 1998 / Tierney 2007": (0.045, 0.062), "piecewise exponential": (0.034, 0.042)},
    True: {"Parmar 1998 / Tierney 2007": (0.042, 0.058), "piecewise exponential": (0.026, 0.032)},
}
Errors = np.ndarray  # shape (trials, 2): absolute error of the log hazard ratio, and in SE


def error_of(trial: Trial, *, more: bool) -> tuple[float, float, int]:
    """Return the error, the error in standard errors, and how many printed numbers are missed."""
    endpoint = endpoint_of(trial, more=more)
    ipd = reconstruct(endpoint)
    missed = sum(not check.inside for check in analyse(endpoint, ipd).landmarks)
    missed += sum(int(ipd.of(name)[1].sum()) != arm.events for name, arm in endpoint.arms.items())
    missed += sum(
        int((ipd.of(name)[0] >= when).sum()) != count
        for name, arm in endpoint.arms.items()
        for when, count in arm.at_risk.items()
        if when <= ipd.of(name)[0].max()
    )
    error = abs(cox(ipd).log_hazard_ratio - trial.log_hazard_ratio)
    return error, error / trial.se, missed


def simulated(course: ExpectedCourse, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw patients from an expected course: columns time and event."""
    followed = np.maximum(course.at_risk[:-1], 1e-12)
    event_hazard = np.diff(course.events) / followed
    leave_hazard = np.diff(course.censored) / followed
    failure = _first_time(course.time, event_hazard, n, rng)
    leaving = np.minimum(_first_time(course.time, leave_hazard, n, rng), course.time[-1])
    return np.column_stack([np.minimum(failure, leaving), failure <= leaving])


def _first_time(
    grid: np.ndarray, hazard: np.ndarray, n: int, rng: np.random.Generator
) -> np.ndarray:
    cumulative = np.concatenate([[0.0], np.cumsum(hazard)])
    drawn = rng.exponential(size=n)
    rising = cumulative + 1e-12 * np.arange(cumulative.size)
    return np.where(drawn <= cumulative[-1], np.interp(drawn, rising, grid), np.inf)


def floor_of(trial: Trial, rng: np.random.Generator) -> float:
    """Return the error, in standard errors, when hazard shape and censoring are known."""
    endpoint = endpoint_of(trial, more=False)
    known = calibrate(endpoint, {name: arm_constraints(endpoint, name) for name in endpoint.arms})
    drawn = {name: simulated(c.course, c.arm.n, rng) for name, c in known.items()}
    truth = cox(_as_ipd(drawn))
    again = {name: _placed_again(known[name], drawn[name]) for name in drawn}
    return abs(cox(_as_ipd(again)).log_hazard_ratio - truth.log_hazard_ratio) / truth.se


def _as_ipd(arms: dict[str, np.ndarray]) -> PseudoIPD:
    rows = np.concatenate(list(arms.values()))
    labels = np.repeat(list(arms), [len(patients) for patients in arms.values()])
    return PseudoIPD(
        time=np.maximum(rows[:, 0], 1e-9), event=rows[:, 1] > 0, arm=labels, arms=tuple(arms)
    )


def _placed_again(known: Calibration, patients: np.ndarray) -> np.ndarray:
    """Reconstruct simulated patients from what would be printed of them, with the known law."""
    arm = _printed_again(known.arm, patients)
    hazard = _through(cumulative_hazard(known.arm), arm)
    shape = CensoringShape(known_time=np.zeros(1), known=np.ones(1), end=known.arm.last_time)
    strength, _ = calibrated_strength(
        lambda s: expected_course(known.arm, hazard, shape, s).events[-1] - (arm.events or 0)
    )
    placed = place_patients(arm, expected_course(known.arm, hazard, shape, strength))
    return np.column_stack([placed.time, placed.event])


def _printed_again(known: ArmConstraints, patients: np.ndarray) -> ArmConstraints:
    """Print the landmarks, events and longest follow-up of simulated patients."""
    time, event = patients[:, 0], patients[:, 1] > 0
    order = np.lexsort((~event, time))
    factors = np.where(event[order], 1 - 1 / (time.size - np.arange(time.size)), 1.0)
    survival = np.concatenate([[1.0], np.cumprod(factors)])
    ranks = [int(np.searchsorted(time[order], knot.time, side="right")) for knot in known.knots]
    values = [round(float(survival[rank]), 3) for rank in ranks]
    knots = tuple(
        knot._replace(aim=value, lower=max(value - 0.0005, 0.0), upper=min(value + 0.0005, 1.0))
        for knot, value in zip(known.knots, values, strict=True)
        if knot.time <= time.max()
    )
    return replace(known, knots=knots, events=int(event.sum()), last_time=float(time.max()))


def _through(law: HazardCurve, arm: ArmConstraints) -> HazardCurve:
    """Bend the known hazard just as much, between printed times, as the printed values ask for."""
    hazard = -np.log(law.survival)
    times = np.array([0.0, *(knot.time for knot in arm.knots), law.time[-1]])
    at_knots = np.interp(times, law.time, hazard)
    printed = -np.log(np.maximum([1.0, *(knot.aim or 0.0 for knot in arm.knots)], 0.25 / arm.n))
    printed = np.append(printed, printed[-1] + at_knots[-1] - at_knots[-2])
    place = np.clip(np.searchsorted(times, law.time, side="right") - 1, 0, times.size - 2)
    span = at_knots[place + 1] - at_knots[place]
    share = np.divide(hazard - at_knots[place], span, out=np.zeros_like(span), where=span > 0)
    bent = printed[place] + share * (printed[place + 1] - printed[place])
    return HazardCurve(time=law.time, survival=np.exp(-np.maximum.accumulate(bent)))


def summary(errors: Iterable[float]) -> tuple[float, float, float]:
    """Return median, mean and 95th percentile."""
    values = np.array(list(errors))
    return float(np.median(values)), float(values.mean()), float(np.quantile(values, 0.95))


def halves(trials: Sequence[Trial]) -> dict[str, Callable[[Trial], bool]]:
    """Split the trials by publication, so that the halves share no patients."""
    papers = sorted({trial.publication for trial in trials})
    first = set(papers[::2])
    return {
        "all": lambda trial: True,  # noqa: ARG005
        "first half": lambda trial: trial.publication in first,
        "second half": lambda trial: trial.publication not in first,
    }


def report(trials: Sequence[Trial], *, more: bool) -> dict[str, object]:
    """Print and return the figures for one kind of input."""
    found = {trial.id: error_of(trial, more=more) for trial in trials}
    print(f"\nn, four landmarks, events, longest follow-up{', at-risk, median' if more else ''}")
    print(f"{'':28s}{'median':>9s}{'mean':>9s}   |error| / SE: {'median':>7s}{'95%':>7s}")
    figures: dict[str, object] = {"missed": sum(f[2] for f in found.values())}
    for name, inside in halves(trials).items():
        chosen = [found[trial.id] for trial in trials if inside(trial)]
        error, relative = summary(f[0] for f in chosen), summary(f[1] for f in chosen)
        label = f"kmrepro, {name} ({len(chosen)})"
        print(f"{label:28s}{error[0]:9.4f}{error[1]:9.4f}{relative[0]:24.3f}{relative[2]:7.3f}")
        figures[name] = {"median": error[0], "mean": error[1], "se95": relative[2]}
    for name, (median, mean) in OTHERS[more].items():
        print(f"{name:28s}{median:9.3f}{mean:9.3f}")
    print(f"printed numbers missed: {figures['missed']} in {len(trials)} trials")
    return figures


def main() -> None:
    """Run the benchmark."""
    options = corpus_argument(__doc__).parse_args()
    started = time.perf_counter()
    trials = read_trials(options.corpus)
    figures = {key: report(trials, more=more) for key, more in (("base", False), ("more", True))}
    rng = np.random.default_rng(20260101)
    floor = summary(floor_of(trial, rng) for trial in trials)
    print(
        f"\nfloor, with hazard shape and censoring known: |error| / SE median {floor[0]:.3f}, "
        f"95% {floor[2]:.3f}"
    )
    figures["floor"] = {"median": floor[0], "se95": floor[2]}
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
