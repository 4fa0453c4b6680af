"""Whole numbers of events and censorings along one arm's curve, of many paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..curves.knots import Counts

__all__ = ["CurvePaths"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePaths:
    """Whole numbers along one arm's curve, a row per path.

    Attributes
    ----------
    censored, early, events : ndarray of int, shape (rows, knots)
        Censorings in the gap before each knot, and those of them before its events; events at the
        knot or in the gap.
    tail : ndarray of int, shape (rows,)
        Events after the last knot.
    missed : float
        Share of the heights that paths were well outside of on their way; 1 more if none has the
        reported events.
    log_evidence : float
        Log of how well the paths of the run fit in the mean.
    """

    censored: Counts
    early: Counts
    events: Counts
    tail: Counts
    missed: float
    log_evidence: float = 0.0

    def take(self, rows: Counts) -> CurvePaths:
        """Return some of the paths."""
        parts = ("censored", "early", "events", "tail")
        return replace(self, **{name: getattr(self, name)[rows] for name in parts})

    @classmethod
    def joined(cls, runs: Sequence[CurvePaths]) -> CurvePaths:
        """Return the paths of several runs."""
        return cls(
            censored=np.concatenate([run.censored for run in runs]),
            early=np.concatenate([run.early for run in runs]),
            events=np.concatenate([run.events for run in runs]),
            tail=np.concatenate([run.tail for run in runs]),
            missed=float(np.mean([run.missed for run in runs])),
        )
