"""Numbers at risk by row and column, from words with their places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kmrepro.digitise.axes import scale_through, tokens, x_scales, y_scales
from kmrepro.digitise.panels import Frame
from kmrepro.digitise.risk_labels import named_behind, renamed_rows, unread_table
from kmrepro.digitise.risk_table import read_table
from kmrepro.digitise.text import Word, text_lines


def word(text: str, x: float, y: float) -> Word:
    """Make a word whose middle is at x, y, its letters eight pixels wide."""
    half = 4 * len(text)
    return Word(text=text, x0=x - half, y0=y - 8, x1=x + half, y1=y + 8, line=round(y))


def frame(times: tuple[float, ...] = (0, 6, 12, 18, 24)) -> Frame:
    """Make a plot whose time labels are 80 pixels apart, from pixel 100 on."""
    (x,) = x_scales(tokens([word(f"{t:g}", 100 + 80 * k, 420) for k, t in enumerate(times)]))
    heights = [word(f"{v:g}", 50, 400 - 300 * v) for v in (0, 0.25, 0.5, 0.75, 1)]
    (y,) = y_scales(tokens(heights))
    assert scale_through(x.points, "x").residual < 1e-9
    return Frame(x=x, y=y, left=100, right=440, top=90, bottom=405)


def row(counts: list[int], y: float = 480) -> list[Word]:
    """Make numbers centred below the labels."""
    return [word(str(n), 100 + 80 * k, y) for k, n in enumerate(counts)]


def glued(text: str, count: int, y: float = 480) -> Word:
    """Make a label that runs into its first number, which is centred at pixel 100."""
    right = 100 + 4 * len(str(count))
    return Word(text=text, x0=right - 8 * len(text), y0=y - 8, x1=right, y1=y + 8, line=round(y))


def test_a_label_is_parted_from_the_number_that_it_runs_into() -> None:
    """How many of the figures are the number follows from where it ends."""
    words = [glued("Surgery226", 226), *row([0, 211, 163, 82, 25])[1:]]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("", 0.0))
    assert found.label == "Surgery"
    assert [count for _, count in found.cells] == [226, 211, 163, 82, 25]
    words = [glued("Q1270", 270), *row([0, 240, 211, 190, 164])[1:]]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("1270", 0.99))
    assert (found.label, found.cells[0]) == ("Q1", (0.0, 270))


def test_a_number_that_takes_the_end_of_its_label_for_a_figure_is_left_out() -> None:
    """The words "Stage I" and 208 as "Stage" and 1208, which has no room for four figures."""
    first = Word(text="1208", x0=88, y0=472, x1=112, y1=488, line=480)
    label = Word(text="Stage", x0=46, y0=472, x1=86, y1=488, line=480)
    words = [label, first, *row([0, 191, 176, 160, 150])[1:]]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("1208", 0.99))
    assert [count for _, count in found.cells] == [191, 176, 160, 150]
    assert "cell at 0" in found.unsure[0]


def test_numbers_with_the_censored_behind_them_have_room_for_their_figures() -> None:
    """What is written behind a number does not make its figures any wider: 134 (0), 42 (14)."""
    words = []
    for k, (count, censored) in enumerate([(134, 0), (61, 11), (42, 14), (14, 25), (4, 33)]):
        left, behind = 88 + 80 * k, 8 * len(f"({censored})")
        middle = left + 8 * len(str(count))
        words += [
            Word(text=str(count), x0=left, y0=472, x1=middle, y1=488, line=480),
            Word(text=f"({censored})", x0=middle + 3, y0=472, x1=middle + 3 + behind, y1=488),
        ]
    words.append(Word(text="Drug", x0=52, y0=472, x1=84, y1=488, line=480))
    (found,) = read_table(frame(), words, floor=600)
    assert [count for _, count in found.cells] == [134, 61, 42, 14, 4]
    assert found.unsure == ()


def test_columns_between_the_labels_are_read() -> None:
    """R leaves out labels that would overlap, and no numbers."""
    halfway = [word(str(n), 140 + 80 * k, 480) for k, n in enumerate((95, 75, 55, 35))]
    words = [word("Drug", 50, 480), *row([100, 80, 60, 40, 20]), *halfway]
    (found,) = read_table(frame(), words, floor=600)
    assert found.cells == tuple(zip(range(0, 25, 3), (100, 95, 80, 75, 60, 55, 40, 35, 20),
                                    strict=True))  # fmt: skip


def test_a_number_counts_where_two_readings_agree() -> None:
    """A poor first reading is confirmed by another one; two that differ leave the cell out."""
    words = [word("Drug", 50, 480), *row([100, 80, 60, 40, 20])]
    words[3] = Word(text="60", x0=252, y0=472, x1=268, y1=488, score=0.85, line=480)
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("60", 0.7))
    assert dict(found.cells)[12.0] == 60
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("68", 0.7))
    assert 12.0 not in dict(found.cells)


def test_two_narrow_rows_recognised_as_one_are_parted_and_read_again() -> None:
    words = [replace(w, y0=w.y0 - 8, y1=w.y1 + 8) for w in row([120, 96, 60, 31, 12])]
    upper, lower = [120, 96, 60, 31, 12], [88, 70, 41, 20, 7]

    def reread(box: tuple[float, float, float, float]) -> tuple[str, float]:
        column = round(((box[0] + box[2]) / 2 - 100) / 80)
        return str((upper if (box[1] + box[3]) / 2 < 480 else lower)[column]), 0.99

    rows = read_table(frame(), words, floor=600, reread=reread)
    assert [[count for _, count in found.cells] for found in rows] == [upper, lower]


def test_small_figures_are_left_out_when_two_readings_differ() -> None:
    """At ten pixels 56 looks like 66, and one reading may be sure of the wrong one."""
    words = [
        replace(w, y0=w.y0 + 3, y1=w.y1 - 3, score=0.96 if w.text == "66" else 1.0)
        for w in row([75, 66, 26, 8, 3])
    ]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("56", 0.9))
    assert dict(found.cells) == {0: 75, 12: 26, 18: 8, 24: 3}
    assert any("at 6 " in text for text in found.unsure)


def test_numbers_that_touch_are_parted_below_their_ticks() -> None:
    """Three numbers of three figures, 24 pixels apart, are recognised as one word of nine."""
    times = tuple(range(7))
    (x,) = x_scales(tokens([word(f"{t:g}", 100 + 24 * t, 420) for t in times]))
    narrow = replace(frame(), x=x, right=250)
    run = Word(text="322310294", x0=88, y0=472, x1=160, y1=488, line=480)
    words = [word("Drug", 50, 480), run, *(word(str(90 - t), 100 + 24 * t, 480) for t in times[3:])]
    known = {100: "322", 124: "310", 148: "294"}

    def reread(box: tuple[float, float, float, float]) -> tuple[str, float]:
        return known[round((box[0] + box[2]) / 2)], 0.99

    (found,) = read_table(narrow, words, floor=600, reread=reread)
    assert [count for _, count in found.cells] == [322, 310, 294, 87, 86, 85, 84]
    known[124] = "316"  # a second reading that differs: the cell is left out and named
    (found,) = read_table(narrow, words, floor=600, reread=reread)
    assert dict(found.cells).keys() == {0, 2, 3, 4, 5, 6}
    assert "cell at 1 " in found.unsure[0]


def test_rows_below_their_labels_are_named_by_them() -> None:
    words = [
        word("Number at risk", 30, 455),
        word("Drug", 20, 475),
        *row([100, 80, 60, 40, 20], 495),
    ]
    words += [word("Placebo", 20, 515), *row([90, 70, 50, 30, 10], 535)]
    found = read_table(frame(), words, floor=600)
    assert [(r.label, r.label_y) for r in found] == [("Drug", 475), ("Placebo", 515)]


def test_blocks_with_the_censored_and_the_events_are_of_the_arm_above() -> None:
    """Counts of other kinds are no row of an arm, whether they rise or stay."""
    words = []
    for k, (name, at_risk) in enumerate(
        [("Drug", [100, 80, 60, 40, 20]), ("Placebo", [90, 70, 50, 30, 10])]
    ):
        top = 450 + 100 * k
        words += [word(name, 30, top), word("At", 20, top + 20), word("risk", 50, top + 20)]
        words += row(at_risk, top + 20)
        words += [word("Censored", 40, top + 40), *row([0, 5, 5, 5, 5], top + 40)]
        words += [word("Events", 40, top + 60), *row([0, 15, 35, 55, 55], top + 60)]
    found = read_table(frame(), words, floor=700)
    assert [(r.label, [n for _, n in r.cells]) for r in found] == [
        ("Drug", [100, 80, 60, 40, 20]),
        ("Placebo", [90, 70, 50, 30, 10]),
    ]


def test_a_space_within_a_number_is_doubtful() -> None:
    """Of "1 870" the 1 may end the label or begin the number: the cell is left out and named."""
    words = row([870, 640, 412, 190, 40])
    left = words[0].x0
    words.append(Word(text="1", x0=left - 14, y0=472, x1=left - 6, y1=488, line=480))
    words.append(Word(text="Drug", x0=left - 60, y0=472, x1=left - 28, y1=488, line=480))
    (found,) = read_table(frame(), words, floor=600)
    assert [n for _, n in found.cells] == [640, 412, 190, 40]
    assert "cell at 0" in found.unsure[0]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("1870", 0.99))
    assert [n for _, n in found.cells] == [640, 412, 190, 40]


def test_rows_below_a_heading_of_events_are_not_at_risk() -> None:
    """A block "At Risk" with a row for each arm, and a block "Events" with the same names."""
    words = [word("At", 20, 455), word("Risk", 50, 455)]
    for k, (name, counts) in enumerate(
        [
            ("Drug", [100, 80, 60, 40, 20]),
            ("Placebo", [90, 70, 50, 30, 10]),
            ("Events", []),
            ("Drug", [0, 15, 30, 45, 60]),
            ("Placebo", [0, 15, 30, 45, 60]),
        ]
    ):
        y = 475 + 20 * k
        words += [word(name, 40, y), *row(counts, y)]
    found = read_table(frame(), words, floor=700)
    assert [(r.label, [n for _, n in r.cells]) for r in found] == [
        ("Drug", [100, 80, 60, 40, 20]),
        ("Placebo", [90, 70, 50, 30, 10]),
    ]


def test_columns_whose_labels_were_not_recognised_are_read() -> None:
    """The labels 0 and 18 are missing; numbers stand where they would be."""
    (x,) = x_scales(tokens([word(f"{t:g}", 100 + 80 * t / 6, 420) for t in (6, 12, 24, 30)]))
    words = [word("Drug", 20, 480), *row([100, 80, 60, 40, 20, 10])]
    (found,) = read_table(replace(frame(), x=x, right=520), words, floor=600)
    assert found.cells == ((0, 100), (6, 80), (12, 60), (18, 40), (24, 20), (30, 10))


def test_a_label_whose_box_reaches_into_the_first_number_is_kept() -> None:
    label = Word(text="Pembrolizumab", x0=10, y0=472, x1=91, y1=488, line=480)
    (found,) = read_table(frame(), [label, *row([100, 80, 60, 40, 20])], floor=600)
    assert found.label == "Pembrolizumab"


def test_where_a_number_ends_follows_from_its_ink() -> None:
    """The box of "mg72" is four pixels short, as boxes of words within a line often are."""
    ink = np.zeros((600, 500))
    numbers = row([72, 65, 58, 44, 38])
    for w in numbers:
        ink[474:486, round(w.x0) : round(w.x1)] = 1.0
    ink[474:486, 60:80] = 1.0
    joined = Word(text="mg72", x0=60, y0=472, x1=104, y1=488, line=480)
    words = [word("40", 40, 480), joined, *numbers[1:]]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("", 0.0), ink=ink)
    assert (found.label, found.cells[0]) == ("40 mg", (0.0, 72))


def test_a_label_is_parted_from_a_number_with_its_censored_count() -> None:
    """Number and parenthesis stand centred below the tick: "mg94" and "(0)" below pixel 100."""
    words = [word("20", 50, 480)]
    words += [Word(text="mg94", x0=64, y0=472, x1=96, y1=488, line=480)]
    words += [Word(text="(0)", x0=98, y0=472, x1=120, y1=488, line=480)]
    for k, count in enumerate((74, 53, 22, 9), start=1):
        x = 100 + 80 * k
        words += [
            Word(text=str(count), x0=x - 20, y0=472, x1=x - 4, y1=488, line=480),
            Word(text=f"({k})", x0=x - 2, y0=472, x1=x + 20, y1=488, line=480),
        ]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("", 0.0))
    assert found.label == "20 mg"
    assert [count for _, count in found.cells] == [94, 74, 53, 22, 9]


def test_small_figures_are_doubtful_when_the_last_of_three_readings_differs() -> None:
    words = [
        replace(w, y0=w.y0 + 3, y1=w.y1 - 3, score=0.97 if w.text == "195" else 1.0)
        for w in row([259, 195, 120, 88, 33])
    ]
    readings = iter([("195", 0.85), ("198", 0.76), ("195", 0.87)])
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: next(readings))
    assert 6.0 not in dict(found.cells)


def test_a_number_of_which_a_figure_was_taken_for_a_sign_is_read_again_as_a_whole() -> None:
    """The last figure of 15 touches the frame of the table."""
    words = [*row([31, 25, 22, 18])]
    words += [Word(text="1", x0=412, y0=472, x1=420, y1=488, score=0.95, line=480)]
    words += [Word(text="戶", x0=420, y0=472, x1=430, y1=488, score=0.5, line=480)]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("15|", 0.95))
    assert dict(found.cells)[24.0] == 15
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("", 0.0))
    assert 24.0 not in dict(found.cells)
    assert "cell at 24 " in found.unsure[0]


def test_a_number_with_the_censored_behind_a_stroke_is_one_cell() -> None:
    """Where the others have a stroke, one that is missing was read as a figure: "2512" is 25/2."""
    texts = ["177/0", "89/5", "2512", "8/29", "0/36"]
    words = [word("Drug", 40, 480), *(word(t, 100 + 80 * k, 480) for k, t in enumerate(texts))]
    (found,) = read_table(frame(), words, floor=600, reread=lambda _: ("2512", 0.99))
    assert dict(found.cells) == {0.0: 177, 6.0: 89, 18.0: 8, 24.0: 0}
    assert "cell at 12 " in found.unsure[0]


def test_a_table_of_which_no_row_is_read_is_named() -> None:
    lines = text_lines([word("No.", 60, 460), word("at", 90, 460), word("risk", 120, 460)])
    (said,) = unread_table(frame(), [], lines, floor=600)
    assert "'No. at risk'" in said
    assert unread_table(frame(), [], lines, floor=450) == []
    (found,) = read_table(frame(), [word("Drug", 50, 480), *row([9, 8, 7, 6, 5])], floor=600)
    assert unread_table(frame(), [found], lines, floor=600) == []


def test_the_end_of_a_label_of_the_panel_beside_is_no_number() -> None:
    """The table of the panel beside begins with "Group 1", below the last tick of this one."""
    words = [word("Group", 20, 480), word("1", 50, 480), *row([53, 40, 31, 19])]
    words += [word("Group", 396, 480), word("1", 428, 480)]
    (found,) = read_table(frame(), words, floor=600)
    assert dict(found.cells) == {0.0: 53, 6.0: 40, 12.0: 31, 18.0: 19}


def test_a_table_above_the_plot_is_read_below_its_heading() -> None:
    """Numbers above it without a heading are no numbers at risk."""
    heading = [word("Number", 30, 10), word("at", 70, 10), word("risk", 110, 10)]
    table = [word("Drug", 40, 32), *row([90, 70, 44, 20, 6], y=32)]
    table += [word("Placebo", 40, 54), *row([88, 60, 31, 9, 2], y=54)]
    found = read_table(frame(), [*heading, *table], floor=600, roof=0.0)
    assert [(r.label, r.cells[-1]) for r in found] == [("Drug", (24.0, 6)), ("Placebo", (24.0, 2))]
    assert read_table(frame(), table, floor=600, roof=0.0) == []
    assert read_table(frame(), [*heading, *table], floor=600) == []
    lines = text_lines(heading)
    assert len(unread_table(frame(), [], lines, floor=600)) == 1
    assert unread_table(frame(), found, lines, floor=600) == []


def test_rows_of_events_between_rows_at_risk_end_no_table() -> None:
    """Below the name of each arm lifelines writes three; "Events" names one of them."""
    words = []
    for k, (arm, counts) in enumerate(
        [("Drug", [90, 70, 50, 31, 9]), ("None", [80, 52, 30, 12, 2])]
    ):
        top = 460 + 110 * k
        words.append(word(arm, 60, top))
        for n, (label, cells) in enumerate(
            [("At risk", counts), ("Censored", [0, 2, 5, 9, 20]), ("Events", [0, 18, 35, 50, 61])]
        ):
            words += [word(label, 40, top + 24 * (n + 1)), *row(cells, top + 24 * (n + 1))]
    found = read_table(frame(), words, floor=800)
    assert [each.label for each in found] == ["Drug", "None"]
    assert [[n for _, n in each.cells] for each in found] == [
        [90, 70, 50, 31, 9],
        [80, 52, 30, 12, 2],
    ]


def test_rows_may_be_named_at_their_right() -> None:
    """A column behind the last number, where the name stands, is none."""
    words = [*row([90, 70, 50, 31]), word("Drug", 372, 480)]
    words += [*row([80, 52, 30, 12], 500), word("None", 372, 500)]
    found = read_table(frame(), words, floor=800)
    assert [each.label for each in found] == ["Drug", "None"]
    assert found[0].cells == ((0, 90), (6, 70), (12, 50), (18, 31))
    assert found[0].unsure == ()


def test_rows_with_a_name_just_above_the_time_axis_are_a_table() -> None:
    """Other numbers within a plot are none: a row without a name, or with two numbers."""
    named = [*row([90, 70, 50, 31, 9], 380), word("Drug", 445, 380)]
    (found,) = read_table(frame(), named, floor=800, roof=0.0)
    assert (found.label, [n for _, n in found.cells]) == ("Drug", [90, 70, 50, 31, 9])
    for other in (row([90, 70, 50, 31, 9], 380), [*row([90, 70], 380), word("Drug", 220, 380)]):
        assert read_table(frame(), other, floor=800, roof=0.0) == []


@pytest.mark.parametrize(
    ("labels", "called", "renamed"),
    [
        (["Placebo", "Drug"], [("New", "Drug"), ("Old", "Placebo")], ["Old", "New"]),
        (["Drug A 10 mg", "Drug A 20 mg"], [("low", "Drug A 10 mg")], ["low", "Drug A 20 mg"]),
        (["A", "B"], [("B", "A"), ("C", "B")], ["A", "B"]),
        (["Drug", "Placebo"], [("Drug", "Placebo"), ("Placebo", "Drug")], ["Drug", "Placebo"]),
        (["Drug"], [], ["Drug"]),
    ],
)
def test_a_name_given_by_hand_is_that_of_one_row(
    labels: list[str], called: list[tuple[str, str]], renamed: list[str]
) -> None:
    """The likeliest gets it, and none if a row of the figure has it."""
    words = [glued(f"{label}226", 226, y) for label, y in zip(labels, (480, 510), strict=False)]
    found = [
        replace(read_table(frame(), [one, *row([0, 211, 163, 82, 25], one.y0 + 8)[1:]], floor=600,
                           reread=lambda _: ("", 0.0))[0], label=label)
        for one, label in zip(words, labels, strict=True)
    ]  # fmt: skip
    assert [each.label for each in renamed_rows(found, called)] == renamed


def test_thousands_before_a_thin_space_are_of_the_number_not_of_its_label() -> None:
    """As in "Drug 1 523"; beside "Group 1 870" it stays open whose the 1 is."""
    thousands = [word("1", 100 + 80 * k - 18, 480) for k in range(3)]
    numbers = [word(text, 100 + 80 * k, 480) for k, text in enumerate(("523", "351", "209"))]
    rest = [word("739", 340, 480), word("343", 420, 480)]
    (read,) = read_table(frame(), [word("Drug", 20, 480), *thousands, *numbers, *rest], floor=800)
    assert (read.label, read.unsure) == ("Drug", ())
    assert [n for _, n in read.cells] == [1523, 1351, 1209, 739, 343]
    close = [word("Group", 56, 480), *thousands, *numbers, *rest]
    (read,) = read_table(frame(), close, floor=800)
    assert [n for _, n in read.cells] == [1351, 1209, 739, 343]
    assert any("the cell at 0 of row" in said for said in read.unsure)


def test_the_title_of_a_time_axis_names_no_row() -> None:
    """The heading of the table stands between the two, which is no name either."""
    heading = word("No. at risk", 60, 468)
    for title in ("Months", "Time since surgery", "Jahre"):
        words = [word(title, 260, 450), heading, *row([90, 70, 50, 31, 9], 485)]
        (read,) = read_table(frame(), words, floor=800)
        assert read.label == ""


def test_rows_of_counts_are_named_by_the_legend_behind_them() -> None:
    """As tables of the EORTC have events and patients before the numbers, and names behind."""
    words = [*row([90, 70, 50, 31, 9]), *row([88, 64, 40, 22, 3], 505)]
    words += [word("143", 40, 480), word("129", 40, 505)]
    rows = read_table(frame(), words, floor=800)
    assert [each.label for each in rows] == ["143", "129"]
    lines = text_lines([word("Radiotherapy", 560, 480), word("Temozolomide", 560, 505)])
    assert [each.label for each in named_behind(rows, lines)] == ["Radiotherapy", "Temozolomide"]
    assert named_behind(rows, lines[:1]) == rows
