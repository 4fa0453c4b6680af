"""The text of a document to draft from: a file, standard input, or pages of a PDF."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO

from ..argument_types import given_kind
from ..files import plain_content

__all__ = ["LONGEST", "DraftRefused", "check_text", "document_text"]

LONGEST = 300_000  # characters; a paper has about 60 000
_MOST_BYTES = 4 * LONGEST
_MOST_PDF_BYTES = 100_000_000
_FILE_NAME = re.compile(
    r"(?:(?!\.\s)[^\n]){1,250}\.(?:txt|text|md|pdf|docx?|odt|rtf|html?|xml|tex|toml)", re.IGNORECASE
)


class DraftRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised when a text holds no survival result, or is no text."""


def check_text(text: object) -> None:
    """Refuse what is no text to draft from.

    Raises
    ------
    TypeError
        If it is of another kind.
    DraftRefused
        If it is the name of a file, too long, or binary data.
    """
    path = isinstance(text, os.PathLike)
    if path or (isinstance(text, str) and _FILE_NAME.fullmatch(text.strip())):
        name = os.fspath(text).strip()  # type: ignore[call-overload]
        raise (TypeError if path else DraftRefused)(
            f"`draft_study` takes the text of a paper, and {name!r} is the name of a file: read "
            f'text with pathlib.Path({name!r}).read_text(encoding="utf-8"), or draft on the '
            "command line, where kmrepro draft FILE reads a PDF, too."
        )
    if not isinstance(text, str):
        raise TypeError(f"`draft_study` takes the text of a paper, not {given_kind(text)}.")
    if len(text) > LONGEST:
        raise DraftRefused(
            f"The text has {len(text):,} characters, and at most {LONGEST:,} are read; give the "
            "abstract or the pages with the results."
        )
    if "\x00" in text or text.count("\ufffd") > 0.02 * len(text) + 2:
        raise DraftRefused(
            "This is no text but binary data; give plain text in UTF-8, or a PDF whose name ends "
            "in .pdf."
        )


def document_text(path: Path, *, pages: str | None, stdin: BinaryIO) -> str:
    """Return the text of a document.

    Parameters
    ----------
    path : Path
        A text file in UTF-8, a PDF, or "-" for `stdin`.
    pages : str or None
        Pages of a PDF from 1, such as "1,5-7"; all if None.
    stdin : binary file
        Read if `path` is "-".

    Raises
    ------
    DraftRefused
        If the file cannot be read or is no text, or if the pages are not those of the PDF.
    """
    if str(path) == "-":
        content = stdin.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise DraftRefused(
                f"Standard input has more than {_MOST_BYTES:,} bytes; give an abstract or "
                f"the pages with the results."
            )
    else:
        content = _content(path)
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return _pdf_text(content, pages, str(path))
    if pages is not None:
        raise DraftRefused(f"--pages is for a PDF, and {path} is none; leave it out.")
    return _decoded(content, str(path))


def _content(path: Path) -> bytes:
    most = _MOST_PDF_BYTES if path.suffix.lower() == ".pdf" else _MOST_BYTES
    try:
        return plain_content(path, most=most, what="a text to draft from", also=("a PDF",))
    except OSError as error:
        raise DraftRefused(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise DraftRefused(f"{path} cannot be read: {error}.") from error


def _decoded(content: bytes, name: str) -> str:
    for encoding in (
        ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",)
    ):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    if b"\x00" not in content and content.isascii() is False and _looks_western(content):
        return content.decode("cp1252", errors="replace")
    raise DraftRefused(
        f"{name} is no text in UTF-8; save it as plain text with that encoding, or give a PDF."
    )


def _looks_western(content: bytes) -> bool:
    """Say whether bytes are mostly letters with a few accents, dashes or quotes."""
    plain = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in content)
    return plain > 0.9 * len(content)


def _pdf_text(content: bytes, pages: str | None, name: str) -> str:
    """Return the text of a PDF's pages, each in the order of reading."""
    try:
        import pypdfium2
    except ImportError as error:
        raise DraftRefused(
            "Reading a PDF needs pypdfium2, which is not installed; install it with: "
            'pip install "kmrepro[figures]"'
        ) from error
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise DraftRefused(f"{name} is no PDF that can be read ({error}).") from error
    try:
        parts = []
        for number in _page_numbers(pages, len(document), name):
            page = document[number]
            text_page = page.get_textpage()
            parts.append(
                text_page.get_text_bounded().replace("\r\n", "\n").replace("\ufffe", "\u00ad")
            )
            text_page.close()
            page.close()
    finally:
        document.close()
    text = "\n\n".join(parts)
    if not text.strip():
        raise DraftRefused(f"{name} holds no text, only images; give it as text.")
    return re.sub("\u00ad\n?|\x02\n?", "", text)


def _page_numbers(pages: str | None, number: int, name: str) -> list[int]:
    """Return pages from 0 in the order in which they are asked for."""
    if pages is None:
        return list(range(number))
    chosen: list[int] = []
    for part in pages.split(","):
        found = re.fullmatch(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*", part)
        if found is None:
            raise DraftRefused(f'"{pages}" are no pages; write them as 1,5-7.')
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= number:
            raise DraftRefused(f"{name} has pages 1 to {number}; {part.strip()} is not among them.")
        chosen += range(first - 1, last)
    return chosen
