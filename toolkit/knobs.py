"""The reported numbers of an endpoint that can be turned, and the endpoint after turning them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .presentation.formats import with_unit
from .reconstruct import PseudoIPD
from .studies import Arm, Endpoint, FollowUp, Landmark, PrintedNumber

__all__ = ["Knob", "knobs_of", "turned"]

Quantity = Literal["n", "survival", "median", "events", "follow-up"]

MOST_TIMES_N = 3
MOST_TIMES_A_TIME = 2.0


@dataclass(frozen=True, kw_only=True)
class Knob:
    """One number of one arm that can be changed.

    Attributes
    ----------
    arm : str
    quantity : {"n", "survival", "median", "events", "follow-up"}
        "events" and "follow-up" (its median) say how censoring runs.
    time : float or None
        Of a survival, in the endpoint's time unit; None for the others.
    label : str
        What it is, in words, with its unit.
    value, lowest, highest, step : float
        Survival in the unit in which it is reported: a percentage or a fraction.
    printed : bool
        False for a number that the paper does not report; `value` is then the patients' own.
    percent : bool
        Whether a survival is a percentage.
    decimals : int
        With which the number is reported, so that it has the same width of interval.
    """

    arm: str
    quantity: Quantity
    time: float | None = None
    label: str
    value: float
    lowest: float
    highest: float
    step: float = 1.0
    printed: bool = True
    percent: bool = False
    decimals: int = 0

    def text(self, value: float) -> str:
        """Write a value as a paper would report it."""
        return f"{value:.{max(self.decimals, 0)}f}{'%' if self.percent else ''}"


def knobs_of(endpoint: Endpoint, ipd: PseudoIPD | None) -> tuple[Knob, ...]:
    """Return every number of an endpoint that can be turned, arm by arm.

    Parameters
    ----------
    endpoint : Endpoint
    ipd : PseudoIPD or None
        Its patients, from which numbers start that are not reported; without, those have none.
    """
    return tuple(
        knob for name, arm in endpoint.arms.items() for knob in _of_arm(endpoint, name, arm, ipd)
    )


def _of_arm(endpoint: Endpoint, name: str, arm: Arm, ipd: PseudoIPD | None) -> Iterator[Knob]:
    unit = endpoint.time_unit
    if arm.n is not None:
        highest = MOST_TIMES_N * arm.n
        label = f"Patients in {name}"
        yield Knob(arm=name, quantity="n", label=label, value=arm.n, lowest=2, highest=highest)
    for time, mark in arm.landmarks.items():
        if mark.survival.relation == "=":
            yield _survival(name, time, mark.survival, unit)
    if arm.median and arm.median.relation == "=":
        yield _time(name, "median", arm.median, f"Median of {name} ({unit})")
    yield from _censoring(endpoint, name, arm, ipd)


def _survival(name: str, time: float, printed: PrintedNumber, unit: str) -> Knob:
    scale = 100 if printed.percent else 1
    return Knob(
        arm=name,
        quantity="survival",
        time=time,
        label=f"Survival of {name} at {with_unit(time, unit)}{' (%)' if printed.percent else ''}",
        value=round(printed.value * scale, printed.decimals),
        lowest=0,
        highest=scale,
        step=10.0**-printed.decimals,
        percent=printed.percent,
        decimals=printed.decimals,
    )


def _time(name: str, quantity: Quantity, printed: PrintedNumber, label: str) -> Knob:
    step = 10.0**-printed.decimals
    return Knob(
        arm=name,
        quantity=quantity,
        label=label,
        value=printed.value,
        lowest=step,
        highest=round(MOST_TIMES_A_TIME * printed.value, printed.decimals),
        step=step,
        decimals=printed.decimals,
    )


def _censoring(endpoint: Endpoint, name: str, arm: Arm, ipd: PseudoIPD | None) -> Iterator[Knob]:
    events, label = arm.events, f"Events in {name}"
    if ipd is not None and events is None:
        events = int(ipd.of(name)[1].sum())
    if events is not None and arm.n is not None:
        printed = arm.events is not None
        yield Knob(
            arm=name, quantity="events", label=label, value=events, lowest=0, highest=arm.n,
            printed=printed,
        )  # fmt: skip
    label = f"Median follow-up of {name} ({endpoint.time_unit})"
    follow_up = arm.follow_up.median if arm.follow_up else None
    if follow_up is not None and follow_up.relation == "=":
        yield _time(name, "follow-up", follow_up, label)
    elif follow_up is None and ipd is not None:
        middle = PrintedNumber.parse(f"{np.median(ipd.of(name)[0]):.1f}")
        knob = _time(name, "follow-up", middle, label)
        yield Knob(**{**vars(knob), "printed": False})


def turned(endpoint: Endpoint, values: Mapping[Knob, float]) -> Endpoint:
    """Return the endpoint with changed numbers; the others stay as reported.

    Parameters
    ----------
    endpoint : Endpoint
    values : mapping of Knob to float
        New values of those numbers that are changed, or that are stated although not reported.

    Raises
    ------
    pydantic.ValidationError
        If an arm cannot have these numbers, whatever its patients.
    """
    arms = {
        name: _turned_arm(arm, {k: v for k, v in values.items() if k.arm == name})
        for name, arm in endpoint.arms.items()
    }
    return endpoint.model_copy(update={"arms": type(endpoint.arms)(arms)})  # type: ignore[call-arg]


def _turned_arm(arm: Arm, values: Mapping[Knob, float]) -> Arm:
    if not values:
        return arm
    fields: dict[str, Any] = {name: getattr(arm, name) for name in arm.model_fields_set}
    landmarks = dict(arm.landmarks)
    for knob, value in values.items():
        if knob.quantity == "survival" and knob.time is not None:
            landmarks[knob.time] = Landmark(survival=PrintedNumber.parse(knob.text(value)))
        elif knob.quantity == "follow-up":
            kept = dict(arm.follow_up or FollowUp())
            fields["follow_up"] = FollowUp.model_validate({**kept, "median": knob.text(value)})
        elif knob.quantity == "median":
            fields["median"] = knob.text(value)
        else:
            fields[knob.quantity] = round(value)
    return Arm.model_validate({**fields, "landmarks": landmarks})
