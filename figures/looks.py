"""The styles that every figure can be drawn in: for a journal, for a screen, and without colour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = [
    "STYLES",
    "ArmStyle",
    "Look",
    "StyleName",
    "arm_style",
    "current_look",
    "drawn_in",
    "shade",
]

StyleName = Literal["journal", "screen", "grey"]
STYLES: tuple[StyleName, ...] = get_args(StyleName)


@dataclass(frozen=True, kw_only=True)
class ArmStyle:
    """How one arm looks in every figure: by colour, by dashes and by marker.

    The colours are Okabe and Ito's [1]_, those of them that are dark enough for a thin line on
    white; in a grey print the dashes and markers tell the arms apart. Words in an arm's colour
    are darker (`lettering`), since small letters need more contrast than lines.

    References
    ----------
    .. [1] Okabe M, Ito K. Color universal design. 2008. https://jfly.uni-koeln.de/color/
    """

    colour: str
    dashes: Literal["-"] | tuple[float, tuple[float, ...]]
    marker: str
    lettering: str


_ARMS = (
    ArmStyle(colour="#0072B2", dashes="-", marker="o", lettering="#00639B"),
    ArmStyle(colour="#D55E00", dashes=(0.0, (5.0, 1.4)), marker="s", lettering="#A84A00"),
    ArmStyle(colour="#000000", dashes=(0.0, (1.2, 1.0)), marker="^", lettering="#000000"),
    ArmStyle(colour="#CC79A7", dashes=(0.0, (6.0, 1.4, 1.2, 1.4)), marker="D", lettering="#9C4A77"),
)
_GREY_ARMS = tuple(
    ArmStyle(colour=grey, dashes=arm.dashes, marker=arm.marker, lettering="#1a1a1a")
    for grey, arm in zip(("#000000", "#7d7d7d", "#4a4a4a", "#939393"), _ARMS, strict=True)
)
# Greys for colours that lie beside each other, where their own luminance would look alike.
_GREYS = {
    "#0072b2": "#000000",
    "#d55e00": "#707070",
    "#08519c": "#404040",
    "#6baed6": "#bdbdbd",
    "#d9d9d9": "#ebebeb",
    "#969696": "#8c8c8c",
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one style does to a figure.

    Attributes
    ----------
    name : {"journal", "screen", "grey"}
    arms : tuple of ArmStyle
        Of the first four arms; looks repeat after them.
    enlarged : float
        How many times as large as it is laid out a figure is written. The page of a PDF keeps
        its size, since it is enlarged where it is shown.
    dots : int
        Dots per inch of a PNG.
    pen : float
        Times the width of curves.
    shading : float
        Opacity of confidence bands.
    coloured : bool
        Whether there is any hue.
    """

    name: StyleName
    arms: tuple[ArmStyle, ...] = _ARMS
    enlarged: float = 1.0
    dots: int = 300
    pen: float = 1.0
    shading: float = 0.13
    coloured: bool = True


_LOOKS = {
    "journal": Look(name="journal"),
    "screen": Look(name="screen", enlarged=1.5, dots=192, pen=1.4, shading=0.17),
    "grey": Look(name="grey", arms=_GREY_ARMS, coloured=False),
}
_CURRENT: ContextVar[Look] = ContextVar("look", default=_LOOKS["journal"])


def current_look() -> Look:
    """Return the style that figures are drawn in at the moment."""
    return _CURRENT.get()


@contextmanager
def drawn_in(style: StyleName | None) -> Iterator[None]:
    """Draw in a style inside a `with` block; None goes on with the one that is used already.

    Raises
    ------
    ValueError
        If there is no such style.
    """
    if style is not None and style not in _LOOKS:
        raise ValueError(f"`style` must be one of {', '.join(STYLES)}, but is {style!r}.")
    token = _CURRENT.set(current_look() if style is None else _LOOKS[style])
    try:
        yield
    finally:
        _CURRENT.reset(token)


def arm_style(index: int) -> ArmStyle:
    """Return the look of the arm at `index` (0 is the reference); looks repeat after four."""
    arms = current_look().arms
    return arms[index % len(arms)]


def shade(colour: str) -> str:
    """Return a colour, given as "#rrggbb", as the current style shows it.

    Without hue it is the grey of the same relative luminance, unless others beside it would look
    alike.
    """
    if current_look().coloured:
        return colour
    return _GREYS.get(colour.lower()) or _grey(colour)


def _grey(colour: str) -> str:
    """Return the grey of the same relative luminance (WCAG 2.2), in sRGB."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    luminance = sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    level = 12.92 * luminance if luminance <= 0.0031308 else 1.055 * luminance ** (1 / 2.4) - 0.055
    return f"#{round(255 * level):02x}" + 2 * f"{round(255 * level):02x}"
