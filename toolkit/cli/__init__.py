"""The `kmrepro` command: a module for each command, options that they share in `arguments`."""

from __future__ import annotations

import gc
import os

import click

from .safe_group import Commands, SafeGroup

__all__ = ["main"]

_COMMANDS = {
    "app": "app",
    "audit": "audit",
    "batch": "batch",
    "digitise": "digitise",
    "draft": "draft",
    "extrapolate": "extrapolate",
    "figures": "reproduce",
    "list": "study",
    "new": "study",
    "pool": "pool",
    "reconstruct": "reconstruct",
    "reproduce": "reproduce",
    "schema": "study",
    "show": "study",
    "to-excel": "study",
    "validate": "study",
}

# The classes of study files are many objects that stay: to look for garbage among them after every
# 700, as Python does unasked, takes a tenth of a short command.
gc.set_threshold(20_000)
# Looking for plugins of pydantic takes as long as reading a study; the command uses none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


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
