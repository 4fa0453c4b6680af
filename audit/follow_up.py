"""Follow-up against the calendar, the landmarks and itself."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

from ..studies.arm import Arm, FollowUp
from ..studies.endpoint import Endpoint, TimeUnit
from ..studies.printed import PrintedNumber
from ..studies.study import Study
from .numbers import short
from .rule import Finding, Rule, asks

__all__ = ["follow_up_times", "longest_follow_up", "longest_possible"]

_DAYS: dict[TimeUnit, tuple[float, float]] = {  # by the calendar, and by the shortest convention
    "days": (1.0, 1.0),
    "weeks": (7.0, 7.0),
    "months": (365.25 / 12, 28.0),
    "years": (365.25, 360.0),
}

WINDOW = Rule(
    name="follow-up-window",
    asks="Is the longest follow-up no longer than the study?",
    tolerance="From the first day of the first month of entry to the last day of the month of the "
    "cut-off. Months are a twelfth of a year; longer than that is a warning, since some papers "
    "count months of 28 or 30 days; longer than in months of 28 days is an error.",
    reference="Altman DG, De Stavola BL, Love SB, Stepniewska KA. Br J Cancer 1995;72:511-518. "
    "doi:10.1038/bjc.1995.364",
)
ORDER = Rule(
    name="follow-up-order",
    asks="Do minimum, quartiles, median and maximum of the follow-up rise?",
    tolerance="Every reported number may be any value that rounds to it.",
    reference=WINDOW.reference,
)
BEYOND = Rule(
    name="landmark-after-follow-up",
    asks="Was anybody followed up to each landmark?",
    tolerance="A landmark later than the longest follow-up under every rounding. The curve is not "
    "defined there unless it has reached 0; some programs carry its last value on: a warning.",
    reference=WINDOW.reference,
)
MEDIAN = Rule(
    name="median-after-follow-up",
    asks="Is the median no later than the longest follow-up?",
    tolerance="Every reported number may be any value that rounds to it. A Kaplan-Meier median is "
    "the time of an event.",
    reference="Brookmeyer R, Crowley J. Biometrics 1982;38:29-41. doi:10.2307/2530286",
)


@asks(WINDOW, ORDER, BEYOND, MEDIAN)
def follow_up_times(study: Study) -> Iterator[Finding]:
    """Yield follow-up that the calendar does not leave room for, or that is out of order."""
    seen: set[tuple[str, str]] = set()
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            if arm.follow_up is None:
                continue
            place = f"{endpoint.key}, arm {name}, follow-up"
            yield from _in_follow_up(arm.follow_up, place, _exchange_hint(endpoint))
            longest = longest_follow_up(arm.follow_up)
            if longest is None:
                continue
            for finding in _window(endpoint, longest, place):
                if (finding.printed, finding.expected) not in seen:  # printed once, used twice
                    seen.add((finding.printed, finding.expected))
                    yield finding
            yield from _beyond(arm, longest, place)


def _beyond(arm: Arm, longest: PrintedNumber, place: str) -> Iterator[Finding]:
    """Yield the landmarks and the median that are later than the longest follow-up."""
    for time, mark in arm.landmarks.items():
        if time > longest.upper and mark.survival.lower > 0:
            yield BEYOND.finding(
                "warning", place, expected=f"at least {short(time)}",
                printed=f"longest follow-up {longest}, survival at {short(time)}",
                sentence=f"Survival at {short(time)} is reported, but nobody was followed for "
                f"longer than {longest}.",
            )  # fmt: skip
    median = arm.median
    if median is not None and median.reached and median.lower > longest.upper:
        yield MEDIAN.finding(
            "error", place, expected=f"at most {longest}",
            printed=f"median {median}, longest follow-up {longest}",
            sentence=f"A median of {median} is reached when somebody has the event then, but "
            f"nobody was followed for longer than {longest}.",
        )  # fmt: skip


def longest_follow_up(follow_up: FollowUp) -> PrintedNumber | None:
    """Return the longest follow-up, if it is reported."""
    return follow_up.max or (follow_up.range[1] if follow_up.range else None)


def _exchange_hint(endpoint: Endpoint) -> str:
    """Say so if the median follow-ups of two arms are in order with each other's spread only."""
    both = [arm.follow_up for arm in endpoint.arms.values()]
    if len(both) != 2 or both[0] is None or both[1] is None:
        return ""
    medians = (both[1].median, both[0].median)
    crossed = [
        each.model_copy(update={"median": median})
        for each, median in zip((both[0], both[1]), medians, strict=True)
    ]
    if any(_out_of_order(each) for each in crossed) or not any(
        _out_of_order(each) for each in both if each
    ):
        return ""
    return f" With the medians of {' and '.join(endpoint.arms)} exchanged, both would be in order."


def _in_follow_up(follow_up: FollowUp, place: str, hint: str) -> Iterator[Finding]:
    if pair := _out_of_order(follow_up):
        one, other = pair
        yield ORDER.finding(
            "error", place, printed=", ".join(map(str, _rising(follow_up))),
            expected=f"{one} at most {other}",
            sentence=f"Of the follow-up times, {one} should not be above {other}.{hint}",
        )  # fmt: skip


def _out_of_order(follow_up: FollowUp) -> tuple[PrintedNumber, PrintedNumber] | None:
    """Return two times of which the one that should be smaller is larger."""
    printed = _rising(follow_up)
    for i, one in enumerate(printed):
        for other in printed[i + 1 :]:
            if one.lower > other.upper:
                return one, other
    return None


def _rising(follow_up: FollowUp) -> list[PrintedNumber]:
    """Return the follow-up times that are reported, in the order in which they rise."""
    first, third = follow_up.iqr or (None, None)
    shortest = follow_up.min or (follow_up.range[0] if follow_up.range else None)
    rising = [shortest, first, follow_up.median, third, longest_follow_up(follow_up)]
    return [number for number in rising if number is not None]


def longest_possible(enrolment: tuple[str, str], data_cutoff: str) -> int:
    """Return the days from the first possible entry to the last possible day of follow-up."""
    first = enrolment[0] if len(enrolment[0]) == 10 else f"{enrolment[0]}-01"
    last = dt.date.fromisoformat(data_cutoff if len(data_cutoff) == 10 else f"{data_cutoff}-01")
    if len(data_cutoff) != 10:
        last = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    return (last - dt.date.fromisoformat(first)).days


def _window(endpoint: Endpoint, longest: PrintedNumber, place: str) -> Iterator[Finding]:
    if endpoint.enrolment is None or endpoint.data_cutoff is None:
        return
    usual, shortest = _DAYS[endpoint.time_unit]
    days = longest_possible(endpoint.enrolment, endpoint.data_cutoff)
    if longest.lower * usual <= days:
        return
    room = f"{days / usual:.1f}"
    yield WINDOW.finding(
        "error" if longest.lower * shortest > days else "warning", place,
        printed=f"longest follow-up {longest} {endpoint.time_unit}; first entry "
        f"{endpoint.enrolment[0]}, cut-off {endpoint.data_cutoff}",
        expected=f"at most {room} {endpoint.time_unit}",
        sentence=f"From the first entry to the cut-off there are at most {room} "
        f"{endpoint.time_unit}, but a patient is followed for {longest}.",
    )  # fmt: skip
