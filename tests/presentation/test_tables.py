"""Tables know their columns and are written for terminal, notebook and Markdown alike."""

import pytest
from rich.console import Console

from kmrepro.presentation.tables import Paragraph, Table, left, right

TABLE = Table(
    columns=left("Arm") + right("n") + left("Note"),
    rows=(("A|B", "12", ""), ("<b>", "3", "")),
    title="Arms & numbers",
)


def test_html_is_escaped_and_aligned() -> None:
    """A cell from a file can hold no markup, and numbers are set to the right."""
    html = TABLE.to_html()
    assert "Arms &amp; numbers" in html
    assert "&lt;b&gt;" in html
    assert '<td style="text-align: right">12</td>' in html


def test_markdown_pads_and_escapes() -> None:
    """Pipes in cells do not end a cell."""
    lines = TABLE.without_empty_columns().to_markdown().splitlines()
    assert lines == ["| Arm  |   n |", "|:-----|----:|", "| A\\|B |  12 |", "| <b>  |   3 |"]


def test_terminal_leaves_out_empty_columns() -> None:
    """A column in which nothing is written takes no room."""
    console = Console(width=40, record=True)
    with console.capture() as shown:
        console.print(TABLE.to_rich())
    assert "Note" not in shown.get()
    assert "A|B" in shown.get()


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([("SR", "185", "98.8%\N{EN DASH}99"), ("TA", "9", "")], id="narrow"),
        pytest.param([("\u80bf\u7624", "1", "e\u0301"), ("[bold]", "22", "x")], id="wide"),
        pytest.param([("a", "1", ""), ("a  long\tcell " * 9, "", "")], id="long, an empty column"),
        pytest.param([("", "", "")], id="empty"),
    ],
)
def test_plain_text_is_what_an_endless_terminal_shows(rows: list[tuple[str, ...]]) -> None:
    """The same letters at the same places as rich sets them, without spaces at the end."""
    table = Table.of(
        left("Arm [A]") + right("n") + left("Survival"), rows,
        title="Survival of the arms of a trial [0, 1], as reported",
        caption="CI: confidence interval, and a note that is longer than some tables are wide.",
    )  # fmt: skip
    console = Console(width=10_000)
    with console.capture() as shown:
        console.print(table.to_rich())
    lines = [line.rstrip() for line in shown.get().splitlines()]
    assert table.to_text().splitlines() == (lines if lines != [""] else [])


def test_rows_must_fit_the_columns() -> None:
    """A row with a missing cell is a mistake of ours, not a shifted table."""
    with pytest.raises(ValueError, match="a row of 1 cell does not fit 3 columns"):
        Table.of(TABLE.columns, [("A",)])


def test_latex_reads_nothing_as_a_command() -> None:
    """Letters with a meaning in LaTeX are written so that they are seen."""
    table = Table.of(
        left("Arm_1") + right("95% CI"),
        [("a & b \\x {$1}", "\u2264 1.2\u20133"), ("[c]", "<0.001 #^~")],
        title="T & U",
        caption="50%",
    )
    assert table.to_latex().splitlines() == [
        r"\begin{table}[htbp]",
        r"\caption{T \& U}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"Arm\_1 & 95\% CI \\",
        r"\midrule",
        r"a \& b \textbackslash{}x \{\$1\} & $\leq$ 1.2--3 \\",
        r"{[c]} & \textless{}0.001 \#\textasciicircum{}\textasciitilde{} \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\footnotesize 50\%",
        r"\end{table}",
    ]


def test_latex_paragraphs() -> None:
    """A heading is bold, and other words are as they are."""
    assert Paragraph("Refused", style="bold").to_latex() == r"\textbf{Refused}"
    assert Paragraph("p < 0.05").to_latex() == r"p \textless{} 0.05"
    assert Paragraph("", style="bold").to_latex() == ""
