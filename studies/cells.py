"""Cells of a table as papers print them: "22 (8.21)", "41.56 ± 4.63", "55.6 (34.6, 72.3)"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from .printed import PrintedNumber, normalised

__all__ = ["CellNumbers", "cell_numbers"]

_NUMBER = r"[<>~]?\s*[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*%?"
_CELL = re.compile(
    rf"""
    (?P<first>{_NUMBER}) \s*
    (?: / \s* (?P<of>[0-9]+) \s* )?
    (?: (?P<sign>±|\+/-) \s* (?P<spread>{_NUMBER})
      | [(\[] \s* (?:±\s*)? (?P<inner>{_NUMBER})
        (?: \s* (?: , | ; | to | ~ | - | \u2014 ) \s* (?P<second>{_NUMBER}) )? \s* [)\]] )?
    \s* [*\u2020\u2021\u00a7\u00b6#]*
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class CellNumbers:
    """The numbers of one cell.

    Attributes
    ----------
    first : PrintedNumber
        The number in front: a count, a mean or a median.
    of : PrintedNumber or None
        The number after a slash, "39" in "3/39 (7.7)".
    inside : tuple of PrintedNumber
        The numbers after it, in brackets or after a plus-minus sign: none, one or two.
    """

    first: PrintedNumber
    of: PrintedNumber | None = None
    inside: tuple[PrintedNumber, ...] = ()

    @property
    def count(self) -> int | None:
        """The number in front, if it is a whole one."""
        whole = self.first.decimals == 0 and not self.first.percent and self.first.relation == "="
        return int(self.first.value) if whole and self.first.value >= 0 else None

    @cached_property
    def percentage(self) -> PrintedNumber | None:
        """The one number in brackets read as a percentage, with or without its sign."""
        if len(self.inside) != 1:
            return None
        only = self.inside[0]
        return only if only.percent else PrintedNumber.parse(f"{only.bare}%")


@lru_cache(maxsize=4096)
def cell_numbers(text: str) -> CellNumbers | None:
    """Read the numbers of a cell.

    Parameters
    ----------
    text : str
        The cell as printed.

    Returns
    -------
    CellNumbers or None
        None for a cell in another form than the ones above.

    Examples
    --------
    >>> cell = cell_numbers("22 (8.21)")
    >>> cell.count, str(cell.percentage)
    (22, '8.21%')
    """
    found = _CELL.fullmatch(normalised(text))
    if found is None:
        return None
    inside = [found[name] for name in ("spread", "inner", "second") if found[name]]
    return CellNumbers(
        first=PrintedNumber.parse(found["first"].strip()),
        of=PrintedNumber.parse(found["of"]) if found["of"] else None,
        inside=tuple(PrintedNumber.parse(number.strip()) for number in inside),
    )
