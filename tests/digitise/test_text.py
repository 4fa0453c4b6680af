"""Numbers and lines in recognised text."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import text
from kmrepro.digitise.arm_names import (
    SAME_NAME,
    is_remark,
    lost_signs,
    similar_name,
    split_name,
)
from kmrepro.digitise.text import (
    Word,
    in_one_line,
    number_in,
    read_words,
    split_at_gaps,
    text_lines,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.8", 0.8),
        (".8", 0.8),
        ("0·8", 0.8),
        ("80%", 80.0),
        ("1,000", 1000.0),
        ("0.8-", 0.8),
        ("08", 0.8),
        ("0-8", 0.8),
        ("12-18", None),
        ("O", 0.0),
        ("0,75", 0.75),
        ("1,00", 1.0),
        ("0,125", 0.125),
        ("12,000", 12000.0),
        ("Arm", None),
        ("1.2.3", None),
        ("", None),
    ],
)
def test_tick_labels_are_read_as_numbers(text, number):
    assert number_in(text) == number


def test_a_picture_of_the_right_size_stays_as_it_is():
    turned = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)[:, ::-1]
    found = text._scaled(turned, 1.0)
    assert (found == turned).all()
    assert found.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize(("scale", "shape"), [(2.0, (8, 10, 3)), (0.5, (2, 2, 3))])
def test_a_picture_of_another_size_is_scaled_both_ways(scale, shape):
    picture = np.zeros((4, 5, 3), dtype=np.uint8)
    picture[:2] = 200
    found = text._scaled(picture, scale)
    assert found.shape == shape
    assert found[0].min() > 160
    assert found[-1].max() < 40


def test_words_of_a_line_are_joined_from_left_to_right():
    words = [
        Word(text="risk", x0=30, y0=0, x1=50, y1=10, line=1),
        Word(text="at", x0=10, y0=0, x1=25, y1=10, line=1),
        Word(text="12", x0=0, y0=20, x1=9, y1=30, line=2),
    ]
    assert [line.text for line in text_lines(words)] == ["at risk", "12"]


def test_a_sign_between_words_is_kept_and_a_sample_is_not():
    """In a row "Strata - + - Drug A + B", what stands far from a word is a sample."""
    words = [
        Word(text=text, x0=x, y0=0, x1=x + width, y1=10, line=1)
        for text, x, width in (
            ("Strata", 0, 40), ("+", 46, 8), ("Drug", 80, 30), ("A", 113, 8), ("+", 124, 8),
            ("B", 135, 8),
        )
    ]  # fmt: skip
    assert [line.text for line in text_lines(split_at_gaps(words))] == ["Strata", "Drug A + B"]


@pytest.mark.parametrize("sign", ["<", ">", "\u2264", "\u2265"])
def test_a_sign_of_order_is_part_of_a_name(sign: str) -> None:
    """Else "Age < 60" and "Age > 60" are one name."""
    places = ((0, 30, "Age"), (36, 44, sign), (50, 64, "60"))
    words = [Word(text=text, x0=a, y0=0, x1=b, y1=12, line=1) for a, b, text in places]
    assert [line.text for line in text_lines(split_at_gaps(words))] == [f"Age {sign} 60"]


def test_a_vertical_line_is_read_from_bottom_to_top():
    words = [
        Word(text="survival", x0=0, y0=0, x1=10, y1=60, line=1, vertical=True),
        Word(text="Overall", x0=0, y0=70, x1=10, y1=120, line=1, vertical=True),
    ]
    assert text_lines(words)[0].text == "Overall survival"


@pytest.mark.parametrize(
    ("text", "name", "n"),
    [
        ("Maintenance (n=315)", "Maintenance", 315),
        ("Placebo (48/118)", "Placebo", 118),
        ("Drug (n 120)", "Drug", 120),
        ("Q1 (m=18)", "Q1", 18),
        ("40 mg (n=", "40 mg", None),
        ("Arm A", "Arm A", None),
    ],
)
def test_patients_in_a_legend_are_parted_from_the_name(text, name, n):
    assert split_name(text) == (name, n)


@pytest.mark.parametrize("text", ["HR 0.76 (95% CI 0.60-0.97)", "Log-rank P=0.02", "p <0.001"])
def test_results_are_no_names_of_arms(text):
    assert is_remark(text)


def test_the_name_of_a_drug_is_no_result():
    assert not is_remark("Radiotherapy plus cetuximab")


def test_names_around_a_sample_that_was_recognised_are_two():
    """In "CR -- PR" the dashes are the sample of the second name, however near it stands."""
    words = [
        Word(text=text, x0=x, y0=0, x1=x + width, y1=10, line=1)
        for text, x, width in (("CR", 0, 9), ("--", 12, 8), ("PR", 23, 9), ("or", 35, 9))
    ]
    assert [line.text for line in text_lines(split_at_gaps(words))] == ["CR", "PR or"]


def test_roman_numbers_of_one_character_are_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recognition returns "III" as one character, which no name of a table has."""
    box = np.array([(10, 10), (90, 10), (90, 30), (10, 30)])
    parts = [("Stage", 1.0, box), ("\u2162", 0.9, box + np.array([90, 0]))]
    result = SimpleNamespace(boxes=[box], txts=["Stage \u2162"], scores=[0.9], word_results=[parts])
    monkeypatch.setattr(text, "_engine", lambda: lambda *_, **__: result)
    words = text.read_words(np.full((200, 300, 3), 255, dtype=np.uint8))
    assert [word.text for word in words] == ["Stage", "III"]


@pytest.mark.parametrize(
    ("read", "score", "vertical"), [("24", 0.9, False), ("24", 0.1, True), ("24 5", 0.9, True)]
)
def test_a_box_that_is_higher_than_wide_is_read_both_ways(
    monkeypatch: pytest.MonkeyPatch, read: str, score: float, vertical: bool
) -> None:
    """Recognition turns it, and so turns one or two figures that stand upright."""
    answers = iter([(read, score), ("Survival", 0.5)])
    monkeypatch.setattr(text, "recognise", lambda _: next(answers))
    box = [(10, 10), (24, 10), (24, 34), (10, 34)]
    image = np.full((50, 50, 3), 255, dtype=np.uint8)
    (word,) = text._line_words(image, box, text="?", score=0.3, parts=[], number=4)
    assert (word.text, word.vertical) == (("Survival", True) if vertical else ("24", False))
    assert (word.score, word.line) == (0.5 if vertical else 0.9, 4)


@pytest.mark.parametrize(
    ("width", "height", "size"), [(800, 600, 8), (640, 480, 9), (640, 480, 10)]
)
def test_turned_labels_that_are_hardly_higher_than_wide_keep_their_points(width, height, size):
    """As R turns those of its survival axes: "0.2" upright is taken for "02" or "22"."""
    pytest.importorskip("rapidocr")
    figure, axes = plt.subplots(figsize=(width / 72, height / 72), dpi=72)
    axes.set_position((0.15, 0.2, 0.8, 0.7))
    axes.set(ylim=(0, 1.05), yticks=[0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.tick_params(axis="y", labelrotation=90, labelsize=size)
    figure.canvas.draw()
    picture = np.ascontiguousarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])
    plt.close(figure)
    beside = {word.text for word in read_words(picture) if word.x1 < 0.15 * width}
    assert beside >= {"0.2", "0.4", "0.6", "0.8"}


@pytest.mark.parametrize("name", ["ER-", "HER2-", "ER+", "PD-L1 +"])
def test_a_sign_behind_a_name_is_kept(name):
    assert split_name(f"{name} (n=120)") == (name, 120)
    base = name[:-1].strip()
    assert split_name(f"{base} -")[0] == base  # in a picture it may be a sample
    assert split_name(f"{base} -", exact=True)[0] == f"{base} -"
    assert split_name(f"{base} - n=120", exact=True) == (base, 120)


def test_names_that_differ_by_their_sign_are_not_alike():
    assert similar_name("ER-", "ER -") < 1.0
    assert similar_name("ER-", "ER+") < SAME_NAME <= similar_name("ER +", "ER+") == 1.0
    (said,) = lost_signs(["HBV", "HBV +"])
    assert "arm 'HBV': a sign behind the name, as of 'HBV +'" in said
    assert lost_signs(["HBV -", "HBV +", "Drug", "Drug B"]) == []


def test_boxes_that_overlap_in_a_row_are_one_line():
    """A "B" is found apart from "Drug" in its box; what stands beside, or below, stays apart."""
    words = [
        Word(text="Drug", x0=676, x1=731, y0=121, y1=148, line=1),
        Word(text=" B", x0=721, x1=743, y0=124, y1=145, line=2),
        Word(text="Other", x0=745, x1=800, y0=121, y1=148, line=3),
        Word(text="Below", x0=700, x1=790, y0=140, y1=165, line=4),
        Word(text="10", x0=795, x1=815, y0=121, y1=148, line=5),
    ]
    lines = [line.text for line in text_lines(in_one_line(words))]
    assert lines == ["Drug B", "Other", "10", "Below"]
