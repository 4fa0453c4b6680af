"""Numbered references of docstrings, which are written as Sphinx reads them."""

from __future__ import annotations

import re
from typing import Any

import griffe

_REFERENCE = re.compile(r"^\.\. \[(\d+)\]", re.MULTILINE)
_CITED = re.compile(r"\[(\d+)\]_")


class NumpydocText(griffe.Extension):
    """Write references, and where they are cited, as Markdown does."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite one docstring."""
        if obj.docstring is not None:
            text = _REFERENCE.sub(r"\1.", obj.docstring.value)
            obj.docstring.value = _CITED.sub(r"[\1]", text)
