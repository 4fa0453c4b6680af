"""The printed numbers that the reconstructed patients do not meet, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from ..reconstruct.pseudo_ipd import PseudoIPD
from ..studies.endpoint import Endpoint
from ._risk_sets import n_at_risk_before
from .landmark_check import LandmarkCheck

__all__ = ["missed_numbers"]


def missed_numbers(
    endpoint: Endpoint, ipd: PseudoIPD, landmarks: Iterable[LandmarkCheck]
) -> tuple[str, ...]:
    """Name every printed number that the patients of an endpoint miss, and by how much.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper prints.
    ipd : PseudoIPD
        The reconstruction of that endpoint.
    landmarks : iterable of LandmarkCheck
        The printed survival and medians beside the reproduced ones.
    """
    unit = endpoint.time_unit
    values = (_missed_value(check, unit) for check in landmarks if not check.inside)
    return (*values, *_missed_counts(endpoint, ipd))


def _missed_value(check: LandmarkCheck, unit: str) -> str:
    printed, value = check.printed, check.reproduced
    distance = max(printed.lower - value, value - printed.upper)
    if check.quantity == "survival":
        return (
            f"survival {printed} at {check.time:g} {unit} in arm {check.arm} (they have "
            f"{100 * value:.2f}%, {_size(100 * distance)} points outside its rounding)"
        )
    name = f"median {printed} {unit}" if printed.reached else f"median {printed}"
    if math.isinf(value):
        return f"{name} in arm {check.arm} (theirs is not reached)"
    outside = f", {_size(distance)} outside its rounding" if math.isfinite(distance) else ""
    return f"{name} in arm {check.arm} (theirs is {value:.4g}{outside})"


def _size(distance: float) -> str:
    return f"{distance:.2f}" if distance >= 0.1 else f"{distance:.2g}"


def _missed_counts(endpoint: Endpoint, ipd: PseudoIPD) -> Iterator[str]:
    for arm in ipd.arms:
        printed = endpoint.arms[arm]
        time, event = ipd.of(arm)
        yield from _missed_count("events", printed.events, int(event.sum()), where=f"in arm {arm}")
        for at, count in printed.at_risk.items():
            where = f"at {at:g} {endpoint.time_unit} in arm {arm}"
            yield from _missed_count("at risk", count, int(n_at_risk_before(time, at)), where=where)
        for at, count in zip(*np.unique(printed.event_times, return_counts=True), strict=True):
            found = int((time[event] == at).sum())
            where = f"at {at:g} {endpoint.time_unit} in arm {arm}"
            if found < count:
                yield from _missed_count("events", int(count), found, where=where)
    total = endpoint.reported.events if endpoint.reported else None
    yield from _missed_count("events", total, int(ipd.event.sum()), where="in total")


def _missed_count(what: str, printed: int | None, found: int, *, where: str) -> Iterator[str]:
    if printed is not None and found != printed:
        difference = f"{abs(found - printed)} too {'few' if found < printed else 'many'}"
        yield f"{printed} {what} {where} (they have {found}, {difference})"
