"""Figures as files: pictures and their letters, fonts in PDF, names, and tables of numbers."""

from __future__ import annotations

import io
import re
import sys
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from PIL import Image

import kmrepro as km
from kmrepro.figures import KaplanMeierDisplay, drawings_of, figure_bytes
from kmrepro.figures.files import curve_numbers, file_stems, forest_numbers, without_layout
from kmrepro.figures.layout import footnote, new_figure, write_title
from kmrepro.figures.response import ResponseDisplay, has_response, response_numbers
from kmrepro.figures.style import as_in, current_look
from kmrepro.figures.text import measured
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]
WORDS = "Efficacy of AVATAR, 95% CI"  # with a ligature and kerned letters
RATES = {"SR": 0.01, "TA": 0.02}


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


def drawn() -> bytes:
    """Return a PDF with words in two fonts."""
    figure = new_figure(4, 1)
    write_title(figure, "Survival")
    footnote(figure, WORDS)
    return figure_bytes(figure, file_format="pdf")


def fonts(pdf: bytes) -> list[TTFont]:
    """Return the TrueType fonts inside a PDF."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    contents = [zlib.decompress(each) for each in streams if each.startswith(b"x")]
    return [
        TTFont(io.BytesIO(each)) for each in contents if each.startswith((b"\0\1\0\0", b"true"))
    ]


def test_fonts_hold_letters_and_nothing_that_lays_them_out() -> None:
    """Outlines and widths are there, tables that a PDF never uses are not."""
    found = fonts(drawn())
    assert len(found) >= 2
    for font in found:
        assert {"glyf", "head", "hhea", "hmtx", "loca", "maxp"} <= set(font.keys())
        assert not {"GDEF", "GPOS", "GSUB", "MATH", "kern"} & set(font.keys())


def test_words_can_be_copied() -> None:
    """Words are where and what they were, a ligature among them."""
    pdfplumber = pytest.importorskip("pdfplumber")
    with pdfplumber.open(io.BytesIO(drawn())) as pdf:
        text = pdf.pages[0].extract_text()
    assert text.replace("\ufb03", "ffi").split("\n") == ["Survival", WORDS]


def test_other_programs_find_their_fonts_whole() -> None:
    """What loads fonts is given back, even if a file fails."""
    before = subset.load_font
    with pytest.raises(OSError, match="full"), without_layout():
        raise OSError("the disk is full")
    assert subset.load_font is before


def test_nothing_is_needed_that_matplotlib_may_do_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without fontTools, a file is written as matplotlib does it."""
    monkeypatch.setitem(sys.modules, "fontTools", None)
    with without_layout():
        pass


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        pytest.param(["psm_OS", "psm_PFS"], ["psm_OS", "psm_PFS"], id="as they are"),
        pytest.param(["Figure 5"], ["Figure-5"], id="space"),
        pytest.param(["../../etc/passwd", ".hidden"], ["etc-passwd", "hidden"], id="paths"),
        pytest.param(["a b", "a-b", "A b"], ["a-b", "a-b-2", "A-b-3"], id="alike"),
        pytest.param(["", "???"], ["unnamed", "unnamed-2"], id="nothing left"),
        pytest.param(["整體_OS"], ["整體_OS"], id="other scripts"),
        pytest.param(["<b>$x^2$</b>"], ["b-x-2-b"], id="markup"),
    ],
)
def test_names_become_safe_and_stay_apart(names: list[str], stems: list[str]) -> None:
    """What no system accepts is replaced, and no two names share a file."""
    assert file_stems(names) == stems


@given(st.lists(st.text(max_size=200), max_size=8))
def test_stems_are_safe_and_unlike_whatever_the_names(names: list[str]) -> None:
    """No stem leaves its folder, and none is another's on a system that ignores case."""
    stems = file_stems(names)
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert all(stem and not set(stem) & set('/\\:*?"<>|.\0') for stem in stems)


def test_curves_are_those_that_are_drawn(analysed: Callable[..., EndpointAnalysis]) -> None:
    """Each step of a drawn line is a row."""
    analysis = analysed(RATES)
    table = curve_numbers([analysis])
    drawn = KaplanMeierDisplay.from_analysis(analysis).plot()
    for arm, line in drawn.lines_.items():
        rows = table[table["arm"] == arm]
        heights = np.unique(np.asarray(line.get_ydata(), float))
        assert np.unique(rows["survival"]) == pytest.approx(heights)
        assert rows["n_events"].sum() == analysis.ipd.event[analysis.ipd.arm == arm].sum()
    assert set(table["cohort"] + "/" + table["endpoint"]) == {analysis.endpoint.key}


def test_forest_is_as_reported() -> None:
    """A row for each hazard ratio, with every decimal of the paper."""
    for study in ("an2025", "zhang2023"):
        for table in km.load_study(study).tables:
            if not table.hazard_ratios:
                continue
            rows = forest_numbers(table)
            assert list(rows["hazard_ratio"]) == [r.hazard_ratio.text for r in table.hazard_ratios]
            assert list(rows["p"]) == [r.p.text if r.p else "" for r in table.hazard_ratios]


def test_responses_are_those_of_the_bars() -> None:
    """Percentages are the widths of the bars."""
    (table,) = (each for each in km.load_study("zhang2023").tables if has_response(each))
    rows = response_numbers(table).set_index(["group", "response"])
    bars = ResponseDisplay.from_table(table).plot().bars_
    for key, bar in bars.items():
        assert rows.loc[key, "percent"] == pytest.approx(bar.get_width())
    assert rows["patients"].sum() == rows.loc[list(bars), "patients"].sum()


def test_what_is_drawn_from_numbers_has_a_table(analysed: Callable[..., EndpointAnalysis]) -> None:
    """Curves, residuals and restricted means have one, and none is empty."""
    drawings = drawings_of([analysed(RATES)])
    tables = {each.name.rpartition("_")[2]: each.numbers for each in drawings}
    assert {"agreement", "proportionality", "rmst"} <= set(tables)
    assert [name for name, numbers in tables.items() if numbers is None] == ["agreement"]
    for name, numbers in tables.items():
        if numbers is not None:
            table = numbers()
            assert len(table) > 2, name
            assert table.columns[0] == "cohort"


def test_patients_are_only_in_their_own_file(analysed: Callable[..., EndpointAnalysis]) -> None:
    """Patients that miss a curve are not written without being asked for, nor beside a figure."""
    drawings = drawings_of([analysed({"SR": 0.01}, n=20)])
    (swimmer,) = (each for each in drawings if each.name.endswith("swimmer"))
    assert swimmer.numbers is None
