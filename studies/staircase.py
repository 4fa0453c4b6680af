"""Staircases: curves of which both ends of every vertical edge were clicked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["upper_corners"]

NARROW = 0.005  # of the time axis: an edge leans by no more
FLAT = 0.006  # of survival: a tread is level to within it
REGULAR = 0.8  # of the points after an edge are at the end of a tread, and the other way round
FEWEST_EDGES = 3
LOWEST_EDGE = 0.004  # of survival: nobody clicks both ends of a lower one
STEEP = 3.0  # an edge falls so many times further than a tread's ends differ
LEVEL = 0.2  # of the treads do not fall: heights of drops alone always would


def upper_corners(
    time: npt.NDArray[np.float64], survival: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Find the upper ends of edges that lean a little, because they were clicked by hand.

    Parameters
    ----------
    time : ndarray of float, shape (k,)
        Increasing.
    survival : ndarray of float, shape (k,)

    Returns
    -------
    ndarray of bool, shape (k,)
        True at upper ends; nowhere unless treads and edges alternate nearly throughout, as they
        do when every corner was clicked and hardly ever otherwise.
    """
    none = np.zeros(time.size, dtype=bool)
    if time.size < 2 * FEWEST_EDGES:
        return none
    width, fall = np.diff(time), -np.diff(survival)
    narrow = width <= NARROW * time[-1]
    edge = narrow & (fall > 0) & (fall > np.abs(_beside(fall)))
    tread = ~edge & (np.abs(fall) <= FLAT)
    pairs = (edge[:-1] & tread[1:]) | (tread[:-1] & edge[1:])
    if edge.sum() < FEWEST_EDGES or pairs.mean() < REGULAR:
        return none
    if np.median(fall[edge]) < max(LOWEST_EDGE, STEEP * np.median(np.abs(fall[tread]))):
        return none
    if np.mean(fall[tread] <= 0) < LEVEL:
        return none
    return np.concatenate([edge, [False]])


def _beside(fall: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return, for each stretch, how far the curve goes down or up in the flatter one beside it."""
    size = np.abs(fall)
    before = np.concatenate([[np.inf], size[:-1]])
    after = np.concatenate([size[1:], [np.inf]])
    return np.asarray(np.minimum(before, after))
