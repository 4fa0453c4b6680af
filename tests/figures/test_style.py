"""One look, and files that come out the same twice."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from kmrepro.figures import FORMATS, KaplanMeierDisplay, figure_bytes, panel, save_figure
from kmrepro.figures.layout import (
    footnote,
    footnote_height,
    new_figure,
)
from kmrepro.figures.style import (
    arm_style,
    context,
)
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]

HOSTILE = "Cost $5 & <script>alert('1')</script> ]]> \\frac{1}{0} 生存"


@pytest.mark.parametrize("file_format", FORMATS)
def test_files_are_the_same_twice(analysed: Analysed, file_format: str) -> None:
    """Drawing the same numbers again gives the same bytes, without a date in them."""
    analysis = analysed()
    first, second = (
        figure_bytes(
            KaplanMeierDisplay.from_analysis(analysis).plot().figure_, file_format=file_format
        )
        for _ in range(2)
    )
    assert first == second
    assert not re.search(rb"Date|tIME", first)


def test_svg_keeps_its_text(analysed: Analysed) -> None:
    """Text in SVG stays text, for searching and for screen readers, and the title says it all."""
    display = KaplanMeierDisplay.from_analysis(analysed()).plot()
    root = ElementTree.fromstring(figure_bytes(display.figure_, file_format="svg"))
    texts = {
        "".join(each.itertext()).strip() for each in root.iter("{http://www.w3.org/2000/svg}text")
    }
    assert {"No. at risk (reconstructed)", "Time (months)", "Overall survival (%)"} <= texts
    titles = [each.text for each in root.iter("{http://purl.org/dc/elements/1.1/}title")]
    assert titles[0] == display.alt


@pytest.mark.parametrize("file_format", FORMATS)
def test_hostile_text_makes_a_sound_file(analysed: Analysed, file_format: str) -> None:
    """Markup and letters that no font has do not break a file."""
    analysis = analysed(label=HOSTILE, labels={"SR": HOSTILE, "TA": "$"})
    content = figure_bytes(
        KaplanMeierDisplay.from_analysis(analysis).plot().figure_, file_format=file_format
    )
    if file_format == "svg":
        ElementTree.fromstring(content)
        assert b"<script" not in content


def test_saving(tmp_path: Path) -> None:
    """One file for each format, named as asked."""
    figure = new_figure(1, 1)
    paths = save_figure(figure, tmp_path, name="figure-5", formats=("svg", "png"))
    assert [path.name for path in paths] == ["figure-5.svg", "figure-5.png"]
    assert paths[1].read_bytes().startswith(b"\x89PNG")


def test_unknown_format() -> None:
    """The formats that there are stand in the message."""
    with pytest.raises(ValueError, match="must be one of svg, pdf, png, but is 'jpeg'"):
        figure_bytes(new_figure(1, 1), file_format="jpeg")


def test_footnotes_keep_their_lines_and_break_long_ones() -> None:
    """A line that is too long for the figure goes on below, where there is room for it."""
    words = "Patients reconstructed from reported numbers, not the original data; 95% bands."
    narrow, wide = new_figure(2.4, 1), new_figure(7, 1)
    assert footnote(wide, words).get_text() == words
    assert footnote(wide, "One line\nand another").get_text() == "One line\nand another"
    assert footnote(narrow, words).get_text().replace("\n", " ") == words
    assert footnote_height(words, width=2.4) > footnote_height(words, width=7)


def test_settings_are_given_back() -> None:
    """Even when drawing fails, the caller's settings come back."""
    before = dict(mpl.rcParams)
    with pytest.raises(KeyError, match="unknown"), context():
        {}["unknown"]
    assert dict(mpl.rcParams) == before


def test_lines_are_dark_enough_for_white_paper() -> None:
    """Every arm's line has a contrast of three to one at least (WCAG 1.4.11)."""
    for index in range(4):
        linear = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
            for value in to_rgb(arm_style(index).colour)
        ]
        luminance = sum(
            w * value for w, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
        )
        assert 1.05 / (luminance + 0.05) >= 3


def test_pyplot_stays_away() -> None:
    """Drawing needs no window system and leaves no figure open."""
    code = (
        "import sys, kmrepro.figures as f; from kmrepro.figures.layout import new_figure; "
        "f.figure_bytes(new_figure(1, 1), file_format='png'); "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({}, ["(b) Overall survival", "p = 0."]),
        ({"panel_letters": "A"}, ["B Overall survival"]),
        ({"p_style": "P = .012"}, ["P = ."]),
    ],
)
def test_journals_letter_panels_and_write_p_in_their_way(
    analysed: Analysed, choices: dict[str, Any], words: list[str]
) -> None:
    """Letters of panels and p-values are written as a journal asks for."""
    reported = {"hazard_ratio": "1.5", "ci": ("0.9", "2.5"), "p": "0.120"}
    analyses = [analysed(figure=f"Figure 5({part})", reported=reported) for part in "ab"]
    with context(**choices):
        svg = figure_bytes(panel(analyses), file_format="svg").decode("utf-8")
    assert all(each in svg for each in words)


def test_dots_per_inch() -> None:
    """A picture has as many as are asked for while the figure is made."""
    with context(dpi=600):
        figure = new_figure(1, 2)
    picture = Image.open(io.BytesIO(figure_bytes(figure, file_format="png")))
    assert picture.size == (600, 1200)
    assert picture.info["dpi"] == pytest.approx((600, 600), rel=0.01)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"style": "loud"}, "`style` must be one of journal, screen, grey, but is 'loud'"),
        ({"dpi": 10}, "`dpi` must be from 72 to 1200, but is 10"),
        ({"font": "No Such Font"}, "`font` must be installed on this machine"),
        ({"p_style": "p"}, "`p_style` must be one of"),
        ({"panel_letters": "i"}, "`panel_letters` must be one of"),
    ],
)
def test_unknown_choices(choices: dict[str, Any], message: str) -> None:
    """What there is stands in the message."""
    with pytest.raises(ValueError, match=message), context(**choices):
        pass
