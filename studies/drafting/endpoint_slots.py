"""What was found of one endpoint, in the places of a study file, and what was left open."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from .finding import Finding

__all__ = ["EndpointSlots", "Question"]


@dataclass(frozen=True)
class Question:
    """Something that a person must decide: the key, what was found, and why it is not filled in.

    If `filled` it is filled in as it is reported, and `why` says what contradicts it.
    """

    key: str
    value: str
    why: str
    finding: Finding
    filled: bool = False


@dataclass
class EndpointSlots:
    """What was found of one endpoint of one cohort.

    Attributes
    ----------
    name, label, cohort : str
        Short name, name in full, and "matched", "unmatched", "from listing", ..., or "".
    unit : str
        Unit of its medians; else of its follow-up, of its axis, or months.
    arms : dict of int to dict of tuple of str and float to Finding
        By arm, and by key with a time in days, which is 0 for all but "survival" and "at_risk":
        "n", "events", "median", "mean", "follow_up", "follow_up iqr" and "follow_up range".
    reported : dict of str to Finding
        "hazard_ratio" and "p".
    pair : tuple of int, optional
        Treatment and reference of the hazard ratio.
    why_pair : str
        How it is known which arm is the reference.
    questions : list of Question
        What was found and not filled in.
    """

    name: str
    label: str
    cohort: str
    unit: str = "months"
    arms: dict[int, dict[tuple[str, float], Finding]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    reported: dict[str, Finding] = field(default_factory=dict)
    pair: tuple[int, int] | None = None
    why_pair: str = ""
    questions: list[Question] = field(default_factory=list)
