"""Small pieces of HTML with which values show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from .tables import Column, Table

__all__ = ["block", "folded", "heading", "listing", "table", "text"]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "") -> str:
    """Return an HTML table; a column whose name ends in ">" is aligned to the right."""
    known = (
        Column(name.removesuffix(">"), "right" if name.endswith(">") else "left")
        for name in columns
    )
    return Table.of(known, rows, title=caption).to_html()


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
