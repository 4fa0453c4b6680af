"""Results that several analyses of the same patients need, worked out once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from ..reconstruct.pseudo_ipd import PseudoIPD

__all__ = ["remembered"]

Options = ParamSpec("Options")
Result = TypeVar("Result")


def remembered(
    function: Callable[Concatenate[PseudoIPD, Options], Result],
) -> Callable[Concatenate[PseudoIPD, Options], Result]:
    """Let a function of patients work each result out once, and keep it as long as the patients.

    Patients cannot be changed, so their results cannot either. A refusal is not kept.
    """
    known: WeakKeyDictionary[PseudoIPD, dict[tuple[object, ...], Result]] = WeakKeyDictionary()

    @functools.wraps(function)
    def once(ipd: PseudoIPD, /, *args: Options.args, **options: Options.kwargs) -> Result:
        results = known.setdefault(ipd, {})
        key = (*args, *sorted(options.items()))
        if key not in results:
            results[key] = function(ipd, *args, **options)
        return results[key]

    return once
