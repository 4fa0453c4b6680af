"""Which phrases can be the name of an arm, and which are words of every report."""

from __future__ import annotations

import re

__all__ = ["usable"]

_NO_ARM = re.compile(
    r"^(?:(?:[\d./-]+|nct\d+|adults?|alive|whom|others?|another|same|total|final|median|safety|matched|unmatched|weighted|unweighted|adjusted|unadjusted|crude|entire|whole|"
    r"intention-to-treat|intent-to-treat|itt|per-protocol|control\s+rate|age|response|grade|stage|"
    r"analy[sz]ed|evaluated|evaluable|enrolled|included|recruited|assigned|allocated|randomi[sz]ed|"
    r"follow-up|death|deaths|events?|log-?rank|cox|kaplan.*|progression|recurrence|study|present|"
    r"randomi[sz]ation|diagnosis|enrol\w*|baseline|treatment|therapy|registration|entry|completion|"
    r"two|three|(?:non-?)?inferiority|superiority|equivalence|futility|subgroup|other|overall|survivors|clinical|disease|baseline|risk|high-risk|low-risk|"
    r"median\s.*|hazard.*|os|pfs|dfs|rfs|efs|validation|training|general|analysis|interim|population|"
    r"phase.*|[a-z]|\d.*(?:day|year).*|adverse.*|day|week|month|year|vs|mo|months|ci|propensity.*|psm|reference)"
    r"|.*\b(?:years?|aged|stage|age|male|female|expression|positive|negative|metastas[ei]s|mutation|wild-type|"
    r"tumou?rs?|\w*carcinomas?|lymphomas?|sarcomas?|younger|older|subgroup|expected|previous|earlier|historical|responders|log-rank|hospitals?|centres?|centers?|mortality|rate|"
    r"interquartile|countries|intention-to-treat|population|trial|study|model|significant|similar|analysis)\b.*)$",
    re.IGNORECASE,
)


def usable(phrase: str) -> bool:
    """Say whether a phrase can be the name of an arm."""
    return 1 <= len(phrase) <= 60 and not _NO_ARM.match(phrase)
