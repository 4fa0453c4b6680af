"""Curves of one endpoint that cannot be of one figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .digitised import DigitisedCurve

__all__ = ["curve_faults"]

# Days and weeks are 7 apart, months and years 12. Arms of one trial are followed for similar times;
# only a curve that comes down to nothing may end much earlier.
APART = 7.0
DOWN = 0.1


def curve_faults(
    curves: Mapping[str, DigitisedCurve | None],
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the place and the sentence of curves whose times are in different units."""
    given = {name: curve for name, curve in curves.items() if curve is not None}
    if len(given) < 2:
        return
    ends = sorted(given, key=lambda name: given[name].last_time)
    short, long = given[ends[0]], given[ends[-1]]
    if long.last_time >= APART * short.last_time and short.survival[-1] > DOWN:
        yield (
            ("arms", ends[0], "curve"),
            f"it ends at {short.last_time:g} with {100 * short.survival[-1]:.0f}% alive, and that "
            f"of {ends[-1]} at {long.last_time:g}; write the times of all arms in one unit",
        )
