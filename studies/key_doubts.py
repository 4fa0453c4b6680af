"""Keys of a study file that contradict each other, or that mean nothing without another one."""

from __future__ import annotations

from collections.abc import Iterator

from ..presentation.formats import count
from .arm import Arm, FollowUp
from .endpoint import Endpoint
from .errors import Fault
from .interval_level import level_fit
from .printed import PrintedNumber
from .reported import Reported

__all__ = ["arm_key_doubts", "repeated_comparisons", "reported_key_doubts"]


def arm_key_doubts(arm: Arm) -> Iterator[Fault]:
    """Yield the keys of an arm that contradict each other, or that mean nothing alone."""
    if arm.follow_up is not None:
        yield from _two_ends(arm.follow_up)
        yield from _after_follow_up(arm, arm.follow_up)
    if arm.median_ci_level is not None and arm.median_ci is None:
        yield ("median_ci_level",), _without("median_ci", "the level is of no interval")
    for time, mark in arm.landmarks.items():
        if mark.ci_level is not None and mark.ci is None:
            place = ("landmarks", f"{time:g}", "ci_level")
            yield place, _without("ci", "the level is of no interval")
    if arm.n is None and arm.n_basis != "endpoint":
        yield ("n_basis",), _without("n", f'"{arm.n_basis}" is of no number')


def _without(key: str, what: str) -> str:
    return f"{what}, since there is no `{key}`; write `{key}`, or leave it out"


def _two_ends(follow_up: FollowUp) -> Iterator[Fault]:
    """Yield an end of the range that is another than `min` or `max`."""
    if follow_up.range is None:
        return
    for key, own, end in (
        ("min", follow_up.min, follow_up.range[0]),
        ("max", follow_up.max, follow_up.range[1]),
    ):
        if own is not None and (own.upper < end.lower or end.upper < own.lower):
            verb = "begins" if key == "min" else "ends"
            yield ("follow_up", key), f"it is {own}, but `range` {verb} at {end}; check both"


def _after_follow_up(arm: Arm, follow_up: FollowUp) -> Iterator[Fault]:
    """Yield survival, patients at risk and events after the longest follow-up."""
    longest = follow_up.longest
    if longest is None:
        return
    for time, mark in arm.landmarks.items():
        if time > longest.upper and mark.survival.lower > 0:
            yield ("landmarks", f"{time:g}"), _late(f"survival is {mark.survival} then", longest)
    late = [time for time, at_risk in arm.at_risk.items() if at_risk and time > longest.upper]
    if late:
        yield (
            ("at_risk", f"{late[0]:g}"),
            _late(f"{arm.at_risk[late[0]]} are at risk then", longest),
        )
    if arm.event_times and max(arm.event_times) > longest.upper:
        yield ("event_times",), _late(f"an event is at {max(arm.event_times):g}", longest)


def _late(what: str, longest: PrintedNumber) -> str:
    return f"{what}, but the longest follow-up is {longest}; check both"


def reported_key_doubts(endpoint: Endpoint, reported: Reported) -> Iterator[Fault]:
    """Yield the keys of a comparison that contradict each other, or that mean nothing alone."""
    if fit := level_fit(endpoint):
        yield (
            ("ci",),
            f"the interval states no level; {fit.sentence}. If the paper states one, write "
            f"ci_level = {fit.usual:g}",
        )
    yield from _named_by_test(reported)
    if reported.ci_level is not None and reported.ci is None:
        yield ("ci_level",), _without("ci", "the level is of no interval")
    for name, cause in reported.causes.items():
        if cause.ci_level is not None and cause.ci is None:
            place = ("causes", name, "ci_level")
            yield place, _without("ci", "the level is of no interval")
    yield from _patients(endpoint, reported)


def repeated_comparisons(endpoint: Endpoint) -> Iterator[Fault]:
    """Yield the comparisons that are listed twice, in every key alike."""
    listed = endpoint.comparisons
    for number, each in enumerate(listed):
        if (first := listed.index(each)) < number:
            yield (
                ("comparison", number),
                f"it is comparison[{first + 1}] again, and would be taken for another analysis; "
                "leave one out",
            )


def _named_by_test(reported: Reported) -> Iterator[Fault]:
    """Yield what a key denies and the name of the test says, and a side of no p."""
    named = Reported(test=reported.test)
    for key in ("one_sided", "stratified"):
        if getattr(named, key) and not getattr(reported, key):
            yield (key,), f'it is false, but `test` is "{reported.test}"; check both'
    if reported.one_sided and not named.one_sided and reported.p is None:
        yield ("one_sided",), _without("p", "the side is of no p-value")


def _patients(endpoint: Endpoint, reported: Reported) -> Iterator[Fault]:
    """Yield more patients, or events, of a comparison than its arms have."""
    sizes = [arm.most_patients for arm in endpoint.arms.values()]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return
    if reported.n is not None and reported.n > sum(known):
        yield (
            ("n",),
            f"{count(reported.n, 'patient')} are more than the {sum(known)} of the arms; check "
            "both",
        )
    most = reported.n if reported.n is not None else sum(known)
    if reported.events is not None and reported.events > most:
        yield (
            ("events",),
            f"{count(reported.events, 'event')} are more than the {count(most, 'patient')}; check "
            "both",
        )
