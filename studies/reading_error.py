"""By how much points read off a figure are off, in height and in time, from the points themselves.

A hand, or a program, misses the curve by so much of each axis. Where the curve is flat the heights
scatter by the error of the height; where it is steep, by that of the time as well. The error of a
height is therefore local: one steep edge says how far off times are, and nothing about heights on
flats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

__all__ = [
    "CLICKED",
    "NARROW",
    "SDS",
    "Limits",
    "ReadingError",
    "decimals_of",
    "edges_in_order",
    "limits_of",
    "pixel_rows",
    "reading_error",
    "rounding_of",
    "stated_limits",
]

FloatArray = npt.NDArray[np.float64]

SDS = 3.0  # standard deviations that a reading may be off by
CLICKED = 0.002  # of survival: what a careful click is out by
FINEST_DECIMALS = 4
FEWEST_ROWS = 8  # distinct heights: that all are in rows by chance has odds of 1 in a million
OFF_ROW = 0.02  # of a row
IN_ROWS = 0.6  # of a row: half from rounding, the rest from the width of the line
NARROW = 0.005  # of the time axis: an edge leans by no more
OUT_OF_ORDER = 0.02  # of survival, a rise along a steep edge that no jitter of the height explains
RECURRING = 0.1  # of neighbours are of exactly one height, where heights are as exact as written
USUAL = 0.002  # of either axis: what a click is off by, before anything is known of it
SPREAD = 1.0  # of the logarithm, of that
ALIKE = 0.7  # of the logarithm: errors in height and in time are so many shares of their axes
APART = 4.0  # standard deviations, from which one height is clearly below another
LEVEL = 0.3  # of the stretches between two points have no event in them
AROUND = 2  # points to either side, over which the usual fall between two points is taken
NO_FALL = 1e-6  # least usual fall
GRID_OF_HEIGHTS = np.geomspace(1e-4, 0.03, 22)
GRID_OF_TIMES = np.geomspace(1e-5, 0.03, 22)


@dataclass(frozen=True, kw_only=True)
class ReadingError:
    """Standard deviations of a reading's errors.

    Attributes
    ----------
    height : float
        Of survival.
    time : float
        In the unit of time.
    """

    height: float
    time: float

    def sds(self, times: FloatArray, heights: FloatArray) -> FloatArray:
        """Return the standard deviation of every height, that of its time included.

        Parameters
        ----------
        times, heights : ndarray of float, shape (k,)
            Points of a curve that does not rise, in order of time.

        Returns
        -------
        ndarray of float, shape (k,)
        """
        before, after = _falls_around(times, heights, self.time)
        return np.asarray(np.hypot(self.height, (before + after) / 2))

    def widths(self, times: FloatArray, heights: FloatArray) -> FloatArray:
        """Return how far the true curve may be from every height, shape (k,), as for `sds`."""
        room = _falls_around(times, heights, SDS * self.time)
        return np.asarray(np.hypot(SDS * self.height, np.maximum(*room)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Limits:
    """By how much each height of a curve may be off.

    Attributes
    ----------
    widths : ndarray of float, shape (k,)
        The true curve is within so much of each height.
    sds : ndarray of float, shape (k,), or None
        Standard deviations of the errors; None if an error is as likely as another, as those of
        rounding are.
    time_sd : float
        Standard deviation of the times, in their unit; 0 if nothing says that they are off.
    source : str
        Where the widths come from, as a clause.
    rows : int
        Rows of pixels that all heights are in; 0 if in none.
    """

    widths: FloatArray
    sds: FloatArray | None
    time_sd: float
    source: str
    rows: int = 0


def limits_of(
    times: FloatArray,
    heights: FloatArray,
    error: ReadingError,
    *,
    drops: bool,
    levelled: bool,
    even: bool,
) -> Limits:
    """Say by how much the heights of a curve may be off, from the best that shows it.

    Decimals are a lower bound only: heights in rows of pixels are as coarse as the rows, and those
    of clicks as coarse as the hand, however many decimals they are written with.

    Parameters
    ----------
    times, heights : ndarray of float, shape (k,)
        A curve that does not rise.
    error : ReadingError
        As estimated before its points were levelled.
    drops : bool
        Whether the points are the lower ends of drops: an error in time moves the drop and leaves
        its height.
    levelled : bool
        Whether points had risen.
    even : bool
        Whether times are evenly spaced, as a program writes them.
    """
    decimals, rows = decimals_of(heights), pixel_rows(heights)
    if not levelled and rows is not None and (decimals is None or rows < 0.9 * 10**decimals):
        source = f"heights are in steps of 1/{rows}, as rows of pixels are"
        return _alike(heights, IN_ROWS / rows, source, rows=rows)
    rounding = rounding_of(heights)
    if not levelled and rounding and (drops or even or _recurring(heights) >= RECURRING):
        return _alike(heights, rounding, f"heights are rounded to {decimals} decimals")
    if not levelled and drops:
        limits = _alike(heights, CLICKED, "usual for careful clicks")
        return replace(limits, sds=limits.widths / SDS)
    time_sd = 0.0 if drops else error.time
    own = replace(error, height=max(error.height, rounding / SDS), time=time_sd)
    return Limits(
        widths=own.widths(times, heights),
        sds=own.sds(times, heights),
        time_sd=time_sd,
        source="from how the points scatter",
    )


def stated_limits(heights: FloatArray, tolerance: float | FloatArray) -> Limits:
    """Return a tolerance that is stated, of all points or of each.

    Where it is no wider than the rounding of heights, any error within it is as likely as another.

    Parameters
    ----------
    heights : ndarray of float, shape (k,)
        Fractions.
    tolerance : float or ndarray of float, shape (k,)
        By how much each may be off, a fraction.
    """
    widths = np.broadcast_to(np.asarray(tolerance, dtype=float), heights.shape).copy()
    only_rounded = bool((widths <= 1.01 * rounding_of(heights)).all())
    sds = None if only_rounded else widths / SDS
    return Limits(widths=widths, sds=sds, time_sd=0.0, source="as stated")


def _alike(heights: FloatArray, width: float, source: str, *, rows: int = 0) -> Limits:
    widths = np.full(heights.shape, width)
    return Limits(widths=widths, sds=None, time_sd=0.0, source=source, rows=rows)


def _recurring(heights: FloatArray) -> float:
    """Return the share of neighbours of exactly one height, before survival is 0."""
    seen = heights[heights > 0]
    return float(np.mean(np.diff(seen) == 0)) if seen.size > 1 else 0.0


def edges_in_order(times: FloatArray, heights: FloatArray) -> FloatArray:
    """Put the heights along a nearly vertical edge in order, where they were traced in none.

    Their times differ by less than they were read to, so that their order in time says nothing.

    Parameters
    ----------
    times, heights : ndarray of float, shape (k,)
        In the order of time; fractions.

    Returns
    -------
    ndarray of float, shape (k,)
    """
    ordered = heights.copy()
    for place in np.flatnonzero(np.diff(heights) > OUT_OF_ORDER):
        room = NARROW / 2 * float(times[-1])
        first = int(np.searchsorted(times, times[place] - room, side="left"))
        last = int(np.searchsorted(times, times[place + 1] + room, side="right"))
        if times[place + 1] - times[place] <= room:
            ordered[first:last] = np.sort(ordered[first:last])[::-1]
    return ordered


def decimals_of(heights: FloatArray) -> int | None:
    """Return how many decimals, from two to four, fractions are rounded to, if they are.

    Parameters
    ----------
    heights : ndarray of float, shape (k,)
        Fractions.
    """
    for decimals in range(2, FINEST_DECIMALS + 1):
        if np.all(np.abs(heights - np.round(heights, decimals)) < 1e-9):
            return decimals
    return None


def rounding_of(heights: FloatArray) -> float:
    """Return half a unit of the last decimal of heights; 0 if they have more than four.

    Parameters
    ----------
    heights : ndarray of float, shape (k,)
        Fractions.
    """
    decimals = decimals_of(heights)
    return 0.0 if decimals is None else 0.5 * 10.0**-decimals


def pixel_rows(heights: FloatArray) -> int | None:
    """Find of how many rows from 0 to 1 all heights are, as those that a program traces.

    Parameters
    ----------
    heights : ndarray of float, shape (k,)

    Returns
    -------
    int or None
        The smallest such number from 100 to 2400; None if there is none, or too few heights to
        rule out chance.
    """
    distinct = np.unique(heights)
    if distinct.size < FEWEST_ROWS:
        return None
    rows = np.arange(100, 2401)
    steps = (distinct[-1] - distinct[:-1])[:, None] * rows
    fits = (np.abs(steps - np.rint(steps)) < OFF_ROW).all(axis=0)
    return int(rows[np.argmax(fits)]) if fits.any() else None


def reading_error(times: FloatArray, heights: FloatArray) -> ReadingError:
    """Estimate the errors of points from how they scatter about a curve that does not rise.

    Parameters
    ----------
    times : ndarray of float, shape (k,)
        In order.
    heights : ndarray of float, shape (k,)
        As they were read, rises included.

    Returns
    -------
    ReadingError
        Geometric means of the posterior distribution.

    Notes
    -----
    From one point to the next a curve of steps is level, or falls by an amount that is taken to be
    exponential about its usual fall there; the readings add a normal error at either end. The
    distribution of what is read is thus a normal one mixed with a normal one that is exponentially
    modified (Grushka 1972). Read the other way round, a curve goes on in time from one height to
    a lower one, or falls upright: how close together times on edges are bounds their error. Both
    errors are weighed on a grid, with what a click is usually off by as the prior: so many shares
    of each axis, about the same of both.

    References
    ----------
    Grushka E. Characterization of exponentially modified Gaussian peaks in chromatography. Anal
    Chem 1972;44:1733-1738.
    """
    end = max(float(times[-1]), 1e-300)
    across = times / end
    weigh = _log_weights(across, heights) + _log_prior()
    height, _ = _means(weigh)
    height, time = _means(weigh + _log_weights_on_edges(across, heights, height))
    return ReadingError(height=height, time=end * time)


def _means(weigh: FloatArray) -> tuple[float, float]:
    """Return the geometric means of both errors."""
    share = np.exp(weigh - weigh.max())
    share /= share.sum()
    height = (share.sum(axis=1) * np.log(GRID_OF_HEIGHTS)).sum()
    time = (share.sum(axis=0) * np.log(GRID_OF_TIMES)).sum()
    return float(np.exp(height)), float(np.exp(time))


def _log_weights(across: FloatArray, heights: FloatArray) -> FloatArray:
    """Return the log likelihood of both errors on their grids, from falls between neighbours."""
    from scipy.optimize import isotonic_regression

    # an edge that was traced in no order keeps its slope only if it is put in order first
    in_order = edges_in_order(across, heights)
    level = np.asarray(isotonic_regression(in_order, increasing=False).x)
    usual = _usual_falls(across, level)
    weigh = np.empty((GRID_OF_HEIGHTS.size, GRID_OF_TIMES.size))
    for column, room in enumerate(GRID_OF_TIMES):
        around = sum(_falls_around(across, level, room)) / 2
        variance = GRID_OF_HEIGHTS[:, None] ** 2 + around**2
        sd = np.sqrt(variance[:, 1:] + variance[:, :-1])
        weigh[:, column] = _log_likelihood(-np.diff(heights), usual, sd).sum(axis=1)
    return weigh


def _log_weights_on_edges(across: FloatArray, heights: FloatArray, error: float) -> FloatArray:
    """Return the log likelihood of errors in time from how close together points on edges are.

    Points that are clearly one below the other were clicked in this order of the curve; on an
    upright edge they are at one time, but for its error.
    """
    order = np.argsort(-heights, kind="stable")
    clear = -np.diff(heights[order]) > APART * error
    gaps = np.diff(across[order])[clear]
    if gaps.size == 0:
        return np.zeros(GRID_OF_TIMES.size)
    usual = np.full(gaps.size, max(float(np.abs(gaps).mean()), NO_FALL))
    sd = np.sqrt(2.0) * np.broadcast_to(GRID_OF_TIMES[:, None], (GRID_OF_TIMES.size, gaps.size))
    return np.asarray(_log_likelihood(gaps, usual, sd).sum(axis=1))


def _log_prior() -> FloatArray:
    height, time = np.log(GRID_OF_HEIGHTS)[:, None], np.log(GRID_OF_TIMES)[None, :]
    return np.asarray(
        -(((height - np.log(USUAL)) / SPREAD) ** 2) / 2 - ((time - height) / ALIKE) ** 2 / 2
    )


def _log_likelihood(falls: FloatArray, usual: FloatArray, sd: FloatArray) -> FloatArray:
    """Return the log density of falls between neighbours, shape (k - 1,)."""
    from scipy.special import log_ndtr

    log_normal = -((falls / sd) ** 2) / 2 - np.log(sd * np.sqrt(2 * np.pi))
    ratio = sd / usual
    modified = ratio**2 / 2 - falls / usual + log_ndtr(falls / sd - ratio) - np.log(usual)
    return np.asarray(np.logaddexp(np.log(LEVEL) + log_normal, np.log1p(-LEVEL) + modified))


def _usual_falls(times: FloatArray, level: FloatArray) -> FloatArray:
    """Return how far the curve usually falls in as much time as is between two points."""
    place = np.arange(times.size - 1)
    first = np.maximum(place - AROUND, 0)
    last = np.minimum(place + 1 + AROUND, times.size - 1)
    width = np.maximum(times[last] - times[first], 1e-12 * max(float(times[-1]), 1e-300))
    share = np.maximum(np.diff(times) / width, 1.0 / (4 * AROUND + 2) / 4)
    return np.asarray(np.maximum((level[first] - level[last]) * share, NO_FALL))


def _falls_around(
    times: FloatArray, level: FloatArray, room: float
) -> tuple[FloatArray, FloatArray]:
    """Return how far the curve falls in so long before each time, and in so long after it."""
    before = np.interp(times - room, times, level)
    return before - level, level - np.interp(times + room, times, level)
