"""Words as a figure shows them: measured, wrapped, harmless, and drawn as outlines."""

from __future__ import annotations

import re
import unicodedata
import warnings
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.backend_bases import RendererBase
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D

from ..presentation import formats
from ..studies.fields import TURNING, UNDRAWABLE
from .style import BODY_SIZE, current_look

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.font_manager import FontProperties

    from ..models import Comparison
    from ..studies import Endpoint, PrintedNumber, Study

__all__ = [
    "CHECKED",
    "arm_label",
    "boxes",
    "cohort_text",
    "draw_outlines",
    "endpoint_title",
    "fit",
    "lettered",
    "literal",
    "measured",
    "p_value",
    "panel_letter",
    "possible_ratios",
    "printed_figure",
    "printed_interval",
    "printed_p",
    "survival_title",
    "text_width",
    "words_of",
    "wrap",
]

CHECKED = ("reported survival probability or median", "reported survival probabilities and medians")
"""What a `LandmarkCheck` is of: one of them, and several."""
_ELLIPSIS = "…"
_MOST_LETTERS = 12  # that a sentence names
_LONGEST_TITLE = 1.45  # inches: a little more than the lowest axes
_PART = re.compile(
    r"(?P<figure>.*\d)\s*(?:\((?P<bracketed>[a-z])\)|(?P<bare>[a-z]))", re.IGNORECASE
)


class _Letters(dict[int, str]):
    """Letters as they may be drawn, each looked at once: most of a report is a few letters."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        undrawable = (
            unicodedata.category(letter) in UNDRAWABLE
            or unicodedata.bidirectional(letter) in TURNING
            or letter in "\ufffe\uffff"
        )
        self[code] = " " if undrawable else letter
        return self[code]


_LETTERS = _Letters()


def literal(text: str) -> str:
    """Return `text` on one line, without characters that no font draws and no XML file may hold."""
    return " ".join(text.translate(_LETTERS).split())


@lru_cache(maxsize=8)
def _letters_of(fonts: Sequence[str]) -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset().union(*(get_font(findfont(font)).get_charmap() for font in fonts))


def boxes(texts: Iterable[str]) -> str:
    """Say which letters the figures' fonts lack and show as boxes; "" if they have all."""
    letters = dict.fromkeys("".join(texts))
    drawn = _letters_of(current_look().fonts)
    lacking = "".join(each for each in letters if ord(each) not in drawn and not each.isspace())
    if not lacking:
        return ""
    some = lacking if len(lacking) <= _MOST_LETTERS else f"{lacking[:_MOST_LETTERS]} and others"
    return f"The font of the drawing lacks {some}: boxes stand in their place."


def words_of(study: Study) -> Iterator[str]:
    """Yield what a study calls things in its figures."""
    yield from (study.title, *study.arms, *study.arms.values())
    for endpoint in study.endpoints:
        yield from (endpoint.cohort, endpoint.name, endpoint.label, *endpoint.arms)
        yield from (arm.label for arm in endpoint.arms.values())


def text_width(text: str, *, size: float, bold: bool = False) -> float:
    """Measure `text` as it is drawn, in inches, at `size` points."""
    return _text_width(text, size, bold, current_look().fonts)


@lru_cache(maxsize=4096)
def _text_width(text: str, size: float, bold: bool, fonts: Sequence[str]) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    properties = FontProperties(family=list(fonts), size=size, weight="bold" if bold else "normal")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        width, _, _ = TextToPath().get_text_width_height_descent(text, properties, ismath=False)
    return float(width) / 72


def wrap(text: str, *, width: float, size: float, bold: bool = False, lines: int = 2) -> list[str]:
    """Break `text` into at most `lines` lines of `width` inches; end a longer one with "…"."""

    def too_wide(words: Sequence[str]) -> bool:
        return text_width(" ".join(words), size=size, bold=bold) > width

    words = literal(text).split(" ")
    broken: list[str] = []
    while len(words) > 1 and len(broken) < lines - 1 and too_wide(words):
        # To measure words takes long; more of them are wider, so that few lines need be tried.
        taken = 1 + bisect(range(2, len(words)), False, key=lambda n: too_wide(words[:n]))
        broken.append(" ".join(words[:taken]))
        words = words[taken:]
    broken.append(" ".join(words))
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
    return lettered(f"{endpoint.label or endpoint.name}, {cohort_text(endpoint)}", letter=letter)


def cohort_text(endpoint: Endpoint) -> str:
    """Name a cohort in full: its label, "all patients", or "cohort" and its key as words."""
    if endpoint.cohort_label:
        return literal(endpoint.cohort_label)
    if endpoint.cohort == "all":
        return "all patients"
    return f"cohort {literal(endpoint.cohort).replace('-', ' ').replace('_', ' ')}"


def survival_title(endpoint: Endpoint) -> str:
    """Return the title of an axis of survival: one name for an endpoint wherever it is drawn."""
    label = literal(endpoint.label)
    outcome = re.match(r".*?\bsurvival\b", label, re.IGNORECASE)  # without "by stage"
    names = (label, outcome[0] if outcome else "", literal(endpoint.name), "Event-free")
    titles = [f"{name} (%)" for name in names if name]
    fitting = (each for each in titles if text_width(each, size=BODY_SIZE) <= _LONGEST_TITLE)
    return next(fitting, titles[-1])


def lettered(words: str, *, letter: str) -> str:
    """Write the letter of a panel, if it has one, before its words: "(a) Overall survival"."""
    if not letter:
        return literal(words)
    style = current_look().panel_letters
    letter = letter.upper() if "A" in style else letter.lower()
    return literal(f"({letter}) {words}" if "(" in style else f"{letter} {words}")


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
    estimate: PrintedNumber,
    ci: tuple[PrintedNumber, PrintedNumber] | None,
    level: float | None = None,
) -> str:
    """Write a reported estimate and its interval, digit for digit, with a level that is not 95%."""
    name = "" if level in (None, 95) else f"{level:g}% CI "
    return literal(estimate.text if ci is None else f"{estimate} ({name}{ci[0]} to {ci[1]})")


def possible_ratios(comparison: Comparison) -> str:
    """Return the reproduction interval of a comparison, or why there is none."""
    if comparison.reproduction_interval is not None:
        return formats.interval(*comparison.reproduction_interval)
    return "none finite" if comparison.n_draws else "not drawn"


def printed_p(p: PrintedNumber) -> str:
    """Write a reported p-value, digit for digit."""
    text = literal(p.text)
    if p.relation == "=":
        return _in_p_style(f"p = {text.lstrip('= ')}")
    digits = text.lstrip("<>=~≤≥ ")
    return _in_p_style(f"p {text.removesuffix(digits).strip()} {digits}".strip())


def p_value(p: float) -> str:
    """Write a p-value as papers do, three decimals and never zero, in the style of the journal."""
    return _in_p_style(formats.p_value(p))


def _in_p_style(words: str) -> str:
    style = current_look().p_style
    words = words.replace(" 0.", " .") if style.endswith(" .012") else words
    return f"{style[0]}{words[1:]}"


def measured(words: str, font: FontProperties) -> tuple[float, float, float]:
    """Return width, height and descent of words, in points."""
    return _measured(words, font.copy())  # a font can change


@lru_cache(maxsize=4096)
def _measured(words: str, font: FontProperties) -> tuple[float, float, float]:
    return RendererBase().get_text_width_height_descent(words, font, ismath=False)


def draw_outlines(
    renderer: Any,
    pen: GraphicsContextBase,
    place: tuple[float, float],
    words: str,
    font: FontProperties,
    angle: float,
) -> None:
    """Draw words in a picture, as wide as they are measured and as in PDF and SVG.

    Matplotlib fits each letter to the pixels, every time that it is drawn. That takes half of the
    time of a picture, and makes words up to 2% wider or narrower.

    Parameters
    ----------
    renderer : RendererAgg
    pen : GraphicsContextBase
    place : tuple of float
        Of the start of the base line, in pixels from the lower left corner.
    words : str
    font : FontProperties
    angle : float
        In degrees, counterclockwise.
    """
    size = renderer.points_to_pixels(font.get_size_in_points()) / TextToPath.FONT_SCALE
    pen.set_linewidth(0)
    pen.set_snap(False)  # dashes and "I" would be moved to the next pixel
    renderer.draw_path(
        pen,
        _outlines(words, font.copy()),
        Affine2D().scale(size).rotate_deg(angle).translate(*place),
        rgbFace=pen.get_rgb(),
    )


@lru_cache(maxsize=4096)
def _outlines(words: str, font: FontProperties) -> Path:
    vertices, codes = TextToPath().get_text_path(font, words)
    return Path(vertices, codes)
