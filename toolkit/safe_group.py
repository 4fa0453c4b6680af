"""How the command line ends: with a result, or with one sentence."""

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

__all__ = ["SafeGroup", "sentence"]

_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
_TERMINATED = 143  # 128 + SIGTERM
_NOT_WRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class SafeGroup(click.Group):
    """Commands whose refusals are sentences, never tracebacks.

    A `ValueError` of ours is what the data was refused for: exit 1. Wrong usage is click's: exit
    2. Anything else is a fault of kmrepro, and says so; KMREPRO_DEBUG=1 shows where it is.
    """

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the command line; help and version are printed while that is done."""
        try:
            return super().make_context(*args, **options)
        except OSError as error:
            if error.errno not in _NOT_WRITTEN:
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


def sentence(error: Exception) -> str:
    """Return a refusal's own message, or ask to report a fault."""
    if _is_refusal(error):
        return str(error)
    if isinstance(error, OSError) and error.errno in _NOT_WRITTEN:
        return f"The output could not be written: {os.strerror(error.errno).lower()}."
    found = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"kmrepro failed where it should not ({found}). Please report this with the command and "
        "the study file; with KMREPRO_DEBUG=1 it shows where."
    )


def _is_refusal(error: Exception) -> bool:
    """Say whether an error is one that kmrepro raises on purpose."""
    return isinstance(error, ValueError) and type(error).__module__.startswith("kmrepro.")


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
