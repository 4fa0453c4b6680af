"""Numbers rounded for reading, where no digit beyond is known."""

from __future__ import annotations

__all__ = ["time_text"]


def time_text(value: float) -> str:
    """Write a time with three digits, or to the whole unit from 100 on.

    Examples
    --------
    >>> time_text(182.965), time_text(75.9261), time_text(2.5), time_text(60.0)
    ('183', '75.9', '2.5', '60')
    """
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
