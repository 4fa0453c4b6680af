"""The refusal of an analysis whose answer does not exist for the patients given."""

from __future__ import annotations

__all__ = ["NotEstimable"]


class NotEstimable(ValueError):  # noqa: N818 - it names the state, as statisticians do
    """Raised if the patients do not determine the quantity asked for; the message says why."""
