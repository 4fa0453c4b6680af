"""The source code, parsed once for all that look at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return everything in a module; nobody changes it."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
