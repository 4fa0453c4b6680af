"""Trials that are random parts of those of a corpus: courses of real trials, in any number.

`calibration.py --subsampled` uses them. Some of the patients of both arms are drawn without
replacement, which are a sample of the same population as all of them; times are those of the trial,
or recorded in a coarser unit. What a simulator takes for a course plays no part: hazards,
censoring and visits are those of the trial. Nothing was ever chosen on them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from corpus import BESIDE_THE_PROJECT, read_trials
from simulated_trials import SMALLEST, TIES, SimulatedTrial, trial_of

__all__ = ["subsampled_trial"]

FloatArray = npt.NDArray[np.float64]
FINEST = 24  # the longest follow-up is at least so many units in which times are recorded
MONTHS = {"days": 1 / 30.4375, "weeks": 7 / 30.4375, "months": 1.0, "years": 12.0}


class _Arm(NamedTuple):
    time: FloatArray
    event: npt.NDArray[np.bool_]


class _Original(NamedTuple):
    course: str
    arms: tuple[_Arm, _Arm]


@cache
def _originals(folder: Path) -> tuple[_Original, ...]:
    """Read the patients of every trial, times in months."""
    patients = dict(iter(pd.read_csv(folder / "ipd.csv.gz").groupby("id")))
    found = []
    for trial in read_trials(folder):
        own = patients[trial.id]
        months = own["time"].to_numpy(float) * MONTHS[trial.unit]
        event, second = own["event"].to_numpy(bool), own["arm"].to_numpy() == 1
        arms = (_Arm(months[~second], event[~second]), _Arm(months[second], event[second]))
        found.append(_Original(course=trial.course, arms=arms))
    return tuple(found)


def subsampled_trial(seed: int, folder: Path = BESIDE_THE_PROJECT) -> SimulatedTrial:
    """Subsample one trial, any of the corpus.

    Parameters
    ----------
    seed : int
        0 or more. The same seed gives the same trial.
    folder : Path
        The corpus.
    """
    originals = _originals(folder)
    for attempt in range(100):
        rng = np.random.default_rng([seed, attempt, 13])
        original = originals[rng.integers(len(originals))]
        longest = max(arm.time.max() for arm in original.arms)
        ties = str(rng.choice([unit for unit in TIES if TIES[unit] * FINEST <= longest]))
        sizes = np.array([arm.time.size for arm in original.arms])
        share = np.exp(rng.uniform(np.log(min(SMALLEST / sizes.min(), 1.0)), 0.0))
        pairs = zip(original.arms, np.rint(share * sizes).astype(int), strict=True)
        arms = [_part(arm, n, TIES[ties], rng) for arm, n in pairs]
        trial = trial_of(seed, original.course, ties, (arms[0], arms[1]))
        if trial is not None:
            return trial
    raise RuntimeError(f"no trial of seed {seed} had events in both arms")


def _part(arm: _Arm, n: int, tie: float, rng: np.random.Generator) -> _Arm:
    rows = rng.permutation(arm.time.size)[:n]
    time, event = arm.time[rows], arm.event[rows]
    if tie:
        time = np.ceil(np.maximum(time, 1e-9) / tie) * tie
    order = np.lexsort((~event, time))
    return _Arm(np.maximum(time[order], 1e-3), event[order])
