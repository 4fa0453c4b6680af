"""An endpoint of digitised curves alone, without a study file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from .argument_types import given_kind
from .digitised import CensorMarks, DigitisedCurve, NumbersAtRisk
from .endpoint import Endpoint, TimeUnit
from .errors import CurveFault, fault_lines, shown
from .study import Study, key_schema

__all__ = ["ONLY_ARM", "curve_endpoint"]

ONLY_ARM = "all"
"""What a single curve without a name is called."""

AtRisk = Mapping[float, int]


def curve_endpoint(
    curves: DigitisedCurve | Mapping[str, DigitisedCurve],
    *,
    n: int | Mapping[str, int] | None = None,
    at_risk: AtRisk | Mapping[str, AtRisk] | None = None,
    events: int | Mapping[str, int] | None = None,
    censor_marks: CensorMarks | Mapping[str, CensorMarks] | None = None,
    reference: str | None = None,
    time_unit: TimeUnit | None = None,
) -> Endpoint:
    """Make an endpoint of digitised curves and what is reported beside them.

    Parameters
    ----------
    curves : DigitisedCurve, or mapping of str to DigitisedCurve
        One curve, or those of all arms, as `read_curves` returns them.
    n : int, or mapping of str to int
        Patients of the arm, or by arm. Where it is not given, the number at risk at time 0.
    at_risk : mapping of float to int, or mapping of str to such a mapping, optional
        Numbers at risk by time, or by arm and time, as `read_at_risk` returns them.
    events : int, or mapping of str to int, optional
        Events in total.
    censor_marks : CensorMarks, or mapping of str to CensorMarks, optional
        Censoring marks.
    reference : str, optional
        The arm in the denominator of the hazard ratio; the first unless given.
    time_unit : {"days", "weeks", "months", "years"}, optional
        Unit of every time; by default the one that headings of times name, of the curves, the
        numbers at risk or the censoring marks; else months.

    Returns
    -------
    Endpoint
        For `reconstruct`. A single curve without a name is the arm "all".

    Raises
    ------
    CurveFault
        If an arm has no n, something is given for an arm that has no curve, headings name several
        units of time, or a value cannot be.

    Examples
    --------
    >>> from kmrepro.studies import digitised_curve
    >>> curve = digitised_curve([0, 2, 5, 9], [1, 0.9, 0.8, 0.8])
    >>> curve_endpoint(curve, n=40, at_risk={0: 40, 6: 25}).arms["all"].n
    40
    """
    named = dict(curves) if isinstance(curves, Mapping) else {"": curves}
    _refuse_no_curves(named.values())
    arms = [name or ONLY_ARM for name in named]
    if not arms:
        raise CurveFault("`curves` holds no curve; give one at least")
    rows = _by_arm(at_risk, arms, what="at_risk", nested=True)
    marks = _by_arm(censor_marks, arms, what="censor_marks")
    unit, remarks = _unit(
        {"the curves": named, "the numbers at risk": rows, "the censoring marks": marks}, time_unit
    )

    def in_unit(curve: DigitisedCurve) -> DigitisedCurve:
        return replace(
            curve, repairs=(*curve.repairs, *remarks), time_unit=curve.time_unit and unit
        )

    numbers = {arm: row[0] for arm, row in rows.items() if 0 in row} | _by_arm(n, arms, what="n")
    if missing := [name for name in arms if name not in numbers]:
        raise CurveFault(
            f"the number of patients is not given for {_listed(missing)}; give `n`, or a number "
            "at risk at time 0"
        )
    given: dict[str, Mapping[str, Any]] = {
        "curve": {name or ONLY_ARM: each.in_both_readings(in_unit) for name, each in named.items()},
        "n": numbers,
        "at_risk": rows,
        "events": _events_followed(rows) | _by_arm(events, arms, what="events"),
        "censor_marks": _without_unit(marks),
    }
    return _endpoint(
        {
            name: {key: values[name] for key, values in given.items() if name in values}
            for name in arms
        },
        name="curve",
        time_unit=unit,
        reference=reference or arms[0],
    )


def _unit(
    files: Mapping[str, Mapping[str, Any]], given: TimeUnit | None
) -> tuple[str, tuple[str, ...]]:
    """Return the unit of all times, and say so where headings name another than is usual."""
    headed = {
        what: {unit for each in by_arm.values() if (unit := getattr(each, "time_unit", ""))}
        for what, by_arm in files.items()
    }
    units = sorted(set().union(*headed.values()))
    if given is None and len(units) > 1:
        said = (
            f"{unit} ({' and '.join(what for what in headed if unit in headed[what])})"
            for unit in units
        )
        raise CurveFault(
            f"times are headed {' and '.join(said)}; write them in one unit, or give `time_unit` "
            "if a heading is wrong"
        )
    taken = given or (*units, "months")[0]
    remarks = [
        f"the heading of the times of {what} says {unit}; they are taken to be in {taken}."
        for what in headed
        for unit in sorted(headed[what] - {taken})
    ]
    if taken in units and taken != "months":
        remarks.append(f"the times are in {taken}, as their heading says.")
    return taken, tuple(remarks)


def _by_arm(given: Any, arms: list[str], *, what: str, nested: bool = False) -> dict[str, Any]:
    """Return what is given by arm; what is given without a name is the only arm's."""
    if given is None:
        return {}
    by_name = isinstance(given, Mapping) and not (nested and _is_one_table(given))
    named = dict(given) if by_name else {"": given}
    read = what in ("at_risk", "censor_marks")  # from a file, which may name what a curve does not
    if arms == [ONLY_ARM] and len(named) == 1 and (read or "" in named):
        return {ONLY_ARM: next(iter(named.values()))}
    if "" in named and len(arms) > 1:
        raise CurveFault(
            f"`{what}` does not say which arm it is of; give it by arm, of {_listed(arms)}"
        )
    if "" in named:
        named[arms[0]] = named.pop("")
    if unknown := [name for name in named if name not in arms]:
        there = "the only curve has no name" if arms == [ONLY_ARM] else (
            f"there are curves of {_listed(arms)}"
        )  # fmt: skip
        raise CurveFault(f"`{what}` is given for {shown(unknown[0])}, which has no curve; {there}")
    return named


def _events_followed(rows: Mapping[str, AtRisk]) -> dict[str, int]:
    """Return the events of arms whose tables follow everyone, and say who was censored."""
    tables = {name: table for name, table in rows.items() if isinstance(table, NumbersAtRisk)}
    counts = {name: table.events for name, table in tables.items()}
    return {name: count for name, count in counts.items() if count is not None}


def _is_one_table(given: Mapping[Any, Any]) -> bool:
    """Say whether a mapping holds numbers by time, not tables by arm."""
    return not any(isinstance(value, Mapping) for value in given.values())


def _refuse_no_curves(curves: Iterable[object]) -> None:
    for curve in curves:
        if not isinstance(curve, DigitisedCurve):
            raise TypeError(
                "`curve_endpoint` takes a digitised curve, or one for each arm, not "
                f"{given_kind(curve)}; make them by km.digitised_curve(time, survival)."
            )


def _listed(names: list[str]) -> str:
    return ", ".join(map(shown, names))


def _without_unit(marks: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the unit of marks, which the endpoint has."""
    return {
        arm: replace(each, time_unit="") if isinstance(each, CensorMarks) else each
        for arm, each in marks.items()
    }


def _endpoint(arms: Mapping[str, Any], **fields: Any) -> Endpoint:
    raw = {"id": "curves", "endpoint": [{"arms": arms, **fields}]}
    try:
        return Study.model_validate(raw).endpoints[0]
    except ValidationError as error:
        # Times of a table are numbers here, which a place in a study file would count as lines.
        cut = {name: {key: str(value) for key, value in arm.items()} for name, arm in arms.items()}
        faults = fault_lines(
            error, {"id": "curves", "endpoint": [{"arms": cut, **fields}]}, describe=key_schema
        )
        raise CurveFault(
            " ".join(fault.partition("curve: ")[2].removeprefix("arms.") for fault in faults)
        ) from error
