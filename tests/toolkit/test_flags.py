"""Arguments that are True or False: a text such as "no", which is true in Python, is refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import kmrepro as km
from kmrepro.digitise import Hints

from .test_sequences import _functions


def _flags() -> Iterator[tuple[str, Callable[..., object], str]]:
    for name, function in _functions():
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            continue
        for each in parameters:
            if each.annotation in ("bool", bool):
                yield f"{name}.{each.name}", function, each.name


FLAGS = {name: (function, flag) for name, function, flag in _flags()}


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


def test_true_and_false_of_numpy_are_taken() -> None:
    """A cell of a boolean array is one."""
    endpoint = km.load_study("an2025").endpoint("psm", "OS")
    assert not km.reconstruct(endpoint, informed=np.bool_(False)).informed  # type: ignore[arg-type]


def test_hints_of_figures_are_as_strict() -> None:
    """As `ocr="no"` would recognise text."""
    with pytest.raises(TypeError, match=r"^`ocr` must be True or False, not 'no'"):
        Hints(ocr="no")  # type: ignore[arg-type]
