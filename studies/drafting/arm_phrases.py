"""Phrases that name the arms of a trial, and which of them are set against each other."""
# ruff: noqa: E501, RUF001 - a pattern reads better on one line

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from .passages import Sentence
from .vocabulary import OWN

__all__ = ["GROUP", "PHRASE", "Evidence", "clean", "gather", "protected", "stems", "usable"]

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
_TOGETHER = re.compile(
    r"in combination with|combined with|followed by|with or without|as a bridge to|bridge to"
    r"|standard of care|choice of|in addition to|together with|best of"
    r"|(?<=months) of|(?<=weeks) of|(?<=cycles) of|plus|(?<=\d) (?:mg\b|(?:months?|weeks?|cycles)(?= of\b))",
    re.IGNORECASE,
)
_STOP = (
    r"and|or|versus|vs\.?|v\.?|with|without|in|into|for|of|was|were|is|are|be|been|had|has|have|who|"
    r"whom|whose|that|which|than|compared|respectively|at|from|by|on|as|between|among|to|received|"
    r"underwent|undergoing|receiving|randomi[sz]ed|randomly|assigned|allocated|patients?|men|women|"
    r"group|groups|arm|arms|cohort|cohorts|the|a|an|this|these|those|both|each|either|all|after|"
    r"before|during|while|whereas|but|not|n|hr|p|ci|median|survival|months?|years?|weeks?|it|its|"
    r"their|did|died|also|when|if|because|per|under|years|adults|recipients|pts|participants|given|"
    r"treated|therefore|relative|against|over|only|there|showed|compared|using|within|about|"
    r"favou?r|prolonged|improved|continued|reached|yielded|achieved|demonstrated|remained|gave|having|did|not|were|met|"
    r"\d+-(?:year|month|week|day|mo|yr)s?(?!\s+(?:group|arm))|"
    r"overall|progression-free|disease-free|recurrence-free|hazard|ratio|results?|primary|endpoint|"
    r"95%|iqr|range|log-rank|favou?r(?:s|ed|ing)|rather|through|until|via"
)
_LETTERED = "|".join(
    rf"(?<={noun}\s)"
    for noun in ("drug", "agent", "treatment", "regimen", "therapy", "strategy", "protocol")
)
_A = rf"(?:{_LETTERED})(?-i:A)(?![\w.-])"  # of "drug A", which is no article
_WORD = rf"(?:{_A}|(?<![\w.-])(?!\d+(?:\.\d+)?(?![\w_+-]))(?!(?:{_STOP})\b(?![-_+/]))[A-Za-z0-9+][\w+'’/_-]*)"
PHRASE = rf"{_WORD}(?:(?:\s\+\s|\s){_WORD}){{0,5}}"
_ASIDE = r"(?:\s*[(\[][^()\[\]]{1,60}[)\]])?"
_LONG_ASIDE = r"(?:\s*[(\[][^()\[\]]{1,160}[)\]])?"  # the drugs of a regimen
_DONE = r"(?:used|chosen|performed|done|given|administered|undertaken|carried\s+out|applied)"
GROUP = r"(?:groups?|arms?|cohorts?|recipients)\b"
_VERSUS = r"(?:versus|vs\.?|v\.?|compared\s+(?:with|to)|relative\s+to|against|over)"
_NUMBER = (
    r"(?:\d+|(?<!hundred\s)(?<!hundred\sand\s)\b(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-[a-z]+)?|one|two|three|four|"
    r"five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)\b)"
)
_COUNT = (
    _NUMBER
    + r"\s*(?:\([^()]*\)\s*)?(?:(?:patients|men|women|pts|participants|adults|subjects)\s+)?"
)
_SHARE = (
    r"\d+\s*(?:\([^()]*\)\s*)?(?:/|of|out\s+of|among(?:\s+the)?)\s*\d+\s*(?:\([^()]*\)\s*)?"
    r"(?:(?:patients|men|women|pts|participants|adults|subjects)\s+)?(?:\([^()]*\)\s*)?"
    r"(?:in|on|with|given|receiving|treated\s+with|assigned\s+to)\s+(?:the\s+)?"
)
_TO = r"(?:were\s+|was\s+)?(?:(?:randomly\s+)?(?:assigned|allocated|randomi[sz]ed)\s+)?to\s+(?:receive\s+|undergo\s+|the\s+)?"
_OF_PATIENTS = r"(?:(?:the\s+)?(?:patients|those|men|women)\s+(?:receiving|treated\s+with|undergoing|given|assigned\s+to|in|who\s+(?:received|underwent))\s+)?"
_CELL = r"(?:\d[\d.]*\s*(?:%|months?|mo|weeks?|years?|yrs?)?|reached|NR|NE)\s*(?:[(\[][^()\[\]]{1,90}[)\]]\s*)?(?:at\s+\d+\s+(?:years|months)\s*)?(?:,?\s*respectively,?\s*)?"
_PAIRS: tuple[tuple[str, int, re.Pattern[str]], ...] = tuple(
    (name, weight, re.compile(pattern, re.IGNORECASE))
    for name, weight, pattern in (
        (
            "assigned to X or Y",
            5,
            rf"(?:assigned|allocated|randomi[sz]ed)\b[^.;]{{0,80}}?\bto\s+(?:receive\s+|undergo\s+)?"
            rf"(?:the\s+|an?\s+|either\s+|maintenance\s+|oral\s+|(?:only\s+)?continued\s+)*(?P<a>{PHRASE})(?P<ax>{_ASIDE})"
            rf"[^.;()]{{0,60}}?,?\s*\b(?:or|versus|vs\.?|and)\s+(?:to\s+)?(?:an?\s+|the\s+|only\s+|continued\s+)*(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "N to X and M to Y",
            5,
            rf"{_COUNT}{_TO}(?P<a>{PHRASE})(?P<ax>{_ASIDE})[^.;()]{{0,40}}?(?:,|\band)\s+{_COUNT}{_TO}(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "N underwent X and M Y",
            4,
            rf"{_COUNT}(?:who\s+)?(?:had\s+)?(?:underwent|undergone|received|were\s+given|were\s+treated\s+with)\s+"
            rf"(?:an?\s+|the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})(?:[^.;\d]{{0,40}}?)(?:,|\band)\s+(?:the\s+remaining\s+)?{_COUNT}"
            rf"(?:(?:had\s+)?(?:underwent|undergone|received|were\s+given|were\s+treated\s+with)\s+)?(?:an?\s+|the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "N treated with X and M with Y",
            4,
            rf"{_COUNT}(?:who\s+)?(?:were\s+|was\s+)?(?:treated|managed|transplanted|grafted)\s+(?P<prep>with|by|from|using)\s+(?:an?\s+|the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})"
            rf"[^.;()\d]{{0,30}}?(?:,|\band)\s+{_COUNT}(?:were\s+)?(?:(?:treated|managed|transplanted)\s+)?(?P=prep)\s+(?:an?\s+|the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "N receiving X and M receiving Y",
            4,
            rf"{_COUNT}(?P<verb>receiving|undergoing|given|on)\s+(?:an?\s+|the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})"
            rf"[^.;()\d]{{0,30}}?(?:,|\band)\s+{_COUNT}(?P=verb)\s+(?:an?\s+|the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "X given to N, M received Y",
            4,
            rf"(?P<a>{PHRASE})(?P<ax>{_ASIDE})\s+(?:was|were|had\s+been)\s+(?:given|performed|administered|carried\s+out)\s+(?:to|in)\s+{_COUNT},?\s*"
            rf"(?:and|while|whereas)\s+{_COUNT}(?:had\s+)?(?:received|underwent|undergone|had)\s+(?:an?\s+|the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "X was used for N and Y for M",
            4,
            rf"(?P<a>{PHRASE})(?P<ax>{_ASIDE})\s+(?:was|were|had\s+been)\s+{_DONE}\s+(?P<prep>for|in|to)\s+{_COUNT},?\s*(?:and|while|whereas)\s+"
            rf"(?:an?\s+|the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})\s+(?:(?:was|were)\s+(?:{_DONE}\s+)?)?(?P=prep)\s+{_COUNT}",
        ),
        (
            "N underwent X and M did not",
            4,
            rf"{_COUNT}(?:who\s+)?(?:had\s+)?(?:underwent|undergone|received|had|were\s+given|were\s+treated\s+with)\s+(?:an?\s+|the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})"
            rf"[^.;()\d]{{0,30}}?,?\s*(?:and|while|whereas|but)\s+(?:the\s+remaining\s+)?{_COUNT}(?P<b>(?:did|had|were)\s+not)(?P<bx>)\b",
        ),
        (
            "received either X or Y",
            4,
            rf"(?:received|receiving|given|treated\s+with|underwent|undergoing|taking)\s+either\s+(?:an?\s+|the\s+)?(?P<a>{PHRASE})(?P<ax>{_LONG_ASIDE})"
            rf"\s+or\s+(?:an?\s+|the\s+)?(?P<b>{PHRASE})(?P<bx>{_LONG_ASIDE})",
        ),
        (
            "X (n = N) and Y (n = M)",
            4,
            rf"(?:the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})?(?:\s+{GROUP})?\s*[,(\[]+\s*(?:[A-Za-z][\w+/-]*\s*[;,]\s*)?n\s*=\s*\d+\s*[)\]]*[^.()]{{0,90}}?(?:and|or|versus|vs\.?|,|;|with|to|than|over)\s+"
            rf"(?:[^.()]{{0,40}}?\s)?(?:the\s+|an?\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})?(?:\s+{GROUP})?\s*[,(\[]+\s*(?:[A-Za-z][\w+/-]*\s*[;,]\s*)?n\s*=\s*\d+\b"
            r"(?!\s*[)\]]\s*(?:,|or\b|and\b|,\s*and\b)\s*[^.;()]{2,50}[(\[]\s*n\s*=)",
        ),
        (
            "X (N patients) or Y (M patients)",
            4,
            rf"(?P<a>{PHRASE})(?P<ax>)(?:\s+{GROUP})?\s*\((?:[^()]*[;,]\s*)?\d+\s*(?:patients|men|women|pts)\)[^.()]{{0,60}}?(?:and|or|versus|vs\.?|with)\s+"
            rf"(?:to\s+)?(?:the\s+|an?\s+|continued\s+)?(?P<b>{PHRASE})(?P<bx>)(?:[^.()]{{0,40}}?)\s*\(\d+\s*(?:patients|men|women|pts)?\)",
        ),
        (
            "(X N; Y M)",
            4,
            r"\(\s*(?P<a>[A-Za-z][\w+/-]*)(?P<ax>)[,:]?\s+(?:n\s*=\s*)?\d+\s*[;,]\s*(?P<b>[A-Za-z][\w+/-]*)(?P<bx>)[,:]?\s+(?:n\s*=\s*)?\d+\s*\)",
        ),
        (
            "(N X; M Y)",
            4,
            r"\(\s*\d+\s+(?P<a>[A-Za-z][\w+/-]*)(?P<ax>)\s*[;,]\s*\d+\s+(?P<b>[A-Za-z][\w+/-]*)(?P<bx>)\s*\)",
        ),
        (
            "X (A) or Y (B)",
            3,
            rf"(?P<a>{PHRASE})(?P<ax>)\s*\([A-Za-z][\w+/-]*\)\s+(?:or|versus|vs\.?)\s+(?P<b>{PHRASE})(?P<bx>)\s*\([A-Za-z][\w+/-]*\)",
        ),
        (
            "N/M patients on X and K/L on Y",
            4,
            rf"{_SHARE}(?P<a>{PHRASE})(?P<ax>{_ASIDE})(?:\s+{GROUP})?\s*(?:,|,?\s*and|{_VERSUS})\s+"
            rf"(?:in\s+|by\s+)?{_SHARE}(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "longer with X than with Y",
            3,
            rf"\b(?:longer|shorter|better|worse|higher|lower)\s+(?:with|in|after|for)\s+(?:the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})"
            rf"(?:\s+{GROUP})?{_ASIDE},?\s+than\s+(?:with|in|after|for)\s+(?:the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "X and Y groups",
            4,
            rf"(?:the\s+)(?P<a>{PHRASE})(?P<ax>{_ASIDE})\s+(?:and|versus|vs\.?)\s+(?:the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})\s+(?:groups|arms|cohorts)\b",
        ),
        (
            "X versus Y",
            2,
            rf"(?:the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})(?:\s+{GROUP})?\s+{_VERSUS}\s+(?:the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "survival after X and Y was",
            2,
            rf"\b(?:survival|[OPDR]FS|OS)\b(?:\s+rates?)?(?:\s+at\s+[\d,and\s]{{1,24}}(?:years?|months?))?[^.;,()]{{0,40}}?\b(?:after|with|in|for|following)\s+(?:the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})"
            rf"\s+and\s+(?:the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})(?:\s+{GROUP})?\s+(?:was|were)\b",
        ),
        (
            "X was associated with longer survival than Y",
            3,
            rf"(?P<a>{PHRASE})(?P<ax>{_ASIDE})\s+(?:was|were)\s+associated\s+with\s+[^.;()]{{0,60}}?\b(?:survival|[OPDRE]F?S|mortality|death)\b(?:[^.;()]|\([^()]*\)){{0,90}}?\s(?:{_VERSUS}|than)\s+(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "X prolonged survival versus Y",
            3,
            rf"(?P<a>{PHRASE})(?P<ax>{_ASIDE})\s+(?:prolonged|improved|extended|increased|reduced|lowered)\s+(?:[^.;()\d]{{0,40}}\s)?(?:survival|[OPDRE]F?S|mortality|death)\b"
            rf"(?:[^.;()]|\([^()]*\)){{0,60}}?\s{_VERSUS}\s+(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "compared with X, Y had",
            3,
            rf"\b(?:compared|relative)\s+(?:with|to)\s+(?:the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})(?:\s+{GROUP})?,\s+(?:the\s+|treatment\s+with\s+)?"
            rf"(?P<b>{PHRASE})(?P<bx>{_ASIDE})(?:\s+{GROUP})?\s+(?:was|were|resulted|had|showed|improved|prolonged|reduced|led|provided|yielded)\b",
        ),
        (
            "survival for X was V, and V for Y",
            3,
            rf"\b(?:for|in|with|of|after)\s+{_OF_PATIENTS}(?:the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})(?:\s+{GROUP})?\s+(?:was|were)\s+{_CELL},?\s*"
            rf"(?:(?:as\s+)?{_VERSUS}|and|but)\s+{_CELL}(?:for|in|with|after)\s+{_OF_PATIENTS}(?:the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "treated with X and those who were not",
            3,
            rf"\b(?:who\s+(?:received|underwent|had)|treated\s+with|receiving|undergoing|given)\s+(?P<a>{PHRASE})(?P<ax>{_ASIDE})[^.;]{{0,80}}?"
            r"\b(?P<b>(?:those|patients)\s+who\s+(?:did|were|had)\s+not)(?P<bx>)\b",
        ),
        (
            "difference between X and Y",
            2,
            rf"(?:differ|compar|similar|longer|shorter|better)[^.;]{{0,60}}?\bbetween\s+(?:the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})\s+and\s+(?:the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "compared X with Y",
            2,
            rf"\bcompar(?:ed|e|es|ing)\s+(?:the\s+\w+\s+of\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})\s+(?:with|and|to)\s+(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
        ),
        (
            "with X and without X",
            4,
            rf"\b(?:with|receiving|received|undergoing|underwent|given|after)\s+(?:the\s+|an?\s+)?(?P<a>{PHRASE})(?P<ax>)\b[^;]{{0,200}}?"
            r"\b(?P<b>(?:without|(?:did|had|were|was)\s+not\s+(?:receive[d]?|underg(?:o|one)|given|have)|not\s+(?:receiving|undergoing|given))\s+(?:the\s+|an?\s+)?(?P=a))(?P<bx>)\b",
        ),
        (
            "X with Y as the reference",
            3,
            rf"for\s+(?P<a>{PHRASE})(?P<ax>)\s+with\s+(?P<b>{PHRASE})(?P<bx>)\s+as\s+(?:the\s+)?reference",
        ),
    )
)
_MENTION = re.compile(
    rf"(?:(?P<value>{_CELL})(?:of\s+(?:the\s+)?(?:men|patients|women)\s+)?\s*(?:was\s+|were\s+)?(?:in|with|for|after|on|among|following|under)\s+"
    rf"(?:(?:the|those|a)\s+)?(?:(?:\d+\s+)?(?:patients|men|women|pts|children|participants)\s+|\d+\s+(?=who\s))?(?:(?:group|arm)\s+(?=given|that|which|receiving|assigned|treated))?(?:(?:in|given|(?:that|which)\s+received|receiving|treated\s+with|who\s+received|who\s+underwent|undergoing|assigned\s+to|randomi[sz]ed\s+to)\s+)?(?:the\s+|an?\s+)?"
    rf"(?P<p>{PHRASE})(?P<px>{_ASIDE})(?P<g>\s+{GROUP})?)"
    rf"|(?:(?:the|in|of|for)\s+(?P<q>{PHRASE})(?P<qx>{_ASIDE})\s+{GROUP})"
    rf"|(?:\b(?:arm|group|regimen)\s+(?P<r>(?-i:[A-Z0-9]{{1,3}}))\b)"
    rf"|(?:(?P<cell>\d\s*%?\s*(?:months?|mo|years?)?\s*)\(\s*(?P<u>{PHRASE})\s*[,;)])"
    rf"|(?:(?:randomi[sz]ed|assigned|allocated)\s+to\s+(?:receive\s+)?(?:the\s+)?(?P<w>{PHRASE}))"
    rf"|(?:\((?P<t>[A-Za-z][\w+/-]*)\s+(?:group|arm|cohort)\))",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"\b(arm|group|regimen)s\s+([A-D])(\s*\([^()]*\))?,?\s+(and|or|versus|vs\.?|v)\s+([A-D])\b(?!\s*/)", re.IGNORECASE)  # fmt: skip
"""What "in arms A (n = 97) and B (n = 96)" leaves out is the second "arm"."""
_QUOTED = re.compile(
    r"\d\.\d|\d\s?%|\bet\s+al\b|\b(?:previous|earlier|phase\s+(?:I|II|III|1|2|3))\b.*\b(?:trial|study|studies)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"(?P<p>{PHRASE})(?:(?<=[\s-]alone)|\s(?:alone|only|monotherapy)\b)", re.IGNORECASE)  # fmt: skip
"""What an arm is given alone: another one may be given it with something else."""
_AT_TIME = re.compile(r"\b(?:at|by)\s+(?:\d+\s*(?:,|and)\s*)*$", re.IGNORECASE)
_CONTRAST = re.compile(r"\b(?:and|or|vs?|versus|compared|against|while|whereas|than|but|relative)\b|[,;/]", re.IGNORECASE)  # fmt: skip
_DOSE = re.compile(
    r"(?<=[a-z])\s+\d+(?:\.\d+)?\s*(?:mg|µg|g|IU|units?)\b.*?(?=\s\+\s|\s+(?:plus|with)\b|$)",
    re.IGNORECASE,
)
"""The dose of "sunitinib 50 mg orally once daily", which distinguishes arms only of one drug."""
_SHORT = re.compile(r"\s*[(\[]\s*([A-Z][\w+/-]{0,11})\s*[)\]]")
_ARM_LETTER = re.compile(rf"(?P<a>{PHRASE})\s*\(\s*(?:arm|group)\s+(?P<letter>[A-Z0-9])\s*(?:[,;][^()]*)?\)", re.IGNORECASE)  # fmt: skip
_SIZE = r"[(\[]\s*(?:[A-Za-z][\w+/-]*\s*[;,:]\s*)?n\s*=\s*\d+\s*[)\]]"
_GOT = r"(?:had\s+)?(?:received|underwent|undergone|had|were\s+given)\s+(?:an?\s+|the\s+)?"
_WHO = r"(?:\([^()]*\)\s*)?(?:who\s+)?"
_TRIPLE = re.compile(
    rf"(?:arms?\s+)?(?P<a>[A-Z])\s*/\s*(?P<b>[A-Z])\s*/\s*(?P<c>[A-Z])\b"
    rf"|(?:to|of)\s+(?:receive\s+)?(?P<d>{PHRASE}){_ASIDE}\s*,\s*(?P<e>{PHRASE}){_ASIDE}\s*,?\s*(?:or|and)\s+(?P<f>{PHRASE}){_ASIDE}"
    rf"|(?:the|in|of)\s+(?P<g>{PHRASE}){_ASIDE}\s*,\s*(?P<h>{PHRASE}){_ASIDE}\s*,?\s*and\s+(?P<i>{PHRASE}){_ASIDE}\s+(?:groups|arms)\b"
    rf"|(?P<j>{PHRASE})\s*{_SIZE}\s*,\s*(?:to\s+)?(?P<k>{PHRASE})\s*{_SIZE}\s*,?\s*(?:or|and)\s+(?:to\s+)?(?P<l>{PHRASE})\s*{_SIZE}"
    r"|(?:arms|groups|regimens)\s+(?-i:(?P<p>[A-Z])(?:\s*\([^()]*\))?,\s*(?P<q>[A-Z])(?:\s*\([^()]*\))?,?\s+(?:and|or)\s+(?P<r>[A-Z]))\b"
    r"|\b(?-i:(?P<s>[A-Z]),\s*(?P<t>[A-Z]),?\s+(?:and|or)\s+(?P<u>[A-Z]))\s+(?:arms|groups|regimens)\b"
    rf"|{_COUNT}{_WHO}(?:{_GOT})(?P<m>{PHRASE})(?P<mx>{_ASIDE})\s*,\s*{_COUNT}{_WHO}(?:{_GOT})?(?P<n>{PHRASE})(?P<nx>{_ASIDE})\s*,?\s*and\s+{_COUNT}{_WHO}(?:{_GOT})?(?P<o>{PHRASE})(?P<ox>{_ASIDE})(?=[.,;])",
    re.IGNORECASE,
)
_GENERIC = frozenset([
    "treatment", "therapy", "therapies", "regimen", "alone", "patients", "patient", "group",
    "arm", "the", "a", "an", "early", "open-label", "oral", "adjuvant", "transplantation",
    "graft", "given", "surgery", "procedure", "of", "to", "as", "on", "daily", "once", "twice",
    "weekly", "mg", "trial", "study", "bid", "qd", "tid", "po", "q2w", "q3w", "+", "months",
    "month", "weeks", "week", "cycles", "cycle", "strategy", "only", "agent", "single-agent",
    "dose", "schedule", "maintenance", "first-line", "second-line",
])  # fmt: skip


def usable(phrase: str) -> bool:
    """Say whether a phrase can be the name of an arm."""
    return 1 <= len(phrase) <= 60 and not _NO_ARM.match(phrase)


_SAID = 3
"""Most weight of a form that only compares names: others assign or count patients."""
_ENDS = frozenset(["group", "arm", "alone", "groups", "arms", "plus", "+"])
_NOVEL = re.compile(
    r"(?:(?:novel|new|standard|conventional)\s+)?(?=[A-Z][\w+/-]*[A-Z])(?P<name>[\w+/-]+)\s+regimen|(?:novel|new|standard|conventional)\s+(?=[A-Z][\w+/-]*[A-Z])(?P<other>[\w+/-]+)"
)
"""Reads "the novel X-R-COMP regimen" and "the standard R-COMP"."""


def protected(text: str) -> str:
    """Return a text with expressions such as "in combination with" as one word each."""
    text = re.sub(r"\s\([A-Za-z][\w-]{0,11}\)(?=\s\+\s)", "", text)  # "docetaxel (DTX) + placebo"
    return _TOGETHER.sub(lambda found: found[0].replace(" ", "_"), text.replace("’", "'"))


_OPENING = frozenset(["the", "a", "an", "oral", "only", "early", "receive", "undergo"])


def clean(phrase: str) -> str:
    """Return a phrase without articles and without the word group."""
    words = re.sub(r"^\d{2,}[A-Z]?\s+(?=[A-Z])", "", phrase.replace("_", " ")).split()
    while len(words) > 1 and words[0].lower() in _OPENING:
        words = words[1:]
    while len(words) > 1 and (words[-1].lower() in _ENDS or words[-1].endswith("ly")):
        words = words[:-1]
    if novel := _NOVEL.fullmatch(" ".join(words)):
        return novel["name"] or novel["other"]
    return " ".join(words).lstrip("+").strip("-/ '")


_WITHOUT = re.compile(r"(?:no|non|without)[\s_-]+(?=\w)", re.IGNORECASE)


def stems(phrase: str, short: dict[str, str]) -> frozenset[str]:
    """Return the stems of the words that distinguish one arm from another."""
    if without := _WITHOUT.match(phrase):  # "no ASCT" has nothing in common with "ASCT"
        return frozenset(f"no {stem}" for stem in stems(phrase[without.end() :], short))
    long = " ".join(short.get(word, word) for word in short.get(phrase, phrase).split())
    words = long.lower().replace("-", " ").split()
    timed = re.search(
        r"[A-Z]-\d+$|\d+[\s-](?:month|week|year|cycle|day|fraction|fx)|\d\s?(?:mg|µg|mcg|g|IU|Gy)$",
        phrase,
    )
    found = {_stem(w) for w in words if w not in _GENERIC and (timed or not w.isdigit())}
    if re.search(r"\sA$", phrase):
        found.add("A")  # "drug A" is not "a drug"
    return frozenset(found or {_stem(word) for word in words})


def _stem(word: str) -> str:
    word = word.strip("(),;:'")
    for end in ("ation", "ating", "ated", "ing", "ies", "es", "ed", "s", "ic", "al"):
        if word.endswith(end) and len(word) - len(end) >= 4:
            return word[: -len(end)]
    return word


@dataclass
class Evidence:
    """Phrases that name arms, and which of them are set against each other."""

    short: dict[str, str]
    pairs: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    order: list[tuple[str, str]] = field(default_factory=list)
    singles: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    triples: list[tuple[str, str, str]] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
    three_groups: bool = False
    sized: list[tuple[str, ...]] = field(default_factory=list)  # three or four, each with its size
    alone: set[frozenset[str]] = field(default_factory=set)
    listed: set[frozenset[str]] = field(default_factory=set)  # names of one list, two at a time
    text: str = ""  # all of it
    sentence: int = 0  # the one that is being read
    opposed_in: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    entered: set[str] = field(default_factory=set)  # names to which patients are assigned

    def pair(self, left: str, right: str, weight: int) -> None:
        """Note that two phrases are set against each other."""
        left, right = clean(left), clean(right)
        bare = [_DOSE.sub("", name) for name in (left, right)]
        if stems(bare[0], self.short) != stems(bare[1], self.short):
            left, right = bare
        if not (usable(left) and usable(right)):
            return
        if stems(left, self.short) == stems(right, self.short):
            return
        self.pairs[left, right] += weight
        self.order.append((left, right))
        for name in (left, right):
            self.opposed_in[name].add(self.sentence)

    def single(self, phrase: str, weight: int = 1) -> None:
        """Note a phrase that numbers are reported of."""
        phrase = clean(phrase)
        if usable(phrase):
            self.singles[phrase] += weight


def gather(found: Sequence[Sentence], short: dict[str, str]) -> Evidence:
    """Look for arms where patients are assigned, counted, or numbers are reported of them."""
    evidence = Evidence(short, text=" ".join(sentence.text for sentence in found))
    for evidence.sentence, sentence in enumerate(found):
        if sentence.section in ("conclusion", "references") or len(sentence.text) > 1000:
            continue
        silent = sentence.section in ("background", "discussion")
        if silent and _QUOTED.search(sentence.text) and not OWN.search(sentence.text):
            continue  # the arms of another trial
        text = _LETTERS.sub(r"\1 \2\3 \4 \1 \5", protected(sentence.text))
        strong = 1 if sentence.section in ("background", "discussion") else 2
        for name, weight, pattern in _PAIRS:
            for match in filter(partial(_is_whole, name), pattern.finditer(text)):
                left, right = _two_names(match)
                evidence.pair(left, right, weight * strong)
                evidence.entered |= {clean(name) for name in (left, right) if weight > _SAID}
                _note_asides(match, evidence, "ab")
        evidence.alone |= _alone(text, short)
        _mentions(text, evidence, strong)
        for match in _TRIPLE.finditer(text):
            names = tuple(clean(match[key]) for key in "abcdefghijklmnopqrstu" if match[key])
            lettered = match["a"] or match["p"] or match["s"]
            known = all(usable(name) or name in short for name in names)
            if len(set(names)) == 3 and (lettered or known):
                evidence.triples.append((names[0], names[1], names[2]))
                sized = len(re.findall(r"\bn\s*=", match[0])) > 1  # "A (n = 160), B (n = 161) or"
                evidence.three_groups |= sized or match["m"] is not None
                _note_asides(match, evidence, "mno")
        for match in _ARM_LETTER.finditer(text):
            if usable(clean(match["a"])):
                evidence.letters[match["letter"]] = clean(match["a"])
    return evidence


_NOT = re.compile(r"(?:(?:those|patients)\s+who\s+)?(?:did|had|were)\s+not", re.IGNORECASE)
_LISTED_BEFORE = re.compile(r"n\s*=\s*\d+\s*[)\]]\s*,\s+(?:the\s+)?$", re.IGNORECASE)
"""What stands before the last two of "trunk (n = 54), neck (n = 9), liver (n = 7), and bone (n = 1)"."""
_OR_TO = re.compile(
    r"[^.;]{0,200}?,\s+or\s+(?:to\s+)?(?:the\s+same|this|that|these)\b", re.IGNORECASE
)
"""What follows A and B in "to A and B, or to this regimen plus C"."""


def _is_whole(form: str, match: re.Match[str]) -> bool:
    """Say whether a size is not that of the second of "chemotherapy and surgery (250 patients)"."""
    if form == "assigned to X or Y" and _OR_TO.match(match.string, match.end()):
        return re.search(r"\band\s+\S*$", match.string[match.end("ax") : match.start("b")]) is None
    before = match.string[: match.start("a")]
    if form == "X (n = N) and Y (n = M)" and _LISTED_BEFORE.search(before):
        return False
    return form[:3] != "X (" or re.search(r"[a-z] (?:and|plus) $", before) is None


def _two_names(match: re.Match[str]) -> tuple[str, str]:
    """Return the two names of a form; "no X" for those of "84 underwent X and 126 did not"."""
    untreated = _NOT.fullmatch(match["b"])
    return match["a"], f"no {clean(match['a'])}" if untreated else match["b"]


def _alone(text: str, short: dict[str, str]) -> set[frozenset[str]]:
    """Return what a sentence says is given alone."""
    if not re.search("alone|only|monotherapy", text):
        return set()  # sooner
    return {stems(clean(found["p"]), short) for found in _ALONE.finditer(text)}


def _note_asides(match: re.Match[str], evidence: Evidence, sides: str) -> None:
    """Note the abbreviations of "docetaxel 75 mg (D) or the same plus savolumab (D-SAV)"."""
    asides = [_SHORT.fullmatch(match[f"{side}x"] or "") for side in sides]
    for side, aside in zip(sides, asides, strict=True):
        long = _DOSE.sub("", clean(match[side] or ""))
        if all(asides) and aside and usable(long):
            evidence.short.setdefault(aside[1], long)


def _mentions(text: str, evidence: Evidence, strong: int) -> None:
    """Note arms that numbers are reported of, and pair those that follow each other."""
    last: tuple[str, int] | None = None
    letters = list(dict.fromkeys(m["r"] for m in _MENTION.finditer(text) if m["r"]))
    if len(letters) == 3:
        evidence.triples.append((letters[0], letters[1], letters[2]))
    groups = [clean(m["p"]) for m in _MENTION.finditer(text) if m["value"] and m["g"]]
    different = len({stems(name, evidence.short) for name in groups}) == 3
    if len(groups) == 3 and different and all(map(usable, groups)):
        # "96% in the A group, 97% in the B group and 86% in the C group"
        evidence.triples.append((groups[0], groups[1], groups[2]))
        evidence.three_groups = True
    valued = [clean(m["p"]) for m in _MENTION.finditer(text) if m["value"]]
    apart = len({stems(name, evidence.short) for name in valued}) == 3
    if len(valued) == 3 and apart and all(map(usable, valued)):
        evidence.triples.append((valued[0], valued[1], valued[2]))  # if the text says three arms
    listed = itertools.combinations(valued if valued[2:] else (), 2)
    evidence.listed |= set(map(frozenset, listed))
    for match in _MENTION.finditer(text):
        if match["value"] and not match["g"] and _AT_TIME.search(text[: match.start()]):
            continue
        phrase = clean(next(match[key] for key in "pqrtuw" if match[key]))
        sure = bool(match["q"] or match["r"] or match["t"] or match["g"])
        if not (usable(phrase) or match["r"]):
            continue
        evidence.single(phrase, 3 if sure else 1)
        between = text[last[1] : match.start()] if last else ""
        if (
            last
            and len(between) < 160
            and _CONTRAST.search(
                between + text[match.start() : match.start("p")] if match["p"] else between
            )
        ):
            if match["r"] and len(last[0]) == 1:
                evidence.pairs[last[0], phrase] += 3
                evidence.order.append((last[0], phrase))
            else:
                evidence.pair(last[0], phrase, (3 if sure else 2) * strong)
        last = (phrase, match.end())
