"""Strings, keys and names as they are written into a study file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

__all__ = ["LONGEST_NAME", "NOT_IN_NAMES", "key", "quoted", "short_names"]

LONGEST_NAME = 60
NOT_IN_NAMES = '/\\:*?"<>|'  # results are saved under names, and some systems refuse these


def quoted(text: str) -> str:
    r"""Write a string of TOML.

    Examples
    --------
    >>> print(quoted('surgery, "early"'))
    "surgery, \"early\""
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """Write a name as a key of TOML, in quotes where it needs them.

    Examples
    --------
    >>> print(key("SR"), key("arm A"))
    SR "arm A"
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def short_names(labels: Iterable[str]) -> list[str]:
    """Return a short name for each arm as a study file allows it, each once.

    Parameters
    ----------
    labels : iterable of str
        What a text, a figure or a file calls the arms.

    Examples
    --------
    >>> short_names(["CT/RT", "ct-rt", "?"])
    ['CT-RT', 'ct-rt-2', 'arm']
    """
    names: list[str] = []
    for label in labels:
        one_line = " ".join(label.split())
        letters = (c if c.isprintable() and c not in NOT_IN_NAMES else "-" for c in one_line)
        plain = "".join(letters)[:LONGEST_NAME].strip().strip(" .")
        plain = plain if any(map(str.isalnum, plain)) else "arm"
        number, name = 2, plain
        while name.casefold() in {taken.casefold() for taken in names}:
            name, number = f"{plain[: LONGEST_NAME - 4].rstrip(' .')}-{number}", number + 1
        names.append(name)
    return names
