"""What an endpoint with changed numbers gives: patients, hazard ratio and verdict, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from .knobs import Knob, turned
from .models import Comparison, LandmarkCheck, check_landmarks, compare, kaplan_meier
from .models.analysis import result_html
from .presentation import markup
from .reconstruct import PseudoIPD, ReconstructionRefused, reconstruct
from .reproduction import refusal_reason
from .studies import Endpoint

__all__ = ["View", "view"]

_NOTE = (
    "Verdict by the distance from the reported hazard ratio; `kmrepro reproduce` draws many data "
    "sets and judges by them."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What an endpoint gives.

    Attributes
    ----------
    endpoint : Endpoint
        With the changed numbers.
    refusal : str
        Why there are no patients; empty if there are some.
    ipd : PseudoIPD or None
        The patients.
    landmarks : tuple of LandmarkCheck
        Printed survival and medians against those of the patients.
    comparison : Comparison or None
        None without patients, or unless there are two arms. Its verdict rests on no draws.
    """

    endpoint: Endpoint
    refusal: str = ""
    ipd: PseudoIPD | None = None
    landmarks: tuple[LandmarkCheck, ...] = ()
    comparison: Comparison | None = None

    def _repr_html_(self) -> str:
        if self.ipd is None:
            alert = markup.table(("",), [(self.refusal,)])
            return f'<div role="alert">{alert}</div>'
        note = markup.text(_NOTE) if self.comparison else ""
        return result_html(self.ipd, self.landmarks, self.comparison) + note


def view(endpoint: Endpoint, values: Mapping[Knob, float]) -> View:
    """Reconstruct and compare an endpoint with changed numbers.

    Parameters
    ----------
    endpoint : Endpoint
    values : mapping of Knob to float
        See `turned`.

    Returns
    -------
    View
        Numbers that contradict each other give one with the refusal, never an error.
    """
    try:
        changed = turned(endpoint, values)
    except ValidationError as error:
        return View(endpoint=endpoint, refusal=_sentence(error))
    try:
        ipd = reconstruct(changed)
    except ReconstructionRefused as refusal:
        return View(endpoint=changed, refusal=_capitalised(refusal_reason(changed, refusal)))
    if changed.treatment is not None and changed.reference is not None:
        compared = compare(changed, ipd)
        return View(endpoint=changed, ipd=ipd, comparison=compared, landmarks=compared.landmarks)
    curves = {arm: kaplan_meier(ipd, arm=arm) for arm in ipd.arms}
    return View(endpoint=changed, ipd=ipd, landmarks=check_landmarks(changed, curves))


def _sentence(error: ValidationError) -> str:
    """Return what is wrong with the numbers, without pydantic's own words around it."""
    return _capitalised(error.errors()[0]["msg"].removeprefix("Value error, "))


def _capitalised(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
