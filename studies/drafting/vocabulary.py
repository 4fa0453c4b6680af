"""The words in which medical English reports survival: units, numbers, ratios, p-values, dates."""
# ruff: noqa: E501, RUF001 - a pattern reads better on one line

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .endpoints import ENDPOINT, EVENT, endpoint_name, event_endpoint

__all__ = [
    "DATE",
    "DAY",
    "MARGINAL_P",
    "MONTH",
    "NOT_REACHED",
    "NUMBER",
    "OWN",
    "P_VALUE",
    "RATIO",
    "RELATIVE_RISK",
    "UNITS",
    "Atom",
    "is_covariate",
    "iso_date",
    "month_number",
    "one_list",
    "p_atoms",
    "plain_number",
    "ratio_atoms",
]

UNITS = {
    "day": "days", "days": "days", "d": "days",
    "week": "weeks", "weeks": "weeks", "wk": "weeks", "wks": "weeks",
    "month": "months", "months": "months", "mo": "months", "mos": "months", "m": "months",
    "mon": "months", "mths": "months", "mth": "months",
    "year": "years", "years": "years", "yr": "years", "yrs": "years", "y": "years",
}  # fmt: skip
"""Units of time as they are written, and as a study file calls them."""


@dataclass(frozen=True)
class Atom:
    """One expression of a sentence.

    Attributes
    ----------
    kind : str
        One letter: ``E`` endpoint, ``D`` event, ``O`` another outcome, ``M`` median or mean,
        ``F`` follow-up, ``T`` time, ``A`` arm, ``B`` every arm, ``V`` value with a unit, ``q``
        number without one, ``C`` count of patients, ``n`` "n = 12", ``I`` interval, ``h`` the
        words "hazard ratio", ``P`` p-value, ``s`` versus, ``r`` respectively, ``;`` a break.
    start, end : int
        Place in the sentence.
    text : str
        The number in plain form, or the words.
    unit : str
        "percent", or a unit of time.
    index : int
        Which arm.
    names : tuple of str
        Endpoints that it may be of.
    label : str
        The endpoint in full.
    flag : str
        What else is said: "complement", "state", "median", "mean", "one-sided", "adjusted", ...
    interval : tuple of str, optional
        Its interval, and in `level` of what kind.
    level : str
        "95", "97.5", ..., "iqr", "range", or "" if it is not said; "stratified" of a p-value.
    of : str
        Denominator of a count, the test of a p-value, or "composite" of a hazard ratio of events
        that name no endpoint.
    depth : int
        How many brackets it is in.
    """

    kind: str
    start: int
    end: int
    text: str = ""
    unit: str = ""
    index: int = -1
    names: tuple[str, ...] = ()
    label: str = ""
    flag: str = ""
    interval: tuple[str, str] | None = None
    level: str = ""
    of: str = ""
    depth: int = 0


NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
NOT_REACHED = (
    r"(?:not\s+(?:yet\s+|been\s+)*(?:reached|estimable|evaluable|calculable|attained|available)"
    r"|NR|N\.R\.|NE|NA|N/A|unreached|undefined|∞|infinity|inf)"
)


def plain_number(text: str) -> str:
    """Return a number as a study file writes it; "NR" if it was not reached."""
    plain = re.sub(r"\s+", "", text)
    if re.fullmatch(NOT_REACHED, " ".join(text.split()), re.IGNORECASE):
        return "NR"
    plain = plain.rstrip("+")
    return re.sub(r"(?<![\d.])\.(?=\d)", "0.", plain)


_SIDED = r"(?:(?:one|two|1|2)[-\s]?(?:sided|tailed))"
_TEST = (
    r"(?:(?:stratified|unstratified|two-sided|weighted)\s+)*"
    r"(?:log-?\s?rank|Cox|Wald|Breslow|Gehan|Tarone|likelihood[\s-]ratio|Gray'?s?|Wilcoxon)(?:\s+(?:test|regression|model))?"
)
P_VALUE = (
    rf"(?:(?P<before>{_SIDED})[\s,]*)?(?:(?P<test>{_TEST})[\s,:;=]*)?(?:(?P<after>{_SIDED})[\s,]*)?"
    rf"(?<![A-Za-z+/-])(?P<p>P(?:[\s-]*values?(?:[a-h](?=[\s=<>]))?)?)(?![A-Za-z])"
    rf"(?P<mid>\s*(?:\([^()=<]{{1,40}}\)|for\s+[\w\s-]{{1,40}}?)?\s*(?:,|:)?\s*(?P<verb>of|was|were|is)?(?:\s+less\s+than(?P<less>))?)"
    rf"\s*(?P<rel>[=<>≤≥~]+)?\s*(?P<num>{NUMBER})(?P<power>\s*[x×]\s*10\s*-?\d+)?"
    rf"(?P<tail>\s*(?:,\s*)?(?:by\s+(?:the\s+)?)?(?:{_TEST}|{_SIDED}))?"
)
_RANKED = re.compile(
    r"log-?\s?rank(?:\s+test)?[\s,:;(]*(?:χ\s?[²2]|chi-?squared?|X2)[^;()]{0,20}", re.IGNORECASE
)


def p_atoms(found: re.Match[str]) -> list[Atom]:
    """Return the atom of a p-value: of which test, one-sided or stratified or not."""
    said = found["rel"] or found["verb"] or found["less"] is not None or len(found["p"]) > 1
    if not said:
        return [Atom("x", *found.span())]
    relation = (found["rel"] or "").strip().replace("=", "")
    if found["less"] is not None:
        relation = "<"
    sided = " ".join(filter(None, (found["before"], found["after"], found["tail"])))
    flag = "one-sided" if re.search(r"(?:one|1)[-\s]?(?:sided|tailed)", sided, re.I) else ""
    test = found["test"] or (found["tail"] or "")
    named = "log-rank" if re.search("rank", test, re.I) else "Cox" if "ox" in test else ""
    text = relation + plain_number(found["num"])
    if found["power"]:
        text += f" × 10{re.sub(r'.*10', '', found['power']).strip()}"
    context = found[0] + found.string[max(0, found.start() - 45) : found.start()].split(";")[-1]
    if purpose := re.match(r"\s+for\s+[\w-]+", found.string[found.end() :]):
        context += purpose[0]  # "P < .001 for noninferiority"
    if ranked := _RANKED.search(context):  # "log-rank χ2 = 14.8, P < 0.001"
        context, named = context.replace(ranked[0], ""), "log-rank"
    level = "stratified" if re.search(r"(?<!un)stratified", test, re.I) else ""
    return [Atom("P", *found.span(), text=text, flag=flag, of=named, label=context, level=level)]


MARGINAL_P = re.compile(
    r"interaction|non-?inferior|heterogeneity|trend|Gray|Breslow|Gehan|Tarone|Grambsch|Schoenfeld|MaxCombo|Wilcoxon|Fisher|chi|χ|"
    r"Mann|equivalence|superiority\s+margin|proportional|boundary|threshold|level",
    re.IGNORECASE,
)
OWN = re.compile(
    r"\b(?:present\s+(?:report|article|paper|study|trial|analysis|work|series)|here,?\s+we|we\s+(?:here\s+)?(?:report|therefore|conducted|"
    r"performed|found|observed|randomi[sz]ed|compared|present)|(?:in\s+)?our\s+(?:study|trial|cohort|series|patients|analysis)|"
    r"this\s+(?:study|trial|report|analysis|cohort|phase))\b",
    re.IGNORECASE,
)


_MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
]  # fmt: skip
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
DATE = re.compile(
    rf"(?<![\w/-])(?:(?:the\s+)?(?:(?P<d1>{DAY})\s+(?:of\s+)?)?(?P<m1>{MONTH})\s*(?P<d2>{DAY}(?=\s*,|"
    rf"\s+(?:19|20)\d\d))?\s*,?\s*(?P<y1>(?:19|20)\d\d)"
    rf"|(?P<m2>0?[1-9]|1[0-2])/(?P<y2>(?:19|20)\d\d)"
    rf"|(?P<y3>(?:19|20)\d\d)-(?P<m3>[01]\d)(?:-(?P<d3>[0-3]\d))?"
    rf"|(?P<d4>{DAY})[./](?P<m4>[01]?\d)[./](?P<y4>(?:19|20)\d\d))(?![\w/])",
    re.IGNORECASE,
)
"""A date to the month or the day."""


def iso_date(found: re.Match[str]) -> str:
    """Return a date as a study file writes it: to the month, or to the day if that is said."""
    year = next(found[key] for key in ("y1", "y2", "y3", "y4") if found[key])
    month = next(found[key] for key in ("m1", "m2", "m3", "m4") if found[key])
    day = next((found[key] for key in ("d1", "d2", "d3", "d4") if found[key]), "")
    number = int(month) if month.isdigit() else month_number(month)
    digits = re.sub(r"\D", "", day)
    return f"{year}-{number:02d}" + (f"-{int(digits):02d}" if digits else "")


def month_number(word: str) -> int:
    """Return the number of a month that is named in full or in short."""
    stem = word.lower().rstrip(".")[:3]
    return next(i for i, name in enumerate(_MONTHS, start=1) if name.startswith(stem))


RELATIVE_RISK = "relative risk"
"""Flag of a ratio that a text calls a relative risk: it may be one of hazards, or of shares."""

_OTHER_THAN_DEATH = re.compile(
    r"progress|recur|relaps|event|cancer|disease|metasta|tumou?r|malignan|failure|infarction|stroke|hospitali|transplant|"
    r"graft|surgery|treatment",
    re.IGNORECASE,
)
_CAUSE = re.compile(
    r"\s+(?:(?:from|(?:due|owing|attribut(?:ed|able))\s+to|caused\s+by)\s+"
    r"(?!(?:(?:the|their|an?)\s+)?(?:any(?!\s+other)|all(?!\s+other)|either|every|both|which|whom|time|date|day|start|"
    r"initiation|first|last|randomi\w+|enrol\w+|registration|diagnosis|baseline|entry|inclusion|months?|weeks?|years?)\b)"
    r"(?!(?:(?!(?:in|with|for|was|of|by|between|among)\b)[\w-]+\s+){0,4}(?:models?|analys[ei]s|data|tests?|trials?|study|cohort)\b)"
    r"(?=[A-Za-z])"
    r"|of\s+(?!(?:any|all)\s+causes?\b)(?:(?!(?:patients?|pts|participants|subjects|those|men|women|children|who|with|in|for)\b)"
    r"[A-Za-z][\w-]*\s+){0,3}?(?:causes?|diseases?|cancers?|\w*carcinomas?|\w*(?:sarc|lymph|melan)omas?|tumou?rs?|leuk\w+|"
    r"failures?|infarctions?|strokes?|infections?|sepsis|toxicit\w+|progression)\b)",
    re.IGNORECASE,
)
"""What follows "death" that is counted from one cause only: "from cardiovascular causes"."""
_OF_A_CAUSE = re.compile(
    rf"(?:death|mortality)(?={_CAUSE.pattern})(?:,?\s+(?!hospitali|transplant)[\w/-]+)+?\s+causes?",
    re.IGNORECASE,
)
"""A list that names causes of death only: "death from cardiovascular or renal causes"."""
_CAUSE_END = re.compile(
    r"\s*(?:[,;:=.()]|\[|$|\s(?:was|were|is|in|of|for|with|between|among|at|by)\b|\s\d)"
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
    r"(?:\s+(?:for|of)\s+(?:the\s+)?(?:risk\s+of\s+)?(?P<event>[A-Z][A-Za-z-]{1,7}\N{LATIN LETTER SMALL CAPITAL O}|(?:death-censored\s+)?graft\s+(?:loss|failure)|death\s+or\s+(?:graft\s+loss|(?:first\s+)?(?:heart[\s-]failure\s+)?hospitali[sz]ation|transplantation|stroke)|(?:disease\s+)?(?:progression|recurrence|relapse|metastasis|death|"
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


_COVARIATE = re.compile(
    r"\b(?:independent(?:ly)?\s+(?:associated|predict|prognost|risk|factor)|prognostic\s+factors?|risk\s+factors?|predictors?\s+of)"
    r"|\b(?:each|every|per)\s+(?:additional\s+)?(?:\d[\d.]*[\s-]?)?(?:[\w/%-]+[\s-]+){0,3}?(?:increase|increment|decrease|rise)\b"
    r"|\bper\s+(?:additional\s+)?(?:\d[\d.]*[\s-]?)?(?:years?|units?|points?|SD|standard\s+deviation|mm|cm)\b(?!-)",
    re.IGNORECASE,
)
"""What hazard ratios of covariates come with: "per 10-year increase" as well."""
_TOLD = re.compile(r"adjust|multivari|univari|crude|unstratified")
"""What beside the words "hazard ratio" says more than the words before them."""


def ratio_atoms(found: re.Match[str]) -> list[Atom]:
    """Return the atom of the words "hazard ratio": of which event, adjusted or stratified or not."""
    before = found.string[max(0, found.start() - 90) : found.start()].rsplit(";", 1)[-1]
    how = (found["how"] or "").lower()
    whole = f"{how} {before}".lower()
    near = how if _TOLD.search(how) else whole  # "unadjusted HR 0.80 (...), adjusted HR 0.76"
    flag = ""
    other = re.search(
        r"subdistribution|piecewise|\bsub[-\s]?$|\bfine[\s-]+(?:and\s+)?gray\b", whole
    )
    cause = _cause(found)
    if other or cause or found["a"] in ("s", "S"):
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
    return [Atom("h", *found.span(), text=cause, names=names, flag=flag, label=label, of=of)]


def _cause(found: re.Match[str]) -> str:
    """Return the words of "death from cardiovascular causes", which is no overall survival."""
    if several := found["several"]:
        return " ".join(several.lower().split()) if _OF_A_CAUSE.fullmatch(several) else ""
    if (found["event"] or "").lower() not in ("death", "mortality"):
        return ""
    cause = _CAUSE.match(found.string, found.end())
    if cause is None:
        return ""
    end = _CAUSE_END.search(found.string, cause.end())
    words = found.string[found.start("event") : end.start() if end else len(found.string)]
    return " ".join(words.lower().split())


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


def is_covariate(text: str) -> bool:
    """Say whether hazard ratios of a sentence are those of covariates."""
    return bool(_COVARIATE.search(text))


_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_TO_NEXT = re.compile(
    r"(?:[\s-]*\w+)?(?:\s+(?:groups?|arms?|patients|cohorts?))?\s*(?:,|/|and|or|v|vs\.?|versus)+\s*"
    r"(?:and\s+)?(?:the\s+)?",
    re.IGNORECASE,
)


def one_list(labels: Sequence[Atom], text: str) -> bool:
    """Say whether labels are listed, as in "the A group and the B group", not "A superior to B".

    Parameters
    ----------
    labels : sequence of Atom
        In their order.
    text : str
        The sentence.
    """
    between = (text[one.end : other.start] for one, other in pairwise(labels))
    return all(_TO_NEXT.fullmatch(_IN_BRACKETS.sub("", each)) for each in between)
