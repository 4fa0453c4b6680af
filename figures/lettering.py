"""Words and numbers as a figure shows them: measured, wrapped, and harmless."""

from __future__ import annotations

import math
import unicodedata
import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..studies import Endpoint, PrintedNumber

__all__ = [
    "arm_label",
    "fit",
    "interval",
    "letters_without_glyph",
    "literal",
    "number",
    "p_value",
    "printed_interval",
    "printed_p",
    "text_width",
    "wrap",
]

FONT = "DejaVu Sans"  # comes with matplotlib, so every machine measures text alike
_ELLIPSIS = "…"
_UNDRAWABLE = ("Cc", "Cs", "Zl", "Zp")  # control characters, lone surrogates, line separators
_TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")  # order of letters


def literal(text: str) -> str:
    """Return `text` on one line, without characters that no font draws and no XML file may hold."""
    kept = "".join(" " if _undrawable(letter) else letter for letter in text)
    return " ".join(kept.split())


def _undrawable(letter: str) -> bool:
    return (
        unicodedata.category(letter) in _UNDRAWABLE
        or unicodedata.bidirectional(letter) in _TURNING
        or letter in "\ufffe\uffff"
    )


@lru_cache(maxsize=1)
def _letters_of_font() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(FONT)).get_charmap())


def letters_without_glyph(texts: Iterable[str]) -> str:
    """Return the letters that the figures' font lacks and shows as boxes, each once."""
    letters = dict.fromkeys("".join(texts))
    drawn = _letters_of_font()
    return "".join(each for each in letters if ord(each) not in drawn and not each.isspace())


@lru_cache(maxsize=4096)
def text_width(text: str, *, size: float, bold: bool = False) -> float:
    """Measure `text` as it is drawn, in inches, at `size` points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        properties = FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")
        width, _, _ = TextToPath().get_text_width_height_descent(text, properties, ismath=False)
    return float(width) / 72


def wrap(text: str, *, width: float, size: float, bold: bool = False, lines: int = 2) -> list[str]:
    """Break `text` into at most `lines` lines of `width` inches; end a longer one with "…"."""
    words, broken = literal(text).split(" "), [""]
    for position, word in enumerate(words):
        longer = f"{broken[-1]} {word}".strip()
        if not broken[-1] or text_width(longer, size=size, bold=bold) <= width:
            broken[-1] = longer
        elif len(broken) < lines:
            broken.append(word)
        else:
            broken[-1] = " ".join([broken[-1], *words[position:]])
            break
    return [fit(line, width=width, size=size, bold=bold) for line in broken]


def fit(text: str, *, width: float, size: float, bold: bool = False) -> str:
    """Shorten `text` to `width` inches, ending it with "…" if anything was left out."""
    text = literal(text)[:400]
    if text_width(text, size=size, bold=bold) <= width:
        return text
    while text and text_width(text.rstrip() + _ELLIPSIS, size=size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS


def arm_label(endpoint: Endpoint, arm: str) -> str:
    """Name an arm in full, with its key if that is something else: "Thermal ablation (TA)"."""
    label, key = literal(endpoint.arms[arm].label), literal(arm)
    return key if not label or label == key else f"{label} ({key})"


def number(value: float, *, digits: int = 2) -> str:
    """Write a ratio as papers do: two decimals, none for a large one."""
    if math.isnan(value):
        return "not defined"
    if math.isinf(value):
        return "infinite"
    return f"{value:.{digits if abs(value) < 100 else 0}f}"


def interval(estimate: float, ci: tuple[float, float] | None, *, digits: int = 2) -> str:
    """Write an estimate and its interval: "1.22 (0.78 to 1.89)"."""
    if ci is None:
        return number(estimate, digits=digits)
    lower, upper = (number(bound, digits=digits) for bound in ci)
    return f"{number(estimate, digits=digits)} ({lower} to {upper})"


def printed_interval(
    estimate: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber] | None
) -> str:
    """Write a printed estimate and its interval, digit for digit."""
    return literal(estimate.text if ci is None else f"{estimate} ({ci[0]} to {ci[1]})")


def p_value(p: float) -> str:
    """Write a p-value as papers do: three decimals, and never zero."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def printed_p(p: PrintedNumber) -> str:
    """Write a printed p-value, digit for digit."""
    text = literal(p.text)
    if p.relation == "=":
        return f"p = {text.lstrip('= ')}"
    digits = text.lstrip("<>=~≤≥ ")
    return f"p {text.removesuffix(digits).strip()} {digits}".strip()
