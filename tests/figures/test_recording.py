"""A figure is laid out once for all its files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from PIL import Image

from kmrepro.figures import (
    FORMATS,
    KaplanMeierDisplay,
    ProportionalityDisplay,
    SwimmerDisplay,
    context,
    figure_bytes,
)
from kmrepro.figures.layout import HouseFigure
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]


def drawn(analysed: Analysed, kind: str) -> HouseFigure:
    """Draw one figure of a kind: lines and areas, points, or one bar for each patient."""
    display: KaplanMeierDisplay | ProportionalityDisplay | SwimmerDisplay
    if kind == "curves":
        display = KaplanMeierDisplay.from_analysis(analysed())
    elif kind == "points":
        display = ProportionalityDisplay.from_analysis(analysed())
    else:
        display = SwimmerDisplay.from_analysis(analysed({"SR": 0.02}, n=20))
    figure = display.plot().figure_
    assert isinstance(figure, HouseFigure)
    return figure


def places(svg: bytes) -> tuple[list[str], np.ndarray]:
    """Return the strokes of a drawing without its words, and the numbers in them, in points."""
    strokes = re.findall(rb'<(path|use|rect)[^>]*?(?: d| x)="([^"]*)"', svg)
    numbers = b" ".join(path for _, path in strokes)
    return [kind.decode() for kind, _ in strokes], np.array(
        [float(each) for each in re.findall(rb"-?[\d.]+", numbers)]
    )


@pytest.mark.parametrize("kind", ["curves", "points", "bars"])
def test_what_was_laid_out_is_what_artists_draw(analysed: Analysed, kind: str) -> None:
    """Every stroke is where it is when matplotlib draws the artists themselves."""
    figure, direct = drawn(analysed, kind), io.BytesIO()
    with context():
        Figure.savefig(figure, direct, format="svg")
    kinds, numbers = places(figure_bytes(figure, file_format="svg"))
    expected_kinds, expected_numbers = places(direct.getvalue())
    assert kinds == expected_kinds
    assert len(kinds) > 20
    # Lines of a key stand beside words, whose width each format measures a little differently.
    assert_allclose(numbers, expected_numbers, atol=0.2)


@pytest.mark.parametrize("kind", ["curves", "points", "bars"])
def test_pixels_are_where_artists_draw_them(analysed: Analysed, kind: str) -> None:
    """A picture has ink in the same places, at its own resolution, as one drawn directly."""
    figure, direct = drawn(analysed, kind), io.BytesIO()
    with context():
        Figure.savefig(figure, direct, format="png", dpi=300)
    ink, expected = (
        np.asarray(Image.open(io.BytesIO(content)).convert("L").reduce(10), dtype=float)
        for content in (figure_bytes(figure, file_format="png"), direct.getvalue())
    )
    assert ink.shape == expected.shape
    assert np.corrcoef(ink.ravel(), expected.ravel())[0, 1] > 0.97


def test_all_formats_share_one_layout(analysed: Analysed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Artists draw once for three files, and once more when one of them has changed."""
    figure, layouts = drawn(analysed, "curves"), []
    original = Figure.draw

    def counted(self: Figure, renderer: RendererBase) -> None:
        layouts.append(renderer)
        original(self, renderer)

    monkeypatch.setattr(Figure, "draw", counted)
    before = [figure_bytes(figure, file_format=each) for each in FORMATS]
    assert [figure_bytes(figure, file_format=each) for each in FORMATS] == before
    assert len(layouts) == 1
    figure.axes[0].set_ylabel("Another title")
    svg = figure_bytes(figure, file_format="svg")
    assert len(layouts) == 2
    assert re.search(rb"Another title", svg)
