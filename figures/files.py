"""Figures as files that come out the same twice, their names, and the numbers in them."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .layout import HouseFigure
from .style import Look, as_in, current_look
from .text import literal

if TYPE_CHECKING:
    import pandas as pd

    from ..models import EndpointAnalysis
    from ..studies import Table

__all__ = [
    "FORMATS",
    "ShownInNotebooks",
    "curve_check_numbers",
    "curve_numbers",
    "figure_bytes",
    "file_stems",
    "forest_numbers",
    "incidence_numbers",
    "proportionality_numbers",
    "rmst_numbers",
    "save_figure",
    "without_layout",
]

FORMATS = ("svg", "pdf", "png")
_LONGEST = 60  # letters; systems allow 255 bytes with the suffix
_LAYOUT = ("BASE", "GDEF", "GPOS", "GSUB", "JSTF", "MATH", "kern")  # tables of an OpenType font
_LOCK = RLock()  # or another could give back what this one has put there


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
    look = figure.look if isinstance(figure, HouseFigure) else current_look()
    with as_in(look), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box in PDF and PNG and as itself in SVG.
        warnings.filterwarnings("ignore", message="Glyph")
        if not isinstance(figure, HouseFigure):
            return _content(figure, file_format, look)
        with figure.laid_out_once():
            if file_format not in figure.files:
                figure.files[file_format] = _content(figure, file_format, look)
            return figure.files[file_format]


def _content(figure: Figure, file_format: str, look: Look) -> bytes:
    label = literal(str(figure.get_label()))
    dpi = look.dots * look.enlarged
    if file_format == "png":
        return _png(_pixels(figure, dpi=dpi), title=label, shown_at=look.dots)
    title = {"Title": label} if label else {}
    # Whatever carries a date or a version would make two runs differ.
    metadata: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": "kmrepro", **title},
        "pdf": {"CreationDate": None, "Creator": "kmrepro", "Producer": None, **title},
    }
    buffer = io.BytesIO()
    with without_layout() if file_format == "pdf" else nullcontext():
        figure.savefig(buffer, format=file_format, metadata=metadata[file_format], dpi=dpi)
    content = buffer.getvalue()
    return _enlarged(_readable(content), look.enlarged) if file_format == "svg" else content


def _readable(svg: bytes) -> bytes:
    """Let a browser without the first font take one with letters of the same widths."""
    alike = b"Arial, 'Liberation Sans', Arimo, Helvetica"
    named = re.sub(
        rb"font-family: '(?:Arial|Liberation Sans|Arimo)'", b"font-family: " + alike, svg
    )
    return re.sub(rb"(font-family: [^;]*'DejaVu Sans')", rb"\1, sans-serif", named)


def _pixels(figure: Figure, *, dpi: float) -> NDArray[np.uint8]:
    """Return what the figure shows, shape (height, width, 4)."""
    shown_on, usual = figure.canvas, figure.dpi
    canvas: Any = FigureCanvasAgg(figure)  # of no window, which would follow the size
    try:
        figure.dpi = dpi
        canvas.draw()
        return np.asarray(canvas.buffer_rgba(), dtype=np.uint8)
    finally:
        figure.dpi = usual
        figure.set_canvas(shown_on)


def _png(pixels: NDArray[np.uint8], *, title: str, shown_at: float) -> bytes:
    """Return pixels as PNG: nothing shows through, so that three colours hold them all."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    content, words = io.BytesIO(), PngInfo()
    if title:
        words.add_itxt("Title", title)
    image = Image.fromarray(pixels).convert("RGB")
    image.save(content, "PNG", pnginfo=words, dpi=(shown_at, shown_at), compress_level=3)
    return content.getvalue()


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


def file_stems(names: Iterable[str]) -> list[str]:
    """Return a file name without suffix for each name: safe on every system, and unlike the others.

    Letters of any script, digits, "_" and "-" stay; anything else, a path separator or a leading
    dot among it, becomes "-". Names that differ in case only, or no longer differ, are numbered.
    """
    stems: list[str] = []
    taken: set[str] = set()
    for name in names:
        stem = plain = re.sub(r"[^\w-]+", "-", name).strip("-")[:_LONGEST].strip("-") or "unnamed"
        number = 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{plain}-{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return stems


@contextmanager
def without_layout() -> Iterator[None]:
    """Embed fonts without the tables that lay words out, in PDFs written inside the block.

    A PDF says which glyph of its fonts is where, and needs none of those tables (ISO 32000-1, 9.9).
    To reduce them to the letters of a figure would take most of the time of a file.

    Notes
    -----
    Matplotlib, which has no setting for it, loads what it embeds by `fontTools.subset.load_font`.
    Were it to do otherwise, its fonts would be larger, and as good.
    """
    try:
        from fontTools import subset
    except ImportError:
        yield
        return

    def load_bare(*given: Any, **named: Any) -> Any:
        font = load(*given, **named)
        for table in _LAYOUT:
            if table in font:
                del font[table]
        return font

    with _LOCK:
        load = subset.load_font
        subset.load_font = load_bare
        try:
            yield
        finally:
            subset.load_font = load


def curve_numbers(analyses: Iterable[EndpointAnalysis]) -> pd.DataFrame:
    """Return the Kaplan-Meier estimates, a row for each arm and time, from 0."""
    return _stacked(
        ({**_named(each), "arm": arm}, curve.to_frame())
        for each in analyses
        for arm, curve in each.curves.items()
    )


def incidence_numbers(analysis: EndpointAnalysis) -> pd.DataFrame:
    """Return the Aalen-Johansen estimates, a row for each cause, arm and time, from 0."""
    return _stacked(
        ({**_named(analysis), "cause": each.cause, "arm": arm}, curve.to_frame())
        for each in analysis.causes
        for arm, curve in each.curves.items()
    )


def curve_check_numbers(analysis: EndpointAnalysis) -> pd.DataFrame:
    """Return every digitised point beside the reconstructed curve, as fractions."""
    import pandas as pd

    return pd.concat(
        [
            pd.DataFrame(
                {
                    **_named(analysis),
                    "arm": check.arm,
                    "time": check.time,
                    "digitised": check.digitised,
                    "reproduced": check.reproduced,
                    "tolerance": check.widths,
                }
            )
            for check in analysis.curve_checks
        ],
        ignore_index=True,
    )


def rmst_numbers(analyses: Iterable[EndpointAnalysis]) -> pd.DataFrame:
    """Return the restricted means by arm, and their difference."""
    return _stacked((_named(each), each.rmst.to_frame()) for each in analyses if each.rmst)


def proportionality_numbers(analyses: Iterable[EndpointAnalysis]) -> pd.DataFrame:
    """Return the log hazard ratio at every event: the fitted one plus the scaled residual."""
    import pandas as pd

    return pd.concat(
        [
            pd.DataFrame(
                {
                    **_named(each),
                    "time": each.schoenfeld.time,
                    "log_hazard_ratio": each.schoenfeld.log_hazard_ratio_at,
                }
            )
            for each in analyses
            if each.schoenfeld
        ],
        ignore_index=True,
    )


def forest_numbers(table: Table) -> pd.DataFrame:
    """Return the reported hazard ratios of a table as it writes them, a row each."""
    import pandas as pd

    rows = [
        {
            "variable": row.variable,
            "level": row.level,
            "reference": row.reference,
            "model": row.model,
            "hazard_ratio": row.hazard_ratio.text,
            "ci_lower": row.ci[0].text if row.ci else "",
            "ci_upper": row.ci[1].text if row.ci else "",
            "p": row.p.text if row.p else "",
            **{f"patients_{arm}": str(cell) for arm, cell in row.patients.items()},
            "p_interaction": row.p_interaction.text if row.p_interaction else "",
        }
        for row in table.hazard_ratios
    ]
    return pd.DataFrame(rows).fillna("")


def _named(analysis: EndpointAnalysis) -> dict[str, str]:
    return {"cohort": analysis.endpoint.cohort, "endpoint": analysis.endpoint.name}


def _stacked(parts: Iterator[tuple[Mapping[str, Any], pd.DataFrame]]) -> pd.DataFrame:
    """Put tables below each other, each behind columns that say what it is of."""
    import pandas as pd

    tables = []
    for names, table in parts:
        named = table.reset_index()
        for place, (name, value) in enumerate(names.items()):
            named.insert(place, name, value)
        tables.append(named)
    return pd.concat(tables, ignore_index=True)
