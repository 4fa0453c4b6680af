"""What is odd in a study file is named with its key and what would fit; nothing else is."""

from __future__ import annotations

import tomllib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmrepro as km
from kmrepro.studies import Study, bundled_ids, load_study, starter_text
from kmrepro.studies.doubts import doubts

SOUND = """id = "mine"
time_unit = "months"
enrolment = ["2015-01", "2018-12"]
data_cutoff = "2023-06"
[arms]
A = "Control"
B = "Treatment"
[[endpoint]]
name = "OS"
reference = "A"
[endpoint.arms.A]
n = 40
landmarks = { 12 = "80.0%", 36 = { survival = "60.0%", ci = ["50.1%", "70.2%"] } }
events = 20
median = "46.1"
median_ci = ["37.2", "NR"]
follow_up = { median = "38.0", iqr = ["25.1", "55.9"] }
at_risk = { 0 = 40, 12 = 31 }
[endpoint.arms.B]
n = 40
landmarks = { 12 = "90.0%", 36 = "70.0%" }
events = 14
[endpoint.reported]
hazard_ratio = "0.65"
ci = ["0.32", "1.31"]
p = "0.23"
events = 34
[[table]]
id = "table-2"
hazard_ratio = [{ variable = "Age", hazard_ratio = "1.03", ci = ["0.63", "1.70"] }]
"""


def found(*changes: tuple[str, str]) -> list[str]:
    """Return what is said of the sound file after changes to it."""
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return [str(doubt) for doubt in doubts(Study.model_validate(tomllib.loads(text)))]


def test_nothing_is_odd_in_a_sound_file() -> None:
    """The file that the other tests change gives no doubt."""
    assert found() == []


@pytest.mark.parametrize("name", bundled_ids())
def test_nothing_is_odd_in_the_bundled_papers(name: str) -> None:
    """Papers as they are reported are not doubted for their form."""
    assert doubts(load_study(name)) == ()


def test_nothing_is_odd_in_the_example() -> None:
    """The documented example is a model, so it has nothing odd."""
    assert doubts(Study.model_validate(tomllib.loads(starter_text()))) == ()


HEAD = "endpoint[1] all/OS: "


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            '["0.32", "1.31"]', '["1.31", "0.32"]',
            'reported.ci: the limits are reversed; write ["0.32", "1.31"]',
            id="reversed interval",
        ),
        pytest.param(
            '["50.1%", "70.2%"]', '["70.2%", "50.1%"]',
            'arms.A.landmarks.36.ci: the limits are reversed; write ["50.1%", "70.2%"]',
            id="reversed interval of a landmark",
        ),
        pytest.param(
            '["25.1", "55.9"]', '["55.9", "25.1"]',
            'arms.A.follow_up.iqr: the limits are reversed; write ["25.1", "55.9"]',
            id="reversed quartiles",
        ),
        pytest.param(
            'hazard_ratio = "0.65"', 'hazard_ratio = "0.20"',
            "reported.hazard_ratio: 0.20 is outside its interval, 0.32 to 1.31; check the three",
            id="ratio below its interval",
        ),
        pytest.param(
            'hazard_ratio = "0.65"\nci = ["0.32", "1.31"]',
            'hazard_ratio = "1.54"\nci = ["0.32", "1.31"]',
            "reported.hazard_ratio: 1.54 is outside its interval, 0.32 to 1.31; check the three; "
            "its inverse, 0.65, is inside",
            id="inverse of the ratio",
        ),
        pytest.param(
            'median = "46.1"', 'median = "36.1"',
            "arms.A.median: 36.1 is outside its interval, 37.2 to NR; check the three",
            id="median outside its interval",
        ),
        pytest.param(
            '12 = "90.0%", 36 = "70.0%"', '12 = "70.0%", 36 = "90.0%"',
            "arms.B.landmarks.36: survival rises from 70.0% at 12 to 90.0%, which it cannot; check "
            "both values and their times",
            id="survival rises",
        ),
        pytest.param(
            '12 = "90.0%", 36 = "70.0%"', '12 = "0.90%", 36 = "70.0%"',
            "arms.B.landmarks.36: survival rises from 0.90% at 12 to 70.0%, which it cannot; check "
            "both values and their times",
            id="fraction with a percent sign",
        ),
        pytest.param(
            "12 = 31", "12 = 41",
            "arms.A.at_risk.12: 41 at risk are more than the 40 at 0; check both",
            id="numbers at risk rise",
        ),
        pytest.param(
            "{ 0 = 40", "{ 0 = 49",
            "arms.A.at_risk.0: it is 49, but `n` is 40; check both",
            id="at risk at first is not n",
        ),
        pytest.param(
            "events = 20", "events = 41",
            "arms.A.events: 41 events are more than the 40 patients; check both",
            id="more events than patients",
        ),
        pytest.param(
            "events = 34", "events = 35",
            "reported.events: it is 35, but the arms have 34 together",
            id="events do not add up",
        ),
        pytest.param(
            'p = "0.23"', 'p = "0.000"', 'reported.p: 0.000 cannot be; write "<0.001"',
            id="p of zero",
        ),
        pytest.param(
            'p = "0.23"', 'p = "0"',
            'reported.p: 0 cannot be; write the bound that is meant, such as "<0.001"',
            id="p of zero without decimals",
        ),
        pytest.param(
            'hazard_ratio = "0.65"\nci = ["0.32", "1.31"]',
            'hazard_ratio = "1.54"\nci = ["0.71", "3.33"]',
            "reported.hazard_ratio: 1.54 of B versus A favours A, whose survival is lower; if it "
            'is the other way round, write reference = "B"',
            id="ratio of the other direction",
        ),
        pytest.param(
            'time_unit = "months"', 'time_unit = "years"',
            "time_unit: 46.1 years (median of A) are longer than the time from 2015-01 to 2023-06; "
            "months would fit",
            id="years where months fit",
        ),
        pytest.param(
            'median = "46.1"\nmedian_ci = ["37.2", "NR"]',
            'median = "3.8"\nmedian_ci = ["3.1", "NR"]',
            "arms.A.median: survival is above 50% at 36 still, so 3.8 is not in the unit of the "
            "landmarks; write all in months",
            id="median in years",
        ),
    ],
)  # fmt: skip
def test_what_is_odd_is_named_with_what_would_fit(old: str, new: str, said: str) -> None:
    """Each slip gives one doubt, at its key."""
    assert [each for each in found((old, new)) if HEAD + said == each] == [HEAD + said]


def test_times_in_years_where_months_are_stated() -> None:
    """Survival at 1, 3 and 5 months is unusual, unless years would be longer than the trial."""
    text = """id = "mine"
    [[endpoint]]
    name = "OS"
    arms = { A = { n = 40, landmarks = { 1 = "80%", 3 = "60%", 5 = "41%" } } }
    """
    said = "time_unit: survival at 1, 3, 5 months is unusual; if these are years, write time_unit"
    [doubt] = doubts(Study.model_validate(tomllib.loads(text)))
    assert str(doubt).startswith(HEAD + said)
    short = 'enrolment = ["2019-01", "2019-06"]\ndata_cutoff = "2020-06"\n'
    assert doubts(Study.model_validate(tomllib.loads(short + text))) == ()


def test_arms_without_a_full_name() -> None:
    """An arm that [arms] lacks is named, with the one that was meant, and the reverse."""
    assert found(('A = "Control"', 'AA = "Control"')) == [
        'arms.AA: no endpoint has an arm of this name; did you mean "A"?',
        "endpoint[1] all/OS: arms.A: [arms] has no A; add it there with its full name, or write a "
        '`label`; did you mean "AA"?',
    ]


def test_a_row_of_a_table_is_named_by_its_number() -> None:
    """Rows of hazard ratios are looked at as the comparison is."""
    assert found(('["0.63", "1.70"]', '["1.70", "0.63"]')) == [
        'table[1] table-2: hazard_ratio[1].ci: the limits are reversed; write ["0.63", "1.70"]'
    ]


ratios = st.fractions(min_value=Fraction(1, 10), max_value=10).map(lambda x: f"{float(x):.2f}")


@given(low=ratios, value=ratios, high=ratios)
def test_an_interval_is_doubted_if_it_is_out_of_order_or_has_no_width(
    low: str, value: str, high: str
) -> None:
    """Two decimals are compared as decimals, and rounding can bring neighbours into order."""
    cents = [round(100 * float(x)) for x in (low, value, high)]
    row = {"variable": "Age", "hazard_ratio": value, "ci": [low, high]}
    content = tomllib.loads(SOUND) | {"table": [{"id": "t", "hazard_ratio": [row]}]}
    assert bool(doubts(Study.model_validate(content))) == (
        # Rounding can make neighbours equal: 0.30 may be 0.305, and 0.31 too.
        cents[0] > cents[2] + 1
        or cents[1] < cents[0] - 1
        or cents[1] > cents[2] + 1
        or cents[0] == cents[2]
    )


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        ((365, 730, 1095), "days"),
        ((366, 1826), "days"),
        ((728, 780), "weeks"),
        ((800, 900), "weeks"),
    ],
)
def test_the_unit_that_fits_has_survival_at_whole_years(times: tuple[int, ...], unit: str) -> None:
    """Without whole years the longest unit that fits is named."""
    arm = {"n": 40, "landmarks": dict.fromkeys(times, "60%")}
    study = km.study(id="mine", endpoints=[{"name": "OS", "arms": {"A": arm}}])
    (doubt,) = doubts(study)
    assert doubt.text.endswith(f"are longer than any trial's follow-up; {unit} would fit")
