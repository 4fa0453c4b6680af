"""Forest plots of printed tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from kmrepro import load_study
from kmrepro.figures import ForestDisplay
from kmrepro.studies import PrintedNumber, Table

from_text = Table.model_validate


def row(variable: str, ratio: str, **fields: Any) -> dict[str, Any]:
    """Print one hazard ratio; a model of "univariable" unless another is given."""
    return {"variable": variable, "model": "univariable", "hazard_ratio": ratio, **fields}


def table(*rows: dict[str, Any], **fields: Any) -> Table:
    """Print a table, through the reader's own checks."""
    from kmrepro.studies import HazardRatioRow

    def read(values: dict[str, Any]) -> HazardRatioRow:
        parsed = {**values, "hazard_ratio": PrintedNumber.parse(values["hazard_ratio"])}
        if "ci" in values:
            parsed["ci"] = tuple(PrintedNumber.parse(end) for end in values["ci"])
        if "p" in values:
            parsed["p"] = PrintedNumber.parse(values["p"])
        return HazardRatioRow.model_validate(parsed)

    return Table.model_validate(
        {"id": "t", "source": "Table 2", "hazard_ratio": tuple(map(read, rows)), **fields}
    )


def written(figure: Figure) -> list[str]:
    """Return every text of a figure."""
    from matplotlib.text import Text

    return [str(text.get_text()) for text in figure.findobj(Text)]  # type: ignore[attr-defined]


@pytest.fixture(scope="module", params=["an2025", "zhang2023"])
def printed_table(request: pytest.FixtureRequest) -> Table:
    """Read the first table of hazard ratios of a bundled paper."""
    tables = load_study(request.param).tables
    return next(each for each in tables if each.hazard_ratios)


def test_every_printed_number_is_drawn_and_written(printed_table: Table) -> None:
    """Each hazard ratio has its mark at its value, and its digits in a column."""
    display = ForestDisplay.from_table(printed_table).plot()
    drawn = sorted(mark.point.get_xdata()[0] for mark in display.marks_ if mark.point is not None)
    assert drawn == sorted(each.hazard_ratio.value for each in printed_table.hazard_ratios)
    texts = written(display.figure_)
    for each in printed_table.hazard_ratios:
        assert each.ci is not None
        assert any(
            text.startswith(f"{each.hazard_ratio} ({each.ci[0]} to {each.ci[1]})") for text in texts
        )


def test_nothing_written_collides(
    printed_table: Table, check_texts: Callable[[Figure], None]
) -> None:
    """No text is cut off, and none runs into another."""
    check_texts(ForestDisplay.from_table(printed_table).plot().figure_)


def test_levels_stand_under_their_variable() -> None:
    """Both models of a level share its row, wherever the table lists them."""
    display = ForestDisplay.from_table(
        table(
            row("Stage", "1.2", level="B", reference="A"),
            row("Stage", "1.9", level="C", reference="A"),
            row("Age", "1.1", p="0.30"),
            row("Stage", "1.8", level="C", reference="A", model="multivariable"),
        )
    )
    rows = display.table.rows
    assert [(each.name, each.indent, len(each.marks)) for each in rows] == [
        ("Stage", 0, 0),
        ("B vs A", 1, 1),
        ("C vs A", 1, 2),
        ("Age", 0, 1),
    ]
    assert rows[2].cells == ("1.9", "", "1.8", "")


def test_a_repeated_row_is_not_lost() -> None:
    """The same level printed twice in one model gives two rows."""
    display = ForestDisplay.from_table(table(row("Age", "1.1"), row("Age", "1.3")))
    assert [each.cells[0] for each in display.table.rows] == ["1.1", "1.3"]


def test_more_models_than_columns() -> None:
    """A third model gives every estimate a row of its own, which names its model."""
    models = ("crude", "adjusted", "fully adjusted")
    display = ForestDisplay.from_table(
        table(*(row("Age", f"1.{k}", level=">65", model=model) for k, model in enumerate(models)))
    )
    names = [each.name for each in display.table.rows]
    assert names == ["Age", ">65, crude", ">65, adjusted", ">65, fully adjusted"]
    assert display.plot().key_ is None


def test_an_interval_that_leaves_the_axis_ends_in_an_arrow() -> None:
    """A misprinted bound is shown as what it is, and does not squeeze the others."""
    display = ForestDisplay.from_table(
        table(row("ALBI", "1.60", ci=("1.11", "232")), row("Age", "0.9", ci=("0", "1.2")))
    ).plot()
    wide, low = display.marks_
    limits = display.ax_.get_xlim()
    assert limits[1] < 20
    assert wide.interval is not None
    assert wide.interval.get_xdata()[1] == pytest.approx(limits[1])
    assert [arrow.get_marker() for arrow in wide.arrows] == [">"]
    assert [arrow.get_marker() for arrow in low.arrows] == ["<"]
    texts = written(display.figure_)
    assert "1.60 (1.11 to 232) \u2021" in texts
    assert "\u2021 Interval and hazard ratio do not fit each other; see the audit." in texts


def test_an_interval_without_its_estimate_is_drawn_apart_and_marked() -> None:
    """The mark stays where it is printed, the interval too, and a note explains the dagger."""
    display = ForestDisplay.from_table(table(row("Age", "1.80", ci=("1.90", "2.50")))).plot()
    (mark,) = display.marks_
    assert mark.point is not None
    assert mark.interval is not None
    assert list(mark.point.get_xdata()) == [1.8]
    assert list(mark.interval.get_xdata()) == [1.9, 2.5]
    texts = written(display.figure_)
    assert "1.80 (1.90 to 2.50) \u2020" in texts
    assert "\u2020 the reported interval does not contain its hazard ratio" in texts


@pytest.mark.parametrize("ratio", ["0.0001", "1000"])
def test_an_estimate_that_no_axis_shows(ratio: str) -> None:
    """An estimate beyond reason is an arrow at the limit, and written as printed."""
    display = ForestDisplay.from_table(table(row("Age", ratio), row("Sex", "1.1"))).plot()
    assert ratio in written(display.figure_)
    assert display.marks_[0].point is None
    assert len(display.marks_[0].arrows) == 1
    assert 0 < display.ax_.get_xlim()[0] < 1 < display.ax_.get_xlim()[1]


def test_endless_numbers_leave_room_for_the_axis(
    check_texts: Callable[[Figure], None],
) -> None:
    """A number of forty digits and a name of three hundred letters are shortened."""
    display = ForestDisplay.from_table(
        table(row("Age " * 80, "1." + "1" * 40), row("Sex", "1.3", model="multivariable"))
    ).plot()
    assert display.ax_.get_position().width > 0.1
    check_texts(display.figure_)


def test_models_differ_without_colour() -> None:
    """Marks differ in shape and filling."""
    display = ForestDisplay.from_table(
        table(row("Age", "1.1", ci=("1.0", "1.2")), row("Age", "1.3", model="multivariable"))
    ).plot()
    first, second = (mark.point for mark in display.marks_)
    assert first is not None
    assert second is not None
    assert first.get_marker() != second.get_marker()
    assert same_color(second.get_markerfacecolor(), "white")
    assert not same_color(first.get_markerfacecolor(), "white")


def test_a_table_without_hazard_ratios() -> None:
    """There is nothing to draw, and the message says of which table."""
    with pytest.raises(ValueError, match="`table` must print hazard ratios, but t prints none"):
        ForestDisplay.from_table(table())


def subgroups(**fields: Any) -> Table:
    """Print a table of subgroups, as a study file would."""

    def group(level: str, variable: str = "Sex", **more: Any) -> dict[str, Any]:
        arms = {"SR": "31/160", "TA": "38/162"}
        return row(
            variable, "1.20", model="", level=level, ci=("0.75", "1.92"), patients=arms, **more
        )

    return table(
        group("", "All patients", overall=True),
        group("Male", p_interaction=PrintedNumber.parse("0.88")),
        group("Female"),
        group("\u226465", "Age (years)"),
        favours=("TA", "SR"),
        title="Subgroups of overall survival",
        **fields,
    )


def test_subgroups_have_patients_and_interaction(check_texts: Callable[[Figure], None]) -> None:
    """Patients stand before the axis, p for interaction beside it; no other is reported."""
    display = ForestDisplay.from_table(subgroups()).plot()
    assert display.table.cell_titles == (
        "SR, events/n", "TA, events/n", "HR (95% CI)", "p interaction",
    )  # fmt: skip
    assert [(each.name, each.heading, each.indent) for each in display.table.rows] == [
        ("All patients", True, 0), ("Sex", True, 0), ("Male", False, 1), ("Female", False, 1),
        ("Age (years)", True, 0), ("\u226465", False, 1),
    ]  # fmt: skip
    assert display.table.rows[1].cells == ("", "", "", "0.88")
    assert display.table.rows[2].cells == ("31/160", "38/162", "1.20 (0.75 to 1.92)")
    assert display.table.rows[4].cells == ()
    check_texts(display.figure_)
    axis = display.ax_.get_window_extent()
    for text in display.ax_.texts:
        box, before = text.get_window_extent(), text.get_text() in ("31/160", "38/162", "Male")
        beside = text.get_text() in ("1.20 (0.75 to 1.92)", "0.88")
        assert not before or box.x1 < axis.x0
        assert not beside or box.x0 > axis.x1
    assert {"\u2190 favours TA", "favours SR \u2192"} <= set(written(display.figure_))


def test_all_patients_are_a_diamond() -> None:
    """It is as wide as the interval, and a line through all rows stands at its middle."""
    display = ForestDisplay.from_table(subgroups()).plot()
    overall, *others = display.marks_
    assert overall.diamond is not None
    across = overall.diamond.get_xy()[:, 0]
    assert (across.min(), across.max()) == (0.75, 1.92)
    assert all(mark.diamond is None for mark in others)
    lines = [list(line.get_xdata()) for line in display.ax_.lines]  # type: ignore[call-overload]
    assert [1.2, 1.2] in lines


def test_patients_without_events_are_titled_so() -> None:
    """The title of a column says what its cells are."""
    plain = table(row("Sex", "1.2", level="Male", patients={"SR": "160"}))
    assert ForestDisplay.from_table(plain).table.cell_titles[0] == "SR, n"
