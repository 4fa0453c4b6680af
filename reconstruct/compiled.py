"""Compiled loops: kept on disk where there is a folder to keep them in, or part of such loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["compiled", "inlined"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function; what it calls has to be in its own file, or changes go unnoticed."""
    try:
        return cast(F, njit(error_model="numpy", cache=True)(function))
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return cast(F, njit(error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a function that only compiled ones call, so that it needs no wrappers.

    It makes no arrays, and those that it is given are kept by who calls it, so that no references
    are counted: that would take as long as the work. Sums run in the order written, so that
    results agree everywhere.
    """
    compiler = cast(Any, njit)  # its stub does not know all options
    inner = compiler(
        error_model="numpy", forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True,
        _nrt=False,
    )  # fmt: skip
    return cast(F, inner(function))
