"""Trials of drawn figures: simulated patients and their Kaplan-Meier curves."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

NAMES = (
    ("Placebo", "Active"), ("Control", "Experimental"), ("Low risk", "High risk"),
    ("Surgery", "Radiotherapy"), ("Arm A", "Arm B"), ("Chemotherapy", "Chemotherapy + drug X"),
    ("Wild type", "Mutant"), ("Stage I", "Stage II", "Stage III", "Stage IV"),
    ("Q1", "Q2", "Q3", "Q4"), ("Group 1", "Group 2", "Group 3", "Group 4"),
    ("Nivolumab", "Docetaxel"), ("No", "Yes"), ("Male", "Female"),
    ("10 mg", "20 mg", "40 mg"), ("CR", "PR", "SD", "PD"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Arm:
    """Patients of an arm and their Kaplan-Meier curve."""

    name: str
    time: FloatArray
    event: npt.NDArray[np.bool_]

    def curve(self) -> tuple[FloatArray, FloatArray]:
        """Return the times of events and survival after each."""
        at = np.unique(self.time[self.event])
        ordered = np.sort(self.time)
        risk = len(ordered) - np.searchsorted(ordered, at)
        deaths = np.array([(self.time[self.event] == t).sum() for t in at])
        return at, np.cumprod(1 - deaths / risk)

    def at_risk(self, times: FloatArray) -> list[int]:
        """Patients still followed just before each time."""
        return [int((self.time >= t).sum()) for t in times]

    def error(self) -> FloatArray:
        """Greenwood's standard error of the log of survival after each event."""
        at = np.unique(self.time[self.event])
        ordered = np.sort(self.time)
        risk = len(ordered) - np.searchsorted(ordered, at)
        deaths = np.array([(self.time[self.event] == t).sum() for t in at])
        return np.asarray(np.sqrt(np.cumsum(deaths / np.maximum(risk * (risk - deaths), 0.5))))


def write_patients(path: Path, arms: Sequence[Arm]) -> None:
    """Write patients for R: time, event (1 happened) and arm."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "event", "arm"))
        for arm in arms:
            patients = zip(arm.time, arm.event, strict=True)
            writer.writerows((t, int(e), arm.name) for t, e in patients)


def random_arms(rng: np.random.Generator, unit: str) -> tuple[list[Arm], float]:
    """Draw trials: names and patients of 1 to 4 arms, and the last tick of the time axis."""
    count = int(rng.choice([1, 2, 3, 4], p=[0.08, 0.62, 0.18, 0.12]))
    names = [names for names in NAMES if len(names) >= count]
    chosen = names[int(rng.integers(len(names)))][:count]
    n = int(rng.choice([25, 60, 120, 250, 600]))
    lengths = {"months": [12, 24, 36, 48, 60, 120], "years": [3, 5, 8, 10],
               "days": [180, 365, 1000, 2000], "weeks": [52, 104, 156]}  # fmt: skip
    end = float(rng.choice(lengths[unit]))
    base = end * float(np.exp(rng.normal(0.1, 0.7)))
    shape = float(rng.choice([0.7, 1.0, 1.4]))
    grid = end * float(rng.choice([0.0, 0.002, 0.01]))
    arms = []
    for k, name in enumerate(chosen):
        m = max(12, round(n * float(rng.uniform(0.7, 1.3))))
        scale = base * float(np.exp(rng.normal(0, 0.12) + 0.35 * k * rng.choice([-1, 1])))
        death = scale * rng.weibull(shape, m)
        if rng.random() < 0.25:  # a part that is cured: a plateau
            death = np.where(rng.random(m) < 0.25, np.inf, death)
        close = end * rng.uniform(0.4, 1.15, m) if rng.random() < 0.8 else np.full(m, end * 1.05)
        lost = np.where(rng.random(m) < 0.1, end * rng.uniform(0, 1, m), np.inf)
        censor = np.minimum(close, lost)
        time = np.minimum(death, censor)
        time = np.ceil(time / grid) * grid if grid else time
        arms.append(Arm(name=name, time=np.maximum(time, 1e-9), event=death <= censor))
    return arms, end


def nice_step(end: float, unit: str, rng: np.random.Generator) -> float:
    """Distance of the labels of the time axis."""
    options = {"months": [3, 6, 12, 24], "years": [0.5, 1, 2], "days": [30, 50, 90, 100, 250, 500],
               "weeks": [8, 13, 26, 52]}[unit]  # fmt: skip
    fitting = [s for s in options if 3 <= end / s <= 11]
    return float(rng.choice(fitting)) if fitting else end / 4


def drawn_until(arm: Arm, end: float, first: float = 0.0) -> float:
    """Where the drawing of a curve ends: with the data, the axis, or below the first label."""
    at, survival = arm.curve()
    below = at[survival < first]
    return float(min([arm.time.max(), end, *below[:1]]))


def drawing(arm: Arm, end: float) -> tuple[FloatArray, FloatArray]:
    """Corners of the drawn curve: times and survival after each."""
    at, survival = arm.curve()
    until = drawn_until(arm, end)
    inside = at <= until
    x = np.concatenate([[0.0], at[inside], [until]])
    y = np.concatenate([[1.0], survival[inside], [1.0]])
    y[-1] = y[-2]
    return x, y
