"""File names made of what a paper calls its cohorts, endpoints, figures and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["file_stems"]

_LONGEST = 60  # letters; systems allow 255 bytes with the suffix


def file_stems(names: Iterable[str]) -> list[str]:
    """Return a file name without suffix for each name: safe on every system, and unlike the others.

    Letters of any script, digits, "_" and "-" stay; anything else, a path separator or a leading
    dot among it, becomes "-". Names that differ in case only, or no longer differ, are numbered.
    """
    stems: list[str] = []
    taken: set[str] = set()
    for name in names:
        stem = plain = re.sub(r"[^\w-]+", "-", name).strip("-")[:_LONGEST].strip("-") or "unnamed"
        number = 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{plain}-{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return stems
