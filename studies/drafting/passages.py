"""The text of a paper as sentences: columns parted, lines rejoined."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .pasted_table import headed, unruled
from .typography import has_decimal_commas, in_full, plain

__all__ = ["Sentence", "sentences"]

_WIDE_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
_CELL_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_CELLS = re.compile(r"\d[\d.]*\s*%?\)?\s+(?:[<>]?\s*)?\d[\d.]*\s*(?:%|\([^()]*\))?[a-h*†‡§]?$")
_SIZE = re.compile(r"\(?\s*n\s*=\s*\d+\s*\)?", re.IGNORECASE)
_LONGEST = 1500  # characters; a sentence of an abstract has at most some 700
_PARAGRAPH = 300  # characters of a line; one that is longer is a whole paragraph
_UNBROKEN = re.compile(r"\S{100}")  # no word, but an address or data
_RATIO_HEAD = re.compile(r"(?:Hazard\s+ratio|HR)\b", re.IGNORECASE)
_P_HEAD = re.compile(r"p(?:[\s-]*values?)?\s*[a-h*†‡]?$", re.IGNORECASE)
_OWN_LINE = re.compile(
    r"(?!CI:|IQR:)[A-Z][^.:]{0,40}: |(?:Stratified |Adjusted )?(?:Hazard ratio|HR|Log-?rank|Median|"
    r"No\.|Number)\b"
    r"|[Pp](?: value)?\s*[=<,]"
)

_SECTION_NAMES = {
    "abstract": "abstract",
    "summary": "abstract",
    "background": "background",
    "background and aims?": "background",
    "background and objectives?": "background",
    "background (?:&|and) aims?": "background",
    "(?:summary (?:of )?)?background data": "background",
    "mini-?abstract": "background",
    "introduction": "background",
    "importance": "background",
    "context": "background",
    "rationale": "background",
    "aims?": "background",
    "purpose": "background",
    "objectives?": "background",
    "design": "methods",
    "methods?": "methods",
    "patients and methods": "methods",
    "materials? and methods": "methods",
    "participants and methods": "methods",
    "methods and materials": "methods",
    "design,? setting,? and participants": "methods",
    "statistical (?:analys[ie]s|considerations|methods)": "methods",
    "interventions?": "methods",
    "trial design": "methods",
    "main outcomes? (?:and|&) measures?": "methods",
    "study design": "methods",
    "settings? (?:and|&) participants": "methods",
    "procedures?": "methods",
    "rationale (?:and|&) objectives?": "background",
    "methods (?:and|&) results": "results",
    "summary/conclusions?": "conclusion",
    "limitations": "conclusion",
    "results": "results",
    "findings": "results",
    "main results": "results",
    "conclusions?": "conclusion",
    "interpretation": "conclusion",
    "conclusions? and relevance": "conclusion",
    "discussion": "discussion",
    "funding": "conclusion",
    "keywords": "conclusion",
    "trial registration": "conclusion",
    "clinical trial information": "conclusion",
    "references": "references",
    "acknowledge?ments?": "references",
}
_NAMES = "|".join(sorted(_SECTION_NAMES, key=len, reverse=True))
_HEADING = re.compile(
    rf"^(?:\d+(?:\.\d+)*\.?\s+|[IVX]+\.\s+)?({_NAMES})\s*(?:[:.*_-]+\s*|$|\s(?=(?-i:[A-Z\[(0-9])))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d+(?:\.\d+)+\.?\s+[A-Z][A-Za-z ,/-]{2,60}")
_INLINE = re.compile(
    rf"(?:(?<=[.:;)\]])|(?<=[.:;)\]]\s))\**({_NAMES})(?:\s*\**:\**|\.?(?=\s(?-i:[A-Z\[(0-9])))",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(
    r"(?<![^m]\s[A-Z])(?<!\bvs)(?<!\bv)(?<!\bFig)(?<!\bFigs)(?<!\bNo)(?<!\be\.g)(?<!\bi\.e)(?<!\bal)"
    r"(?<!\bapprox)(?<!\bDr)(?<!\bSt)(?<!\bc\.i)(?<!\bi\.q\.r)(?<!\bs\.d)(?<!\bs\.e)(?<!\bca)(?<!\bcf)(?<!\bMed)(?<!\bresp)"
    r"[.!?](?:[\"')\]]|\*+)*\s+(?=[\"'(\[*]*[A-Z0-9])"
    r"|(?:(?<=[Gg]roup\s[A-Z])|(?<=[Cc]ohort\s[A-Z])|(?<=[Rr]egimen\s[A-Z])|(?<=\band\s[A-Z])|(?<=\bor\s[A-Z]))\.\s+(?=[A-Z][A-Za-z0-9]|\d)"
    r"|(?<=[a-z])\.(?:\d{1,3}(?:,\d{1,3})*)\s+(?=[A-Z])"
)


@dataclass(frozen=True)
class Sentence:
    """One sentence, or one line of a table.

    Attributes
    ----------
    text : str
        The words, with plain dashes, points and spaces.
    section : str
        "abstract", "background", "methods", "results", "conclusion", "discussion", "references",
        or "" before the first heading.
    line : int
        Line of the source on which it begins, from 1.
    paragraph : int
        Number of its paragraph; sentences of one paragraph share it.
    row : bool
        True for a line that was kept apart, as in a table or beneath a figure.
    """

    text: str
    section: str
    line: int
    paragraph: int
    row: bool = False

    @property
    def where(self) -> str:
        """Say where it is: the section, if there is one, and the line."""
        line = f"line {self.line}"
        return f"{self.section.capitalize()}, {line}" if self.section else line


@dataclass(frozen=True)
class _Passage:
    """Lines that belong together, rejoined; `starts` says where each began."""

    text: str
    starts: tuple[int, ...]
    lines: tuple[int, ...]
    row: bool

    def line_at(self, offset: int) -> int:
        return self.lines[max(bisect_right(self.starts, offset) - 1, 0)]


def sentences(text: str) -> list[Sentence]:
    r"""Split a text into sentences, in reading order.

    Two columns that share their lines are read one after the other; words that were broken at
    the end of a line are rejoined; lines of a table stay apart.

    Parameters
    ----------
    text : str
        An abstract, a passage, or the text of a PDF.

    Examples
    --------
    >>> [s.text for s in sentences("Results: The median was 28·4 months. It was reached.")]
    ['The median was 28.4 months.', 'It was reached.']
    """
    comma = has_decimal_commas(text)
    found: list[Sentence] = []
    section = ""
    for number, block in enumerate(_blocks(text, comma)):
        for passage in _passages(block.lines, column=block.column):
            for part, offset, name in _sections(passage.text, section):
                section = name
                found += [
                    Sentence(
                        in_full(words), name, passage.line_at(offset + at), number, passage.row
                    )
                    for words, at in _split(part)
                ]
    return found


@dataclass(frozen=True)
class _Block:
    """Lines between blank ones, each with its number; `column` if it is one column of a page."""

    lines: list[tuple[int, str]]
    column: bool = False


def _blocks(text: str, comma: bool) -> Iterator[_Block]:
    """Yield the runs of lines between blank ones."""
    lines: list[tuple[int, str]] = []
    for number, line in unruled([*text.splitlines(), ""]):
        made = plain(line.replace("\t", "    "), comma).rstrip()
        if made.strip():
            lines.append((number, made))
        elif lines:
            yield from _columns(lines)
            lines = []


def _gap(line: str, column: int) -> bool:
    return len(line) <= column or (line[column - 3 : column].isspace() and line[column] != " ")


def _column(lines: list[str]) -> int | None:
    """Return the character at which a second column of prose begins."""
    starts = [found.end() for line in lines for found in _WIDE_GAP.finditer(line)]
    starts += [len(line) - len(line.lstrip()) for line in lines if line.startswith(" " * 20)]
    if len(lines) < 6 or not starts:
        return None
    column = max(set(starts), key=starts.count)
    right = [line[column:] for line in lines if len(line) > column]
    prose = sum(len(re.findall(r"[A-Za-z]{3,}", words)) for words in right)
    fits = sum(_gap(line, column) for line in lines)
    if column < 25 or fits < 0.85 * len(lines) or starts.count(column) < 0.5 * len(lines):
        return None
    return column if prose >= 2 * len(right) else None


def _columns(block: list[tuple[int, str]]) -> Iterator[_Block]:
    """Yield the left column, then the right one; the block, if it has one."""
    column = _column([words for _, words in block])
    if column is None:
        yield _Block(block)
        return
    for cut in (slice(0, column), slice(column, None)):
        side = [(number, words[cut].rstrip()) for number, words in block]
        yield _Block([(number, words) for number, words in side if words.strip()], column=True)


def _is_table(block: list[tuple[int, str]]) -> bool:
    """Say whether most lines of a block have cells with wide gaps between them."""
    gapped = sum(
        len(_WIDE_GAP.findall(words.strip())) >= 1 or len(_CELL_GAP.findall(words.strip())) >= 2
        for _, words in block
    )
    return len(block) >= 3 and gapped >= 0.6 * len(block)


def _table_rows(block: list[tuple[int, str]]) -> Iterator[_Passage]:
    """Yield the lines of a table, with what the head of a column says before each cell."""
    heads: list[str] = []
    split = [[cell.strip() for cell in _CELL_GAP.split(words.strip())] for _, words in block]
    for place, (number, _) in enumerate(block):
        cells = split[place]
        if len(cells) > 1 and all(map(_SIZE.fullmatch, cells)) and len(cells) == len(heads):
            continue  # they stand behind the names above them
        sizes = split[place + 1] if place + 1 < len(split) else []
        if len(cells) == len(sizes) > 1 and all(map(_SIZE.fullmatch, sizes)):
            heads = cells
            cells = [
                f"{cell} ({size.strip('() ')})" for cell, size in zip(cells, sizes, strict=True)
            ]
            yield _Passage(", ".join(cells), (0,), (number,), row=True)
            continue
        text = " ".join(cells)
        if any(_RATIO_HEAD.match(cell) or _P_HEAD.match(cell) for cell in cells[1:]):
            heads, text = cells, ", ".join(cells)
        elif any(re.search(r"\(n\s*=", cell, re.IGNORECASE) for cell in cells):
            text = ", ".join(cells)
        elif len(cells) == len(heads):
            text = " ".join(_headed(cell, head) for cell, head in zip(cells, heads, strict=True))
        yield _Passage(" ".join(text.split()), (0,), (number,), row=True)


def _headed(cell: str, head: str) -> str:
    if _RATIO_HEAD.match(head):
        return f"HR {cell}"
    return f"P {'' if cell[:1] in '<>=' else '= '}{cell}" if _P_HEAD.match(head) else cell


def _passages(block: list[tuple[int, str]], *, column: bool = False) -> Iterator[_Passage]:
    """Rejoin the lines of a block that one sentence runs over."""
    if not column and _is_table(block):
        yield from _table_rows(block)
        return
    widest = max(len(words) for _, words in block)
    group: list[tuple[int, str]] = []
    rows = headed([words for _, words in block])
    for (number, words), (row, parted) in zip(block, rows, strict=True):
        if parted:
            if group:
                yield _joined(group, len(block) > 1)
            group = []
            yield _Passage(row, (0,), (number,), row=True)
            continue
        if group and not _runs_on(group[-1][1], words, widest, narrowest=20 if column else 38):
            yield _joined(group, len(block) > 1)
            group = []
        group.append((number, words.strip()))
    if group:
        yield _joined(group, len(block) > 1)


def _runs_on(line: str, following: str, widest: int, *, narrowest: int) -> bool:
    """Say whether a sentence goes on from one line to the next."""
    if len(line) > _PARAGRAPH:
        return False
    if _CELLS.search(line) and not line.endswith("-") and len(line) < 0.9 * widest:
        return False
    if _OWN_LINE.match(following) and re.search(r"(?:[)\d%]|NR|NE)[.;]?$", line):
        return False
    heading = _HEADING.match(following)
    if heading and (heading.end() == len(following) or following[: heading.end()].isupper()):
        return False
    return widest >= narrowest and len(line) >= 0.72 * widest - 4


def _joined(group: list[tuple[int, str]], many: bool) -> _Passage:
    text, starts = "", []
    for _, words in group:
        if re.search(r"[a-z]-$", text) and words[:1].islower():
            text = text[:-1]  # a word that was broken at the end of the line
        elif text and not re.search(r"\d-$", text):
            text += " "
        starts.append(len(text))
        text += " ".join(words.split())
    short = len(text) <= _PARAGRAPH
    row = many and len(group) == 1 and short and not text.endswith(".")
    return _Passage(text, tuple(starts), tuple(number for number, _ in group), row)


def _named(words: str) -> str:
    plain = words.lower().strip()
    return next(name for key, name in _SECTION_NAMES.items() if re.fullmatch(key, plain))


def _sections(text: str, before: str) -> Iterator[tuple[str, int, str]]:
    """Yield the parts of a passage under its headings: words, offset, section."""
    marks = [(0, 0, before)]
    if heading := _HEADING.match(text):
        marks[0] = (0, heading.end(), _named(heading[1]))
    elif _NUMBERED.fullmatch(text):
        marks[0] = (0, len(text), "")  # "3.2. Efficacy" ends the section before it
    for found in _INLINE.finditer(text):
        if found[1][:1].isupper() and found.start() > marks[-1][1]:
            marks.append((found.start(), found.end(), _named(found[1])))
    ends = [start for start, _, _ in marks[1:]] + [len(text)]
    for (_, start, name), end in zip(marks, ends, strict=True):
        yield text[start:end], start, name


def _split(text: str) -> Iterator[tuple[str, int]]:
    """Yield each sentence with its offset; what is longer than any sentence is left out."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    for start, end in pairwise([0, *ends, len(text)]):
        words = text[start:end].strip()
        if words and len(words) <= _LONGEST and not _UNBROKEN.search(words):
            yield words, start
