"""Confidence limits drawn as lines beside a curve, which are no curves of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .traced import TracedArm
from .tracing import Trace


def mean_row(path: Trace) -> float:
    """Mean row over the first two thirds of the columns."""
    return float(path.rows[: max(1, 2 * len(path.rows) // 3)].mean())


def nested(paths: Sequence[Trace]) -> bool:
    """Whether three paths keep their order over nearly all their common length."""
    length = min(len(p.rows) for p in paths)
    upper, middle, lower = (p.rows[:length] for p in sorted(paths, key=mean_row))
    return bool(np.mean((upper <= middle + 1) & (middle <= lower + 1)) > 0.85)


def without_intervals(arms: Sequence[TracedArm]) -> list[TracedArm]:
    """Drop thin or dashed lines that run above and below a curve at like distances.

    Confidence limits are even on the scale of log survival, so that near the curve the two
    distances are alike; other arms would have to part from it equally at all times.
    """
    left = list(arms)
    for middle in sorted(arms, key=lambda a: -a.filled * a.curve.width):
        if not any(arm is middle for arm in left):
            continue
        weaker = [a for a in left if a is not middle and _is_weaker(a, middle)]
        above = [a for a in weaker if _side(a, middle) < 0]
        below = [a for a in weaker if _side(a, middle) > 0]
        pair = next(
            ((u, v) for u in above for v in below if mirrored(u.curve, middle.curve, v.curve)),
            None,
        )
        if pair is not None:
            left = [arm for arm in left if arm is not pair[0] and arm is not pair[1]]
    return left


def _is_weaker(arm: TracedArm, middle: TracedArm) -> bool:
    """Whether a line is thinner, or dashed beside a solid one."""
    thinner = arm.curve.width < 0.8 * middle.curve.width
    return thinner or (arm.filled < 0.9 and arm.filled < middle.filled - 0.08)


def _side(arm: TracedArm, middle: TracedArm) -> int:
    """Return -1 for a line wholly above a curve, 1 for one wholly below, 0 otherwise."""
    length = min(len(arm.curve.rows), len(middle.curve.rows))
    gap = arm.curve.rows[:length] - middle.curve.rows[:length]
    if (gap < 1.5).mean() > 0.95:
        return -1
    return 1 if (gap > -1.5).mean() > 0.95 else 0


def mirrored(upper: Trace, middle: Trace, lower: Trace, *, least: float = 0.8) -> bool:
    """Whether two lines are equally far from the one between them in most columns."""
    length = min(len(path.rows) for path in (upper, middle, lower))
    up = middle.rows[:length] - upper.rows[:length]
    down = lower.rows[:length] - middle.rows[:length]
    apart = (up > 2) | (down > 2)
    if apart.mean() < 0.3:
        return False
    ratio = np.log(np.maximum(up[apart], 0.5) / np.maximum(down[apart], 0.5))
    return bool((np.abs(ratio) < np.log(2.2)).mean() > least)
