"""What is raised when a figure cannot be read."""

from __future__ import annotations


class UnreadableFigureError(ValueError):
    """A figure, or a panel of it, cannot be read; the message names what was seen and the fix."""
