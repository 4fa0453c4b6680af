"""Sliders for the numbers of an endpoint, with what follows from them below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from .knobs import Knob, knobs_of, turned
from .models import Comparison, LandmarkCheck, check_landmarks, compare, kaplan_meier
from .models.analysis import result_html
from .outcome import refusal_reason
from .presentation import notebook
from .presentation.formats import count
from .reconstruct import PseudoIPD, ReconstructionRefused, reconstruct
from .studies import Arm, Endpoint, FollowUp, StudyFileError
from .studies.argument_types import given_kind, refuse_no_endpoint
from .studies.errors import fault_lines, shown
from .studies.fields import ReadOnlyDict
from .studies.study import key_schema

__all__ = ["Explorer", "View", "explore", "view", "what_if"]


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
        Reported survival and medians against those of the patients.
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
            return f'<div role="alert">{notebook.text(self.refusal)}</div>'
        note = notebook.text(_NOTE) if self.comparison else ""
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
        changed = turned(endpoint, values).analysed[0]
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


_SHORT_TABLES = ("landmarks", "at_risk", "follow_up")  # changed key by key, not as a whole


def what_if(endpoint: Endpoint, changes: Mapping[str, Mapping[str, Any]]) -> View:
    """Reconstruct and compare an endpoint as if other numbers had been reported.

    Parameters
    ----------
    endpoint : Endpoint
    changes : mapping of str to mapping
        For each arm that changes, keys of a study file with their new values, written as there:
        ``{"SR": {"n": 150, "landmarks": {60: "80.0%"}}}``. Landmarks, numbers at risk and
        follow-up are changed one by one, and the others stay; None takes a value away.

    Returns
    -------
    View
        Patients, landmarks and comparison. Numbers that contradict each other give one with the
        refusal.

    Raises
    ------
    StudyFileError
        If an arm, key or value cannot be one of a study file.

    Examples
    --------
    >>> import kmrepro as km
    >>> endpoint = km.load_study("an2025").endpoint("psm", "OS")
    >>> changed = km.what_if(endpoint, {"SR": {"landmarks": {120: "70.0%"}}})
    >>> round(changed.comparison.cox.hazard_ratio, 2)
    1.55
    >>> km.what_if(endpoint, {"SR": {"landmarks": {60: "95.0%"}}}).refusal[:25]
    'Arm SR: survival rises fr'
    """
    refuse_no_endpoint("what_if", endpoint)
    arms = dict(endpoint.arms)
    if not isinstance(changes, Mapping):
        raise TypeError(f"`changes` takes keys and values by arm, not {given_kind(changes)}.")
    for name, keys in changes.items():
        if name not in arms:
            fault = f"{endpoint.key} has no arm {shown(name)}; it has {', '.join(arms)}."
            raise StudyFileError("what_if", (fault,))
        if not isinstance(keys, Mapping):
            raise TypeError(f"`changes` of {name} takes keys and values, not {given_kind(keys)}.")
        arms[name] = _changed_arm(arms[name], keys, name=name)
    return view(endpoint.model_copy(update={"arms": ReadOnlyDict(arms)}), {})


def _changed_arm(arm: Arm, keys: Mapping[str, Any], *, name: str) -> Arm:
    fields: dict[str, Any] = {key: getattr(arm, key) for key in arm.model_fields_set}
    for key, value in keys.items():
        mapped = key in _SHORT_TABLES and isinstance(value, Mapping)
        fields[key] = _merged(fields.get(key), value) if mapped else value
    fields = {key: value for key, value in fields.items() if value is not None}
    try:
        return Arm.model_validate(fields)
    except ValidationError as error:
        place = ("endpoint", 0, "arms", name)
        lines = fault_lines(error, fields, describe=lambda path: key_schema((*place, *path)))
        raise StudyFileError("what_if", tuple(f"arms.{name}.{line}" for line in lines)) from error


def _merged(before: object, changes: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a table with changes to it, its times in order and written as in a study file."""
    old = dict(before) if isinstance(before, Mapping | FollowUp) else {}
    both = {_written_key(key): value for table in (old, changes) for key, value in table.items()}
    kept = [(key, value) for key, value in both.items() if value is not None]
    return dict(sorted(kept, key=lambda item: _as_time(item[0])))


def _written_key(key: object) -> str:
    return str(key).removesuffix(".0")


def _as_time(key: str) -> float:
    """Return what a key is sorted by; what is no time keeps its place, and is refused later."""
    try:
        return float(key)
    except ValueError:
        return 0.0


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
        each other are named. A number that is not reported is used once its box is ticked.

    Raises
    ------
    TypeError
        If what is given is no endpoint.
    ImportError
        If ipywidgets is not installed.
    """
    refuse_no_endpoint("explore", endpoint)
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
        As reported.
    view : View
        What the numbers give as they are set now.
    sliders : dict of Knob to slider widget
    boxes : dict of Knob to checkbox widget
        For numbers that are not reported: whether they are used.
    reset : button widget
        Sets every number back to what is reported.
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
            description="As reported", tooltip="Set every number back to what is reported"
        )
        for control in (*self.sliders.values(), *self.boxes.values()):
            control.observe(self._follow, names="value")
        self.reset.on_click(self._set_back)
        self.panel = widgets.VBox([self._controls(widgets), self.reset, self._drawn])
        self._follow()

    def __repr__(self) -> str:
        """Return which endpoint is explored, for a notebook's line."""
        return f"Explorer({self.endpoint.key}: {count(len(self.sliders), 'number')})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widgets and, for where nothing is live, what is below them."""
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
        """Return the numbers that are changed, or stated although not reported."""
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


_WHOLE = {"description_width": "initial"}  # a label is as wide as its words, never cut


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
        style=_WHOLE,
        layout={"width": "auto", "min_width": "32em", "max_width": "100%"},
        **look,
    )


def _box(widgets: Any, knob: Knob) -> Any:
    label = f"{knob.label}: not reported, state it"
    return widgets.Checkbox(
        value=False,
        description=label,
        tooltip=label,
        indent=False,
        style=_WHOLE,
        layout={"width": "auto", "max_width": "100%"},
    )
