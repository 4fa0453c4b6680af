"""Findings in the places of a study file; what contradicts itself becomes a question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..endpoint import DAYS_PER
from .endpoints import FULL_NAMES
from .finding import (
    BEFORE_MATCHING,
    OF_WHOM,
    UNSURE_PATIENTS,
    EndpointSlots,
    Finding,
    alike,
    decimals,
)
from .left_open import checked
from .sides import by_survival, direct
from .vocabulary import RELATIVE_RISK

__all__ = ["fill"]

_STRONG = ("survival", "median", "mean", "hazard_ratio", "at_risk")
_PREFERENCE = ("", "unstratified", "adjusted")


def fill(
    found: Sequence[Finding], number_of_arms: int, named: Mapping[str, str] | None = None
) -> list[EndpointSlots]:
    """Sort findings into endpoints.

    Parameters
    ----------
    found : sequence of Finding
        Everything that was read.
    number_of_arms : int
        Arms of the text; 1 if it compares nobody.
    named : mapping of str to str, optional
        Endpoints of which nothing that says when events happened was read, each with its label: to
        be kept for what else was.

    Returns
    -------
    list of EndpointSlots
        In the order of the text. With three arms each pair with a hazard ratio is an endpoint.
    """
    found = _cohorts_named(found)
    strong: dict[tuple[str, str], str] = {}
    for finding in found:
        if finding.slot in _STRONG and finding.endpoints:
            name = _known(finding, found)
            key = (finding.cohort, name)
            strong[key] = strong.get(key) or finding.label
    strong |= {("", name): label for name, label in (named or {}).items()}
    found = [_settled(finding, strong) for finding in found]
    endpoints = []
    for (cohort, name), label in strong.items():
        own = [f for f in found if f.cohort == cohort and f.endpoints[:1] == (name,)]
        slots = EndpointSlots(name, label or FULL_NAMES.get(name, name), cohort)
        _fill_arms(slots, own)
        shared = [f for f in found if f.slot in ("n", "follow_up")]
        _fill_shared(slots, shared, strong, number_of_arms)
        endpoints += _compared(slots, own, number_of_arms)
    direct(endpoints, [f for f in found if f.slot == "direction"])
    checked(endpoints)
    return [slots for slots in endpoints if slots.name in (named or ()) or _worth(slots)]


def _known(finding: Finding, found: Sequence[Finding]) -> str:
    """Return the endpoint of a finding: of several, the first that another number names."""
    if len(finding.endpoints) < 2:
        return finding.endpoints[0]
    named = {f.endpoints[0] for f in found if f.slot in _STRONG and len(f.endpoints) == 1}
    return next((name for name in finding.endpoints if name in named), finding.endpoints[0])


def _worth(slots: EndpointSlots) -> bool:
    keys = {key for arm in slots.arms.values() for key, _ in arm}
    counted = sum(("events", 0.0) in arm for arm in slots.arms.values()) > 1
    asked = counted and any(question.key == "reported.hazard_ratio" for question in slots.questions)
    asked |= any(question.finding.doubt for question in slots.questions)
    return bool(
        keys & {"survival", "median", "mean", "at_risk"}
        or "hazard_ratio" in slots.reported
        or asked  # the events of both arms, and a hazard ratio whose reference a person knows
    )


def _cohorts_named(found: Sequence[Finding]) -> list[Finding]:
    """Call what is said of no cohort unmatched, if results of matched patients are reported too."""
    named = {f.cohort for f in found if f.slot in _STRONG}
    if named & {"matched", "weighted"} and named & {"", "unmatched"}:
        return [
            replace(f, cohort="unmatched") if not f.cohort and f.slot != "follow_up" else f
            for f in found
        ]
    return list(found)


def _settled(finding: Finding, strong: dict[tuple[str, str], str]) -> Finding:
    """Choose among the endpoints that an event may be of the first that the text reports."""
    if len(finding.endpoints) < 2:
        return finding
    known = {name for _, name in strong}
    chosen = next((name for name in finding.endpoints if name in known), finding.endpoints[0])
    return replace(finding, endpoints=(chosen,))


def _fill_arms(slots: EndpointSlots, own: Iterable[Finding]) -> None:
    places: dict[tuple[int, str, float], list[Finding]] = defaultdict(list)
    for finding in own:
        if (
            finding.slot in ("survival", "median", "mean", "events", "at_risk")
            and finding.arm is not None
        ):
            days = finding.time[0] * DAYS_PER[finding.time[1]] if finding.time else 0.0
            near = next(
                (
                    k
                    for k in places
                    if k[:2] == (finding.arm, finding.slot) and abs(k[2] - days) <= 0.006 * days
                ),
                None,
            )
            places[near or (finding.arm, finding.slot, days)].append(finding)
    units = [
        f.unit
        for (_, slot, _), fs in places.items()
        for f in fs
        if slot in ("median", "mean") and f.unit in DAYS_PER
    ]
    axis = [f.time[1] for fs in places.values() for f in fs if f.slot == "at_risk" and f.time]
    slots.unit = units[0] if units else ""
    for (arm, slot, days), candidates in places.items():
        if slot in ("median", "mean"):
            candidates = [f for f in candidates if f.unit in ("NR", slots.unit) or not slots.unit]
        chosen = _agreed(slots, f"arms.{arm}.{slot}", candidates)
        if chosen is not None:
            slots.arms[arm][slot, days] = chosen
    if not slots.unit and axis:
        slots.unit = f"axis {axis[0]}"


def _agreed(slots: EndpointSlots, key: str, candidates: Sequence[Finding]) -> Finding | None:
    """Return what the findings for one place agree on; else ask."""
    if not candidates:
        return None
    candidates = [f for f in candidates if not f.doubt] or candidates
    if why := candidates[0].doubt:
        slots.ask(key, candidates[0], why)
        return None
    best = max(f.rank for f in candidates)
    candidates = [f for f in candidates if f.rank == best]
    chosen = max(candidates, key=lambda f: (f.interval is not None, decimals(f.text)))
    for other in candidates:
        if not alike(chosen.text, other.text):
            slots.ask(key, other, "two values are reported", value=f"{chosen.text} or {other.text}")
            return None
    return _with_one_interval(slots, key, chosen, candidates)


def _with_one_interval(
    slots: EndpointSlots, key: str, chosen: Finding, candidates: Sequence[Finding]
) -> Finding:
    """Leave the interval of a value open if it is reported with two, which are not one rounded."""
    for other in candidates:
        if chosen.interval is None or other.interval is None or other.level != chosen.level:
            continue
        ends = [f"{low} to {high}" for low, high in (chosen.interval, other.interval)]
        if not all(map(_same_end, chosen.interval, other.interval)):
            slots.ask(
                key, other, "it has two intervals", value=f"{chosen.text} ({' or '.join(ends)})"
            )
            return replace(chosen, interval=None, level="")
    return chosen


def _same_end(one: str, other: str) -> bool:
    return alike(one.rstrip("%"), other.rstrip("%"))


def _fill_shared(
    slots: EndpointSlots, shared: Sequence[Finding], strong: dict[tuple[str, str], str], number: int
) -> None:
    """Give an endpoint the patients and the follow-up that hold for all endpoints."""
    follow = [f for f in shared if f.slot == "follow_up" and f.cohort in (slots.cohort, "")] or [
        f for f in shared if f.slot == "follow_up" and len({c for c, _ in strong}) == 1
    ]
    follow = [f for f in follow if f.endpoints in ((), (slots.name,))]
    unit = next((f.unit for f in follow if f.unit in DAYS_PER), "")
    if slots.unit.startswith("axis"):
        slots.unit = unit or slots.unit.removeprefix("axis ")
    slots.unit = slots.unit or unit or "months"
    unsure = slots.cohort == "matched" and len({cohort for cohort, _ in strong}) > 1
    for arm in range(number):
        own = [f for f in follow if f.unit == slots.unit and f.arm == arm] or [
            f for f in follow if f.unit == slots.unit and f.arm is None
        ]
        _fill_follow_up(slots, arm, own, unsure=unsure)
        _fill_patients(slots, arm, shared, strong)


def _fill_follow_up(
    slots: EndpointSlots, arm: int, own: Sequence[Finding], *, unsure: bool
) -> None:
    early = next((f for f in own if f.flag == BEFORE_MATCHING), None)
    later = [f for f in own if f.flag not in (BEFORE_MATCHING, "spread only")]
    if unsure and early and later:
        own = later
    elif unsure and early:
        why = "it is that of the patients before they were matched"
        slots.ask(f"arms.{arm}.follow_up", early, why)
        return
    elif early and later:
        own = [f for f in own if f not in later]
    medians = [f for f in own if f.flag != "spread only"]
    chosen = _agreed(slots, f"arms.{arm}.follow_up", medians) if medians else None
    if chosen is None:
        return
    slots.arms[arm]["follow_up", 0.0] = chosen
    for finding in own:
        if finding.text == chosen.text and finding.level in ("iqr", "range"):
            slots.arms[arm].setdefault((f"follow_up {finding.level}", 0.0), finding)


def _fill_patients(
    slots: EndpointSlots, arm: int, shared: Sequence[Finding], strong: dict[tuple[str, str], str]
) -> None:
    cohorts = {cohort for cohort, _ in strong}
    mine = [f for f in shared if f.slot == "n" and f.arm == arm]
    mine = [f for f in mine if not f.endpoints or f.endpoints[0] == slots.name or f.rank == 6]
    mine = [replace(f, rank=5) if f.endpoints and f.endpoints[0] != slots.name else f for f in mine]
    allowed = {slots.cohort, ""} if slots.cohort in ("", "unmatched") else {slots.cohort}
    everybody = slots.cohort == "weighted" or slots.cohort.startswith("from ")
    allowed |= {"", "unmatched"} if everybody else set()
    own = [f for f in mine if f.cohort in allowed]
    if not own and len(cohorts) == 1 and slots.cohort in ("", "unmatched"):
        own = mine
    if (
        slots.cohort == ""
        and len({f.cohort for f in mine}) > 1
        and "matched" in {f.cohort for f in mine}
    ):
        for finding in mine[:1]:
            slots.ask(
                f"arms.{arm}.n", finding, "it is not said whether matched patients were analysed"
            )
        return
    if at_zero := slots.arms[arm].get(("at_risk", 0.0)):
        own = [*own, replace(at_zero, rank=6)]
    chosen = _most(slots, f"arms.{arm}.n", own)
    if chosen is not None and (why := UNSURE_PATIENTS.get(chosen.flag)):
        slots.ask(f"arms.{arm}.n", chosen, why)
    elif chosen is not None:
        slots.arms[arm]["n", 0.0] = chosen


def _most(slots: EndpointSlots, key: str, own: Sequence[Finding]) -> Finding | None:
    """Return the number of patients of the best rank, if one is given most often."""
    if not own:
        return None
    best = max(f.rank for f in own)
    texts = [f.text for f in own if f.rank == best]
    ordered = sorted(dict.fromkeys(texts), key=lambda text: -texts.count(text))
    if len(ordered) > 1 and texts.count(ordered[0]) == texts.count(ordered[1]):
        other = next(f for f in own if f.rank == best and f.text == ordered[1])
        slots.ask(key, other, "several numbers are reported", value=" or ".join(ordered[:3]))
        return None
    return next(f for f in own if f.rank == best and f.text == ordered[0])


def _compared(slots: EndpointSlots, own: Sequence[Finding], number: int) -> list[EndpointSlots]:
    """Add the comparison; with three arms, make an endpoint of each pair that has one."""
    ratios = [f for f in own if f.slot == "hazard_ratio"]
    ps = [f for f in own if f.slot == "p"]
    if number == 1:
        return [slots]
    if number == 2:
        _report(slots, ratios, ps)
        return [slots]
    ratios = [f for f in (_directed(slots, f) for f in _sure(slots, ratios)) if f.pair is not None]
    pairs = list(dict.fromkeys(f.pair for f in ratios if f.pair is not None))
    made = []
    for pair in pairs:
        part = _pair_of(slots, pair)
        part.why_pair = "said beside the hazard ratio"
        if any(f.sides for f in ratios if f.pair == pair):
            part.why_pair = "survival says so, as the text does not"
        beside = [f for f in ps if set(f.pair or f.sides or ()) == set(pair)]
        _report(part, [f for f in ratios if f.pair == pair], beside)
        made.append(part)
    covered = {arm for pair in pairs for arm in pair}
    if made and len(covered) == number:
        made[0].questions += slots.questions
        return made
    if made:
        _report(slots, [], [f for f in ps if not (f.pair or f.sides)])
        return [slots, *made]
    reported = [arm for arm in range(number) if _reports(slots.arms[arm])]
    if len(reported) == 2:  # of two of three arms
        part = _pair_of(slots, (reported[0], reported[1]))
        _report(part, [], [f for f in ps if f.sides and set(f.sides) == set(reported)])
        return [part]
    _report(slots, [], [f for f in ps if not f.sides])  # one p-value for all arms
    return [slots]


def _reports(arm: Mapping[tuple[str, float], Finding]) -> bool:
    """Say whether survival is reported of an arm, not only its patients and their follow-up."""
    return any(key in (*_STRONG, "events") for key, _ in arm)


def _pair_of(slots: EndpointSlots, pair: tuple[int, int]) -> EndpointSlots:
    """Return an endpoint of two of the arms."""
    part = EndpointSlots(slots.name, slots.label, slots.cohort, slots.unit, pair=pair)
    part.arms.update({arm: slots.arms[arm] for arm in pair})
    return part


def _directed(slots: EndpointSlots, ratio: Finding) -> Finding:
    """Say which of two of three arms a hazard ratio is of, if only their survival tells it."""
    if ratio.pair is not None:
        return ratio
    found, why = None, "it is not said which of the arms it compares"
    if (sides := ratio.sides) is not None:
        why = "it is not said which arm is the reference"
        found = by_survival({i: slots.arms[side] for i, side in enumerate(sides)}, ratio.text)
    if sides is None or found is None:
        slots.ask("reported.hazard_ratio", ratio, why)
        return ratio
    return replace(ratio, pair=(sides[found[0]], sides[found[1]]))


def _report(slots: EndpointSlots, ratios: Sequence[Finding], ps: Sequence[Finding]) -> None:
    ratios = _sure(slots, ratios)
    kinds = {f.flag for f in ratios}
    flag = next((kind for kind in _PREFERENCE if kind in kinds), None)
    chosen = None
    if flag is not None:
        best = [f for f in ratios if f.flag == flag]
        chosen = _agreed(slots, "reported.hazard_ratio", _with_pairs(best))
    if chosen is not None:
        slots.reported["hazard_ratio"] = chosen
    elif risk := next((f for f in ratios if f.flag == RELATIVE_RISK), None):
        why = "the text calls it a relative risk, which may be no ratio of hazards"
        slots.ask("reported.hazard_ratio", risk, why)
    elif unsaid := next((f for f in ratios if f.flag == OF_WHOM), None):
        why = "it is not said whether the patients of the multivariable model were matched"
        slots.ask("reported.hazard_ratio", unsaid, why)
    ps = [f for f in ps if RELATIVE_RISK not in f.flag] or list(ps)
    plain = [f for f in ps if "adjusted" not in f.flag]
    usable = plain or [f for f in ps if flag == "adjusted"]
    usable = [f for f in usable if "unstratified" not in f.flag or flag == "unstratified"]
    if usable:
        p = _agreed(slots, "reported.p", usable)
        if p is not None:
            slots.reported["p"] = p


def _sure(slots: EndpointSlots, ratios: Sequence[Finding]) -> list[Finding]:
    """Return hazard ratios that are of the arms; if there is none, ask about one that may be."""
    sure = [f for f in ratios if not f.doubt]
    if not sure and ratios:
        slots.ask("reported.hazard_ratio", ratios[0], ratios[0].doubt)
    return sure


def _with_pairs(best: list[Finding]) -> list[Finding]:
    """Prefer a finding that says which arms it compares."""
    told = [f for f in best if f.pair is not None]
    if told and all(alike(f.text, told[0].text) for f in best):
        return [replace(f, pair=told[0].pair) for f in best]
    return best
