"""One look for every drawing: sizes, fonts, colours, and files that come out the same twice."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .lettering import FONT, literal, wrap
from .looks import (
    STYLES,
    ArmStyle,
    Look,
    StyleName,
    arm_style,
    current_look,
    drawn_in,
    shade,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = [
    "FORMATS",
    "PAGE_WIDTH",
    "STYLES",
    "WIDTHS",
    "ArmStyle",
    "HouseFigure",
    "ShownInNotebooks",
    "StyleName",
    "Width",
    "arm_style",
    "axes_inches",
    "context",
    "current_look",
    "figure_bytes",
    "footnote",
    "footnote_height",
    "inches_of",
    "new_figure",
    "save_figure",
    "shade",
    "usual_width",
]

FORMATS = ("svg", "pdf", "png")
MM = 1 / 25.4
PAGE_WIDTH = 178 * MM  # inches: two columns of a journal page
COLUMN_WIDTH = 120 * MM  # inches: a figure with one panel
WIDTHS = {"column": 85.0, "page": 178.0}  # mm: one and two columns of a journal
_NARROWEST, _WIDEST = 60.0, 500.0  # mm
TITLE_SIZE = 8.0
BODY_SIZE = 7.0  # points; nothing that must be read is smaller than 6
SMALL_SIZE = 6.5
FOOTNOTE_HEIGHT = 0.2  # inches, of one line
_FOOTNOTE_SIZE = SMALL_SIZE - 0.5
_FOOTNOTE_LINE = _FOOTNOTE_SIZE * 1.25 / 72  # inches
INK, FAINT = "#1a1a1a", "#6b6b6b"
REPORTED, REPRODUCED, CONTRAST, MISSED = "#5c5c5c", "#0072B2", "#D55E00", "#000000"

_RC: dict[str, Any] = {
    "font.family": "sans-serif",
    # The others are what a browser falls back on, Verdana first because its letters are as wide.
    "font.sans-serif": [FONT, "Verdana", "Arial", "Helvetica"],
    "font.size": BODY_SIZE,
    "axes.titlesize": TITLE_SIZE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
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


Width = float | Literal["column", "page"]


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
def context(style: StyleName | None = None) -> Iterator[None]:
    """Use the house style inside a `with` block, and give back the caller's settings afterwards.

    Parameters
    ----------
    style : {"journal", "screen", "grey"}, optional
        For every figure that is drawn inside; the one that is used already unless given, and
        "journal" outside any such block.

    Raises
    ------
    ValueError
        If there is no such style.
    """
    # rc_context() also restores the backend, and looking that up would start pyplot.
    settings = cast("MutableMapping[str, Any]", mpl.rcParams)
    before = {key: settings[key] for key in _RC}
    with drawn_in(style):
        settings.update(_RC)
        try:
            yield
        finally:
            settings.update(before)


class HouseFigure(Figure):
    """A figure that knows the style it was drawn in, by which it is written."""

    look: Look


def new_figure(width: float, height: float, *, alt: str = "") -> HouseFigure:
    """Make a figure that pyplot does not know of, so that none stays open.

    Parameters
    ----------
    width, height : float
        In inches.
    alt : str
        What the figure shows, for those who cannot see it. Kept as the figure's label and
        written into the files.
    """
    figure = HouseFigure(figsize=(width, height))
    figure.look = current_look()
    FigureCanvasAgg(figure)
    figure.set_label(alt)
    return figure


def axes_inches(ax: Axes) -> tuple[float, float]:
    """Return the width and height of an axes in inches."""
    return float(ax.bbox.width) / ax.figure.dpi, float(ax.bbox.height) / ax.figure.dpi


def footnote_height(text: str, *, width: float) -> float:
    """Return the room that a footnote needs at the foot of a figure, both in inches."""
    return FOOTNOTE_HEIGHT + (len(_footnote_lines(text, width)) - 1) * _FOOTNOTE_LINE


def footnote(figure: Figure, text: str) -> Text:
    """Write some words at the foot of a figure, on as many lines as they need."""
    width, height = figure.get_size_inches()
    return figure.text(
        0.04 / width,
        0.04 / height,
        "\n".join(_footnote_lines(text, width)),
        fontsize=_FOOTNOTE_SIZE,
        color=FAINT,
        va="bottom",
    )


def _footnote_lines(text: str, width: float) -> list[str]:
    room = width - 0.08
    return [
        line
        for part in text.split("\n")
        for line in wrap(part, width=room, size=_FOOTNOTE_SIZE, lines=4)
    ]


def figure_bytes(figure: Figure, *, file_format: str) -> bytes:
    """Return the figure as a file's content, the same bytes each time.

    Parameters
    ----------
    figure : Figure
        Its label is written into the file as its title.
    file_format : {"svg", "pdf", "png"}
        PNG has 300 dots per inch. In the style "screen", SVG and PNG are half as large again as
        they were laid out, and PNG has 192 dots per inch.

    Raises
    ------
    ValueError
        If the format is none of those.
    """
    if file_format not in FORMATS:
        known = ", ".join(FORMATS)
        raise ValueError(f"`file_format` must be one of {known}, but is {file_format!r}.")
    label = literal(str(figure.get_label()))
    title = {"Title": label} if label else {}
    # Whatever carries a date or a version would make two runs differ.
    metadata: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": "kmrepro", **title},
        "pdf": {"CreationDate": None, "Creator": "kmrepro", "Producer": None, **title},
        "png": {"Software": None, **title},
    }
    look = figure.look if isinstance(figure, HouseFigure) else current_look()
    options: dict[str, Any] = {"metadata": metadata[file_format], "dpi": look.dots * look.enlarged}
    if file_format == "png":
        options["pil_kwargs"] = {"dpi": (look.dots, look.dots)}
    buffer = io.BytesIO()
    with context(), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box in PDF and PNG and as itself in SVG.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(buffer, format=file_format, **options)
    content = buffer.getvalue()
    return _enlarged(content, look.enlarged) if file_format == "svg" else content


def _enlarged(svg: bytes, times: float) -> bytes:
    """Return a drawing that is shown so many times as large; its own measures stay."""
    if times == 1:
        return svg

    def longer(length: re.Match[bytes]) -> bytes:
        return b'%s="%gpt"' % (length[1], times * float(length[2]))

    return re.sub(rb'(?<= )(width|height)="([\d.]+)pt"', longer, svg, count=2)


def save_figure(
    figure: Figure, folder: Path, *, name: str, formats: Sequence[str] = FORMATS
) -> tuple[Path, ...]:
    """Write `folder/name.format` for each format and return the paths.

    Raises
    ------
    ValueError
        If a format is unknown.
    """
    written = []
    for file_format in formats:
        path = folder / f"{name}.{file_format}"
        path.write_bytes(figure_bytes(figure, file_format=file_format))
        written.append(path)
    return tuple(written)


class ShownInNotebooks:
    """A display that a notebook shows as its figure, once it has been drawn."""

    alt: str
    figure_: Figure

    def __repr__(self) -> str:
        """Return in words what it shows."""
        return f"{type(self).__name__}({self.alt or 'not described'})"

    def _repr_svg_(self) -> str | None:
        if not hasattr(self, "figure_"):
            return None
        return figure_bytes(self.figure_, file_format="svg").decode("utf-8")
