"""Random scenarios: what may be unlike the likeliest guess, and by how much."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..scenario import Scenario

__all__ = ["random_scenarios"]

# Chosen on one half of a corpus of trials whose data are known, by publication, so that intervals
# cover what they say; benchmarks/calibration.py reports both halves.
WAVES = 6
BEND = 0.5  # standard deviation of the first wave in the log hazard
TAIL = 0.3  # standard deviation of the log hazard after the last printed value
DROPOUT = 0.2  # mean of expected drop-outs per patient over the follow-up


def random_scenarios(arms: Iterable[str], rng: np.random.Generator) -> dict[str, Scenario]:
    """Return one scenario for each arm: the arms' hazards bend apart, dropping out is alike."""
    dropout = float(rng.exponential(DROPOUT))
    return {name: _scenario(dropout, rng) for name in arms}


def _scenario(dropout: float, rng: np.random.Generator) -> Scenario:
    fade = np.sqrt(np.arange(1, WAVES + 1))
    return Scenario(
        waves=BEND * rng.standard_normal(WAVES) / fade,
        tail=float(np.exp(TAIL * rng.standard_normal())),
        dropout=dropout,
    )
