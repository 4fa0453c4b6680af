"""What stands in the empty parts of a plot of survival curves: the corner box and the inset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .corner_box import CornerBox, draw_box
from .curve_inset import draw_inset, free_rectangle, stays_near
from .obstacles import Obstacle, line_obstacle, obstacles
from .style import axes_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from .curve_options import CurveOptions
    from .curve_view import ShownCurves

__all__ = ["draw_inside"]


def draw_inside(
    ax: Axes,
    shown: ShownCurves,
    options: CurveOptions,
    *,
    box: CornerBox | None,
    guides: Sequence[Line2D],
    unit: str,
) -> tuple[tuple[Text, ...], Axes | None]:
    """Draw the box where it covers nothing, then the inset where neither curves nor box are.

    Parameters
    ----------
    ax : Axes
        With the curves on it, its limits set.
    shown : ShownCurves
    options : CurveOptions
    box : CornerBox or None
    guides : sequence of Line2D
        Lines that neither of them may cover.
    unit : str
        Of the time axis.

    Returns
    -------
    tuple of Text
        Of the box; empty if there is none.
    Axes or None
        Of the inset.

    Raises
    ------
    ValueError
        If an inset is asked for and there is no room for one.
    """
    lines = [line_obstacle(line) for line in guides]
    around = [
        [*lines, *found]
        for found in obstacles(shown, height=axes_inches(ax)[1], bands=options.bands)
    ]
    texts = draw_box(ax, box, obstacles=around, rising=shown.rising) if options.box and box else ()
    if options.inset is False or (options.inset == "auto" and not stays_near(shown)):
        return texts, None
    return texts, _inset(ax, shown, options, covered=around[0], box=texts, unit=unit)


def _inset(
    ax: Axes,
    shown: ShownCurves,
    options: CurveOptions,
    *,
    covered: Sequence[Obstacle],
    box: Sequence[Text],
    unit: str,
) -> Axes | None:
    room = free_rectangle(ax, covered=covered, box=box, rising=shown.rising)
    if room is not None:
        return draw_inset(ax, shown, options, room=room, unit=unit)
    if options.inset is True:
        raise ValueError(
            "`inset` is True, but curves, bands, guides and box leave no room for one; make it "
            '"auto" or False, or leave out the bands or the box.'
        )
    return None
