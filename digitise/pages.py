"""PDF pages as strokes and words, in points from the top left corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .glyphs import MARK_GLYPHS, Glyph, dot_of, letters_alone, piece_of
from .reading import UnreadableFigureError
from .text import Word

FloatArray = npt.NDArray[np.float64]
Image = npt.NDArray[np.uint8]

_WIDEST_RENDERING = 3600  # pixels of the longer side of a page: wider plots read no better
_USUAL_DEPTH = 0.21  # of a font's size: from the line down to the end of its letters
_DEPTH = (0.1, 0.35)  # of the size: what that depth can be
_WIDE = 60.0  # points: narrower paths are no curves whose end may be hidden


@dataclass(frozen=True, kw_only=True, eq=False)
class Stroke:
    """A drawn line.

    Parameters
    ----------
    points : ndarray, shape (k, 2)
        Corners, in points from the top left corner of the page.
    rgb : tuple of float
        Colour, 0 to 255.
    width : float
        In points.
    dash : tuple of float
        Lengths of dashes and gaps; empty for a solid line.
    shown_to : float or None
        Right end of what a clipping path shows, in points; infinite without one, None if unknown.
    """

    points: FloatArray
    rgb: tuple[float, float, float]
    width: float
    dash: tuple[float, ...] = ()
    shown_to: float | None = None

    @property
    def style(self) -> tuple[Any, ...]:
        """Colour and dash: what tells lines apart."""
        return tuple(round(c) for c in self.rgb), tuple(round(d, 1) for d in self.dash)


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """A page: its size, its strokes, its words, and what may serve as censoring marks.

    `glyphs` are letters of symbol fonts, `dots` small shapes that are filled and not outlined.
    `pieces` are long or bent ones, such as dashes that a program filled instead of drawing them.
    Words are `outlined` if they are drawn without saying what they say, and were recognised.
    """

    width: float
    height: float
    strokes: tuple[Stroke, ...]
    words: tuple[Word, ...]
    glyphs: tuple[Glyph, ...] = ()
    dots: tuple[Glyph, ...] = ()
    outlined: bool = False
    pieces: tuple[Glyph, ...] = ()


def pdf_page_count(path: Path) -> int:
    """Count the pages of a PDF.

    Raises
    ------
    UnreadableFigureError
        If the file is encrypted, broken or no PDF.
    """
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(str(path)) as document:
            count = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFigureError(
                f"{path.name} is encrypted: save it without a password first."
            ) from None
        raise UnreadableFigureError(
            f"{path.name} is broken or no PDF: save the figure again."
        ) from None
    if count == 0:
        raise UnreadableFigureError(f"{path.name} has no pages.")
    return count


def pdf_drawing(path: Path, page: int) -> Drawing:
    """Read strokes and words of a page.

    Parameters
    ----------
    path : Path
    page : int
        From 1.

    Returns
    -------
    Drawing
    """
    import pdfplumber

    clips = _pdf_clips(path, page)
    with pdfplumber.open(path) as document:
        sheet = document.pages[page - 1]
        strokes, dots, pieces = _lines_and_dots(sheet, clips)
        alone = letters_alone([_letter_of(char) for char in sheet.chars])
        marks = {id(sheet.chars[k]) for k in alone}
        found = sheet.filter(lambda item: id(item) not in marks).extract_words(
            x_tolerance=1.5,
            keep_blank_chars=False,
            char_dir_rotated="btt",
            extra_attrs=["upright"],
            return_chars=True,
        )
        words = [_pdf_word(item) for item in found]
        glyphs = [
            Glyph(
                x=(c["x0"] + c["x1"]) / 2,
                y=(c["top"] + c["bottom"]) / 2,
                rgb=_pdf_rgb(c["non_stroking_color"]),
            )
            for c in sheet.chars
            if c["text"] in MARK_GLYPHS or id(c) in marks
        ]
        return Drawing(
            width=float(sheet.width),
            height=float(sheet.height),
            strokes=tuple(strokes),
            words=in_lines(words),
            glyphs=tuple(glyphs),
            dots=tuple(dots),
            pieces=tuple(pieces),
        )


def _lines_and_dots(sheet: Any, clips: FloatArray) -> tuple[list[Stroke], list[Glyph], list[Glyph]]:
    """Lines of a page of pdfplumber, and even and uneven small shapes that are only filled."""
    strokes: list[Stroke] = []
    dots: list[Glyph] = []
    pieces: list[Glyph] = []
    for item in [*sheet.curves, *sheet.lines, *sheet.rects]:
        is_rect = item["object_type"] == "rect"  # its corners are no closed path
        points = np.asarray((not is_rect and item.get("pts")) or _corners(item), dtype=float)
        if item.get("fill") and not item.get("stroke"):
            rgb = _pdf_rgb(item.get("non_stroking_color"))
            dots += (dot := dot_of(points, rgb))
            pieces += [] if dot else piece_of(points, rgb)
        if item.get("stroke") and len(points) > 1:
            width = float(item.get("linewidth") or 0.0)
            strokes.append(
                Stroke(
                    points=points,
                    rgb=_pdf_rgb(item.get("stroking_color")),
                    width=width,
                    dash=_pdf_dash(item.get("dash")),
                    shown_to=_shown_to(points, width, clips),
                )
            )
    return strokes, dots, pieces


def _pdf_clips(path: Path, page: int) -> FloatArray:
    """Left, top, right and bottom of each wide path, and where clipping ends it, shape (k, 5).

    In points from the top left corner; infinite where nothing is hidden. Empty for turned pages and
    those whose corner is not at 0.
    """
    import pypdfium2

    raw = pypdfium2.raw
    found = []
    with pypdfium2.PdfDocument(str(path)) as document:
        sheet = document[page - 1]
        height = float(sheet.get_size()[1])
        if sheet.get_rotation() or tuple(sheet.get_mediabox()[:2]) != (0.0, 0.0):
            return np.zeros((0, 5))
        for item in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
            left, bottom, right, top = item.get_bounds()
            if right - left >= _WIDE:
                found.append((left, height - top, right, height - bottom, _clipped_at(item)))
    return np.array(found, dtype=float).reshape(-1, 5)


def _clipped_at(item: Any) -> float:
    """Right end of the clipping paths of an object of a page; infinite without one."""
    from ctypes import byref, c_float

    import pypdfium2

    raw = pypdfium2.raw
    clip = raw.FPDFPageObj_GetClipPath(item.raw)
    ends = [np.inf]
    for k in range(max(raw.FPDFClipPath_CountPaths(clip), 0) if clip else 0):
        places = []
        for n in range(max(raw.FPDFClipPath_CountPathSegments(clip, k), 0)):
            x, y = c_float(), c_float()
            segment = raw.FPDFClipPath_GetPathSegment(clip, k, n)
            if raw.FPDFPathSegment_GetPoint(segment, byref(x), byref(y)):
                places.append(float(x.value))
        ends += [max(places)] if places else []
    return min(ends)


def _shown_to(points: FloatArray, width: float, clips: FloatArray) -> float | None:
    """Right end of what is shown of a stroke, by the paths of its page; None if it is unknown."""
    box = np.concatenate([points.min(axis=0), points.max(axis=0)])
    near = np.abs(clips[:, :4] - box).max(axis=1, initial=0.0) < 1.5 * width + 1.0
    return float(clips[near, 4].min()) if near.any() else None


def _corners(item: dict[str, Any]) -> list[tuple[float, float]]:
    x0, x1, top, bottom = item["x0"], item["x1"], item["top"], item["bottom"]
    return [(x0, top), (x1, top), (x1, bottom), (x0, bottom), (x0, top)]


def _pdf_rgb(color: Any) -> tuple[float, float, float]:
    """Grey, RGB or CMYK of 0 to 1 as RGB of 0 to 255."""
    values = [float(v) for v in color] if isinstance(color, (tuple, list)) else [color]
    numbers = [float(v) for v in values if isinstance(v, (int, float))]
    if len(numbers) == 1:
        return (255 * numbers[0],) * 3
    if len(numbers) == 3:
        return 255 * numbers[0], 255 * numbers[1], 255 * numbers[2]
    if len(numbers) == 4:
        cyan, magenta, yellow, black = numbers
        white = 255 * (1 - black)
        return white * (1 - cyan), white * (1 - magenta), white * (1 - yellow)
    return 0.0, 0.0, 0.0


def _pdf_dash(dash: Any) -> tuple[float, ...]:
    if not dash or not isinstance(dash, (tuple, list)) or not dash[0]:
        return ()
    return tuple(float(d) for d in dash[0])


def _letter_of(char: dict[str, Any]) -> tuple[str, float, float, float]:
    """Return a character with its left and right edge and its height on the page."""
    text = str(char["text"]) if char.get("upright", True) else ""
    return text, float(char["x0"]), float(char["x1"]), float(char["top"])


def _pdf_word(item: dict[str, Any]) -> Word:
    vertical = not item.get("upright", True)
    chars = item.get("chars", ())
    off = 0.0 if vertical else _below_line(chars)
    return Word(
        text=str(item["text"]),
        x0=float(item["x0"]),
        y0=float(item["top"]) - off,
        x1=float(item["x1"]),
        y1=float(item["bottom"]) - off,
        vertical=vertical,
        rgb=_pdf_rgb(chars[0]["non_stroking_color"]) if chars else None,
    )


def _below_line(chars: Sequence[dict[str, Any]]) -> float:
    """How much too low a word's box is, in points: some fonts state a wrong depth of their letters.

    The box of a character goes from there to a height of its size.
    """
    found = []
    for char in chars:
        size = max(float(char["y1"]) - float(char["y0"]), 1e-6)
        depth = (float(char["matrix"][5]) - float(char["y0"])) / size
        found.append(0.0 if _DEPTH[0] < depth < _DEPTH[1] else (depth - _USUAL_DEPTH) * size)
    return float(np.median(found)) if found else 0.0


def in_lines(words: Sequence[Word]) -> tuple[Word, ...]:
    """Give numbers to the lines of text: words on one height without a wide gap share a number."""
    numbered: list[Word] = []
    upright = sorted((w for w in words if not w.vertical), key=lambda w: (round(w.y0), w.x0))
    turned = sorted((w for w in words if w.vertical), key=lambda w: (round(w.x0), -w.y1))
    line = 0
    for group in (upright, turned):
        last: Word | None = None
        for word in group:
            if last is None or not _continues(last, word):
                line += 1
            last = replace(word, line=line)
            numbered.append(last)
    return tuple(numbered)


def _continues(last: Word, word: Word) -> bool:
    size = max(last.size, 1e-6)
    if word.vertical:
        return (
            abs(word.centre[0] - last.centre[0]) < 0.3 * size
            and 0 <= last.y0 - word.y1 + size < 1.7 * size
        )
    same_row = abs(word.centre[1] - last.centre[1]) < 0.35 * size
    return same_row and -0.3 * size < word.x0 - last.x1 < 0.65 * size


def page_height(path: Path, page: int) -> float:
    """Height of a page (from 1) in points."""
    import pypdfium2

    with pypdfium2.PdfDocument(str(path)) as document:
        return float(document[page - 1].get_size()[1])


def render_page(path: Path, page: int, *, dots_per_inch: float) -> Image:
    """Render a page of a PDF.

    Parameters
    ----------
    path : Path
    page : int
        From 1.
    dots_per_inch : float
        Fewer where the longer side would have more than 3600 pixels.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    import pypdfium2

    with pypdfium2.PdfDocument(str(path)) as document:
        sheet = document[page - 1]
        scale = min(dots_per_inch / 72, _WIDEST_RENDERING / max(sheet.get_size()))
        return np.asarray(sheet.render(scale=scale).to_pil().convert("RGB"))


def page_images(path: Path, page: int) -> list[Image]:
    """Cut the pictures out of a page, each rendered at its own resolution, largest first."""
    import pypdfium2

    found = []
    with pypdfium2.PdfDocument(str(path)) as document:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        for item in sheet.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
            left, bottom, right, top = item.get_bounds()
            if (right - left) * (top - bottom) < 0.03 * width * height:
                continue
            pixels, _ = item.get_px_size()
            scale = float(np.clip(pixels / max(right - left, 1.0), 1.0, 8.0))
            crop = (left, bottom, width - right, height - top)
            picture = sheet.render(scale=scale, crop=crop).to_pil().convert("RGB")
            found.append(((right - left) * (top - bottom), np.asarray(picture)))
    return [picture for _, picture in sorted(found, key=lambda pair: -pair[0])]
