"""Text and tables for a LaTeX document, with nothing in them read as a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .formats import plain

__all__ = ["latex_table", "latex_text"]

_LETTERS = str.maketrans(
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


def latex_text(text: str) -> str:
    r"""Return text for a LaTeX document on one line.

    Examples
    --------
    >>> print(latex_text("p < 0.05 & 98.8%"))
    p \textless{} 0.05 \& 98.8\%
    """
    return plain(text).translate(_LETTERS)


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
            _line(headings),
            r"\midrule",
            *map(_line, rows),
            r"\bottomrule",
            r"\end{tabular}",
            *([rf"\par\footnotesize {latex_text(note)}"] if note else []),
            r"\end{table}",
        ]
    )


def _line(cells: Sequence[str]) -> str:
    # A row that begins with [ would be read as the optional argument of the line break before it.
    texts = [f"{{{text}}}" if text.startswith("[") else text for text in map(latex_text, cells)]
    return " & ".join(texts) + r" \\"
