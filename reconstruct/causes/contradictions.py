"""Numbers reported by cause that cannot all be true of one set of patients."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ...studies import Arm, Endpoint
from ..errors import ContradictionError
from .bounds import cause_bounds

__all__ = ["refuse_cause_contradictions"]

_ROUNDING = 1e-9

Found = tuple[str, tuple[str, ...]]


def refuse_cause_contradictions(endpoint: Endpoint) -> None:
    """Raise if what an endpoint reports by cause contradicts itself.

    Raises
    ------
    ContradictionError
        With every contradiction that was found, each in its own clause.
    """
    found = [
        (f"arm {name}: {sentence}", numbers)
        for name, arm in endpoint.arms.items()
        for sentence, numbers in _in_arm(arm, endpoint.time_unit)
    ]
    if found:
        raise ContradictionError(
            f"{endpoint.key}: " + "; ".join(sentence for sentence, _ in found),
            numbers=tuple(dict.fromkeys(number for _, numbers in found for number in numbers)),
            endpoint_key=endpoint.key,
        )


def _in_arm(arm: Arm, unit: str) -> Iterator[Found]:
    yield from _falling(arm, unit)
    yield from _more_than_all(arm, unit)
    yield from _beside_survival(arm, unit)
    yield from _counts(arm)
    yield from _without_events(arm, unit)


def _falling(arm: Arm, unit: str) -> Iterator[Found]:
    for name, cause in arm.causes.items():
        for (early, first), (late, second) in itertools.pairwise(cause.landmarks.items()):
            if second.incidence.upper < first.incidence.lower:
                yield (
                    f"the cumulative incidence of {name} falls from {first.incidence} at {early:g} "
                    f"to {second.incidence} at {late:g} {unit}, which it cannot",
                    (
                        f"{name} {first.incidence} at {early:g}",
                        f"{name} {second.incidence} at {late:g}",
                    ),
                )


def _more_than_all(arm: Arm, unit: str) -> Iterator[Found]:
    """Yield the first time at which causes add up to more than everybody."""
    bounds = cause_bounds(arm)
    totals = bounds.lower.sum(axis=0)
    for place in (totals > 1 + _ROUNDING).nonzero()[0][:1]:
        when = float(bounds.time[place])
        numbers = tuple(
            f"{name} {100 * least:.3g}% or more at {when:g}"
            for name, least in zip(bounds.causes, bounds.lower[:, place], strict=True)
        )
        yield (
            f"by {when:g} {unit} the causes add up to {100 * totals[place]:.3g}% of patients at "
            f"least ({', '.join(numbers)}), and no more than 100% can have an event",
            numbers,
        )


def _beside_survival(arm: Arm, unit: str) -> Iterator[Found]:
    """Yield where event-free survival and the causes do not add up to 100%."""
    bounds = cause_bounds(arm)
    for place, when in enumerate(bounds.time.tolist()):
        mark = arm.landmarks.get(when)
        if mark is None or not bounds.stated[:, place].all():
            continue
        least = bounds.lower[:, place].sum() + mark.survival.lower
        most = bounds.upper[:, place].sum() + mark.survival.upper
        if least > 1 + _ROUNDING or most < 1 - _ROUNDING:
            said = [
                f"{name} {100 * value:.3g}%"
                for name, value in zip(bounds.causes, bounds.value[:, place], strict=True)
            ]
            total = 100 * (bounds.value[:, place].sum() + mark.survival.value)
            yield (
                f"at {when:g} {unit} event-free survival {mark.survival} and {' and '.join(said)} "
                f"add up to {total:.4g}%, and they have to add up to 100%",
                (f"survival {mark.survival} at {when:g}", *(f"{one} at {when:g}" for one in said)),
            )


def _counts(arm: Arm) -> Iterator[Found]:
    known = {name: cause.events for name, cause in arm.causes.items() if cause.events is not None}
    total, all_known = sum(known.values()), len(known) == len(arm.causes)
    numbers = tuple(f"{count} events of {name}" for name, count in known.items())
    if arm.events is not None and (total > arm.events or (all_known and total != arm.events)):
        yield (
            f"{' and '.join(numbers)} are {total}, and {arm.events} events of any cause are "
            "reported",
            (*numbers, f"{arm.events} events"),
        )
    elif arm.n is not None and total > arm.n:
        yield (
            f"{' and '.join(numbers)} are more than the arm's {arm.n} patients",
            (*numbers, f"n = {arm.n}"),
        )


def _without_events(arm: Arm, unit: str) -> Iterator[Found]:
    """Yield causes that nobody has and whose incidence is above 0, or the other way round."""
    for name, cause in arm.causes.items():
        for when, mark in cause.landmarks.items():
            if cause.events == 0 and mark.incidence.lower > 0:
                yield (
                    f"no events of {name} are reported, and its cumulative incidence is "
                    f"{mark.incidence} at {when:g} {unit}",
                    (f"0 events of {name}", f"{name} {mark.incidence} at {when:g}"),
                )
                break
