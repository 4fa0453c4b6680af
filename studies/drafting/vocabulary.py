"""The words in which medical English reports survival: units, numbers, hazard ratios, dates, cues."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re
from dataclasses import dataclass

from .endpoints import ENDPOINT, EVENT, endpoint_name, event_endpoint

__all__ = [
    "DATE",
    "DAY",
    "MARGINAL_P",
    "MONTH",
    "OWN",
    "RATIO",
    "RELATIVE_RISK",
    "UNITS",
    "Atom",
    "is_covariate",
    "iso_date",
    "month_number",
    "number_word",
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


_WORDS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = dict(zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
                 range(20, 100, 10), strict=True))  # fmt: skip


def number_word(word: str) -> int | None:
    """Return the number that a word means, up to 99; None if it is no number."""
    plain = word.lower()
    if plain in _WORDS:
        return _WORDS.index(plain)
    tens, _, rest = plain.partition("-")
    if tens not in _TENS or (rest and rest not in _WORDS[1:10]):
        return None
    return _TENS[tens] + (_WORDS.index(rest) if rest else 0)


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
    other = re.search(r"subdistribution|piecewise|\bsub[-\s]?$|fine|gray", whole)
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


OTHER_R = "\N{LATIN LETTER SMALL CAPITAL R}"
"""Stands for the R of an "HR" that is no hazard ratio while a text is read."""
_DEFINITION = re.compile(
    r"[(\[]\s*(?:the\s+)?(?:[Aa]rm\s+|[Gg]roup\s+)?([A-Za-z][\w+/&-]{0,11})"
    r"(?:\s+(?:[Gg]roup|[Aa]rm|[Cc]ohort))?\s*(?:[;,][^()]*)?[)\]]"
)


def abbreviations(text: str) -> dict[str, str]:
    """Return abbreviations that a text defines, each with its long form.

    References
    ----------
    Schwartz AS, Hearst MA. A simple algorithm for identifying abbreviation definitions in
    biomedical text. Pac Symp Biocomput 2003:451-462.
    """
    found: dict[str, str] = {}
    for match in _DEFINITION.finditer(text):
        short = match[1]
        if short.isdigit() or (short.islower() and len(short) > 4):
            continue
        if len(short) == 1 and re.match(
            r"[(\[]\s*(?:the\s+)?(?:arm|group)", match[0], re.IGNORECASE
        ):
            continue  # the letter of an arm
        before = text[max(0, match.start() - 120) : match.start()].rstrip()
        before = re.split(r"[.;:()]\s", before)[-1]
        if (long := _long_form(short, before)) and short not in found:
            found[short] = long
    return found


def _long_form(short: str, before: str) -> str | None:
    """Match the letters of an abbreviation backwards in the words before it."""
    parts = [part for part in short.split("+") if part]
    if len(parts) > 1:  # "pelturamab plus sorvatinib (P+S)"
        joined = r"[\w-]*(?:\s+[\w-]+)?\s+(?:plus|and|with|\+)\s+".join(map(re.escape, parts))
        both = re.search(rf"(?<![\w-]){joined}[\w-]*$", before, re.IGNORECASE)
        return both[0] if both else None
    letters = [letter.lower() for letter in short.replace(OTHER_R, "R") if letter.isalnum()]
    words = before.split()[-min(len(letters) + 5, 2 * len(letters) + 1) :]
    text = " ".join(words)
    place = len(text) - 1
    for position in range(len(letters) - 1, -1, -1):
        first = position == 0
        while place >= 0 and (
            text[place].lower() != letters[position]
            or (first and place > 0 and text[place - 1].isalnum())
        ):
            place -= 1
        if place < 0:
            return None
        place -= 1
    long = text[place + 1 :]
    return long if len(long) > len(short) and len(long) < 90 else None
