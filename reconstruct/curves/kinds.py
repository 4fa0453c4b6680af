"""Curves read the other way: as heights where points were taken for drops, and the reverse.

Which of the two points are is recognised from how they fall and from numbers of patients. Where the
patients then show that it was wrong, the other way is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...studies import DigitisedCurve, Endpoint
from ...studies.curve_reading import with_level_ends
from ...studies.fields import ReadOnlyDict

__all__ = ["other_kinds"]


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
