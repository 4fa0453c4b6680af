"""A printed number is the interval of the values that print so."""

from __future__ import annotations

import math
import pickle
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.studies import PrintedNumber, parse_interval

parse = PrintedNumber.parse


@pytest.mark.parametrize(
    ("text", "value", "lower", "upper"),
    [
        ("98.8%", 0.988, 0.9875, 0.9885),
        ("68%", 0.68, 0.675, 0.685),
        ("68.0%", 0.68, 0.6795, 0.6805),
        ("100%", 1, 0.995, 1.005),
        ("1.22", 1.22, 1.215, 1.225),
        ("0.053", 0.053, 0.0525, 0.0535),
        (".85", 0.85, 0.845, 0.855),
        ("1·22", 1.22, 1.215, 1.225),
        ("1\u22c522", 1.22, 1.215, 1.225),
        ("0", 0, -0.5, 0.5),
        ("+3", 3, 2.5, 3.5),
        ("\u22120.3", -0.3, -0.35, -0.25),
        ("\u20130.3", -0.3, -0.35, -0.25),
        ("\u20110.3", -0.3, -0.35, -0.25),
        ("98.8\u2009%", 0.988, 0.9875, 0.9885),
        ("\u00a098.8\u202f% ", 0.988, 0.9875, 0.9885),
        ("9\u200b8.8%", 0.988, 0.9875, 0.9885),
        ("p=0.018", 0.018, 0.0175, 0.0185),
        ("P = .018", 0.018, 0.0175, 0.0185),
        ("p 0.03", 0.03, 0.025, 0.035),
        ("p-value = 0.03", 0.03, 0.025, 0.035),
        ("0.018*", 0.018, 0.0175, 0.0185),
        ("0.018\u2020", 0.018, 0.0175, 0.0185),
        ("1.2e-5", 1.2e-5, 1.15e-5, 1.25e-5),
        ("1.2E-05", 1.2e-5, 1.15e-5, 1.25e-5),
        ("1.2 \u00d7 10\u22125", 1.2e-5, 1.15e-5, 1.25e-5),
        ("1.2\u00d710\u207b\u2075", 1.2e-5, 1.15e-5, 1.25e-5),
        ("1.2 x 10^-5", 1.2e-5, 1.15e-5, 1.25e-5),
        ("1e3", 1000, 500, 1500),
    ],
)
def test_plain_number(text: str, value: float, lower: float, upper: float) -> None:
    """A number stands for half a unit of its last digit either side, to the last float."""
    printed = parse(text)
    assert (printed.value, printed.lower, printed.upper) == (value, lower, upper)
    assert printed.relation == "="
    assert printed.percent == ("%" in text)
    assert str(printed) == printed.text == text


@pytest.mark.parametrize(
    ("text", "relation", "lower", "upper"),
    [
        ("<0.001", "<", 0, 0.001),
        ("P < 0.001", "<", 0, 0.001),
        ("p<.001", "<", 0, 0.001),
        ("\u22640.05", "<=", 0, 0.05),
        ("\u2a7d0.05", "<=", 0, 0.05),
        ("<= 0.05", "<=", 0, 0.05),
        ("<-0.3", "<", -math.inf, -0.3),
        ("<5%", "<", 0, 0.05),
        (">0.99", ">", 0.99, math.inf),
        ("\u226512", ">=", 12, math.inf),
        ("~12", "~", 11, 13),
        ("\u2248 50%", "~", 0.49, 0.51),
        ("about 12", "~", 11, 13),
        ("Approximately 1.5", "~", 1.4, 1.6),
    ],
)
def test_relation(text: str, relation: str, lower: float, upper: float) -> None:
    """An inequality ends at its bound, an approximate number is a whole unit wide either side."""
    printed = parse(text)
    assert (printed.relation, printed.lower, printed.upper) == (relation, lower, upper)
    assert printed.reached


@pytest.mark.parametrize("text", ["NR", "nr", "N.R.", "NE", "not reached", "Not yet reached"])
def test_not_reached(text: str) -> None:
    """What was not reached is infinite, and no number meets it."""
    printed = parse(text)
    assert math.isnan(printed.value)
    assert not printed.reached
    assert printed.contains(math.inf)
    assert not printed.contains(1e9)
    assert str(printed) == text


@pytest.mark.parametrize(
    ("text", "decimals"),
    [("98.8%", 1), ("68%", 0), (".85", 2), ("1.2e-5", 6), ("1e3", 0), ("<0.001", 3)],
)
def test_decimals(text: str, decimals: int) -> None:
    """Decimals are counted as printed, percentages too."""
    assert parse(text).decimals == decimals


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("P < 0.001", "< 0.001"),
        ("p=0.018", "0.018"),
        ("p-value = .03", ".03"),
        ("0.018*", "0.018"),
        ("=0.018", "0.018"),
        ("98.8%", "98.8%"),
        ("NR", "NR"),
    ],
)
def test_bare(text: str, bare: str) -> None:
    """A figure that writes "p" itself asks for the number alone."""
    assert parse(text).bare == bare


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("good", "is not a number as papers print them"),
        ("12.9 mo", "write the number without its unit"),
        ("12.9 months", "write the number without its unit"),
        ("60m", "write the number without its unit"),
        ("1,22", "write a decimal point, and no comma"),
        ("1,234", "no comma between thousands"),
        ("0.78-1.89", "more than one number"),
        ("41.6 \u00b1 4.6", "more than one number"),
        ("22 (8.21)", "more than one number"),
        ("NS", 'write ">0.05" if'),
        ("NA", "leave the key out"),
        ("\u2014", "leave the key out"),
        ("9" * 61, "longer than 60 characters"),
        ("1e999", "too large"),
        ("nan", "is not a number"),
        ("inf", "is not a number"),
        ("12.", "is not a number"),
        ("1_000", "is not a number"),
        ("0x10", "is not a number"),
        ("98.8%%", "is not a number"),
        ("\u0663", "is not a number"),
        ("p", "is not a number"),
    ],
)
def test_refused(text: str, why: str) -> None:
    """What is not one printed number is refused, with the fix where there is one."""
    with pytest.raises(ValueError, match=why):
        parse(text)


@pytest.mark.parametrize("text", ["98.8%", "1.22", "0.053", "-0.3", "~12"])
def test_both_ends_are_included(text: str) -> None:
    """Papers round half up and half to even, so both ends of the interval count."""
    printed = parse(text)
    assert printed.contains(printed.lower)
    assert printed.contains(printed.upper)
    width = printed.upper - printed.lower
    assert not printed.contains(printed.lower - 1e-3 * width)
    assert not printed.contains(printed.upper + 1e-3 * width)


def test_whole_patients_against_print() -> None:
    """Of 185 patients 98.9% are 183 and 98.4% are 182; no whole number is 98.8%."""
    fits = {text: [k for k in range(186) if parse(text).contains(k / 185)] for text in
            ("98.9%", "98.4%", "98.8%")}  # fmt: skip
    assert fits == {"98.9%": [183], "98.4%": [182], "98.8%": []}


@pytest.mark.parametrize(
    ("text", "value", "inside"),
    [
        ("<0.001", 0.0, True),
        ("<0.001", 0.00099, True),
        ("<0.001", 0.001, False),
        ("\u22640.001", 0.001, True),
        (">0.99", 0.99, False),
        (">0.99", 1.0, True),
        ("\u22650.99", 0.99, True),
        ("<0.001", -1e-6, False),
        ("1.22", math.nan, False),
        ("1.22", math.inf, False),
        (">3", math.inf, True),
    ],
)
def test_contains_at_bounds(text: str, value: float, inside: bool) -> None:
    """A strict inequality leaves its bound out; NaN is never inside."""
    assert parse(text).contains(value) is inside


def test_float_noise_is_forgiven() -> None:
    """A product of survival factors that is half a unit off in the last bit still fits."""
    assert parse("98.8%").contains(math.nextafter(0.9875, 0))
    assert not parse("98.8%").contains(0.98749)
    assert not parse("1e-12").contains(2e-12)


decimals = st.integers(0, 6)
numbers = st.decimals("-1000", "1000", allow_nan=False, allow_infinity=False, places=8)


@given(numbers, decimals, st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]))
def test_whatever_is_rounded_is_inside(value: Decimal, places: int, rounding: str) -> None:
    """However a value is rounded to print, the print stands for it."""
    text = f"{value.quantize(Decimal(1).scaleb(-places), rounding=rounding):f}"
    printed = parse(text)
    assert printed.contains(float(value))
    assert printed.decimals == places
    assert str(printed) == text


@given(st.floats(0, 1), st.integers(0, 4))
def test_a_formatted_percentage_is_inside(survival: float, places: int) -> None:
    """A survival that Python prints as a percentage lies in what it printed."""
    assert parse(f"{survival:.{places}%}").contains(survival)


@given(numbers, decimals)
def test_ends_are_the_nearest_floats(value: Decimal, places: int) -> None:
    """The ends of the interval are those of exact arithmetic, rounded once."""
    text = f"{value:.{places}f}"
    half = Fraction(1, 2 * 10**places)
    printed = parse(text)
    assert printed.lower == float(Fraction(text) - half)
    assert printed.upper == float(Fraction(text) + half)


@given(st.text(max_size=70))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands in a file is a printed number that prints back, or a ValueError."""
    try:
        printed = parse(text)
    except ValueError:
        return
    assert str(printed) == text
    assert not printed.lower > printed.upper


@given(numbers, decimals, st.sampled_from(["\u2009%", " %", "%"]))
def test_a_percentage_is_a_hundredth(value: Decimal, places: int, sign: str) -> None:
    """A percent sign divides value and interval by a hundred, exactly."""
    text = f"{value:.{places}f}"
    printed = parse(text + sign)
    assert printed.value == float(Fraction(text) / 100)
    assert printed.upper == float((Fraction(text) + Fraction(1, 2 * 10**places)) / 100)


def test_equality_is_of_print() -> None:
    """Two numbers are equal if they are printed alike, also after pickling and when NR."""
    assert parse("0.8") != parse("0.80")
    for text in ("NR", "98.8%"):
        assert pickle.loads(pickle.dumps(parse(text))) == parse(text)
        assert hash(parse(text)) == hash(parse(text))


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("95% CI 0.78 to 1.89", ("0.78", "1.89")),
        ("0.78\u20131.89", ("0.78", "1.89")),
        ("(0.78, 1.89)", ("0.78", "1.89")),
        ("[0.21-1.01]", ("0.21", "1.01")),
        ("95%CI: 0.78-1.89", ("0.78", "1.89")),
        ("(95% CI 0.78\u20131.89)", ("0.78", "1.89")),
        ("95% confidence interval, 0.78 to 1.89", ("0.78", "1.89")),
        ("78\u201389%", ("78%", "89%")),
        ("78.0%\u201389.0%", ("78.0%", "89.0%")),
        ("-0.3--0.1", ("-0.3", "-0.1")),
        ("\u22120.3 to \u22120.1", ("-0.3", "-0.1")),
        ("12.9\u2013NR", ("12.9", "NR")),
        ("12.9 to not reached", ("12.9", "not reached")),
        ("IQR 15.6-72.6", ("15.6", "72.6")),
        ("range: 1~77", ("1", "77")),
        ("1\u00b72\u20133\u00b74", ("1.2", "3.4")),
        ("<0.01-1.5", ("<0.01", "1.5")),
    ],
)
def test_interval(text: str, ends: tuple[str, str]) -> None:
    """Two numbers that are printed as one interval are read as two."""
    assert parse_interval(text) == (parse(ends[0]), parse(ends[1]))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0.78", "is not an interval"),
        ("", "is not an interval"),
        ("0.78-1.89)", "is not an interval"),
        ("(0.78-1.89", "is not an interval"),
        ("a to b", "is not an interval"),
        ("1-2-3", "is not an interval"),
        ("1 " * 100, "is not an interval"),
        ("90% CI 0.8-1.2", "only 95% intervals are read"),
        ("(99.5% CI 0.8-1.2)", "only 95% intervals are read"),
    ],
)
def test_interval_refused(text: str, why: str) -> None:
    """What is not one 95% interval is refused."""
    with pytest.raises(ValueError, match=why):
        parse_interval(text)


@given(numbers, numbers, st.sampled_from(["-", " to ", "\u2013", ", ", " \u2014 ", "; "]))
def test_interval_round_trip(first: Decimal, second: Decimal, between: str) -> None:
    """Any two numbers with a separator between them come back as printed."""
    low, high = parse_interval(f"{first:.2f}{between}{second:.2f}")
    assert (str(low), str(high)) == (f"{first:.2f}", f"{second:.2f}")
