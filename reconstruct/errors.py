"""Why a reconstruction is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..studies import Arm, Endpoint

__all__ = [
    "ContradictionError",
    "ReconstructionRefused",
    "refuse_contradicting",
    "refuse_curves",
    "refuse_silent_causes",
    "refuse_without_patients",
    "refuse_without_times",
]


class ReconstructionRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised when an endpoint does not report enough to place patients.

    Attributes
    ----------
    endpoint_key : str
        The endpoint, as `cohort/name`; empty if the refusal is not about one endpoint.
    """

    def __init__(self, reason: str, *, endpoint_key: str = "") -> None:
        super().__init__(reason)
        self.endpoint_key = endpoint_key


class ContradictionError(ReconstructionRefused):
    """Raised when reported numbers cannot all be true of one set of patients.

    Attributes
    ----------
    numbers : tuple of str
        The reported numbers that contradict each other, as few as were found.
    """

    def __init__(self, reason: str, *, numbers: tuple[str, ...], endpoint_key: str = "") -> None:
        super().__init__(reason, endpoint_key=endpoint_key)
        self.numbers = numbers


def refuse_contradicting(endpoint: Endpoint, found: Sequence[tuple[str, tuple[str, ...]]]) -> None:
    """Raise if contradictions were found, each a sentence and the reported numbers it is about.

    Raises
    ------
    ContradictionError
        With all of them, each in its own clause.
    """
    if found:
        raise ContradictionError(
            f"{endpoint.key}: " + "; ".join(sentence for sentence, _ in found),
            numbers=tuple(dict.fromkeys(number for _, numbers in found for number in numbers)),
            endpoint_key=endpoint.key,
        )


def refuse_without_patients(endpoint: Endpoint, name: str, so: str) -> None:
    """Raise if an arm reports no number of patients.

    Raises
    ------
    ReconstructionRefused
        Saying what follows from it, and where the number is to be written.
    """
    if endpoint.arms[name].n is None:
        place = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'
        raise ReconstructionRefused(
            f"arm {name} reports no number of patients (n), so {so}; write `n = ...` under "
            f'[endpoint.arms.{place}], with `n_basis = "allocation"` if it is the arm\'s share of '
            "all patients",
            endpoint_key=endpoint.key,
        )


def refuse_without_times(endpoint: Endpoint, name: str) -> None:
    """Raise if an arm reports nothing of when its events happened.

    A median that is not reached says nothing of it by itself: none or half of the patients may have
    had the event. The events, or the time at which the lower limit of its interval is reached, do.

    Raises
    ------
    ReconstructionRefused
        Saying what is reported, and what would do.
    """
    arm = endpoint.arms[name]
    if arm.curve or arm.landmarks or arm.event_times or arm.events == 0:
        return
    median = arm.median
    if median is not None and (median.reached or arm.events is not None or _has_lower_limit(arm)):
        return
    printed = ["n", "a median that is not reached"] if median is not None else ["n"]
    others = ("mean", "events", "at_risk", "median_ci", "follow_up")
    printed += [key for key in others if getattr(arm, key)]
    would = "a median" if median is None else "the lower limit of its median's interval"
    raise ReconstructionRefused(
        f"arm {name} reports only {', '.join(printed)}, which does not say when its events "
        f"happened; a curve, a landmark, {would}, event times or `events = 0` would",
        endpoint_key=endpoint.key,
    )


def refuse_silent_causes(endpoint: Endpoint, name: str, silent: Sequence[str]) -> None:
    """Raise if nothing says when the events of some causes of an arm happened.

    Raises
    ------
    ReconstructionRefused
        Naming them, and what would do.
    """
    if silent:
        raise ReconstructionRefused(
            f"{endpoint.key}, arm {name}: nothing says when events of {' and '.join(silent)} "
            "happened; give their cumulative incidence, the arm's event-free survival "
            "(`landmarks`), or the events of every cause",
            endpoint_key=endpoint.key,
        )


def _has_lower_limit(arm: Arm) -> bool:
    return arm.median_ci is not None and arm.median_ci[0].reached


def refuse_curves(endpoint: Endpoint, wanted: str) -> None:
    """Raise if an arm has a digitised curve, where only reported numbers can be used.

    Raises
    ------
    ReconstructionRefused
        Saying that what is `wanted` needs the endpoint without its curves.
    """
    curved = [name for name, arm in endpoint.arms.items() if arm.curve is not None]
    if curved:
        raise ReconstructionRefused(
            f"{endpoint.key}, arm {curved[0]} has a digitised curve, and {wanted} is worked out "
            "from reported numbers alone; leave `curve` out to have it without",
            endpoint_key=endpoint.key,
        )
