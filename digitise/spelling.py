"""How alike two names are, and whether one is a short form of the other."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise

_LETTERS = re.compile(r"[^\W_]+")
_SHORTEST = 2  # letters of a word that is cut short
_JOINING = {"and", "plus", "with", "the", "of", "in", "or", "versus", "vs"}


def similar_name(one: str, other: str) -> float:
    """How alike two names are, 0 to 1, without regard to case and spaces."""
    a, b = ("".join(c for c in text.lower() if c.isalnum()) for text in (one, other))
    return SequenceMatcher(None, a, b).ratio() if a and b else 0.0


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
