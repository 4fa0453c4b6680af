"""Who was at risk at every event of many two-arm data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray
from .._read_only import ReadOnlyArrays
from ._sort_keys import (
    CENSORED,
    LARGEST,
    SMALLEST,
    TREATED,
    BoolArray,
    KeyArray,
    moment,
    sorted_keys,
    time_at,
)

__all__ = ["CountArray", "RiskSets"]

CountArray = npt.NDArray[np.int32]
PlaceArray = npt.NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskSets(ReadOnlyArrays):
    """The events of every draw in order of time, and who was at risk at each.

    Arrays have a row per draw and a column per event; k is the largest number of events of a
    draw. Events at the same time stand side by side, those of the reference arm first. Draws with
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
        How many of the events at this time stand before this one.
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
    def of(cls, time: npt.ArrayLike, event: npt.ArrayLike, treated: npt.ArrayLike) -> Self:
        """Sort the patients of every draw and count who was at risk.

        Parameters
        ----------
        time : array_like of float, shape (draws, n)
            Time to event or censoring, in any unit, between 2**-511 and 2**511.
        event : array_like of bool, shape (draws, n)
            True if the event happened at `time`, False if the patient was censored then.
        treated : array_like of bool, shape (n,) or (draws, n)
            True in the treatment arm, False in the reference arm.

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
        step = max(_AT_A_TIME // times.shape[1], 1)
        for start in range(0, len(times), step):
            part = slice(start, start + step)
            keys = sorted_keys(times[part], events[part], arms if arms.ndim == 1 else arms[part])
            _fill({name: column[part] for name, column in columns.items()}, keys)
        return cls(
            last_reference=times.max(axis=1, where=~arms, initial=0.0),
            last_treatment=times.max(axis=1, where=arms, initial=0.0),
            **columns,
        )


# Patients sorted in one go: what is known of them then stays in the cache of the processor.
_AT_A_TIME = 2**16

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
    # Who stands at an event or after it; at the first of tied events that is who was at risk.
    flat &= TREATED
    seen = np.cumsum(flat, out=flat)
    left = (draw + 1) * n - place
    left_treated = seen[n - 1 :: n][draw] - seen[place] + treated
    first, tied = _ties(moments, draw)
    so_far = np.cumsum(treated)
    filled = np.arange(columns["time"].shape[1]) < n_events[:, None]
    for name, values in {
        "time": time_at(moments),
        "treated": treated,
        "n_reference": (left - left_treated)[first],
        "n_treatment": left_treated[first],
        "tied": tied,
        "tied_treated": so_far[first + tied - 1] - so_far[first] + treated[first],
        "rank": np.arange(first.size) - first,
    }.items():
        columns[name][filled] = values


def _ties(moments: KeyArray, draw: PlaceArray) -> tuple[PlaceArray, PlaceArray]:
    """Return, for every event, where the first of its time and draw stands, and their number."""
    opens = np.ones(moments.size, dtype=np.bool_)
    opens[1:] = (moments[1:] != moments[:-1]) | (draw[1:] != draw[:-1])
    first = np.flatnonzero(opens)
    size = np.diff(first, append=moments.size)
    return np.repeat(first, size), np.repeat(size, size)


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
