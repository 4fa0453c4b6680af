"""Tables as they are pasted: columns that are lost, told from the head's, or ruled by "|"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

__all__ = ["headed", "unruled"]

_NUMBER = r"(?:[<>≤≥]\s?)?(?:\d+(?:\.\d+)?|\.\d+)\s?%?|NR|NE|NA|not\s(?:reached|estimable)"
_CELL = re.compile(
    rf"(?<![\w.(])(?:{_NUMBER})(?:\s*[(\[][^()\[\]]*[)\]])?;?(?:\s+|$)", re.IGNORECASE
)
_SIZED = re.compile(r"\(? ?n ?= ?\d+ ?\)?[,;]?", re.IGNORECASE)
_BEFORE_SIZE = re.compile(rf"[,;]?\s*{_SIZED.pattern}", re.IGNORECASE)
_RULED = re.compile(r"(?:^|\s)\|(?:\s|$)")
_RULE = re.compile(r"[\s|:+=-]*-[\s|:+=-]*")
_MISSING = re.compile(r"[-\u2013\u2014.\u2026\s]*|n/a|n\.a\.|not (?:reported|given)", re.IGNORECASE)
_HEAD_OF_ALL = re.compile(r"(?P<ratio>HR\b|hazard ratio)|p\b|p[- ]?values?\b", re.IGNORECASE)
_LONGEST = 60  # characters of the name of an arm
_COMPARED = re.compile(
    r" ?(?P<ratio>(?:HR|Hazard ratio)\b ?(?:[(\[][^()\[\]]*[)\]])?)?[,;]? ?"
    r"(?P<p>p(?:[ -]?values?)?)?",
    re.IGNORECASE,
)
"""What stands behind the arms of the head "A (n = 204) B (n = 102) HR (95% CI) P"."""
_RATIO_AND_P = re.compile(
    r"\s*(?:HR|Hazard ratio)\b[^;]{0,40};\s*p(?:[ -]?values?)?\s*", re.IGNORECASE
)
"""The label of "HR (95% CI); p 0.78 (0.64-0.95); 0.014", below the medians."""
_TIMED = re.compile(
    r"\d+[\s-]*(?:years?|yrs?|y|months?|mos?)[\s-]+(?:OS|PFS|DFS|RFS|EFS|overall\s+survival)\s*,?"
    r"\s*(?:\(?\s*%\s*\)?)?\s*",
    re.IGNORECASE,
)
_ROWS = re.compile(
    rf"^(?P<name>[A-Za-z][A-Za-z /]{{0,40}}?\s+)?(?P<n>(?:n|No\.?|Patients)\s+)"
    rf"(?P<times>(?:{_TIMED.pattern}){{2,6}})(?P<p>p(?:[\s-]*values?)?)?\s*$",
    re.IGNORECASE,
)
"""The head "Group n 1-yr OS (%) 3-yr OS (%) P": a row for each arm."""
_WHOLE = re.compile(
    r"(?:all|overall|entire|whole|total)(?:\s+(?:patients|cohort|population|group))?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Head:
    """The columns of a table: its arms, or the times of survival, and which others follow."""

    columns: int
    ratio: bool = False
    p: bool = False
    times: tuple[str, ...] = ()


def unruled(lines: Sequence[str]) -> list[tuple[int, str]]:
    r"""Return lines with their numbers, rows whose cells stand between "|" written with tabs.

    Rules are left out, and a blank line is put before a table. Where a row has cells of some of the
    arms alone, these are named, so that no other arm is given them.

    Parameters
    ----------
    lines : sequence of str
        All lines of a text.

    Examples
    --------
    >>> rows = ["| | A (n=9) | B (n=8) | P |", "|---|---|---|---|", "| Median | - | 7 | .3 |"]
    >>> [row for _, row in unruled(rows)]
    ['', 'A (n = 9), B (n = 8), P', 'Median: B 7\tP = .3']
    """
    made: list[tuple[int, str]] = []
    heads: tuple[str, ...] | None = None  # none outside of a table, empty in one without a head
    for number, line in enumerate(lines, start=1):
        if "|" in line and _RULE.fullmatch(line):
            continue
        if len(_RULED.findall(line)) < 2:
            heads = heads if line.strip() else None
            made.append((number, line))
            continue
        inner = line.strip().removeprefix("|").removesuffix("|")
        label, *cells = (cell.strip() for cell in inner.split("|"))
        if heads is not None:
            made.append((number, _ruled_row(label, cells, heads)))
            continue
        heads = () if any(_CELL.fullmatch(cell) for cell in cells) else tuple(cells)
        sized = (" ".join(_BEFORE_SIZE.sub(_in_brackets, cell).split()) for cell in cells)
        row = ", ".join(filter(None, [label, *sized])) if heads else "\t".join([label, *cells])
        made += [(number, ""), (number, row)]
    return made


def _ruled_row(label: str, cells: Sequence[str], heads: Sequence[str]) -> str:
    """Return a row below the heads of its columns; as it is, if it has more cells than these."""
    if len(cells) > len(heads):
        return "\t".join([label, *cells])
    own = dict(zip_longest(range(len(heads)), cells, fillvalue=""))
    of_all = [None if _SIZED.search(head) else _HEAD_OF_ALL.match(head) for head in heads]
    arms = [k for k, head in enumerate(heads) if head and of_all[k] is None]
    given = [k for k in arms if not _MISSING.fullmatch(own[k])]
    said = [own[k] for k in given]
    if given and len(given) < len(arms):
        named = (f"{_BEFORE_SIZE.sub('', heads[k]).strip()} {own[k]}" for k in given)
        label, said = f"{label}: " + ", ".join(named), []
    for k, found in enumerate(of_all):
        if found is not None and not _MISSING.fullmatch(own[k]):
            p_value = "P " if own[k][:1] in "<>=" else "P = "
            said.append(f"HR {own[k]}" if found["ratio"] else p_value + own[k])
    return "\t".join([label, *said])


def _in_brackets(size: re.Match[str]) -> str:
    return f" (n = {re.sub(r'[^0-9]', '', size[0])})"


def headed(lines: Sequence[str]) -> list[tuple[str, bool]]:
    """Return lines with what the head of a table says before each cell of its rows.

    Parameters
    ----------
    lines : sequence of str
        A block of plain lines.

    Returns
    -------
    list of tuple of str and bool
        Each line, as it is if it is no row of such a table, and whether it is its head or a row.

    Examples
    --------
    >>> headed(["A (n = 20) B (n = 21) HR (95% CI) P", "Median OS, mo 7 4 0.58 (0.4-0.8) .02"])[1]
    ('Median OS, mo 7 4 HR 0.58 (0.4-0.8) P = .02', True)
    """
    head: _Head | None = None
    group = ""
    made: list[tuple[str, bool]] = []
    for place, line in enumerate(lines):
        below = lines[place + 1 : place + 3]  # a heading of rows may stand between
        following = next((row for row in below if _parted(row)[1]), "")
        if (found := _head(line, following)) is not None:
            head, group = found, ""
            made.append((line.strip(), True))
            continue
        if head is None:
            made.append((line, False))
            continue
        label, cells = _parted(line)
        if head.times and label and len(cells) < head.columns:
            group = "" if _WHOLE.match(label) else " ".join([label.strip(), *cells[:-1]])
        row = _row(line, label, cells, head, group)
        made.append((row.strip(), row != line or bool(label and cells)))
    return made


def _head(line: str, following: str) -> _Head | None:
    """Return the columns that a line names; of arms alone only if the next one has cells."""
    words = " ".join(line.split())
    if len(words) > 200:
        return None
    sized = [found.span() for found in _SIZED.finditer(words)]
    if 2 <= len(sized) <= 4 and (found := _COMPARED.fullmatch(words, sized[-1][1])):
        starts = [0, *(end for _, end in sized[:-1])]
        named = [begin - start for start, (begin, _) in zip(starts, sized, strict=True)]
        told = any(found.groupdict().values()) or len(_parted(following)[1]) == len(sized)
        if max(named) <= _LONGEST and told:
            return _Head(len(sized), ratio=found["ratio"] is not None, p=found["p"] is not None)
    if found := _ROWS.match(words):
        times = tuple(m[0].strip() for m in _TIMED.finditer(found["times"]))
        return _Head(1 + len(times), p=found["p"] is not None, times=times)
    return None


def _parted(line: str) -> tuple[str, list[str]]:
    """Part a row into its label and the cells at its end."""
    words = line.strip()
    found = [match.span() for match in _CELL.finditer(words)]
    start = len(words)
    for begin, end in reversed(found):
        if end != start:
            break
        start = begin
    return words[:start], [words[a:b].strip() for a, b in found if a >= start]


def _row(line: str, label: str, cells: list[str], head: _Head, group: str) -> str:
    if len(cells) == 2 and _RATIO_AND_P.fullmatch(label):
        return f"HR {cells[0].rstrip(';')} P {'' if cells[1][:1] in '<>' else '= '}{cells[1]}"
    more = cells[head.columns :]
    if not label.strip() or len(cells) < head.columns or len(more) > head.ratio + head.p:
        return line
    if head.times:
        return _of_arm(label.strip(), cells, head, group)
    if len(more) < head.ratio + head.p and not (head.ratio and len(more) == 1):
        return line  # of arms alone
    ratios = int(head.ratio and more[0][:1] not in "<>")  # else only a p-value
    said = [f"HR {ratio}" for ratio in more[:ratios]]
    said += [f"P {'' if p[:1] in '<>' else '= '}{p}" for p in more[ratios:]]
    return " ".join([label.strip(), *cells[: head.columns], *said])


def _of_arm(label: str, cells: list[str], head: _Head, group: str) -> str:
    """Return the row of an arm as a sentence says it, and of which patients it is."""
    number, *survival = cells[: head.columns]
    if not number.isdigit():
        return f"{label} {' '.join(cells)}"
    values = [
        f"{re.sub(r'[,(]?[ ]*%[ )]*$', '', time).strip()} {value.rstrip('%')}%"
        for time, value in zip(head.times, survival, strict=True)
    ]
    whom = f"In the {group} subgroup, " if group else ""
    return f"{whom}{label} (n = {number}): {', '.join(values)}"
