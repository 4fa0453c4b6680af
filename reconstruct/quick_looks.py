"""Approximate hazard ratios, and the events implied by an interval, from reported numbers alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from ..presentation.formats import count
from ..studies.argument_types import refuse_no_endpoint
from ..studies.arm import Arm
from ..studies.endpoint import Endpoint, Reported
from ..studies.printed import PrintedNumber
from ..studies.printed_fields import level_z, p_z
from ..studies.usual_form import usual_form

__all__ = ["ImpliedEvents", "QuickLook", "implied_events", "logrank_information", "quick_looks"]

PARMAR = "Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834"
TIERNEY = "Tierney JF, Stewart LA, Ghersi D, et al. Trials 2007;8:16"

_AT_A_TIME = "survival at "
SHOWS_A_VALUE = ("=", "~")


@dataclass(frozen=True, kw_only=True)
class QuickLook:
    """One approximate hazard ratio, treatment versus reference.

    Attributes
    ----------
    name : str
        Where it comes from, such as "survival at 60" or "medians".
    method : str
        How, and what it assumes, in a sentence.
    hazard_ratio, log_hazard_ratio : float
        From the reported values.
    variance : float or None
        Variance of the log hazard ratio; None if too little is reported.
    lower, upper : float
        The range of the hazard ratio over every rounding of the reported numbers. It is not a
        confidence interval.
    reference : str
        Who described the method.
    approximate : bool
        True always.
    """

    name: str
    method: str
    hazard_ratio: float
    log_hazard_ratio: float
    variance: float | None
    lower: float
    upper: float
    reference: str
    approximate: Literal[True] = True

    def title(self, unit: str) -> str:
        """Return where it comes from, a time with its unit: "survival at 60 months"."""
        return f"{self.name} {unit}" if self.name.startswith(_AT_A_TIME) else self.name


def quick_looks(endpoint: Endpoint) -> tuple[QuickLook, ...]:
    """Return every approximate hazard ratio that the reported numbers of two arms allow.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper reports; arms may lack `n`.

    Returns
    -------
    tuple of QuickLook
        In the order: survival at each shared landmark, medians, p with events (unless it is a
        lower bound, or one-sided and above 0.5), the interval of the reported hazard ratio. Empty
        unless there are two arms.

    References
    ----------
    .. [1] Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834.
    .. [2] Tierney JF, Stewart LA, Ghersi D, Burdett S, Sydes MR. Trials 2007;8:16.
       doi:10.1186/1745-6215-8-16.

    Examples
    --------
    >>> from kmrepro.studies import Arm, Endpoint, PrintedNumber
    >>> arms = {"A": Arm(median=PrintedNumber.parse("11.2")),
    ...         "B": Arm(median=PrintedNumber.parse("21.8"))}
    >>> look, = quick_looks(Endpoint(name="OS", reference="A", arms=arms))
    >>> look.name, round(look.hazard_ratio, 3)
    ('medians', 0.514)
    """
    refuse_no_endpoint("quick_looks", endpoint)
    if endpoint.treatment is None or endpoint.reference is None:
        return ()
    given = endpoint.reported
    endpoint = usual_form(endpoint).endpoint
    assert endpoint.treatment and endpoint.reference  # noqa: S101, PT018 - arms stay as they are
    reference = endpoint.arms[endpoint.reference]
    treatment = endpoint.arms[endpoint.treatment]
    looks = [*_from_landmarks(reference, treatment), *_from_medians(reference, treatment)]
    if endpoint.reported is not None:
        direction = _direction(looks, endpoint.reported)
        if given is not None and _tells_effect(given):
            looks += _from_p(endpoint.reported, arms=(reference, treatment), direction=direction)
        looks += _from_interval(endpoint.reported)
    return tuple(looks)


def logrank_information(endpoint: Endpoint) -> float | None:
    """Return the variance of observed less expected events; None without events of two arms.

    It is d0 d1 / (d0 + d1) of the arms' events d0 and d1, or d n0 n1 / (n0 + n1)² of all events d.

    References
    ----------
    .. [1] Tierney JF, Stewart LA, Ghersi D, Burdett S, Sydes MR. Trials 2007;8:16.
       doi:10.1186/1745-6215-8-16.
    """
    if endpoint.treatment is None or endpoint.reference is None:
        return None
    arms = (endpoint.arms[endpoint.reference], endpoint.arms[endpoint.treatment])
    known = _information(endpoint.reported, arms)
    return None if known is None else known[0]


def _from_landmarks(reference: Arm, treatment: Arm) -> Iterator[QuickLook]:
    for time in sorted(set(reference.landmarks) & set(treatment.landmarks)):
        s0, s1 = (arm.landmarks[time].survival for arm in (reference, treatment))
        if not all(s.relation in SHOWS_A_VALUE and 0 < s.value < 1 for s in (s0, s1)):
            continue
        hazard_ratio = math.log(s1.value) / math.log(s0.value)
        (low0, high0), (low1, high1) = _hazards(s0), _hazards(s1)
        variances = [
            _landmark_variance(s.value, arm.n) for s, arm in ((s0, reference), (s1, treatment))
        ]
        yield _look(
            name=f"{_AT_A_TIME}{time:g}",
            method=(
                f"ln({s1}) / ln({s0}), if hazards are proportional up to {time:g}; "
                "the variance is that of follow-up complete to then."
            ),
            log_hazard_ratio=math.log(hazard_ratio),
            variance=_total(variances),
            rounding=(low1 / high0, high1 / low0),
            reference=PARMAR,
        )


def _hazards(survival: PrintedNumber) -> tuple[float, float]:
    """Return the smallest and largest cumulative hazard that is reported as this survival."""
    return -math.log(survival.upper), -math.log(survival.lower)


def _landmark_variance(survival: float, n: int | None) -> float | None:
    """Return the variance of ln(-ln S) when nobody is censored before: (1 - S) / (n S ln(S)²)."""
    return None if n is None else (1 - survival) / (n * survival * math.log(survival) ** 2)


def _total(variances: list[float | None]) -> float | None:
    known = [variance for variance in variances if variance is not None]
    return sum(known) if len(known) == len(variances) else None


def _from_medians(reference: Arm, treatment: Arm) -> Iterator[QuickLook]:
    m0, m1 = reference.median, treatment.median
    if m0 is None or m1 is None:
        return
    if not all(m.relation in SHOWS_A_VALUE and m.value > 0 for m in (m0, m1)):
        return
    variances = [1 / arm.events if arm.events else None for arm in (reference, treatment)]
    yield _look(
        name="medians",
        method=f"{m0} / {m1}, if survival is exponential in both arms.",
        log_hazard_ratio=math.log(m0.value / m1.value),
        variance=_total(variances),
        rounding=(m0.lower / m1.upper, m0.upper / m1.lower),
        reference=TIERNEY,
    )


def _direction(looks: list[QuickLook], reported: Reported) -> tuple[float, str]:
    """Return the sign of the log hazard ratio, 0 if unknown, and what indicates it.

    The last shared landmark has seen the most events, so it speaks first; then the medians, then
    the reported hazard ratio.
    """
    landmarks = [look for look in looks if look.name != "medians"]
    for look in [*landmarks[::-1], *looks]:
        if look.log_hazard_ratio:
            return math.copysign(1.0, look.log_hazard_ratio), look.name
    printed = reported.hazard_ratio
    if printed is not None and printed.reached and printed.value > 0 and printed.value != 1:
        return math.copysign(1.0, math.log(printed.value)), "the reported hazard ratio"
    return 0.0, ""


def _tells_effect(reported: Reported) -> bool:
    """Say whether p has an effect's size, as ">0.05" has not, in the direction that was tested."""
    p = reported.p
    against = p is not None and reported.one_sided and p.value > 0.5
    return p is not None and p.relation not in (">", ">=") and not against


def _from_p(
    reported: Reported, *, arms: tuple[Arm, Arm], direction: tuple[float, str]
) -> Iterator[QuickLook]:
    """Turn p into O - E, and O - E into a hazard ratio: exp((O - E) / V), variance 1 / V."""
    sign, told_by = direction
    p = reported.p
    known = _information(reported, arms)
    if p is None or not p.reached or not 0 < p.value <= 1 or not sign or known is None:
        return
    information, basis = known
    root = math.sqrt(information)
    near, printed, far = (p_z(q) for q in (p.upper, p.value, p.lower))
    bound = "" if p.relation in SHOWS_A_VALUE else " p is a bound, and so is this."
    log_ends = sorted((sign * near / root, sign * far / root))
    yield _look(
        name="p and events",
        method=(
            f"O - E = z(p) √V with p {'' if bound else '= '}{p} and V = {information:.4g} "
            f"({basis}); direction from {told_by}.{bound}"
        ),
        log_hazard_ratio=sign * printed / root,
        variance=1 / information,
        rounding=(math.exp(log_ends[0]), _exp(log_ends[1])),
        reference=TIERNEY,
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def _information(reported: Reported | None, arms: tuple[Arm, Arm]) -> tuple[float, str] | None:
    """Return the variance V of O - E and what it rests on; None without events."""
    d0, d1 = (arm.events for arm in arms)
    if d0 and d1:
        return d0 * d1 / (d0 + d1), f"{d0} and {count(d1, 'event')}"
    total = None if reported is None else reported.events
    if not total:
        return None
    n0, n1 = (arm.n for arm in arms)
    if n0 is None or n1 is None:
        return total / 4, f"{count(total, 'event')}, 1:1 allocation assumed as n is not reported"
    return total * n0 * n1 / (n0 + n1) ** 2, f"{count(total, 'event')}, allocation {n0}:{n1}"


def _from_interval(reported: Reported) -> Iterator[QuickLook]:
    if reported.ci is None:
        return
    lower, upper = reported.ci
    if not all(bound.relation in SHOWS_A_VALUE and bound.value > 0 for bound in (lower, upper)):
        return
    if lower.value >= upper.value:
        return
    low, high = math.log(lower.value), math.log(upper.value)
    yield _look(
        name="reported interval",
        method=f"The middle of {lower} to {upper} on the log scale, and the variance of its width.",
        log_hazard_ratio=(low + high) / 2,
        variance=((high - low) / (2 * level_z(None))) ** 2,
        rounding=(math.sqrt(lower.lower * upper.lower), math.sqrt(lower.upper * upper.upper)),
        reference=PARMAR,
    )


def _look(
    *,
    name: str,
    method: str,
    log_hazard_ratio: float,
    variance: float | None,
    rounding: tuple[float, float],
    reference: str,
) -> QuickLook:
    return QuickLook(
        name=name,
        method=method,
        hazard_ratio=math.exp(log_hazard_ratio),
        log_hazard_ratio=log_hazard_ratio,
        variance=variance,
        lower=rounding[0],
        upper=rounding[1],
        reference=reference,
    )


@dataclass(frozen=True, kw_only=True)
class ImpliedEvents:
    """How many events the reported interval of a hazard ratio speaks of.

    Attributes
    ----------
    low, high : float
        The range over every pair of bounds that rounds to the reported ones. `high` is infinite
        if the interval may have no width.
    estimate : float
        Events at the reported bounds themselves.
    se : float
        Standard error of the log hazard ratio at the reported bounds.
    allocation : float
        The fraction of events in one arm that was used.
    method : str
        How, in a sentence.
    """

    low: float
    high: float
    estimate: float
    se: float
    allocation: float
    method: str


def implied_events(
    reported: Reported | None, allocation: float, *, confidence: float = 0.95
) -> ImpliedEvents | None:
    """Return the number of events that the interval of the reported hazard ratio implies.

    Parameters
    ----------
    reported : Reported or None
        The reported comparison.
    allocation : float
        Fraction of the events that are in one of the two arms (either), in (0, 1).
    confidence : float
        Coverage of the reported interval, in (0, 1).

    Returns
    -------
    ImpliedEvents or None
        None if no interval is reported, or its bounds are not two rising positive numbers.

    Raises
    ------
    ValueError
        If `allocation` or `confidence` is outside (0, 1).

    Notes
    -----
    The variance of a log hazard ratio is about 1/d1 + 1/d2 of d1 and d2 events; hence
    D = 1 / (se² q (1 - q)) with q = d1 / D [1]_, [2]_. In R's `lung` (165 events, 53 of them in
    women) it is 158; with the fraction of patients as q, as for a hazard ratio near 1, it would
    be 144.

    References
    ----------
    .. [1] Schoenfeld DA. Biometrics 1983;39:499-503. doi:10.2307/2531021.
    .. [2] Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834, eq. 10-11.

    Examples
    --------
    >>> from kmrepro.studies import PrintedNumber, Reported
    >>> ci = (PrintedNumber.parse("0.78"), PrintedNumber.parse("1.89"))
    >>> events = implied_events(Reported(ci=ci), 0.5)
    >>> round(events.low, 1), round(events.high, 1)
    (76.9, 80.1)
    """
    for name, fraction in (("allocation", allocation), ("confidence", confidence)):
        if not 0 < fraction < 1:
            raise ValueError(f"`{name}` must lie between 0 and 1, but is {fraction}.")
    if reported is None or reported.ci is None or not _is_interval(*reported.ci):
        return None
    lower, upper = reported.ci
    width = 2 * NormalDist().inv_cdf(0.5 + confidence / 2)
    events = [
        _events((math.log(high) - math.log(low)) / width, allocation)
        for low, high in (
            (lower.lower, upper.upper),
            (lower.value, upper.value),
            (lower.upper, upper.lower),
        )
    ]
    return ImpliedEvents(
        low=events[0],
        estimate=events[1],
        high=events[2],
        se=(math.log(upper.value) - math.log(lower.value)) / width,
        allocation=allocation,
        method=(
            f"Events implied by the reported {confidence:.0%} interval {lower}-{upper}: "
            f"1 / (se² q (1 - q)) with q = {allocation:.3g}, over every rounding of its bounds."
        ),
    )


def _is_interval(lower: PrintedNumber, upper: PrintedNumber) -> bool:
    shown = lower.relation in SHOWS_A_VALUE and upper.relation in SHOWS_A_VALUE
    return shown and 0 < lower.value < upper.value


def _events(se: float, allocation: float) -> float:
    if se <= 0:
        return math.inf
    return 1 / (se * se * allocation * (1 - allocation))
