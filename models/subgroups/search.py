"""A search for labels: exchanges of patients between subgroups until hazard ratios are matched.

Patients of one arm (and, where the events of subgroups are reported, of one kind of exit) exchange
their labels at random. An exchange is kept if the hazard ratios and intervals of both subgroups
come no further from what is reported. During the search an estimate is one Newton step from the
reported value, which is exact at that value, where it matters; in the end it is iterated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...reconstruct.compiled import compiled
from ...reconstruct.ensemble.sampler import stream
from ...reconstruct.pseudo_ipd import BoolArray, FloatArray, IntArray, PseudoIPD
from ...studies.printed_fields import Z_95
from .reported import ReportedVariable

__all__ = ["NOT_LABELLED", "Targets", "labelled", "labelled_draws"]


NOT_LABELLED = -1
WORK = 2_000_000  # patients looked at in one start, and the fewest and most exchanges
FEWEST, MOST = 2000, 10_000
TRIES = 2000  # pairs drawn in search of one that may exchange labels
# Log hazard ratios by which an exchange may do harm, falling to 0: one start with each. Small
# groups need more, since a single exchange moves their hazard ratio further.
HEATS = (0.005, 0.02, 0.05)
FREE = 50.0  # a log hazard ratio that is no bound
_LABELS = 11  # what random numbers are for
MARGIN = 0.02  # of an interval's width, which the search keeps from its ends


@dataclass(frozen=True, kw_only=True, eq=False)
class Targets:
    """What is reported of the levels of one variable, on the log scale.

    Attributes
    ----------
    low, high : ndarray of float, shape (levels, 3)
        Ends of the rounding interval of the hazard ratio, and of the lower and the upper end of
        its confidence interval.
    middle : ndarray of float, shape (levels,)
        The reported hazard ratio.
    n : ndarray of int, shape (levels, 2)
        Patients by arm, the reference first.
    events : ndarray of int, shape (levels, 2)
        Events by arm; -1 if they are not reported.
    """

    low: FloatArray
    high: FloatArray
    middle: FloatArray
    n: IntArray
    events: IntArray

    @classmethod
    def of(cls, variable: ReportedVariable, *, intervals: bool = True) -> Targets:
        """Take the targets of a variable, with or without its confidence intervals."""
        low = np.full((len(variable.levels), 3), -FREE)
        high = -low
        for row, level in enumerate(variable.levels):
            wanted = [level.hazard_ratio, *((level.ci or ()) if intervals else ())]
            for column, number in enumerate(wanted):
                if number.lower > 0:
                    low[row, column] = np.log(number.lower)
                high[row, column] = min(np.log(number.upper), FREE) if number.upper > 0 else -FREE
        return cls(
            low=low,
            high=high,
            middle=np.log([level.hazard_ratio.value for level in variable.levels]),
            n=np.array([level.n for level in variable.levels]),
            events=np.array([level.events or (-1, -1) for level in variable.levels]),
        )


def labelled(
    time: FloatArray,
    event: BoolArray,
    treated: BoolArray,
    targets: Targets,
    *,
    rng: np.random.Generator,
) -> tuple[IntArray, float]:
    """Find labels for the patients of one data set.

    Parameters
    ----------
    time, event, treated : ndarray, shape (n,)
    targets : Targets
    rng : numpy.random.Generator

    Returns
    -------
    labels : ndarray of int, shape (n,)
        Place of each patient's level, -1 for a patient of none.
    miss : float
        0 if everything is matched; otherwise how far it is missed, in log hazard ratios. NaN, and
        labels of nobody, if the arms do not have the patients or events that the levels have.
    """
    order = np.lexsort((~event, time))
    strata = _strata(event[order], treated[order], targets)
    nobody = np.full(time.size, NOT_LABELLED)
    if not _fits(event, treated, targets):
        return nobody, np.nan
    exchanges = int(np.clip(WORK // time.size, FEWEST, MOST))
    best, least = nobody, np.inf
    for heat in HEATS:
        start = _random_labels(event[order], treated[order], targets, rng)
        seed = int(rng.integers(2**31))
        found, miss = _search(
            time[order], event[order], treated[order], start, strata, targets.low, targets.high,
            targets.middle, seed, exchanges, heat,
        )  # fmt: skip
        if miss < least:
            best, least = found, miss
        if least == 0:
            break
    labels = np.empty_like(best)
    labels[order] = best
    return labels, float(least)


def labelled_draws(
    variable: ReportedVariable,
    draws: Sequence[PseudoIPD],
    *,
    intervals: bool,
    purpose: tuple[int, int],
) -> tuple[IntArray, FloatArray]:
    """Label the patients of given data sets.

    Parameters
    ----------
    variable : ReportedVariable
    draws : sequence of PseudoIPD
        Of the same arms.
    intervals : bool
        Whether the reported confidence intervals are to be matched, too.
    purpose : tuple of int
        The seed, and what else the random numbers depend on.

    Returns
    -------
    labels : ndarray of int, shape (draws, n)
    miss : ndarray of float, shape (draws,)
        See `labelled`.
    """
    targets = Targets.of(variable, intervals=intervals)
    found = [
        labelled(
            ipd.time,
            ipd.event,
            ipd.arm == variable.arms[1],
            targets,
            rng=stream(purpose[0], number, purpose[1], _LABELS),
        )
        for number, ipd in enumerate(draws)
    ]
    return np.array([labels for labels, _ in found]), np.array([miss for _, miss in found])


def _fits(event: BoolArray, treated: BoolArray, targets: Targets) -> bool:
    """Say whether the arms have the patients and the events that the levels are to have."""
    for arm in (0, 1):
        own = treated == bool(arm)
        spare = int(own.sum()) - int(targets.n[:, arm].sum())
        if spare < 0:
            return False
        if (targets.events[:, arm] >= 0).all():
            left = int(event[own].sum()) - int(targets.events[:, arm].sum())
            if not 0 <= left <= spare:
                return False
    return True


def _strata(event: BoolArray, treated: BoolArray, targets: Targets) -> IntArray:
    """Return the number of each patient's group, inside which labels are exchanged."""
    known = bool((targets.events >= 0).all())
    return treated.astype(np.int64) + 2 * (event & known)


def _random_labels(
    event: BoolArray,
    treated: BoolArray,
    targets: Targets,
    rng: np.random.Generator,
) -> IntArray:
    """Deal labels at random so that every level has its patients, and its events if known."""
    labels = np.full(event.size, NOT_LABELLED)
    known = bool((targets.events >= 0).all())
    for arm in (0, 1):
        own = treated == bool(arm)
        groups = [(own & event, targets.events[:, arm])] if known else []
        rest = targets.n[:, arm] - (targets.events[:, arm] if known else 0)
        groups.append((own & ~event if known else own, rest))
        for members, counts in groups:
            places = rng.permutation(np.flatnonzero(members))
            labels[places[: counts.sum()]] = np.repeat(np.arange(counts.size), counts)
    return labels


@compiled
def _score(time: Any, event: Any, treated: Any, labels: Any, level: Any, b: Any) -> Any:
    """Return score and information of one level at a log hazard ratio (Efron's ties)."""
    ratio = np.exp(b)
    reference = 0.0
    treatment = 0.0
    score = 0.0
    information = 0.0
    place = time.size - 1
    while place >= 0:
        when = time[place]
        tied = 0.0
        tied_treated = 0.0
        while place >= 0 and time[place] == when:
            if labels[place] == level:
                if treated[place]:
                    treatment += 1.0
                else:
                    reference += 1.0
                if event[place]:
                    tied += 1.0
                    if treated[place]:
                        tied_treated += 1.0
            place -= 1
        for rank in range(int(tied)):
            gone = rank / tied
            odds = ratio * (treatment - gone * tied_treated)
            share = odds / (odds + reference - gone * (tied - tied_treated))
            score -= share
            information += share * (1.0 - share)
        score += tied_treated
    return score, information


@compiled
def _miss(estimate: Any, se: Any, low: Any, high: Any, margin: Any) -> Any:
    """Return how far an estimate and the ends of its interval are outside what is reported."""
    total = 0.0
    for column in range(3):
        value = estimate
        if column == 1:
            value -= Z_95 * se
        elif column == 2:
            value += Z_95 * se
        inner = margin * (high[column] - low[column])
        if value < low[column] + inner:
            total += low[column] + inner - value
        elif value > high[column] - inner:
            total += value - high[column] + inner
    return total


@compiled
def _level_miss(
    time: Any,
    event: Any,
    treated: Any,
    labels: Any,
    level: Any,
    low: Any,
    high: Any,
    middle: Any,
    steps: Any,
    margin: Any,
) -> Any:
    """Return how far one level misses what is reported, by so many Newton steps."""
    b = middle
    information = 1.0
    for _ in range(steps):
        score, information = _score(time, event, treated, labels, level, b)
        if information < 1e-9:
            return 1e3
        step = score / information
        b += min(max(step, -2.0), 2.0)
        if abs(step) < 1e-10:
            break
    if steps > 1:
        _, information = _score(time, event, treated, labels, level, b)
    return _miss(b, 1.0 / np.sqrt(max(information, 1e-12)), low, high, margin)


@compiled
def _pair(labels: Any, strata: Any, miss: Any) -> Any:
    """Draw two patients of one group and different levels, one of them of a level that misses."""
    for _ in range(TRIES):
        one = np.random.randint(labels.size)  # noqa: NPY002
        if labels[one] < 0 or miss[labels[one]] <= 0.0:
            continue
        other = np.random.randint(labels.size)  # noqa: NPY002
        if labels[one] != labels[other] and strata[one] == strata[other]:
            return one, other
    return -1, -1


@compiled
def _miss_of(
    time: Any,
    event: Any,
    treated: Any,
    labels: Any,
    level: Any,
    low: Any,
    high: Any,
    middle: Any,
    steps: Any,
    margin: Any,
) -> Any:
    """Return `_level_miss` of one of the levels; 0 of patients without a level."""
    if level < 0:
        return 0.0
    return _level_miss(
        time, event, treated, labels, level, low[level], high[level], middle[level], steps, margin
    )


@compiled
def _search(
    time: Any,
    event: Any,
    treated: Any,
    labels: Any,
    strata: Any,
    low: Any,
    high: Any,
    middle: Any,
    seed: Any,
    exchanges: Any,
    heat: Any,
) -> Any:
    """Exchange labels until every level is matched; return the labels and the exact miss."""
    np.random.seed(seed)  # noqa: NPY002 - numba's own
    levels = middle.size
    miss = np.zeros(levels)
    for level in range(levels):
        miss[level] = _miss_of(time, event, treated, labels, level, low, high, middle, 1, MARGIN)
    for step in range(exchanges):
        if miss.sum() <= 0.0:
            break
        one, other = _pair(labels, strata, miss)
        if one < 0:
            break
        a, b = labels[one], labels[other]
        labels[one], labels[other] = b, a
        new_a = _miss_of(time, event, treated, labels, a, low, high, middle, 1, MARGIN)
        new_b = _miss_of(time, event, treated, labels, b, low, high, middle, 1, MARGIN)
        had = (miss[a] if a >= 0 else 0.0) + (miss[b] if b >= 0 else 0.0)
        warmth = heat * (1.0 - step / exchanges) ** 2
        if new_a + new_b <= had - warmth * np.log(1.0 - np.random.random()):  # noqa: NPY002
            if a >= 0:
                miss[a] = new_a
            if b >= 0:
                miss[b] = new_b
        else:
            labels[one], labels[other] = a, b
    exact = 0.0
    for level in range(levels):
        exact += _miss_of(time, event, treated, labels, level, low, high, middle, 50, 0.0)
    return labels, exact
