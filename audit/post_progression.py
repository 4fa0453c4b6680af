"""Endpoints that begin at progression, against the patients who had progressed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..studies.endpoint import Endpoint
from ..studies.study import Study
from .rule import Finding, Rule, asks

__all__ = ["after_progression"]

DENOMINATOR = Rule(
    name="post-progression-patients",
    asks="Had as many patients progressed as an endpoint that begins at progression is of?",
    tolerance="Counts are whole, so nothing is allowed for. Events of the endpoint before include "
    "deaths, which are nobody's progression, so fewer patients are no finding; more are an error. "
    "Asked of endpoints of one cohort, told by their names.",
    reference="Michiels S, Saad ED, Buyse M. Drugs 2017;77:713-719. doi:10.1007/s40265-017-0728-y",
)

_AFTER = re.compile(
    r"\bPPS\b|\bPRS\b|post[-\s]?(?:progression|relapse|recurrence)|"
    r"(?:after|since|from)\s+(?:first\s+|disease\s+)?(?:progression|relapse|recurrence)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"^(?:[BI]-?)?(?:PFS|TTP|DFS|RFS|EFS|DMFS)\b|progression|recurrence|relapse|disease-free",
    re.IGNORECASE,
)


@asks(DENOMINATOR)
def after_progression(study: Study) -> Iterator[Finding]:
    """Yield arms with more patients after progression than there were events before it."""
    for later in study.endpoints:
        if not _is_after(later):
            continue
        for earlier in study.endpoints:
            if not _is_after(earlier) and _is_before(earlier) and earlier.cohort == later.cohort:
                yield from _beyond(later, earlier)


def _is_after(endpoint: Endpoint) -> bool:
    return bool(_AFTER.search(endpoint.name) or _AFTER.search(endpoint.label))


def _is_before(endpoint: Endpoint) -> bool:
    return bool(_BEFORE.search(endpoint.name) or _BEFORE.search(endpoint.label))


def _beyond(later: Endpoint, earlier: Endpoint) -> Iterator[Finding]:
    for name in later.arms.keys() & earlier.arms.keys():
        n, arm = later.arms[name].n, earlier.arms[name]
        events = arm.events if arm.events is not None else (len(arm.event_times) or None)
        if n is None or events is None or n <= events or later.arms[name].n_basis == "cohort":
            continue
        whole = " That is all patients of the arm." if n == arm.n else ""
        yield DENOMINATOR.finding(
            "error", f"{later.key}, arm {name}",
            printed=f"n {n}; {earlier.name} {events} events of {arm.n or '?'} patients",
            expected=f"at most {events} patients",
            sentence=f"{later.name} begins at progression, which at most {events} patients had by "
            f"{earlier.name}, but it is of {n}.{whole}",
        )  # fmt: skip
