"""Words as a figure shows them: measured, wrapped, and harmless."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..studies import Endpoint, PrintedNumber

__all__ = [
    "arm_label",
    "endpoint_title",
    "fit",
    "letters_without_glyph",
    "literal",
    "panel_letter",
    "printed_figure",
    "printed_interval",
    "printed_p",
    "text_width",
    "wrap",
]

FONT = "DejaVu Sans"  # comes with matplotlib, so every machine measures text alike
_ELLIPSIS = "…"
_PART = re.compile(
    r"(?P<figure>.*\d)\s*(?:\((?P<bracketed>[a-z])\)|(?P<bare>[a-z]))", re.IGNORECASE
)
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


def endpoint_title(endpoint: Endpoint, *, letter: str = "") -> str:
    """Name an endpoint and its cohort, after the letter of its panel if it has one."""
    name = literal(f"{endpoint.label or endpoint.name}, cohort: {endpoint.cohort}")
    return f"({letter}) {name}" if letter else name


def printed_figure(label: str) -> str:
    """Return the figure that a label names: "Figure 5" for "Figure 5(a)", "Fig. 5B", "Figure 5"."""
    part = _PART.fullmatch(literal(label))
    return part["figure"].strip() if part else literal(label)


def panel_letter(label: str) -> str:
    """Return the part of a figure that a label names, in lower case; empty for a whole figure."""
    part = _PART.fullmatch(literal(label))
    return (part["bracketed"] or part["bare"]).lower() if part else ""


def arm_label(endpoint: Endpoint, arm: str) -> str:
    """Name an arm in full, with its key if that is something else: "Thermal ablation (TA)"."""
    label, key = literal(endpoint.arms[arm].label), literal(arm)
    return key if not label or label == key else f"{label} ({key})"


def printed_interval(
    estimate: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber] | None
) -> str:
    """Write a printed estimate and its interval, digit for digit."""
    return literal(estimate.text if ci is None else f"{estimate} ({ci[0]} to {ci[1]})")


def printed_p(p: PrintedNumber) -> str:
    """Write a printed p-value, digit for digit."""
    text = literal(p.text)
    if p.relation == "=":
        return f"p = {text.lstrip('= ')}"
    digits = text.lstrip("<>=~≤≥ ")
    return f"p {text.removesuffix(digits).strip()} {digits}".strip()
