"""The columns of a data frame as patients: what is no time, event, arm or cause is refused.

pandas makes numbers and truth values of almost everything: dates become nanoseconds, and every
word, "no" among them, is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..studies.argument_types import given_kind

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "arm_names",
    "event_flags",
    "frame_arms",
    "frame_cause",
    "frame_column",
    "frame_event",
    "frame_time",
]

_CENSORED = {"0", "0.0", "false", "censored", "none", "no event", "alive"}


def event_flags(event: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return whether events happened; what is neither true nor false is not guessed.

    Parameters
    ----------
    event : array_like of bool, or of the numbers 1 and 0, shape (n,)

    Raises
    ------
    ValueError
        If a value is anything else; the message names it and its row.
    """
    given = np.asarray(event)
    if given.dtype.kind == "b" or not given.size:
        return given.astype(np.bool_)
    if given.dtype.kind in "iuf":
        odd = ~np.isin(given, (0, 1)).ravel()
    else:  # pandas' columns with missing values, and words
        kinds = bool, int, float, np.number, np.bool_
        odd = np.array([not isinstance(v, kinds) or v not in (0, 1) for v in given.ravel()])
    if odd.any():
        row = int(np.argmax(odd))
        found = given.ravel()[row]
        shown = given_kind(str(found)) if isinstance(found, str) else str(found)
        raise ValueError(
            f"`event` must be True or False (or 1 and 0), but is {shown} in row {row}."
        )
    return given.astype(np.bool_)


def arm_names(arm: npt.ArrayLike) -> npt.NDArray[np.str_]:
    """Return the arms of patients as text.

    Parameters
    ----------
    arm : array_like of str, shape (n,)

    Raises
    ------
    ValueError
        If one is missing; the message names its row.
    """
    given = np.asarray(arm, dtype=object).ravel()
    for row, name in enumerate(given):
        if name is None or name != name:  # NaN, as in data frames
            raise ValueError(f"`arm` is missing in row {row}; every patient is in an arm.")
    return np.asarray(arm, dtype=np.str_)


def frame_column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return the one column of a name, its values as Python has them.

    Raises
    ------
    TypeError
        If there is no pandas data frame.
    ValueError
        If there is no such column, or several.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            "`from_frame` takes a pandas data frame with the columns time, event and arm, not "
            f"{given_kind(frame)}."
        )
    if name not in frame:
        known = ", ".join(map(str, frame.columns))
        raise ValueError(f"The data frame has no column {name!r}; it has {known or 'none'}.")
    found = frame[name]
    if isinstance(found, pd.DataFrame):
        if found.shape[1] > 1:
            raise ValueError(f"The data frame has {found.shape[1]} columns {name!r}; keep one.")
        found = found.iloc[:, 0]
    return found


def frame_time(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the times of a data frame, shape (n,).

    Raises
    ------
    ValueError
        If one of them is no number.
    """
    column = frame_column(frame, "time")
    if column.dtype.kind in "mM":  # those with time zones, too
        raise ValueError(
            f"`time` must be numbers, but has {column.dtype}: give durations in the time unit, "
            "such as (end - start).dt.days."
        )
    values = np.empty(len(column))
    for row, value in enumerate(column.astype(object).tolist()):
        try:
            if isinstance(value, np.datetime64 | np.timedelta64):
                raise TypeError
            values[row] = np.nan if value is None else value
        except (TypeError, ValueError):
            raise ValueError(f"`time` must be a number, but is {value!r} in row {row}.") from None
    return values


def frame_event(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return the events of a data frame, shape (n,); see `event_flags`."""
    return event_flags(frame_column(frame, "event").astype(object).to_numpy(dtype=object))


def frame_arms(
    frame: pd.DataFrame, reference: object
) -> tuple[npt.NDArray[np.str_], tuple[str, ...]]:
    """Return the arm of each patient, shape (n,), and all arms, the reference first.

    Raises
    ------
    ValueError
        If an arm is missing, or the reference is none of them.
    """
    arm = _words(frame, "arm")
    if missing := [row for row, name in enumerate(arm) if not name.strip()]:
        raise ValueError(f"`arm` is missing in row {missing[0]}; every patient is in an arm.")
    first, known = _word(reference), sorted(set(arm))
    if known and first not in known:
        raise ValueError(
            f"`reference` is {reference!r}, which is no arm; they are "
            f"{', '.join(map(repr, known))}."
        )
    return np.array(arm, dtype=np.str_), (first, *(name for name in known if name != first))


def frame_cause(frame: pd.DataFrame, *, alone: bool) -> npt.NDArray[np.str_]:
    """Return the cause of each patient's event, shape (n,); "" where one is missing.

    Parameters
    ----------
    frame : DataFrame
    alone : bool
        Whether there is no column of events, so that who has a cause had one.

    Raises
    ------
    ValueError
        If, `alone`, a cause is what means in other columns that nothing happened.
    """
    cause = _words(frame, "cause")
    odd = [row for row, name in enumerate(cause) if alone and name.strip().lower() in _CENSORED]
    if odd:
        raise ValueError(
            f"`cause` is {cause[odd[0]]!r} in row {odd[0]}, which would be a cause of that name; "
            "leave it empty where a patient was censored, or give a column event."
        )
    return np.array(cause, dtype=np.str_)


def _words(frame: pd.DataFrame, name: str) -> list[str]:
    column = frame_column(frame, name)
    missing = column.isna().tolist()
    values = column.astype(object).tolist()
    return ["" if gone else _word(value) for gone, value in zip(missing, values, strict=True)]


def _word(value: object) -> str:
    """Return a value as text, without spaces at its ends, which would make another arm of it.

    Whole numbers have no decimal point, which a missing value in their column brings.
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
