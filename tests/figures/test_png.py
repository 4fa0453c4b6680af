"""Pictures: pixels, title and resolution of PNG files, and the letters in them."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from PIL import Image

from kmrepro.figures import KaplanMeierDisplay, figure_bytes
from kmrepro.figures.layout import new_figure
from kmrepro.figures.style import as_in, current_look
from kmrepro.figures.text import measured
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]


def read(content: bytes) -> Image.Image:
    """Read a PNG file, all of it, as another library does."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_a_figure_stays_on_its_canvas() -> None:
    """Somebody's window keeps its figure, at its own resolution."""
    figure = Figure(figsize=(1, 0.5), dpi=50)
    canvas = FigureCanvasAgg(figure)
    image = read(figure_bytes(figure, file_format="png"))
    assert image.size == (300, 150)
    assert (figure.canvas, figure.dpi) == (canvas, 50)


@pytest.mark.parametrize("bold", [False, True])
def test_words_are_as_wide_as_they_are_measured(bold: bool) -> None:
    """Letters are not fitted to pixels: that made words wider or narrower."""
    words = "Overall survival, matched cohort"
    figure = new_figure(4, 1)
    with as_in(current_look()):
        text = figure.text(0.1, 0.5, words, fontsize=8, fontweight="bold" if bold else "normal")
    ink = np.asarray(read(figure_bytes(figure, file_format="png")).convert("L"))
    columns = np.flatnonzero((ink < 128).any(axis=0))
    width, _, _ = measured(words, text.get_fontproperties())
    # A letter has a little white on either side, less than a sixth of a letter's size in all.
    assert_allclose((columns[-1] + 1 - columns[0]) * 72 / 300, width, atol=0.8)


def test_turned_words_are_turned() -> None:
    """A title of an upright axis is upright in a picture, too."""
    figure = new_figure(1, 1)
    with as_in(current_look()):
        figure.text(0.5, 0.2, "Survival", rotation=90, fontsize=8)
    ink = np.asarray(read(figure_bytes(figure, file_format="png")).convert("L")) < 128
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert np.ptp(rows) > 3 * np.ptp(columns)
    assert rows[-1] < 0.83 * len(ink)  # it starts 0.2 inches above the foot


def test_words_are_measured_once_for_all_figures(analysed: Analysed) -> None:
    """Most of the words of a figure are in others, too."""
    from kmrepro.figures import text

    analysis = analysed()
    for _ in range(2):
        before = text._measured.cache_info()
        figure_bytes(KaplanMeierDisplay.from_analysis(analysis).plot().figure_, file_format="svg")
    after = text._measured.cache_info()
    assert after.misses == before.misses
    assert after.hits > before.hits
