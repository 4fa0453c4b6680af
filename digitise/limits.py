"""Confidence limits: thin or dashed lines of a curve's colour above and below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .canvas import Start
from .traced import Trace, TracedArm

FloatArray = npt.NDArray[np.float64]

_EVEN_GAPS = 2.2  # ratio of the distances of two limits from their curve, at most


def mean_row(path: Trace) -> float:
    """Mean row over the first two thirds of the columns."""
    return float(path.rows[: max(1, 2 * len(path.rows) // 3)].mean())


def nested(paths: Sequence[Trace]) -> bool:
    """Whether three paths keep their order over nearly all their common length."""
    length = min(len(p.rows) for p in paths)
    upper, middle, lower = (p.rows[:length] for p in sorted(paths, key=mean_row))
    return bool(np.mean((upper <= middle + 1) & (middle <= lower + 1)) > 0.85)


def without_intervals(arms: Sequence[TracedArm], start: Start) -> list[TracedArm]:
    """Drop thin or dashed lines that run above and below a curve at like distances.

    Confidence limits are even on the scale of log survival, so that near the curve the two
    distances are alike; other arms would have to part from it equally at all times.
    """
    left = list(arms)
    for middle in sorted(arms, key=lambda a: -a.curve.support * a.curve.width):
        if not any(arm is middle for arm in left):
            continue
        pairs = _around(middle, left)
        pair = next(
            ((u, v) for u, v in pairs if mirrored(u.curve, middle.curve, v.curve, start)), None
        )
        if pair is not None:
            rest = [arm for arm in left if arm is not pair[0] and arm is not pair[1]]
            left = [replace(arm, flanked=True) if arm is middle else arm for arm in rest]
    return left


def _around(middle: TracedArm, arms: Sequence[TracedArm]) -> list[tuple[TracedArm, TracedArm]]:
    """Pairs of thinner or dashed lines, one wholly above and one wholly below a curve."""
    weaker = [a for a in arms if a is not middle and _is_weaker(a, middle)]
    above = [a for a in weaker if _side(a, middle) < 0]
    below = [a for a in weaker if _side(a, middle) > 0]
    return [(u, v) for u in above for v in below]


def may_be_limits(arms: Sequence[TracedArm], expected: int | None) -> list[str]:
    """Say that lines which are read as arms may be confidence limits, if nothing counts the arms.

    Parameters
    ----------
    arms : sequence of TracedArm
    expected : int or None
        How many arms legend, table or a hint name.

    Returns
    -------
    list of str
    """
    if expected is not None or not any(_around(middle, arms) for middle in arms):
        return []
    return [
        "two arms are dashed or thinner lines, one above and one below another arm, and nothing in "
        "the figure names them: they may be its confidence limits."
    ]


def _is_weaker(arm: TracedArm, middle: TracedArm) -> bool:
    """Whether a line is thinner, or dashed beside a solid one."""
    one, other = arm.curve, middle.curve
    dashed = one.support < 0.9 and one.support < other.support - 0.08
    return one.width < 0.8 * other.width or dashed


def _side(arm: TracedArm, middle: TracedArm) -> int:
    """Return -1 for a line wholly above a curve, 1 for one wholly below, 0 otherwise."""
    length = min(len(arm.curve.rows), len(middle.curve.rows))
    gap = arm.curve.rows[:length] - middle.curve.rows[:length]
    if (gap < 1.5).mean() > 0.95:
        return -1
    return 1 if (gap > -1.5).mean() > 0.95 else 0


def mirrored(
    upper: Trace, middle: Trace, lower: Trace, start: Start, *, least: float = 0.8
) -> bool:
    """Whether two lines are equally far from the one between them in most columns.

    That is in pixels or, where the foot of the plot is known, in the log of survival; columns in
    which the upper limit is 1 say nothing of that.
    """
    length = min(len(path.rows) for path in (upper, middle, lower))
    rows = np.stack([path.rows[:length] for path in (upper, middle, lower)])
    gaps = np.diff(rows, axis=0)
    apart = (gaps > 2).any(axis=0)
    if apart.mean() < 0.3:
        return False
    if _are_even(np.maximum(gaps[:, apart], 0.5), least):
        return True
    below_one = apart & (rows[0] > start.row + start.slack)
    logs = -np.diff(np.log(np.maximum(start.foot - rows[:, below_one], 0.5)), axis=0)
    known = np.isfinite(start.foot) and below_one.mean() >= 0.3
    return bool(known and _are_even(np.maximum(logs, 1e-6), least))


def _are_even(gaps: FloatArray, least: float) -> bool:
    return bool((np.abs(np.log(gaps[0] / gaps[1])) < np.log(_EVEN_GAPS)).mean() > least)
