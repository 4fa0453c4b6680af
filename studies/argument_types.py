"""What public functions take: refusals of a value of another kind, with the function that takes it.

Without them a string in place of patients ends in an attribute that strings do not have.
"""

from __future__ import annotations

import numbers
import operator
import os
from collections.abc import Callable, Collection, Iterable
from functools import wraps
from inspect import signature
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

from .endpoint import Endpoint
from .study import Study

__all__ = [
    "check_draw",
    "check_draws",
    "check_number",
    "check_path",
    "endpoints_of",
    "given_kind",
    "names_of",
    "numbers_of",
    "refuse_no_endpoint",
    "refuse_no_studies",
    "refuse_no_study",
    "refuse_one_draw",
    "strict",
]

F = TypeVar("F", bound=Callable[..., Any])

_NUMBER = ("float", "float | None")
_LONGEST = 40  # characters of a text that a sentence quotes whole


def given_kind(value: object) -> str:
    """Return what a value is, for a sentence: "None", "the text 'an2025'", "a Study".

    Examples
    --------
    >>> given_kind("an2025"), given_kind(None), given_kind(3), given_kind([])
    ("the text 'an2025'", 'None', 'the number 3', 'a list')
    """
    if value is None:
        return "None"
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}..."
        return f"the text {short!r}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"the number {value}"
    return _with_article(type(value).__name__)


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0].lower() in 'aeio' else 'a'} {kind}"


def refuse_no_endpoint(function: str, value: object) -> None:
    """Refuse what is no endpoint.

    Parameters
    ----------
    function : str
        The name of the public function that was called.
    value : object
        What it was given for an endpoint.

    Raises
    ------
    TypeError
        If it is of another kind.
    """
    if isinstance(value, Endpoint):
        return
    study = f"km.load_study({value!r})" if isinstance(value, str) else "study"
    raise TypeError(
        f"`{function}` takes one endpoint, not {given_kind(value)}; of a study take one such as "
        f'{study}.endpoint("psm", "OS"). `km.reproduce` takes a whole study, or its id or path.'
    )


def refuse_no_study(function: str, value: object) -> None:
    """Refuse what is no study; see `refuse_no_endpoint`."""
    if isinstance(value, Study):
        return
    study = f"km.load_study({value!r})" if isinstance(value, str) else 'km.load_study("an2025")'
    raise TypeError(
        f"`{function}` takes a study, not {given_kind(value)}; load one by its id or path, such "
        f"as {study}."
    )


def refuse_no_studies(function: str, value: object, *, or_else: tuple[type, ...]) -> None:
    """Refuse what is no list of studies, or of what stands for one; see `refuse_no_endpoint`."""
    if isinstance(value, Study | str) or not isinstance(value, Collection):
        raise TypeError(
            f"`{function}` takes a folder, or a list of studies, not {given_kind(value)}."
        )
    for each in value:
        if not isinstance(each, or_else):
            refuse_no_study(function, each)


def endpoints_of(study: Study, endpoints: Collection[Endpoint]) -> tuple[Endpoint, ...]:
    """Return the endpoints; refuse those of no study, of which the results would say that it is."""
    if isinstance(endpoints, Endpoint | str):
        raise TypeError(
            f"`endpoints` takes a list of endpoints, such as [endpoint], not "
            f"{given_kind(endpoints)}."
        )
    known = {each.key for each in (*study.endpoints, *study.analysed)}
    wanted = tuple(endpoints)
    for each in wanted:
        if not isinstance(each, Endpoint):
            raise TypeError(
                f"`endpoints` holds a {type(each).__name__}; take endpoints such as "
                f"study.endpoint({study.endpoints[0].cohort!r}, {study.endpoints[0].name!r})."
            )
        if each.key not in known:
            raise ValueError(
                f"`endpoints` holds {each.key}, which {study.id} does not have; it has "
                f"{', '.join(sorted(known))}."
            )
    if len({each.key for each in wanted}) < len(wanted):
        names = ", ".join(each.key for each in wanted)
        raise ValueError(f"`endpoints` holds each endpoint once, but was given {names}.")
    return wanted


def check_draw(number: int, n_draws: int) -> None:
    """Refuse the number of a draw that there is not; they are counted from 0."""
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        raise TypeError(f"The number of a draw must be a whole one, not {given_kind(number)}.")
    if not 0 <= number < n_draws:
        raise IndexError(f"there is no draw {number}: they run from 0 to {n_draws - 1}")


def check_draws(n_draws: int, seed: int, *, least: int = 1) -> None:
    """Refuse a number of draws, or a seed, that is none.

    Parameters
    ----------
    n_draws, seed : int
    least : int
        The fewest draws there may be; 0 where they may be left out.

    Raises
    ------
    TypeError
        If one of them is no whole number.
    ValueError
        If there are fewer draws, or the seed is below 0.
    """
    for name, value, fewest in (("n_draws", n_draws, least), ("seed", seed, 0)):
        try:
            whole = operator.index(value)
        except TypeError:
            raise TypeError(f"`{name}` must be a whole number, not {given_kind(value)}.") from None
        if whole < fewest:
            raise ValueError(f"`{name}` must be at least {fewest}, but is {whole}.")


def refuse_one_draw(n_draws: int) -> None:
    """Refuse a single draw where the variance between draws is what draws are for."""
    if n_draws == 1:
        raise ValueError(
            "`n_draws` is 1, and one draw has no variance between draws, which is what the "
            "reconstruction adds; give 0 for no draws, or at least 2."
        )


def numbers_of(name: str, value: object) -> tuple[float, ...]:
    """Return the numbers of a sequence; one number is one.

    Parameters
    ----------
    name : str
        The argument.
    value : object
        What it was given.

    Raises
    ------
    TypeError
        If it is a text, which would be taken letter by letter, or holds what is no number.

    Examples
    --------
    >>> numbers_of("tau", 36), numbers_of("tau", [36, 60])
    ((36,), (36, 60))
    """
    found = (value,) if isinstance(value, numbers.Real) else _items(value)
    if found is None:
        raise TypeError(f"`{name}` takes a number or a list of numbers, not {given_kind(value)}.")
    for each in found:
        if not isinstance(each, numbers.Real):
            raise TypeError(f"`{name}` takes numbers, but holds {given_kind(each)}.")
    return found  # type: ignore[return-value]


def names_of(name: str, value: object) -> tuple[str, ...]:
    """Return the names of a sequence; one text is one name.

    Raises
    ------
    TypeError
        If it is no sequence, or holds what is no text.

    Examples
    --------
    >>> names_of("names", "weibull"), names_of("names", ["weibull", "gamma"])
    (('weibull',), ('weibull', 'gamma'))
    """
    found = (value,) if isinstance(value, str) else _items(value)
    if found is None:
        raise TypeError(f"`{name}` takes a name or a list of names, not {given_kind(value)}.")
    for each in found:
        if not isinstance(each, str):
            raise TypeError(f"`{name}` takes names, but holds {given_kind(each)}.")
    return found  # type: ignore[return-value]


def _items(value: object) -> tuple[object, ...] | None:
    """Return what a list, a tuple, an array or the like holds; None for a text or one thing."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return None
    try:
        return tuple(value)
    except TypeError:  # an array without dimensions
        return None


def check_number(name: str, value: object) -> None:
    """Refuse what is no number, such as a text of digits or None.

    Parameters
    ----------
    name : str
        The argument.
    value : object
        What it was given.

    Raises
    ------
    TypeError
        If it is of another kind.
    """
    of_numpy = getattr(value, "ndim", None) == 0 and value.dtype.kind in "iuf"  # type: ignore[attr-defined]
    if not (isinstance(value, numbers.Real) or of_numpy):
        raise TypeError(f"`{name}` must be a number, not {given_kind(value)}.")


def check_path(function: str, value: object, *, what: str) -> None:
    """Refuse what is no path.

    Parameters
    ----------
    function : str
        The name of the public function that was called.
    value : object
        What it was given for a path.
    what : str
        What it takes, such as "a folder".

    Raises
    ------
    TypeError
        If it is of another kind.
    """
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"`{function}` takes {what}, not {given_kind(value)}.")


def strict(function: F) -> F:
    """Let a function refuse what is no number, and none of the choices that its arguments have.

    Parameters
    ----------
    function : callable
        Its arguments are checked whose default is True or False, those that are one `float`, those
        whose type is a `Literal` with a name in its module, and those of a class that may be left
        out.

    Returns
    -------
    callable
        The text "no", which is true in Python, raises a `TypeError` where True or False is meant,
        as the text "0.95" does where a number is and 200 where the draws are. A misspelt choice,
        which would be taken for the last one, raises a `ValueError`.
    """
    known = signature(function).parameters.values()
    flags = {each.name for each in known if isinstance(each.default, bool)}
    single = {each.name: each.default for each in known if each.annotation in _NUMBER}
    scope = function.__globals__
    types = {each.name: scope.get(str(each.annotation)) for each in known}
    choices = {name: get_args(kind) for name, kind in types.items() if get_origin(kind) is Literal}
    classes = {
        each.name: scope.get(str(each.annotation).removesuffix(" | None"))
        for each in known
        if str(each.annotation).endswith(" | None")
    }

    @wraps(function)
    def checked(*args: Any, **given: Any) -> Any:
        for name, value in (*zip(types, args, strict=False), *given.items()):
            # by its name, as numpy, whose truth values count, is not loaded for a text
            if name in flags and type(value).__name__ not in ("bool", "bool_"):
                raise TypeError(f"`{name}` must be True or False, not {given_kind(value)}.")
            if name in single and not (value is None and single[name] is None):
                check_number(name, value)
            kind = classes.get(name)
            if isinstance(kind, type) and not isinstance(value, kind | None):
                expected = _with_article(kind.__name__)
                raise TypeError(f"`{name}` takes {expected} or None, not {given_kind(value)}.")
            one_of = choices.get(name, ())
            if one_of and value not in one_of:
                raise ValueError(f"`{name}` must be one of {', '.join(one_of)}, but is {value!r}.")
        return function(*args, **given)

    return cast("F", checked)
