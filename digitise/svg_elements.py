"""Elements of SVG files: their styles and colours, and their shapes as corner points."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "NUMBER",
    "SVG",
    "StyleSheet",
    "curved_pieces",
    "first_number",
    "is_seen",
    "pieces_of",
    "rgb_of",
]

FloatArray = npt.NDArray[np.float64]

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ATTRIBUTES = (
    "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "visibility",
    "display", "clip-path", "color", "fill", "font-size", "text-anchor",
)  # fmt: skip
_USUAL_SIZE = 16.0  # of letters, where nothing says it
_SIZE_OF_FONT = re.compile(r"[\d.]+(?:px|pt|r?em|%)")
_CUSTOM = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]+)")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]*))?\)")
_FAINTEST = 0.02  # opacity: less is not seen, as of lines that only catch a pointer
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"(\*|[\w-]*)((?:[.#][\w-]+)*)")  # "path.st0#a"; no pseudo-class, no attribute


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """What a selector declares: of elements with a tag ("" for any), classes and an id."""

    tag: str
    classes: frozenset[str]
    ids: frozenset[str]
    declared: Mapping[str, str]

    @property
    def weight(self) -> tuple[int, int, int]:
        """How much the rule outweighs others (its specificity)."""
        return len(self.ids), len(self.classes), bool(self.tag)

    def fits(self, element: ElementTree.Element) -> bool:
        """Whether the selector's last part fits an element."""
        return (
            self.tag in ("", str(element.tag).removeprefix(SVG))
            and self.classes <= set(element.get("class", "").split())
            and self.ids <= {element.get("id", "")}
        )


class StyleSheet:
    """The rules of a file's style elements.

    Parameters
    ----------
    root : Element

    Notes
    -----
    Of a selector such as ".svglite line" only the last part is asked for, as programs that draw
    figures name what they style by class or by kind. Selectors with other parts are passed over.
    """

    def __init__(self, root: ElementTree.Element) -> None:
        text = " ".join(e.text or "" for e in root.iter(f"{SVG}style"))
        text = _COMMENT.sub(" ", text)
        rules = [
            rule
            for selectors, inside in _RULE.findall(text)
            for selector in selectors.split(",")
            if (rule := _rule(selector, inside)) is not None
        ]
        self._rules = sorted(rules, key=lambda rule: rule.weight)  # of equal ones the last wins
        self._given = dict(_CUSTOM.findall(text))

    def style_of(
        self, element: ElementTree.Element, around: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return the style of an element within what is around it.

        Of its own, rules outweigh attributes, and its style attribute outweighs both.
        """
        own = {key: element.get(key, "") for key in _ATTRIBUTES if element.get(key) is not None}
        for rule in self._rules:
            if rule.fits(element):
                own |= rule.declared
        own |= _declared(element.get("style", ""))
        own = {
            key: _VARIABLE.sub(self._value, value)
            for key, value in own.items()
            if value != "inherit"
        }
        around = around or {}
        if shorthand := _SIZE_OF_FONT.search(own.get("font", "")):  # "bold 10px sans-serif"
            own = {"font-size": shorthand[0], **own}
        if "font-size" in own:
            usual = first_number(around.get("font-size", "")) or _USUAL_SIZE
            own["font-size"] = f"{_font_size(own['font-size'], usual):g}"
        style = {**around, **own}
        now = style.get("color", "black")
        return {key: now if value == "currentColor" else value for key, value in style.items()}

    def _value(self, variable: re.Match[str]) -> str:
        return str(self._given.get(variable[1], variable[2] or "black"))


def _rule(selector: str, inside: str) -> _Rule | None:
    parts = selector.replace(">", " ").split()
    found = _SIMPLE.fullmatch(parts[-1]) if parts and "@" not in selector else None
    if found is None:
        return None
    return _Rule(
        tag="" if found[1] == "*" else found[1],
        classes=frozenset(re.findall(r"\.([\w-]+)", found[2])),
        ids=frozenset(re.findall(r"#([\w-]+)", found[2])),
        declared=_declared(inside),
    )


def _declared(text: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in text.split(";") if ":" in part)
    return {key.strip(): value.strip() for key, value in pairs}


def _font_size(text: str, around: float) -> float:
    """Return a size of letters in units of the page; those around have another."""
    size = first_number(text)
    if text.endswith("rem"):
        return size * _USUAL_SIZE
    if text.endswith("em"):
        return size * around
    return size / 100 * around if text.endswith("%") else size


def is_seen(style: Mapping[str, str]) -> bool:
    """Whether a line of a style is drawn so that it can be seen."""
    stroke = style.get("stroke", "none")
    if stroke in ("none", "", "transparent") or style.get("visibility") in ("hidden", "collapse"):
        return False
    opacities = [style.get("stroke-opacity", "1"), style.get("opacity", "1")]
    if stroke.startswith("rgba") and len(channels := NUMBER.findall(stroke)) == 4:
        opacities.append(channels[3])
    return all(float(found[0]) >= _FAINTEST for each in opacities if (found := NUMBER.search(each)))


def first_number(text: str) -> float:
    """Return the first number in a text, such as a length; 0 if there is none."""
    found = NUMBER.search(text)
    return float(found[0]) if found else 0.0


def rgb_of(text: str) -> tuple[float, float, float]:
    """Return a colour in figures of 0 to 255: "#1f77b4", "rgb(31, 119, 180)", "steelblue".

    What is no colour, such as a gradient, is black.
    """
    from PIL import ImageColor

    text = text.strip()
    if text.lower() in ImageColor.colormap:
        red, green, blue, *_ = ImageColor.getrgb(text)
        return float(red), float(green), float(blue)
    if text.startswith("#") and len(text) == 4:
        text = "#" + "".join(2 * c for c in text[1:])
    if re.match(r"#[0-9a-fA-F]{6}", text):
        return float(int(text[1:3], 16)), float(int(text[3:5], 16)), float(int(text[5:7], 16))
    numbers = [float(v) for v in NUMBER.findall(text)]
    factor = 2.55 if "%" in text else 1.0
    if text.startswith("rgb") and len(numbers) >= 3:
        return factor * numbers[0], factor * numbers[1], factor * numbers[2]
    return 0.0, 0.0, 0.0


def pieces_of(element: ElementTree.Element, tag: str) -> list[FloatArray]:
    """Corner points of an element's lines; of curves, the ends."""
    if tag == "line":
        ends = [first_number(element.get(k, "0")) for k in ("x1", "y1", "x2", "y2")]
        return [np.array(ends).reshape(2, 2)]
    if tag in ("polyline", "polygon"):
        numbers = [float(v) for v in NUMBER.findall(element.get("points", ""))]
        points = np.array(numbers[: len(numbers) // 2 * 2]).reshape(-1, 2)
        return [points] if len(points) > 1 else []
    if tag == "path":
        return _path_pieces(element.get("d", ""))
    if tag in ("circle", "ellipse", "rect"):
        return _shape_pieces(element, tag)
    return []


def _shape_pieces(element: ElementTree.Element, tag: str) -> list[FloatArray]:
    """Corners of a rectangle; of a circle or an ellipse, those of the diamond in it."""

    def lengths(*keys: str) -> list[float]:
        return [first_number(element.get(key, "0")) for key in keys]

    if tag == "rect":
        x, y, wide, high = lengths("x", "y", "width", "height")
        corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)]
    else:
        x, y = lengths("cx", "cy")
        wide, high = lengths("r", "r") if tag == "circle" else lengths("rx", "ry")
        corners = [(x + wide, y), (x, y + high), (x - wide, y), (x, y - high), (x + wide, y)]
    return [np.array(corners)] if wide > 0 and high > 0 else []


def _path_pieces(text: str) -> list[FloatArray]:
    pieces: list[list[tuple[float, float]]] = []
    x = y = 0.0
    for letter, inside in re.findall(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)", text):
        numbers = [float(v) for v in NUMBER.findall(inside)]
        if letter in "Zz":
            if pieces and pieces[-1]:
                x, y = pieces[-1][0]
                pieces[-1].append((x, y))
            continue
        for dx, dy in _path_ends(letter.upper(), numbers):
            x0, y0 = (x, y) if letter.islower() else (0.0, 0.0)
            x, y = (x if dx is None else x0 + dx), (y if dy is None else y0 + dy)
            if letter in "Mm" and (not pieces or pieces[-1]):
                pieces.append([])
                letter = "l" if letter == "m" else "L"  # what follows a move is a line
            if not pieces:
                pieces.append([])
            pieces[-1].append((x, y))
    return [np.array(piece) for piece in pieces if len(piece) > 1]


def curved_pieces(text: str) -> list[FloatArray]:
    """Follow the outlines of a letter: absolute moves, lines and curves of two or three degrees.

    Of a path with other commands only the ends of its parts are followed.
    """
    if re.search("[a-df-yAHSTV]", text) or not text.lstrip().startswith("M"):
        return _path_pieces(text)
    pieces: list[list[FloatArray]] = []
    for letter, inside in re.findall(r"([MLCQZz])([^MLCQZz]*)", text):
        numbers = [float(v) for v in NUMBER.findall(inside)]
        whole = len(numbers) - len(numbers) % {"C": 6, "Q": 4}.get(letter, 2)
        points = np.array(numbers[:whole]).reshape(-1, 2)
        if not whole or (letter != "M" and not pieces):
            continue
        if letter == "M":
            pieces.append([points])
        if letter == "L":
            pieces[-1].append(points)
        if letter == "C":
            for a, b, c in points.reshape(-1, 3, 2):
                pieces[-1].append(_bezier(pieces[-1][-1][-1], a, b, c))
        if letter == "Q":
            for b, c in points.reshape(-1, 2, 2):
                start = pieces[-1][-1][-1]
                pieces[-1].append(_bezier(start, (start + 2 * b) / 3, (c + 2 * b) / 3, c))
    return [line for line in map(np.concatenate, pieces) if len(line) > 2]


def _bezier(start: FloatArray, a: FloatArray, b: FloatArray, end: FloatArray) -> FloatArray:
    """Return points along a cubic curve after its start, shape (8, 2)."""
    share = np.linspace(0.0, 1.0, 9)[1:, None]
    rest = 1.0 - share
    middle = 3 * rest**2 * share * a + 3 * rest * share**2 * b
    return np.asarray(rest**3 * start + middle + share**3 * end)


def _path_ends(letter: str, v: Sequence[float]) -> list[tuple[float | None, float | None]]:
    if letter == "H":
        return [(n, None) for n in v]
    if letter == "V":
        return [(None, n) for n in v]
    step = {"C": 6, "S": 4, "Q": 4, "A": 7}.get(letter, 2)
    return [(v[k + step - 2], v[k + step - 1]) for k in range(0, len(v) - step + 1, step)]
