"""Dash patterns: which of several curves of one colour is which sample of the legend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .legend import LegendEntry
from .traced import TracedArm

FloatArray = npt.NDArray[np.float64]

_SEEN = 0.35  # ink of a column from which it belongs to a dash
_FLAT = 0.6  # pixels: rows that differ less are one step
_LENGTH = 0.3  # weight of the length of a dash (its logarithm) beside the share that is ink
_MIXED = 0.3  # weight of dots between the dashes
_HUE = 0.005  # weight of a difference of hue, by level of red, green and blue
_OFTEN = 0.3  # share of short dashes from which they belong to the pattern
_LEAST_APART = 0.06  # by how much exchanged names have to fit worse


def by_dash(
    entries: Sequence[LegendEntry],
    arms: Sequence[TracedArm],
    inks: Sequence[FloatArray] = (),
) -> tuple[list[tuple[int, int]], bool]:
    """Give each sample of the legend the curve whose dashes it has.

    Parameters
    ----------
    entries : sequence of LegendEntry
    arms : sequence of TracedArm
        All of one colour.
    inks : sequence of ndarray, optional
        Red, green and blue of each curve as seen: thin lines of several hues may all be greyish.

    Returns
    -------
    tuple
        Pairs of an entry and a curve, and whether two of them fit nearly as well exchanged.
    """
    from scipy.optimize import linear_sum_assignment

    if not entries or not arms:
        return [], False
    longest = max(e.dash for e in entries)
    samples = np.array([_pattern(e.filled, e.dash, e.mixed, longest) for e in entries])
    curves = np.array([_pattern(a.filled, *dash_length(a), longest) for a in arms])
    cost = np.abs(samples[:, None] - curves[None, :]).sum(axis=2)
    if len(inks) == len(arms):
        colours = np.array([_tint(np.asarray(e.rgb)) for e in entries])
        seen = np.array([_tint(ink) for ink in inks])
        cost += _HUE * np.abs(colours[:, None] - seen[None, :]).sum(axis=2)
    pairs = [(int(i), int(j)) for i, j in zip(*linear_sum_assignment(cost), strict=True)]
    doubtful = any(
        cost[i, m] + cost[k, j] - cost[i, j] - cost[k, m] < _LEAST_APART
        for n, (i, j) in enumerate(pairs)
        for k, m in pairs[n + 1 :]
    )
    return pairs, doubtful


def _tint(rgb: FloatArray) -> FloatArray:
    """Hue without darkness, which depends on the thickness of a line."""
    return np.asarray(rgb - rgb.mean())


def _pattern(filled: float, dash: float, mixed: bool, longest: float) -> tuple[float, ...]:
    """Share of ink, length and evenness of dashes; a sample shows no more than its own length."""
    length = float(np.log(np.clip(dash, 1.0, max(longest, 1.0))))
    return filled, _LENGTH * length, _MIXED * mixed


def dash_length(arm: TracedArm) -> tuple[float, bool]:
    """Usual length of the longer dashes of a curve, and whether shorter ones alternate with them.

    Parameters
    ----------
    arm : TracedArm

    Returns
    -------
    tuple
        The third quartile of the runs of ink that begin and end within one step, in pixels.
    """
    rows = arm.curve.rows
    own = arm.curve.own[: len(rows)] > _SEEN
    edges = np.diff(np.concatenate([[0], own.astype(np.int8), [0]]))
    runs = [
        b - a
        for a, b in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
        if np.ptp(rows[a:b]) < _FLAT
    ]
    if not runs:
        return float(len(rows)), False
    usual = float(np.percentile(runs, 75))
    return usual, bool(np.mean(np.array(runs) < 0.5 * usual) > _OFTEN)
