"""The reference of the `kmrepro` command, from the command itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from kmrepro.cli import main


def commands(_: str) -> str:
    """Return a section for every command: what it does, how it is called, its options."""
    top = click.Context(main, info_name="kmrepro", max_content_width=100)
    return "\n\n".join(
        _section(
            main.commands[name], click.Context(main.commands[name], info_name=name, parent=top)
        )
        for name in main.list_commands(top)
    )


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [
        f"## `{context.command_path}`",
        _paragraphs(command.help or ""),
        f"```text\n{usage}\n```",
        _options(command, context),
        *_epilog(command.epilog or ""),
    ]
    return "\n\n".join(part for part in parts if part)


def _paragraphs(text: str) -> str:
    """Return help text in Markdown, where its line breaks mean nothing."""
    return inspect.cleandoc(text).replace("\b\n", "").replace("<", "&lt;")


def _options(command: click.Command, context: click.Context) -> str:
    records = [param.get_help_record(context) for param in command.get_params(context)]
    rows = [
        f"| `{option}` | {_cell(meaning)} |" for option, meaning in filter(None, records) if meaning
    ]
    return "\n".join(["| option | meaning |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _epilog(text: str) -> Iterator[str]:
    r"""Yield examples, which click keeps as they are after \b, as code; the rest as text."""
    for block in text.strip().split("\n\n"):
        if block.startswith("\b"):
            lines = block.removeprefix("\b\n").removeprefix("Examples:\n").splitlines()
            yield "```sh\n" + "\n".join(map(_example, lines)) + "\n```"
        else:
            yield _paragraphs(block)


def _example(line: str) -> str:
    """Return a command with what help says beside it as a comment."""
    return re.sub(r"(\S)(\s{2,})(?=\S)", r"\1\2# ", line.strip())
