"""Paths and shapes of SVG files as corner points."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .svg_style import NUMBER, first_number

__all__ = ["curved_pieces", "pieces_of"]

FloatArray = npt.NDArray[np.float64]


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
