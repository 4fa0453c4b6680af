"""Sliders for the numbers of an endpoint, with what follows from them below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from .knobs import Knob, knobs_of, turned
from .models import Comparison, LandmarkCheck, check_landmarks, compare, kaplan_meier
from .models.analysis import result_html
from .presentation import markup
from .reconstruct import PseudoIPD, ReconstructionRefused, reconstruct
from .reproduction import refusal_reason
from .studies import Endpoint

__all__ = ["Explorer", "View", "explore", "view"]


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
            return f'<div role="alert">{markup.text(self.refusal)}</div>'
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


def explore(endpoint: Endpoint) -> Explorer:
    """Show an endpoint in Jupyter with a slider for each of its numbers.

    Parameters
    ----------
    endpoint : Endpoint
        One endpoint of a study.

    Returns
    -------
    Explorer
        Shows itself: drag a landmark, the number of patients, a median or the censoring (events,
        median follow-up), and curves, hazard ratio and verdict follow. Numbers that contradict
        each other are named. A number that is not printed is used once its box is ticked.

    Raises
    ------
    TypeError
        If what is given is no endpoint.
    ImportError
        If ipywidgets is not installed.
    """
    if not isinstance(endpoint, Endpoint):
        raise TypeError(
            f"`explore` takes one endpoint, not a {type(endpoint).__name__}; of a study take one "
            'such as study.endpoint("psm", "OS").'
        )
    return Explorer(endpoint)


def _widgets() -> Any:
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(
            "`explore` needs ipywidgets, which is not installed: "
            "pip install ipywidgets, or 'kmrepro[notebook]' with everything for notebooks."
        ) from error
    return ipywidgets


class Explorer:
    """Sliders for an endpoint, and what its numbers give.

    Attributes
    ----------
    endpoint : Endpoint
        As printed.
    view : View
        What the numbers give as they are set now.
    sliders : dict of Knob to slider widget
    boxes : dict of Knob to checkbox widget
        For numbers that are not printed: whether they are used.
    reset : button widget
        Sets every number back to what is printed.
    panel : widget
        All of it.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        widgets = _widgets()
        self.endpoint = endpoint
        self.view: View = view(endpoint, {})
        self._paused = False
        self._drawn = widgets.HTML()
        knobs = knobs_of(endpoint, self.view.ipd)
        self.sliders = {knob: _slider(widgets, knob) for knob in knobs}
        self.boxes = {knob: _box(widgets, knob) for knob in knobs if not knob.printed}
        self.reset = widgets.Button(
            description="As printed", tooltip="Set every number back to what is printed"
        )
        for control in (*self.sliders.values(), *self.boxes.values()):
            control.observe(self._follow, names="value")
        self.reset.on_click(self._set_back)
        self.panel = widgets.VBox([self._controls(widgets), self.reset, self._drawn])
        self._follow()

    def __repr__(self) -> str:
        """Return which endpoint is explored, for a notebook's line."""
        return f"Explorer({self.endpoint.key}: {len(self.sliders)} numbers)"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widgets and, for where nothing is live, what stands below them."""
        plain = {"text/plain": repr(self), "text/html": self._drawn.value}
        return {**self.panel._repr_mimebundle_(**options), **plain}

    def _controls(self, widgets: Any) -> Any:
        """Return the sliders, a column for each arm."""
        columns = []
        for arm in self.endpoint.arms:
            of_arm = [knob for knob in self.sliders if knob.arm == arm]
            rows = [self._row(widgets, knob) for knob in of_arm]
            columns.append(widgets.VBox(rows, layout={"margin": "0 1em 0 0"}))
        return widgets.HBox(columns, layout={"flex_flow": "row wrap"})

    def _row(self, widgets: Any, knob: Knob) -> Any:
        if knob not in self.boxes:
            return self.sliders[knob]
        return widgets.VBox([self.boxes[knob], self.sliders[knob]])

    def values(self) -> dict[Knob, float]:
        """Return the numbers that are changed, or stated although not printed."""
        return {
            knob: float(slider.value)
            for knob, slider in self.sliders.items()
            if (self.boxes[knob].value if knob in self.boxes else slider.value != knob.value)
        }

    def _follow(self, _change: object = None) -> None:
        if self._paused:
            return
        for knob, box in self.boxes.items():
            self.sliders[knob].disabled = not box.value
        self.view = view(self.endpoint, self.values())
        self._drawn.value = self.view._repr_html_()

    def _set_back(self, _button: object) -> None:
        self._paused = True  # one look when all are back, not one for each
        for knob, slider in self.sliders.items():
            slider.value = knob.value
        for box in self.boxes.values():
            box.value = False
        self._paused = False
        self._follow()


_WIDE = {"description_width": "16em"}


def _slider(widgets: Any, knob: Knob) -> Any:
    whole = knob.quantity in ("n", "events")
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    as_number = int if whole else float
    look = {} if whole else {"readout_format": f".{max(knob.decimals, 0)}f"}
    return kind(
        value=as_number(knob.value),
        min=as_number(knob.lowest),
        max=as_number(knob.highest),
        step=as_number(knob.step),
        description=knob.label,
        tooltip=knob.label,
        style=_WIDE,
        layout={"width": "32em", "max_width": "100%"},
        **look,
    )


def _box(widgets: Any, knob: Knob) -> Any:
    label = f"{knob.label}: not printed, state it"
    return widgets.Checkbox(
        value=False, description=label, tooltip=label, indent=False, layout={"width": "auto"}
    )
