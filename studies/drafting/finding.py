"""One reported number, and what the sentences before it have said."""

from __future__ import annotations

from dataclasses import dataclass, field

from .lexicon import Atom
from .passages import Sentence

__all__ = ["DAYS", "Context", "Finding"]

DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
"""Days in each unit of time; a year has 12 months."""


@dataclass(frozen=True)
class Finding:
    """One reported number.

    Attributes
    ----------
    slot : str
        "survival", "median", "mean", "events", "follow_up", "hazard_ratio", "p", "n",
        "at_risk", "direction", or "unclear": times that may be medians or means.
    text : str
        The number as reported, in plain characters.
    sentence : Sentence
        Where it was found.
    endpoints : tuple of str
        Endpoints that it may be of, the likeliest first; empty if it is of all of them.
    label : str
        The endpoint in full.
    arm : int, optional
        Which arm; None if it is of all together.
    time : tuple of float and str, optional
        Time and its unit.
    unit : str
        Unit of time of the number itself, or "percent".
    interval : tuple of str, optional
        Its interval.
    level : str
        Kind of the interval: "95", "97.5", "iqr", "range".
    cohort : str
        "matched", "unmatched" or "".
    flag : str
        "adjusted", "unstratified", "one-sided", "complement".
    test : str
        Test of a p-value, if it is named.
    pair : tuple of int, optional
        Arms of a hazard ratio: treatment and reference.
    stratified : bool
        Whether the analysis is said to be stratified.
    rank : int
        How far it is to be preferred over another number in its place; higher is better.
    """

    slot: str
    text: str
    sentence: Sentence
    endpoints: tuple[str, ...] = ()
    label: str = ""
    arm: int | None = None
    time: tuple[float, str] | None = None
    unit: str = ""
    interval: tuple[str, str] | None = None
    level: str = ""
    cohort: str = ""
    flag: str = ""
    test: str = ""
    pair: tuple[int, int] | None = None
    stratified: bool = False
    rank: int = 0


@dataclass
class Context:
    """What the sentences before have said."""

    paragraph: int = -1
    endpoint: Atom | None = None
    times: list[Atom] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    panels: dict[str, Atom] = field(default_factory=dict)
    columns: list[int] = field(default_factory=list)
    in_rows: bool = False
    ratio_seen: bool = False
    medians: bool = False
