"""PDF files embed the letters that they show as TrueType, and words can be copied."""

from __future__ import annotations

import io
import re
import sys
import zlib

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont

from kmrepro.figures import figure_bytes
from kmrepro.figures.files import without_layout
from kmrepro.figures.layout import footnote, new_figure, write_title

WORDS = "Efficacy of AVATAR, 95% CI"  # with a ligature and kerned letters


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
