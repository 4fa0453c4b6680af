"""SVG files as strokes and words, in the units of the view box."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .glyphs import MARK_GLYPHS, Glyph, dot_of, letters_alone
from .outlines import outlined_words
from .pages import Drawing, Stroke
from .reading import UnreadableFigureError
from .svg_elements import (
    NUMBER,
    SVG,
    StyleSheet,
    curved_pieces,
    first_number,
    is_seen,
    pieces_of,
    rgb_of,
)
from .text import Word

FloatArray = npt.NDArray[np.float64]

_NAMED = re.compile(r"url\(\s*['\"]?#([^)'\"\s]+)")
_LINK = "{http://www.w3.org/1999/xlink}href"
_LARGEST = 20_000  # user units of a side of a page
_FARTHEST = 1e6  # user units from the corner of a page


def svg_drawing(path: Path, *, ocr: bool = True) -> Drawing:
    """Read strokes and words of an SVG file.

    Parameters
    ----------
    path : Path
    ocr : bool
        Whether letters that are outlines may be recognised.

    Returns
    -------
    Drawing
        Text drawn as outlines is taken from the comments that matplotlib leaves beside it, or, of a
        file without any text, recognised.

    Raises
    ------
    UnreadableFigureError
        If the file is no SVG.
    """
    try:
        builder = ElementTree.TreeBuilder(insert_comments=True)
        root = ElementTree.parse(path, ElementTree.XMLParser(target=builder)).getroot()
    except ElementTree.ParseError as error:
        raise UnreadableFigureError(f"{path.name} is no sound SVG file ({error}).") from None
    if root.tag != f"{SVG}svg":
        raise UnreadableFigureError(f"{path.name} is no SVG file: its root is <{root.tag}>.")
    sheet = StyleSheet(root)
    box = [float(v) for v in NUMBER.findall(root.get("viewBox", ""))]
    width = box[2] if len(box) == 4 else first_number(root.get("width", ""))
    height = box[3] if len(box) == 4 else first_number(root.get("height", ""))
    if not 0 < min(width, height) <= max(width, height) <= _LARGEST:
        raise UnreadableFigureError(
            f"the page of {path.name} is {width:g} x {height:g} units; 1 to {_LARGEST:,} are read."
        )
    reader = _SvgReader(root, sheet)
    try:
        reader.walk(root, np.eye(3), sheet.style_of(root))
    except RecursionError:
        raise UnreadableFigureError(
            f"{path.name} is nested too deeply, or something in it is a copy of itself."
        ) from None
    reader.tell_marks()
    outlined = ocr and not reader.words and bool(reader.letters)
    return Drawing(
        width=width,
        height=height,
        strokes=tuple(reader.strokes),
        words=outlined_words(reader.letters, width=width, height=height)
        if outlined
        else tuple(reader.words),
        outlined=outlined,
        glyphs=tuple(reader.glyphs),
        dots=tuple(reader.dots),
    )


class _SvgReader:
    """Walks the tree and collects strokes and words."""

    def __init__(self, root: ElementTree.Element, sheet: StyleSheet) -> None:
        self.strokes: list[Stroke] = []
        self.words: list[Word] = []
        self.glyphs: list[Glyph] = []
        self.dots: list[Glyph] = []
        self.letters: list[list[FloatArray]] = []
        self._texts: list[tuple[str, FloatArray, int]] = []  # with the number of words before
        self._named = {e.get("id"): e for e in root.iter() if e.get("id")}
        self._sheet = sheet

    def walk(
        self,
        element: ElementTree.Element,
        matrix: FloatArray,
        style: dict[str, str],
        shown_to: float | None = np.inf,
    ) -> None:
        """Visit an element and its children, which clipping paths show up to a place."""
        children = list(element)
        spoken = None
        for child in children:
            if not isinstance(child.tag, str):  # a comment
                spoken = (child.text or "").strip()
                continue
            if child.tag in (f"{SVG}defs", f"{SVG}clipPath", f"{SVG}metadata", f"{SVG}style"):
                continue
            own = self._sheet.style_of(child, style)
            if own.get("display") == "none":
                continue
            here = matrix @ _transform(child.get("transform", ""))
            if child.tag == f"{SVG}g" and spoken:
                self._outlined(child, here, spoken, own)
                spoken = None
                continue
            clip = own.get("clip-path", "none")
            new = clip != style.get("clip-path", "none")
            shown = self._shown_to(child, here, clip if new else "none", shown_to)
            self._draw(child, here, own, shown)
            self.walk(child, here, own, shown)

    def tell_marks(self) -> None:
        """Take letters that are drawn again and again by themselves for marks, not for words."""
        alone = letters_alone(
            [
                (said if len(said) == 1 else "", box[0, 0], box[1, 0], box[0, 1])
                for said, box, _ in self._texts
            ]
        )
        for k in reversed(alone):
            _, box, place = self._texts[k]
            x, y = box.mean(axis=0)
            rgb = self.words.pop(place).rgb or (0.0, 0.0, 0.0)
            self.glyphs.append(Glyph(x=float(x), y=float(y), rgb=rgb))

    def _shown_to(
        self, element: ElementTree.Element, matrix: FloatArray, clip: str, outer: float | None
    ) -> float | None:
        """Right end of what is shown of an element; None where it is not known."""
        if outer is None or element.tag == f"{SVG}svg":
            return None  # a page of its own
        found = _NAMED.search(clip)
        if found is None:
            return outer if clip == "none" else None
        path = self._named.get(found[1])
        if path is None:
            return outer
        pieces = [
            np.column_stack([points, np.ones(len(points))]) @ (matrix @ placed).T
            for shape in path
            if isinstance(shape.tag, str)
            for placed in [_transform(shape.get("transform", ""))]
            for points in pieces_of(shape, shape.tag.removeprefix(SVG))
        ]
        if not pieces or path.get("clipPathUnits") == "objectBoundingBox":
            return None
        return min(outer, max(float(piece[:, 0].max()) for piece in pieces))

    def _draw(
        self,
        element: ElementTree.Element,
        matrix: FloatArray,
        style: dict[str, str],
        shown_to: float | None = None,
    ) -> None:
        tag = element.tag.removeprefix(SVG)
        if tag == "use":
            named = self._named.get((element.get(_LINK) or element.get("href") or "").lstrip("#"))
            if named is not None:
                shift = _shift(element)
                style = self._sheet.style_of(named, style)
                if style.get("stroke", "none") in ("none", ""):  # a letter, if nothing is written
                    self._letter(named, matrix @ shift)
                self._draw(named, matrix @ shift, style, shown_to)
            return
        if tag == "text":
            self._text(element, matrix, style)
            return
        stroked = is_seen(style)
        fill = style.get("fill", "black")
        if not stroked and fill in ("none", "", "transparent"):
            return
        for points in pieces_of(element, tag):
            placed = _on_page(np.column_stack([points, np.ones(len(points))]) @ matrix.T)
            if not stroked:
                self.dots += dot_of(placed[:, :2], rgb_of(fill))
                continue
            self.strokes.append(
                Stroke(
                    points=placed[:, :2],
                    rgb=rgb_of(style["stroke"]),
                    width=first_number(style.get("stroke-width", "1")),
                    dash=tuple(float(v) for v in NUMBER.findall(style.get("stroke-dasharray", ""))),
                    shown_to=shown_to,
                )
            )

    def _letter(self, symbol: ElementTree.Element, matrix: FloatArray) -> None:
        lines = [
            (np.column_stack([points, np.ones(len(points))]) @ placed.T)[:, :2]
            for path in symbol.iter(f"{SVG}path")
            for placed in [matrix @ _transform(path.get("transform", ""))]
            for points in curved_pieces(path.get("d", ""))
        ]
        if lines:
            self.letters.append(lines)

    def _text(
        self, element: ElementTree.Element, matrix: FloatArray, style: dict[str, str]
    ) -> None:
        """Text in its parts: those that say where they stand are words of their own."""
        parts = [(element, style, element.text or "")]
        for child in element:
            said = "".join(child.itertext()) if isinstance(child.tag, str) else ""
            if said and (child.get("x") is not None or child.get("y") is not None):
                parts.append((child, self._sheet.style_of(child, style), said))
            else:
                parts[-1] = (*parts[-1][:2], parts[-1][2] + said)
            parts[-1] = (*parts[-1][:2], parts[-1][2] + (child.tail or ""))
        for part, own, content in parts:
            if content.strip():
                self._write(part, content.strip(), matrix, own)

    def _write(
        self,
        element: ElementTree.Element,
        content: str,
        matrix: FloatArray,
        style: dict[str, str],
    ) -> None:
        size = first_number(style.get("font-size", "10"))
        length = element.get("textLength")
        width = first_number(length) if length else 0.54 * size * len(content)
        x, y = (first_number(element.get(key, "0")) for key in ("x", "y"))
        x -= {"middle": 0.5, "end": 1.0}.get(style.get("text-anchor", "start"), 0.0) * width
        box = np.array([[x, y - 0.72 * size, 1], [x + width, y + 0.02 * size, 1]])
        corners = _on_page(box @ matrix.T)
        rgb = rgb_of(style.get("fill", "black"))
        if content in MARK_GLYPHS:
            x, y = corners[:, :2].mean(axis=0)
            self.glyphs.append(Glyph(x=float(x), y=float(y), rgb=rgb))
            return
        vertical = abs(matrix[1, 0]) > abs(matrix[0, 0])
        self._texts.append((content, corners[:, :2], len(self.words)))
        self._say(content, corners[:, :2], vertical, rgb)

    def _outlined(
        self,
        element: ElementTree.Element,
        matrix: FloatArray,
        content: str,
        style: dict[str, str],
    ) -> None:
        """Text drawn as outlines, with its words in a comment."""
        places = [p for use, m in _uses(element, matrix) for p in self._outline(use, m)]
        if places:
            box = np.array(places)
            corners = np.array([box.min(axis=0), box.max(axis=0)])
            vertical = abs(matrix[1, 0]) > abs(matrix[0, 0])
            said = re.sub(r"\$\\mathdefault\{(.*?)\}\$", r"\1", content)
            self._say(said, corners, vertical, rgb_of(style.get("fill", "black")))

    def _outline(self, use: ElementTree.Element, matrix: FloatArray) -> Iterator[FloatArray]:
        named = self._named.get((use.get(_LINK) or use.get("href") or "").lstrip("#"))
        placed = matrix @ _transform(use.get("transform", "")) @ _shift(use)
        if named is not None:
            placed = placed @ _transform(named.get("transform", ""))
            for points in pieces_of(named, "path"):
                yield from (np.column_stack([points, np.ones(len(points))]) @ placed.T)[:, :2]

    def _say(
        self,
        content: str,
        corners: FloatArray,
        vertical: bool,
        rgb: tuple[float, float, float],
    ) -> None:
        """One word per blank-separated part, with its share of the width."""
        (xa, ya), (xb, yb) = corners
        x0, x1, y0, y1 = min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb)
        at = 0
        line = len(self.words) + 1
        for part in content.split():
            begin = content.index(part, at)
            at = begin + len(part)
            a, b = begin / len(content), at / len(content)
            if vertical:
                box = (x0, y1 - b * (y1 - y0), x1, y1 - a * (y1 - y0))
            else:
                box = (x0 + a * (x1 - x0), y0, x0 + b * (x1 - x0), y1)
            self.words.append(
                Word(
                    text=part,
                    x0=box[0],
                    y0=box[1],
                    x1=box[2],
                    y1=box[3],
                    line=line,
                    vertical=vertical,
                    rgb=rgb,
                )
            )


def _uses(
    element: ElementTree.Element, matrix: FloatArray
) -> Iterator[tuple[ElementTree.Element, FloatArray]]:
    for child in element:
        if not isinstance(child.tag, str) or child.tag == f"{SVG}defs":
            continue
        if child.tag == f"{SVG}use":
            yield child, matrix
        else:
            yield from _uses(child, matrix @ _transform(child.get("transform", "")))


def _on_page(places: FloatArray) -> FloatArray:
    """Return places as they are, if all can be on a page."""
    off = ~(np.abs(places) < _FARTHEST)  # NaN is off, too
    if off.any():
        raise UnreadableFigureError(
            f"something is drawn at {places[off][0]:g}, which is no place on a page: draw the "
            "figure again without missing values."
        )
    return places


def _shift(element: ElementTree.Element) -> FloatArray:
    """Return the move to where a copy of something is placed."""
    shift = np.eye(3)
    shift[:2, 2] = [first_number(element.get(key, "")) for key in ("x", "y")]
    return shift


def _transform(text: str) -> FloatArray:
    matrix = np.eye(3)
    for name, inside in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        v = [float(n) for n in NUMBER.findall(inside)]
        if len(v) not in _NUMBERS_OF.get(name, ()):
            raise UnreadableFigureError(f"'{name}({inside})' is no transformation of SVG.")
        matrix = matrix @ _one_transform(name, v)
    return matrix


_NUMBERS_OF = {
    "translate": (1, 2), "scale": (1, 2), "matrix": (6,), "rotate": (1, 3), "skewX": (1,),
    "skewY": (1,),
}  # fmt: skip


def _one_transform(name: str, v: Sequence[float]) -> FloatArray:
    step = np.eye(3)
    if name == "translate":
        step[0, 2], step[1, 2] = v[0], v[1] if len(v) > 1 else 0.0
    elif name == "scale":
        step[0, 0], step[1, 1] = v[0], v[1] if len(v) > 1 else v[0]
    elif name == "matrix":
        step[:2] = np.array(v).reshape(3, 2).T
    elif name == "rotate":
        turn = np.radians(v[0])
        step[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
        if len(v) == 3:
            centre, back = np.eye(3), np.eye(3)
            centre[:2, 2], back[:2, 2] = v[1:], [-v[1], -v[2]]
            step = centre @ step @ back
    else:
        step[(0, 1) if name == "skewX" else (1, 0)] = np.tan(np.radians(v[0]))
    return step
