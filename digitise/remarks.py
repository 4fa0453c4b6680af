"""Texts that name no arm: results, captions, and marks that were recognised as letters."""

from __future__ import annotations

import re

__all__ = [
    "DASHES",
    "MARKLIKE",
    "is_caption",
    "is_of_marks",
    "is_remark",
    "is_row_of_marks",
    "is_row_of_rings",
    "is_word",
    "name_before_remark",
]

_REMARK = re.compile(
    r"hazard|log.?rank|\bHR\b|\bCI\b|median|\bp\s*[=<>]|95\s*%|number|no\.? at|at risk|censored"
    r"|not reached|^HR|\d[.,]\d+\s*(?:-|\u2013|to)\s*\d+[.,]\d"
    r"|\bp[\s-]*(?:value)?[\s:=<>]*0?[.,]\d",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\b(?:free|overall|specific|cumulative|event)[\s-]*(?:survival|incidence|rate)\b"
    r"|surviv(?:al|ing)\b|incidence|probability|\brandomi[sz]|^time\b|^follow",
    re.IGNORECASE,
)
DASHES = "-\u2013\u2014_+|~=. "  # what samples are recognised as
MARKLIKE = set("IlL1iHTtFEf")  # what rows of marks are recognised as
_MARKS_ON_LINES = MARKLIKE | set("4KJ7YXx+|-\u2013\u2014_~/\\'. ")
_RINGS = set("8069OoQDBG")  # what rows of circles and squares are recognised as
_OF_MARKS = re.compile(r"(?:^|[^\d\s(])[\s(\-\u2013]*censored\)?$", re.IGNORECASE)
_LAST_LETTER = 0x2E80  # scripts behind it are what strokes and marks are recognised as


def is_remark(text: str) -> bool:
    """Whether a line of text is a result (a hazard ratio, a p value), not the name of an arm."""
    return bool(_REMARK.search(text)) or not any(c.isalnum() for c in text)


def name_before_remark(text: str) -> str:
    """Name of an arm that its result follows, as in "Drug A (median, 18.2 months)".

    Parameters
    ----------
    text : str
        A line with a result.

    Returns
    -------
    str
        "" where nothing that may be a name stands before the result.
    """
    found = _REMARK.search(text)
    name = text[: found.start()].strip(" (,;:.-\u2013") if found else text
    return name if len(name) > 1 and is_word(name) else ""


def is_caption(text: str) -> bool:
    """Whether a line of text is the title of a plot or of an axis, not a name beside a curve."""
    return bool(_CAPTION.search(text))


def is_word(text: str) -> bool:
    """Whether a text is a word: rows of marks are sometimes recognised as "II" or "H+"."""
    if any(ord(c) >= _LAST_LETTER for c in text):
        return False
    solid = {c for c in text if c.isalnum()}
    return any(c.isalpha() for c in solid) and not solid <= MARKLIKE | set("Oo0")


def is_row_of_marks(text: str) -> bool:
    """Whether a text without a sample may be marks on a curve: "HH4HH+HHHH", "KLHT"."""
    bare = text.replace(" ", "")
    if any(ord(c) >= _LAST_LETTER for c in bare):
        return True
    return len(bare) > 2 and (set(bare) <= _MARKS_ON_LINES or is_row_of_rings(text))


def is_row_of_rings(text: str) -> bool:
    """Whether a text may be circles or squares on a curve: "880 O6 O", "B---G--D-1"."""
    bare = [c for c in text if c not in DASHES and c not in "1lI"]
    broken = len(bare) < len(text) or any(c.isdigit() for c in bare)
    return len(bare) > 2 and broken and set(bare) <= _RINGS


def is_of_marks(text: str) -> bool:
    """Whether a text of a legend names marks: "Drug, censored", and no number of patients."""
    return bool(_OF_MARKS.search(text.strip()))
