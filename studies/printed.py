"""Numbers and intervals as a paper reports them, and the values that each may be."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

__all__ = [
    "FLOAT_SLACK",
    "PrintedNumber",
    "Relation",
    "interval_level",
    "interval_text",
    "normalised",
    "parse_interval",
]

Relation = Literal["=", "<", "<=", ">", ">=", "~", "NR"]

_LONGEST = 60  # characters; the longest number in a paper is far shorter
FLOAT_SLACK = 1e-9  # relative; forgives the rounding of float arithmetic only

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u00b7\u2027\u2219\u22c5\u2024", "."),  # middle and one-dot points
        **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "-"),  # minus signs, hyphens
        **dict.fromkeys("\u2264\u2a7d\u2266", "<="),
        **dict.fromkeys("\u2265\u2a7e\u2267", ">="),
        **dict.fromkeys("\u2248\u223c\u02dc\uff5e", "~"),
        "\uff1c": "<",
        "\uff1e": ">",
        "\uff1d": "=",
        "\uff05": "%",
    }
)
_SUPERSCRIPTS = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b", "0123456789-"
)
_NUMBER = re.compile(
    r"""
    (?: p (?:\s*-?\s*values?)? \s* (?=[<>=~]|[ ]) )?                # "P < 0.001", "p=0.018"
    (?P<relation> <= | >= | < | > | = | ~ | about\b | approximately\b )? \s*
    (?P<mantissa> [+-]? (?: [0-9]+ (?:\.[0-9]+)? | \.[0-9]+ ) )
    (?: e (?P<e> [+-]?[0-9]{1,3})                                   # "1.2e-5"
      | \s* [x\u00d7*] \s* 10 \s* \^? \s* (?P<power> [+-]?[0-9]{1,3}) )?   # "1.2 x 10^-5"
    \s* (?P<percent> % )?
    \s* [*\u2020\u2021\u00a7\u00b6#]*                               # footnote marks
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_NOT_REACHED = re.compile(
    r"n\.?r\.? | n\.?e\.? | not\ (?:yet\ )?(?:been\ )?reached | not\ estimable",
    re.VERBOSE | re.IGNORECASE,
)
_RELATIONS: dict[str, Relation] = {
    "": "=", "=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "~": "~",
    "about": "~", "approximately": "~",
}  # fmt: skip


def normalised(text: str) -> str:
    """Return `text` with the typesetter's spaces, points, dashes and signs as plain ones."""
    return " ".join(text.translate(_INVISIBLE).translate(_LOOKALIKES).split())


@dataclass(frozen=True)
class PrintedNumber:
    """One number as reported, and the values that round to it.

    Two are equal if their texts are: "0.8" and "0.80" are different numbers in print.

    Attributes
    ----------
    text : str
        The number exactly as it was reported.
    value : float
        The value read; a percentage as a fraction, "NR" as NaN.
    lower, upper : float
        The interval of values that are reported as `text`. For a plain number half a unit of the
        last reported digit either side, both ends included, since papers round half up, half to
        even and otherwise. For an approximate one ("~12") a whole unit either side. "<0.001"
        reaches from 0 to 0.001, as nothing that a survival paper bounds from above by a number
        without a sign can be negative; "<-0.3" from minus infinity. ">0.99" reaches from 0.99 to
        infinity: the number does not know that it is a probability. "NR" is infinite at both ends.
    decimals : int
        Decimal place of the last reported digit: 1 for "98.8%", 6 for "1.2e-5",
        0 for "68%" and "1e3".
    percent : bool
        True if reported with a percent sign.
    relation : {"=", "<", "<=", ">", ">=", "~", "NR"}
        "=" for a plain number, "~" for an approximate one, "NR" for a quantity that was not
        reached or not estimable.

    Examples
    --------
    >>> PrintedNumber.parse("98.8%").contains(183 / 185)
    False
    >>> PrintedNumber.parse("98.9%").contains(183 / 185)
    True
    """

    text: str
    value: float = field(compare=False)
    lower: float = field(compare=False)
    upper: float = field(compare=False)
    decimals: int = field(compare=False)
    percent: bool = field(default=False, compare=False)
    relation: Relation = field(default="=", compare=False)

    @classmethod
    def parse(cls, text: str) -> PrintedNumber:
        """Read one reported number.

        Parameters
        ----------
        text : str
            Such as "98.8%", "1.22", ".85", "1·22", "-0.3", "P < 0.001", ">0.99", "~12",
            "1.2e-5", "0.018*", "NR" or "not reached", with whatever dashes and spaces.

        Raises
        ------
        ValueError
            If `text` is not one number in a form that papers use.
        """
        if not isinstance(text, str):
            kind = type(text).__name__
            raise TypeError(f'A reported number is text as printed, such as "98.8%", not {kind}.')
        return _parsed(text)

    @property
    def reached(self) -> bool:
        """False for "NR" (not reached)."""
        return self.relation != "NR"

    @property
    def bare(self) -> str:
        """The text on its own: without a leading "P" or "p =" and without footnote marks."""
        text = re.sub(
            r"^\s*p(?:[\s-]*values?)?\s*(?=[<>=≤≥~≈\s])", "", self.text, flags=re.IGNORECASE
        )
        return text.strip().removeprefix("=").strip("*†‡§¶# ")

    def contains(self, value: float) -> bool:
        """Say whether `value` rounds to this number.

        Float arithmetic is forgiven (one part in 10^9), a value beyond the last digit's rounding
        is not. A strict inequality leaves its bound out; "NR" contains infinity only.
        """
        if math.isnan(value):
            return False
        if not self.reached:
            return value == math.inf
        if self.relation in ("<", ">") and value == self.value:
            return False
        slack = FLOAT_SLACK * max(
            abs(end) for end in (self.lower, self.upper) if math.isfinite(end)
        )
        return self.lower - slack <= value <= self.upper + slack

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let study files hold reported numbers as strings."""
        return core_schema.no_info_plain_validator_function(
            cls._from_file,
            serialization=core_schema.to_string_ser_schema(when_used="json-unless-none"),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe a reported number to editors."""
        return {
            "type": "string",
            "maxLength": _LONGEST,
            "examples": ["98.8%", "1.22", "<0.001", "NR"],
        }

    @classmethod
    def _from_file(cls, raw: object) -> PrintedNumber:
        if isinstance(raw, PrintedNumber):
            return raw
        if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 1e15:
            raise ValueError(
                f'{raw} is not in quotes: write "{raw}", with every decimal as printed'
            )
        if not isinstance(raw, str):
            raise ValueError("it must be one number in quotes, as printed")
        return cls.parse(raw)


@lru_cache(maxsize=8192)  # a paper repeats many of its numbers
def _parsed(text: str) -> PrintedNumber:
    plain = normalised(text) if len(text) <= _LONGEST else text
    if _NOT_REACHED.fullmatch(plain):
        return PrintedNumber(text, math.nan, math.inf, math.inf, 0, relation="NR")
    found = _NUMBER.fullmatch(plain.translate(_SUPERSCRIPTS)) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(_refusal(text, plain))
    exponent = int(found["e"] or found["power"] or 0)
    decimals = len(found["mantissa"].partition(".")[2]) - exponent
    shift = exponent - (2 if found["percent"] else 0)
    value = Decimal(found["mantissa"]).scaleb(shift, _EXACT)
    unit = Decimal(1).scaleb(shift - decimals - exponent, _EXACT)
    relation = _RELATIONS[(found["relation"] or "").lower()]
    lower, upper = _bounds(value, unit, relation)
    if math.isinf(float(value)) or (relation in ("=", "~") and math.isinf(upper)):
        raise ValueError(f'"{text}" is too large for a number in a paper')
    percent = found["percent"] is not None
    return PrintedNumber(text, float(value), lower, upper, max(decimals, 0), percent, relation)


# Wide enough that no sum of a number of 60 characters and half its last digit is ever rounded.
_EXACT = Context(prec=4 * _LONGEST, Emax=10_000, Emin=-10_000)


def _bounds(value: Decimal, unit: Decimal, relation: Relation) -> tuple[float, float]:
    """Return the interval, each end the float nearest to the exact decimal."""
    if relation in ("<", "<="):
        return (0.0 if value >= 0 else -math.inf), float(value)
    if relation in (">", ">="):
        return float(value), math.inf
    width = unit if relation == "~" else _EXACT.divide(unit, Decimal(2))
    return float(_EXACT.subtract(value, width)), float(_EXACT.add(value, width))


_UNITS = r"(?:d|days?|w|wks?|weeks?|m|mo|mos|months?|y|yrs?|years?)\.?"
_HINTS = (
    (r"", "it is empty; leave the key out if nothing is reported"),
    (r"[^0-9]*[0-9]+,[0-9]+\s*%?", "write a decimal point, and no comma between thousands"),
    (
        rf"[^a-z]*[0-9]\s*-?{_UNITS}",
        "write the number without its unit; `time_unit` says the unit",
    ),
    (r"n\.?s\.?|not significant", 'write ">0.05" if that is what the paper means by it'),
    (r"n\.?/?a\.?|-+|\u2014+", "leave the key out if nothing is reported"),
    (
        r".*[0-9]%?\s*(?:-|to|\u00b1|\+/-|\(|\[|;).*[0-9].*",
        "it holds more than one number; write each in a key of its own",
    ),
)


def _refusal(text: str, plain: str) -> str:
    """Say why `text` is not a reported number, and what to write."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    start = f'"{shown}" is not a number as papers print them (98.8%, 1.22, <0.001, NR)'
    if len(text) > _LONGEST:
        return f"{start}: it is longer than {_LONGEST} characters"
    for pattern, hint in _HINTS:
        if re.fullmatch(pattern, plain, re.IGNORECASE):
            return f"{start}: {hint}"
    return start


_NAME = r"(?:C\.?I\.?|confidence interval|IQR|interquartile range|range)\s*[:=,]?"
_PREFIX = rf"(?:(?:(?P<level>[0-9]+(?:\.[0-9]+)?) ?% ?)?{_NAME})?\s*"
_DIGITS = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?\s*%?"
_LIMIT = rf"(?:(?:[<>]=?|~)?\s*{_DIGITS}|NR|NE|not (?:yet )?reached|not estimable)"
_INTERVAL = re.compile(
    rf"{_PREFIX}(?P<open>[(\[])?\s*{_PREFIX.replace('level', 'inner')}"
    rf"(?P<first>{_LIMIT})\s*(?:to|and|-|\u2014|,|;|~)\s*(?P<second>{_LIMIT})\s*(?P<close>[)\]])?",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_INTERVAL = 120


def interval_level(text: str) -> float | None:
    """Return the level that an interval is reported with, in per cent; None without one.

    Examples
    --------
    >>> interval_level("99.8% CI 0.47 to 0.93")
    99.8
    """
    found = _INTERVAL.fullmatch(normalised(text)) if len(text) <= _LONGEST_INTERVAL else None
    level = found and (found["level"] or found["inner"])
    return float(level) if level else None


def parse_interval(text: str, *, any_level: bool = False) -> tuple[PrintedNumber, PrintedNumber]:
    """Read an interval: two numbers as reported.

    Parameters
    ----------
    text : str
        Such as "0.78 to 1.89", "0.78-1.89" with any dash, "(0.78, 1.89)",
        "95% CI 0.78-1.89" or "12.9 to NR". One percent sign at the end, "78-89%", belongs to
        both numbers.
    any_level : bool
        Read intervals with another confidence level than 95% as well.

    Returns
    -------
    tuple of PrintedNumber
        The first and the second number, in reported order, with plain points and minus signs.

    Raises
    ------
    ValueError
        If `text` is not an interval, or, unless `any_level`, is one with another confidence level
        than 95%.

    Examples
    --------
    >>> lower, upper = parse_interval("95% CI 0.78 to 1.89")
    >>> str(lower), str(upper)
    ('0.78', '1.89')
    """
    found = _INTERVAL.fullmatch(normalised(text)) if len(text) <= _LONGEST_INTERVAL else None
    if found is None or (found["open"] is None) != (found["close"] is None):
        raise ValueError(
            f'"{text[:_LONGEST_INTERVAL]}" is not an interval as papers print them (0.78 to 1.89, '
            '0.78-1.89, 95% CI 0.78-1.89); two numbers such as ["0.78", "1.89"] do as well'
        )
    level = found["level"] or found["inner"]
    if level is not None and float(level) != 95 and not any_level:
        raise ValueError(
            f'"{text}" is a {level}% interval, and only 95% intervals are read here; leave the key '
            "out and write the interval in `note`"
        )
    first, second = found["first"].strip(), found["second"].strip()
    if second.endswith("%") and first[-1].isdigit():
        first += "%"
    return PrintedNumber.parse(first), PrintedNumber.parse(second)


def interval_text(
    value: PrintedNumber | None,
    ci: tuple[PrintedNumber, PrintedNumber] | None,
    *,
    level: float | None = None,
) -> str:
    """Return a number with its interval, each as it was reported, and its level if it is not 95%.

    Examples
    --------
    >>> interval_text(PrintedNumber.parse("1.22"), None)
    '1.22'
    >>> interval_text(PrintedNumber.parse("0.66"), parse_interval("0.47-0.93"), level=99.8)[:15]
    '0.66 (99.8% CI '
    """
    name = "" if level in (None, 95) else f"{level:g}% CI "
    interval = f"({name}{ci[0]}\N{EN DASH}{ci[1]})" if ci else ""
    return " ".join(filter(None, (str(value) if value else "", interval)))
