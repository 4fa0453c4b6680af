"""The styles: for a journal, for a screen, and without colour."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from kmrepro import load_study
from kmrepro.cli.arguments import STYLES as CHOICES
from kmrepro.figures import (
    STYLES,
    AgreementDisplay,
    KaplanMeierDisplay,
    ProportionalityDisplay,
    RmstAreaDisplay,
    context,
    drawings_of,
    figure_bytes,
    panel,
    usual_width,
)
from kmrepro.figures.style import arm_style, current_look, shade
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]

# Machado, Oliveira and Fernandes 2009, table 1, severity 1, on linear sRGB.
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def linear(colour: str) -> Any:
    """Return linear sRGB."""
    v = np.array(to_rgb(colour))
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def lab(rgb: Any) -> Any:
    """Return CIELAB of linear sRGB, under D65."""
    x, y, z = (np.array(XYZ) @ np.clip(rgb, 0, 1)) / np.array([0.9505, 1.0, 1.089])
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@pytest.mark.parametrize("seen", [np.eye(3).tolist(), *BLINDNESS.values()], ids=["", *BLINDNESS])
def test_arms_differ_for_colour_blind_readers(seen: Any) -> None:
    """The colours of any two arms are far apart (CIE76 above 20), however they are seen."""
    colours = [lab(np.array(seen) @ linear(arm_style(index).colour)) for index in range(4)]
    assert all(np.linalg.norm(one - other) > 20 for one, other in combinations(colours, 2))


def contrast(colour: str) -> float:
    """Return the contrast on white (WCAG 2.2)."""
    return float(1.05 / (linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05))


@pytest.mark.parametrize("style", STYLES)
def test_lines_and_letters_can_be_seen(style: Any) -> None:
    """Lines have a contrast of three to one, letters of four and a half (WCAG 1.4.3, 1.4.11)."""
    with context(style):
        for index in range(8):
            assert contrast(arm_style(index).colour) >= 3
            assert contrast(arm_style(index).lettering) >= 4.5


def hue(figure: Figure) -> int:
    """Return the largest difference between red, green and blue of any pixel."""
    figure.set_dpi(50)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[:, :, :3].astype(int)  # type: ignore[attr-defined]
    return int(np.max(pixels.max(axis=2) - pixels.min(axis=2)))


def every_figure(analysed: Analysed) -> dict[str, Figure]:
    """Draw one of each display."""
    reported = {"hazard_ratio": "1.22", "ci": ("0.78", "1.89"), "p": "0.381"}
    analysis = analysed(n=80, reported=reported)
    near = analysed({"A": 1e-4, "B": 3e-4, "C": 4e-4, "D": 5e-4}, n=300)
    tables = [*load_study("an2025").tables[:1], *load_study("zhang2023").tables]
    return {
        "agreement": AgreementDisplay.from_analyses([analysis]).plot().figure_,
        "curves": KaplanMeierDisplay.from_analysis(analysis).plot(labels=True).figure_,
        "inset": KaplanMeierDisplay.from_analysis(near).plot().figure_,
        "panel": panel([analysis, near]),
        "proportionality": ProportionalityDisplay.from_analysis(analysis).plot().figure_,
        "area": RmstAreaDisplay.from_analysis(analysis).plot().figure_,
        **{drawing.name: drawing.draw() for drawing in drawings_of([], tables)},
    }


def test_grey_has_no_hue_in_any_figure(analysed: Analysed) -> None:
    """Every display follows the style around it, and only in colour is there any."""
    with context("grey"):
        hues = {name: hue(figure) for name, figure in every_figure(analysed).items()}
    assert len(hues) >= 8
    assert set(hues.values()) == {0}
    assert hue(KaplanMeierDisplay.from_analysis(analysed()).plot().figure_) > 50


def test_arms_differ_in_grey() -> None:
    """Grey level, dashes and marker are of one of eight arms, and those of four are unlike."""
    with context("grey"):
        arms = [arm_style(index) for index in range(8)]
    for of_arm in ("colour", "dashes", "marker"):
        assert len({getattr(arm, of_arm) for arm in arms}) == 8
    levels = [lab(linear(arm.colour))[0] for arm in arms[:4]]
    assert all(abs(first - second) > 8 for first, second in combinations(levels, 2))


def test_greys_of_colours() -> None:
    """A colour without a grey of its own becomes that of its luminance."""
    with context("grey"):
        assert shade("#808080") == "#808080"
        assert shade("#ff0000") == "#7f7f7f"
        assert shade("#FFFFFF") == "#ffffff"
    assert shade("#ff0000") == "#ff0000"


def test_a_screen_shows_more_of_the_same(analysed: Analysed) -> None:
    """Files are half as large again, lines heavier still, the layout is the same."""
    display = KaplanMeierDisplay.from_analysis(analysed())
    files, widths, sizes = {}, {}, {}
    for style in ("journal", "screen"):
        figure = display.plot(style=style).figure_  # type: ignore[arg-type]
        widths[style] = display.lines_["SR"].get_linewidth()
        sizes[style] = Image.open(BytesIO(figure_bytes(figure, file_format="png")))
        files[style] = figure_bytes(figure, file_format="svg").decode("utf-8")
    found = {
        style: re.search(r'width="([\d.]+)pt" height="([\d.]+)pt" viewBox="([\d. ]+)"|$', text)
        for style, text in files.items()
    }
    journal, screen = (found[style] for style in ("journal", "screen"))
    assert journal is not None
    assert screen is not None
    assert [1.5 * float(journal[k]) for k in (1, 2)] == pytest.approx(
        [float(screen[k]) for k in (1, 2)], rel=1e-4
    )
    assert journal[3] == screen[3]
    assert widths["screen"] > widths["journal"]
    inches = [image.width / image.info["dpi"][0] for image in sizes.values()]
    assert inches[1] / inches[0] == pytest.approx(1.5, rel=0.01)


@pytest.mark.parametrize("style", STYLES)
def test_letters_stay_letters(analysed: Analysed, style: Any) -> None:
    """Fonts are embedded in PDF as outlines of letters (Type 42), and SVG has text."""
    figure = KaplanMeierDisplay.from_analysis(analysed()).plot(style=style).figure_
    pdf = figure_bytes(figure, file_format="pdf")
    assert b"/Type3" not in pdf
    assert b"/FontFile2" in pdf
    assert re.search(rb"Arial|LiberationSans|Arimo|DejaVuSans", pdf)
    assert b">No. at risk (reconstructed)</text>" in figure_bytes(figure, file_format="svg")


@pytest.mark.parametrize("style", STYLES)
def test_styles_are_the_same_twice(analysed: Analysed, style: Any) -> None:
    """Each style gives the same bytes again, whatever was drawn in between."""
    display = KaplanMeierDisplay.from_analysis(analysed())
    first = figure_bytes(display.plot(style=style).figure_, file_format="svg")
    display.plot(style="grey")
    assert figure_bytes(display.plot(style=style).figure_, file_format="svg") == first


def test_a_style_lasts_as_long_as_its_block() -> None:
    """Blocks inside go on with it, and afterwards it is the journal's again, even on an error."""
    with context("grey"), context():
        assert current_look().name == "grey"
    with pytest.raises(KeyError, match="stop"), context("screen"):
        {}["stop"]
    assert current_look().name == "journal"


def test_a_style_that_does_not_exist(analysed: Analysed) -> None:
    """The message names those that there are."""
    with pytest.raises(ValueError, match="must be one of journal, screen, grey, but is 'neon'"):
        KaplanMeierDisplay.from_analysis(analysed()).plot(style="neon")  # type: ignore[arg-type]


def test_the_command_offers_every_style() -> None:
    """What the option lists without loading a drawing library is what there is."""
    assert CHOICES == STYLES


def test_a_usual_width_is_for_survival_curves(analysed: Analysed) -> None:
    """It holds inside its block, where no other width is asked for."""
    display = KaplanMeierDisplay.from_analysis(analysed())
    with usual_width("column"):
        widths = [
            display.plot().figure_.get_size_inches()[0],
            panel([analysed(), analysed()]).get_size_inches()[0],
            display.plot(width=100).figure_.get_size_inches()[0],
        ]
    assert [25.4 * width for width in widths] == pytest.approx([85, 85, 100])
    assert 25.4 * display.plot().figure_.get_size_inches()[0] == pytest.approx(120)
    with pytest.raises(ValueError, match="must be in mm"), usual_width("poster"):  # type: ignore[arg-type]
        pass
