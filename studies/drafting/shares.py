"""The arms' shares of all patients, where a text gives no number of any arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...presentation.formats import count
from .all_patients import all_patients
from .allocation import Allocation, allocation, any_of
from .arms import TextArms
from .finding import ALLOCATED, EndpointSlots, Finding
from .scope import Scope

__all__ = ["allot"]

_MOST = 3  # numbers that a question offers; more are those of a whole paper


def allot(
    endpoints: Sequence[EndpointSlots],
    found: Sequence[Scope],
    arms: TextArms,
    read: Sequence[Finding],
) -> None:
    """Give arms their shares of all patients, where a text gives no number of any; or ask.

    Parameters
    ----------
    endpoints : sequence of EndpointSlots
        What was found; `arms` and `allocation` are changed.
    found : sequence of Scope
        The sentences, and what each may be read for.
    arms : TextArms
        The arms of the text.
    read : sequence of Finding
        Everything that was read: a number of patients of any arm is better than a share.
    """
    number = len(arms.arms)
    if number < 2 or any(f.slot == "n" and f.arm is not None for f in read):
        return
    if (patients := all_patients(found, arms)) is None or len(patients.several) > _MOST:
        return
    told, said = allocation(found, arms)
    for slots in endpoints:
        whole = slots.cohort in ("", "unmatched") or slots.cohort.startswith("from ")
        if not whole or any(("n", 0.0) in slots.arms[arm] for arm in range(number)):
            continue
        if patients.total is None:
            slots.allocation = _asked(*patients.several)
        elif told is None or not patients.sure:
            slots.allocation = _asked(patients.total, said=said)
        else:
            _fill(slots, patients.total, told, arms)


def _asked(*totals: Finding, said: str = "") -> tuple[str, tuple[Finding, ...]]:
    *others, last = (total.text for total in totals)
    numbers = any_of([*others, count(int(last), "patient")])
    return f"{numbers} in all{said}: how many in each arm?", totals


def _fill(slots: EndpointSlots, total: Finding, told: Allocation, arms: TextArms) -> None:
    """Give the arms their shares, unless more events or numbers at risk than that are reported."""
    sizes = _whole_shares(int(total.text), told.parts)
    for arm, size in enumerate(sizes):
        counts = [
            int(f.text) for (key, _), f in slots.arms[arm].items() if key in ("events", "at_risk")
        ]
        if max(counts, default=0) > size:
            slots.allocation = _asked(total)
            return
    own = [f"{size} {arm.name}" for size, arm in zip(sizes, arms.arms, strict=True)]
    own = [f"{sizes[0]} each"] if len(set(sizes)) == 1 else own
    uneven = int(total.text) % sum(told.parts)
    rounded = " (rounded to whole patients)" if uneven else ""
    quoted = (total,) if told.finding.sentence == total.sentence else (total, told.finding)
    slots.allocation = (
        f"{count(int(total.text), 'patient')}, allocated {told.text}: {', '.join(own)}{rounded}. "
        "If the paper reports the arm's own number, write it and remove n_basis.",
        quoted,
    )
    for arm, size in enumerate(sizes):
        slots.arms[arm]["n", 0.0] = replace(total, text=str(size), arm=arm, flag=ALLOCATED)


def _whole_shares(total: int, parts: Sequence[int]) -> list[int]:
    """Return whole numbers that add up to the total and are nearest to the shares of it."""
    sizes = [total * part // sum(parts) for part in parts]
    short = sorted(range(len(parts)), key=lambda i: -(total * parts[i] % sum(parts)))
    for arm in short[: total - sum(sizes)]:
        sizes[arm] += 1
    return sizes
