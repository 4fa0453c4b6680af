"""Files that are handed to the page: their kind by their content, their size within limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .workspace import Workspace, safe_stem

__all__ = ["LARGEST", "Upload", "UploadRefused", "keep", "kind_of", "store"]

Kind = Literal["picture", "pdf", "svg", "csv", "study", "text"]
LARGEST = 64_000_000  # bytes of a request; a scanned paper has about 20 million
_MOST: dict[Kind, int] = {
    "picture": LARGEST,
    "pdf": LARGEST,
    "svg": 20_000_000,
    "csv": 5_000_000,
    "study": 1_000_000,
    "text": 1_200_000,
}
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
    b"BM": ".bmp",
}
_SUFFIXES: dict[Kind, str] = {"pdf": ".pdf", "svg": ".svg", "csv": ".csv", "study": ".toml"}


class UploadRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """A file that the page cannot take; the message says what it takes."""


@dataclass(frozen=True)
class Upload:
    """A file that was handed in.

    Attributes
    ----------
    kind : {"picture", "pdf", "svg", "csv", "study", "text"}
    suffix : str
        Under which it is kept.
    stem : str
        What is left of its name.
    content : bytes
    """

    kind: Kind
    suffix: str
    stem: str
    content: bytes


def kind_of(content: bytes) -> tuple[Kind, str]:
    """Return what a file is and under which suffix it is kept, by its content alone.

    Raises
    ------
    UploadRefused
        If it is none of what the page takes.
    """
    for start, suffix in _PICTURES.items():
        if content.startswith(start):
            return "picture", suffix
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "picture", ".webp"
    if b"%PDF-" in content[:1024]:
        return "pdf", ".pdf"
    text = _text(content)
    kind: Kind
    if re.search(r"<svg[\s>]", text[:20_000], re.IGNORECASE):
        kind = "svg"
    elif re.search(r"^\s*\[\[?\s*(arms|endpoint)\b", text, re.MULTILINE):
        kind = "study"
    elif _is_table(text):
        kind = "csv"
    else:
        kind = "text"
    return kind, _SUFFIXES.get(kind, ".txt")


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            text = "\x00"
    if "\x00" in text or not text.strip():
        raise UploadRefused(
            "This file is none that can be read here: drop a figure (PNG, JPEG, TIFF, WebP, SVG), "
            "a PDF, a CSV file of points, a study file, or text."
        )
    return text


def _is_table(text: str) -> bool:
    """Say whether most lines are cells: as many separators in each, and a number in most."""
    lines = [line for line in text.splitlines()[:60] if line.strip()]
    rows = [line for line in lines if re.fullmatch(r"[^;,\t]*([;,\t][^;,\t]*)+", line)]
    numbers = [line for line in rows if re.search(r"(^|[;,\t])\s*-?[\d.]+\s*%?\s*($|[;,\t])", line)]
    return len(lines) >= 2 and len(numbers) >= 0.6 * len(lines)


def keep(content: bytes, name: str) -> Upload:
    """Look at a file that was handed in.

    Parameters
    ----------
    content : bytes
    name : str
        As the browser gives it; only letters of it are used.

    Raises
    ------
    UploadRefused
        If it is too large or of no kind that the page takes.
    """
    if not content:
        raise UploadRefused("This file is empty.")
    kind, suffix = kind_of(content)
    if len(content) > _MOST[kind]:
        raise UploadRefused(
            f"This file has {len(content):,} bytes, and at most {_MOST[kind]:,} are taken."
        )
    return Upload(kind=kind, suffix=suffix, stem=safe_stem(name), content=content)


def store(upload: Upload, workspace: Workspace, *, folder: Path | None = None) -> Path:
    """Write a file that was handed in into the working folder, under a free name.

    Parameters
    ----------
    upload : Upload
    workspace : Workspace
    folder : Path, optional
        In which it goes, below the working folder; the working folder by default.
    """
    path = workspace.new_source(upload.stem, upload.suffix)
    if folder is not None:
        folder.mkdir(exist_ok=True)
        path = folder / path.name
    from ..output import write_file

    write_file(path, upload.content)
    return path
