"""One look for every drawing: sizes, fonts, colours, and files that come out the same twice."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .lettering import FONT, literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = [
    "FORMATS",
    "PAGE_WIDTH",
    "ArmStyle",
    "ShownInNotebooks",
    "arm_style",
    "axes_inches",
    "context",
    "figure_bytes",
    "footnote",
    "new_figure",
    "save_figure",
]

FORMATS = ("svg", "pdf", "png")
MM = 1 / 25.4
PAGE_WIDTH = 178 * MM  # inches: two columns of a journal page
COLUMN_WIDTH = 120 * MM  # inches: a figure with one panel
TITLE_SIZE = 8.0
BODY_SIZE = 7.0  # points; nothing that must be read is smaller than 6
SMALL_SIZE = 6.5
FOOTNOTE_HEIGHT = 0.2  # inches
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


@dataclass(frozen=True, kw_only=True)
class ArmStyle:
    """How one arm looks in every figure: by colour, by dashes and by marker.

    The colours are Okabe and Ito's [1]_, those of them that are dark enough for a thin line on
    white; in a grey print the dashes and markers tell the arms apart.

    References
    ----------
    .. [1] Okabe M, Ito K. Color universal design. 2008. https://jfly.uni-koeln.de/color/
    """

    colour: str
    dashes: Literal["-"] | tuple[float, tuple[float, ...]]
    marker: str


_ARMS = (
    ArmStyle(colour="#0072B2", dashes="-", marker="o"),
    ArmStyle(colour="#D55E00", dashes=(0.0, (5.0, 1.4)), marker="s"),
    ArmStyle(colour="#000000", dashes=(0.0, (1.2, 1.0)), marker="^"),
    ArmStyle(colour="#CC79A7", dashes=(0.0, (6.0, 1.4, 1.2, 1.4)), marker="D"),
)


def arm_style(index: int) -> ArmStyle:
    """Return the look of the arm at `index` (0 is the reference); looks repeat after four."""
    return _ARMS[index % len(_ARMS)]


@contextmanager
def context() -> Iterator[None]:
    """Use the house style inside a `with` block, and give back the caller's afterwards."""
    # rc_context() also restores the backend, and looking that up would start pyplot.
    settings = cast("MutableMapping[str, Any]", mpl.rcParams)
    before = {key: settings[key] for key in _RC}
    settings.update(_RC)
    try:
        yield
    finally:
        settings.update(before)


def new_figure(width: float, height: float, *, alt: str = "") -> Figure:
    """Make a figure that pyplot does not know of, so that none stays open.

    Parameters
    ----------
    width, height : float
        In inches.
    alt : str
        What the figure shows, for those who cannot see it. Kept as the figure's label and
        written into the files.
    """
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    figure.set_label(alt)
    return figure


def axes_inches(ax: Axes) -> tuple[float, float]:
    """Return the width and height of an axes in inches."""
    return float(ax.bbox.width) / ax.figure.dpi, float(ax.bbox.height) / ax.figure.dpi


def footnote(figure: Figure, text: str) -> Text:
    """Write a line at the foot of a figure."""
    width, height = figure.get_size_inches()
    return figure.text(
        0.04 / width, 0.04 / height, text, fontsize=SMALL_SIZE - 0.5, color=FAINT, va="bottom"
    )


def figure_bytes(figure: Figure, *, file_format: str) -> bytes:
    """Return the figure as a file's content, the same bytes each time.

    Parameters
    ----------
    figure : Figure
        Its label is written into the file as its title.
    file_format : {"svg", "pdf", "png"}
        PNG has 300 dots per inch.

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
    buffer = io.BytesIO()
    with context(), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box in PDF and PNG and as itself in SVG.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(buffer, format=file_format, dpi=300, metadata=metadata[file_format])
    return buffer.getvalue()


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

    figure_: Figure

    def _repr_svg_(self) -> str | None:
        if not hasattr(self, "figure_"):
            return None
        return figure_bytes(self.figure_, file_format="svg").decode("utf-8")
