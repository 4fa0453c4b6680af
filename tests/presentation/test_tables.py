"""Tables know their columns and are written for terminal, notebook and Markdown alike."""

import pytest
from rich.console import Console

from kmrepro.presentation.tables import Table, left, right

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


def test_rows_must_fit_the_columns() -> None:
    """A row with a missing cell is a mistake of ours, not a shifted table."""
    with pytest.raises(ValueError, match="a row of 1 cells does not fit 3 columns"):
        Table.of(TABLE.columns, [("A",)])
