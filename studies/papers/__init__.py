"""The bundled study files, one TOML per paper, and what they are without reading them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["CONTENTS", "bundled_contents", "contents_of"]

CONTENTS = "contents.json"
"""A file beside the study files of the papers; docs/make_contents.py writes it from them."""


def bundled_contents() -> list[dict[str, Any]]:
    """Return what `contents_of` says of the bundled papers, in alphabetical order of their ids.

    It is read from a file of its own: reading every study file takes longer than all else that
    listing them does.
    """
    text = Path(__file__).with_name(CONTENTS).read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    return found


def contents_of(studies: Iterable[Study]) -> list[dict[str, Any]]:
    """Return id, title, citation, DOI, keys of endpoints and number of comparisons of studies."""
    return [
        {
            "id": study.id,
            "title": study.title,
            "citation": study.citation,
            "doi": study.doi,
            "endpoints": [endpoint.key for endpoint in study.endpoints],
            "comparisons": sum(endpoint.treatment is not None for endpoint in study.analysed),
        }
        for study in studies
    ]
