"""Figures of simulated trials, and how people and programs read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["ARMS", "WAYS", "Arm", "Figure", "Points", "Way", "drawn", "simulated"]

FloatArray = npt.NDArray[np.float64]
Arm = tuple[FloatArray, npt.NDArray[np.bool_]]
Points = tuple[FloatArray, FloatArray]

ARMS = ("Control", "New")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One arm's Kaplan-Meier curve: its drops, survival after them, and where it ends."""

    drops: FloatArray
    heights: FloatArray
    end: float

    def at(self, times: FloatArray) -> FloatArray:
        """Return survival at some times."""
        before = np.concatenate([[1.0], self.heights])
        return np.asarray(before[np.searchsorted(self.drops, times, side="right")])


def simulated(
    rng: np.random.Generator, *, visits: bool, few_events: bool = False
) -> dict[str, Arm]:
    """Simulate a trial of 40 to 400 patients an arm, with staggered entry."""
    n, hazard = int(rng.integers(40, 400)), float(rng.uniform(0.015, 0.08))
    ratio, shape = float(np.exp(rng.normal(-0.3, 0.3))), float(rng.uniform(0.8, 1.4))
    if few_events:
        n, hazard = int(rng.integers(150, 600)), float(rng.uniform(0.002, 0.008))
    arms = {}
    for name, factor in zip(ARMS, (1.0, ratio), strict=True):
        time = (rng.exponential(1.0, n) / factor) ** (1 / shape) / hazard
        if visits:
            seen = np.ceil(time / 2.0) * 2.0 + rng.normal(0, 0.1, n)
            time = np.where(rng.random(n) < 0.7, np.maximum(seen, 0.05), time)
        censored = np.minimum(rng.uniform(10, 40, n), rng.exponential(120, n))
        kept = np.maximum(np.round(np.minimum(time, censored), 2), 0.01)
        arms[name] = (kept, time <= censored)
    return arms


def drawn(arm: Arm) -> Figure:
    """Estimate the curve of an arm."""
    time, event = arm
    drops, deaths = np.unique(time[event], return_counts=True)
    at_risk = (time[:, None] >= drops).sum(axis=0)
    return Figure(drops=drops, heights=np.cumprod(1 - deaths / at_risk), end=float(time.max()))


def lower_ends(figure: Figure, _rng: np.random.Generator) -> Points:
    """Write down every drop exactly, at its lower end, and the end of the curve."""
    return (
        np.append(figure.drops, figure.end),
        np.append(figure.heights, figure.heights[-1]).round(4),
    )


def noisy(points: Points, rng: np.random.Generator, *, share: float) -> Points:
    """Miss by a normal error of a share of each axis."""
    time, height = points
    top = float(time.max())
    return (
        np.maximum(time + rng.normal(0, share * top, time.size), 0.0),
        np.clip(height + rng.normal(0, share, time.size), 0.0, 1.0),
    )


def careful(figure: Figure, rng: np.random.Generator) -> Points:
    """Click every drop and each long flat, out by 0.15% in height and 0.1% in time."""
    times, _ = lower_ends(figure, rng)
    gaps = np.diff(times, prepend=0.0)
    flats = times[gaps > 0.02 * figure.end] - gaps[gaps > 0.02 * figure.end] / 2
    times = np.sort(np.concatenate([times, flats]))
    return noisy((times, figure.at(times)), rng, share=0.0013)


def anywhere(figure: Figure, rng: np.random.Generator) -> Points:
    """Click 10 to 60 points anywhere on the curve, out by 0.1 to 1% of the axes."""
    times = np.append(np.sort(rng.uniform(0, figure.end, int(rng.integers(10, 61)))), figure.end)
    return noisy((times, figure.at(times)), rng, share=float(rng.choice([0.001, 0.004, 0.01])))


def corners(figure: Figure, rng: np.random.Generator) -> Points:
    """Click both ends of every edge, at most 60 of them, off by 0.1 to 0.4%."""
    kept = np.unique(np.linspace(0, figure.drops.size - 1, 60).astype(int))
    drops, heights = figure.drops[kept], figure.heights[kept]
    time = np.append(np.repeat(drops, 2), figure.end)
    height = np.column_stack([np.append(1.0, figure.heights)[kept], heights]).ravel()
    return noisy(
        (time, np.append(height, heights[-1])), rng, share=float(rng.choice([0.001, 0.004]))
    )


def traced(figure: Figure, rng: np.random.Generator) -> Points:
    """Trace the pixels of a picture of 200 to 800 rows: both ends of every level."""
    rows = int(rng.integers(200, 801))
    columns = np.linspace(0, figure.end, int(1.5 * rows))
    heights = np.round(figure.at(columns) * rows) / rows
    change = np.flatnonzero(np.diff(heights)) + 1
    kept = np.unique(np.concatenate([[0], change - 1, change, [columns.size - 1]]))
    return columns[kept], heights[kept]


def even(figure: Figure, _rng: np.random.Generator) -> Points:
    """Read 100 heights at even distances, to three decimals."""
    times = np.linspace(0, figure.end, 101)[1:]
    return times, figure.at(times).round(3)


def untouched_end(figure: Figure, _rng: np.random.Generator) -> Points:
    """Write down every drop exactly and nothing after the last."""
    return figure.drops, figure.heights.round(4)


def zoomed(figure: Figure, rng: np.random.Generator) -> Points:
    """Click 10 to 60 points of a figure whose axis of survival shows only where the curve is."""
    shown = 1.0 - max(np.floor(20 * figure.heights[-1]) / 20 - 0.05, 0.0)
    times = np.append(np.sort(rng.uniform(0, figure.end, int(rng.integers(10, 61)))), figure.end)
    share = float(rng.choice([0.001, 0.004, 0.01]))
    time = np.maximum(times + rng.normal(0, share * figure.end, times.size), 0.0)
    height = figure.at(times) + rng.normal(0, share * shown, times.size)
    return time, np.clip(height, 0.0, 1.0)


def steep(figure: Figure, rng: np.random.Generator) -> Points:
    """Click anywhere, and along every edge of more than 4% eight points in no order."""
    times = np.append(np.sort(rng.uniform(0, figure.end, 40)), figure.end)
    height = figure.at(times) + rng.normal(0, 0.001, times.size)
    parts = [(times, height)]
    for visit in np.arange(2.0, figure.end, 2.0):
        ends = np.array([visit - 0.3, visit + 0.3])
        high, low = figure.at(ends)
        if high - low > 0.04:
            levels = rng.permutation(np.linspace(high, low, 10)[1:-1])
            steps = np.minimum(np.searchsorted(-figure.heights, -levels), figure.drops.size - 1)
            off = rng.normal(0, 0.0006 * figure.end, levels.size)
            parts.append((figure.drops[steps] + off, levels))
    time, read = (np.concatenate(part) for part in zip(*parts, strict=True))
    return np.maximum(time, 0.0), np.clip(read, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way of reading a figure, and the kind of trial that is read so.

    Attributes
    ----------
    read : callable
        Returns the points that are read of a figure.
    visits : bool or None
        Whether progression is seen at visits; None for every other trial.
    few_events : bool
        Whether few patients have their event.
    """

    read: Callable[[Figure, np.random.Generator], Points]
    visits: bool | None = None
    few_events: bool = False

    def trial(self, seed: int, rng: np.random.Generator) -> dict[str, Arm]:
        """Simulate the trial of a seed."""
        visits = bool(seed % 2) if self.visits is None else self.visits
        return simulated(rng, visits=visits, few_events=self.few_events)


WAYS: Mapping[str, Way] = {
    "every drop, exact": Way(read=lower_ends),
    "every drop, no end": Way(read=untouched_end),
    "100 even heights": Way(read=even),
    "careful clicks": Way(read=careful),
    "clicked anywhere": Way(read=anywhere),
    "clicked corners": Way(read=corners),
    "traced pixels": Way(read=traced),
    "zoomed, few events": Way(read=zoomed, visits=False, few_events=True),
    "steep edges": Way(read=steep, visits=True),
}
