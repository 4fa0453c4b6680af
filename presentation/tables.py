"""Tables that know their columns, for terminal, plain text, notebook, Markdown and LaTeX.

A result describes its table once, as a `Table`; what shows it chooses the writer.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Literal

from .formats import count, plain

if TYPE_CHECKING:
    from rich.table import Table as RichTable
    from rich.text import Text as RichText

__all__ = [
    "Column",
    "Paragraph",
    "Part",
    "Table",
    "latex_table",
    "latex_text",
    "left",
    "right",
    "text_table",
]

_IN_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
        "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
        "\N{PLUS-MINUS SIGN}": r"$\pm$",
        "\N{MULTIPLICATION SIGN}": r"$\times$",
        "\N{MINUS SIGN}": "$-$",
        "\N{MIDDLE DOT}": r"$\cdot$",
        "\N{EN DASH}": "--",
        "\N{EM DASH}": "---",
    }
)


@dataclass(frozen=True)
class Column:
    """A heading and the side to which the cells below it are set.

    Attributes
    ----------
    name : str
        The heading; empty for none.
    align : {"left", "right"}
        Right for counts and measurements, whose digits are compared down the column.
    """

    name: str
    align: Literal["left", "right"] = "left"


def left(*names: str) -> tuple[Column, ...]:
    """Return columns of text."""
    return tuple(Column(name) for name in names)


def right(*names: str) -> tuple[Column, ...]:
    """Return columns of numbers."""
    return tuple(Column(name, "right") for name in names)


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of plain text under named columns.

    Attributes
    ----------
    columns : tuple of Column
    rows : tuple of tuple of str
        As many cells in each as there are columns; the first names its row.
    title : str
        What the table shows.
    caption : str
        What its abbreviations mean.

    Raises
    ------
    ValueError
        If a row has another number of cells than there are columns.

    Examples
    --------
    >>> print(Table(columns=left("Arm") + right("n"), rows=(("SR", "185"),)).to_markdown())
    | Arm |   n |
    |:----|----:|
    | SR  | 185 |
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    caption: str = ""

    @classmethod
    def of(
        cls,
        columns: Iterable[Column],
        rows: Iterable[Sequence[str]],
        *,
        title: str = "",
        caption: str = "",
    ) -> Table:
        """Build a table from whatever yields columns and rows."""
        cells = tuple(tuple(row) for row in rows)
        return cls(columns=tuple(columns), rows=cells, title=title, caption=caption)

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"a row of {count(len(row), 'cell')} does not fit "
                    f"{count(len(self.columns), 'column')}: {row}"
                )

    def without_empty_columns(self) -> Table:
        """Return the table without columns in which no row says anything."""
        kept = [i for i in range(len(self.columns)) if any(row[i] for row in self.rows)]
        return replace(
            self,
            columns=tuple(self.columns[i] for i in kept),
            rows=tuple(tuple(row[i] for i in kept) for row in self.rows),
        )

    def to_html(self) -> str:
        """Return an HTML table; its first column heads the rows.

        Neither colour nor background is set, so that it is readable in light and dark themes.
        """
        styles = [f' style="text-align: {column.align}"' for column in self.columns]
        names = "".join(
            f'<th scope="col"{style}>{escape(column.name)}</th>'
            for column, style in zip(self.columns, styles, strict=True)
        )
        named = any(column.name for column in self.columns)
        head = f"<thead><tr>{names}</tr></thead>" if named else ""
        body = "".join(_html_row(row, styles) for row in self.rows)
        title = self.title and (f'<caption style="text-align: left">{escape(self.title)}</caption>')
        return f"<table>{title}{head}<tbody>{body}</tbody></table>"

    def to_markdown(self) -> str:
        """Return a pipe table, its columns padded so that it can be read as it is."""
        names = [_markdown(column.name) for column in self.columns]
        rows = [[_markdown(cell) for cell in row] for row in self.rows]
        widths = [max(3, *(len(row[i]) for row in [names, *rows])) for i in range(len(names))]
        rule = (
            f"{'-' * (width + 1)}:" if column.align == "right" else f":{'-' * (width + 1)}"
            for column, width in zip(self.columns, widths, strict=True)
        )
        lines = [self._markdown_line(names, widths), f"|{'|'.join(rule)}|"]
        return "\n".join([*lines, *(self._markdown_line(row, widths) for row in rows)])

    def _markdown_line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = (
            cell.rjust(width) if column.align == "right" else cell.ljust(width)
            for cell, column, width in zip(cells, self.columns, widths, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    def to_latex(self) -> str:
        """Return a table for a LaTeX document that uses the package booktabs."""
        return self._written(latex_table)

    def to_text(self) -> str:
        """Return a table of plain text as wide as it is, without its empty columns."""
        shown = self.without_empty_columns()
        return shown._written(text_table) if shown.columns else ""

    def _written(self, write: Callable[..., str]) -> str:
        names = [column.name for column in self.columns]
        align = [column.align for column in self.columns]
        return write(names, self.rows, align=align, title=self.title, note=self.caption)

    def to_rich(self) -> RichTable:
        """Return a table for a terminal, without its empty columns; no cell is read as markup."""
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        shown = self.without_empty_columns()
        result = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        result.title_justify = result.caption_justify = "left"
        if self.title:
            result.title = Text(plain(self.title), style="bold")
        if self.caption:
            result.caption = Text(plain(self.caption), style="table.caption")
        for column in shown.columns:
            result.add_column(Text(plain(column.name)), justify=column.align, overflow="fold")
        for row in shown.rows:
            result.add_row(*(Text(plain(cell)) for cell in row))
        return result


def _html_row(row: Sequence[str], styles: Sequence[str]) -> str:
    first, *others = row
    cells = "".join(
        f"<td{style}>{escape(cell)}</td>" for cell, style in zip(others, styles[1:], strict=True)
    )
    return f'<tr><th scope="row" style="text-align: left">{escape(first)}</th>{cells}</tr>'


def _markdown(cell: str) -> str:
    return plain(cell).replace("|", "\\|")


@dataclass(frozen=True)
class Paragraph:
    """A sentence or heading between tables.

    Attributes
    ----------
    words : str
        May come from a file; nothing in it is read as markup.
    style : str
        Of the terminal, such as "bold" or "bold red"; empty for plain text.
    """

    words: str
    style: str = ""

    def to_html(self) -> str:
        """Return an HTML paragraph, in bold where the terminal's is."""
        words = escape(self.words)
        return f"<p><strong>{words}</strong></p>" if self.style else f"<p>{words}</p>"

    def to_markdown(self) -> str:
        """Return a Markdown paragraph, in bold where the terminal's is."""
        words = plain(self.words)
        return f"**{words}**" if self.style and words else words

    def to_latex(self) -> str:
        """Return a paragraph for a LaTeX document, in bold where the terminal's is."""
        words = latex_text(self.words)
        return rf"\textbf{{{words}}}" if self.style and words else words

    def to_text(self) -> str:
        """Return the words on one line."""
        return plain(self.words)

    def to_rich(self) -> RichText:
        """Return text for a terminal."""
        from rich.text import Text

        return Text(plain(self.words), style=self.style)


Part = Table | Paragraph
"""One piece of what a command prints."""


_GAP = 3  # between columns
# What is surely one cell wide: Latin, Greek, Cyrillic, dashes and quotes, raised and lowered
# digits, arrows and operators.
_NARROW = re.compile(
    r"[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482"
    r"\u2010-\u2027\u2070-\u209c\u2190-\u21ff\u2200-\u22ff]*"
)


def text_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    align: Sequence[Literal["left", "right"]],
    title: str = "",
    note: str = "",
) -> str:
    """Return a table under its title; no row is broken, and no line ends in spaces.

    Examples
    --------
    >>> print(text_table(["Arm", "n"], [["SR", "185"]], align=["left", "right"]))
    Arm     n
    ─────────
    SR    185
    """
    cells = [[plain(cell) for cell in row] for row in [headings, *rows]]
    sizes = [[_width(cell) for cell in row] for row in cells]
    widths = [max(column) for column in zip(*sizes, strict=True)]
    head, *body = (
        (" " * _GAP).join(map(_padded, row, size, widths, align)).rstrip()
        for row, size in zip(cells, sizes, strict=True)
    )
    whole = sum(widths) + _GAP * (len(widths) - 1)
    lines = [*_lines(title, whole), head, "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * whole, *body]
    return "\n".join([*lines, *_lines(note, whole)])


def _padded(cell: str, size: int, width: int, align: str) -> str:
    room = " " * (width - size)
    return f"{room}{cell}" if align == "right" else f"{cell}{room}"


def _width(text: str) -> int:
    """Return how many cells of a terminal text takes."""
    if _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len  # slow to load

    return cell_len(text)


def _lines(text: str, width: int) -> list[str]:
    """Break what is above or below a table to the table's width."""
    return textwrap.wrap(plain(text), max(width, 1), break_on_hyphens=False)


def latex_text(text: str) -> str:
    r"""Return text for a LaTeX document on one line.

    Examples
    --------
    >>> print(latex_text("p < 0.05 & 98.8%"))
    p \textless{} 0.05 \& 98.8\%
    """
    return plain(text).translate(_IN_LATEX)


def latex_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    align: Sequence[Literal["left", "right"]],
    title: str = "",
    note: str = "",
) -> str:
    r"""Return a table in the form of the package booktabs.

    Parameters
    ----------
    headings : sequence of str
    rows : sequence of sequence of str
        As many cells in each as there are headings.
    align : sequence of {"left", "right"}
        Of each column.
    title, note : str
        Above the table, and below it.

    Examples
    --------
    >>> print(latex_table(["Arm", "n"], [["SR", "185"]], align=["left", "right"]))
    \begin{table}[htbp]
    \begin{tabular}{lr}
    \toprule
    Arm & n \\
    \midrule
    SR & 185 \\
    \bottomrule
    \end{tabular}
    \end{table}
    """
    columns = "".join(side[0] for side in align)
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            *([rf"\caption{{{latex_text(title)}}}"] if title else []),
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            _latex_row(headings),
            r"\midrule",
            *map(_latex_row, rows),
            r"\bottomrule",
            r"\end{tabular}",
            *([rf"\par\footnotesize {latex_text(note)}"] if note else []),
            r"\end{table}",
        ]
    )


def _latex_row(cells: Sequence[str]) -> str:
    # A row that begins with [ would be read as the optional argument of the line break before it.
    texts = [f"{{{text}}}" if text.startswith("[") else text for text in map(latex_text, cells)]
    return " & ".join(texts) + r" \\"
