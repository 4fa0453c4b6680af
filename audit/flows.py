"""Flow diagrams: a box is what the boxes before it leave, less those excluded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..studies.flow import Excluded, Flow, FlowBox
from ..studies.study import Study
from .rule import Finding, Rule, asks

__all__ = ["flow_sums"]

_STROBE = "Vandenbroucke JP et al. PLoS Med 2007;4:e297. doi:10.1371/journal.pmed.0040297"
SUM = Rule(
    name="flow-sum",
    asks="Do the boxes of a flow diagram hold the patients of the boxes before them, less those "
    "excluded in between?",
    tolerance="Counts are whole, so nothing is allowed for. More patients than there were is an "
    "error; fewer is a warning, since some may be left out without the diagram saying so. Fewer "
    "is not asked where a number in between is not printed, nor of boxes with `complete = false`. "
    "With `exclusive = false` each box is compared by itself.",
    reference=_STROBE,
)
REASONS = Rule(
    name="flow-reasons",
    asks="Do the reasons for exclusion add up to the patients excluded?",
    tolerance="Counts are whole, so nothing is allowed for. Together more than were excluded is "
    "a warning, since a patient may have several reasons without the diagram saying so, and none "
    "at all with `exclusive = false`; fewer is a warning, since a reason may be left out. One "
    "reason of more patients than were excluded is an error.",
    reference=_STROBE,
)


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """Boxes, all the boxes that come from them, and those excluded in between."""

    flow: Flow
    before: tuple[FlowBox, ...]
    after: tuple[FlowBox, ...]

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        return tuple(each for box in self.before for each in self.flow.exclusions_from(box.id))

    @property
    def place(self) -> str:
        return f"{self.flow.place}: {' and '.join(box.label for box in self.before)}"

    @property
    def whole(self) -> bool:
        """True if every patient of the boxes before should be found again."""
        numbers = [*(box.n for box in self.after), *(each.n for each in self.excluded)]
        return None not in numbers and all(box.complete for box in self.before)

    @property
    def shared(self) -> bool:
        """True if a patient may be in several of the boxes after."""
        return not all(box.exclusive for box in self.before)


@asks(SUM, REASONS)
def flow_sums(study: Study) -> Iterator[Finding]:
    """Yield the boxes and the reasons that do not add up."""
    for flow in study.flows:
        for stage in _stages(flow):
            yield from _sum(stage)
        for excluded in flow.exclusions:
            yield from _reasons(flow, excluded)


def _stages(flow: Flow) -> Iterator[_Stage]:
    """Yield the stages: boxes that share a box after them belong to one."""
    rest = [box.id for box in flow.boxes]
    while rest:
        before, after = {rest[0]}, set[str]()
        while True:
            reached = {box.id for name in before for box in flow.after(name)}
            sources = {name for box in reached for name in flow.box(box).boxes}
            if reached <= after and sources <= before:
                break
            after, before = after | reached, before | sources
        rest = [name for name in rest if name not in before]
        stage = _Stage(
            flow=flow,
            before=tuple(box for box in flow.boxes if box.id in before),
            after=tuple(box for box in flow.boxes if box.id in after),
        )
        if stage.after or stage.excluded:
            yield stage


def _known(parts: tuple[FlowBox, ...] | tuple[Excluded, ...]) -> list[int]:
    return [part.n for part in parts if part.n is not None]


def _sum(stage: _Stage) -> Iterator[Finding]:
    held = _known(stage.before)
    if len(held) < len(stage.before):
        return
    after, excluded = _known(stage.after), sum(_known(stage.excluded))
    least = max(after, default=0) if stage.shared else sum(after)
    left, found = sum(held), least + excluded
    if found > left:
        yield SUM.finding(
            "error", stage.place, printed=_written(stage), expected=f"at most {left}",
            sentence=f"{found} patients come out of {left}.",
        )  # fmt: skip
    elif found < left and stage.whole and stage.after and not stage.shared:
        yield SUM.finding(
            "warning", stage.place, printed=_written(stage), expected=str(left),
            sentence=f"{found} of {left} patients are found again; what became of the other "
            f"{left - found} is not said.",
        )  # fmt: skip


def _written(stage: _Stage) -> str:
    """Write the numbers as a sum: "1672 + 232 excluded, from 1904"."""
    after = " + ".join(str(n) for n in _known(stage.after))
    excluded = [f"{n} excluded" for n in _known(stage.excluded)]
    before = " + ".join(str(n) for n in _known(stage.before))
    return f"{' + '.join([after, *excluded] if after else excluded)}, from {before}"


def _reasons(flow: Flow, excluded: Excluded) -> Iterator[Finding]:
    counts = {each.label: each.n for each in excluded.reasons if each.n is not None}
    total, most = excluded.n, max(counts.values(), default=0)
    if total is None or not counts:
        return
    found, whole = sum(counts.values()), len(counts) == len(excluded.reasons)
    place = f"{flow.place}: {excluded.label}"
    printed = f"{' + '.join(map(str, counts.values()))} for {total}"
    if most > total:
        yield REASONS.finding(
            "error", place, printed=printed, expected=f"at most {total}",
            sentence=f"{most} patients are excluded for one reason, but {total} in all.",
        )  # fmt: skip
    elif found > total and excluded.exclusive:
        yield REASONS.finding(
            "warning", place, printed=printed, expected=str(total),
            sentence=f"The reasons are those of {found} patients, but {total} were excluded; some "
            "may have had several.",
        )  # fmt: skip
    elif found < total and whole:
        yield REASONS.finding(
            "warning", place, printed=printed, expected=str(total),
            sentence=f"The reasons are those of {found} of {total} patients; why the other "
            f"{total - found} were excluded is not said.",
        )  # fmt: skip
