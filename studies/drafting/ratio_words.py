"""The words "hazard ratio", and what they say of its event and of its adjustment."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re

from .vocabulary import ENDPOINT, EVENT, Atom, endpoint_name, event_endpoint

__all__ = ["RATIO", "RELATIVE_RISK", "ratio_atoms"]

RELATIVE_RISK = "relative risk"
"""Flag of a ratio that a text calls a relative risk: it may be one of hazards, or of shares."""

_OTHER_THAN_DEATH = re.compile(
    r"progress|recur|relaps|event|cancer|disease|metasta|tumou?r|malignan|failure|infarction|stroke|hospitali|transplant|"
    r"graft|surgery|treatment",
    re.IGNORECASE,
)
_LISTED = r"[a-z][a-z'-]*(?:\s+[a-z][a-z'-]*){0,8}?"
_ADJUSTED = (
    r"(?:(?:multivaria(?:ble|te)|covariate|confounder|age)?[-\s]?adjusted|multivaria(?:ble|te))"
)
RATIO = (
    rf"(?:(?P<how>{_ADJUSTED}|unadjusted|crude|univaria(?:ble|te)|stratified|unstratified|weighted|"
    r"subdistribution|piecewise|pooled|IPTW-adjusted|time-varying|estimated|observed)\s+)?"
    r"(?:hazards?\s+ratios?|relative\s+hazards?|(?P<risk>relative\s+risks?(?=\s+(?:of|for)\s+(?:death|progression|recurrence|relapse|disease)\b))|(?<![A-Za-z])(?P<a>a|s|c)?HRs?(?![A-Za-z]))"
    r"(?:\s*[(\[]\s*a?HRs?\s*[)\]])?"
    rf"(?:\s+(?:for|of)\s+(?:the\s+|an?\s+)?(?P<several>{_LISTED}(?:,\s+{_LISTED})*,?\s+(?:or|and/or)\s+{_LISTED})(?=\s*(?:[,:;=(\[]|was\b|of\b|with\b|in\b|for\b)))?"
    r"(?:\s+(?:for|of)\s+(?:the\s+)?(?:risk\s+of\s+)?(?P<event>(?:death-censored\s+)?graft\s+(?:loss|failure)|death\s+or\s+(?:graft\s+loss|(?:first\s+)?(?:heart[\s-]failure\s+)?hospitali[sz]ation|transplantation|stroke)|(?:disease\s+)?(?:progression|recurrence|relapse|metastasis|death|"
    r"mortality|(?:an?\s+|any\s+|first\s+|the\s+)?events?|OS|PFS|DFS|RFS|EFS|MFS|IDFS|iDFS|LFS|CSS|DSS|(?:[\w-]+\s+)?[\w-]+-free\s+survival|"
    r"overall\s+survival|survival)(?:,?\s+(?:or|and)\s+(?:death|OS|relapse|recurrence|overall\s+survival|progression-free\s+survival)\b)?"
    r"(?:\s+from\s+any\s+cause)?))?"
)


_MULTIVARIABLE = re.compile(
    r"\bmultivaria(?:ble|te)\s+(?:(?:Cox|regression|proportional|hazards?)\s+)*(?:analys[ei]s|models?|regression)\b"
    r"(?!.*\bunivari)",
    re.IGNORECASE,
)
"""What opens a sentence of which all hazard ratios are adjusted, also far behind it."""


_TOLD = re.compile(r"adjust|multivari|univari|crude|unstratified")
"""What beside the words "hazard ratio" says more than the words before them."""


def ratio_atoms(found: re.Match[str]) -> list[Atom]:
    """Return the atom of the words "hazard ratio": of which event, adjusted or stratified or not."""
    before = found.string[max(0, found.start() - 90) : found.start()].rsplit(";", 1)[-1]
    how = (found["how"] or "").lower()
    whole = f"{how} {before}".lower()
    near = how if _TOLD.search(how) else whole  # "unadjusted HR 0.80 (...), adjusted HR 0.76"
    flag = ""
    other = re.search(r"subdistribution|piecewise|sub-?hazard|fine|gray", whole)
    if other or found["a"] in ("s", "S"):
        flag = "other"
    elif found["risk"]:
        flag = RELATIVE_RISK
    elif re.search(r"unadjusted|crude|univari", near):
        flag = ""
    elif re.search(r"unstratified", near):
        flag = "unstratified"
    elif re.search(r"adjust|multivari|iptw", near) or found["a"] in ("a", "A"):
        flag = "adjusted"
    else:
        outside = re.sub(r"[(\[][^()\[\]]*[)\]]", "", found.string[: found.start()])
        flag = "adjusted" if _MULTIVARIABLE.search(outside.rsplit(";", 1)[-1]) else ""
    names: tuple[str, ...] = ()
    if several := found["several"]:
        names = _names_of_several(several)
    elif event := found["event"]:
        names = _names_of(event)
    label = "stratified" if how == "stratified" else ""
    of = "composite" if found["several"] and not names else ""
    return [Atom("h", *found.span(), names=names, flag=flag, label=label, of=of)]


def _names_of(event: str) -> tuple[str, ...]:
    if inner := ENDPOINT.search(event):
        return (endpoint_name(inner).name,)
    if inner := EVENT.search(event):
        return event_endpoint(inner)
    return ()


def _names_of_several(events: str) -> tuple[str, ...]:
    """Return the endpoints of "death or progression", which is not that of death alone.

    None where the list does not say them, as "cancer-related event, second cancer, or death": then
    they are those of the statement.
    """
    if not re.search(r"\b(?:death|mortality)\b", events, re.IGNORECASE):
        return _names_of(events)
    inner = EVENT.search(events)
    if inner and (inner["mixed"] or (inner[0] == events and inner["death"] is None)):
        return event_endpoint(inner)
    others = re.sub(r"\bdeath(?:\s+(?:from|due\s+to|of)\s+[^,]*?(?=,|\s+or\b|$))?", "", events)
    return () if _OTHER_THAN_DEATH.search(others) else _names_of(events)
