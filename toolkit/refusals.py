"""Whatever ends a piece of work early, as one sentence."""

from __future__ import annotations

import errno
import os

__all__ = ["NOT_WRITTEN", "sentence"]

NOT_WRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""Errors of the system that say that a disk took no more."""


def sentence(error: Exception) -> str:
    """Return a refusal's own message, or ask to report a fault."""
    if _is_refusal(error):
        return str(error)
    if isinstance(error, OSError) and error.errno in NOT_WRITTEN:
        return f"The output could not be written: {os.strerror(error.errno).lower()}."
    found = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"Internal error ({found}). Please report it with the command and the study file; with "
        "KMREPRO_DEBUG=1 it shows where it arose."
    )


def _is_refusal(error: Exception) -> bool:
    """Say whether an error is one that kmrepro raises on purpose."""
    return isinstance(error, ValueError) and type(error).__module__.startswith("kmrepro.")
