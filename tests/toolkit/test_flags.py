"""Arguments of few values: a text such as "no", which is true in Python, or a misspelt choice."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Literal, get_args, get_origin

import numpy as np
import pytest

import kmrepro as km
from kmrepro.digitise import Hints

from .test_sequences import _functions

Function = Callable[..., object]


def _parameters() -> Iterator[tuple[str, Function, inspect.Parameter]]:
    for name, function in _functions():
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            continue
        for each in parameters:
            yield f"{name}.{each.name}", function, each


PARAMETERS = list(_parameters())
FLAGS = {
    name: (function, each.name)
    for name, function, each in PARAMETERS
    if each.annotation in ("bool", bool)
}


def test_flags_are_found() -> None:
    """The walk over the package finds those of functions, of methods and of pooling."""
    assert {"reconstruct.informed", "Reproduction.save.force", "one_stage.random"} <= FLAGS.keys()


@pytest.mark.parametrize("name", sorted(FLAGS))
@pytest.mark.parametrize("given", ["no", "", 1, None])
def test_what_is_neither_true_nor_false_is_refused(name: str, given: object) -> None:
    """Before anything else is looked at, whatever else is given."""
    function, flag = FLAGS[name]
    with pytest.raises(TypeError, match=f"^`{flag}` must be True or False, not (the|None)"):
        function(**{flag: given})


INNER = {
    "BatchedRmst.of.tau",
    "PrintedNumber.contains.value",
    "reported_effect.information",
    "digitised_curve.tolerance",  # a `CurveFault` names it where the curve is read
    "read_curves.tolerance",
}
"""What is checked elsewhere, or given by our own functions."""
NUMBERS = {
    name: (function, each.name, each.default is None)
    for name, function, each in PARAMETERS
    if each.annotation in ("float", "float | None") and name not in INNER
}


@pytest.mark.parametrize("name", sorted(NUMBERS))
@pytest.mark.parametrize("given", ["0.95", [0.9], None])
def test_what_is_no_number_is_refused(name: str, given: object) -> None:
    """The text "0.95" ended in a comparison of texts and numbers."""
    function, argument, may_be_none = NUMBERS[name]
    if given is None and may_be_none:
        return
    with pytest.raises(TypeError, match=f"^`{argument}` must be a number, not"):
        function(**{argument: given})


@pytest.mark.parametrize("given", ["0.5%", [0.1]])
def test_a_tolerance_that_is_no_number_is_refused(given: object) -> None:
    """As one that is too large."""
    with pytest.raises(km.CurveFault, match=r"`tolerance` must be above 0 and at most .*, but is"):
        km.digitised_curve([0, 1, 2], [1, 0.9, 0.8], tolerance=given)  # type: ignore[arg-type]


def test_numbers_are_found() -> None:
    """The walk finds those of functions and of methods."""
    assert {"cox.confidence_level", "rmst.tau", "Ensemble.interval.level"} <= NUMBERS.keys()


def test_a_level_by_both_of_its_names_is_refused() -> None:
    """The later one was ignored."""
    patients = km.reconstruct(km.load_study("an2025").endpoint("psm", "OS"))
    with pytest.raises(ValueError, match="`confidence` is the earlier name of `confidence_level`"):
        km.cox(patients, confidence_level=0.9, confidence=0.8)


LATER = {"TimeUnit", "CurveKind"}
"""Choices that are None unless they are given, and checked where they are used."""


def test_types_of_choices_are_known_where_a_function_is_called() -> None:
    """A name that only a type checker imports would leave the argument unchecked."""
    everywhere = {
        key
        for module in list(sys.modules.values())
        if (module.__name__ or "").startswith("kmrepro")
        for key, value in vars(module).items()
        if get_origin(value) is Literal
    }
    assert {"Method", "Criterion", "Estimate"} <= everywhere
    for name, function in _functions():
        scope = getattr(inspect.unwrap(function), "__globals__", {})
        for each in inspect.signature(function).parameters.values():
            annotation = str(each.annotation)
            if annotation in everywhere - LATER:
                assert get_origin(scope.get(annotation)) is Literal, f"{name}: {annotation}"


def _choices() -> Iterator[tuple[str, Function, str, str]]:
    for name, function, each in PARAMETERS:
        annotation = str(each.annotation)
        kind = getattr(inspect.unwrap(function), "__globals__", {}).get(annotation)
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        if choices or "Literal[" in annotation:
            yield name, function, each.name, ", ".join(map(str, choices))


KERNELS = {"BatchedCox.of.ties"}
CHOICES = {name: rest for name, *rest in _choices() if name not in KERNELS}


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_a_misspelt_choice_is_refused(name: str) -> None:
    """The other of two was taken: `interval(of="hr")` gave months."""
    function, argument, known = CHOICES[name]
    with pytest.raises(ValueError, match=f"^`{argument}` must be one of {known}, but is 'hr'"):
        function(**{argument: "hr"})


def test_a_choice_by_place_is_checked() -> None:
    """`of("errors")` was empty, as if there were none."""
    with pytest.raises(ValueError, match="must be one of error, warning, note, but is 'errors'"):
        km.audit(km.load_study("an2025")).of("errors")  # type: ignore[arg-type]


def test_choices_are_found() -> None:
    """The walk finds those of methods and of pooling."""
    assert {"Ensemble.interval.of", "CauseEnsemble.interval.kind", "pool_trials.method",
            "attainable_hazard_ratio.rounding"} <= CHOICES.keys()  # fmt: skip


OWN = {
    name: (function, each.name, kind.__name__)
    for name, function, each in PARAMETERS
    if str(each.annotation).endswith(" | None")
    and isinstance(kind := getattr(km, str(each.annotation).removesuffix(" | None"), None), type)
}


@pytest.mark.parametrize("name", sorted(OWN))
def test_what_is_of_another_class_is_refused(name: str) -> None:
    """`analyse(endpoint, ipd, draws=200)` ended in an attribute that numbers do not have."""
    function, argument, kind = OWN[name]
    with pytest.raises(TypeError, match=f"^`{argument}` takes an? {kind} or None, not the number"):
        function(**{argument: 200})


def test_classes_are_found() -> None:
    """The walk finds the draws of an analysis, and of a comparison."""
    assert {"analyse.draws", "compare.draws"} <= OWN.keys()


def test_true_and_false_of_numpy_are_taken() -> None:
    """A cell of a boolean array is one."""
    endpoint = km.load_study("an2025").endpoint("psm", "OS")
    assert not km.reconstruct(endpoint, informed=np.bool_(False)).informed  # type: ignore[arg-type]


def test_hints_of_figures_are_as_strict() -> None:
    """As `ocr="no"` would recognise text."""
    with pytest.raises(TypeError, match=r"^`ocr` must be True or False, not 'no'"):
        Hints(ocr="no")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^`kind` must be vector, raster or None, not 'rastr'"):
        Hints(kind="rastr")
