"""Reported numbers, intervals and curves in a study file, each with its own rule and refusal."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from statistics import NormalDist
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainSerializer,
    SkipValidation,
    ValidationInfo,
    WithJsonSchema,
)

from .digitised import CensorMarks, DigitisedCurve
from .errors import FaultsError, shown
from .fields import MAX_TIME, event_time
from .files import named_file
from .printed import PrintedNumber, interval_level, parse_interval

__all__ = [
    "LEAST_LEVEL", "MOST_LEVEL", "USUAL_LEVEL", "Z_95", "ConfidenceLevel", "FollowUpInterval",
    "FollowUpTime", "PrintedP", "PrintedRatio", "PrintedSurvival", "PrintedTime",
    "RatioInterval", "ReadCurve", "ReadMarks", "SurvivalInterval", "TimeInterval",
    "as_printed", "curve_tolerance", "level_z", "p_z",
]  # fmt: skip

USUAL_LEVEL = 95.0  # per cent; the level of an interval that states none
LEAST_LEVEL, MOST_LEVEL = 80.0, 99.9
_BEHIND = re.compile(r"(?P<value>[^()\[\],;]+?)\s*[,;]?\s*[(\[](?P<interval>[^()\[\]]+)[)\]]")
_SPREAD = re.compile(r"IQR|interquartile|range", re.IGNORECASE)


def _survival(printed: PrintedNumber) -> PrintedNumber:
    if not printed.reached:
        raise ValueError(
            f"{shown(printed)} is not a survival; leave the key out if none is reported"
        )
    if printed.value < 0:
        raise ValueError(f"{shown(printed)} is negative: survival is between 0% and 100%")
    if printed.value > 1:
        fix = "" if printed.percent else f'; if it is a percentage, write "{printed.text.strip()}%"'
        limit = "100%" if printed.percent else "1"
        raise ValueError(f"{shown(printed)} is over {limit}: survival is between 0% and 100%{fix}")
    return printed


def _p(printed: PrintedNumber) -> PrintedNumber:
    if not 0 <= printed.value <= 1:  # refuses NR too
        raise ValueError(f"{shown(printed)} is not a p-value: it must be between 0 and 1")
    return printed


def _ratio(printed: PrintedNumber) -> PrintedNumber:
    if not printed.reached:
        raise ValueError(
            f"{shown(printed)} is no hazard ratio; leave the key out if none is reported"
        )
    if printed.value <= 0 or printed.percent:
        raise ValueError(f"{shown(printed)} is not a hazard ratio: it is a number above 0")
    return printed


def _ratio_bound(printed: PrintedNumber) -> PrintedNumber:
    # A lower limit of 0.004 is reported as "0.00", so a reported zero is no fault.
    if printed.value < 0 or printed.percent:
        raise ValueError(f"{shown(printed)} is no limit of a hazard ratio: it is a number above 0")
    return printed


def _ratio_interval(
    interval: tuple[PrintedNumber, PrintedNumber],
) -> tuple[PrintedNumber, PrintedNumber]:
    if not interval[0].reached:
        raise ValueError(
            f"its lower limit {shown(interval[0])} is no number; leave the interval out if it "
            "could not be estimated"
        )
    if interval[1].value <= 0:
        raise ValueError(f"its upper limit {shown(interval[1])} must be a number above 0")
    return interval


def _printed_time(printed: PrintedNumber) -> PrintedNumber:
    if printed.percent:
        raise ValueError(f"{shown(printed)} is a percentage, where a time is expected")
    if printed.value < 0 or printed.value > MAX_TIME:
        raise ValueError(f"{shown(printed)} is not a time: 0 to {MAX_TIME} is allowed")
    return printed


def _reached_time(printed: PrintedNumber) -> PrintedNumber:
    if not printed.reached:
        raise ValueError(f"{shown(printed)} is not a time; leave the key out if none is reported")
    return printed


def _pair(raw: object) -> object:
    if isinstance(raw, str):
        return parse_interval(raw)
    if isinstance(raw, list | tuple) and len(raw) == 2:
        return tuple(raw)
    raise ValueError(
        f'{shown(raw)} is not an interval: write two numbers, such as ["0.78", "1.89"], '
        'or "0.78 to 1.89"'
    )


def _numbers(*examples: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": 60, "examples": list(examples)}


def _pairs(*examples: str) -> dict[str, Any]:
    number = {"type": "string", "minLength": 1, "maxLength": 60}
    return {
        "anyOf": [{"type": "array", "items": number, "minItems": 2, "maxItems": 2}, number],
        "examples": [list(examples), " to ".join(examples)],
    }


PrintedSurvival = Annotated[
    PrintedNumber, AfterValidator(_survival), WithJsonSchema(_numbers("98.8%", "68%", "0.988"))
]
PrintedP = Annotated[PrintedNumber, AfterValidator(_p), WithJsonSchema(_numbers("0.381", "<0.001"))]
PrintedRatio = Annotated[
    PrintedNumber, AfterValidator(_ratio), WithJsonSchema(_numbers("1.22", "0.60"))
]
PrintedTime = Annotated[
    PrintedNumber, AfterValidator(_printed_time), WithJsonSchema(_numbers("21.8", "NR"))
]
FollowUpTime = Annotated[
    PrintedTime, AfterValidator(_reached_time), WithJsonSchema(_numbers("22.4"))
]
_RatioBound = Annotated[PrintedNumber, AfterValidator(_ratio_bound)]
SurvivalInterval = Annotated[
    tuple[PrintedSurvival, PrintedSurvival],
    BeforeValidator(_pair),
    WithJsonSchema(_pairs("97.1%", "99.9%")),
]
RatioInterval = Annotated[
    tuple[_RatioBound, _RatioBound],
    BeforeValidator(_pair),
    AfterValidator(_ratio_interval),
    WithJsonSchema(_pairs("0.78", "1.89")),
]
TimeInterval = Annotated[
    tuple[PrintedTime, PrintedTime], BeforeValidator(_pair), WithJsonSchema(_pairs("12.9", "NR"))
]
FollowUpInterval = Annotated[
    tuple[FollowUpTime, FollowUpTime],
    BeforeValidator(_pair),
    WithJsonSchema(_pairs("15.6", "72.6")),
]


def _curve(raw: object, info: ValidationInfo) -> DigitisedCurve:
    """Read the file that a study names, or take a curve that Python gives."""
    if isinstance(raw, DigitisedCurve):
        return raw
    options = dict(raw) if isinstance(raw, Mapping) else {"file": raw}
    if unknown := set(options) - {"file", "arm", "kind", "tolerance"}:
        raise ValueError(
            f"{shown(sorted(unknown)[0])} is no key of a curve: file, arm, kind and tolerance are"
        )
    path = named_file(options.get("file"), info)
    kind, tolerance = options.get("kind"), options.get("tolerance")
    if kind not in (None, "steps", "samples"):
        raise ValueError(f'kind = {shown(kind)} is not allowed: write "steps" or "samples"')
    from .curve_csv import read_curves  # slow to load, and few studies have curves

    curves = read_curves(path, kind=kind, tolerance=curve_tolerance(tolerance))
    return _chosen(curves, options.get("arm"))


def curve_tolerance(raw: object) -> float | None:
    """Read a tolerance, such as "0.5%" or 0.005."""
    if raw is None:
        return None
    text = str(raw).strip()
    try:
        width = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        width = math.nan
    if not 0 < width <= 0.1:
        raise ValueError(
            f'tolerance = {shown(raw)} is not allowed: write a share above 0 and up to "10%", '
            'such as "0.5%"'
        )
    return width


def _chosen(curves: Mapping[str, DigitisedCurve], arm: object) -> DigitisedCurve:
    if arm is None and len(curves) == 1:
        return next(iter(curves.values()))
    if arm not in curves:
        wanted = "which is this arm's is not said" if arm is None else f"none is {shown(arm)}"
        raise ValueError(
            f"the file holds the curves {', '.join(map(shown, curves))} and {wanted}; write "
            f'{{ file = "...", arm = {shown(next(iter(curves)))} }}'
        )
    return curves[str(arm)]


def _marks(raw: object, info: ValidationInfo) -> CensorMarks:
    if isinstance(raw, CensorMarks):
        return raw
    from .digitised import gathered_marks
    from .marks_csv import read_censor_marks

    if isinstance(raw, list | tuple):
        return gathered_marks([event_time(time) for time in raw], None)
    return read_censor_marks(named_file(raw, info))


def _curve_as_written(curve: DigitisedCurve) -> dict[str, object]:
    return {name: getattr(curve, name) for name in ("time", "survival", "kind", "tolerance")}


def _marks_as_written(marks: CensorMarks) -> dict[str, object]:
    return {"time": marks.time, "count": marks.count}


_PATH_SCHEMA = {"type": "string", "minLength": 1}
ReadCurve = Annotated[
    SkipValidation[DigitisedCurve],
    BeforeValidator(_curve),
    PlainSerializer(_curve_as_written, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                _PATH_SCHEMA,
                {
                    "type": "object",
                    "properties": {
                        "file": {**_PATH_SCHEMA, "description": "The CSV file."},
                        "arm": {
                            "type": "string",
                            "description": "Which of the file's curves is this arm's.",
                        },
                        "kind": {
                            "enum": ["steps", "samples"],
                            "description": "Whether points are the curve's drops or other heights.",
                        },
                        "tolerance": {
                            "type": "string",
                            "description": 'The curve is within so much of them: "0.5%".',
                        },
                    },
                    "required": ["file"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
ReadMarks = Annotated[
    SkipValidation[CensorMarks],
    BeforeValidator(_marks),
    PlainSerializer(_marks_as_written, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}},
                _PATH_SCHEMA,
            ]
        }
    ),
]


def p_z(p: float) -> float:
    """Return the size of the standard normal deviate that a two-sided p is of; infinite for 0."""
    if p <= 0:
        return math.inf
    return -NormalDist().inv_cdf(p / 2) if p < 1 else 0.0


def level_z(level: float | None) -> float:
    """Return the normal quantile of a two-sided interval: 1.96 for 95%, and for None."""
    return NormalDist().inv_cdf(0.5 + (USUAL_LEVEL if level is None else level) / 200)


Z_95 = 1.959963984540054
"""Of an interval of the usual level: half of its width, in standard errors."""


def _level(raw: object) -> float | None:
    if raw is None:
        return None
    text = raw.strip().removesuffix("%").strip() if isinstance(raw, str) else raw
    try:
        level = float("nan") if isinstance(text, bool) else float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        level = float("nan")
    if not LEAST_LEVEL <= level <= MOST_LEVEL:
        raise ValueError(
            f"{shown(raw)} is not a confidence level: write it in per cent, from "
            f"{LEAST_LEVEL:g} to {MOST_LEVEL:g}, such as 99.8"
        )
    return level


ConfidenceLevel = Annotated[
    float | None,
    BeforeValidator(_level),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": LEAST_LEVEL, "maximum": MOST_LEVEL},
                {"type": "string", "pattern": r"^\s*[0-9]{2}(\.[0-9]+)?\s*%?\s*$"},
            ],
            "examples": [99.8, "99.8%"],
        }
    ),
]
"""Coverage of an interval in per cent."""


def as_printed(raw: Any, *, value: str, ci: str = "ci", level: str = "ci_level") -> Any:
    """Take a value, its interval and the interval's level apart where they are reported as one.

    Parameters
    ----------
    raw : object
        A table of a study file. Anything else is returned as it is.
    value, ci, level : str
        Keys of the value, its interval and the level.

    Returns
    -------
    object
        The table: ``value = "0.66 (99.8% CI 0.47-0.93)"`` becomes value, interval and level; so
        does ``ci = "99.8% CI 0.47 to 0.93"``. What cannot be read stays as it is, so that the
        key's own check says what is wrong.

    Raises
    ------
    FaultsError
        If a level is given twice and differs.
    """
    if not isinstance(raw, Mapping):
        return raw
    table = dict(raw)
    text = table.get(value)
    found = _BEHIND.fullmatch(text.strip()) if isinstance(text, str) else None
    if found and table.get(ci) is None and _is_interval(found["interval"]):
        table |= {value: found["value"], ci: found["interval"]}
    limits = table.get(ci)
    printed = interval_level(limits) if isinstance(limits, str) else None
    if printed is None or not isinstance(limits, str):
        return table
    if not LEAST_LEVEL <= printed <= MOST_LEVEL:
        raise FaultsError(
            [(
                (ci,),
                f"{shown(limits)} is a {printed:g}% interval, and those of {LEAST_LEVEL:g}% to "
                f"{MOST_LEVEL:g}% are read; leave the key out and write the interval in `note`",
            )]
        )  # fmt: skip
    stated = table.get(level)
    if stated is not None and _level(stated) != printed:
        raise FaultsError(
            [((level,), f"it is {shown(stated)}, but the interval is printed as {printed:g}%")]
        )
    if printed != USUAL_LEVEL or stated is not None:
        table[level] = printed
    table[ci] = parse_interval(limits, any_level=True)
    return table


def _is_interval(text: str) -> bool:
    if _SPREAD.search(text):
        return False
    try:
        parse_interval(text, any_level=True)
    except ValueError:
        return False
    return True
