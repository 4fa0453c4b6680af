"""The log-rank test of three or more arms, beside the p that the paper reports of them all."""

from __future__ import annotations

from ..presentation.formats import p_value
from ..studies.endpoint import Endpoint
from ._logrank import LogRank
from .reported import SIGNIFICANCE, Agreement, read_reported

__all__ = ["logrank_text", "same_conclusion"]


def same_conclusion(endpoint: Endpoint, test: LogRank | None) -> bool | None:
    """Say whether paper and patients agree that there is, or is not, a difference at 0.05.

    None if the paper reports no p of a log-rank test, or one that may be on either side.
    """
    return Agreement.of(read_reported(endpoint.reported), None, test).same_conclusion


def logrank_text(endpoint: Endpoint, test: LogRank | None) -> str:
    """Return the reproduced p; with three or more arms also the reported one, and if they agree."""
    found = "not estimable" if test is None else p_value(test.p)
    reported = read_reported(endpoint.reported)
    if len(endpoint.arms) < 3 or reported.p is None:
        return found
    same = same_conclusion(endpoint, test)
    if same is not None:
        side = f", on the {'same' if same else 'other'} side of {SIGNIFICANCE}"
    elif reported.significant is None and reported.p_printed is not None:
        side = f", which may be on either side of {SIGNIFICANCE}"
    else:
        side = "" if test is None else ", of another test, so that the two are not compared"
    return f"{found}; {reported.p_text} is reported{side}"
