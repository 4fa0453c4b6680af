"""The command `kmrepro draft`: a study file from an abstract, a passage or a paper."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import arguments

__all__ = ["draft"]


@click.command(
    epilog="""\b
Examples:
  kmrepro draft abstract.txt --out mine.toml
  kmrepro draft paper.pdf --pages 1,5-7 --out mine.toml
  pbpaste | kmrepro draft - > mine.toml

TEXT is a text file in UTF-8, a PDF, or "-" for standard input."""
)
@click.argument("text", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--out", type=click.Path(path_type=Path), help="Study file; stdout by default.")
@click.option("--pages", metavar="1,5-7", help="Pages of a PDF; all by default.")
@arguments.force
def draft(text: Path, out: Path | None, pages: str | None, force: bool) -> None:
    """Draft a study file from what a paper says in words.

    Each number is written as it was found, with the words that it was found in as a comment. What
    is ambiguous is a question in the file, and nothing is filled in. A text without a survival
    result is refused.
    """
    from ..output import write_file
    from ..studies.drafting import draft_study
    from ..studies.drafting.draft import document_text

    name = out.stem if out is not None else "draft" if str(text) == "-" else text.stem
    content = document_text(text, pages=pages, stdin=sys.stdin.buffer)
    drafted = draft_study(content, name=name)
    if out is None:
        click.echo(drafted.text, nl=False)
    else:
        write_file(out, drafted.text, force=force)
        click.echo(
            f"Wrote {out}. Check it against the paper, then: kmrepro validate {out}", err=True
        )
    for question in drafted.questions:
        click.echo(f"To decide: {question}", err=True)
