"""What the command line prints: tables and text to stdout, progress to stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TextIO

import click

from ..presentation.formats import count, plain
from ..presentation.tables import Paragraph, Table

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ..presentation.tables import Part

__all__ = ["FORM", "QUIET", "emit", "emit_json", "moved", "progress_bar", "working", "written"]

FORM = f"{__name__}.form"
"""Under it a command's context keeps the option that says in which form results are printed."""
QUIET = f"{__name__}.quiet"
"""Under it a command's context keeps whether anything but results for programs is printed."""

_NARROWEST = 20  # columns; below it no table can be read
_PIPED_WIDTH = 10_000  # wide enough that no row of a table is broken where programs read it


def emit(*parts: Part, to_stderr: bool = False) -> None:
    """Print tables and text to stdout: fitted to a terminal's width, unbroken when piped.

    Piped, they fit the environment variable COLUMNS if it is set. With `to_stderr`, print them
    there, because stdout is taken by the result. Nothing is reported with --quiet.
    """
    if _said(QUIET):
        return
    if form := _WRITERS.get(str(_said(FORM))):
        click.echo("\n\n".join(filter(None, map(form, parts))), err=to_stderr)
        return
    stream = sys.stderr if to_stderr else sys.stdout
    if _plain_and_unbroken(stream):
        for part in parts:
            click.echo(part.to_text() + "\n" * isinstance(part, Table), err=to_stderr)
        return
    _emit_fitted(parts, stream, to_stderr=to_stderr)


def _emit_fitted(parts: Iterable[Part], stream: TextIO, *, to_stderr: bool) -> None:
    """Print tables and text fitted to a width, and with the styles of a terminal."""
    from rich.console import Console
    from rich.table import Table as RichTable

    terminal = stream.isatty()
    console = Console(file=stream, width=None if terminal else _piped_width(), highlight=False)
    with console.capture() as captured:
        for part in parts:
            shown = part.to_rich()
            console.print(_fitted(shown, console))
            if isinstance(shown, RichTable):
                console.print()
    for line in captured.get().splitlines():
        click.echo(line if terminal else line.rstrip(), err=to_stderr)


def _said(what: str) -> object:
    """Return what an option of the running command said of how to print; None outside of one."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(what)


def _plain_and_unbroken(stream: TextIO) -> bool:
    """Say whether nobody asks for a width, colours or other letters than Unicode's."""
    asked = any(os.environ.get(name) for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))
    unicode = (getattr(stream, "encoding", None) or "").lower().startswith("utf")
    return unicode and not (asked or stream.isatty()) and _piped_width() == _PIPED_WIDTH


def _piped_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    usable = columns.isascii() and columns.isdecimal() and int(columns) >= _NARROWEST
    return int(columns) if usable else _PIPED_WIDTH


def _markdown(part: Part) -> str:
    """Return a paragraph, or a table between its title and what its abbreviations mean."""
    if isinstance(part, Paragraph):
        return part.to_markdown()
    title, caption = Paragraph(part.title, style="bold"), Paragraph(part.caption)
    texts = (title.to_markdown(), part.without_empty_columns().to_markdown(), caption.to_markdown())
    return "\n\n".join(filter(None, texts))


def _latex(part: Part) -> str:
    shown = part if isinstance(part, Paragraph) else part.without_empty_columns()
    return shown.to_latex()


_WRITERS: dict[str, Callable[[Part], str]] = {"--markdown": _markdown, "--latex": _latex}


def _fitted(part: RenderableType, console: Console) -> RenderableType:
    """Take the space between the columns of a table that is too wide for the terminal."""
    from rich.table import Table as RichTable

    if isinstance(part, RichTable) and console.width < _PIPED_WIDTH:  # measuring takes a while
        unbroken = console.options.update(max_width=_PIPED_WIDTH)
        if console.measure(part, options=unbroken).maximum > console.width:
            part.padding = 0
    return part


def moved(out: Path, aside: Path | None) -> list[Paragraph]:
    """Say where that was moved which was in the place of results; nothing if nothing was."""
    return [Paragraph(f"What was at {out} before is now at {aside}.")] if aside else []


def written(out: Path | None, files: tuple[Path, ...]) -> list[Paragraph]:
    """Say what was written where: files at the top by name, the others by number."""
    if out is None or not files:
        return []
    from ..output import Written

    folders = Counter(path.parent.as_posix() for path in files if path.parent != PurePath())
    parts = [path.name for path in files if path.parent == PurePath()]
    parts += [f"{folder}/ ({count(number, 'file')})" for folder, number in folders.items()]
    said = [Paragraph(f"Wrote to {out}: {', '.join(parts)}")]
    return said + moved(out, files.set_aside if isinstance(files, Written) else None)


def emit_json(value: object) -> None:
    """Print plain values as JSON (RFC 8259: no NaN)."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on stderr while the block runs; nothing if that is not a terminal.

    Yields
    ------
    callable
        To be called with the steps done, all steps and what is being done.
    """
    if not sys.stderr.isatty() or _said(QUIET):
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    # What turns and counts seconds shows that a step of minutes goes on.
    counted = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    columns = (SpinnerColumn(), TextColumn("{task.description}"), *counted)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def update(done: int, total: int, doing: str) -> None:
            bar.update(task, completed=done, total=total, description=plain(doing))

        yield update


@contextlib.contextmanager
def working(doing: str) -> Iterator[None]:
    """Say on stderr what is being done while the block runs; nothing if that is not a terminal."""
    if not sys.stderr.isatty() or _said(QUIET):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(plain(doing)):
        yield
