"""Digitised curves and censoring marks in a study file: a CSV file, or values from Python."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    BeforeValidator,
    PlainSerializer,
    SkipValidation,
    ValidationInfo,
    WithJsonSchema,
)

from .digitised import CensorMarks, DigitisedCurve
from .errors import shown
from .fields import event_time
from .files import named_file

__all__ = ["ReadCurve", "ReadMarks", "curve_tolerance"]


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
    from .curve_csv import read_censor_marks
    from .digitised import gathered_marks

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
