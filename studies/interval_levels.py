"""Confidence intervals as papers report them: with their level, after their value, in its unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from statistics import NormalDist
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from .errors import FaultsError, shown
from .printed import PrintedNumber, interval_level, parse_interval

__all__ = ["LEAST", "MOST", "USUAL", "ConfidenceLevel", "as_printed", "level_z", "with_percent"]

USUAL = 95.0  # per cent; the level of an interval that states none
LEAST, MOST = 80.0, 99.9

_BEHIND = re.compile(r"(?P<value>[^()\[\],;]+?)\s*[,;]?\s*[(\[](?P<interval>[^()\[\]]+)[)\]]")
_SPREAD = re.compile(r"IQR|interquartile|range", re.IGNORECASE)


def level_z(level: float | None) -> float:
    """Return the normal quantile of a two-sided interval: 1.96 for 95%, and for None."""
    return NormalDist().inv_cdf(0.5 + (USUAL if level is None else level) / 200)


def _level(raw: object) -> float | None:
    if raw is None:
        return None
    text = raw.strip().removesuffix("%").strip() if isinstance(raw, str) else raw
    try:
        level = float("nan") if isinstance(text, bool) else float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        level = float("nan")
    if not LEAST <= level <= MOST:
        raise ValueError(
            f"{shown(raw)} is not a confidence level: write it in per cent, from {LEAST:g} to "
            f"{MOST:g}, such as 99.8"
        )
    return level


ConfidenceLevel = Annotated[
    float | None,
    BeforeValidator(_level),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": LEAST, "maximum": MOST},
                {"type": "string", "pattern": r"^\s*[0-9]{2}(\.[0-9]+)?\s*%?\s*$"},
            ],
            "examples": [99.8, "99.8%"],
        }
    ),
]
"""Coverage of an interval in per cent."""


def as_printed(raw: Any, *, value: str, ci: str = "ci", level: str = "ci_level") -> Any:
    """Take a value, its interval and the interval's level apart where they are reported as one.

    Parameters
    ----------
    raw : object
        A table of a study file. Anything else is returned as it is.
    value, ci, level : str
        Keys of the value, its interval and the level.

    Returns
    -------
    object
        The table: ``value = "0.66 (99.8% CI 0.47-0.93)"`` becomes value, interval and level; so
        does ``ci = "99.8% CI 0.47 to 0.93"``. What cannot be read stays as it is, so that the
        key's own check says what is wrong.

    Raises
    ------
    FaultsError
        If a level is given twice and differs.
    """
    if not isinstance(raw, Mapping):
        return raw
    table = dict(raw)
    text = table.get(value)
    found = _BEHIND.fullmatch(text.strip()) if isinstance(text, str) else None
    if found and table.get(ci) is None and _is_interval(found["interval"]):
        table |= {value: found["value"], ci: found["interval"]}
    limits = table.get(ci)
    printed = interval_level(limits) if isinstance(limits, str) else None
    if printed is None or not isinstance(limits, str):
        return table
    if not LEAST <= printed <= MOST:
        raise FaultsError(
            [(
                (ci,),
                f"{shown(limits)} is a {printed:g}% interval, and those of {LEAST:g}% to {MOST:g}% "
                "are read; leave the key out and write the interval in `note`",
            )]
        )  # fmt: skip
    stated = table.get(level)
    if stated is not None and _level(stated) != printed:
        raise FaultsError(
            [((level,), f"it is {shown(stated)}, but the interval is printed as {printed:g}%")]
        )
    if printed != USUAL or stated is not None:
        table[level] = printed
    table[ci] = parse_interval(limits, any_level=True)
    return table


def _is_interval(text: str) -> bool:
    if _SPREAD.search(text):
        return False
    try:
        parse_interval(text, any_level=True)
    except ValueError:
        return False
    return True


def with_percent(raw: Any) -> Any:
    """Give the limits of a survival the percent sign that it has and they lack.

    "75% (95% CI, 70 to 78)" has one sign for all. Limits that hold the survival as fractions, such
    as 0.70 to 0.78, are fractions.
    """
    if not isinstance(raw, Mapping) or raw.get("ci") is None:
        return raw
    try:
        survival = _number(raw["survival"])
        limits = raw["ci"]
        pair = parse_interval(limits) if isinstance(limits, str) else [_number(x) for x in limits]
    except (KeyError, TypeError, ValueError):
        return raw
    bare = [limit for limit in pair if not limit.percent and limit.reached]
    if not survival.percent or not bare or len(pair) != 2:
        return raw
    if _around(survival, pair) and not any(limit.value > 1 for limit in bare):
        return raw
    return {**raw, "ci": tuple(_percent(limit) for limit in pair)}


def _number(raw: object) -> PrintedNumber:
    return raw if isinstance(raw, PrintedNumber) else PrintedNumber.parse(str(raw))


def _around(survival: PrintedNumber, pair: Iterable[PrintedNumber]) -> bool:
    low, high = pair
    return low.lower <= survival.upper and survival.lower <= high.upper


def _percent(limit: PrintedNumber) -> PrintedNumber:
    if limit.percent or not limit.reached:
        return limit
    return PrintedNumber.parse(f"{limit.text.strip()}%")
