"""How ratios, intervals, p-values, times and counts are written, everywhere alike."""

from __future__ import annotations

import json
import math
import unicodedata

__all__ = [
    "count",
    "interval",
    "p_value",
    "plain",
    "ratio",
    "ratio_interval",
    "time_text",
    "toml_string",
    "with_unit",
]

_UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format, surrogate, line separators


def ratio(value: float, *, decimals: int = 2) -> str:
    """Write a ratio as journals do.

    Parameters
    ----------
    value : float
        Of 0 or more; NaN where it is not defined.
    decimals : int
        Of ratios below 100; larger ones are written without, from a million on as a power of ten,
        and positive ones that would round to zero with two significant digits.

    Examples
    --------
    >>> ratio(1.2249), ratio(0.004271), ratio(231.8), ratio(42003951.5), ratio(float("inf"))
    ('1.22', '0.0043', '232', '4.2e+07', 'infinite')
    """
    if math.isnan(value):
        return "not defined"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    if 0 < abs(value) < 10.0**-decimals or abs(value) >= 1e6:
        return f"{value:.2g}"
    return f"{value:.{decimals if abs(value) < 100 else 0}f}"


def interval(lower: float, upper: float) -> str:
    """Write the two bounds of an interval of ratios.

    Examples
    --------
    >>> interval(0.784, 1.891)
    '0.78 to 1.89'
    """
    return f"{ratio(lower)} to {ratio(upper)}"


def ratio_interval(estimate: float, bounds: tuple[float, float] | None = None) -> str:
    """Write a ratio and, in parentheses, its interval.

    Examples
    --------
    >>> ratio_interval(1.2249, (0.784, 1.891))
    '1.22 (0.78 to 1.89)'
    """
    return f"{ratio(estimate)} ({interval(*bounds)})" if bounds else ratio(estimate)


def p_value(p: float, *, decimals: int = 3) -> str:
    """Write a p-value as journals do: never as zero.

    Examples
    --------
    >>> p_value(0.3811), p_value(0.00021), p_value(0.00002, decimals=4)
    ('p = 0.381', 'p < 0.001', 'p < 0.0001')
    """
    if math.isnan(p):
        return "p not defined"
    smallest = 10.0**-decimals
    return f"p < {smallest:.{decimals}f}" if p < smallest else f"p = {p:.{decimals}f}"


def time_text(value: float) -> str:
    """Write a time with three digits, or to the whole unit from 100 on.

    Examples
    --------
    >>> time_text(182.965), time_text(75.9261), time_text(2.5), time_text(60.0)
    ('183', '75.9', '2.5', '60')
    """
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def count(number: float, noun: str, plural: str = "") -> str:
    """Write how many there are of something, or how many on average.

    Parameters
    ----------
    number : int or float
    noun, plural : str
        What one of them is called, and several, if not by an "s"; a verb may stand behind.

    Examples
    --------
    >>> count(1, "event"), count(3, "event"), count(1234, "study", "studies"), count(2.5, "event")
    ('1 event', '3 events', '1,234 studies', '2.5 events')
    >>> count(1, "arm is", "arms are")
    '1 arm is'
    """
    many = f"{number:.6g}" if isinstance(number, float) else f"{number:,}"
    return f"{many} {noun if number == 1 else plural or noun + 's'}"


def with_unit(time: float, unit: str) -> str:
    """Write a time with its unit.

    Examples
    --------
    >>> with_unit(1.0, "years"), with_unit(2.5, "years"), with_unit(12, "months")
    ('1 year', '2.5 years', '12 months')
    """
    text = f"{time:g}"
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}"


def plain(text: str) -> str:
    """Return text from a file on one line, without characters that steer a terminal."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter) in _UNPRINTABLE else letter
        for letter in " ".join(text.split())
    )


def toml_string(text: str) -> str:
    """Write a text as a string of TOML, in quotes."""
    return json.dumps(text, ensure_ascii=False)
