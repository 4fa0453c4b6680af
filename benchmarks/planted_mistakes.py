"""One mistake of a kind, put into a paper without any."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["MISTAKES", "planted"]

Paper = dict[str, Any]
Planter = Callable[[Paper, np.random.Generator], bool]


def planted(paper: Paper, kind: str, rng: np.random.Generator) -> Paper | None:
    """Return a copy with one mistake; None if the paper has no place for it."""
    changed = copy.deepcopy(paper)
    return changed if MISTAKES[kind](changed, rng) else None


def _pick(items: list[Any], rng: np.random.Generator) -> Any:
    return items[int(rng.integers(len(items)))] if items else None


def _other_digit(text: str, rng: np.random.Generator) -> str:
    """Return a number with its first digit that is not zero changed."""
    place = next(i for i, letter in enumerate(text) if letter in "123456789")
    digits = [digit for digit in "123456789" if abs(int(digit) - int(text[place])) > 1]
    return text[:place] + _pick(digits, rng) + text[place + 1 :]


def _rows(paper: Paper) -> list[Any]:
    """Return the rows of hazard ratios, of which the text then says nothing."""
    paper["statement"][5]["hazard_ratio"] = []
    return paper["table"][2]["hazard_ratio"]


def _ratio_digit(paper: Paper, rng: np.random.Generator) -> bool:
    row = _pick(_rows(paper), rng)
    if row:
        row["hazard_ratio"] = _other_digit(row["hazard_ratio"], rng)
    return bool(row)


def _lost_point(paper: Paper, rng: np.random.Generator) -> bool:
    row = _pick([row for row in _rows(paper) if float(row["ci"][1]) >= 1], rng)
    if row:
        row["ci"][1] = row["ci"][1].replace(".", "")
    return bool(row)


def _p_of_another(paper: Paper, rng: np.random.Generator) -> bool:
    row = _pick([row for row in _rows(paper) if not row["p"].startswith("<")], rng)
    if row:
        p = float(row["p"])
        row["p"] = "0.011" if p > 0.2 else "0.684"
    return bool(row)


def _repeated_ratio(paper: Paper, _: np.random.Generator) -> bool:
    rows = _rows(paper)
    if len(rows) < 3:
        return False
    keys = ("hazard_ratio", "ci", "p")
    rows[1] |= {key: copy.deepcopy(rows[0][key]) for key in keys}
    return True


def _rising(paper: Paper, rng: np.random.Generator) -> bool:
    arms = paper["endpoint"][0]["arms"].values()
    arm = _pick([arm for arm in arms if len(arm["landmarks"]) > 1], rng)
    if arm:
        first, last = next(iter(arm["landmarks"])), list(arm["landmarks"])[-1]
        arm["landmarks"][last], arm["landmarks"][first] = (
            arm["landmarks"][first], arm["landmarks"][last],
        )  # fmt: skip
    return bool(arm) and arm["landmarks"][first] != arm["landmarks"][last]


def _wrong_median(paper: Paper, rng: np.random.Generator) -> bool:
    arms = paper["endpoint"][0]["arms"].values()
    arm = _pick([arm for arm in arms if arm["median"] != "NR"], rng)
    if arm:
        arm["median"] = f"{float(arm['median']) * 2:.1f}"
    return bool(arm)


def _cells(paper: Paper) -> list[tuple[dict[str, str], str]]:
    return [
        (cells, arm)
        for row in paper["table"][0]["count"]
        for cells in row["levels"].values()
        for arm in cells
    ]


def _percentage(paper: Paper, rng: np.random.Generator) -> bool:
    cells, arm = _pick([each for each in _cells(paper) if each[0][each[1]][0] != "0"], rng)
    count, percent = cells[arm].split(" ")
    cells[arm] = f"{count} {_other_digit(percent, rng)}"
    return True


def _count(paper: Paper, rng: np.random.Generator) -> bool:
    cells, arm = _pick([each for each in _cells(paper) if each[0][each[1]][0] != "0"], rng)
    count, percent = cells[arm].split(" ")
    cells[arm] = f"{_other_digit(count, rng)} {percent}"
    return True


def _count_p(paper: Paper, rng: np.random.Generator) -> bool:
    row = _pick([row for row in paper["table"][0]["count"] if row["p"][0] != "<"], rng)
    if row:
        row["p"] = "0.012" if float(row["p"]) > 0.2 else "0.684"
    return bool(row)


def _mean_p(paper: Paper, rng: np.random.Generator) -> bool:
    rows = [row for row in paper["table"][0]["mean"] if row["test"] != "Mann-Whitney"]
    row = _pick([row for row in rows if row["p"][0] != "<"], rng)
    if row:
        row["p"] = "0.012" if float(row["p"]) > 0.2 else "0.684"
    return bool(row)


def _labels(paper: Paper, rng: np.random.Generator) -> bool:
    row = _pick([row for row in paper["table"][1]["count"] if len(row["levels"]) == 2], rng)
    if row:
        one, other = row["levels"]
        row["levels"][one], row["levels"][other] = row["levels"][other], row["levels"][one]
    return bool(row)


def _repeated_row(paper: Paper, _: np.random.Generator) -> bool:
    rows = [row for row in paper["table"][0]["count"] if len(row["levels"]) == 2]
    if len(rows) > 1:
        rows[1]["levels"] = copy.deepcopy(rows[0]["levels"])
    return len(rows) > 1


def _sum(paper: Paper, rng: np.random.Generator) -> bool:
    parts = paper["statement"][0]["sum"]["parts"]
    parts[0] = _other_digit(parts[0], rng)
    return True


def _share(paper: Paper, rng: np.random.Generator) -> bool:
    share = paper["statement"][2]["share"][0]
    share["part"] = _other_digit(share["part"], rng)
    return True


def _abstract(paper: Paper, rng: np.random.Generator) -> bool:
    values = paper["statement"][3]["values"]
    name = _pick([name for name in values if values[name] != "0"], rng)
    values[name] = _other_digit(values[name], rng)
    return True


def _spread(paper: Paper, rng: np.random.Generator) -> bool:
    """Print the standard error of whole numbers as their standard deviation."""
    row = paper["table"][0]["mean"][2]
    arm, n = _pick(list(paper["table"][0]["groups"].items()), rng)
    mean, spread = row[arm].split(" ± ")
    row[arm] = f"{mean} ± {float(spread) / n**0.5:.1f}"
    return True


def _quartile_p(paper: Paper, rng: np.random.Generator) -> bool:
    row = _pick([row for row in paper["table"][0]["median"] if row["p"][0] != "<"], rng)
    if row:
        row["p"] = "0.012" if float(row["p"]) > 0.2 else "0.684"
    return bool(row)


def _lost(paper: Paper, rng: np.random.Generator) -> bool:
    """Put the count of another level into the matched table, with its percentage."""
    rows = [row for row in paper["table"][1]["count"] if len(row["levels"]) == 3]
    row = _pick(rows, rng)
    if row:
        first, second, _ = row["levels"].values()
        arm = next(iter(first))
        first[arm], second[arm] = second[arm], first[arm]
    return bool(row) and first[arm] != second[arm]


def _listed(paper: Paper, rng: np.random.Generator) -> bool:
    said = _pick(paper["statement"][4]["listed"][:-1], rng)
    said["count"] = str(int(said["count"]) + 1)
    return True


def _listed_mean(paper: Paper, rng: np.random.Generator) -> bool:
    said = paper["statement"][4]["listed"][-1]
    said["mean"] = _other_digit(said["mean"], rng)
    return True


def _turned(paper: Paper, rng: np.random.Generator) -> bool:
    stated = _pick(paper["statement"][5]["hazard_ratio"], rng)
    if stated:
        stated["level"], stated["reference"] = stated["reference"], stated["level"]
    return bool(stated)


def _box(paper: Paper, rng: np.random.Generator) -> bool:
    box = _pick([box for box in paper["flow"][0]["box"] if box.get("n")], rng)
    box["n"] = int(_other_digit(str(box["n"]), rng))
    return True


def _reason(paper: Paper, rng: np.random.Generator) -> bool:
    leaving = paper["flow"][0]["excluded"][0]
    reason = _pick([each for each in leaving.get("reasons", ()) if each.get("n")], rng)
    if reason:
        reason["n"] = int(_other_digit(str(reason["n"]), rng))
    return bool(reason)


MISTAKES: dict[str, Planter] = {
    "hazard ratio, another digit": _ratio_digit,
    "upper limit, lost decimal point": _lost_point,
    "p of another hazard ratio": _p_of_another,
    "hazard ratio row repeated": _repeated_ratio,
    "survival exchanged in time": _rising,
    "median doubled": _wrong_median,
    "percentage, another digit": _percentage,
    "count, another digit": _count,
    "p of other counts": _count_p,
    "p of other means": _mean_p,
    "labels exchanged after matching": _labels,
    "row of counts repeated": _repeated_row,
    "sum, another digit": _sum,
    "count in the text, another digit": _share,
    "number in the abstract, another digit": _abstract,
    "standard error for a spread, whole numbers": _spread,
    "p of other quartiles": _quartile_p,
    "levels exchanged after matching, one arm": _lost,
    "count of a list, one more": _listed,
    "mean of a list, another digit": _listed_mean,
    "levels of a ratio exchanged in the text": _turned,
    "box of a flow, another digit": _box,
    "reason for exclusion, another digit": _reason,
}
