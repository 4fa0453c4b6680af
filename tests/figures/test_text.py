"""Words and numbers as figures show them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kmrepro.figures.style import current_look
from kmrepro.figures.text import (
    arm_label,
    fit,
    literal,
    printed_interval,
    printed_p,
    text_width,
    wrap,
)
from kmrepro.studies import Arm, Endpoint, PrintedNumber

LONG = "Extrahepatic progression-free survival as assessed by blinded independent central review"


def test_width_is_what_is_drawn() -> None:
    """Text measured ahead of drawing is as wide as matplotlib draws it."""
    figure = Figure(dpi=720)
    FigureCanvasAgg(figure)
    drawn = figure.text(
        0, 0, LONG, fontsize=7, family=list(current_look().fonts)
    ).get_window_extent()
    assert text_width(LONG, size=7) == pytest.approx(drawn.width / 720, rel=0.02)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\nb\tc", "a b c", id="lines"),
        pytest.param("a\x00b\x1bc\ufffed", "a b c d", id="control characters"),
        pytest.param("  $x$ <b> \\frac ", "$x$ <b> \\frac", id="markup stays"),
        pytest.param("Å ≥ 65 岁", "Å ≥ 65 岁", id="any script"),
    ],
)
def test_literal(text: str, shown: str) -> None:
    """Text stays as it is but for what cannot be drawn."""
    assert literal(text) == shown


def test_wrapping() -> None:
    """Lines fit, break between words, and the last says if something is missing."""
    two = wrap(LONG, width=3.0, size=7)
    assert " ".join(two) == LONG
    assert all(text_width(line, size=7) <= 3.0 for line in two)
    short = wrap(LONG, width=1.5, size=7)
    assert len(short) == 2
    assert short[1].endswith("…")
    assert all(text_width(line, size=7) <= 1.5 for line in short)


@settings(deadline=None)  # the first letter of a font takes long
@given(st.text(max_size=60), st.floats(0.3, 3))
def test_fitting(text: str, width: float) -> None:
    """Whatever the text, what is left of it is no wider than its room."""
    assert text_width(fit(text, width=width, size=6.5), size=6.5) <= width


def test_printed_numbers_stay_as_printed() -> None:
    """No digit of a printed number is added or lost."""
    ratio, low, high = (PrintedNumber.parse(text) for text in ("1.60", "1.11", "232"))
    assert printed_interval(ratio, (low, high)) == "1.60 (1.11 to 232)"
    assert printed_interval(ratio, None) == "1.60"


@pytest.mark.parametrize(
    ("text", "written"),
    [("0.381", "p = 0.381"), ("<0.001", "p < 0.001"), ("≤0.05", "p ≤ 0.05"), ("~0.3", "p ~ 0.3")],
)
def test_printed_p(text: str, written: str) -> None:
    """A printed p keeps its digits and its sign."""
    assert printed_p(PrintedNumber.parse(text)) == written


def test_arm_labels() -> None:
    """An arm is called by its name, and by its key if that is another."""
    arms = {"SR": Arm(label="Surgical resection"), "Placebo": Arm(label="Placebo"), "C": Arm()}
    endpoint = Endpoint(name="OS", arms=arms)
    labels = [arm_label(endpoint, arm) for arm in arms]
    assert labels == ["Surgical resection (SR)", "Placebo", "C"]


def test_turning_characters_are_not_drawn():
    """What would turn the order of letters becomes a space."""
    assert literal("Overall\u202esurvival \u2067x\u2069") == "Overall survival x"
