"""Survival curves, by their artists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from kmrepro.figures import KaplanMeierDisplay, figure_bytes
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]

REPORTED = {"hazard_ratio": "1.22", "ci": ("0.78", "1.89"), "p": "0.381"}
FORTY = ("Laparoscopic radiofrequency ablation +IO", "Transarterial chemoembolisation +sorafen")
CASES: dict[str, dict[str, Any]] = {
    "two arms": {"reported": REPORTED},
    "eight patients": {"n": 8, "times": (6.0, 12.0), "reported": REPORTED},
    "survival near 1": {"rates": {"SR": 1e-4, "TA": 3e-4}, "n": 185, "reported": REPORTED},
    "survival near 0": {"rates": {"SR": 0.3, "TA": 0.6}, "times": (1.0, 2.0)},
    "curves far apart": {"rates": {"SR": 0.003, "TA": 0.2}, "reported": REPORTED},
    "both corners taken": {"rates": {"SR": 0.0005, "TA": 0.4}, "reported": REPORTED},
    "one arm": {"rates": {"SR": 0.02}, "medians": {"SR": "34.1"}},
    "no events": {"rates": {"SR": 1e-9}, "times": ()},
    "three arms": {"rates": {"A": 0.01, "B": 0.02, "C": 0.03}, "labels": {"A": "Stage A"}},
    "four arms in years": {
        "rates": {"A": 0.1, "B": 0.2, "C": 0.4, "D": 0.6},
        "times": (1.0, 3.0),
        "end": 8.0,
        "time_unit": "years",
    },
    "long names": {
        "rates": dict.fromkeys(FORTY, 0.02),
        "reported": {**REPORTED, "adjusted": True},
        "label": "Extrahepatic progression-free survival by blinded independent central review, "
        "all patients who were randomised",
        "name": "Extrahepatic progression-free survival",
    },
    "five thousand patients": {"n": 5000},
    "printed numbers missed": {"shift": 0.1, "n": 200},
    "markup": {
        "labels": {"SR": "$x^2$ & <b>bold</b>", "TA": "_hidden \\frac{1}{2}"},
        "label": "Cost $5 or $6 {braces} \\alpha",
        "cohort": "50% $b$",
    },
}


@pytest.fixture(params=CASES.values(), ids=CASES, scope="module")
def case(request: pytest.FixtureRequest, analysed: Analysed) -> EndpointAnalysis:
    """Analyse one case after the other."""
    return analysed(**request.param)


@pytest.fixture(scope="module")
def shown(case: EndpointAnalysis) -> KaplanMeierDisplay:
    """Plot the case and lay it out, once for all tests that look at it."""
    display = KaplanMeierDisplay.from_analysis(case).plot()
    display.figure_.draw_without_rendering()
    return display


def test_curves_are_the_estimates(case: EndpointAnalysis, shown: KaplanMeierDisplay) -> None:
    """Each line goes through the estimate of its arm, step by step."""
    display = shown
    for arm, curve in case.curves.items():
        line = display.lines_[arm]
        assert line.get_drawstyle() == "steps-post"
        times, survival = (np.asarray(values) for values in line.get_data())
        assert times[[0, -1]].tolist() == [0, curve.last_time]
        assert survival.tolist() == [curve.survival_at(time) for time in times.tolist()]
        if curve.time.size <= 1500:
            assert times.tolist() == curve.time.tolist()


def test_numbers_at_risk_stand_below_their_ticks(
    case: EndpointAnalysis, shown: KaplanMeierDisplay
) -> None:
    """Under every tick stands how many were followed just before it, whatever the labels."""
    display = shown
    table = display.at_risk_
    assert table is not None
    ticks = display.ax_.get_xticks()
    for arm in case.curves:
        times, _ = case.ipd.of(arm)
        written = [note.get_text().replace(",", "") for note in table.counts[arm]]
        assert written == [str(int((times >= tick).sum())) for tick in ticks]
        for tick, note in zip(ticks, table.counts[arm], strict=True):
            box, at = note.get_window_extent(), display.ax_.transData.transform((tick, 0))[0]
            assert (box.x0 + box.x1) / 2 == pytest.approx(at, abs=1.0)


def test_nothing_written_collides(
    shown: KaplanMeierDisplay, check_texts: Callable[[Figure], None]
) -> None:
    """No text is cut off, and none runs into another."""
    check_texts(shown.figure_)


def test_the_box_covers_no_curve(shown: KaplanMeierDisplay) -> None:
    """The numbers in the corner stay clear of every line and every printed point."""
    display = shown
    box = Bbox.union([text.get_window_extent() for text in display.box_])
    for line in display.lines_.values():
        path = line.get_path().transformed(line.get_transform())
        corners = np.column_stack(
            [np.repeat(path.vertices[:, 0], 2)[1:], np.repeat(path.vertices[:, 1], 2)[:-1]]
        )
        assert not Path(corners).intersects_bbox(box, filled=False)
    for points in display.points_:
        for at in display.ax_.transData.transform(np.column_stack(points[0].get_data())):
            assert not box.padded(2).contains(*at)


def test_the_box_says_what_was_reported_and_reproduced(analysed: Analysed) -> None:
    """The printed digits are repeated, the reproduced ones are the model's."""
    analysis = analysed(reported=REPORTED)
    texts = [text.get_text() for text in KaplanMeierDisplay.from_analysis(analysis).plot().box_]
    assert analysis.cox is not None
    assert analysis.logrank is not None
    low, high = analysis.cox.ci
    ratio = f"{analysis.cox.hazard_ratio:.2f} ({low:.2f} to {high:.2f})"
    assert texts == [
        "Hazard ratio (95% CI), TA vs SR",
        "Reported",
        "1.22 (0.78 to 1.89), p = 0.381",
        "Reproduced",
        f"{ratio}, p = {analysis.logrank.p:.3f}",
    ]


@pytest.mark.parametrize(
    ("case", "texts"),
    [
        pytest.param(
            {"rates": {"SR": 1e-9}, "times": ()},
            ["Median, months (95% CI)", "Reproduced", "not reached"],
            id="no events",
        ),
        pytest.param(
            {"rates": {"SR": 1e-9, "TA": 0.01}, "times": ()},
            ["Hazard ratio (95% CI), TA vs SR", "Reproduced", "not estimable, p < 0.001"],
            id="no events in one arm",
        ),
    ],
)
def test_the_box_without_estimates(
    analysed: Analysed, case: dict[str, Any], texts: list[str]
) -> None:
    """What cannot be estimated is said to be so."""
    display = KaplanMeierDisplay.from_analysis(analysed(**case)).plot()
    assert [text.get_text() for text in display.box_] == texts


def test_adjusted_hazard_ratios_are_called_so(analysed: Analysed) -> None:
    """A reader sees that the reported hazard ratio is another quantity."""
    analysis = analysed(reported={**REPORTED, "adjusted": True})
    display = KaplanMeierDisplay.from_analysis(analysis)
    assert display.box is not None
    assert display.box.rows[0][0] == "Reported, adjusted"


def test_printed_survival_lies_where_it_is_printed(analysed: Analysed) -> None:
    """Points stand at the printed values, their bars span what rounds to them."""
    display = KaplanMeierDisplay.from_analysis(analysed()).plot()
    for points, arm in zip(display.points_, ("SR", "TA"), strict=True):
        checks = [check for check in display.landmarks if check.arm == arm]
        times, survival = points[0].get_data()
        assert list(times) == [check.time for check in checks]
        assert list(survival) == [check.printed.value for check in checks]
        upright = points[2][1].get_segments()
        for check, bar in zip(checks, upright, strict=True):
            assert bar[:, 1] == pytest.approx([check.printed.lower, check.printed.upper])
    assert display.missed_ is None


def test_a_printed_median_lies_at_one_half(analysed: Analysed) -> None:
    """A printed median is a point on the 50% line."""
    analysis = analysed({"SR": 0.02}, times=(), medians={"SR": "34.1"})
    (points,) = KaplanMeierDisplay.from_analysis(analysis).plot().points_
    assert points[0].get_xydata().tolist() == [[34.1, 0.5]]
    assert points[2][0].get_segments()[0][:, 0] == pytest.approx([34.05, 34.15])


def test_a_median_not_reached_has_no_point(analysed: Analysed) -> None:
    """A median "NR" lies nowhere in the plot, and does not stretch its axis."""
    analysis = analysed({"SR": 0.0001}, times=(), medians={"SR": "NR"})
    display = KaplanMeierDisplay.from_analysis(analysis).plot()
    assert display.points_ == []


def test_missed_numbers_are_crossed_out(analysed: Analysed) -> None:
    """A printed number that the curve does not meet is marked, and the key says how."""
    display = KaplanMeierDisplay.from_analysis(analysed(shift=0.1)).plot()
    assert display.missed_ is not None
    assert len(display.missed_.get_xydata()) == 6
    assert display.key_ is not None
    assert display.key_.get_texts()[-1].get_text() == "reported, not matched"


def test_bands_are_the_intervals(analysed: Analysed) -> None:
    """The band reaches from the lower to the upper limit until the last time."""
    analysis = analysed(n=30)
    display = KaplanMeierDisplay.from_analysis(analysis).plot()
    for arm, curve in analysis.curves.items():
        corners = np.concatenate([path.vertices for path in display.bands_[arm].get_paths()])
        defined = ~np.isnan(curve.lower)
        assert corners[:, 1].min() == curve.lower[defined].min()
        assert set(curve.upper[defined][:-1]) <= set(corners[:, 1])
        assert corners[:, 0].max() == curve.last_time


def test_censoring_marks_sit_on_the_curve(analysed: Analysed) -> None:
    """Every censored time of a small arm has its mark."""
    analysis = analysed(n=8)
    display = KaplanMeierDisplay.from_analysis(analysis).plot()
    for arm, marks in display.censor_marks_.items():
        curve = analysis.curves[arm]
        times, survival = (np.asarray(values) for values in marks.get_data())
        assert set(times) <= set(curve.censor_times)
        assert survival.tolist() == [curve.survival_at(time) for time in times.tolist()]


def test_thousands_of_censorings_are_not_marked(analysed: Analysed) -> None:
    """Marks that would hide the curves are left out for all arms alike."""
    analysis = analysed({"SR": 0.001}, n=1200)
    assert KaplanMeierDisplay.from_analysis(analysis).plot().censor_marks_ == {}


def test_what_is_not_wanted_is_not_drawn(analysed: Analysed) -> None:
    """Bands, marks, points, box, key and numbers at risk can be left out."""
    display = KaplanMeierDisplay.from_analysis(analysed()).plot(
        bands=False,
        censor_marks=False,
        landmarks=False,
        at_risk=False,
        box=False,
        key=False,
        line_kwargs={"color": "black", "linewidth": 2},
    )
    assert (display.bands_, display.censor_marks_, display.points_) == ({}, {}, [])
    assert not any("95% bands" in text.get_text() for text in display.figure_.texts)
    assert (display.box_, display.key_, display.at_risk_) == ((), None, None)
    assert {line.get_color() for line in display.lines_.values()} == {"black"}


def test_median_guide(analysed: Analysed) -> None:
    """The guide leads from 50% to the curve and down to the axis."""
    analysis = analysed({"SR": 0.02, "TA": 0.05})
    ax = KaplanMeierDisplay.from_analysis(analysis).plot(median_guide=True).ax_
    medians = {curve.median for curve in analysis.curves.values()}
    feet = {line.get_xdata()[0] for line in ax.lines if list(line.get_ydata()) == [0, 0.5]}
    assert feet == medians


def test_plotting_again_changes_nothing(analysed: Analysed) -> None:
    """A display can be drawn twice, and on axes of the caller's own figure."""
    display = KaplanMeierDisplay.from_analysis(analysed())
    first = figure_bytes(display.plot().figure_, file_format="svg")
    assert figure_bytes(display.plot().figure_, file_format="svg") == first
    ax = Figure(figsize=(6, 6)).add_axes((0.2, 0.4, 0.7, 0.4))
    assert display.plot(ax).ax_ is ax
    assert len(display.lines_) == 2


def test_arms_differ_without_colour(analysed: Analysed) -> None:
    """In a grey print dashes and markers tell four arms apart."""
    analysis = analysed({"A": 0.01, "B": 0.02, "C": 0.03, "D": 0.04})
    display = KaplanMeierDisplay.from_analysis(analysis).plot()
    assert (
        len(
            {
                str(line.get_linestyle()) + str(line._dash_pattern)
                for line in display.lines_.values()
            }
        )
        == 4
    )
    assert len({points[0].get_marker() for points in display.points_}) == 4


def test_a_notebook_shows_the_drawing(analysed: Analysed) -> None:
    """A display that was drawn is shown as SVG, one that was not as text."""
    display = KaplanMeierDisplay.from_analysis(analysed())
    assert display._repr_svg_() is None
    assert "</svg>" in str(display.plot()._repr_svg_())


def test_markup_is_shown_as_written(analysed: Analysed) -> None:
    """Dollar signs, backslashes and angle brackets in labels mean nothing."""
    display = KaplanMeierDisplay.from_analysis(analysed(**CASES["markup"])).plot()
    assert display.ax_.get_title(loc="left") == ("Cost $5 or $6 {braces} \\alpha, cohort 50% $b$")
    assert display.key_ is not None
    labels = [text.get_text() for text in display.key_.get_texts()]
    assert labels[:2] == ["$x^2$ & <b>bold</b> (SR)", "_hidden \\frac{1}{2} (TA)"]
    assert not any(text.get_parse_math() for text in display.key_.get_texts())


def test_the_description_gives_the_finding(analysed: Analysed) -> None:
    """Who cannot see the figure reads the numbers."""
    figure = KaplanMeierDisplay.from_analysis(analysed(reported=REPORTED)).plot().figure_
    alt = str(figure.get_label())
    assert "Surgical resection (SR), 60 patients" in alt
    assert "reported 1.22 (0.78 to 1.89), p = 0.381" in alt
    assert "match 6 of 6 reported survival probabilities" in alt


def test_where_there_is_no_notebook_it_says_what_it_shows(analysed: Analysed) -> None:
    """In words, not in arrays."""
    display = KaplanMeierDisplay.from_analysis(analysed())
    assert repr(display) == f"KaplanMeierDisplay({display.alt})"
    assert "array" not in repr(display)


def test_patients_without_a_study() -> None:
    """Plain arrays give the curves that one multiplies up by hand, and no word of a paper."""
    time, event = [6, 12, 21, 27, 32, 39], [1, 1, 0, 1, 0, 0]
    display = KaplanMeierDisplay.from_patients(time, event, ["A", "B"] * 3, names={"B": "Beta"})
    assert display.curves["A"].survival.tolist() == pytest.approx([1, 2 / 3, 2 / 3, 2 / 3])
    assert display.curves["B"].survival.tolist() == pytest.approx([1, 2 / 3, 1 / 3, 1 / 3])
    display.plot()
    words = " ".join(text.get_text() for text in display.figure_.findobj(Text))
    assert "Beta" in words
    assert "No. at risk" in words
    assert "reconstructed" not in words
    assert list(KaplanMeierDisplay.from_patients(time, event).curves) == ["All patients"]


def test_patients_must_be_sound() -> None:
    """Rows that do not match are refused, not cut."""
    with pytest.raises(ValueError, match="time"):
        KaplanMeierDisplay.from_patients([1, 2], [True])


@pytest.mark.parametrize(
    ("event", "arm", "message"),
    [
        pytest.param([1, 2], None, "`event` must be True or False .*, but is 2 in row 1", id="2"),
        pytest.param(["0", "1"], None, "but is the text '0' in row 0", id="text"),
        pytest.param([1, float("nan")], None, "but is nan in row 1", id="missing"),
        pytest.param([1, 0], ["A", None], "`arm` is missing in row 1", id="no arm"),
        pytest.param([1, 0], ["A", float("nan")], "`arm` is missing in row 1", id="a missing arm"),
    ],
)
def test_patients_in_arrays_are_checked_as_in_a_frame(event, arm, message):
    """Codes 1 and 2 of other programs, texts and missing values were all drawn as events."""
    with pytest.raises(ValueError, match=message):
        KaplanMeierDisplay.from_patients([1, 2], event, arm)


def test_the_key_shows_the_marker_of_each_arm(analysed: Analysed) -> None:
    """An arm's line in the key has the marker of its reported survival, if that is drawn."""
    display = KaplanMeierDisplay.from_analysis(analysed())
    key = display.plot(labels=False).key_
    assert key is not None
    assert [line.get_marker() for line in key.get_lines()] == ["o", "s", "o"]
    key = display.plot(labels=False, landmarks=False).key_
    assert key is not None
    assert not any(line.get_marker() for line in key.get_lines())
