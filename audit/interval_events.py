"""Events that the width of an interval needs, against the events and patients there are."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..studies.study import Study
from .finding import Finding, Rule
from .ratio_interval import standard_error
from .ratios import PrintedRatio, printed_ratios

__all__ = ["RULES", "check", "fewest_events"]

_ROUND_UP = 1.05  # ties, weights and Efron's correction move the information by a few per cent

INTERVAL_EVENTS = Rule(
    name="interval-events",
    asks="Are there enough events, or patients, for an interval that narrow?",
    tolerance="An event tells at most 1/4 about a log hazard ratio of two groups, whatever their "
    "sizes, so a standard error needs at least 4/se² events: a bound, not an estimate. The "
    "events are those printed, or those that the survival at the longest follow-up leaves room "
    "for, or all patients. The narrowest interval is the widest that rounds to print; 5% are "
    "allowed for ties. Asked of arms, and of rows with a level and a reference, since a "
    "measurement has no such bound.",
    reference="Schoenfeld DA. Biometrics 1983;39:499-503. doi:10.2307/2531021",
)
RULES = (INTERVAL_EVENTS,)


def fewest_events(se: float) -> float:
    """Return the fewest events that give a log hazard ratio of two groups this standard error."""
    return 4 / (se * se) if se > 0 else math.inf


def check(study: Study) -> Iterator[Finding]:
    """Yield the intervals that are too narrow for the events or patients there are."""
    for ratio in printed_ratios(study):
        limit, what = _limit(ratio)
        if not ratio.two_groups or ratio.ci is None or limit is None:
            continue
        if not all(end.reached for end in ratio.ci):
            continue
        se = standard_error(ratio.ci).upper
        needed = fewest_events(se)
        if needed <= limit * _ROUND_UP or ratio.ci[1].upper < ratio.ci[0].lower:
            continue
        yield INTERVAL_EVENTS.finding(
            "error", ratio.place, printed=f"{ratio.text}, {what}",
            expected=f"at least {math.ceil(needed / _ROUND_UP)} events",
            sentence=f"An interval this narrow needs at least {math.ceil(needed / _ROUND_UP)} "
            f"events, and there are {what}.",
        )  # fmt: skip


def _limit(ratio: PrintedRatio) -> tuple[int | None, str]:
    """Return the most events there can be, and in words what says so."""
    if ratio.events is not None:
        return ratio.events, f"{ratio.events} events"
    if ratio.most_events is not None and (ratio.n is None or ratio.most_events < ratio.n):
        text = f"at most {ratio.most_events} events, by the survival at the end of follow-up"
        return ratio.most_events, text
    return ratio.n, f"{ratio.n} patients"
