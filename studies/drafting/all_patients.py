"""How many patients a text has in all: randomised, enrolled, analysed or treated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .allocation import OTHER_RATIO, ratios
from .arms import TextArms
from .atoms import atoms
from .finding import Finding
from .implants import COUNTED
from .populations import SAFETY, excluded, is_barred
from .scope import Scope
from .vocabulary import Atom

__all__ = ["AllPatients", "all_patients", "of_one_group"]

_RANDOMISED_AFTER = re.compile(
    r"(?<!for\s)(?<!before\s)(?<!not\s)(?<!to\s)\b(?:randomi[sz]ed|randomi[sz]ation|randomly|assigned|allocated)\b",
    re.IGNORECASE,
)
_NOT_ENTERED = re.compile(
    r"\b(?:screened|assessed\s+for|approached|excluded|ineligible|declined|refused|withdr\w+|not|never|eligible\s+for|"
    r"died|had|crossed|lost)\b",
    re.IGNORECASE,
)
_MAYBE_RANDOMISED = re.compile(
    r"(?<![\w.,/:-])(?P<n>(?!(?:19|20)\d\d\b)\d{2,6})\s+(?!years)(?:[\w,-]+\s+){0,10}?(?:were|was|underwent)\s+(?:\w+\s+)?"
    r"(?:randomi[sz]|assigned|allocated)",
    re.IGNORECASE,
)
_SET = r"(?:primary|main|efficacy)\s+(?:efficacy\s+)?(?:analysis\s+)?(?:population|set)\b"
_MAIN_SET = re.compile(
    rf"(?<![\w.,/-])(?P<a>\d{{2,6}})\b(?!\s?%|\.\d)[^.;\d]{{0,80}}{_SET}|{_SET}[^.;\d]{{0,40}}(?P<b>\d{{2,6}})\b(?!\s?%|\.\d)",
    re.IGNORECASE,
)
"""Reads "388 were in the first stratum and constitute the primary analysis population"."""
_LATER = re.compile(
    r"\b(?:after|following|completed?|completing)\s+(?:\w+\s+){0,2}(?:induction|surgery|resection|transplantation|"
    r"chemo\w*|radio\w*|treatment|therapy|run-in|response)\b|\bresponders\b|\bresponded\b|\bin\s+(?:\w+\s+)?remission\b|"
    r"\bwithout\s+(?:disease\s+)?progression\b|\bnot\s+progressed\b|\bdisease\s+control\b|\bmaintenance\b|"
    r"\bconsolidation\b|\b(?:then|subsequently)\s+(?:were\s+)?random",
    re.IGNORECASE,
)
"""What patients are randomised after: those enrolled may be more."""
_RANDOMISED_BEFORE = re.compile(
    r"(?<!were\s)(?<!was\s)\b(?:randomly,?\s+(?:assigned|allocated)|randomi[sz]ed|randomi[sz]ation\s+of|assigned|allocated)"
    r"(?:\s*\([^()]*\))?,?\s*(?:(?:in|with|at)\s+(?:an?\s+)?[^,;.]{1,30}\bratio,?\s*)?(?:\d\s?:\s?\d\s+)?(?:a\s+total\s+of\s+)?$"
    r"|\brandomi[sz]ed\s+(?:patients|participants|population|women|men|adults)\s*[(\[]$",
    re.IGNORECASE,
)
_ENROLLED_AFTER = re.compile(
    r"\b(?:enrolled|recruited|included|accrued|entered|participated|took\s+part)\b", re.IGNORECASE
)
_ENROLLED_BEFORE = re.compile(
    r"\b(?:enrolled|recruited|included|accrued|consisted\s+of|comprised|studied)\s+(?:a\s+total\s+of\s+)?$",
    re.IGNORECASE,
)
_ANALYSED_AFTER = re.compile(
    r"\b(?:analy[sz]ed|evaluable|eligible|analys[ei]s|intention-to-treat|ITT)\b", re.IGNORECASE
)
_TREATED = re.compile(
    r"\b(?:reviewed|identified|treated|received|underwent|studied|diagnosed|followed|compared)\b",
    re.IGNORECASE,
)
_TREATED_BEFORE = re.compile(
    r"\b(?:reviewed|identified|studied|(?:data|records|charts|cohort|series)\s+(?:of|from|on)|total\s+of|compared|analy[sz]ed)"
    r"\s+(?:the\s+)?(?:data\s+(?:of|from|on)\s+)?(?:a\s+total\s+of\s+)?$",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\bor\b|\beither\b|\bversus\b|\bvs\b|\bratio\b|\d\s?:\s?\d|\bboth\b|\bone\s+of\b|\bbetween\b",
    re.IGNORECASE,
)
_FEWEST = 10  # patients; fewer are no trial
_NEARLY_ALL = 0.97  # of those randomised
_NEARLY_ALL_IN_PARTS = 0.85  # of all, in numbers that may be those of the arms
Role = Literal["randomised", "enrolled", "analysed", "treated"]


@dataclass(frozen=True)
class AllPatients:
    """The number of all patients of a text.

    Attributes
    ----------
    total : Finding or None
        The number; None if it may be one of several.
    several : tuple of Finding
        Those that it may be.
    sure : bool
        Whether all of them, as far as the text says, are those whose results it reports, and it
        does not count them by arm in words that were not read.
    """

    total: Finding | None
    several: tuple[Finding, ...]
    sure: bool


def all_patients(found: Sequence[Scope], arms: TextArms) -> AllPatients | None:
    """Return the number of all patients; None if a text says none.

    Parameters
    ----------
    found : sequence of Scope
        The sentences, and what each may be read for.
    arms : TextArms
        The arms of the text.
    """
    totals = _totals(found, arms)
    total, several = _chosen(totals)
    if total is None:
        return AllPatients(None, tuple(several), sure=False) if several else None
    unsure = (
        _in_parts(int(total.text), found, arms)
        or excluded(found, arms)
        or _fewer_in_main_set(int(total.text), found)
        or ("randomised" not in totals and _some_randomised(total.text, found))
    )
    return AllPatients(total, (), sure=not unsure)


def _totals(found: Sequence[Scope], arms: TextArms) -> dict[Role, list[Finding]]:
    """Return the numbers of all patients by what is said of them, each number once."""
    totals: dict[Role, list[Finding]] = {}
    for scope in found:
        if not scope.patients:
            continue
        for role, atom in _counted(scope, arms):
            known = totals.setdefault(role, [])
            if atom.text not in {f.text for f in known}:
                known.append(Finding("n", atom.text, scope.sentence))
    return totals


def _counted(scope: Scope, arms: TextArms) -> Iterator[tuple[Role, Atom]]:
    text = scope.sentence.text
    row = [a for a in atoms(text, arms) if a.kind in "ACnqs"]
    counts = [a for a in row if a.kind in "Cnq"]
    for place, atom in enumerate(counts):
        if not re.fullmatch(r"[1-9]\d{1,5}", atom.text) or int(atom.text) < _FEWEST or atom.of:
            continue
        if atom.level or (atom.kind == "q" and not _stands_alone(atom, text)):
            continue  # a share of others
        end = counts[place + 1].start if place + 1 < len(counts) else len(text)
        role = _role(atom, text[: atom.start], text[atom.end : end])
        if role is None and len(counts) == 1 and any(ratios(scope)):
            role = "randomised"  # "A was compared with B (randomly assigned in a 2:1 ratio) in 724"
        said = text[counts[place - 1].end if place else 0 : end]
        if role in ("analysed", "treated") and (is_barred(said, arms) or SAFETY.search(said)):
            continue
        if role != "randomised" and OTHER_RATIO.search(text):
            continue  # those whom matched patients were chosen from
        if role == "treated" and len(counts) > 1:
            continue  # "30 received A with B; 41 received A alone"
        named = {a.index for a in row if a.kind == "A" and atom.end <= a.start < end}
        if role and not (len(named) == 1 and not _SEVERAL.search(text[atom.end : end])):
            yield role, atom


def _stands_alone(atom: Atom, text: str) -> bool:
    """Say whether a bare number counts patients: "screened, of whom 450 were randomised"."""
    verb = re.match(
        r"\s+(?:with(?:out)?\s+(?:[\w-]+\s+){1,5}|(?:who|met|fulfilled)\s+(?:[\w-]+\s+){1,6}and\s+)?"
        r"(?:were|was|underwent|entered|had\s+been)\b",
        text[atom.end :],
    )
    named = re.search(r"[A-Za-z]\s+$", text[: atom.start])  # as in the trial "ALL 2000"
    counted = re.search(r"\b(?:whom|which|these|and|total\s+of|all)\s+$", text[: atom.start])
    before = text[: atom.start]
    if re.search(r"\btotal\s+of\s+$", before) or _RANDOMISED_BEFORE.search(before):
        return not atom.depth  # "we screened 611 patients and randomised 450"
    return bool(verb and not atom.depth and (counted or not named))


def _role(atom: Atom, before: str, after: str) -> Role | None:
    """Say what a sentence says of a number of patients, by the words around it."""
    after = re.split(r";|\bof\s+(?:whom|which|these)\b", after, maxsplit=1)[0][:140]
    if re.search(r"randomi[sz]ed", atom.flag, re.IGNORECASE):
        return "randomised"
    if re.search(r"\b(?:screened|assessed|approached)\s+(?:a\s+total\s+of\s+)?$", before):
        return None
    if _RANDOMISED_BEFORE.search(before):
        return "randomised"
    entered = _RANDOMISED_AFTER.search(after)
    if entered and not _NOT_ENTERED.search(after[: entered.start()]):
        return "randomised"
    if _ENROLLED_BEFORE.search(before):
        return "enrolled"
    first = after if entered is None else after[: entered.start()]
    patterns: tuple[tuple[Role, re.Pattern[str]], ...] = (
        ("enrolled", _ENROLLED_AFTER),
        ("analysed", _ANALYSED_AFTER),
        ("treated", _TREATED),
    )
    for role, pattern in patterns:
        told = pattern.search(first)
        words = first[: told.start()] if told else ""
        words = re.sub(r"\bhad\b", "", words) if role == "analysed" else words
        if told and not _NOT_ENTERED.search(words):
            return role
    return "treated" if _TREATED_BEFORE.search(before) else None


def _chosen(totals: dict[Role, list[Finding]]) -> tuple[Finding | None, list[Finding]]:
    """Return the number of all patients; or None, and the numbers that it may be."""
    randomised = totals.get("randomised", [])
    analysed = totals.get("analysed", [])
    if len(randomised) == 1:
        all_of_them = int(randomised[0].text)
        others = _distinct([*totals.get("enrolled", []), *analysed])
        fewer = [f for f in others if int(f.text) < _NEARLY_ALL * all_of_them]
        return (None, [*randomised, *fewer]) if fewer else (randomised[0], [])
    if randomised:
        return None, randomised
    entered = _distinct([*totals.get("enrolled", []), *analysed])
    treated = _distinct(totals.get("treated", []))
    entered = entered or (treated if len(treated) == 1 else [])
    return (entered[0], []) if len(entered) == 1 else (None, entered)


def _in_parts(total: int, found: Sequence[Scope], arms: TextArms) -> bool:
    """Say whether a sentence has numbers that may be those of the arms, though not read as such."""
    number = len(arms.arms)
    for scope in found:
        row = atoms(scope.sentence.text, arms) if scope.patients else ()
        counts = [int(a.text) for a in row if a.kind in "Cnq" and re.fullmatch(r"\d{1,6}", a.text)]
        sums = (sum(counts[i : i + number]) for i in range(len(counts) - number + 1))
        if any(_NEARLY_ALL_IN_PARTS * total <= each <= total for each in sums if each):
            return True
    return False


def _fewer_in_main_set(total: int, found: Sequence[Scope]) -> bool:
    """Say whether the primary analysis is of fewer patients."""
    told = (each for scope in found for each in _MAIN_SET.finditer(scope.whole))
    return any(int(each["a"] or each["b"]) < _NEARLY_ALL * total for each in told)


def _some_randomised(total: str, found: Sequence[Scope]) -> bool:
    """Say whether some of those enrolled may have been randomised, whose number was not read."""
    for scope in found:
        text = scope.whole or scope.sentence.text
        if re.search(r"random|assign|allocat", text, re.IGNORECASE) and _LATER.search(text):
            return True
        told = _MAYBE_RANDOMISED.finditer(text) if scope.patients else ()
        if any(each["n"] != total for each in told):
            return True
    return False


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    return list({f.text: f for f in reversed(list(findings))}.values())[::-1]


_EVALUABLE = re.compile(
    r"\s*(?:received\s+study\s+treatment\s+and\s+)?were\s+(?:\w+\s+){0,2}analy[sz]ed"
    r"|\s*(?:\w+\s+){0,5}(?:and\s+)?were\s+(?:\w+\s+)?(?:analy[sz]ed|evaluable|evaluated)"
    r"|\s*who\s+[^,;.]{3,50}?\s+were\s+(?:analy[sz]ed|evaluable|evaluated)"
    r"|\s+evaluable\s+(?:patients|children|adults|pts|participants)\b"
    r"|\s*(?:\w+\s+){0,2}were\s+included\s+in\s+(?:\w+\s+){0,3}analys[ei]s"
    r"|[^.;\d]{1,70}?\b(?:constitut\w+|form\w*|compris\w+|made\s+up)\s+the\s+(?!safety)(?:[\w-]+\s+){0,3}"
    r"(?:population|analys[ei]s|set)\b",
)
_OPERATION = re.compile(
    r"\s*(?:\w+\s+){0,2}underwent\s+(?:\w+\s+){0,3}(?:surgery|resections?|hepatectomy|operations?|transplantation)\b",
    re.IGNORECASE,
)
_RATE_OF = re.compile(
    r"^(?:Of|In|Among)\s+(?:the\s+|all\s+|these\s+)?$|"
    r"\bsurvival\s+(?:rates?\s+|time\s+)?(?:of|for|in|among)\s+(?:the|these|all|our)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
"""What stands before the 76 of "the survival rate of the 76 patients was 88%"."""


_SHARE_BEHIND = re.compile(r"\d+\s*\((?!100(?:\.0+)?\s?%)\d+(?:\.\d+)?\s?%\)")
_PARTS = re.compile(
    r"(?<![\w.,-])(?P<n>[\w-]+)\s+(?:patients\s+|of\s+them\s+)?(?P<verb>received|underwent|were\s+(?:treated|given|managed))\b"
    r"(?:[^.;]|\.\d){3,140}?(?:\b(?:and|while|whereas)|,)\s+(?:the\s+(?:other|remaining)\s+)?\d+\s+"
    r"(?:\([^()]*\)\s+)?(?:patients\s+)?(?P=verb)\b"
)
"""Those of "29 received A, and 7 received B": neither are all patients."""


def of_one_group(scope: Scope, row: Sequence[Atom], parts: set[str]) -> Iterator[Finding]:
    """Yield the patients of a study without arms, each number with its rank.

    Parameters
    ----------
    scope : Scope
        A sentence.
    row : sequence of Atom
        Its atoms.
    parts : set of str
        Groups of patients of which results are reported.
    """
    text = scope.sentence.text
    barred = is_barred(text)
    for atom in row:
        if barred and not (atom.kind == "C" and re.search(r"\bevaluable\b", atom.flag)):
            continue  # "of 93 evaluable patients, 51 had died"
        if atom.kind not in "Cqn" or not re.fullmatch(r"\d{1,6}", atom.text):
            continue
        if atom.of or _SHARE_BEHIND.match(text, atom.start):
            continue  # some of the patients
        if any(found.start("n") <= atom.start < found.end() for found in _PARTS.finditer(text)):
            continue
        if rank := _rank_in_one_group(atom, text):
            yield Finding("n", atom.text, scope.sentence, arm=0, cohort=scope.cohort, rank=rank)
    yield from _operated(scope, row, parts)


def _rank_in_one_group(atom: Atom, text: str) -> int:
    """Rank a number of patients by the words around it; 0 if they do not say that it is of all."""
    after, before = text[atom.end : atom.end + 120], text[max(0, atom.start - 40) : atom.start]
    people = re.search(
        r"patient|participant|pts|subject|men|women|case|individual", f"{atom.flag} {after[:40]}"
    )
    whole = atom.kind == "n" or people or COUNTED in after[:60]
    if _EVALUABLE.match(after) or re.search(r"\b(?:evaluable|analy[sz]ed)\b", atom.flag):
        return 5
    if not whole:
        return 0
    if re.search(r"\bleaving\s+$|\bleft\s+$", before) and re.search(r"analys[ei]s", after):
        return 5
    if re.search(r"\ball\s+$|total\s+of\s+$", before, re.IGNORECASE):
        return 4
    entered = re.search(
        r"enrol|recruit|accru|includ|treated|underw|receiv|analy|identif|review|collect|"
        r"studied|consecutive|given|placed|implanted|inserted|\bmet\s+(?:the\s+|our\s+)?(?:\w+\s+)?(?:inclusion|eligibility|criteria)",
        text,
    )
    return 2 if entered or _RATE_OF.search(text[: atom.start]) else 0


def _operated(scope: Scope, row: Sequence[Atom], parts: set[str]) -> Iterator[Finding]:
    """Read "14 patients underwent resection", if results are reported of surgical patients."""
    named = [part for part in parts if re.match(r"surgical|resected|operated|transplanted", part)]
    for atom in row:
        counted = atom.kind == "C" and not atom.of and len(named) == 1
        if counted and _OPERATION.match(scope.sentence.text[atom.end : atom.end + 80]):
            yield Finding("n", atom.text, scope.sentence, arm=0, cohort=named[0], rank=3)
