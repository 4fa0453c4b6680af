"""Curves in a study file: one laid out around them, which arm has which, and new ones put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..presentation.formats import toml_string
from .study_editing import EditRefused
from .workspace import safe_stem

__all__ = [
    "curves_layout",
    "figure_layout",
    "fitting_arms",
    "fitting_endpoint",
    "followed",
    "linked",
    "put_in",
    "used",
]

Edit = dict[str, Any]
Draft = Mapping[str, Any]
"""The draft study file of one reading: an endpoint for each of its panels."""


def curves_layout(file: str, arms: Sequence[str], *, name: str) -> str:
    """Return a study file whose arms have the curves of a CSV file.

    Parameters
    ----------
    file : str
        As the study file names it.
    arms : sequence of str
        As the file names them; a single curve without a name is "".
    name : str
        What to call the study.
    """
    keys = {arm: f"A{number + 1}" for number, arm in enumerate(arms)}
    lines = [
        f"# Laid out around {file}: add the numbers of patients (n), and what the paper reports.",
        f"id = {toml_string(safe_stem(name).lower())}",
        'time_unit = "months"    # the file does not say: check this',
        "",
        "[arms]",
        *(f"{key} = {toml_string(arm or 'All patients')}" for arm, key in keys.items()),
        "",
        "[[endpoint]]",
        'name = "OS"    # the file does not say: check this',
        f"source = {toml_string(file)}",
        *([f"reference = {toml_string(keys[arms[0]])}"] if len(arms) > 1 else []),
    ]
    for arm, key in keys.items():
        which = f", arm = {toml_string(arm)}" if arm else ""
        lines += ["", f"[endpoint.arms.{key}]", f"curve = {{ file = {toml_string(file)}{which} }}"]
    return "\n".join(lines) + "\n"


def figure_layout(draft: str, prefix: str) -> str:
    """Return the draft study file of a reading with its files named from the study's folder.

    Parameters
    ----------
    draft : str
        As `digitise.files.draft_study` returns it.
    prefix : str
        Such as "page-5/"; empty if the reading is in the study's folder itself.
    """
    return draft.replace('curve = { file = "', f'curve = {{ file = "{prefix}')


def _arms_with_curves(content: Mapping[str, Any]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield the endpoint's number, the short name and the keys of every arm with a curve."""
    for number, endpoint in enumerate(content.get("endpoint", ())):
        for name, arm in endpoint.get("arms", {}).items():
            if isinstance(arm, dict) and isinstance(arm.get("curve"), Mapping):
                yield number, name, arm


def used(content: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Return which endpoint and arm uses each curve: "psm/OS / SR" by file and arm of the file."""
    found = {}
    for number, name, arm in _arms_with_curves(content):
        endpoint, curve = content["endpoint"][number], arm["curve"]
        key = f"{endpoint.get('cohort', 'all')}/{endpoint.get('name', '')}"
        found[str(curve.get("file")), str(curve.get("arm"))] = f"{key} / {name}"
    return found


def followed(
    content: Mapping[str, Any], draft: Draft, renamed: Mapping[tuple[str, str], str]
) -> list[Edit]:
    """Return what changes in a study file after a reading was corrected.

    Parameters
    ----------
    content : mapping
        The study file's.
    draft : mapping
        Of the corrected reading, its files named from the study.
    renamed : mapping
        New names of arms by file and old name.
    """
    curves = {
        (arm["curve"]["file"], arm["curve"]["arm"]): arm
        for endpoint in draft["endpoint"]
        for arm in endpoint["arms"].values()
    }
    edits: list[Edit] = []
    for number, name, arm in _arms_with_curves(content):
        file, before = str(arm["curve"].get("file")), str(arm["curve"].get("arm"))
        now = curves.get((file, renamed.get((file, before), before)))
        if now is not None:
            edits += _arm_edits(("endpoint", number, "arms", name), arm, now)
    return edits


_READ = ("curve", "at_risk", "censor_marks")


def _arm_edits(
    place: tuple[str | int, ...], arm: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[Edit]:
    """Yield changes of one arm: what is read off the figure, and n where it came from there."""
    for key in _READ:
        if key == "censor_marks" and isinstance(arm.get(key), str):
            continue  # a file of its own, which somebody named
        if arm.get(key) != now.get(key) and (key in now or key in arm):
            yield {"place": [*place, key], "value": now.get(key)}
    from_figure = arm.get("n") is None or arm.get("n") == arm.get("at_risk", {}).get("0")
    if from_figure and now.get("n") is not None and now["n"] != arm.get("n"):
        yield {"place": [*place, "n"], "value": now["n"]}


def _names(content: Mapping[str, Any], endpoint: Mapping[str, Any]) -> dict[str, str]:
    """Return the arms of an endpoint by everything that they are called, in lower case."""
    known = {}
    for name, arm in endpoint.get("arms", {}).items():
        label = arm.get("label") if isinstance(arm, Mapping) else None
        for word in (name, label, content.get("arms", {}).get(name)):
            if isinstance(word, str) and word:
                known[word.casefold()] = name
    return known


def fitting_endpoint(
    content: Mapping[str, Any], draft: Draft, panel: int
) -> tuple[int, dict[str, str]] | None:
    """Return the endpoint without curves that a panel is of, and its arms by the panel's names.

    None unless exactly one endpoint has the panel's name and every one of its arms.
    """
    drafted = draft["endpoint"][panel]
    names = [arm["curve"]["arm"] for arm in drafted["arms"].values()]
    fitting = []
    for number, endpoint in enumerate(content.get("endpoint", ())):
        known = _names(content, endpoint)
        arms = {name: known[name.casefold()] for name in names if name.casefold() in known}
        free = not any("curve" in arm for arm in endpoint.get("arms", {}).values())
        if endpoint.get("name") == drafted["name"] and len(arms) == len(names) and free:
            fitting.append((number, arms))
    return fitting[0] if len(fitting) == 1 else None


def fitting_arms(
    content: Mapping[str, Any], names: Sequence[str]
) -> tuple[int, dict[str, str]] | None:
    """Return the endpoint that the curves of a file are of, and its arms by the file's names.

    None unless exactly one endpoint has arms of all these names and no curve yet.
    """
    fitting = []
    for number, endpoint in enumerate(content.get("endpoint", ())):
        known = _names(content, endpoint)
        arms = {name: known[name.casefold()] for name in names if name.casefold() in known}
        free = not any("curve" in arm for arm in endpoint.get("arms", {}).values())
        if len(arms) == len(names) == len(set(arms.values())) and free:
            fitting.append((number, arms))
    return fitting[0] if len(fitting) == 1 else None


def linked(
    content: Mapping[str, Any],
    file: str,
    names: Sequence[str],
    *,
    endpoint: int,
    arms: Mapping[str, str],
) -> list[Edit]:
    """Return the changes that make curves of a CSV file those of an endpoint's arms.

    Parameters
    ----------
    content : mapping
        The study file's.
    file : str
        The CSV file, named from the study.
    names : sequence of str
        Its curves; a single one without a name is called "".
    endpoint : int
        From 0.
    arms : mapping of str to str
        Short names of the endpoint's arms by the file's names; others are left alone.

    Raises
    ------
    EditRefused
        If there is no such endpoint or arm, no curve is given an arm, or two are given one.
    """
    known = _endpoint(content, endpoint)["arms"]
    given = {name: arm for name, arm in arms.items() if arm and name in names}
    if not given or len(set(given.values())) < len(given):
        raise EditRefused("Say which arm each curve is of: one arm for a curve, and at least one.")
    if unknown := [arm for arm in given.values() if arm not in known]:
        raise EditRefused(f"The endpoint has no arm {unknown[0]!r}.")
    return [
        {
            "place": ["endpoint", endpoint, "arms", arm, "curve"],
            "value": {"file": file, "arm": name} if name else {"file": file},
        }
        for name, arm in given.items()
    ]


def put_in(
    content: Mapping[str, Any],
    draft: Draft,
    panel: int,
    *,
    endpoint: int | None,
    arms: Mapping[str, str],
) -> list[Edit]:
    """Return the changes that put the curves of a panel into a study file.

    Parameters
    ----------
    content : mapping
        The study file's.
    draft : mapping
        Of the reading.
    panel : int
        From 0.
    endpoint : int or None
        Into which endpoint; None for one of its own.
    arms : mapping of str to str
        Short names of the endpoint's arms by the panel's names.

    Raises
    ------
    EditRefused
        If the figure is in another time unit than the endpoint, or no arm is named.
    """
    drafted = draft["endpoint"][panel]
    if endpoint is None:
        return _new_endpoint(content, draft, drafted)
    target = _endpoint(content, endpoint)
    unit = target.get("time_unit", content.get("time_unit", "months"))
    if unit != draft["time_unit"]:
        raise EditRefused(
            f"The figure is in {draft['time_unit']} and the endpoint in {unit}: put the curves "
            "into an endpoint of their own."
        )
    edits: list[Edit] = []
    for arm in drafted["arms"].values():
        name = arms.get(arm["curve"]["arm"])
        if name in target["arms"]:
            place = ("endpoint", endpoint, "arms", str(name))
            edits += _arm_edits(place, target["arms"][name], arm)
    if not edits:
        raise EditRefused("Say which arm of the endpoint at least one of the curves is of.")
    return edits


def _endpoint(content: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = content["endpoint"][number]
        return found if "arms" in found else {**found, "arms": {}}
    except (IndexError, KeyError, TypeError) as error:
        raise EditRefused("The study file has no such endpoint.") from error


def _new_endpoint(
    content: Mapping[str, Any], draft: Draft, drafted: Mapping[str, Any]
) -> list[Edit]:
    known = {
        str(word).casefold(): name
        for name, label in content.get("arms", {}).items()
        for word in (name, label)
    }
    keys: dict[str, str] = {}
    edits: list[Edit] = []
    for key in drafted["arms"]:
        label = draft["arms"][key]
        name = known.get(label.casefold()) or _free(key, {*content.get("arms", {}), *keys.values()})
        if name not in content.get("arms", {}):
            edits.append({"place": ["arms", name], "value": label})
        keys[key] = name
    value = {**drafted, "arms": {keys[key]: arm for key, arm in drafted["arms"].items()}}
    if "reference" in value:
        value["reference"] = keys[value["reference"]]
    if draft["time_unit"] != content.get("time_unit", "months"):
        value = {"name": value["name"], "time_unit": draft["time_unit"]} | value
    taken = {each.get("name") for each in content.get("endpoint", ())}
    value["name"] = _free(value["name"], taken)
    return [*edits, {"place": ["endpoint", len(content.get("endpoint", ()))], "value": value}]


def _free(name: str, taken: set[Any]) -> str:
    numbered = (f"{name}-{number}" for number in range(2, 1000))
    return next(each for each in (name, *numbered) if each not in taken)
