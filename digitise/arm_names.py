"""Names of arms: which texts of a figure may be one, which are alike, and which are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from .text import TextLine

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
_MARKS_OF = re.compile(r"(\S.*?)[\s,]+(?:points?|marks?|cens\.?|censor(?:ed|ing)?)", re.IGNORECASE)
_SIGNED = re.compile(r"(?<=[^\W_])[-\u2013\u2212]$")  # "ER-"; a sample or a rule stands apart
_SIGN_APART = re.compile(r"(?<=[^\W_])\s?[-\u2013\u2212]$")
_LAST_LETTER = 0x2E80  # scripts behind it are what strokes and marks are recognised as
_LONG_NUMBER = 3  # figures of a number that names no arm
_LETTERS = re.compile(r"[^\W_]+")
SAME_NAME = 0.75  # similarity of a name in the plot, in a legend and in a table
_SHORTEST = 2  # letters of a word that is cut short
_JOINING = {"and", "plus", "with", "the", "of", "in", "or", "versus", "vs"}


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


def is_of_marks(text: str, lines: Sequence[TextLine] = ()) -> bool:
    """Whether a text of a legend names marks: "Drug, censored", and no number of patients.

    "Drug points" does if another line is "Drug".
    """
    found = _MARKS_OF.fullmatch(text.strip(DASHES))
    base = found and any(line.text.strip(DASHES) == found[1] for line in lines)
    return bool(base or _OF_MARKS.search(text.strip()))


def may_be_name(name: str) -> bool:
    """Whether a text can name an arm: rows of marks are sometimes recognised as "m m" or "11"."""
    solid = [c for c in name if c.isalnum() and c.isascii()]
    marks = (len(set(solid)) <= 1 and len(solid) > 1) or is_row_of_rings(name)
    figures, letters = (sum(map(kind, solid)) for kind in (str.isdigit, str.isalpha))
    if figures > 3 * letters > 0 or (figures >= _LONG_NUMBER and letters == 0):
        return False  # a row of numbers, or one of those at risk
    if len(solid) > 2 and set(solid) <= MARKLIKE | ({"h"} if solid.count("H") > 1 else set()):
        return False
    words = name.split()
    if len(words) > 2 and max(map(len, words)) <= 2:
        return False
    single = [sum(map(str.isalnum, word)) <= 1 for word in words]
    if len(words) > 1 and all(single) and any(c in DASHES for c in "".join(words)):
        return False  # triangles on a line: "M -A"
    unit = re.fullmatch(r"\(?(?:days|weeks|months|years)\)?", name, re.IGNORECASE)
    return bool(solid) and not marks and unit is None


def split_name(text: str, *, exact: bool = False) -> tuple[str, int | None]:
    """Part a legend's text into the name and the number of patients.

    Parameters
    ----------
    text : str
        For example "Maintenance (n=315)", "Placebo (48/118)" (events/patients), "Arm A" or "ER-".
    exact : bool
        Whether a file says the text, so that a "-" that stands apart at its end is a sign, too.

    Returns
    -------
    tuple of str and (int or None)
    """
    found = (
        re.search(r"\(?\b[nNmM]\s*=\s*(\d[\d,]*)\)?", text)
        or re.search(r"\(\s*[nN]\s*:?\s*(\d[\d,]*)\s*\)", text)  # the sign was not recognised
        or re.search(r"\(\s*\d+\s*/\s*(\d+)\s*\)", text)
    )
    name = text[: found.start()] if found else re.sub(r"\(\s*[nN]?\s*=?\s*$", "", text)
    n = int(found[1].replace(",", "")) if found else None
    signed = (_SIGN_APART if exact and found is None else _SIGNED).search(name.strip(" .,:;"))
    return name.strip(" .,:;-\u2013\u2014|") + (signed[0] if signed else ""), n


def nameless(k: int) -> str:
    """Name of an arm that the figure does not name."""
    return f"Arm {k + 1}"


def has_own_name(name: str) -> bool:
    """Whether a name comes from the figure (an arm may really be called "Arm 1")."""
    return not re.fullmatch(r"Arm \d+", name)


def may_label(text: str, vocabulary: Sequence[str]) -> bool:
    """Whether a text may be a name beside a curve: like one of the table, or a plain word."""
    if is_remark(text):
        return False
    if any(similar_name(text, label) >= SAME_NAME for label in vocabulary):
        return True
    return is_word(text) and not is_caption(text) and not is_row_of_marks(text)


def similar_name(one: str, other: str) -> float:
    """How alike two names are, 0 to 1, without regard to case and spaces; "ER-" is not "ER+"."""
    a, b = (
        "".join(c for c in text.lower() if c.isalnum() or c == "+")
        + "-" * bool(_SIGNED.search(text.strip()))
        for text in (one, other)
    )
    return SequenceMatcher(None, a, b).ratio() if a and b else 0.0


def contradicted(called: Sequence[tuple[str, str]]) -> list[str]:
    """Say which curves the figure itself calls otherwise, and another by the name that they have.

    Parameters
    ----------
    called : sequence of tuple of str
        Name of each curve by hand, and by the figure.

    Returns
    -------
    list of str
    """
    return [
        f"the curve that is named '{name}' by hand has the figure's own name '{mine}': the names, "
        "and with them the numbers at risk, may be exchanged."
        for k, (name, mine) in enumerate(called)
        if has_own_name(mine)
        and (alike := [similar_name(name, other) for _, other in called])[k] < max(alike)
        and max(alike) >= SAME_NAME
    ]


def lost_signs(names: Sequence[str]) -> list[str]:
    """Say which name another has with a sign behind it: a "-" may not have been recognised.

    Parameters
    ----------
    names : sequence of str
        As recognised in a picture.

    Returns
    -------
    list of str
    """
    return [
        f"arm '{name}': a sign behind the name, as of '{other}', may not have been recognised."
        for name in names
        for other in names
        if other != name and other.rstrip("+-\u2013\u2212 ") == name
    ]


def abbreviates(label: str, name: str) -> bool:
    """Whether a label is a short form of a name.

    Parameters
    ----------
    label, name : str

    Returns
    -------
    bool
        "2" for "2: Experimental", "A" for "Arm A: drug", "P+C" and "Pembro + chemo" for
        "Pembrolizumab plus chemotherapy", "PBO" for "Placebo".
    """
    short, long = _words(label), _words(name)
    if not short or not long or short == long:
        return False
    if any(long[k : k + len(short)] == short for k in range(len(long) - len(short) + 1)):
        return True
    letters = "".join(short)
    if len(letters) >= _SHORTEST and letters == "".join(word[0] for word in long):
        return True
    if len(short) == len(long):
        return all(_is_cut(a, b) for a, b in zip(short, long, strict=True))
    return False


def _words(text: str) -> list[str]:
    return [word for word in _LETTERS.findall(text.lower()) if word not in _JOINING]


def _is_cut(short: str, long: str) -> bool:
    """Whether a word is the beginning of another, or its letters with some left out."""
    if short == long or (len(short) >= _SHORTEST and long.startswith(short)):
        return True
    if len(short) <= _SHORTEST or not short.isalpha() or short[0] != long[0]:
        return False
    places = [0]
    for letter in short[1:]:
        place = long.find(letter, places[-1] + 1)
        if place < 0:
            return False
        places.append(place)
    return len(long) > len(short) and all(a < b for a, b in pairwise(places))
