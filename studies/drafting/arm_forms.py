"""Forms of sentences that name the arms of a trial, set them against each other, or count them."""
# ruff: noqa: E501, RUF001 - a pattern reads better on one line

from __future__ import annotations

import re

__all__ = [
    "ARM_LETTER",
    "GROUP",
    "LETTERS",
    "MENTION",
    "PAIRS",
    "PHRASE",
    "THE_OTHERS",
    "TRIPLE",
    "VALUES_BEFORE",
    "VALUES_BEHIND",
]

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
_NUMBER = r"(?:\d+|(?<!hundred\s)(?<!hundred\sand\s)\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)\b)"
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
_THOSE_GIVEN = r"(?:patients|those|women|men|children|participants)\s+(?:(?:who|that)\s+(?:had\s+|were\s+)?)?(?:received|receiving|treated\s+with|managed\s+with|underwent|undergoing|undergone|given)\s+(?:the\s+|an?\s+)?"
_CELL = r"(?:\d[\d.]*\s*(?:%|months?|mo|weeks?|years?|yrs?)?|reached|NR|NE)\s*(?:[(\[][^()\[\]]{1,90}[)\]]\s*(?:(?:%|months|mo|weeks|years)\s*)?)?(?:at\s+\d+\s+(?:years|months)\s*)?(?:,?\s*respectively,?\s*)?"
PAIRS: tuple[tuple[str, int, re.Pattern[str]], ...] = tuple(
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
            "N VERBed with X; M were not",
            4,
            rf"(?P<n>{_NUMBER})\s*(?:\([^()]*\)\s*)?(?:(?:patients|of\s+(?:them|whom))\s+)?(?:who\s+)?(?:were|had)\s+[a-z]+ed\s+(?:with|by|on|to)\s+(?:an?\s+|the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})"
            rf"\s*[,;]?\s*(?:and\s+|while\s+|whereas\s+|but\s+)?(?:the\s+(?:remaining\s+|other\s+)?)?(?P<m>{_NUMBER})\s*(?:\([^()]*\)\s*)?(?P<b>(?:did|had|were)\s+not)(?P<bx>)\b",
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
            rf"(?:[^.()]{{0,40}}?\s)??(?:the\s+|an?\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})?(?:\s+{GROUP})?\s*[,(\[]+\s*(?:[A-Za-z][\w+/-]*\s*[;,]\s*)?n\s*=\s*\d+\b"
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
            "V versus V for X and Y, respectively",
            3,
            rf"\d(?:%|\s?(?:months?|mo|years?|weeks?|days?))?\s*(?:[(\[][^()\[\]]{{1,90}}[)\]]\s*)?(?:{_VERSUS}|and)\s+{_CELL}(?:for|in|with|after|among)\s+"
            rf"{_OF_PATIENTS}(?:the\s+)?(?P<a>{PHRASE})(?P<ax>{_ASIDE})\s+and\s+(?:the\s+)?(?P<b>{PHRASE})(?P<bx>{_ASIDE})(?:\s+{GROUP})?,?\s+respectively\b",
        ),
        (
            "treated with X and those who were not",
            3,
            rf"\b(?:who\s+(?:received|underwent|had)|treated\s+with|receiving|undergoing|given)\s+(?P<a>{PHRASE})(?P<ax>{_ASIDE})[^.;]{{0,80}}?"
            r"\b(?P<b>(?:those|patients|women|men|children|recipients)\s+who\s+(?:did|were|had)\s+not)(?P<bx>)\b",
        ),
        (
            "those given X had V, those given Y V",
            3,
            rf"\b{_THOSE_GIVEN}(?P<a>{PHRASE})(?P<ax>{_ASIDE})(?:[^.;()\[\]]|[(\[][^()\[\]]{{0,90}}[)\]]|(?<=\d)\.(?=\d)){{0,160}}?"
            rf"\b(?:than|versus|vs\.?|compared\s+(?:with|to)|relative\s+to|and|whereas|while)\s+(?:[^;()]{{0,60}}?(?:\([^()]{{0,60}}\)\s*)?\b(?:of|for|in|among)\s+)?"
            rf"{_THOSE_GIVEN}(?P<b>{PHRASE})(?P<bx>{_ASIDE})",
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
            r"\b(?P<b>(?:without|(?:did|had|were|was)\s+not\s+(?:receive[d]?|underg(?:o|one)|given|have)|not\s+(?:receiving|undergoing|given))\s+(?:the\s+|an?\s+)?(?P=a)|without(?=\s*[(,.;]))(?P<bx>)\b",
        ),
        (
            "X with Y as the reference",
            3,
            rf"for\s+(?P<a>{PHRASE})(?P<ax>)\s+with\s+(?P<b>{PHRASE})(?P<bx>)\s+as\s+(?:the\s+)?reference",
        ),
    )
)
MENTION = re.compile(
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
LETTERS = re.compile(r"\b(arm|group|regimen)s\s+([A-D])(\s*\([^()]*\))?,?\s+(and|or|versus|vs\.?|v)\s+([A-D])\b(?!\s*/)", re.IGNORECASE)  # fmt: skip
"""What "in arms A (n = 97) and B (n = 96)" leaves out is the second "arm"."""
ARM_LETTER = re.compile(rf"(?P<a>{PHRASE})\s*\(\s*(?:arm|group)\s+(?P<letter>[A-Z0-9])\s*(?:[,;][^()]*)?\)", re.IGNORECASE)  # fmt: skip
_SIZE = r"[(\[]\s*(?:[A-Za-z][\w+/-]*\s*[;,:]\s*)?n\s*=\s*\d+\s*[)\]]"
_GOT = r"(?:had\s+)?(?:received|underwent|undergone|had|were\s+given)\s+(?:an?\s+|the\s+)?"
_WHO = r"(?:\([^()]*\)\s*)?(?:who\s+)?"
THE_OTHERS = re.compile(
    rf"(?P<a>{PHRASE})\s*[,;]?\s+(?:and\s+|while\s+|whereas\s+)?(?:all\s+)?(?:the\s+)?(?:others|rest|remainder|(?:other|remaining)\s+(?:patients|participants|women|men|children))\s+"
    rf"(?:were\s+|had\s+)?(?:received|underwent|had|given|treated|managed|assigned|allocated|operated)?\s*(?:with|by|to|on)?\s*(?:an?\s+|the\s+)?(?P<b>{PHRASE})",
    re.IGNORECASE,
)
"""Reads "90 with radiotherapy; the others had observation", which are not the same."""
VALUES_BEFORE = re.compile(
    rf"{_CELL},\s*{_CELL},?\s*and\s+{_CELL}(?:for|in|with|among|,)\s+(?=the\b|$)(?:the\s+)?$"
)
VALUES_BEHIND = re.compile(
    rf"(?:[^;.\d]|\d+-(?:year|month)){{0,60}}?\b(?:were|was|of)\s+{_CELL},\s*{_CELL},?\s*and\s+{_CELL}"
)
"""What three groups have that are arms: "78%, 66% and 54%", before their names or behind them."""
TRIPLE = re.compile(
    rf"(?:three|3)\s+(?:[a-z]+\s+)?(?:groups|arms|cohorts)\s*[(:]\s*(?P<v>{PHRASE}){_ASIDE}\s*,\s*(?P<w>{PHRASE}){_ASIDE}\s*,?\s*and\s+(?P<x>{PHRASE}){_ASIDE}\s*\)|"
    rf"(?:arms?\s+)?(?P<a>[A-Z])\s*/\s*(?P<b>[A-Z])\s*/\s*(?P<c>[A-Z])\b"
    rf"|(?:to|of)\s+(?:receive\s+)?(?P<d>{PHRASE}){_ASIDE}\s*,\s*(?P<e>{PHRASE}){_ASIDE}\s*,?\s*(?:or|and)\s+(?P<f>{PHRASE}){_ASIDE}"
    rf"|(?:the|in|of)\s+(?P<g>{PHRASE}){_ASIDE}\s*,\s*(?P<h>{PHRASE}){_ASIDE}\s*,?\s*and\s+(?P<i>{PHRASE}){_ASIDE}\s+(?:groups|arms)\b"
    rf"|(?P<j>{PHRASE})\s*{_SIZE}\s*,\s*(?:to\s+)?(?P<k>{PHRASE})\s*{_SIZE}\s*,?\s*(?:or|and)\s+(?:to\s+)?(?P<l>{PHRASE})\s*{_SIZE}"
    r"|(?:arms|groups|regimens)\s+(?-i:(?P<p>[A-Z])(?:\s*\([^()]*\))?,\s*(?P<q>[A-Z])(?:\s*\([^()]*\))?,?\s+(?:and|or)\s+(?P<r>[A-Z]))\b"
    r"|\b(?-i:(?P<s>[A-Z]),\s*(?P<t>[A-Z]),?\s+(?:and|or)\s+(?P<u>[A-Z]))\s+(?:arms|groups|regimens)\b"
    rf"|{_COUNT}{_WHO}(?:{_GOT})(?P<m>{PHRASE})(?P<mx>{_ASIDE})\s*,\s*{_COUNT}{_WHO}(?:{_GOT})?(?P<n>{PHRASE})(?P<nx>{_ASIDE})\s*,?\s*and\s+{_COUNT}{_WHO}(?:{_GOT})?(?P<o>{PHRASE})(?P<ox>{_ASIDE})(?=[.,;])",
    re.IGNORECASE,
)
