"""The counting behind every analysis: who was at risk at each event, and Cox's likelihood.

`RiskSets` holds two arms in many data sets (draws) at once, without a loop over them; a single
data set is a batch of one. `RiskTable` counts any number of arms in one data set.

**Sort keys.** The bits of a positive float, read as an integer, are in the order of the floats.
Counted from the bits of 1.0 they leave the two uppermost of 64 bits unused for every time between
2**-512 and 2**512. Shifted up by two, they make room below for "was censored" and "belongs to the
treatment arm", and lose nothing: two keys agree above those two bits exactly if their times are
equal. One sort of integers then orders times, events and arms together, where numpy would need an
indirect sort, which is several times slower, and a gather per array. Patients with the same time
are in the order of the two bits: events before censorings, so that who is censored at a time
counts as at risk then, and the reference arm before the treatment arm.

Examples
--------
A thousand data sets of sixty patients: sorted once, analysed twice.

>>> import numpy as np
>>> from kmrepro.models import BatchedCox, BatchedLogrank
>>> rng = np.random.default_rng(0)
>>> time, event = rng.integers(1, 30, (1000, 60)) / 1.0, rng.random((1000, 60)) < 0.6
>>> sets = RiskSets.of(time, event, np.arange(60) < 30)
>>> BatchedCox.of(sets).log_hazard_ratio.shape, BatchedLogrank.of(sets).p.shape
((1000,), (1000,))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD, tied
from ._inference import NotEstimable, ReadOnlyArrays, remembered

__all__ = [
    "PartialLikelihood",
    "RiskSets",
    "RiskTable",
    "Ties",
    "n_at_risk_before",
    "partial_likelihood",
    "reference_odds",
    "risk_table",
    "treated_share",
    "two_arm_risk_sets",
]

BoolArray = npt.NDArray[np.bool_]
CountArray = npt.NDArray[np.int32]
KeyArray = npt.NDArray[np.int64]

Ties = Literal["efron", "breslow"]

TREATED = 1
CENSORED = 2
SMALLEST, LARGEST = 2.0**-511, 2.0**511
_BITS_OF_ONE = np.float64(1).view(np.int64)


def sorted_keys(time: FloatArray, event: BoolArray, treated: BoolArray) -> KeyArray:
    """Return one key per patient, in order within each draw, shape (draws, n).

    Times must lie between `SMALLEST` and `LARGEST`; `treated` may be of shape (n,).
    """
    keys = np.ascontiguousarray(time).view(np.int64) - _BITS_OF_ONE
    for flag in (~event, treated):
        keys <<= 1
        keys |= flag
    keys.sort(axis=-1)
    return keys


def moment(keys: KeyArray) -> KeyArray:
    """Return integers that are equal exactly where the times are, and in their order."""
    return keys >> 2


def time_at(moments: KeyArray) -> FloatArray:
    """Return the times of moments (of any shape), bit for bit, in the time unit."""
    return (moments + _BITS_OF_ONE).view(np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskSets(ReadOnlyArrays):
    """The events of every draw in order of time, and who was at risk at each.

    Arrays have a row per draw and a column per event; k is the largest number of events of a
    draw. Events at the same time are side by side, those of the reference arm first. Draws with
    fewer events are filled up with events at infinity, of one of two patients of the reference
    arm: they add nothing to any estimate, so no formula has to know of it.

    Attributes
    ----------
    time : ndarray of float, shape (draws, k)
        When the event happened.
    treated : ndarray of bool, shape (draws, k)
        Whether it happened in the treatment arm.
    n_reference, n_treatment : ndarray of int, shape (draws, k)
        Patients of each arm still followed just before the time.
    tied, tied_treated : ndarray of int, shape (draws, k)
        Events at this time, this one included: all, and those of the treatment arm.
    rank : ndarray of int, shape (draws, k)
        How many of the events at this time come before this one.
    last_reference, last_treatment : ndarray of float, shape (draws,)
        The longest follow-up of each arm; 0 in an arm without patients.
    """

    time: FloatArray
    treated: BoolArray
    n_reference: CountArray
    n_treatment: CountArray
    tied: CountArray
    tied_treated: CountArray
    rank: CountArray
    last_reference: FloatArray
    last_treatment: FloatArray

    @classmethod
    def of(
        cls,
        time: npt.ArrayLike,
        event: npt.ArrayLike,
        treated: npt.ArrayLike,
        *,
        at_a_time: int = 2**16,
    ) -> Self:
        """Sort the patients of every draw and count who was at risk.

        Parameters
        ----------
        time : array_like of float, shape (draws, n)
            Time to event or censoring, in any unit, between 2**-511 and 2**511.
        event : array_like of bool, shape (draws, n)
            True if the event happened at `time`, False if the patient was censored then.
        treated : array_like of bool, shape (n,) or (draws, n)
            True in the treatment arm, False in the reference arm.
        at_a_time : int
            Patients sorted in one go, positive. At the default what is known of them stays in the
            cache of the processor.

        Raises
        ------
        ValueError
            If shapes do not fit, flags are not boolean, or a time is outside its range.

        Notes
        -----
        A draw keeps 29 bytes for each of k events, and needs some 110 at the peak of an analysis.
        Of very many draws, take some thousands at a time.
        """
        times, events, arms = _checked(time, event, treated)
        k = np.count_nonzero(events, axis=1).max(initial=0)
        columns = {
            name: np.full((len(times), k), value, dtype)
            for name, (value, dtype) in _PADDING.items()
        }
        step = max(at_a_time // times.shape[1], 1)
        for start in range(0, len(times), step):
            part = slice(start, start + step)
            keys = sorted_keys(times[part], events[part], arms if arms.ndim == 1 else arms[part])
            _fill({name: column[part] for name, column in columns.items()}, keys)
        return cls(
            last_reference=times.max(axis=1, where=~arms, initial=0.0),
            last_treatment=times.max(axis=1, where=arms, initial=0.0),
            **columns,
        )


_PADDING: dict[str, tuple[float, type]] = {
    "time": (np.inf, np.float64),
    "treated": (False, np.bool_),
    "n_reference": (2, np.int32),
    "n_treatment": (0, np.int32),
    "tied": (1, np.int32),
    "tied_treated": (0, np.int32),
    "rank": (0, np.int32),
}


def _fill(columns: dict[str, npt.NDArray[Any]], keys: KeyArray) -> None:
    """Write the events of some draws into their rows; `keys` is used up."""
    draws, n = keys.shape
    is_event = (keys & CENSORED) == 0
    n_events = np.count_nonzero(is_event, axis=1)
    place = np.flatnonzero(is_event)
    draw = np.repeat(np.arange(draws), n_events)
    flat = keys.ravel()
    moments, treated = moment(flat[place]), flat[place] & TREATED
    # Who is at an event or after it; at the first of tied events that is who was at risk.
    flat &= TREATED
    seen = np.cumsum(flat, out=flat)
    left = (draw + 1) * n - place
    left_treated = seen[n - 1 :: n][draw] - seen[place] + treated
    found = {
        "time": time_at(moments),
        "treated": treated,
        "n_reference": left - left_treated,
        "n_treatment": left_treated,
        "tied": np.ones_like(place),
        "tied_treated": treated.copy(),
        "rank": np.zeros_like(place),
    }
    again = np.zeros(place.size, dtype=np.bool_)
    again[1:] = (moments[1:] == moments[:-1]) & (draw[1:] == draw[:-1])
    _count_tied(found, again)
    filled = np.arange(columns["time"].shape[1]) < n_events[:, None]
    for name, values in found.items():
        columns[name][filled] = values


def _count_tied(found: dict[str, npt.NDArray[Any]], again: BoolArray) -> None:
    """Count those of the events that have one time; all but the first of them are `again`."""
    tied = again.copy()
    tied[:-1] |= again[1:]
    some = np.flatnonzero(tied)
    opening = np.flatnonzero(~again[some])
    size = np.diff(opening, append=some.size)
    first, size = np.repeat(opening, size), np.repeat(size, size)
    treated = found["treated"][some]
    so_far = np.cumsum(treated)
    for name in ("n_reference", "n_treatment"):
        found[name][some] = found[name][some[first]]
    found["tied"][some] = size
    found["tied_treated"][some] = so_far[first + size - 1] - so_far[first] + treated[first]
    found["rank"][some] = np.arange(some.size) - first


def _checked(
    time: npt.ArrayLike, event: npt.ArrayLike, treated: npt.ArrayLike
) -> tuple[FloatArray, BoolArray, BoolArray]:
    times = np.asarray(time, dtype=np.float64)
    events, arms = np.asarray(event), np.asarray(treated)
    if times.ndim != 2 or not times.shape[1]:
        raise ValueError(
            f"`time` must have a row per draw and a column per patient; its shape is {times.shape}."
        )
    for name, flags, allowed in (
        ("event", events, {times.shape}),
        ("treated", arms, {times.shape, times.shape[1:]}),
    ):
        if flags.dtype != np.bool_:
            raise ValueError(f"`{name}` must be boolean, but is of type {flags.dtype}.")
        if flags.shape not in allowed:
            raise ValueError(
                f"`{name}` must fit `time` of shape {times.shape}, but has shape {flags.shape}."
            )
    low, high = times.min(initial=1.0), times.max(initial=1.0)
    if not (low > SMALLEST and high < LARGEST):  # NaN is neither
        worst = high if low > SMALLEST else low
        raise ValueError(
            f"`time` must be positive and finite (from {SMALLEST:.0e} to {LARGEST:.0e}), but holds "
            f"{worst}."
        )
    return times, events, arms


@dataclass(frozen=True, kw_only=True, eq=False)
class PartialLikelihood(ReadOnlyArrays):
    """Log partial likelihood of each draw at one log hazard ratio, and its derivatives.

    Attributes
    ----------
    gain : ndarray of float, shape (draws,)
        The log partial likelihood, less that at a hazard ratio of 1.
    residual : ndarray of float, shape (draws, k)
        At each event, 1 if it happened in the treatment arm and 0 if not, less the probability
        of that (Schoenfeld residuals); they add up to the score.
    variance : ndarray of float, shape (draws, k)
        Variance of the arm at each event; they add up to the information.
    """

    gain: FloatArray
    residual: FloatArray
    variance: FloatArray

    @property
    def score(self) -> FloatArray:
        """First derivative, shape (draws,)."""
        return np.asarray(self.residual.sum(axis=1))

    @property
    def information(self) -> FloatArray:
        """Minus the second derivative, shape (draws,)."""
        return np.asarray(self.variance.sum(axis=1))


def partial_likelihood(sets: RiskSets, log_hazard_ratio: FloatArray) -> PartialLikelihood:
    """Evaluate the partial likelihood of every draw at its log hazard ratio, shape (draws,)."""
    reference, treatment = _drawn_from(sets)
    ratio = np.exp(log_hazard_ratio)[:, None]
    grown = (reference + ratio * treatment) / (reference + treatment)
    share = treated_share(reference_odds(sets), log_hazard_ratio)
    observed = np.count_nonzero(sets.treated, axis=1)
    return PartialLikelihood(
        gain=log_hazard_ratio * observed - np.log(grown).sum(axis=1),
        residual=sets.treated - share,
        variance=share * (1 - share),
    )


def reference_odds(sets: RiskSets, *, ties: Ties = "efron") -> FloatArray:
    """Return reference against treatment among those from whom each event is drawn, (draws, k).

    They are infinite where there is nobody of the treatment arm. By Breslow's method each of
    several tied events is drawn from everybody at risk.
    """
    reference, treatment = (
        _drawn_from(sets) if ties == "efron" else (sets.n_reference, sets.n_treatment)
    )
    with np.errstate(divide="ignore"):
        return np.divide(reference, treatment)


def treated_share(odds: FloatArray, log_hazard_ratio: FloatArray) -> FloatArray:
    """Return how probably each event is in the treatment arm, (draws, k), as `reference_odds`."""
    ratio = np.exp(log_hazard_ratio)[:, None]
    share = ratio + odds
    return np.asarray(np.divide(ratio, share, out=share))


def _drawn_from(sets: RiskSets) -> tuple[FloatArray, FloatArray]:
    """Return how many of the reference and of the treatment arm each event is drawn from.

    Notes
    -----
    With d tied events Efron lets the tied patients leave the risk set one d-th at a time: the
    l-th of them (l = 0, ..., d - 1) is drawn from n - l d_arm / d patients of each arm [1]_.

    References
    ----------
    .. [1] Efron B. J Am Stat Assoc 1977;72:557-565. doi:10.1080/01621459.1977.10480613.
    """
    gone = np.divide(sets.rank, sets.tied)
    reference = gone * (sets.tied - sets.tied_treated)
    gone *= sets.tied_treated
    np.subtract(sets.n_reference, reference, out=reference)
    return reference, np.subtract(sets.n_treatment, gone, out=gone)


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskTable(ReadOnlyArrays):
    """One row per distinct event time, one column per arm in the order of `PseudoIPD.arms`.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Distinct event times of all arms together, increasing.
    n_at_risk : ndarray of int, shape (k, n_arms)
        Patients still followed just before each time.
    n_events : ndarray of int, shape (k, n_arms)
        Events at each time.
    """

    time: FloatArray
    n_at_risk: KeyArray
    n_events: KeyArray


def n_at_risk_before(times: npt.ArrayLike, at: npt.ArrayLike) -> KeyArray:
    """Count the patients still followed just before each time, shape (k,), of `at`, shape (k,)."""
    ordered = np.sort(np.asarray(times, dtype=float))
    return np.asarray(ordered.size - np.searchsorted(ordered, at, side="left"), dtype=np.int64)


@remembered
def risk_table(ipd: PseudoIPD) -> RiskTable:
    """Tabulate risk sets and events at the distinct event times of all arms together."""
    times, _ = tied(ipd.time)
    at = np.unique(times[ipd.event])
    at_risk, events = [], []
    for arm in ipd.arms:
        time, event = times[ipd.arm == arm], ipd.of(arm)[1]
        at_risk.append(n_at_risk_before(time, at))
        events.append(np.bincount(np.searchsorted(at, time[event]), minlength=at.size))
    return RiskTable(
        time=at,
        n_at_risk=np.column_stack(at_risk),
        n_events=np.column_stack(events).astype(np.int64),
    )


@remembered
def two_arm_risk_sets(ipd: PseudoIPD) -> RiskSets:
    """Return the risk sets of patients as those of a single draw.

    Raises
    ------
    NotEstimable
        If there are not two arms.
    """
    if len(ipd.arms) != 2:
        there = "is only" if len(ipd.arms) == 1 else f"are {len(ipd.arms)}:"
        raise NotEstimable(
            f"A hazard ratio compares two arms; there {there} {', '.join(ipd.arms)}."
        )
    return RiskSets.of(tied(ipd.time)[0][None], ipd.event[None], ipd.arm == ipd.arms[1])
