"""Dates as papers write them, to the month or the day."""

from __future__ import annotations

import re

__all__ = ["DATE", "DAY", "MONTH", "iso_date", "month_number"]

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
DATE = re.compile(
    rf"(?<![\w/-])(?:(?:the\s+)?(?:(?P<d1>{DAY})\s+(?:of\s+)?)?(?P<m1>{MONTH})\s*(?P<d2>{DAY}(?=\s*,|"
    rf"\s+(?:19|20)\d\d))?\s*,?\s*(?P<y1>(?:19|20)\d\d)"
    rf"|(?P<m2>0?[1-9]|1[0-2])/(?P<y2>(?:19|20)\d\d)"
    rf"|(?P<y3>(?:19|20)\d\d)-(?P<m3>[01]\d)(?:-(?P<d3>[0-3]\d))?"
    rf"|(?P<d4>{DAY})[./](?P<m4>[01]?\d)[./](?P<y4>(?:19|20)\d\d))(?![\w/])",
    re.IGNORECASE,
)
"""A date to the month or the day."""


def iso_date(found: re.Match[str]) -> str:
    """Return a date as a study file writes it: to the month, or to the day if that is said."""
    year = next(found[key] for key in ("y1", "y2", "y3", "y4") if found[key])
    month = next(found[key] for key in ("m1", "m2", "m3", "m4") if found[key])
    day = next((found[key] for key in ("d1", "d2", "d3", "d4") if found[key]), "")
    number = int(month) if month.isdigit() else month_number(month)
    digits = re.sub(r"\D", "", day)
    return f"{year}-{number:02d}" + (f"-{int(digits):02d}" if digits else "")


def month_number(word: str) -> int:
    """Return the number of a month that is named in full or in short."""
    stem = word.lower().rstrip(".")[:3]
    return next(i for i, name in enumerate(_MONTHS, start=1) if name.startswith(stem))
