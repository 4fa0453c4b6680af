"""The curves of a report that can be read with pointer or keyboard: numbers, script, patients."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from markupsafe import Markup

from ..curves import PrintedPoint, printed_points
from ..kaplan_meier import KaplanMeierDisplay
from ..text import arm_label
from . import templates

if TYPE_CHECKING:
    from ...models import EndpointAnalysis, KaplanMeier
    from ...reconstruct.pseudo_ipd import PseudoIPD

__all__ = ["LOOKS", "Script", "chart", "in_script", "patients_link", "script", "slider_step"]

LOOKS = 8  # arms that differ in colour and dashes, as in the drawings; then they repeat
_FEWEST_STEPS = 100  # of the slider over the whole of the time axis
_ESCAPED = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"}


@dataclass(frozen=True, kw_only=True)
class Script:
    """The one script of a report.

    Attributes
    ----------
    text : Markup
        What is between the tags.
    permission : str
        Its hash, as a content security policy names it; no other script may run.
    """

    text: Markup
    permission: str


@cache
def script() -> Script:
    """Return the plotting library with its licence, and what draws the curves with it."""
    licence, library, curves = (
        _read(name) for name in ("uPlot.LICENSE.txt", "uPlot.iife.min.js", "curves.js")
    )
    text = f"/*\n{licence.strip()}\n*/\n{library.strip()}\n{curves.strip()}\n"
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return Script(text=Markup(text), permission=f"'sha256-{digest}'")


def _read(name: str) -> str:
    return files(templates).joinpath(name).read_text("utf-8").replace("\r\n", "\n")


def chart(analysis: EndpointAnalysis) -> dict[str, Any]:
    """Return what a report needs to draw the curves of an endpoint.

    Returns
    -------
    dict
        `alt`, what the curves show, in words; `arms`, their names, each with `look` from 0 to
        `LOOKS` - 1; `end` of the time axis; `step` of the slider; and `data`, JSON that is safe
        inside a script element: `unit`, `end`, `step` and `arms`. An arm has its number of
        patients `n`; `time`, `survival`, `lower`, `upper` and `events` of each drop; `censored`
        and `counts`, when patients left; `last`, when the last one did; and `points`, the reported
        numbers.
    """
    end = max(curve.last_time for curve in analysis.curves.values())
    points = printed_points(analysis.landmarks)
    arms = [
        {
            "name": arm_label(analysis.endpoint, arm),
            "look": index % LOOKS,
            **_curve(curve),
            "points": [_point(point) for point in points if point.arm == arm],
        }
        for index, (arm, curve) in enumerate(analysis.curves.items())
    ]
    unit = analysis.endpoint.time_unit
    data = {"unit": unit, "end": _short(end), "step": slider_step(end), "arms": arms}
    return {
        "alt": KaplanMeierDisplay.from_analysis(analysis).alt,
        "arms": [{"name": arm["name"], "look": arm["look"]} for arm in arms],
        "end": data["end"],
        "step": data["step"],
        "data": in_script(data),
    }


def _curve(curve: KaplanMeier) -> dict[str, Any]:
    drops, leaves = curve.n_events > 0, curve.n_censored > 0
    return {
        "n": curve.n,
        "last": _short(curve.last_time),
        "time": _numbers(curve.time[drops]),
        "survival": _numbers(curve.survival[drops]),
        "lower": _numbers(curve.lower[drops]),
        "upper": _numbers(curve.upper[drops]),
        "events": curve.n_events[drops].tolist(),
        "censored": _numbers(curve.time[leaves]),
        "counts": curve.n_censored[leaves].tolist(),
    }


def _point(point: PrintedPoint) -> list[float | None]:
    """Return where a reported number lies, then the ranges of time and survival around it."""
    around = (*point.time_range, *point.survival_range)
    return [_short(value) for value in (point.time, point.survival, *around)]


def _numbers(values: np.typing.NDArray[np.float64]) -> list[float | None]:
    return [_short(value) for value in values.tolist()]


def _short(value: float) -> float | None:
    """Keep six digits, more than a screen shows; JSON has no word for what is not finite."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def slider_step(end: float) -> float:
    """Return 1, 2 or 5 times a power of ten that divides an axis into 100 to 250 steps."""
    power = 10.0 ** math.floor(math.log10(end / _FEWEST_STEPS))
    step = max(digit for digit in (1, 2, 5) if digit * power <= end / _FEWEST_STEPS * (1 + 1e-9))
    return float(f"{step * power:.6g}")


def in_script(value: object) -> Markup:
    """Write a value as JSON that cannot end the script element it is in."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPED))


def patients_link(ipd: PseudoIPD) -> Markup:
    """Return the patients as the address of a CSV file that lies in the address itself."""
    table = ipd.to_frame().to_csv(index=False, lineterminator="\n")
    return Markup("data:text/csv;charset=utf-8,") + Markup(quote(table, safe=","))
