"""Loops over numbers, compiled when they are first called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function of numbers, arrays and named tuples of them.

    The first call takes seconds; what it compiled is kept on disk for later runs, where there is
    a folder to keep it in. Whatever a function calls has to be in its own file, or changes of it
    go unnoticed. Sums run in the order written, so that results are the same everywhere.
    """
    try:
        kept = njit(cache=True, error_model="numpy", forceinline=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        kept = njit(error_model="numpy", forceinline=True)(function)
    return cast(F, kept)
