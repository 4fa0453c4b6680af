"""The files that the page is made of: its own, and those that it shares with the report."""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["asset"]

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_OF_REPORT = {
    "report/report.css": "report.css",
    "report/curves.js": "curves.js",
    "report/uPlot.js": "uPlot.iife.min.js",
    "report/uPlot.css": "uPlot.min.css",
}


@cache
def asset(name: str) -> tuple[bytes, str] | None:
    """Return the content and the type of a file of the page; None if there is none.

    Parameters
    ----------
    name : str
        Such as "js/main.js"; it is compared with the files that there are, never used as a path.
    """
    kind = _TYPES.get(name.rpartition(".")[2])
    if kind is None:
        return None
    if name in _OF_REPORT:
        from ..figures.report import templates

        return resources.files(templates).joinpath(_OF_REPORT[name]).read_bytes(), kind
    return (_own()[name], kind) if name in _own() else None


@cache
def _own() -> dict[str, bytes]:
    root = resources.files(__package__) / "static"
    found = {}
    waiting = [("", root)]
    while waiting:
        prefix, folder = waiting.pop()
        for each in folder.iterdir():
            if each.is_dir():
                waiting.append((f"{prefix}{each.name}/", each))
            else:
                found[f"{prefix}{each.name}"] = each.read_bytes()
    return found
