"""The command `kmrepro app`: the whole job on a page in the browser."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["app"]

_USUAL = Path("kmrepro-study")


@click.command(
    epilog="""\b
Examples:
  kmrepro app                      in the folder kmrepro-study, which is made
  kmrepro app my-paper             in a folder, which goes on where it was left
  kmrepro app my-paper/study.toml
  kmrepro app an2025               with a bundled paper, in a folder of that name
  kmrepro reproduce my-paper/study.toml --out results

Without FOLDER the page works in the folder kmrepro-study. It holds a study file, figures and
readings as the other commands write and take them."""
)
@click.argument("source", metavar="[STUDY|FOLDER]", required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port to listen on; 0 for a free one.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def app(source: str | None, port: int, no_browser: bool) -> None:
    """Open the page: drop a paper in, check what was read, get the verdict.

    The page is served on this machine alone, under an address that nobody can guess, until Ctrl+C
    is pressed. Nothing is sent anywhere.
    """
    from ..app.server import PageServer

    page = PageServer(_folder(source), port=port)
    click.echo(page.address)
    click.echo(f"Working in {page.folder}. Press Ctrl+C to end.", err=True)
    if not no_browser:
        import webbrowser

        webbrowser.open(page.address)
    page.run()


def _folder(source: str | None) -> Path:
    """Return the folder to work in; that of a bundled paper is laid out with its study file."""
    if source is None:
        return _USUAL
    from ..app.workspace import bundled_folder

    return bundled_folder(source) or Path(source)
