"""Patients that there are: at risk, in a comparison, and behind the smallest survival."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from ..presentation.formats import count
from ..studies.arm import Arm
from ..studies.endpoint import Endpoint
from ..studies.study import Study
from .rule import Finding, Rule, asks, patients_text, short

__all__ = ["patient_counts"]

_KAPLAN_MEIER = "Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481. doi:10.2307/2281868"

AT_RISK = Rule(
    name="at-risk-order",
    asks="Do the numbers at risk fall, from the patients of the arm on?",
    tolerance="Counts are whole, so nothing is allowed for. Of an n that is a cohort's, or a share "
    "by the allocation, only more at risk than there can be is an error.",
    reference=_KAPLAN_MEIER,
)
AFTER = Rule(
    name="at-risk-after-follow-up",
    asks="Is nobody at risk, and is there no event, after the longest follow-up?",
    tolerance="The longest follow-up may be any value that rounds to the reported one. An error, "
    "since those at risk at a time are followed until then.",
    reference=_KAPLAN_MEIER,
)
AT_ONCE = Rule(
    name="at-risk-survival",
    asks="Do those at risk at a time leave room for the events before it?",
    tolerance="Every rounding. With r at risk just before a time, survival was at least S r/r' "
    "until then, S and r' those of an earlier time; what is below needs events at that very time. "
    "A warning from 5 of them on, and 15% of those at risk: a visit can have so many, a row of "
    "numbers that is a place off has.",
    reference=_KAPLAN_MEIER,
)
COMPARED = Rule(
    name="comparison-patients",
    asks="Has a comparison no more patients than its arms, and no more events than patients?",
    tolerance="Counts are whole, so nothing is allowed for; n as for survival-events. More "
    "patients than in the arms are a warning, since they may be others; more events an error.",
    reference="Altman DG, Bland JM. BMJ 1996;313:572. doi:10.1136/bmj.313.7056.572",
)
SMALLEST = Rule(
    name="smallest-survival",
    asks="Is every survival above 0 at least that of one patient?",
    tolerance="Every rounding. While somebody survives, survival is at least 1/n: an error.",
    reference=_KAPLAN_MEIER,
)


@asks(AT_RISK, AFTER, AT_ONCE, COMPARED, SMALLEST)
def patient_counts(study: Study) -> Iterator[Finding]:
    """Yield numbers of patients that do not fit those of their arms, or the follow-up."""
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            place = f"{endpoint.key}, arm {name}"
            yield from _at_risk(arm, place)
            yield from _after_follow_up(arm, place)
            yield from _at_once(arm, place)
            yield from _smallest(arm, place)
    for endpoint in study.analysed:
        yield from _compared(endpoint)


def _at_risk(arm: Arm, place: str) -> Iterator[Finding]:
    for (early, first), (late, second) in itertools.pairwise(arm.at_risk.items()):
        if second > first:
            yield AT_RISK.finding(
                "error", f"{place}, at risk",
                printed=f"{first} at {short(early)}, {second} at {short(late)}",
                expected=f"at most {first} at {short(late)}",
                sentence=f"The number at risk rises from {first} at {short(early)} to {second} at "
                f"{short(late)}.",
            )  # fmt: skip
    start, most = next(iter(arm.at_risk.items()), None), arm.most_patients
    if start is None or most is None:
        return
    time, first = start
    whole = time == 0 and arm.n_basis == "endpoint"
    if first > most or (whole and first != arm.n):
        yield AT_RISK.finding(
            "error", f"{place}, at risk", printed=f"{first} at {short(time)}, n {arm.n}",
            expected=f"{'' if whole else 'at most '}{arm.n if whole else most} at {short(time)}",
            sentence=f"{first} {'is' if first == 1 else 'are'} at risk at {short(time)}, in an arm "
            f"of {patients_text(arm)}.",
        )  # fmt: skip


def _after_follow_up(arm: Arm, place: str) -> Iterator[Finding]:
    longest = None if arm.follow_up is None else arm.follow_up.longest
    if longest is None:
        return
    late = [(time, f"{at_risk} at risk") for time, at_risk in arm.at_risk.items() if at_risk]
    late += [(time, "an event") for time in arm.event_times]
    for time, what in [each for each in late if each[0] > longest.upper][:1]:
        yield AFTER.finding(
            "error", f"{place}, follow-up",
            printed=f"{what} at {short(time)}, longest follow-up {longest}",
            expected=f"a longest follow-up of at least {short(time)}",
            sentence=f"There {'is' if what.startswith(('an ', '1 ')) else 'are'} {what} at "
            f"{short(time)}, but nobody was followed for longer than {longest}.",
        )  # fmt: skip


_MANY, _SHARE = 5, 0.15  # events at once, and their share of those at risk


def _at_once(arm: Arm, place: str) -> Iterator[Finding]:
    """Yield the survivals that need many events exactly at the time of a number at risk."""
    if arm.most_patients is None:
        return
    before = [(1.0, arm.most_patients)]  # survival, and the most who were followed for longer
    most = 1.0
    for time, mark in arm.landmarks.items():
        at_risk = arm.at_risk.get(time, 0)
        if not at_risk or time <= 0:
            continue
        least = min(max(survival * at_risk / number for survival, number in before), most)
        needed = at_risk * (1 - mark.survival.upper / least) if least > 0 else 0.0
        before.append((mark.survival.lower, at_risk))
        most = min(most, mark.survival.upper)
        if needed < max(_MANY, _SHARE * at_risk):
            continue
        events = count(math.ceil(needed - 1e-9), "event")
        yield AT_ONCE.finding(
            "warning", f"{place}, survival at {short(time)}",
            printed=f"{mark.survival}, {at_risk} at risk",
            expected=f"survival of at least {100 * least:.3g}%, or fewer at risk",
            sentence=f"With {at_risk} at risk at {short(time)}, survival was at least "
            f"{100 * least:.3g}% until then; {mark.survival} needs {events} at that very time.",
        )  # fmt: skip


def _smallest(arm: Arm, place: str) -> Iterator[Finding]:
    most = arm.most_patients
    for time, mark in arm.landmarks.items():
        survival = mark.survival
        if most is not None and survival.lower > 0 and survival.upper < (1 - 1e-9) / most:
            yield SMALLEST.finding(
                "error", f"{place}, survival at {short(time)}", printed=f"{survival}, n {arm.n}",
                expected=f"0% or at least {100 / most:.2g}%",
                sentence=f"Survival of {survival} at {short(time)} is above 0 but below 1/{most}, "
                f"the smallest that {count(most, 'patient')} can have.",
            )  # fmt: skip


def _compared(endpoint: Endpoint) -> Iterator[Finding]:
    reported = endpoint.reported
    sizes = [arm.most_patients for arm in endpoint.arms.values()]
    known = [size for size in sizes if size is not None]
    if reported is None or len(known) < len(sizes):
        return
    total, place = sum(known), f"{endpoint.key}, reported comparison"
    if reported.n is not None and reported.n > total:
        yield COMPARED.finding(
            "warning", place, printed=f"n {reported.n}; arms {' + '.join(map(str, known))}",
            expected=f"at most {total}",
            sentence=f"The comparison is of {count(reported.n, 'patient')}, and there are {total} "
            "in its arms.",
        )  # fmt: skip
    most = total if reported.n is None else reported.n
    if reported.events is not None and reported.events > most:
        yield COMPARED.finding(
            "error", place, expected=f"at most {most}",
            printed=f"{count(reported.events, 'event')} of {count(most, 'patient')}",
            sentence=f"The comparison has {count(reported.events, 'event')}, of "
            f"{count(most, 'patient')}.",
        )  # fmt: skip
