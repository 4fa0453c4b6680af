"""Hazard ratio, landmarks and medians: which arm do they favour, and does that change in time."""

from __future__ import annotations

from collections.abc import Iterator

from ..studies.printed import PrintedNumber
from ..studies.study import Arm, Endpoint, Reported, Study
from .bounds import Bounds, short
from .finding import Finding, Rule

__all__ = ["RULES", "check", "implied_ratio"]

_FEWEST_EVENTS = 5.0  # in both arms by a landmark; with fewer its ratio is mostly chance
_DRIFT = 2.0  # times

DIRECTION = Rule(
    name="direction",
    asks="Do hazard ratio, landmarks and medians favour the same arm?",
    tolerance="Asked only where the interval of the hazard ratio leaves out 1, and where every "
    "landmark, or the median, favours the other arm under every rounding. Curves may cross between "
    "landmarks, so it is a warning.",
    reference="Tierney JF et al. Trials 2007;8:16. doi:10.1186/1745-6215-8-16",
)
STRAIN = Rule(
    name="hazards-strain",
    asks="Do the landmarks imply one hazard ratio at all times?",
    tolerance="The ratio that each landmark implies, ln S1 / ln S0, over every rounding; only "
    "landmarks by which at least 5 events are to be expected. A note if the ratios lie on both "
    "sides of 1, or differ by a factor of 2: one hazard ratio is then an average over time.",
    reference="Stensrud MJ, Hernan MA. JAMA 2020;323:1401-1402. doi:10.1001/jama.2020.1267",
)
RULES = (DIRECTION, STRAIN)


def check(study: Study) -> Iterator[Finding]:
    """Yield comparisons whose printed numbers point different ways."""
    for endpoint in study.endpoints:
        treatment, reference = endpoint.treatment, endpoint.reference
        if treatment is None or reference is None or endpoint.reported is None:
            continue
        arms = endpoint.arms[treatment], endpoint.arms[reference]
        yield from _direction(endpoint, endpoint.reported, arms)
        if endpoint.reported.hazard_ratio is not None:
            yield from _strain(endpoint, endpoint.reported.hazard_ratio, arms)


def _direction(endpoint: Endpoint, reported: Reported, arms: tuple[Arm, Arm]) -> Iterator[Finding]:
    if reported.ci is None or not all(limit.reached for limit in reported.ci):
        return
    better, worse = reported.ci[1].upper < 1, reported.ci[0].lower > 1
    if not better and not worse:
        return
    for what, treated, control in _pairs(arms):
        higher = all(one.lower > other.upper for one, other in zip(treated, control, strict=True))
        lower = all(one.upper < other.lower for one, other in zip(treated, control, strict=True))
        if (better and lower) or (worse and higher):
            yield _direction_finding(endpoint, reported, (what, treated, control))


def _pairs(
    arms: tuple[Arm, Arm],
) -> Iterator[tuple[str, list[PrintedNumber], list[PrintedNumber]]]:
    treatment, reference = arms
    times = [time for time in treatment.landmarks if time in reference.landmarks]
    if times:
        yield (
            f"survival at {', '.join(map(short, times))}",
            [treatment.landmarks[time].survival for time in times],
            [reference.landmarks[time].survival for time in times],
        )
    if treatment.median is not None and reference.median is not None:
        yield "median", [treatment.median], [reference.median]


def _direction_finding(
    endpoint: Endpoint,
    reported: Reported,
    pair: tuple[str, list[PrintedNumber], list[PrintedNumber]],
) -> Finding:
    what, treated, control = pair
    one, other = ("; ".join(map(str, numbers)) for numbers in (treated, control))
    ratio = reported.hazard_ratio or "not printed"
    return DIRECTION.finding(
        "warning", f"{endpoint.key}, reported comparison",
        printed=f"HR {ratio}; {what}: {endpoint.treatment} {one}, {endpoint.reference} {other}",
        expected="the same arm favoured",
        sentence=f"The hazard ratio of {endpoint.treatment} versus {endpoint.reference} favours "
        f"one arm and the {what} the other; the two arms may be the other way round in one of "
        "them.",
    )  # fmt: skip


def implied_ratio(treatment: PrintedNumber, reference: PrintedNumber) -> Bounds:
    """Return the hazard ratios that two survivals imply, were hazards proportional."""
    one, other = (Bounds.of(survival).within(0.0, 1.0).log() for survival in (treatment, reference))
    return Bounds(
        one.upper / other.lower if other.lower < 0 else 0.0,
        one.lower / other.upper if other.upper < 0 else float("inf"),
    )


def _strain(
    endpoint: Endpoint, reported: PrintedNumber, arms: tuple[Arm, Arm]
) -> Iterator[Finding]:
    treatment, reference = arms
    ratios = {
        time: implied_ratio(mark.survival, reference.landmarks[time].survival)
        for time, mark in treatment.landmarks.items()
        if time in reference.landmarks and _expected_events(arms, time) >= _FEWEST_EVENTS
    }
    if len(ratios) < 2:
        return
    smallest = min(bounds.upper for bounds in ratios.values())
    largest = max(bounds.lower for bounds in ratios.values())
    crosses = smallest < 1 < largest
    if not crosses and largest < _DRIFT * smallest:
        return
    shown = ", ".join(f"{bounds} at {short(time)}" for time, bounds in ratios.items())
    how = "lie on both sides of 1" if crosses else f"differ by a factor of {_DRIFT:.0f} or more"
    yield STRAIN.finding(
        "note", f"{endpoint.key}, landmarks", printed=f"HR {reported}; implied HR {shown}",
        expected="one hazard ratio at all times",
        sentence=f"The hazard ratios that the landmarks imply {how}, so the reported "
        f"{reported.bare} is an average over time and depends on the follow-up.",
    )  # fmt: skip


def _expected_events(arms: tuple[Arm, Arm], time: float) -> float:
    """Return the events by a landmark in both arms, were nobody censored before it."""
    return sum((arm.n or 0) * (1 - arm.landmarks[time].survival.value) for arm in arms)
