"""One guess at what is not reported: how the hazard bends and how censoring runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from .pseudo_ipd import FloatArray

__all__ = ["PLAIN", "MedianOf", "Scenario"]

MedianOf = Literal["reverse Kaplan-Meier", "everybody", "the event-free"]


def _no_waves() -> FloatArray:
    return np.zeros(0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario:
    """How hazard and censoring of one arm differ from the likeliest guess.

    Attributes
    ----------
    waves : ndarray of float, shape (k,)
        Amplitudes of cosine waves in the log hazard, the first of half a period over the whole
        follow-up; none by default.
    tail : float
        Hazard after the last reported value, as a multiple of the default there, positive.
    accrual : float
        Power that the share of the follow-up is raised to before censoring is looked up, positive:
        above 1, fewer patients are censored early and more late.
    dropout : float
        Expected number of times that a patient drops out over the whole follow-up, at a constant
        rate and besides the censoring that is calibrated; 0 or more.
    log_strength : float
        Logarithm of the strength of censoring where nothing reported says it; none by default.
    follow_up : str
        Whose median follow-up the paper reports, where censoring is calibrated to it.
    """

    waves: FloatArray = field(default_factory=_no_waves)
    tail: float = 1.0
    accrual: float = 1.0
    dropout: float = 0.0
    log_strength: float = -9.0
    follow_up: MedianOf = "reverse Kaplan-Meier"

    def log_hazard(self, share: FloatArray) -> FloatArray:
        """Return what the waves add to the log hazard, by the share of the events that is past."""
        place = np.arange(1, self.waves.size + 1)
        return np.asarray(np.cos(np.pi * np.outer(share, place)) @ self.waves)


PLAIN = Scenario()
