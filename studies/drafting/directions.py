"""Which arm a hazard ratio is of, where the text does not say it: survival or the events do."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from .endpoint_slots import EndpointSlots, Question
from .finding import Finding

__all__ = ["by_events", "by_survival", "by_words", "direct"]

_NEAR = 0.03
"""How far from 1 a hazard ratio may be without a side: curves that cross can be on either."""
_Arms = Mapping[int, Mapping[tuple[str, float], Finding]]


def by_survival(arms: _Arms, ratio: str, *, least: float = 0.0) -> tuple[int, int] | None:
    """Return treatment and reference such that a ratio below 1 has the better arm on top.

    Parameters
    ----------
    arms : mapping of int to mapping
        What is reported of each arm, by key and time in days.
    ratio : str
        The hazard ratio as reported.
    least : float, default 0
        How far apart survival must be: points of survival, and percent of the mean of medians.

    Returns
    -------
    tuple of int, optional
        Treatment and reference; None if survival is alike, or not reported, or the ratio near 1.
    """
    try:
        value = float(ratio)
    except ValueError:
        return None
    better = _better(arms, least)
    if better is None or abs(value - 1) <= _NEAR:
        return None
    return (better, 1 - better) if value < 1 else (1 - better, better)


def by_words(ratio: Finding) -> tuple[int, int] | None:
    """Return treatment and reference by the arm that is said to have fared better.

    Parameters
    ----------
    ratio : Finding
        A hazard ratio of two arms.
    """
    if ratio.better is None or not re.fullmatch(r"\d+\.\d+", ratio.text):
        return None
    value = float(ratio.text)
    if value == 1:
        return None
    return (ratio.better, 1 - ratio.better) if value < 1 else (1 - ratio.better, ratio.better)


def by_events(arms: _Arms, ratio: str) -> tuple[int, int] | None:
    """Return treatment and reference such that a ratio below 1 has fewer events on top.

    Only where no survival is reported, and where the log ratio of the shares of patients with an
    event is at least a quarter of the log hazard ratio.

    Parameters
    ----------
    arms : mapping of int to mapping
        What is reported of each arm, by key and time in days.
    ratio : str
        The hazard ratio as reported.

    Returns
    -------
    tuple of int, optional
        Treatment and reference; None if the shares are alike, or not reported.
    """
    reported = {key for arm in (0, 1) for key, _ in arms[arm]}
    if reported & {"survival", "median", "mean"} or not re.fullmatch(r"\d+\.\d+", ratio):
        return None
    shares = []
    for arm in (0, 1):
        events, n = (arms[arm].get((key, 0.0)) for key in ("events", "n"))
        if events is None or n is None or int(n.text) < int(events.text) or int(events.text) == 0:
            return None
        shares.append(int(events.text) / int(n.text))
    if float(ratio) == 0 or abs(float(ratio) - 1) <= _NEAR:
        return None
    hazard, share = math.log(float(ratio)), math.log(shares[0] / shares[1])
    if abs(share) < abs(hazard) / 4:
        return None
    return (0, 1) if (share < 0) == (hazard < 0) else (1, 0)


def _better(arms: _Arms, least: float) -> int | None:
    """Return the arm whose survival is clearly the higher one over the times that are reported.

    Differences are added up, of survival in points and of medians relative to their mean; the sum
    for one arm must be three times that for the other.
    """
    sums = [0.0, 0.0]
    for key in set(arms[0]) & set(arms[1]):
        if key[0] not in ("survival", "median"):
            continue
        left, right = (_value(arms[arm][key].text) for arm in (0, 1))
        if left is None or right is None or left == right:
            continue
        size = abs(left - right) if key[0] == "survival" else 50.0
        if key[0] == "median" and math.inf not in (left, right):
            size = 100 * abs(left - right) / (left + right)
        sums[0 if left > right else 1] += size
    if max(sums) <= 3 * min(sums) or abs(sums[0] - sums[1]) < least:
        return None
    return sums.index(max(sums))


def _value(text: str) -> float | None:
    if text == "NR":
        return float("inf")
    number = re.sub(r"[^\d.]", "", text)
    if not number or text[0] in "<>":
        return None
    return float(number) if text.endswith("%") or float(number) > 1 else 100 * float(number)


def direct(endpoints: Sequence[EndpointSlots], told: Sequence[Finding]) -> None:
    """Find out which arm each hazard ratio is of; one of which that is not known is a question.

    Parameters
    ----------
    endpoints : sequence of EndpointSlots
        What was found, by endpoint; `pair`, `why_pair` and `questions` are filled in.
    told : sequence of Finding
        What the text says of all its hazard ratios.
    """
    everywhere = {f.pair for f in told}
    for slots in endpoints:
        ratio = slots.reported.get("hazard_ratio")
        if ratio is None or slots.pair is not None:
            continue
        if ratio.pair is not None:
            slots.pair, slots.why_pair = ratio.pair, "said beside the hazard ratio"
        elif len(everywhere) == 1:
            slots.pair, slots.why_pair = told[0].pair, "said of all hazard ratios"
        else:
            slots.pair = by_survival(slots.arms, ratio.text)
            slots.why_pair = "survival says so, as the text does not"
            if slots.pair is None:
                slots.pair = by_words(ratio)
                slots.why_pair = "the text says which arm fared better"
            if slots.pair is None:
                slots.pair = by_events(slots.arms, ratio.text)
                slots.why_pair = "the events say so, as the text does not"
    stated = {s.pair for s in endpoints if s.pair and s.why_pair.startswith("said")}
    known = stated or {s.pair for s in endpoints if s.pair}
    for slots in endpoints:
        ratio = slots.reported.get("hazard_ratio")
        if ratio is not None and slots.pair is None and len(known) == 1:
            slots.pair = next(iter(known))
            slots.why_pair = "as for the other hazard ratios of the text"
        if ratio is not None and slots.pair is None:
            slots.questions.append(
                Question(
                    "reported.hazard_ratio",
                    ratio.text,
                    "it is not said which arm is the reference",
                    ratio,
                )
            )
            del slots.reported["hazard_ratio"]
