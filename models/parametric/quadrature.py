"""Nodes and weights for areas under survival curves, in log time."""

from __future__ import annotations

import functools
import math

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray

__all__ = ["log_time_nodes"]

_NODES = 8
_FINE, _COARSE = 0.25, 1.0  # width of panels in log time
_NEAR = 5.0  # log time around the end of follow-up where panels are fine
_EARLIEST = 36.0  # exp(-36) of the end of follow-up: nothing is lived before
_LATEST = 600.0


def log_time_nodes(*, until: float | None, scale: float) -> tuple[FloatArray, FloatArray]:
    """Return times and weights such that the sum of weight S(time) is the area under S.

    Parameters
    ----------
    until : float or None
        End of the area, positive; None for the whole.
    scale : float
        A time at which survival changes, such as the end of follow-up.

    Returns
    -------
    time, weight : ndarray of float, shape (k,)

    Notes
    -----
    Gauss-Legendre rules with 8 nodes on panels of ln t: the integral of S dt is that of
    S(e^x) e^x dx. Panels are 0.25 wide near the end of follow-up, where splines have knots.
    """
    middle = math.log(scale)
    last = middle + _LATEST if until is None else math.log(until)
    fine = np.arange(middle - _NEAR, min(middle + _NEAR, last), _FINE)
    edges: list[FloatArray] = [
        np.arange(middle - _EARLIEST, min(middle - _NEAR, last), _COARSE),
        fine,
        np.arange(middle + _NEAR, last, _COARSE) if last > middle + _NEAR else np.empty(0),
        np.array([last]),
    ]
    at = np.unique(np.concatenate(edges))
    node, weight = _rule()
    half = np.diff(at)[:, None] / 2
    x = (at[:-1, None] + half + half * node).ravel()
    time = np.exp(x)
    return time, (half * weight).ravel() * time


@functools.cache
def _rule() -> tuple[FloatArray, FloatArray]:
    return np.polynomial.legendre.leggauss(_NODES)
