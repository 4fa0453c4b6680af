"""Random scenarios: what may be unlike the likeliest guess, and by how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

import numpy as np

from ..scenario import MedianOf, Scenario

__all__ = ["random_scenarios"]

# Chosen on one half of a corpus of trials whose data are known, by publication, so that intervals
# cover what they say; benchmarks/calibration.py reports both halves.
WAVES = 6
BEND = 0.45  # standard deviation of the first wave in the log hazard
TAIL = 0.3  # standard deviation of the log hazard after the last printed value
ACCRUAL = 0.3  # standard deviation of the log power of time
DROPOUT = 0.12  # mean of expected drop-outs per patient over the follow-up
STRONGEST = 2.0  # censoring where nothing says it: 1 is entry at a constant rate up to the end


def random_scenarios(arms: Iterable[str], rng: np.random.Generator) -> dict[str, Scenario]:
    """Return one scenario for each arm: the arms' hazards bend apart, censoring runs alike."""
    alike = Scenario(
        accrual=float(np.exp(ACCRUAL * rng.standard_normal())),
        dropout=float(rng.exponential(DROPOUT)),
        log_strength=float(np.log(rng.uniform(0.0, STRONGEST))),
        follow_up=get_args(MedianOf)[rng.integers(3)],
    )
    fade = np.sqrt(np.arange(1, WAVES + 1))
    return {
        name: replace(
            alike,
            waves=BEND * rng.standard_normal(WAVES) / fade,
            tail=float(np.exp(TAIL * rng.standard_normal())),
        )
        for name in arms
    }
