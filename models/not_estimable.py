"""The refusal of an analysis whose answer does not exist for the patients given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["NotEstimable", "estimate_or_reason"]

Estimate = TypeVar("Estimate")


class NotEstimable(ValueError):  # noqa: N818 - it names the state, as statisticians do
    """Raised if the patients do not determine the quantity asked for; the message says why."""


def estimate_or_reason(make: Callable[[], Estimate]) -> tuple[Estimate | None, str]:
    """Return an estimate and an empty reason, or None and the reason why there is none."""
    try:
        return make(), ""
    except NotEstimable as refusal:
        return None, str(refusal)
