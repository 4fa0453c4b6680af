"""Keys of a study file under other names: one key, or an arm wherever the file names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..studies.statement import JOINT
from ..studies.table import GroupRow

__all__ = ["EditRefused", "refill", "rename_arm", "rename_key"]


class EditRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """A change that a study file cannot take."""


def rename_key(holder: Any, old: Any, new: str) -> None:
    """Give a key of a table another name; raises `EditRefused` if there is none, or it is taken."""
    if old not in holder or not isinstance(holder, Mapping):
        raise EditRefused(f"The study file has no {old}.")
    if new == old:
        return
    if not new.strip() or new in holder:
        raise EditRefused(f"{new!r} is there already." if new.strip() else "A name is needed.")
    pairs = [(new if key == old else str(key), value) for key, value in holder.items()]
    refill(holder, pairs)  # with the comments that the values hold


def refill(holder: Any, pairs: Sequence[tuple[str, Any]]) -> None:
    """Put these keys and values into a table, in this order, in the place of all that it has."""
    for key in list(holder):
        del holder[key]
    for key, value in pairs:
        holder[key] = value


def rename_arm(target: Any, old: str, new: str) -> None:
    """Give an arm another short name wherever the file says it: as a key, a value, in a number."""
    try:
        pairs = _compared(target, old, new)
        for holder in _by_arm(target):
            if old in holder:
                rename_key(holder, old, new)
        for row in _rows_of_groups(target):
            if old in row and old not in GroupRow.model_fields:
                if new in GroupRow.model_fields:
                    raise EditRefused(f"A table has rows with a key {new!r} of their own.")
                rename_key(row, old, new)
        for holder, key in _naming_arms(target):
            if holder[key] == old:
                holder[key] = new
        _rename_in_numbers(target, old, new, pairs)
    except (AttributeError, TypeError) as error:
        raise EditRefused(
            "An arm is renamed in all tables at once; mend what is at fault in them first."
        ) from error


def _by_arm(content: Any) -> Iterator[Any]:
    """Yield the tables whose keys are arms, or groups of patients, and nothing else."""
    yield content.get("arms", {})
    for endpoint in content.get("endpoint", ()):
        yield endpoint.get("arms", {})
    for table in content.get("table", ()):
        yield table.get("groups", {})
        for row in table.get("count", ()):
            yield from row.get("levels", {}).values()
            yield row.get("of", {})
    for row in _rows_of_groups(content):
        yield row.get("of", {})
    for stated in (*content.get("table", ()), *content.get("statement", ())):
        for row in stated.get("hazard_ratio", ()):
            yield row.get("patients", {})


def _rows_of_groups(content: Any) -> Iterator[Any]:
    """Yield the rows of means and medians, which have groups beside keys of their own."""
    for table in content.get("table", ()):
        for kind in ("mean", "median"):
            yield from table.get(kind, ())


def _naming_arms(content: Any) -> Iterator[tuple[Any, str | int]]:
    """Yield the tables and lists that name an arm as a value, and its key."""
    for endpoint in content.get("endpoint", ()):
        for pair in (endpoint, *endpoint.get("comparison", ())):
            yield from ((pair, side) for side in ("treatment", "reference") if side in pair)
    for table in content.get("table", ()):
        yield from ((table["favours"], side) for side in range(len(table.get("favours", ()))))


def _compared(content: Any, old: str, new: str) -> dict[str, str]:
    """Return what each pair of arms is called in the names of numbers, and will be."""
    names: dict[str, str] = {}
    for endpoint in content.get("endpoint", ()):
        for pair in endpoint.get("comparison", ()):
            sides = [pair.get(side) for side in ("treatment", "reference")]
            renamed = [new if side == old else side for side in sides]
            names[" vs ".join(map(str, sides))] = " vs ".join(map(str, renamed))
    return names


def _rename_in_numbers(content: Any, old: str, new: str, pairs: Mapping[str, str]) -> None:
    """Change the names of reported numbers, such as "psm/OS / SR / n", that name an arm."""
    endpoints = {
        f"{each.get('cohort', 'all')}/{each.get('name')}" for each in content.get("endpoint", ())
    }
    tables = {each.get("id") for each in content.get("table", ())}

    def changed(name: str) -> str:
        parts = name.split(JOINT)
        if parts[0] in endpoints and len(parts) > 1:
            parts[1] = _arm_or_pair(parts[1], old, new, pairs)
        elif parts[0] in tables and len(parts) > 2:
            at = -2 if parts[-1] in _OF_CELLS else -1
            parts[at] = new if parts[at] == old else parts[at]
        return JOINT.join(parts)

    for statement in content.get("statement", ()):
        values = statement.get("values", {})
        if any(changed(name) != name for name in values):
            refill(values, [(changed(str(name)), value) for name, value in values.items()])
    for flow in content.get("flow", ()):
        for box in flow.get("box", ()):
            if "quantity" in box and changed(box["quantity"]) != box["quantity"]:
                box["quantity"] = changed(box["quantity"])


def _arm_or_pair(text: str, old: str, new: str, pairs: Mapping[str, str]) -> str:
    """Return an arm, or "new vs control, stratified", with its new name."""
    if text == old:
        return new
    for was, now in pairs.items():
        if text == was or text.startswith(f"{was}, "):
            return now + text.removeprefix(was)
    return text


_OF_CELLS = frozenset({"%", "mean", "SD", "median", "lower", "upper"})
"""What the names of numbers say after a group: which number of its cell it is."""
