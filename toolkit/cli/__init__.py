"""The `kmrepro` command: how it finds its commands, and how it ends.

Commands of one subject share a module; options that they share are in `arguments`.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import errno
import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import click

from ..outcome import NOT_WRITTEN, sentence

__all__ = ["main"]

_COMMANDS = {
    "app": "reproduce",
    "audit": "study",
    "batch": "reproduce",
    "digitise": "patients",
    "draft": "study",
    "extrapolate": "analyses",
    "figures": "reproduce",
    "list": "study",
    "new": "study",
    "pool": "analyses",
    "reconstruct": "patients",
    "reproduce": "reproduce",
    "schema": "study",
    "show": "study",
    "to-excel": "study",
    "validate": "study",
}

_EXIT_STATUS = "Exit status: 0 done, 1 the data was refused, 2 wrong usage."
_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
_UNREAD = 141  # 128 + SIGPIPE: whoever read the output has read enough
_TERMINATED = 143  # 128 + SIGTERM

# Classes, studies and figures are many objects that stay: to look for garbage among them after
# every 700, as Python does unasked, takes a tenth of a short command. To take each apart when the
# process ends, which gives all memory back anyhow, takes another tenth.
gc.set_threshold(100_000)
atexit.register(gc.freeze)
# Looking for plugins of pydantic takes as long as reading a study; the command uses none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


class Commands(MutableMapping[str, click.Command]):
    """Commands by name, each imported from its module once it is asked for.

    Its help ends with what its exit status means, unless it says so itself.

    Parameters
    ----------
    modules : mapping of str to str
        The module of each command, which bears its name there ("list" and "to-excel" as `list_`
        and `to_excel`).
    package : str
        Where the modules are.
    """

    def __init__(self, modules: Mapping[str, str], *, package: str) -> None:
        self._modules, self._package = dict(modules), package
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        """Return a command."""
        if name not in self._loaded:
            module = importlib.import_module(f".{self._modules[name]}", self._package)
            own = name.replace("-", "_")
            self[name] = getattr(module, f"{own}_" if own in dir(builtins) else own)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Add a command."""
        epilog = command.epilog or ""
        if "Exit status:" not in epilog:
            command.epilog = f"{epilog}\n\n{_EXIT_STATUS}".strip()
        self._modules.setdefault(name, "")
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        """Take a command away."""
        del self._modules[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._modules)

    def __len__(self) -> int:
        """Return how many commands there are."""
        return len(self._modules)


class SafeGroup(click.Group):
    """Commands whose refusals are sentences, never tracebacks.

    A `ValueError` of ours is what the data was refused for: exit 1. Wrong usage is click's: exit
    2. Anything else is a fault of kmrepro, and says so; KMREPRO_DEBUG=1 shows where it is.
    """

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
            if getattr(error, "errno", None) == errno.EPIPE:
                _print_no_more()
                ctx.exit(_UNREAD)
            if os.environ.get("KMREPRO_DEBUG"):
                raise
            raise click.ClickException(sentence(error)) from error


def _print_no_more() -> None:
    """Let what is still to be printed at the end go nowhere, since nobody reads it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a stream without a file
            os.dup2(nowhere, stream.fileno())


def _print_whatever_the_encoding() -> None:
    """Print "?" for letters that an old terminal or pipe cannot take."""
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="replace")


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let a request to end (SIGTERM) clean up temporaries as any other failure does.

    Compiled code that is asked meanwhile may raise an error of its own instead.
    """
    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        asked = True
        raise SystemExit(_TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except Exception:
        if asked:
            raise SystemExit(_TERMINATED) from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from .. import __version__

        click.echo(f"kmrepro {__version__}")
        ctx.exit()


@click.group(
    cls=SafeGroup,
    commands=Commands(_COMMANDS, package=__name__),
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
