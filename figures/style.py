"""One look for every figure: fonts, sizes and colours, and how arms are distinguished."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, cast, get_args

import matplotlib as mpl

__all__ = [
    "PAGE_WIDTH",
    "STYLES",
    "WIDTHS",
    "ArmStyle",
    "Look",
    "PStyle",
    "PanelLetters",
    "StyleName",
    "Width",
    "arm_style",
    "as_in",
    "context",
    "current_look",
    "current_width",
    "inches_of",
    "shade",
    "usual_width",
]

StyleName = Literal["journal", "screen", "grey"]
STYLES: tuple[StyleName, ...] = get_args(StyleName)
Width = float | Literal["column", "page"]
PStyle = Literal["p = 0.012", "P = 0.012", "P = .012"]
PanelLetters = Literal["(a)", "(A)", "a", "A"]
# Their letters have the same widths, so that figures are laid out alike where either is installed.
# DejaVu Sans comes with matplotlib, and draws what the first one lacks, such as arrows.
_FONTS = ("Arial", "Liberation Sans", "Arimo")
_LAST_FONT = "DejaVu Sans"
_DOTS = (72, 1200)
# Greys for colours that lie beside each other, where their own luminance would look alike.
_GREYS = {
    "#0072b2": "#000000",
    "#d55e00": "#707070",
    "#00755e": "#000000",
    "#8f6a00": "#707070",
    "#08519c": "#404040",
    "#6baed6": "#bdbdbd",
    "#d9d9d9": "#ebebeb",
    "#969696": "#8c8c8c",
}
MM = 1 / 25.4
PAGE_WIDTH = 178 * MM  # inches: two columns of a journal page
COLUMN_WIDTH = 120 * MM  # inches: a figure with one panel
WIDTHS = {"column": 85.0, "page": 178.0}  # mm: one and two columns of a journal
_NARROWEST, _WIDEST = 60.0, 500.0  # mm
TITLE_SIZE = 8.0
BODY_SIZE = 7.0  # points; nothing that must be read is smaller than 6
SMALL_SIZE = 6.5
INK, FAINT = "#1a1a1a", "#6b6b6b"
# Hazard ratios have colours that no arm has.
REPORTED, REPRODUCED, CONTRAST, MISSED = "#5c5c5c", "#00755E", "#8F6A00", "#000000"
_RC: dict[str, Any] = {
    "font.size": BODY_SIZE,
    "axes.titlesize": TITLE_SIZE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    # Nothing is above the axes but the title, so that it need not look for what it would cover.
    "axes.titley": 1.0,
    "axes.labelsize": BODY_SIZE,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": BODY_SIZE,
    "ytick.labelsize": BODY_SIZE,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "text.color": INK,
    # Labels come from study files: a dollar sign in one is a dollar sign, never mathematics.
    "text.parse_math": False,
    "text.usetex": False,
    "lines.solid_capstyle": "butt",
    "lines.dash_capstyle": "butt",
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.bbox": None,
    "path.simplify": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "kmrepro",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
}


@dataclass(frozen=True, kw_only=True)
class ArmStyle:
    """How one arm looks in every figure: by colour, by dashes and by marker.

    The colours of the first four are Okabe and Ito's [1]_, those of them that are dark enough for a
    thin line on white; in a grey print the dashes and markers distinguish the arms. Words in an
    arm's colour are darker (`lettering`), since small letters need more contrast than lines.

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
    ArmStyle(colour="#7B61C4", dashes=(0.0, (9.0, 2.0)), marker="v", lettering="#5B3A9E"),
    ArmStyle(colour="#A3651A", dashes=(0.0, (2.4, 2.4)), marker="P", lettering="#8C510A"),
    ArmStyle(colour="#3F8F29", dashes=(0.0, (4.0, 1.0, 1.0, 1.0, 1.0, 1.0)), marker="X",
             lettering="#2F6E1E"),
    ArmStyle(colour="#B5446E", dashes=(0.0, (9.0, 1.2, 3.0, 1.2)), marker="<", lettering="#882255"),
)  # fmt: skip
_ARM_GREYS = (
    "#000000", "#7d7d7d", "#4a4a4a", "#939393", "#2b2b2b", "#6a6a6a", "#868686", "#3b3b3b",
)  # fmt: skip

_GREY_ARMS = tuple(
    ArmStyle(colour=grey, dashes=arm.dashes, marker=arm.marker, lettering="#1a1a1a")
    for grey, arm in zip(_ARM_GREYS, _ARMS, strict=True)
)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one style does to a figure.

    Attributes
    ----------
    name : {"journal", "screen", "grey"}
    arms : tuple of ArmStyle
        Of the first eight arms; looks repeat after them.
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
    font : str
        The font asked for; Arial or one as wide if it is empty.
    p_style : {"p = 0.012", "P = 0.012", "P = .012"}
        How p-values are written.
    panel_letters : {"(a)", "(A)", "a", "A"}
        How the panels of a figure are lettered.
    """

    name: StyleName
    arms: tuple[ArmStyle, ...] = _ARMS
    enlarged: float = 1.0
    dots: int = 300
    pen: float = 1.0
    shading: float = 0.13
    coloured: bool = True
    font: str = ""
    p_style: PStyle = "p = 0.012"
    panel_letters: PanelLetters = "(a)"

    @property
    def fonts(self) -> tuple[str, ...]:
        """The fonts of this machine that words are drawn in, the first one that has a letter."""
        return _installed(self.font)


_LOOKS = {
    "journal": Look(name="journal"),
    "screen": Look(name="screen", enlarged=1.5, dots=192, pen=1.4, shading=0.17),
    "grey": Look(name="grey", arms=_GREY_ARMS, coloured=False),
}

_CURRENT: ContextVar[Look] = ContextVar("look", default=_LOOKS["journal"])


def current_look() -> Look:
    """Return the style that figures are drawn in at the moment."""
    return _CURRENT.get()


@cache
def _installed(wanted: str) -> tuple[str, ...]:
    """Return the font that is wanted, or the first usual one that there is, and the last resort."""
    from matplotlib.font_manager import findfont

    for font in (wanted,) if wanted else _FONTS:
        try:
            findfont(font, fallback_to_default=False)
        except ValueError:
            continue
        return tuple(dict.fromkeys((font, _LAST_FONT)))
    if wanted:
        raise ValueError(
            f"`font` must be installed on this machine, but {wanted!r} is not; leave it out for "
            f"{' or '.join(_FONTS[:2])}."
        )
    return (_LAST_FONT,)


def arm_style(index: int) -> ArmStyle:
    """Return the look of the arm at `index` (0 is the reference); looks repeat after eight."""
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


_WIDTH: ContextVar[Width | None] = ContextVar("width", default=None)


@contextmanager
def usual_width(width: Width | None) -> Iterator[None]:
    """Draw survival curves in a width inside a `with` block, where no other is asked for.

    Raises
    ------
    ValueError
        If it is no width; see `inches_of`.
    """
    inches_of(width, usual=PAGE_WIDTH)
    token = _WIDTH.set(width)
    try:
        yield
    finally:
        _WIDTH.reset(token)


def current_width() -> Width | None:
    """Return the width that survival curves are drawn in at the moment, if it is not their own."""
    return _WIDTH.get()


def inches_of(width: Width | None, *, usual: float) -> float:
    """Return the width of a figure in inches.

    Parameters
    ----------
    width : float, "column" or "page", optional
        In mm; one column of a journal has 85, the two of a page have 178. That of
        `usual_width` around it unless given.
    usual : float
        What is returned if there is none of both, in inches.

    Raises
    ------
    ValueError
        If it is no such name, or not from 60 to 500 mm.
    """
    width = _WIDTH.get() if width is None else width
    if width is None:
        return usual
    known = ", ".join(repr(name) for name in WIDTHS)
    if isinstance(width, str):
        if width not in WIDTHS:
            raise ValueError(f"`width` must be in mm or one of {known}, but is {width!r}.")
        return WIDTHS[width] * MM
    if not _NARROWEST <= width <= _WIDEST:
        raise ValueError(
            f"`width` must be from {_NARROWEST:g} to {_WIDEST:g} mm, or one of {known}, "
            f"but is {width!r}."
        )
    return width * MM


@contextmanager
def context(
    style: StyleName | None = None,
    *,
    font: str | None = None,
    dpi: int | None = None,
    p_style: PStyle | None = None,
    panel_letters: PanelLetters | None = None,
) -> Iterator[None]:
    """Use the house style inside a `with` block, and give back the caller's settings afterwards.

    What is not given stays as it is in the block around it, and is a journal's outside any such
    block.

    Parameters
    ----------
    style : {"journal", "screen", "grey"}, optional
    font : str, optional
        One that is installed; Arial, or Liberation Sans with letters of the same widths.
    dpi : int, optional
        Dots per inch of PNG, 72 to 1200; 300 in a journal.
    p_style : {"p = 0.012", "P = 0.012", "P = .012"}, optional
    panel_letters : {"(a)", "(A)", "a", "A"}, optional

    Raises
    ------
    ValueError
        If one of them is none of its choices.

    Examples
    --------
    >>> from kmrepro.figures import context
    >>> with context("grey", dpi=600, p_style="P = .012", panel_letters="A"):
    ...     pass  # draw and save here
    """
    if dpi is not None and not _DOTS[0] <= dpi <= _DOTS[1]:
        raise ValueError(f"`dpi` must be from {_DOTS[0]} to {_DOTS[1]}, but is {dpi!r}.")
    _check("style", style, STYLES)
    _check("p_style", p_style, get_args(PStyle))
    _check("panel_letters", panel_letters, get_args(PanelLetters))
    around = current_look()
    look = around if style in (None, around.name) else _LOOKS[style]
    with as_in(
        replace(
            look,
            dots=dpi or look.dots,
            font=around.font if font is None else font,
            p_style=p_style or around.p_style,
            panel_letters=panel_letters or around.panel_letters,
        )
    ):
        yield


@contextmanager
def as_in(look: Look) -> Iterator[None]:
    """Draw in a look inside a `with` block."""
    # Words keep the fonts by name, whatever the settings when the figure is written.
    house = {**_RC, "font.family": list(look.fonts)}
    # rc_context() also restores the backend, and looking that up would start pyplot.
    settings = cast("MutableMapping[str, Any]", mpl.rcParams)
    before = {key: settings[key] for key in house}
    token = _CURRENT.set(look)
    settings.update(house)
    try:
        yield
    finally:
        settings.update(before)
        _CURRENT.reset(token)


def _check(name: str, value: str | None, choices: Sequence[str]) -> None:
    if value is not None and value not in choices:
        known = ", ".join(choices)
        raise ValueError(f"`{name}` must be one of {known}, but is {value!r}.")
