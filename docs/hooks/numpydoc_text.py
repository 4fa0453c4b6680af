"""Sections of docstrings that have no table: their titles, and numbered references."""

from __future__ import annotations

import re
from typing import Any

import griffe

_TITLE = re.compile(r"^(Notes|References|See Also|Warnings)\n-+$", re.MULTILINE)
_REFERENCE = re.compile(r"^\.\. \[(\d+)\]", re.MULTILINE)


class NumpydocText(griffe.Extension):
    """Write titles and references as Markdown before docstrings are read."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite one docstring."""
        if obj.docstring is not None:
            text = _TITLE.sub(r"**\1**\n", obj.docstring.value)
            obj.docstring.value = _REFERENCE.sub(r"\1.", text)
