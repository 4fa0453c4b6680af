"""The lexicon: every expression that is recognised in a sentence, one entry each.

`LEXICON` is read in its order, each entry over the characters that no entry before it has taken.
A new form is one more entry with its example.
"""
# ruff: noqa: E501, RUF001 - a pattern reads better on one line

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from .endpoints import ENDPOINT, EVENT, OTHER_OUTCOME, endpoint_name, event_endpoint
from .typography import number_word
from .vocabulary import (
    DATE,
    NOT_REACHED,
    NUMBER,
    P_VALUE,
    RATIO,
    UNITS,
    Atom,
    p_atoms,
    plain_number,
    ratio_atoms,
)

__all__ = ["LEXICON", "Entry"]


Build = Callable[[re.Match[str]], list[Atom]]


@dataclass(frozen=True)
class Entry:
    """One entry of the lexicon: what the expression is called, its pattern, an example."""

    name: str
    pattern: re.Pattern[str]
    build: Build
    example: str


_UNIT = r"(?:years?|yrs?|months?|mon|mths?|mos?|weeks?|wks?|days?|y|m|d)"
_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen)"
_END = rf"(?:[<>≥≤]?\s?-?{NUMBER}\+?|{NOT_REACHED})"
_INTERVAL = (
    rf"(?P<lo>{_END})\s*(?P<lu>%|{_UNIT}\b)?\s*(?:\bto\b|-|,|;|~|–|\band\b)\s*"
    rf"(?P<hi>{_END})(?![\d]|\.\d)\s*(?P<hu>%|{_UNIT}\b)?(?:\s*[)\]]\s*(?P<xu>%|{_UNIT}\b))?"
)
_BRACKETED = _INTERVAL.replace(r"|\band\b", "")  # "(205 and 204 patients)" is no interval
_LEVEL = (
    r"(?:(?P<level>\d{2}(?:\.\d+)?)\s*%?[-\s]*(?:CIs?|CrIs?|C\.?I\.?|confidence\s+intervals?|credible\s+intervals?)"
    r"|\bCI)(?:\s*[(\[]\s*Cr?I\s*[)\]])?\s*(?:[,:=]\s*)?(?:(?:of|was|is|from|ranging\s+from)\s+)?[(\[]?\s*"
)


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _interval(found: re.Match[str], level: str) -> list[Atom]:
    unit = (found["xu"] or found["hu"] or found["lu"] or "").lower()
    kind = "percent" if unit == "%" else UNITS.get(unit, "")
    ends = (plain_number(found["lo"]), plain_number(found["hi"]))
    return [Atom("I", *found.span(), unit=kind, interval=ends, level=level)]


def _level_interval(found: re.Match[str]) -> list[Atom]:
    return _interval(found, found["level"] or "95")


def _iqr(found: re.Match[str]) -> list[Atom]:
    return _interval(found, "iqr")


def _range(found: re.Match[str]) -> list[Atom]:
    return _interval(found, "range")


def _bare_interval(found: re.Match[str]) -> list[Atom]:
    if re.match(r"\s*%?\s*(?:vs|versus)\b", found.string[found.end() :]):
        return []  # "(66.7%, 44.4% vs. 44.1%, 31.2%)"
    if re.match(r"\s*-\s*\d", found.string[found.end() :]):
        return []  # "(0.65, 0.56-0.76; P < 0.001)": a value and its interval
    return _interval(found, "")


def _nothing(found: re.Match[str]) -> list[Atom]:
    return [Atom("x", *found.span())]


_SEVERAL = (
    rf"(?P<list>(?:{NUMBER}|{_WORD})(?:\s?-\s?(?:{_UNIT}\b)?)?(?:\s*(?:,\s*and\s|,|/|\band\b|&|\bor\b)\s*"
    rf"(?:{NUMBER}|{_WORD})(?:\s?-\s?(?:{_UNIT}\b(?=\s*(?:,|/|and\b|&)))?)?)*)"
)
_TIMES = (
    rf"(?P<list>(?:{NUMBER}|{_WORD})(?:\s?-\s?(?:{_UNIT}\b)?|\s{_UNIT}\b)?(?:\s*(?:,\s*and\s|,|/|\band\b|&|\bor\b)\s*"
    rf"(?:at\s+)?(?:{NUMBER}|{_WORD})(?:\s?-\s?(?:{_UNIT}\b(?=\s*(?:,|/|and\b|&)))?|\s{_UNIT}\b(?=\s*(?:,|/|and\b|&)))?)*)"
)
_NOT_TIME = r"(?!\s*[-\s]?(?:groups?|arms?|old\b|histor|follow|period|course|regimen|treatment|schedule|cycles?|intervals|of\s+(?:age|treat|therap|adjuv)|landmark|intervals))"


def _times(found: re.Match[str]) -> list[Atom]:
    """Return the times of a list; a number without a unit has that of the next one."""
    flag = "" if re.match(r"at|by|after", found[0], re.IGNORECASE) else "before"
    listed = re.findall(
        rf"(?<![A-Za-z\d.])({NUMBER}|{_WORD})\s?-?\s?({_UNIT}\b)?", found[0], re.IGNORECASE
    )
    if any(re.search(r"\.(?!5$|0+$)", number) for number, _ in listed):
        return []  # "at 13.8 and 10.9 months" are medians
    times: list[Atom] = []
    unit = ""
    for number, own in reversed(listed):
        unit = UNITS[own.lower()] if own else unit
        text = str(number_word(number)) if number.isalpha() else number
        times.insert(0, Atom("T", *found.span(), text=text, unit=unit, flag=flag))
    return times


def _time_after(found: re.Match[str]) -> list[Atom]:
    before = found.string[max(0, found.start() - 60) : found.start()]
    if "median" in before.lower() or not re.search(r"(?:rates?|survival|alive)\s+$", before):
        return []  # "the median survival was 34 months after diagnosis"
    number = found["n"] if not found["n"].isalpha() else str(number_word(found["n"]))
    return [Atom("T", *found.span(), text=number, unit=UNITS[found["unit"].lower()])]


def _named_time(found: re.Match[str]) -> list[Atom]:
    return [Atom("T", *found.span(), text=found["n"], unit=UNITS[found["unit"].lower()])]


def _time_and_value(found: re.Match[str]) -> list[Atom]:
    """Return the time and the value of one item of "(1 year, 57%; 2 years, 31%)"."""
    number = found["n"] if not found["n"].isalpha() else str(number_word(found["n"]))
    middle = found.start("num")
    return [
        Atom("T", found.start(), middle, text=number, unit=UNITS[found["unit"].lower()]),
        Atom("V", middle, found.end(), text=f"{plain_number(found['num'])}%", unit="percent"),
    ]


def _endpoint(found: re.Match[str]) -> list[Atom]:
    name = endpoint_name(found)
    flags = []
    if name.complement:
        flags.append("complement")
    if found["alive"] or found["without"] or (found["state"] is not None and found["free"]):
        flags.append("state")
    if found["bare"]:
        flags.append("bare")
    label, short = name.label, name.name
    abbreviation = found["short"]
    if abbreviation and abbreviation.upper().endswith("S") and found["free"]:
        short = abbreviation
    atom = Atom("E", *found.span(), names=(short,), label=label, flag=" ".join(flags))
    if re.match(r"patient\s+and\s+", found["graft"] or "", re.IGNORECASE):
        end = found.start() + len("patient")
        return [replace(atom, end=end, names=("OS",), label="overall survival"),
                replace(atom, start=end + 1, label="graft survival")]  # fmt: skip
    if found["m"]:
        return [Atom("M", *found.span(), flag="median"), atom]
    return [atom]


def _event(found: re.Match[str]) -> list[Atom]:
    return [Atom("D", *found.span(), names=event_endpoint(found), text=found[0])]


def _plain(kind: str) -> Build:
    def build(found: re.Match[str]) -> list[Atom]:
        return [Atom(kind, *found.span(), text=found[0])]

    return build


def _middle(found: re.Match[str]) -> list[Atom]:
    return [Atom("M", *found.span(), flag="median" if "med" in found[0].lower() else "mean")]


def _median_follow_up(found: re.Match[str]) -> list[Atom]:
    return [Atom("M", *found.span(), flag="median"), Atom("F", *found.span(), text=found[0])]


def _after_median(found: re.Match[str]) -> list[Atom]:
    before = found.string[max(0, found.start() - 120) : found.start()]
    of_results = re.search(r"\b(?:results?|outcomes?|analys[ei]s|data)\b", before, re.IGNORECASE)
    if not of_results or re.search(r"\b(?:occurred|diagnosed|observed|developed)\b", before):
        return []
    return _median_follow_up(found)


def _sample(found: re.Match[str]) -> list[Atom]:
    return [Atom("n", *found.span(), text=found["n"])]


_ONES = (
    r"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-[a-z]+)?|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    r"nineteen|one|two|three|four|five|six|seven|eight|nine|ten)"
)
_NOUN = (
    r"(?:patients?|men|women|pts|participants?|subjects|recipients|adults|children|infants|individuals|"
    r"cases|deaths?|pairs|(?:[\w-]+\s)?events?)"
)
_COUNT = (
    rf"(?<![\w.,/-])(?P<n>\d{{1,6}}|{_ONES})(?![\w])"
    rf"(?P<share>\s*[(\[]\s*\d+(?:\.\d+)?\s?%\s*[)\]])?"
    rf"(?P<verb>(?=\s+(?:were|had|have|died|underwent|received)\b))?"
    rf"(?P<noun>\s+(?:(?!and\b|or\b|vs\b|versus\b|of\b|in\b|to\b)[A-Za-z][\w-]*\s){{0,2}}?{_NOUN}\b)?"
    rf"(?P<ofall>(?:\s+(?:out\s+)?of\s+(?:the\s+)?|\s+(?:in|among)\s+(?:the\s+)?(?=\d+\s+(?:patients|men|women|children|participants|pts|assigned|allocated|randomi[sz]ed|given|treated|receiving|in\s+the|with|on)\b)|\s?/\s?)(?P<of>\d{{1,6}})\b(?!\.\d|\s?%)(?:\s+{_NOUN}\b)?)?"
    rf"(?P<share2>\s*[(\[]\s*\d+(?:\.\d+)?\s?%\s*[)\]])?"
)


def _count(found: re.Match[str]) -> list[Atom]:
    sure = found["share"] or found["noun"] or found["of"] or found["share2"]
    if not sure and found["verb"] is not None:  # "forty-four were evaluable"
        sure = None if found["n"].isdigit() or (number_word(found["n"]) or 0) < 10 else "verb"
    if not sure or re.match(rf"[\s-]*(?:%|\.\d|{_UNIT}\b)", found.string[found.end("n") :]):
        return []
    if found["of"] and "/" in found["ofall"] and not (found["share2"] or found["share"]):
        before = found.string[max(0, found.start() - 60) : found.start()]
        if not re.search(rf"\d\s+{_NOUN}$", found["ofall"], re.IGNORECASE) and not re.search(
            r"events?\b|deaths?\b|died", before, re.IGNORECASE
        ):
            return []
    beside = found.string[max(0, found.start() - 16) : found.start()]
    if re.search(r"\bat\s+(?:least|most)\s+$", beside, re.IGNORECASE):
        return []  # "at least one event occurred in 15 patients"
    if EVENT.search(found["noun"] or "") and re.search(r"n\s*=\s*\d+\s*[;,]\s*$", beside):
        return [Atom("x", *found.span())]  # "28.8 months in the control group (n = 75; 44 events)"
    number = found["n"] if found["n"].isdigit() else str(number_word(found["n"]))
    end = found.end()
    noun = found["noun"] or ""
    if inner := EVENT.search(noun):
        end = found.start("noun") + inner.start()
    share = "share" if found["share"] or found["share2"] else ""
    of, said = found["of"] or "", noun.strip()
    return [Atom("C", found.start(), end, text=number, of=of, flag=said, level=share)]


_EVENTS_OF = r"(?<![\w.,/-])(?P<n>\d{1,6})\s+(?P<event>(?:[\w-]+\s)?(?:events?|deaths?))\s+(?:\(\d[\d.]*\s?%\)\s+)?(?:(?:had\s+)?occurred\s+|were\s+(?:reported|recorded|observed)\s+)?(?:in|among|of|out\s+of)\s+(?:the\s+)?(?P<of>\d{1,6})(?:\s+(?:patients|men|women|pts|participants))?\b(?:\s*(?:,|and|versus|vs\.?|,\s*and)\s+(?P<n2>\d{1,6})\s+(?:in|among|of|out\s+of)\s+(?P<of2>\d{1,6})\b(?!\s*(?:%|\.\d)))?"


_ONE_MORE = re.compile(r"(?<![\w.,/-])\d{1,6}\s+(?:and|versus|vs\.?)\s+$")


def _events_of(found: re.Match[str]) -> list[Atom]:
    inner = EVENT.search(found["event"])
    if inner is None or re.match(r"adverse|cardiac|toxic", found["event"], re.IGNORECASE):
        return [Atom("O", *found.span())]
    count = Atom("C", found.start(), found.end("n"), text=found["n"], of=found["of"])
    if _ONE_MORE.search(found.string[: found.start()]):
        return [Atom("x", *found.span())]  # "178 and 184 events in 413 and 418 patients"
    event = Atom(
        "D", found.start("event"), found.end(), names=event_endpoint(inner), text=found["event"]
    )
    if not found["n2"]:
        return [count, event]
    second = Atom("C", found.start("n2"), found.end(), text=found["n2"], of=found["of2"])
    return [count, replace(event, end=found.start("n2")), second]


_NOT_VALUE = (
    r"(?!-(?:mg|Gy|mL|cm|mm|kg)\b)(?!\s?(?:mg|Gy|mL|ml|cm|mm|kg|g/|µg|hours?|h\b|fractions|cycles|cent(?:re|er)s|hospitals|sites|"
    r"countries|times|fold|°|IU|U/|ng|lesions|nodes|lines|doses|points|hospital|courses|sessions|procedures|nodules|(?:treatment\s|study\s)?(?:groups|arms|cohorts)\b))"
)
_VALUE = (
    rf"(?<![\w.])(?P<rel>[<>≤≥~]\s?)?(?P<num>-?{NUMBER})(?![\d]|\.\d)(?:(?P<pct>\s?%)|(?:[\s]?(?P<unit>{_UNIT})\b(?![-+])))?"
    rf"(?P<foot>[*†‡§]|[a-h](?![\w]))?(?![\w]){_NOT_VALUE}"
)
_BEFORE_NUMBER = re.compile(
    r"(?<![A-Za-z])(?:grades?|phase|stage|fig(?:ure|s)?\.?|table|level|version|score|CTCAE|section|type|class|days?|cycle|ECOG|"
    r"PS|BCLC|\bby|within|every|each|first|up\s+to|over|than|least|last|exceed(?:s|ed|ing)?|beyond|above|below|under|(?:stage|grade)\s+\d\s+(?:or|to|-)|:|PD-L1|aged|"
    r"restriction\s+time\s+of|within\s+the)\s*[≥≤<>]?\s*$",
    re.IGNORECASE,
)

_THAN = r"(?:higher|lower|better|worse|longer|shorter)\s+than"
_CODE = re.compile(r"(?<![A-Za-z])(?!(?:p|n)-)[A-Za-z][A-Za-z0-9]*-$", re.IGNORECASE)
"""What stands before the digits of a drug's code name."""


_HUNDREDS = (
    rf"\b(?P<h>a|one|two|three|four|five|six|seven|eight|nine)\s+hundred(?:\s+(?:and\s+)?(?P<r>{_ONES}))?"
    rf"(?P<noun>\s+(?:(?!and\b|or\b|of\b|in\b|to\b)[A-Za-z][\w-]*\s){{0,2}}?{_NOUN})\b"
)


def _hundreds(found: re.Match[str]) -> list[Atom]:
    hundreds = 1 if found["h"].lower() == "a" else number_word(found["h"]) or 0
    rest = number_word(found["r"]) if found["r"] else 0
    if rest is None or re.search(r"event|death", found["noun"], re.IGNORECASE):
        return [Atom("x", *found.span())]
    number = 100 * hundreds + rest
    return [Atom("C", *found.span(), text=str(number), flag=found["noun"].strip())]


def _some(found: re.Match[str]) -> list[Atom]:
    return [Atom("C", *found.span(), text=found["n"], flag="patients")]


def _value(found: re.Match[str]) -> list[Atom]:
    before = found.string[max(0, found.start() - 24) : found.start()]
    beside = re.search(rf"[A-Za-z)\]]:\s*$|\d:\s+$|(?:,|ly)\s{_THAN}\s$", before)
    if _BEFORE_NUMBER.search(before) and not beside:
        return [Atom("x", *found.span())]
    after = found.string[found.end() : found.end() + 4]
    if re.search(r"\d\s?-\s?$", before) or re.match(r"\s?-\s?\d", after):
        return [
            Atom("x", *found.span())
        ]  # an end of an interval of which it is not said what it is
    if found["num"].isdigit() and _CODE.search(before) and not (found["pct"] or found["unit"]):
        return [Atom("x", *found.span())]  # "BMS-986 or placebo (n = 198)"
    text = (found["rel"] or "").strip() + plain_number(found["num"])
    if found["pct"] and re.match(
        r"\s+(?:(?:relative\s+)?(?:decrease|reduction|increase|improvement|difference)|lower|higher|less)\b",
        found.string[found.end() :],
    ):
        return [Atom("x", *found.span())]  # "the risk was 49% lower"
    if found["unit"] and re.match(
        r"\s+(?:longer|shorter|more|less|better|greater)\b", found.string[found.end() :]
    ):
        return [Atom("x", *found.span())]  # "survival was 10 months longer"
    if found["pct"]:
        return [Atom("V", *found.span(), text=f"{text}%", unit="percent")]
    if found["unit"]:
        return [Atom("V", *found.span(), text=text, unit=UNITS[found["unit"].lower()])]
    return [Atom("q", *found.span(), text=text)]


def _with_error(found: re.Match[str]) -> list[Atom]:
    return [Atom("V", *found.span(), text=f"{plain_number(found['num'])}%", unit="percent")]


def _time_with_error(found: re.Match[str]) -> list[Atom]:
    return [
        Atom("V", *found.span(), text=plain_number(found["num"]), unit=UNITS[found["unit"].lower()])
    ]


def _not_reached(found: re.Match[str]) -> list[Atom]:
    return [Atom("V", *found.span(), text="NR", unit="NR")]


LEXICON: tuple[Entry, ...] = (
    Entry("count in words", _re(_HUNDREDS), _hundreds, "one hundred eight pairs"),
    Entry("number in words", _re(rf"\b(?:{_WORD}|a)\s+(?:hundred|thousand)(?:\s+and\s+[a-z]+(?:-[a-z]+)?)?\b"), _nothing, "six hundred"),
    Entry("value with its standard error", _re(rf"(?<![\w.])(?P<num>{NUMBER})\s?%?\s*(?:±|\+/-)\s*{NUMBER}\s?%"), _with_error, "78 ± 2%"),
    Entry("time with its standard error", _re(rf"(?<![\w.])(?P<num>{NUMBER})\s*(?:±|\+/-)\s*{NUMBER}\s?-?(?P<unit>{_UNIT})\b"), _time_with_error, "31.2 ± 1.4 months"),
    Entry("difference of medians", _re(rf"[Δ∆]\s?[A-Za-z]{{0,4}}\s*[=:]?\s*-?{NUMBER}(?:\s?(?:{_UNIT})\b|\s?%)?"), _nothing, "ΔOS = 1.5 months"),
    Entry("standard error", _re(r"[(\[]?\s*(?:±|\+/-|\bSEM?\b|\bs\.\s?e\.(?:\s?m\.)?|\bSD\b|\bs\.d\.|standard\s+(?:error|deviation)(?:\s*[(\[](?:SEM?|SD)[)\]])?)\s*[,:=]?\s*±?\s*\d+(?:\.\d+)?\s*%?\s*[)\]]?"), _nothing, "54% (SE 6%)"),
    Entry("ratio of patients", _re(r"(?<![\w.:])[1-4]\s?:\s?[1-4](?:\s?:\s?[1-4])*(?![\w:]|\.\d)"), _nothing, "1:2"),
    Entry("some or more", _re(r"(?<![\w.%-])\d{1,2}(?:\s?(?:-|to|or)\s?\d{1,2}\s+(?:prior|previous|earlier|lines|courses|lesions|nodules|organs|risk\s+factors)|\s+or\s+(?:more|fewer|less|greater|higher|older|younger|better|worse))\b"), _nothing, "1-3 prior lines"),
    Entry("years", _re(r"\b(?:between|from|in|during|since)\s+(?:19|20)\d\d\b(?:\s*(?:and|to|-|through|until)\s*(?:19|20)\d\d\b)?"), _nothing, "between 2006 and 2010"),
    Entry("days of a cycle", _re(r"\bon\s+days?\s+\d{1,2}(?:\s*(?:,|-|to|and|or|through)\s*(?:and\s+|days?\s+)?\d{1,2}\b)*(?!\.\d|\s?%)|\bdays\s+\d{1,2}(?:\s*(?:,|-|to|and|or|through)\s*(?:and\s+)?\d{1,2}\b)+(?!\.\d|\s?%)"), _nothing, "on days 1, 8, and 15"),
    Entry("time and its value", _re(rf"(?:(?<=[(\[;])|(?<=[;,]\s))(?P<n>{NUMBER}|{_WORD})[\s-](?P<unit>{_UNIT})\s*[,:]\s+(?P<num>{NUMBER})\s?%(?=\s*[;,)\]])"), _time_and_value, "(1 year, 57%; 2 years, 31%)"),
    Entry("date", DATE, _nothing, "31 March 2018"),
    Entry("limit of an interval", _re(rf"\b(?:upper|lower)\s+(?:limit|bound(?:ary)?|end)\s+of\s+(?:the\s+)?(?:(?:one|two)-sided\s+)?\d{{2}}(?:\.\d+)?\s?%\s*(?:CI|confidence\s+interval)\s*(?:,|:|=|of|was|is)?\s*-?{NUMBER}(?:\s*%|\s+percentage\s+points|\s+points)?"), _nothing, "upper limit of the 95% confidence interval, 3.0 percentage points"),
    Entry("interval with its level", _re(rf"[(\[]?\s*{_LEVEL}{_INTERVAL}"), _level_interval, "95% CI 0.78-1.89"),
    Entry("level of an interval", _re(r"[(\[]?\b\d{2}(?:\.\d)?\s*%[\s-]*(?:CI|CrI|C\.I\.|(?:confidence|credible)\s+interval)s?\b(?:\s*[)\]][a-h]?)?(?![\s,:=]*[(\[]?\s*-?\d)"), _nothing, "(95% CI)"),
    Entry("interquartile range", _re(rf"(?:IQR|i\.q\.r\.|inter-?quartile\s+ranges?|Q1-Q3)(?:\s*[(\[]IQR[)\]])?\s*[,:=]?\s*(?:of\s+|was\s+|from\s+)?[(\[]?\s*{_INTERVAL}"), _iqr, "IQR 22.7-37.2"),
    Entry("range", _re(rf"\branges?\s*[,:=]?\s*(?:of\s+|was\s+|from\s+|between\s+)?[(\[]?\s*{_INTERVAL}"), _range, "range, 0.8 to 25.3"),
    Entry("chi-square", _re(rf"(?:(?:log-?\s?rank|Wald)\s+)?(?:χ\s?[²2]|\bchi-?squared?|X2)\s*(?:\(\d+\))?\s*[=:,]\s*{NUMBER}"), _nothing, "log-rank χ2 = 12.9"),
    Entry("p-value", _re(P_VALUE), p_atoms, "log-rank P = 0.018"),
    Entry("hazard ratio", _re(RATIO), ratio_atoms, "hazard ratio for death"),
    Entry("rate per patient-years", _re(rf"(?<![\w.]){NUMBER}(?:\s*(?:,|and|vs\.?|versus)\s*{NUMBER})*\s*(?:(?:events?|deaths?|cases)\s+)?(?:per|/)\s*(?:\d+\s+)?(?:patient|person|subject|participant)[\s-]?(?:years?|yrs?|months?)\b"), _nothing, "10.1 and 12.7 events per 100 patient-years"),
    Entry("events of patients", _re(_EVENTS_OF), _events_of, "119 events in 142 patients"),
    Entry("some of the patients who died", _re(r"(?<![\w.,/-])(?P<n>\d{1,6})\s+(?:\([^()]*\)\s+)?of\s+(?:the|these|all)\s+(?:[\w-]+\s+)?(?:patients|pts|participants|men|women|children|recipients)\s+(?=(?:had\s+|have\s+)?died\b)"), _some, "27 of the treated patients had died"),
    Entry("some of a sample", _re(r"(?<=\d),\s+(?:of|including)\s+(?:whom|which|these)\b[^()\[\]]{1,80}(?=[)\]])"), _nothing, "(n = 338, of whom 84 crossed over)"),
    Entry("count", _re(_COUNT), _count, "134 (66%) of 203 patients"),
    Entry("sample size", _re(r"(?<![A-Za-z])n\s*=\s*(?P<n>\d{1,6})\b"), _sample, "n = 185"),
    Entry("other outcome", OTHER_OUTCOME, _plain("O"), "objective response"),
    Entry("times before an endpoint", _re(rf"(?<![\w.]){_SEVERAL}(?:(?<=-)|(?<=-\s)|\s?-\s?)(?P<unit>{_UNIT})\b{_NOT_TIME}"), _times, "1-, 3- and 5-year"),
    Entry("time before an endpoint", _re(rf"(?<![\w.])(?P<list>{NUMBER}|{_WORD})\s(?P<unit>year|yr|y|month|mo)(?=\s+(?:overall|survival|OS\b|PFS|DFS|RFS|EFS|progression|disease|recurrence|event|rates?\b|cumulative))"), _times, "5 year OS"),
    Entry("times", _re(rf"\b(?:at|by|after)\s+(?:the\s+)?(?:end\s+of\s+)?{_TIMES}\s*-?\s*(?P<unit>{_UNIT})\b{_NOT_TIME}"), _times, "at 1, 2 and 3 years"),
    Entry("times before a colon", _re(rf"(?<![\w.]){_SEVERAL.replace('?)*)', '?)+)')}\s*-?\s*(?P<unit>{_UNIT})\b(?=\s*:\s)"), _times, "OS 1 and 2 years: 71%/52%"),
    Entry("time after", _re(rf"(?<![\w.])(?P<n>{NUMBER}|{_WORD})\s(?P<unit>{_UNIT})\s+(?:after|post|from)[\s-]+(?:the\s+)?(?:[\w-]+\s+)?(?:operations?|surgery|transplant(?:ation)?|resection|hepatectomy|ablation|randomi[sz]ation|diagnosis|treatment|enrol+ment|registration|implantation|(?-i:[A-Z-]{{0,5}}(?:BMT|SCT|HCT|LT)))\b"), _time_after, "the survival rate 3 years after operation"),
    Entry("named time", _re(r"\b(?:at|by|to|through)\s+(?P<unit>day|week|month|year)\s+(?P<n>\d+)\b"), _named_time, "at month 12"),
    Entry("during follow-up", _re(r"\b(?:during|throughout)\s+(?:the\s+)?follow[\s-]?up\b(?:\s+period)?(?!\s*(?:of|time|was|\(|,?\s*median))"), _nothing, "during follow-up"),
    Entry("follow-up", _re(r"(?<!end\sof\s)(?<!end\sof\sthe\s)(?<!last\s)(?:follow(?:ed)?[\s-]*up\b|\bf/u\b|(?<![-\w])FU\b|\bfollowed\b(?!\s+by\b)|observation\s+(?:time|period))(?:\s+(?:time|period|duration|interval))?(?:\s+(?:of|for|in|among)\s+(?:the\s+|all\s+)?(?:(?:surviving|living)\s+(?:patients|participants|children|recipients)|(?:patients|those|children)\s+(?:(?:who|still|are|were|remaining)\s+)*alive|survivors))?"), _plain("F"), "follow-up"),
    Entry("median follow-up", _re(r"(?<![A-Za-z])m(?:FU|F/U|f/u)(?![A-Za-z])"), _median_follow_up, "mFU"),
    Entry("follow-up of results", _re(r"\bafter\s+an?\s+median\s+of(?=\s+\d)"), _after_median, "final results after a median of 6.9 years"),
    Entry("follow-up from entry", _re(rf"\b(?:at|after|with)\s+an?\s+median\s+of(?=\s+{NUMBER}\s+{_UNIT}\s+(?:from|since|after)\s+(?:randomi[sz]ation|enrol\w+|registration|entry|transplantation|surgery|diagnosis)\b)|^over\s+a\s+median\s+of(?=\s+{NUMBER}\s+{_UNIT},)"), _median_follow_up, "at a median of 61 months from randomization"),
    Entry("median or mean", _re(r"\b(?:medians?|med\.|mean|average)(?=\W)(?!\s+age|\s+restricted)"), _middle, "median"),
    Entry("alive and", _re(r"\balive,?\s+(?:and\s+|but\s+)?(?=free|without|(?:progression|disease|event|relapse|recurrence)-free)"), _nothing, "alive and free from disease"),
    Entry("event", EVENT, _event, "progressed or died"),
    Entry("endpoint", ENDPOINT, _endpoint, "progression-free survival (PFS)"),
    Entry("every arm", _re(r"\b(?:both|each|either|per|all\s+(?:three|four))\s+(?:treatment\s+|study\s+)?(?:groups?|arms?|cohorts?)\b|\b(?:well-)?(?:balanced\s+|matched\s+)?pairs\b"), _plain("B"), "in both groups"),
    Entry("open interval", _re(rf"[(\[]\s*(?P<lo>{_END})(?P<lu>)\s*(?:\bto\b|-|–|,)\s*(?P<hi>{NOT_REACHED})(?P<hu>)(?P<xu>)\s*(?=[)\];,])"), _bare_interval, "(24.4-NR)"),
    Entry("not reached", _re(rf"\b{NOT_REACHED}(?![\w])"), _not_reached, "not reached"),
    Entry("interval", _re(rf"[(\[]\s*{_BRACKETED}(?=\s*[)\];,]|(?<=[\w%])(?=\W|$))"), _bare_interval, "(14.1-19.3)"),
    Entry("interval after a ratio", _re(r"(?<=[\da-z%][,;])\s(?P<lo>\d+\.\d+)(?P<lu>)\s*(?:-|to)\s*(?P<hi>\d+\.\d+)(?P<hu>)(?P<xu>)(?=\s*[)\];,])"), _bare_interval, "0.73; 0.58-0.93)"),
    Entry("value", _re(_VALUE), _value, "98.8%"),
    Entry("versus", _re(rf"\b(?:versus|vs?\.?(?=\s)|(?:as\s+)?(?:compared|opposed)\s+(?:with|to)|relative\s+to|as\s+against|against|whereas|while|{_THAN}\s+the(?=\s\d)|(?:(?<=,\s)|(?<=ly\s)){_THAN}(?=\s\d))(?=\s)|(?<=\d)/(?=\d)|(?<=%)/(?=\d)"), _plain("s"), "versus"),
    Entry("respectively", _re(r"\brespectively\b"), _plain("r"), "respectively"),
    Entry("break", _re(r";(?=\s)|,\s+including(?=\s+\d+\s+(?:and|vs\.?|versus)\s+\d+\s)|(?<!vs)(?<!\bv)(?<!Fig)(?<!No)(?<!c\.i)\.\s(?=[a-z]{0,2}[A-Z0-9])"), _plain(";"), ";"),
)  # fmt: skip
"""Every expression that is recognised, in the order of reading."""
