"""Simulated two-arm trials whose data are known, and the papers that report them.

    python benchmarks/simulated_trials.py --trials 5

Every trial has a course of the two hazards, sizes, entry, drop-out and a unit in which times were
recorded; every paper reports some of its numbers, rounded as papers do. Constants of the
reproduction interval are chosen on trials like these, never on trials whose figures are reported.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from simulated_papers import PAPERS, paper_of

from kmrepro.models import BatchedCox, RiskSets
from kmrepro.studies import Endpoint

__all__ = [
    "COURSES",
    "PAPERS",
    "SMALLEST",
    "TIES",
    "SimulatedTrial",
    "paper_of",
    "simulated_trial",
    "stratum_of",
    "trial_of",
]

FloatArray = npt.NDArray[np.float64]
Arm = tuple[FloatArray, npt.NDArray[np.bool_]]  # times and whether each is an event

CELLS = 480  # of the grid of hazards, from 0 to the planned end
SMALLEST, LARGEST = 15, 2000  # patients of an arm
TIES = {"none": 0.0, "days": 1 / 30.4375, "weeks": 7 / 30.4375, "months": 1.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedTrial:
    """One trial with the data of its patients.

    Attributes
    ----------
    seed : int
    course : str
        How the hazards run, see `COURSES`.
    time, event : tuple of ndarray, shapes (n of the arm,)
        Of the reference arm and of the treatment arm; months.
    log_hazard_ratio, se : float
        Cox regression of these data, ties by Efron.
    ties : str
        Unit in which times were recorded, see `TIES`.
    """

    seed: int
    course: str
    ties: str
    time: tuple[FloatArray, FloatArray]
    event: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]
    log_hazard_ratio: float
    se: float

    @property
    def smaller(self) -> int:
        """Patients of the smaller arm."""
        return min(arm.size for arm in self.time)


def stratum_of(trial: SimulatedTrial) -> str:
    """Return the class of size of a trial."""
    return "< 40" if trial.smaller < 40 else "40-149" if trial.smaller < 150 else ">= 150"


# Courses: relative hazards of the reference arm, and log hazard ratios, on shares of the follow-up.

Pair = tuple[FloatArray, FloatArray]


def _effect(rng: np.random.Generator) -> float:
    """Return a log hazard ratio such as trials have."""
    return float(rng.normal(-0.25, 0.35))


def _proportional(u: FloatArray, rng: np.random.Generator) -> Pair:
    return np.ones_like(u), np.full_like(u, _effect(rng))


def _weibull(low: float, high: float) -> Callable[[FloatArray, np.random.Generator], Pair]:
    def course(u: FloatArray, rng: np.random.Generator) -> Pair:
        shape = rng.uniform(low, high)
        return np.maximum(u, 1e-3) ** (shape - 1), np.full_like(u, _effect(rng))

    return course


def _early_high(u: FloatArray, rng: np.random.Generator) -> Pair:
    until, times = rng.uniform(0.03, 0.2), rng.uniform(3, 10)
    own = np.where(u < until, rng.normal(0, 0.4), 0.0)
    return np.where(u < until, times, 1.0), _effect(rng) + own


def _crossing(u: FloatArray, rng: np.random.Generator) -> Pair:
    when, early = rng.uniform(0.1, 0.5), rng.uniform(0.2, 0.9)
    return np.ones_like(u), np.where(u < when, early, -rng.uniform(0.2, 1.0)) * rng.choice([-1, 1])


def _delayed(u: FloatArray, rng: np.random.Generator) -> Pair:
    when = rng.uniform(0.05, 0.4)
    shape = rng.uniform(0.7, 1.3)
    return np.maximum(u, 1e-3) ** (shape - 1), np.where(u < when, 0.0, -rng.uniform(0.3, 1.1))


def _fading(u: FloatArray, rng: np.random.Generator) -> Pair:
    return np.ones_like(u), -rng.uniform(0.5, 1.6) * np.exp(-u / rng.uniform(0.1, 0.5))


def _plateau(u: FloatArray, rng: np.random.Generator) -> Pair:
    base = np.exp(-u / rng.uniform(0.08, 0.3)) + rng.uniform(0.0, 0.1)
    later = np.where(u > rng.uniform(0.2, 0.6), rng.normal(0, 0.4), 0.0)
    return base, _effect(rng) + later


def _pieces(u: FloatArray, rng: np.random.Generator) -> Pair:
    edges = np.sort(rng.uniform(0, 1, rng.integers(2, 7)))
    place = np.searchsorted(edges, u)
    base = np.exp(0.7 * rng.standard_normal(edges.size + 1))
    own = 0.35 * rng.standard_normal(edges.size + 1)
    return base[place], _effect(rng) + own[place]


def _random_walk(u: FloatArray, rng: np.random.Generator) -> Pair:
    walk = np.cumsum(rng.standard_normal((2, u.size)), axis=1) / math.sqrt(u.size)
    return np.exp(rng.uniform(0.2, 1.2) * walk[0]), _effect(rng) + rng.uniform(0, 0.8) * walk[1]


COURSES: dict[str, Callable[[FloatArray, np.random.Generator], Pair]] = {
    "proportional": _proportional,
    "falling Weibull": _weibull(0.45, 0.85),
    "rising Weibull": _weibull(1.2, 2.2),
    "early high": _early_high,
    "crossing": _crossing,
    "delayed": _delayed,
    "fading": _fading,
    "plateau": _plateau,
    "pieces": _pieces,
    "random walk": _random_walk,
    "visits": _proportional,
    "visits, delayed": _delayed,
}


def simulated_trial(seed: int) -> SimulatedTrial:
    """Simulate one trial; courses take turns.

    Parameters
    ----------
    seed : int
        0 or more. The same seed gives the same trial.
    """
    for attempt in range(100):
        rng = np.random.default_rng([seed, attempt])
        course = list(COURSES)[seed % len(COURSES)]
        trial = _trial(seed, course, rng)
        if trial is not None:
            return trial
    raise RuntimeError(f"no trial of seed {seed} had events in both arms")


def _trial(seed: int, course: str, rng: np.random.Generator) -> SimulatedTrial | None:
    end = float(np.exp(rng.uniform(math.log(12), math.log(132))))
    u = (np.arange(CELLS) + 0.5) / CELLS
    base, log_ratio = COURSES[course](u, rng)
    # share of the reference arm that would have the event by the planned end
    share = 1 - np.exp(-np.exp(rng.uniform(math.log(0.12), math.log(3.5))))
    base = base * -math.log1p(-share) / base.mean()
    sizes, same = _sizes(rng), rng.random() < 0.65
    shortest, early = rng.uniform(0.0, 0.9), np.exp(0.4 * rng.standard_normal())
    dropout = float(rng.choice([0.0, rng.exponential(0.15), rng.exponential(0.7)]))
    visits = rng.uniform(1.4, 3.5) if course.startswith("visits") else 0.0
    ties = str(rng.choice(list(TIES), p=[0.25, 0.35, 0.15, 0.25]))
    tie = TIES[ties]
    arms = []
    for n, hazard in zip(sizes, (base, base * np.exp(log_ratio)), strict=True):
        rate = dropout if same else dropout * rng.uniform(0.3, 3.0)
        entry = shortest if same else min(shortest * rng.uniform(0.7, 1.3), 0.98)
        death = _event_times(hazard, n, rng) * end
        leave = (entry + (1 - entry) * rng.random(n) ** early) * end
        leave = np.minimum(leave, rng.exponential(end / max(rate, 1e-9), n))
        if visits:
            death = _seen(death, visits, end, rng)
        time, event = np.minimum(death, leave), death <= leave
        if tie:
            time = np.ceil(np.maximum(time, 1e-9) / tie) * tie
        order = np.lexsort((~event, time))
        arms.append((np.maximum(time[order], 1e-3), event[order]))
    return trial_of(seed, course, ties, (arms[0], arms[1]))


def trial_of(
    seed: int, course: str, ties: str, arms: tuple[Arm, Arm], *, fewest: int = 1
) -> SimulatedTrial | None:
    """Return the trial of two arms and its hazard ratio; None where that cannot be estimated.

    Parameters
    ----------
    seed, course, ties
        As of the trial.
    arms : two pairs of ndarrays, shapes (n of the arm,)
        Times in order, and whether each is an event; the reference arm first.
    fewest : int
        Events that each arm must have.
    """
    (time, event), (second_time, second_event) = arms
    if min(event.sum(), second_event.sum()) < fewest:
        return None
    cox = BatchedCox.of(
        RiskSets.of(
            np.concatenate([time, second_time])[None],
            np.concatenate([event, second_event])[None],
            np.arange(time.size + second_time.size) >= time.size,
        )
    )
    if not cox.converged[0]:
        return None
    return SimulatedTrial(
        seed=seed,
        course=course,
        ties=ties,
        time=(time, second_time),
        event=(event, second_event),
        log_hazard_ratio=float(cox.log_hazard_ratio[0]),
        se=float(cox.se[0]),
    )


def _sizes(rng: np.random.Generator) -> tuple[int, int]:
    """Return the patients of both arms: small, middling and large trials as often as each other."""
    low, high = [(SMALLEST, 40), (40, 150), (150, LARGEST)][rng.integers(3)]
    first = int(np.exp(rng.uniform(math.log(low), math.log(high))))
    ratio = float(rng.choice([1.0, 1.0, 1.0, 2.0, 0.5, rng.uniform(0.6, 1.6)]))
    second = int(np.clip(round(first * ratio + rng.normal(0, 0.02 * first)), SMALLEST, LARGEST))
    return first, second


def _event_times(hazard: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    """Draw times in shares of the planned end, infinite after it."""
    cumulative = np.concatenate([[0.0], np.cumsum(hazard) / CELLS])
    reached = rng.exponential(1.0, n)
    grid = np.linspace(0, 1, CELLS + 1)
    return np.where(reached < cumulative[-1], np.interp(reached, cumulative, grid), np.inf)


def _seen(death: FloatArray, every: float, end: float, rng: np.random.Generator) -> FloatArray:
    """Return when events are seen: at the next visit or a few days beside it, some between."""
    step = min(every, end / 6)
    visit = np.ceil(death / step) * step + 0.06 * step * rng.standard_normal(death.size)
    between = rng.random(death.size) < 0.12
    return np.where(between | ~np.isfinite(death), death, np.maximum(visit, 0.02 * step))


def main() -> None:
    """Print some trials and what each kind of paper reports of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=3, help="how many")
    parser.add_argument("--first", type=int, default=0, help="seed of the first")
    options = parser.parse_args()
    for seed in range(options.first, options.first + options.trials):
        trial = simulated_trial(seed)
        sizes = " and ".join(str(time.size) for time in trial.time)
        events = " and ".join(str(int(event.sum())) for event in trial.event)
        ratio = math.exp(trial.log_hazard_ratio)
        print(f"\n{seed}: {trial.course}; n {sizes}; events {events}; hazard ratio {ratio:.3f}")
        for kind in PAPERS:
            print(f"  {kind}: {_text(paper_of(trial, kind))}")


def _text(endpoint: Endpoint) -> str:
    shown = endpoint.model_dump(mode="json", exclude_none=True, include={"arms", "reported"})
    return str(shown)


if __name__ == "__main__":
    main()
