"""What a sentence takes over from those before it: endpoint, times, and the order of the arms."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .finding import Context
from .lexicon import Atom
from .passages import Sentence
from .scope import Scope

__all__ = ["enter", "note_columns", "note_order", "panels", "speaks_of_medians", "usual_order"]


def speaks_of_medians(found: Sequence[Scope]) -> bool:
    """Say whether survival times of a text are medians even where the word is missing."""
    body = " ".join(scope.sentence.text for scope in found)
    average = re.search(r"\b(?:mean|average)\s+(?:[\w-]+\s+){0,2}survival", body, re.IGNORECASE)
    median = re.search(
        r"\bmedian\s+(?:[\w-]+\s+){0,2}(?:survival|OS|PFS|DFS|RFS|EFS)|\bm(?:OS|PFS)\b|"
        r"\(median|\bmedians\b",
        body,
    )
    return bool(median) and not average


def usual_order(rows: Sequence[Sequence[Atom]]) -> list[int]:
    """Return the order in which the arms are named; empty if it changes."""
    first: dict[tuple[int, ...], int] = {}
    number = 1 + max((a.index for row in rows for a in row if a.kind == "A"), default=-1)
    for row in rows:
        end = next((i for i, a in enumerate(row) if a.kind == "h"), len(row))
        seen = list(dict.fromkeys(a.index for a in row[:end] if a.kind == "A"))
        if len(seen) == number and number > 1:
            first[tuple(seen)] = first.get(tuple(seen), 0) + 1
    total = sum(first.values())
    best = max(first, key=lambda key: first[key], default=())
    return list(best) if total and first[best] >= 0.75 * total else []


def panels(found: Sequence[Scope], rows: Sequence[Sequence[Atom]]) -> dict[str, Atom]:
    """Return which endpoint each lettered panel of a figure shows."""
    panels: dict[str, Atom] = {}
    for scope, row in zip(found, rows, strict=True):
        endpoints = [a for a in row if a.kind == "E"]
        for mark in re.finditer(r"\(([A-Fa-f])\)", scope.sentence.text):
            before = [e for e in endpoints if 0 <= mark.start() - e.end < 3]  # "survival (A)"
            beside = before or [e for e in endpoints if 0 <= e.start - mark.end() < 40]
            if beside:
                panels.setdefault(mark[1].upper(), beside[0])
    return panels


def enter(context: Context, sentence: Sentence) -> None:
    """Forget what a new paragraph does not go on with."""
    if sentence.row:
        letter = re.fullmatch(r"\(?(?:Panel\s+)?([A-F])[).:]?", sentence.text)
        if letter and letter[1] in context.panels:
            context.endpoint = context.panels[letter[1]]
        context.in_rows = True
    elif sentence.paragraph != context.paragraph and not (
        context.in_rows and re.match(r"[A-Z][\w+/ -]{0,40}[:,]", sentence.text)
    ):
        context.endpoint, context.times, context.order = None, [], []
        context.in_rows = False
    context.paragraph = sentence.paragraph


def note_columns(context: Context, sentence: Sentence, row: Sequence[Atom]) -> None:
    """Remember the arms above the columns of a table, and the endpoint that heads its rows."""
    if not sentence.row:
        return
    kinds = {a.kind for a in row}
    if re.match(r"(?:Supplementary\s+)?Table\s+\w+", sentence.text, re.IGNORECASE):
        context.columns = []
    if "A" in kinds and not kinds & set("VCPq"):
        for atom in row:
            if atom.kind == "A" and atom.index not in context.columns:
                context.columns.append(atom.index)
    if not kinds & set("VCPqMhDTA"):
        heads = [a for a in row if a.kind in "EO"]
        if heads:
            context.endpoint = heads[0] if heads[0].kind == "E" else None


def note_order(context: Context, row: Sequence[Atom], number: int) -> None:
    """Remember the order in which a sentence counts the patients of the arms."""
    kinds = {a.kind for a in row}
    seen = list(dict.fromkeys(a.index for a in row if a.kind == "A"))
    if len(seen) == number > 1 and kinds & set("nC") and not kinds & set("VhE"):
        context.order = seen
