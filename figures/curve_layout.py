"""Where survival curves lie in a figure, and the room that everything beside them needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .annotations import CornerBox
from .at_risk import at_risk_height, at_risk_margin
from .axes import plot_height
from .curve_options import CurveOptions
from .curves import CurveView, ShownCurves, printed_points
from .key import EndLabel, KeyEntry, end_labels, key_height, labels_fit, labels_room
from .layout import Room, title_height
from .style import arm_style

if TYPE_CHECKING:
    from ..models import KaplanMeier, LandmarkCheck
    from ..studies.endpoint import TimeUnit

__all__ = ["USUAL_OPTIONS", "CurveLayout", "room_on_the_right"]

USUAL_OPTIONS = CurveOptions()
_RIGHT = 0.16  # inches, half of the last number at risk
_AXIS_TITLE = 0.47  # inches, the y axis' title and tick labels


@dataclass(kw_only=True, eq=False, repr=False)
class CurveLayout:
    """Curves, what was reported of them, and how they lie in a plot.

    Attributes
    ----------
    curves : mapping of str to KaplanMeier
        By arm, the reference first.
    names : mapping of str to str
        The arms' full names.
    landmarks : tuple of LandmarkCheck
        The reported survival and medians, and whether the curves match them.
    box : CornerBox or None
        What the corner of the plot says.
    title : str
    time_unit : {"days", "weeks", "months", "years"}
    """

    curves: Mapping[str, KaplanMeier]
    names: Mapping[str, str]
    landmarks: tuple[LandmarkCheck, ...] = ()
    box: CornerBox | None = None
    title: str = ""
    time_unit: TimeUnit = "months"

    def decided(
        self, options: CurveOptions, *, width: float, height: float | None = None
    ) -> CurveOptions:
        """Return the options with `labels` decided for a figure of a width, in inches.

        Parameters
        ----------
        options : CurveOptions
        width : float
            Of the whole.
        height : float, optional
            Of the axes, in inches; that of a new figure unless given.
        """
        if options.labels != "auto":
            return options
        labels = end_labels(self.shown(options), self.names, width=width)
        fit = labels_fit(labels, height=(height or plot_height(width)) / 1.03)
        inner = width - self._left(options) - room_on_the_right(labels)
        return replace(options, labels=fit and (self.box is None or self.box.fits(inner)))

    def room(self, *, width: float, options: CurveOptions = USUAL_OPTIONS) -> Room:
        """Return the room that title, key, labels, axis titles and numbers at risk need.

        Parameters
        ----------
        width : float
            Of the whole, in inches.
        options : CurveOptions
            As for `plot`, their `labels` decided.
        """
        tables = options.at_risk + len(options.counts)
        left, right = self._left(options), room_on_the_right(self._labels(options, width=width))
        titles = title_height(self.title, width=width - left)
        return Room(
            left=left,
            right=right,
            above=titles + self._key_height(width - left, options) + 0.08,
            below=at_risk_height(list(self.curves), tables=tables) if tables else 0.4,
        )

    def key_entries(self, options: CurveOptions = USUAL_OPTIONS) -> list[KeyEntry]:
        """Return what the key says: the arms, and the reported points if there are any."""
        points = printed_points(self.landmarks) if options.landmarks else ()
        marked = {point.arm for point in points}
        entries = [
            KeyEntry(label=self.names[arm], style=arm_style(index), marked=arm in marked)
            for index, arm in enumerate(self.curves)
            if options.labels is not True
        ]
        if points:
            entries.append(KeyEntry(label="as reported"))
        if not all(point.met for point in points):
            entries.append(KeyEntry(label="reported, not matched", missed=True))
        return entries

    def shown(self, options: CurveOptions = USUAL_OPTIONS) -> ShownCurves:
        """Return the curves and reported points as they lie in the plot."""
        view = self._view(options)
        return ShownCurves(
            curves={arm: view.curve(curve) for arm, curve in self.curves.items()},
            points=tuple(view.point(point) for point in printed_points(self.landmarks)),
            rising=view.rising,
        )

    def _left(self, options: CurveOptions) -> float:
        """Return the room that the y axis and the names of the tables need."""
        tables = options.at_risk or options.counts
        return max(_AXIS_TITLE, at_risk_margin(self.curves) if tables else 0) + 0.04

    def _labels(self, options: CurveOptions, *, width: float) -> tuple[EndLabel, ...]:
        if options.labels is not True:
            return ()
        return end_labels(self.shown(options), self.names, width=width)

    def _view(self, options: CurveOptions) -> CurveView:
        return CurveView(
            unit=self.time_unit,
            shown_in=options.time_in or self.time_unit,
            rising=options.orientation == "incidence",
        )

    def _key_height(self, width: float, options: CurveOptions) -> float:
        entries = self.key_entries(options) if options.key else []
        return key_height(entries, width=width) if entries else 0.0


def room_on_the_right(labels: Sequence[EndLabel]) -> float:
    """Return the room to the right of the axes, in inches."""
    return max(_RIGHT, labels_room(labels)) if labels else _RIGHT
