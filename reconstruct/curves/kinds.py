"""How the points of curves were read, and how they are read the other way: drops or heights.

Which of the two points are is recognised from how they fall and from numbers of patients. Where the
patients then show that it was wrong, the other way is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ...studies import DigitisedCurve, Endpoint
from ...studies.curve_reading import with_level_ends
from ...studies.fields import ReadOnlyDict

__all__ = ["misread", "other_kinds", "readings_tried"]

# Of the points, that are missed if they are read wrongly; else a search misses up to an eighth.
MISREAD = 0.2


def other_kinds(endpoint: Endpoint, names: Sequence[str]) -> Iterator[Endpoint]:
    """Yield an endpoint with the curves of single arms, then of all, read the other way.

    Parameters
    ----------
    endpoint : Endpoint
    names : sequence of str
        Arms that are asked about. Curves whose kind was stated stay as they are.
    """
    found = {}
    for name in names:
        curve = endpoint.arms[name].curve
        other = None if curve is None else _other(curve)
        if other is not None:
            found[name] = other
    for name in found:
        yield _with_curves(endpoint, {name: found[name]})
    if len(found) > 1:
        yield _with_curves(endpoint, found)


def _other(curve: DigitisedCurve) -> DigitisedCurve | None:
    if curve.kind_stated:
        return None
    other = curve.if_samples if curve.kind == "steps" else curve.if_steps
    if other is None:
        return None
    read, instead = ("drops", "heights") if curve.kind == "steps" else ("heights", "drops")
    said = f"points were read as {instead}, as they explain less as {read}."
    kept = tuple(repair for repair in other.repairs if not repair.startswith("points were read as"))
    return replace(other, repairs=(*kept, said))


def _with_curves(endpoint: Endpoint, curves: dict[str, DigitisedCurve]) -> Endpoint:
    """Return the endpoint with some curves exchanged, level to the end where drops are last."""
    every = {name: arm.curve for name, arm in endpoint.arms.items() if arm.curve is not None}
    rows = {name: endpoint.arms[name].at_risk for name in every}
    ended = with_level_ends(every | curves, rows)
    arms = {
        name: arm.model_copy(update={"curve": ended[name]}) if name in curves else arm
        for name, arm in endpoint.arms.items()
    }
    return endpoint.model_copy(update={"arms": ReadOnlyDict(arms)})


def misread(endpoint: Endpoint, misses: Mapping[str, int]) -> list[str]:
    """Name the arms whose patients miss much of the curve."""
    points = {name: len(arm.curve.time) for name, arm in endpoint.arms.items() if arm.curve}
    return [name for name, count in points.items() if misses[name] > MISREAD * count]


def readings_tried(endpoint: Endpoint) -> str:
    """Say how the points of each curve were read, and which option reads them otherwise."""
    said = []
    for name, arm in endpoint.arms.items():
        if arm.curve is not None:
            steps = arm.curve.kind == "steps"
            read, other = ("its drops", "samples") if steps else ("heights", "steps")
            stated = ", as stated" if arm.curve.kind_stated else ""
            said.append(f'of {name} as {read}{stated} (kind = "{other}" reads them otherwise)')
    return f"points were read: {', '.join(said)}" if said else ""


def curve_assumptions(curve: DigitisedCurve, *, at_whole: bool) -> list[str]:
    """Say how the points of a curve were read, and how they were repaired."""
    read = "its drops, with one event at least wherever it falls"
    if curve.kind == "samples":
        read = "heights"
    if at_whole:
        read = "heights between drops at whole times, since it falls around those only"
    low, high = (f"{100 * width:.3g}" for width in (min(curve.widths), max(curve.widths)))
    width = f"within {high} points" if low == high else f"within {low} to {high} points"
    return [
        f"the {len(curve.time)} points of the digitised curve were read as {read}, each "
        f"{width} ({curve.tolerance_source})",
        *(f"digitised curve: {repair.removesuffix('.')}" for repair in curve.repairs),
    ]


def last_of_curve(curve: DigitisedCurve, unit: str, *, last: float) -> str:
    """Say when the last patient leaves, and whether the curve ends there."""
    if np.isclose(last, curve.last_time, rtol=1e-9):
        return f"the last patient leaves at {last:g} {unit}, where the curve ends"
    where = "after" if last > curve.last_time else "before"
    return (
        f"the last patient leaves at {last:g} {unit}, {where} the end of the curve at "
        f"{curve.last_time:g} {unit}"
    )
