"""Small pieces of HTML with which values show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["block", "folded", "heading", "listing", "table", "text"]

_RIGHT = ' style="text-align: right"'
_LEFT = ' style="text-align: left"'


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "") -> str:
    """Return a table; a column whose name ends in ">" is aligned to the right.

    Neither colour nor background is set, so that it is readable in light and dark themes.

    Parameters
    ----------
    columns : sequence of str
        Names of the columns; all empty for a table without a heading.
    rows : iterable of sequences of str
        Plain text, which is escaped; the first cell heads its row.
    caption : str
        What the table shows, in words.
    """
    aligns = [_RIGHT if column.endswith(">") else _LEFT for column in columns]
    cells = zip(columns, aligns, strict=True)
    names = "".join(
        f'<th scope="col"{align}>{escape(name.removesuffix(">"))}</th>' for name, align in cells
    )
    head = f"<thead><tr>{names}</tr></thead>" if any(columns) else ""
    body = "".join(_row(row, aligns) for row in rows)
    title = f'<caption style="text-align: left">{escape(caption)}</caption>' if caption else ""
    return f"<table>{title}{head}<tbody>{body}</tbody></table>"


def _row(row: Sequence[str], aligns: Sequence[str]) -> str:
    first, *others = zip(row, aligns, strict=True)
    cells = "".join(f"<td{align}>{escape(cell)}</td>" for cell, align in others)
    return f'<tr><th scope="row"{_LEFT}>{escape(first[0])}</th>{cells}</tr>'


def heading(words: str, remark: str = "") -> str:
    """Return what a value is, in bold, and a remark after it."""
    after = f" {escape(remark)}" if remark else ""
    return f"<p><strong>{escape(words)}</strong>{after}</p>"


def text(words: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(words)}</p>"


def listing(summary: str, sentences: Iterable[str]) -> str:
    """Return sentences as a list that opens when it is clicked; nothing if there are none."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    if not items:
        return ""
    return folded(summary, f"<ul>{items}</ul>")


def folded(summary: str, inside: str) -> str:
    """Return HTML that is shown when its summary is clicked."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def block(*parts: str) -> str:
    """Return pieces of HTML as one."""
    return f"<div>{''.join(parts)}</div>"
