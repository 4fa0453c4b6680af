"""The `kmrepro` command, and how it ends: with a result, or with one sentence.

A module for each command, or for a few that belong together; options that they share are in
`arguments`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import click

from ..outcome import NOT_WRITTEN, sentence
from .app import app
from .batch import batch
from .digitise import digitise
from .extrapolate import extrapolate
from .pool import pool
from .reconstruct import reconstruct
from .reproduce import figures, reproduce
from .study import audit, draft, list_, new, schema, show, to_excel, validate

__all__ = ["SafeGroup", "main"]


_EXIT_STATUS = "Exit status: 0 done, 1 the data was refused, 2 wrong usage."
_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
_TERMINATED = 143  # 128 + SIGTERM


class SafeGroup(click.Group):
    """Commands whose refusals are sentences, never tracebacks.

    A `ValueError` of ours is what the data was refused for: exit 1. Wrong usage is click's: exit
    2. Anything else is a fault of kmrepro, and says so; KMREPRO_DEBUG=1 shows where it is.
    """

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command; its help ends with what its exit status means, unless it says so."""
        epilog = cmd.epilog or ""
        if "Exit status:" not in epilog:
            cmd.epilog = f"{epilog}\n\n{_EXIT_STATUS}".strip()
        super().add_command(cmd, name)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the command line; help and version are reported while that is done."""
        try:
            return super().make_context(*args, **options)
        except OSError as error:
            if error.errno not in NOT_WRITTEN:
                raise
            raise click.ClickException(sentence(error)) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and turn whatever ends it early into a sentence."""
        _print_whatever_the_encoding()
        try:
            with _terminated_as_interrupted():
                return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except Exception as error:
            if getattr(error, "errno", None) == errno.EPIPE or os.environ.get("KMREPRO_DEBUG"):
                raise
            raise click.ClickException(sentence(error)) from error


def _print_whatever_the_encoding() -> None:
    """Print "?" for letters that an old terminal or pipe cannot take."""
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="replace")


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let a request to end (SIGTERM) clean up temporaries as any other failure does."""

    def stop(*_: object) -> None:
        raise SystemExit(_TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# Looking for plugins of pydantic takes as long as reading a study; the command uses none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from .. import __version__

        click.echo(f"kmrepro {__version__}")
        ctx.exit()


@click.group(
    cls=SafeGroup,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  kmrepro reproduce an2025 --out results    re-analyse a bundled paper
  kmrepro new mine.toml                     start a study file of your own
  kmrepro show mine.toml                    see what it says
  kmrepro reproduce mine.toml --out mine    re-analyse it

STUDY is the id of a bundled study (see "kmrepro list") or the path of a study file. Results go
to stdout or --out. Exit status: 0 done, 1 the data was refused, 2 wrong usage.""",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Print the version and exit.",
)  # fmt: skip
def main() -> None:
    """Reproduce a paper's survival analysis from the numbers that it reports."""


for _command in (
    list_, show, draft, digitise, new, to_excel, validate, schema,
    reproduce, figures, reconstruct, audit, batch, extrapolate, pool, app,
):  # fmt: skip
    main.add_command(_command)
