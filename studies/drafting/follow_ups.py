"""How long patients were followed, all together or in each arm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..endpoint import DAYS_PER
from .finding import BEFORE_MATCHING, Finding
from .grammar import aligned
from .ratios import RatioReader
from .vocabulary import Atom

__all__ = ["FollowUpReader"]

_ALIVE = re.compile(r"\b(?:alive|surviv(?:ors|ing)|censored|living)\b", re.IGNORECASE)
_OF_ALL = re.compile(
    r"\s*(?:[(\[][^()]*[)\]]\s*)?(?:for|in|of)\s+(?:all|the\s+(?:entire|whole))\b", re.IGNORECASE
)
"""What stands behind the 33.0 of "33.0 months for all patients and 40.6 months for those alive"."""


@dataclass
class FollowUpReader(RatioReader):
    """Reads the follow-up of one sentence, and the comparisons."""

    order_said: list[int] = field(default_factory=list)

    def order(self) -> list[int]:
        """Return the arms in the order in which numbers without a name are listed."""
        if not self.arms.arms:
            return [0]
        if self.scope.sentence.row:
            return self.context.columns if len(self.context.columns) == len(self.arms.arms) else []
        return self._named_last() or self.order_said or self.context.order or self.usual

    def note_said(self, part: list[Atom]) -> None:
        """Remember the order in which a statement of the sentence names the arms.

        "OS was longer with B than with A (HR 0.77; median, 50 vs 35 months)": B is first, whatever
        the sentences before have said.
        """
        end = next((i for i, a in enumerate(part) if a.kind == "h"), len(part))
        seen = list(dict.fromkeys(a.index for a in part[:end] if a.kind == "A"))
        if len(seen) == len(self.arms.arms) > 1 and not self.scope.sentence.row:
            self.order_said = seen

    def _named_last(self) -> list[int]:
        """Return the arms of "DFS was 93% v 92%, and OS 95% v 94% with A and B, respectively"."""
        number = len(self.arms.arms)
        said = [a for a in self.row if a.kind in "AVr"]
        kinds = "".join(a.kind for a in said)
        last = [a.index for a in said[-number - 1 : -1]]
        alone = kinds.endswith("A" * number + "r") and kinds.count("A") == len(set(last)) == number
        return last if alone else []

    def follow_up(self, part: list[Atom]) -> Iterator[Finding]:
        """Yield the median follow-up, of each arm or of all patients, and its spread."""
        labels = [a for a in part if a.kind in "Asr" or (a.kind == "V" and a.unit in DAYS_PER)]
        spreads = {a.start: a for a in part if a.kind == "I"}
        kinds = [a.level for a in labels if a.level in ("iqr", "range")]
        if kinds:  # "22.4 months (IQR, 15.6-72.6) and 24.8 months (18.2-68.5)"
            labels = [replace(a, level=kinds[0]) if a.level == "95?" else a for a in labels]
        values = [a for a in labels if a.kind == "V"]
        named = any(a.kind == "A" for a in labels)
        if len(values) > 1 and not named and _ALIVE.search(self.text):
            values = [a for a in values if _OF_ALL.match(self.text[a.end :])]
            if len(values) != 1:
                return  # of all patients, and of those alive
        if len(values) == 1 and not named:
            early = self.scope.cohort in ("", "unmatched")
            early |= _OF_ALL.match(self.text[values[0].end :]) is not None
            flag = BEFORE_MATCHING if early else ""
            yield self.make("follow_up", values[0], flag=flag, endpoints=self._whose_results())
            for extra in spreads.values():
                yield self.make(
                    "follow_up",
                    replace(values[0], interval=extra.interval, level=extra.level),
                    flag="spread only",
                )
            return
        for placed in aligned(labels, values="V", order=self.order() if len(values) > 1 else []):
            if placed.arm is not None:
                yield self.make("follow_up", placed.value, arm=placed.arm)

    def below_heads(self) -> bool:
        """Say whether this is the row of an arm below the heads "Events, Median (95% CI)"."""
        own = "".join(a.kind for a in self.row)
        return self.scope.sentence.row and self.context.heads == "DM" and own == "AqV"

    def events_and_median(self) -> Iterator[Finding]:
        """Yield what such a row says of its arm."""
        arm, count, middle = self.row
        if self.context.endpoint is None or not count.text.isdigit():
            return
        of = self.context.endpoint
        yield self.make("events", count, endpoints=of.names, arm=arm.index, interval=None)
        yield self.make("median", middle, endpoints=of.names, label=of.label, arm=arm.index, rank=1)

    def _whose_results(self) -> tuple[str, ...]:
        """Return the endpoint of "OS results are of a median follow-up of 33.6 months"."""
        head = next((a for a in self.row if a.kind in "EFM"), None)
        told = head and re.match(r"\s+(?:results|data|analys[ei]s)\b", self.text[head.end :])
        return head.names if head and told and head.kind == "E" else ()
