"""An interval as a paper prints it: "95% CI 0.78 to 1.89"."""

from __future__ import annotations

import re

from .printed import PrintedNumber, normalised

__all__ = ["parse_interval"]

_NAME = r"(?:C\.?I\.?|confidence interval|IQR|interquartile range|range)\s*[:=,]?"
_PREFIX = rf"(?:(?:(?P<level>[0-9]+(?:\.[0-9]+)?) ?% ?)?{_NAME})?\s*"
_DIGITS = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?\s*%?"
_END = rf"(?:(?:[<>]=?|~)?\s*{_DIGITS}|NR|NE|not (?:yet )?reached|not estimable)"
_INTERVAL = re.compile(
    rf"{_PREFIX}(?P<open>[(\[])?\s*{_PREFIX.replace('level', 'inner')}"
    rf"(?P<first>{_END})\s*(?:to|and|-|\u2014|,|;|~)\s*(?P<second>{_END})\s*(?P<close>[)\]])?",
    re.IGNORECASE | re.ASCII,
)
_LONGEST = 120


def parse_interval(text: str) -> tuple[PrintedNumber, PrintedNumber]:
    """Read two numbers that are printed as one interval.

    Parameters
    ----------
    text : str
        Such as "0.78 to 1.89", "0.78-1.89" with any dash, "(0.78, 1.89)",
        "95% CI 0.78-1.89" or "12.9 to NR". One percent sign at the end, "78-89%", belongs to
        both numbers.

    Returns
    -------
    tuple of PrintedNumber
        The first and the second number, in printed order, with plain points and minus signs.

    Raises
    ------
    ValueError
        If `text` is not an interval, or is one with another confidence level than 95%.

    Examples
    --------
    >>> lower, upper = parse_interval("95% CI 0.78 to 1.89")
    >>> str(lower), str(upper)
    ('0.78', '1.89')
    """
    found = _INTERVAL.fullmatch(normalised(text)) if len(text) <= _LONGEST else None
    if found is None or (found["open"] is None) != (found["close"] is None):
        raise ValueError(
            f'"{text[:_LONGEST]}" is not an interval as papers print them (0.78 to 1.89, '
            '0.78-1.89, 95% CI 0.78-1.89); two numbers such as ["0.78", "1.89"] do as well'
        )
    level = found["level"] or found["inner"]
    if level is not None and float(level) != 95:
        raise ValueError(
            f'"{text}" is a {level}% interval, and only 95% intervals are read; leave the key out '
            "and write the interval in `note`"
        )
    first, second = found["first"].strip(), found["second"].strip()
    if second.endswith("%") and first[-1].isdigit():
        first += "%"
    return PrintedNumber.parse(first), PrintedNumber.parse(second)
