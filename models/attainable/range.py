"""The smallest and the largest hazard ratio that data sets with the reported values can have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...presentation import notebook
from ...presentation.formats import ratio
from ...presentation.tables import Table, left, right
from ...reconstruct.contradictions import refuse_contradictions
from ...reconstruct.errors import ContradictionError, ReconstructionRefused, refuse_curves
from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ...reconstruct.reconstruction import reconstruct
from ...studies import Endpoint, PrintedNumber
from ...studies.argument_types import refuse_no_endpoint, strict
from ...studies.usual_form import usual_form
from .._inference import NotEstimable
from .enumeration import Enumeration, TooMany
from .phases import NoDataSet, Phase, phases_of
from .plan import as_ipd
from .relaxation import Outer, outer_bound
from .search import SMALL, Witness, largest_found, witness_of
from .timeline import Median, Rounding, Timeline, timeline_of

__all__ = ["AttainableRange", "attainable_hazard_ratio"]

ENUMERATED = "all data sets gone through"
BOUNDED = "bounded from outside, searched from inside"
CLIMBS = 40  # Newton steps; each goes to a better data set, so that few are needed
MET = 1e-9  # score


@dataclass(frozen=True, kw_only=True, eq=False)
class AttainableRange:
    """The hazard ratios that data sets with the reported values of both arms can have.

    Attributes
    ----------
    reference, treatment : str
        The arm in the denominator of the hazard ratio, and the other.
    lower, upper : float
        No data set consistent with every reported value has a hazard ratio outside them. They are
        0 and infinity where an arm may have no event while the other is at risk, or where nothing
        was proven.
    lower_attained, upper_attained : float
        Hazard ratios of data sets that were found; NaN where none was.
    lower_data, upper_data : PseudoIPD or None
        These data sets.
    exact : bool
        True if the bounds are attained.
    method : str
        "all data sets gone through" or "bounded from outside, searched from inside".
    """

    reference: str
    treatment: str
    lower: float
    upper: float
    lower_attained: float
    upper_attained: float
    lower_data: PseudoIPD | None
    upper_data: PseudoIPD | None
    exact: bool
    method: str

    def __repr__(self) -> str:
        """Return the bounds, for a notebook's line."""
        how = "exact" if self.exact else "proven bounds"
        return (
            f"AttainableRange({self.treatment} vs {self.reference}: hazard ratio from "
            f"{_bounds(self.lower, self.upper)}, {how})"
        )

    def _repr_html_(self) -> str:
        rows = (
            ("Smallest", ratio(self.lower), ratio(self.lower_attained)),
            ("Largest", ratio(self.upper), ratio(self.upper_attained)),
        )
        columns = left("Hazard ratio") + right("No data set beyond", "Found")
        return notebook.block(
            notebook.heading(f"{self.treatment} vs {self.reference}", "attainable hazard ratios"),
            Table(columns=columns, rows=rows).to_html(),
            notebook.text(self.sentence),
        )

    def contains(self, printed: PrintedNumber) -> bool:
        """Say whether some value that is reported so is between the bounds.

        If none is, no data set consistent with what is reported of both arms has the hazard ratio
        by Cox regression with Efron's ties.
        """
        return printed.upper >= self.lower and printed.lower <= self.upper

    @property
    def sentence(self) -> str:
        """The range in words."""
        bounds, whose = _bounds(self.lower, self.upper), "consistent with the reported values"
        if self.exact:
            return f"Data sets {whose} have hazard ratios of {bounds}."
        outer = f"No data set {whose} has a hazard ratio outside {bounds}"
        if self.lower == 0 and math.isinf(self.upper):
            outer = "The reported values set no limits to the hazard ratio of data sets"
        if self.lower_data is None or self.upper_data is None:
            return f"{outer}; none was found."
        found = _bounds(self.lower_attained, self.upper_attained)
        return f"{outer}, and those found have {found}."


def _bounds(lower: float, upper: float) -> str:
    ends = dict.fromkeys((_text(lower), _text(upper)))
    return " to ".join(ends)


def _text(value: float) -> str:
    if value == 0:
        return "0"
    return ratio(value) if math.isfinite(value) else "infinity"


@strict
def attainable_hazard_ratio(
    endpoint: Endpoint,
    *,
    rounding: Rounding = "rounded",
    median: Median = "first",
    searched: bool = True,
) -> AttainableRange:
    """Bound the hazard ratio of every data set consistent with what the two arms report.

    Parameters
    ----------
    endpoint : Endpoint
        An endpoint with two arms that report n. Landmarks, medians, numbers at risk, events per arm
        or in total, event times and the longest follow-up are used; the reported hazard ratio, its
        interval and p are not.
    rounding : {"rounded", "either"}
        Whether percentages are rounded, or may as well have been truncated.
    median : {"first", "either"}
        Whether a median is the first time at which survival is at most 0.5, or may as well be the
        middle of the interval in which survival is exactly 0.5, as R has it.
    searched : bool
        Whether to search for data sets near the bounds where not all can be gone through. Without,
        the bounds are the same and the reconstruction is the only data set.

    Returns
    -------
    AttainableRange
        Bounds that no data set exceeds, and data sets that come as near to them as was found.
        The same endpoint gives the same result.

    Raises
    ------
    ReconstructionRefused
        If there are not two arms, or one reports no number of patients.
    ContradictionError
        If no data set matches what is reported.
    NotEstimable
        If no data set that does determines a hazard ratio.

    Notes
    -----
    A data set is n patients per arm with any positive times, ties allowed; its hazard ratio is the
    Cox estimate with Efron's ties. The estimate is at least theta exactly if the score at theta,

        U(theta) = sum over events of (arm - p),  p = theta n1 / (n0 + theta n1),

    is not negative, so that the largest estimate is where the largest score of all data sets
    vanishes. An event in either arm adds most when n0 is large and n1 is small. Between two
    reported times, where nothing ties the order of one arm to that of the other, the treatment arm
    therefore leaves first; ties are never better, since Efron draws the l-th of d tied events from
    n - l d_arm / d patients, no fewer of the treatment arm than that order has. The smallest
    hazard ratio is the inverse of the largest with the arms exchanged.

    Small trials are gone through exactly, by dynamic programming over all numbers at risk, survival
    values and events of both arms. For others the outer bounds come from the same programme over
    numbers at risk only, with fractional patients, survival between two reported times by linear
    programming, and multipliers for what concerns several of them: it can only be too wide. The
    data sets come from a search that starts at the reconstruction and at the bound's own course.

    Examples
    --------
    >>> import kmrepro as km
    >>> endpoint = km.load_study("an2025").endpoint("psm", "OS")
    >>> found = km.attainable_hazard_ratio(endpoint)
    >>> found.contains(endpoint.reported.hazard_ratio)
    True
    """
    refuse_no_endpoint("attainable_hazard_ratio", endpoint)
    refuse_curves(endpoint, "the attainable range")
    endpoint = usual_form(endpoint).endpoint
    refuse_contradictions(endpoint)
    timeline = timeline_of(endpoint, rounding=rounding, median=median)
    try:
        low, high = (
            _largest(endpoint, each, searched=searched) for each in (timeline.swapped(), timeline)
        )
    except NoDataSet:
        raise ContradictionError(
            f"{endpoint.key}: no data set is consistent with what is reported of both arms",
            numbers=(),
            endpoint_key=endpoint.key,
        ) from None
    reference, treatment = (arm.name for arm in timeline.arms)
    return AttainableRange(
        reference=reference,
        treatment=treatment,
        lower=_ratio(-low.bound),
        upper=_ratio(high.bound),
        lower_attained=_ratio(-low.attained),
        upper_attained=_ratio(high.attained),
        lower_data=_ordered(low.data, reference),
        upper_data=_ordered(high.data, reference),
        exact=low.exact and high.exact,
        method=high.method if high.method == low.method else BOUNDED,
    )


def _ratio(log_ratio: float) -> float:
    return math.exp(log_ratio) if log_ratio < 700 else math.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class _End:
    """The largest log hazard ratio: a bound, and a data set."""

    bound: float
    attained: float
    data: PseudoIPD | None
    exact: bool
    method: str


def _largest(endpoint: Endpoint, timeline: Timeline, *, searched: bool) -> _End:
    phases = phases_of(timeline)
    try:
        return _enumerated(endpoint, timeline, Enumeration(timeline, phases))
    except TooMany:
        return _bounded(endpoint, timeline, phases, searched=searched)


def _enumerated(endpoint: Endpoint, timeline: Timeline, every: Enumeration) -> _End:
    """Climb from data set to data set until none has a larger score at its hazard ratio."""
    log_ratio = 0.0
    for _ in range(CLIMBS):
        best = every.best(math.exp(log_ratio))
        if best is None:
            raise NotEstimable(
                f"{endpoint.key}: in no data set consistent with what is reported does any event "
                "happen while both arms are at risk, so there is no hazard ratio."
            )
        witness = witness_of(timeline, as_ipd(timeline, every.phases, best[1]))
        if witness is None:
            raise TooMany
        found = witness.log_hazard_ratio
        if _settled(found, log_ratio):
            return _End(
                bound=found, attained=found, data=witness.ipd, exact=True, method=ENUMERATED
            )
        log_ratio = max(found, SMALL)
    raise TooMany


def _settled(found: float, log_ratio: float) -> bool:
    """Say whether the best data set at a log hazard ratio has the largest of all."""
    if math.isinf(found):
        return found > 0 or log_ratio <= SMALL
    return abs(found - log_ratio) < MET


def _bounded(
    endpoint: Endpoint, timeline: Timeline, phases: Sequence[Phase], *, searched: bool
) -> _End:
    """Bound from outside, and search from inside."""
    first = _reconstructed(endpoint, timeline)
    known = None if first is None else first.log_hazard_ratio
    if first is not None and known == math.inf:  # there is nothing larger to look for
        return _End(bound=math.inf, attained=math.inf, data=first.ipd, exact=True, method=BOUNDED)
    outer = outer_bound(timeline, phases, start=0.0 if known in (None, -math.inf) else known)
    if first is None:
        return _End(
            bound=outer.log_hazard_ratio, attained=math.nan, data=None, exact=False, method=BOUNDED
        )
    found = first
    if searched:
        found = largest_found(timeline, phases, first=first, starts=_starts(outer))
    return _End(
        bound=outer.log_hazard_ratio,
        attained=found.log_hazard_ratio,
        data=found.ipd,
        exact=found.log_hazard_ratio == outer.log_hazard_ratio,
        method=BOUNDED,
    )


def _reconstructed(endpoint: Endpoint, timeline: Timeline) -> Witness | None:
    """Return the reconstruction, if it matches what is reported."""
    try:
        ipd = reconstruct(endpoint)
    except (ReconstructionRefused, ContradictionError):
        return None
    ordered = _ordered(ipd, timeline.reference.name)
    return None if ordered is None else witness_of(timeline, ordered)


def _starts(outer: Outer) -> list[FloatArray]:
    """Return numbers at risk near which the bound comes from: their mean, and the heaviest."""
    if not outer.weights.sum() > 0:
        return [course.at_risk for course in outer.courses[-1:]]
    share = outer.weights / outer.weights.sum()
    courses = outer.courses[: share.size]
    mean = sum(w * course.at_risk for w, course in zip(share, courses, strict=True))
    return [np.asarray(mean), courses[int(share.argmax())].at_risk]


def _ordered(ipd: PseudoIPD | None, reference: str) -> PseudoIPD | None:
    """Put the reference arm first."""
    if ipd is None or ipd.reference == reference:
        return ipd
    order = np.concatenate([np.flatnonzero(ipd.arm == name) for name in ipd.arms[::-1]])
    return replace(
        ipd,
        time=ipd.time[order],
        event=ipd.event[order],
        arm=ipd.arm[order],
        arms=ipd.arms[::-1],
    )
