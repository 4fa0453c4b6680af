"""Notebooks as pages, with the output that is stored in them."""

from __future__ import annotations

import base64
import html
import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

_IMAGES = {"image/svg+xml": "svg", "image/png": "png"}


def notebook_page(path: Path) -> dict[str, str | bytes]:
    """Return the page of a notebook and the images that it shows, by file name."""
    files: dict[str, str | bytes] = {}
    parts = []
    for number, cell in enumerate(_cells(path), start=1):
        parts.append(_source(cell))
        for printed, outputs in groupby(cell.get("outputs", ()), _is_stream):
            if printed:
                parts.append(_printed("".join("".join(each["text"]) for each in outputs)))
            else:
                parts += [_shown(each, f"{path.stem}-{number}", files) for each in outputs]
    files[f"{path.stem}.md"] = "\n\n".join(part for part in parts if part) + "\n"
    return files


def notebook_title(path: Path) -> str:
    """Return the heading that a notebook opens with."""
    return "".join(_cells(path)[0]["source"]).splitlines()[0].removeprefix("# ")


def _cells(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def _is_stream(output: dict[str, Any]) -> bool:
    return bool(output["output_type"] == "stream")


def _source(cell: dict[str, Any]) -> str:
    text = "".join(cell["source"])
    if cell["cell_type"] == "code":
        return f"```python\n{text}\n```"
    return re.sub(r"\]\(([\w.-]+)\.ipynb\)", r"](\1.md)", text).replace("](../docs/", "](../")


def _shown(output: dict[str, Any], stem: str, files: dict[str, str | bytes]) -> str:
    """Return what a cell showed; an image becomes a file beside the page."""
    data = {
        kind: "".join(text) for kind, text in output["data"].items() if isinstance(text, str | list)
    }
    for kind, ending in _IMAGES.items():
        if kind in data:
            name = f"{stem}-{len(files) + 1}.{ending}"
            files[name] = data[kind] if ending == "svg" else base64.b64decode(data[kind])
            return f"![{_alt(data)}]({name})"
    if "<table" in data.get("text/html", ""):
        return _table(data["text/html"])
    return _printed(data.get("text/plain", ""))


def _printed(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


def _alt(data: dict[str, str]) -> str:
    """Return the figure's own description, or that it is one."""
    for name in ("desc", "title"):
        if found := re.search(
            rf"<{name}\b[^>]*>(.+?)</{name}>", data.get("image/svg+xml", ""), re.S
        ):
            return " ".join(html.unescape(found[1]).split()).replace("[", "(").replace("]", ")")
    return "The figure that the code above draws."


def _table(markup: str) -> str:
    """Return the tables of a rich output, without the style that a notebook gives them."""
    tables = re.findall(r"<table.*?</table>", markup, re.DOTALL)
    bare = [re.sub(r' (?:class|style|border)="[^"]*"', "", table) for table in tables]
    return "\n\n".join(re.sub(r"\n\s*\n", "\n", table) for table in bare)
