"""Figures of a file read into folders of readings, a page at a time where it has pages."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..digitise import Hints, UnreadableFigureError, read_figure
from ..digitise.files import draft_study, png_bytes
from ..digitise.raster import open_image, prepare
from ..digitise.read import FigureReading
from ..outcome import Progress
from ..presentation.formats import count
from ..studies.drafting import DraftRefused
from ..studies.drafting import draft_study as draft_words
from ..studies.drafting.document import document_text
from .figure_editing import FigureRefused, drafted, read_document, reading_of, saved
from .study_editing import edited, write_study
from .study_figures import figure_layout, fitting_endpoint, put_in
from .workspace import ROOT, Workspace, safe_stem

__all__ = ["by_hand", "read_source", "upright"]

_FEWEST_PATHS = 12  # on a page with a plot: two axes, their ticks, and a curve


def read_source(
    workspace: Workspace,
    source: Path,
    hints: Mapping[str, Any],
    *,
    key: str,
    progress: Progress,
) -> dict[str, Any]:
    """Read the figures of a file, and put them into the study where that is clear.

    Parameters
    ----------
    workspace : Workspace
    source : Path
        In the working folder.
    hints : mapping
        Fields of `Hints`: what was given by hand, for a figure that is read again, or for a picture
        that could not be read without.
    key : str
        The reading that is replaced; "" for new ones.
    progress : callable
        Told of each page.

    Returns
    -------
    dict
        `readings`, the keys of what was read; and `pages`, how many were looked at. A PDF without
        a plot whose words report survival gives none.

    Raises
    ------
    UnreadableFigureError
        If nothing could be read.
    """
    if key:
        progress(0, 1, "Reading the figure again")
        _read_again(workspace, source, hints, key)
        return {"readings": [key], "pages": 1}
    if hints:  # a picture whose axes a person has set
        progress(0, 1, "Reading the figure")
        reading = read_figure(source, _hints(hints, {"panels": [0], "kind": "raster"}))
        return {"readings": [_keep(workspace, source, reading, None)], "pages": 1}
    pages = _pages(source)
    drafted_too = source.suffix == ".pdf" and _draft_words(workspace, source, progress)
    found: list[str] = []
    faults: list[str] = []
    for done, page in enumerate(pages):
        what = f"Reading page {page}" if page else "Reading the figure"
        progress(done, len(pages), what)
        try:
            reading = read_figure(source, Hints(page=page))
        except UnreadableFigureError as error:
            faults.append(str(error))
            continue
        found.append(_keep(workspace, source, reading, page if len(pages) > 1 else None))
    if not found and not drafted_too:
        raise UnreadableFigureError(_nothing(pages, faults))
    return {"readings": found, "pages": len(pages)}


def _draft_words(workspace: Workspace, source: Path, progress: Progress) -> bool:
    """Draft the study from the words of a PDF, if there is no study yet; say whether that was."""
    if workspace.study.exists():
        return False
    progress(0, 0, "Reading the words of the paper")
    try:
        text = document_text(source, pages=None, stdin=io.BytesIO())
        study = draft_words(text, name=safe_stem(source.name).lower())
    except DraftRefused:  # pictures of pages, or a figure alone
        return False
    write_study(workspace.study, study.text)
    return True


def _nothing(pages: list[int | None], faults: list[str]) -> str:
    if not faults:
        return "No page of this PDF has a drawing or a picture on it."
    where = "" if len(pages) == 1 else f"None of {count(len(pages), 'page')} holds a plot: "
    text = where + faults[0]
    return text[:1].upper() + text[1:]


def _pages(source: Path) -> list[int | None]:
    """Return the pages of a PDF that may hold a plot, from 1; one None for another file."""
    if source.suffix != ".pdf":
        return [None]
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFigureError(f"This PDF cannot be opened ({error}).") from error
    try:
        if len(document) == 1:
            return [1]
        return [number + 1 for number in range(len(document)) if _may_hold_plot(document[number])]
    finally:
        document.close()


def _may_hold_plot(page: Any) -> bool:
    """Say whether there is a picture on a page, or as many paths as a plot has."""
    import pypdfium2.raw as raw

    kinds = [each.type for each in page.get_objects(max_depth=4)]
    paths = kinds.count(raw.FPDF_PAGEOBJ_PATH)
    pictures = kinds.count(raw.FPDF_PAGEOBJ_IMAGE) + kinds.count(raw.FPDF_PAGEOBJ_SHADING)
    return bool(pictures) or paths >= _FEWEST_PATHS


def _keep(workspace: Workspace, source: Path, reading: FigureReading, page: int | None) -> str:
    """Write a reading into a folder of its own, and into the study; return its key."""
    stem = safe_stem(source.name)
    folder = workspace.new_reading(f"{stem}-page-{page}" if page else stem)
    at_top = folder == workspace.folder
    saved(reading, folder, source=source.name if at_top else f"../{source.name}")
    _into_study(workspace, reading, "" if at_top else f"{folder.name}/")
    return ROOT if at_top else folder.name


def _into_study(workspace: Workspace, reading: FigureReading, prefix: str) -> None:
    """Draft the study from a reading if there is none, or put curves where they clearly belong."""
    if not workspace.study.exists():
        write_study(workspace.study, figure_layout(draft_study(reading), prefix))
        return
    text = workspace.study.read_text(encoding="utf-8-sig")
    try:
        content = tomllib.loads(text)
        draft = drafted(reading, prefix)
        for panel in range(len(reading.panels)):
            if fitting := fitting_endpoint(content, draft, panel):
                number, arms = fitting
                text = edited(text, put_in(content, draft, panel, endpoint=number, arms=arms))
                content = tomllib.loads(text)
    except (AttributeError, KeyError, TypeError, ValueError):
        return  # a study file at fault, or another time unit: a person puts the curves in
    write_study(workspace.study, text)


def _read_again(workspace: Workspace, source: Path, hints: Mapping[str, Any], key: str) -> None:
    """Read a figure with what a person said of it, and replace the panel that it was said of."""
    folder = workspace.reading(key)
    before = read_document(folder)
    number = int(hints.get("replace", 1))
    reading = read_figure(source, _hints(hints, before))
    if len(before["panels"]) > 1:
        reading = _one_replaced(before, reading, number)
    saved(reading, folder, source=before["source"], confirmed=())


def _hints(hints: Mapping[str, Any], before: Mapping[str, Any]) -> Hints:
    def pairs(name: str) -> tuple[tuple[float, float], ...] | None:
        given = hints.get(name)
        return tuple((float(v), float(p)) for v, p in given) if given else None

    several = len(before["panels"]) > 1
    colours = tuple((str(name), str(code)) for name, code in hints.get("colours") or ())
    return Hints(
        page=before.get("page"),
        panel=str(hints["replace"]) if several and not hints.get("x_axis") else None,
        arms=int(hints["arms"]) if hints.get("arms") else None,
        x_axis=pairs("x_axis"),
        y_axis=pairs("y_axis"),
        colours=colours,
        kind="raster" if before["kind"] == "raster" and before.get("page") else None,
    )


def _one_replaced(before: Mapping[str, Any], reading: FigureReading, number: int) -> FigureReading:
    kept = reading_of(before, reading.image)
    if len(reading.panels) != 1:
        raise FigureRefused("Several panels were read again; this one was not found alone.")
    new = replace(reading.panels[0], panel=number)
    panels = tuple(new if panel.panel == number else panel for panel in kept.panels)
    return replace(reading, panels=panels)


# By hand -----------------------------------------------------------------------------------------


def upright(source: Path) -> bytes:
    """Return a picture as the reader turns it, as PNG."""
    return png_bytes(prepare(open_image(source)).image)


def by_hand(source: Path) -> dict[str, Any]:
    """Return the document of a picture in which nothing was recognised: axes to be put right.

    Its curves are straight lines that are there to be replaced; nothing of it is written.
    """
    height, width = prepare(open_image(source)).image.shape[:2]
    x = [[round(0.15 * width), 0.0], [round(0.95 * width), 60.0]]
    y = [[round(0.75 * height), 0.0], [round(0.08 * height), 1.0]]
    arms = [
        {
            "name": f"Arm {number + 1}", "was": f"Arm {number + 1}", "color": colour,
            "dash": "solid", "length_read": 0.0, "n": None, "marks": [],
            "points": [[0.0, 1.0, 0.01], [60.0, 1.0, 0.01]],
        }
        for number, colour in enumerate(("#1f77b4", "#d62728"))
    ]  # fmt: skip
    said = (
        "Nothing was read. Drag the handles to two labels of each axis and give their values, name "
        "the arms and give the colours of their lines; then read the curves."
    )
    panel = {
        "panel": 1, "label": None, "title": None, "files": {"curves": "curves.csv"},
        "x_axis": {"unit": "months", "title": None, "calibration": x},
        "y_axis": {"kind": "fraction", "title": None, "calibration": y},
        "orientation": "survival", "arms": arms, "at_risk": [], "unsure": [said], "remarks": [],
    }  # fmt: skip
    return {
        "figure": source.name, "kind": "raster", "panels": [panel], "confirmed": [],
        "image_scale": 1.0, "has_image": True, "source": source.name,
    }  # fmt: skip
