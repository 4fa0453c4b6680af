"""What is drawn of survival curves, and which way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ..studies.endpoint import DAYS_PER, TimeUnit

__all__ = ["CurveOptions", "MoreCounts", "Orientation"]


Orientation = Literal["survival", "incidence"]

MoreCounts = Literal["events", "censored"]

_Choice = bool | Literal["auto"]


@dataclass(frozen=True, kw_only=True)
class CurveOptions:
    """What to draw beside the curves, and which way they run.

    Attributes
    ----------
    orientation : {"survival", "incidence"}
        Incidence is 100% minus survival: the share of patients who have had the event.
    time_in : {"days", "weeks", "months", "years"}, optional
        Unit of the time axis; the endpoint's own unless given.
        A year has 12 months and 365.25 days. The corner box keeps the unit of the endpoint.
    bands, censor_marks, landmarks : bool
        Confidence bands, marks of censored patients, reported survival and medians.
    median_guide : bool
        Lines from 50% to each curve and down to the time axis.
    landmark_guides : bool
        Upright lines from the time axis to reported survival.
    at_risk : bool
        The numbers at risk below the plot.
    counts : tuple of {"events", "censored"}
        What to count below them: patients who have had the event, and who have been censored.
        Both count what came before a tick, so that the three add up to all patients of the arm.
    box, key : bool
        The box in the corner, and the key above the plot.
    labels : bool or "auto"
        Names of the arms at the ends of the curves instead of in the key; "auto" where two or
        more curves end far enough apart, and late enough, for names of few words.
    inset : bool or "auto"
        The same curves enlarged in the empty part of the plot; "auto" where all of them stay
        above 85% (or an incidence below 15%) and there is room.
    """

    orientation: Orientation = "survival"
    time_in: TimeUnit | None = None
    bands: bool = True
    censor_marks: bool = True
    landmarks: bool = True
    median_guide: bool = False
    landmark_guides: bool = False
    at_risk: bool = True
    counts: tuple[MoreCounts, ...] = ()
    box: bool = True
    key: bool = True
    labels: _Choice = "auto"
    inset: _Choice = "auto"

    def __post_init__(self) -> None:
        """Refuse what is not among the choices.

        Raises
        ------
        ValueError
            If `orientation`, `time_in`, `counts`, `labels` or `inset` is none of its choices.
        """
        _one_of("orientation", self.orientation, get_args(Orientation))
        _one_of("time_in", self.time_in, (None, *DAYS_PER))
        _one_of("labels", self.labels, (True, False, "auto"))
        _one_of("inset", self.inset, (True, False, "auto"))
        if isinstance(self.counts, str):
            raise ValueError(f"`counts` must be a tuple such as ({self.counts!r},), not a string.")
        for count in self.counts:
            _one_of("counts", count, get_args(MoreCounts))
        if len(set(self.counts)) < len(self.counts):
            raise ValueError(f"`counts` must name each count once, but is {self.counts!r}.")


def _one_of(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        known = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {known}, but is {value!r}.")
