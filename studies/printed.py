"""A number as a paper prints it: the interval of values that round to it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

__all__ = ["PrintedNumber"]

Relation = Literal["=", "<", "<=", ">", ">=", "~", "NR"]

_SPACES = "\u00a0\u2009\u200a\u202f\u2007"
_TRANSLATE = str.maketrans(
    {**dict.fromkeys(_SPACES, " "), "·": ".", "‧": ".", "∙": ".", "−": "-", "–": "-", "≤": "<=", "≥": ">="}
)
_NUMBER = re.compile(
    r"(?P<relation><=|>=|<|>|=|~|≈|about )?\s*(?P<digits>[+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(?P<percent>%)?"
)
_NOT_REACHED = re.compile(r"(?:nr|n\.r\.|not (?:yet )?reached)", re.IGNORECASE)


@dataclass(frozen=True)
class PrintedNumber:
    """One printed number and the values it can stand for.

    Attributes
    ----------
    text : str
        The number exactly as it was printed.
    value : float
        The value read; a percentage as a fraction, "NR" as NaN.
    lower, upper : float
        The closed interval of values that print as `text`: half a unit of the last printed
        digit either side. One end of an inequality is the stated bound, the other infinite.
    decimals : int
        Digits printed after the decimal point.
    percent : bool
        True if printed with a percent sign.
    relation : str
        "=" for a plain number, "<", "<=", ">", ">=" for a bound, "~" for an approximate number
        and "NR" for a quantity that was not reached.
    """

    text: str
    value: float
    lower: float
    upper: float
    decimals: int
    percent: bool = False
    relation: Relation = "="

    @classmethod
    def parse(cls, text: str) -> PrintedNumber:
        """Read one printed number.

        Raises
        ------
        ValueError
            If `text` is not a number in a form that papers print.
        """
        plain = text.translate(_TRANSLATE).strip()
        if _NOT_REACHED.fullmatch(plain):
            return cls(text, math.nan, -math.inf, math.inf, 0, relation="NR")
        found = _NUMBER.fullmatch(plain)
        if found is None:
            raise ValueError(f"{text!r} is not a printed number such as '98.8%', '1.22', '<0.001' or 'NR'")
        digits, percent = found["digits"], found["percent"] is not None
        decimals = len(digits.partition(".")[2])
        scale = Decimal(1).scaleb(-2 if percent else 0)
        value, half = Decimal(digits), Decimal(5).scaleb(-decimals - 1)
        relation: Relation = _RELATIONS[(found["relation"] or "=").strip()]
        lower, upper = float((value - half) * scale), float((value + half) * scale)
        value_float = float(value * scale)
        if relation in ("<", "<="):
            lower, upper = -math.inf, value_float
        elif relation in (">", ">="):
            lower, upper = value_float, math.inf
        return cls(text, value_float, lower, upper, decimals, percent, relation)

    @property
    def reached(self) -> bool:
        """False for "NR" (not reached)."""
        return self.relation != "NR"

    def contains(self, value: float) -> bool:
        """Say whether `value` could have been printed as this number."""
        tolerance = 1e-9 * max(1.0, abs(value))
        return self.lower - tolerance <= value <= self.upper + tolerance

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Let study files hold printed numbers as strings, or as integers."""
        return core_schema.no_info_plain_validator_function(
            cls._from_file, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe a printed number to editors."""
        return {"type": "string", "description": "A number as printed, in quotes", "examples": ["98.8%", "1.22", "<0.001", "NR"]}

    @classmethod
    def _from_file(cls, raw: object) -> PrintedNumber:
        if isinstance(raw, PrintedNumber):
            return raw
        if not isinstance(raw, str):
            raise ValueError(f"{raw!r} must be quoted, as printed, so that its decimals are known")
        return cls.parse(raw)


_RELATIONS: dict[str, Relation] = {
    "=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "~": "~", "≈": "~", "about": "~",
}
