"""What survival curves can be drawn with: which way up, in which time, labels, inset, counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from kmrepro.figures import CurveOptions, KaplanMeierDisplay
from kmrepro.figures.key import _apart as moved_apart
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]

APART = {"SR": 0.002, "TA": 0.008}
NEAR_ONE = {"SR": 1e-4, "TA": 6e-4}


def display_of(analysis: EndpointAnalysis) -> KaplanMeierDisplay:
    """Lay out an analysis."""
    return KaplanMeierDisplay.from_analysis(analysis)


# Which way up -------------------------------------------------------------------------------


def test_incidence_is_one_minus_survival(analysed: Analysed) -> None:
    """Lines, bands, marks, points and the axis' title are turned together."""
    analysis = analysed(n=80)
    up = display_of(analysis).plot(labels=False)
    down = display_of(analysis).plot(labels=False, orientation="incidence")
    for arm in analysis.curves:
        for handles in ("lines_", "censor_marks_"):
            first, second = getattr(up, handles)[arm], getattr(down, handles)[arm]
            assert first.get_xdata().tolist() == second.get_xdata().tolist()
            assert second.get_ydata() == pytest.approx(1 - first.get_ydata(), nan_ok=True)
        heights = [
            {round(y, 9) for path in display.bands_[arm].get_paths() for y in path.vertices[:, 1]}
            for display in (up, down)
        ]
        assert heights[1] == {round(1 - height, 9) for height in heights[0]}
    for first, second in zip(up.points_, down.points_, strict=True):
        assert second[0].get_ydata() == pytest.approx(1 - np.asarray(first[0].get_ydata()))
        bars = [points[2][1].get_segments()[0][:, 1] for points in (first, second)]
        assert bars[1] == pytest.approx(1 - bars[0][::-1])
    assert up.ax_.get_ylabel() == "Overall survival (%)"
    assert down.ax_.get_ylabel() == "Cumulative incidence (%)"
    assert down.figure_.get_label().endswith("Drawn as cumulative incidence, 100% minus survival.")


def test_numbers_at_risk_do_not_turn(analysed: Analysed) -> None:
    """The table below is the same for survival and incidence."""
    tables = [
        display_of(analysed()).plot(orientation=orientation).at_risk_
        for orientation in ("survival", "incidence")
    ]
    texts = [
        {arm: [note.get_text() for note in row] for arm, row in table.counts.items()}
        for table in tables
        if table is not None
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("rates", [{"SR": 0.001, "TA": 0.002}, {"SR": 0.02, "TA": 0.06}])
def test_the_box_finds_a_corner_that_rising_curves_leave(
    analysed: Analysed, rates: dict[str, float]
) -> None:
    """Above curves that rise late, below those that rise early."""
    display = display_of(analysed(rates)).plot(orientation="incidence", inset=False)
    display.figure_.draw_without_rendering()
    box = Bbox.union([text.get_window_extent() for text in display.box_])
    left, low = display.ax_.transAxes.inverted().transform(box.p0)
    assert (left < 0.1, low > 0.5) in [(True, True), (False, False)]
    for line in display.lines_.values():
        at = display.ax_.transData.transform(np.column_stack(line.get_data()))
        assert not any(box.contains(*corner) for corner in at)


# Time ---------------------------------------------------------------------------------------


def test_time_in_years(analysed: Analysed) -> None:
    """Twelve months are a year, in lines, points, ticks, title and numbers at risk."""
    months, years = (
        display_of(analysed(times=(12.0, 36.0, 60.0))).plot(time_in=unit, labels=False)
        for unit in ("months", "years")
    )
    for arm, line in months.lines_.items():
        assert years.lines_[arm].get_xdata() == pytest.approx(line.get_xdata() / 12)
    assert years.points_[0][0].get_xdata().tolist() == [1, 3, 5]
    assert years.ax_.get_xlabel() == "Time (years)"
    ticks = years.ax_.get_xticks()
    assert (ticks == np.round(ticks)).all()
    assert years.at_risk_ is not None
    for arm in years.curves:
        at_risk = [years.curves[arm].n_at_risk_at(12 * tick) for tick in ticks]
        assert [int(note.get_text()) for note in years.at_risk_.counts[arm]] == at_risk


def test_time_in_months_of_a_study_in_years(analysed: Analysed) -> None:
    """Ticks are months that readers think in."""
    case: dict[str, Any] = {"rates": {"A": 0.2}, "times": (1.0, 3.0), "end": 8.0}
    display = display_of(analysed(**case, time_unit="years")).plot(time_in="months")
    assert display.points_[0][0].get_xdata().tolist() == [12, 36]
    assert set(np.diff(display.ax_.get_xticks())) <= {6.0, 12.0, 24.0}
    assert display.ax_.get_xlabel() == "Time (months)"


def test_a_patient_who_leaves_at_a_tick_is_at_risk_there(analysed: Analysed) -> None:
    """Years that are turned back into months lose nothing to rounding."""
    view = display_of(analysed())._view(CurveOptions(time_in="years"))
    assert [view.study_time(float(year)) for year in range(1, 41)] == [
        12.0 * year for year in range(1, 41)
    ]


# Names at the ends ---------------------------------------------------------------------------


def test_names_stand_at_ends_that_are_apart(analysed: Analysed) -> None:
    """Each name is as high as its curve ends, and the key no longer lists arms."""
    display = display_of(analysed(APART, n=300)).plot()
    assert set(display.labels_) == {"SR", "TA"}
    display.figure_.draw_without_rendering()
    for arm, text in display.labels_.items():
        box = text.get_window_extent()
        end = display.ax_.transData.transform((0, display.curves[arm].survival[-1]))[1]
        assert (box.y0 + box.y1) / 2 == pytest.approx(end, abs=3)
        assert box.x0 > display.ax_.bbox.x1
        assert box.x1 < display.figure_.bbox.x1
    assert display.key_ is not None
    assert [text.get_text() for text in display.key_.get_texts()] == ["as reported"]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param({"rates": {"SR": 0.01, "TA": 0.0101}, "n": 3000}, id="ends close together"),
        pytest.param({"rates": {"SR": 0.006}}, id="one arm"),
        pytest.param(
            {"rates": APART, "n": 300, "labels": {"SR": "Supercalifragilistic" * 3}},
            id="a name that must be cut",
        ),
        pytest.param({"rates": {"SR": 0.001, "TA": 0.2}, "n": 300}, id="a curve that ends early"),
    ],
)
def test_the_key_stays_where_names_do_not_fit(analysed: Analysed, case: dict[str, Any]) -> None:
    """Otherwise all arms are in the key, as many as there are."""
    display = display_of(analysed(**case)).plot()
    assert display.labels_ == {}
    assert display.key_ is not None
    assert len(display.key_.get_texts()) == len(display.curves) + 1


def test_the_box_is_whole_beside_names(analysed: Analysed) -> None:
    """Names at the ends leave the axes as wide as the numbers in the corner."""
    reported = {"hazard_ratio": "1.22", "ci": ("0.78", "1.89"), "p": "0.381"}
    labels = {"SR": "Surgical resection", "TA": "Thermal ablation"}
    analysis = analysed(APART, n=300, reported=reported, labels=labels)
    for width in (60, 70, 85, 100, 120):
        display = display_of(analysis).plot(width=width)
        assert not any("…" in text.get_text() for text in display.box_ if display.labels_)
    assert display.labels_


def test_names_that_are_forced_move_apart(
    analysed: Analysed, check_texts: Callable[[Figure], None]
) -> None:
    """Curves that end together still have names that can be read."""
    rates = dict.fromkeys(("A", "B", "C", "D"), 0.05)
    display = display_of(analysed(rates, n=300)).plot(labels=True)
    assert len(display.labels_) == 4
    check_texts(display.figure_)


@given(
    wanted=st.lists(st.floats(0.0, 2.2), min_size=1, max_size=4),
    lines=st.lists(st.integers(1, 3), min_size=4, max_size=4),
)
def test_names_that_move_stay_on_the_axes_and_apart(wanted: list[float], lines: list[int]) -> None:
    """No two labels overlap, none leaves the axes, and order stays; one alone does not move."""
    sizes = 0.11 * np.array(lines[: len(wanted)])
    centres = moved_apart(np.array(wanted), sizes, height=2.25)
    order = np.argsort(wanted, kind="stable")
    lower, upper = (centres - sizes / 2)[order], (centres + sizes / 2)[order]
    assert (lower[1:] >= upper[:-1] + 0.02 - 1e-9).all()
    assert lower[0] >= -1e-9
    if len(wanted) == 1 and sizes[0] / 2 <= wanted[0] <= 2.25 - sizes[0] / 2:
        assert centres[0] == wanted[0]


def test_names_on_axes_of_the_caller_only_if_asked(analysed: Analysed) -> None:
    """Nobody knows whether there is room beside them."""
    ax = Figure(figsize=(6, 6)).add_axes((0.2, 0.4, 0.5, 0.4))
    assert display_of(analysed(APART, n=300)).plot(ax).labels_ == {}
    assert len(display_of(analysed(APART, n=300)).plot(ax, labels=True).labels_) == 2


# Inset --------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", ["survival", "incidence"])
def test_an_inset_enlarges_curves_that_stay_near(analysed: Analysed, orientation: str) -> None:
    """It holds every line and point, and touches neither curves nor box."""
    analysis = analysed(NEAR_ONE, n=900, reported={"hazard_ratio": "1.22", "p": "0.381"})
    display = display_of(analysis).plot(orientation=orientation)
    inset = display.inset_
    assert inset is not None
    display.figure_.draw_without_rendering()
    low, high = inset.get_ylim()
    assert high - low <= 0.25
    around = inset.get_tightbbox()
    for line in display.lines_.values():
        assert low <= line.get_ydata().min() <= line.get_ydata().max() <= high
        at = display.ax_.transData.transform(np.column_stack(line.get_data()))
        assert not any(around.contains(*corner) for corner in at)
    for text in display.box_:
        assert not around.overlaps(text.get_window_extent())
    assert len(inset.containers) == len(display.points_)
    assert display.ax_.bbox.contains(*around.p0)
    assert display.ax_.bbox.contains(*around.p1)
    assert display.ax_.get_yticks().tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])


def test_an_inset_crosses_out_what_is_missed(analysed: Analysed) -> None:
    """A printed number that the curves do not meet is crossed out there, too."""
    display = display_of(analysed(NEAR_ONE, n=900, shift=0.04)).plot()
    assert display.missed_ is not None
    assert display.inset_ is not None
    crosses = [line for line in display.inset_.lines if line.get_marker() == "x"]
    assert [len(line.get_xdata()) for line in crosses] == [6]


def test_no_inset_for_curves_that_fall(analysed: Analysed) -> None:
    """Nothing is enlarged that fills the plot, nor if it is not wanted."""
    assert display_of(analysed()).plot().inset_ is None
    assert display_of(analysed(NEAR_ONE, n=900)).plot(inset=False).inset_ is None


def test_no_inset_for_curves_without_an_event(analysed: Analysed) -> None:
    """There is nothing to enlarge."""
    assert display_of(analysed({"SR": 1e-9}, times=())).plot().inset_ is None


def test_an_inset_that_is_forced(analysed: Analysed) -> None:
    """It is drawn wherever there is room, and refused where there is none."""
    assert display_of(analysed({"SR": 0.003, "TA": 0.004}, n=400)).plot(inset=True).inset_
    with pytest.raises(ValueError, match=r"`inset` is True, but .* leave no room"):
        display_of(analysed({"SR": 0.1, "TA": 0.1})).plot(inset=True)


# Numbers below and guides --------------------------------------------------------------------


def test_at_risk_events_and_censored_add_up(
    analysed: Analysed, check_texts: Callable[[Figure], None]
) -> None:
    """Below every tick, the three counts of an arm are all of its patients, centred there."""
    display = display_of(analysed()).plot(counts=("events", "censored"))
    check_texts(display.figure_)
    assert display.at_risk_ is not None
    tables = [display.at_risk_, *display.counts_.values()]
    assert [table.heading.get_text() for table in tables] == [
        "No. at risk (reconstructed)",
        "Cumulative no. of events",
        "Cumulative no. censored",
    ]
    for arm, curve in display.curves.items():
        for position, tick in enumerate(display.ax_.get_xticks()):
            notes = [table.counts[arm][position] for table in tables]
            assert sum(int(note.get_text()) for note in notes) == curve.n
            at = display.ax_.transData.transform((tick, 0))[0]
            for note in notes:
                box = note.get_window_extent()
                assert (box.x0 + box.x1) / 2 == pytest.approx(at, abs=1)


def test_events_alone_take_the_place_of_numbers_at_risk(
    analysed: Analysed, check_texts: Callable[[Figure], None]
) -> None:
    """Each table can stand alone."""
    display = display_of(analysed()).plot(at_risk=False, counts=("events",))
    check_texts(display.figure_)
    long = {"Surgical group": 0.006, "Ablation": 0.009}
    check_texts(display_of(analysed(long)).plot(at_risk=False, counts=("censored",)).figure_)
    assert display.at_risk_ is None
    assert list(display.counts_) == ["events"]
    heading = display.counts_["events"].heading
    both = display_of(analysed()).plot(counts=("events",)).at_risk_
    assert both is not None
    assert heading.xyann == both.heading.xyann


def test_landmark_guides(analysed: Analysed) -> None:
    """One upright line at each printed time, none at a median, none through the box."""
    analysis = analysed(medians={"SR": "110"})
    display = display_of(analysis).plot(landmark_guides=True, inset=False)
    assert [line.get_xdata()[0] for line in display.guides_] == [12, 36, 60]
    display.figure_.draw_without_rendering()
    box = Bbox.union([text.get_window_extent() for text in display.box_])
    for line in display.guides_:
        foot, top = display.ax_.transData.transform(np.column_stack(line.get_data()))
        assert not box.overlaps(Bbox([foot, top]).padded(0.5))


# Options ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"orientation": "up"}, "`orientation` must be one of 'survival', 'incidence'"),
        ({"time_in": "fortnights"}, "`time_in` must be one of None, 'days', 'weeks'"),
        ({"labels": "yes"}, "`labels` must be one of True, False, 'auto', but is 'yes'"),
        ({"inset": None}, "`inset` must be one of"),
        ({"counts": "events"}, r"`counts` must be a tuple such as \('events',\), not a string"),
        ({"counts": ("deaths",)}, "`counts` must be one of 'events', 'censored'"),
        ({"counts": ("events", "events")}, "`counts` must name each count once"),
    ],
)
def test_options_that_are_no_choice(
    analysed: Analysed, changes: dict[str, Any], message: str
) -> None:
    """The message names the option and its choices."""
    with pytest.raises(ValueError, match=message):
        display_of(analysed()).plot(**changes)


def test_an_option_that_does_not_exist(analysed: Analysed) -> None:
    """A misspelt option is not ignored."""
    with pytest.raises(TypeError, match="at_rsik"):
        display_of(analysed()).plot(at_rsik=False)


def test_options_and_changes_go_together(analysed: Analysed) -> None:
    """Single options win over the whole."""
    options = CurveOptions(bands=False, key=False)
    display = display_of(analysed()).plot(options=options, key=True, labels=False)
    assert display.bands_ == {}
    assert display.key_ is not None


@pytest.mark.parametrize(("arms", "columns"), [(3, {3, 2, 1}), (5, {5, 3, 2}), (7, {7, 4, 3, 2})])
def test_columns_of_the_key_are_filled_alike(arms: int, columns: set[int]) -> None:
    """Seven arms stand in four columns or fewer, and not in six of which the first has two."""
    number = np.repeat(np.arange(arms), 12)
    time = np.tile(np.arange(1.0, 13.0), arms) * (1 + number / 9)
    names = np.array([f"Arm with the number {k}" for k in number])
    display = KaplanMeierDisplay.from_patients(time, np.ones(time.size, dtype=bool), names).plot()
    assert display.key_ is not None
    assert [text.get_text() for text in display.key_.get_texts()] == list(dict.fromkeys(names))
    assert display.key_._ncols in columns
