"""Room around a plot, in inches, so that nothing collides whatever its labels say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Room", "add_axes"]


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a plot needs around its axes, in inches."""

    left: float
    right: float
    above: float
    below: float

    @classmethod
    def largest(cls, rooms: Iterable[Room]) -> Room:
        """Return the room that is enough for each of several plots, so that their axes align."""
        every = list(rooms)
        return cls(
            left=max(room.left for room in every),
            right=max(room.right for room in every),
            above=max(room.above for room in every),
            below=max(room.below for room in every),
        )


def add_axes(
    figure: Figure, room: Room, *, corner: tuple[float, float], size: tuple[float, float]
) -> Axes:
    """Add axes inside the cell of `size` whose upper left corner is `corner`, all in inches.

    `corner` is measured from the figure's upper left corner.
    """
    width, height = figure.get_size_inches()
    left, bottom = corner[0] + room.left, height - corner[1] - size[1] + room.below
    inner = (size[0] - room.left - room.right, size[1] - room.above - room.below)
    return figure.add_axes((left / width, bottom / height, inner[0] / width, inner[1] / height))
