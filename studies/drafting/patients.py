"""How many patients of each arm were analysed, from the sentence that says it best."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .all_patients import of_one_group
from .allocation import in_brackets, sizes_of_more
from .arms import TextArms
from .atoms import atoms
from .finding import OF_MORE_ARMS, Finding
from .grammar import aligned
from .implants import COUNTED, implants_named, of_people
from .populations import (
    ANALYSED,
    BARRED,
    SAFETY,
    before_results,
    entered_counts,
    fits_total,
    is_barred,
    joined,
    without_others,
    without_parts,
)
from .scope import Scope
from .statements import among_arms
from .typography import outside_brackets
from .vocabulary import Atom

__all__ = ["of_implants", "patients"]

_NOT_ANALYSED = re.compile(
    r"\bnot\s+analy[sz]ed|excluded|withdr|screened|lost\s+to|declined|refused", re.IGNORECASE
)
_AFTER_EXCLUSION = re.compile(
    r"^After\s+(?:the\s+)?(?:exclusions?|excluding|withdrawals?)\b[^,]*,\s*", re.IGNORECASE
)
_ENTERED = re.compile(
    r"random|assign|allocat|enrol|recruit|includ|receiv|underw|undergone|treated|given|"
    r"compar|match|pairs|n\s*=|"
    r"consist|comprise|identified|analy[sz]|evalua|took\s+part|started|entered|allott|performed|"
    r"patients,?\s+(?:\d+\s+)?(?:were|are)\s+in\b|"
    r"^There\s+were\s+\d+\s+(?:and\s+\d+\s+)?(?:patients|participants|men|women|children)\s+(?:in|on)\b|"
    r"\b(?:group|arm|cohort)\s+had\s+\d+\s+(?:patients|participants|men|women|children)\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"patients|men\b|women\b|children|adults", re.IGNORECASE)
_ENTERING = re.compile(
    r"analy[sz]|random|assign|allocat|enrol|ITT|intention|"
    r"^The\s+(?:two\s+)?(?:groups|arms|cohorts)\b",
    re.IGNORECASE,
)
_HAD = re.compile(r"\bhad\s+(?:an?\s+|the\s+)?$", re.IGNORECASE)
_NOT_ENTERED = re.compile(r"\b(?:never|not|excluded|declined|withdr\w*|but)\b", re.IGNORECASE)
_CLOSING = re.compile(
    r"(?<!not\s)\b(?:analy[sz]ed|included\s+in\s+the\s+(?:[\w-]+\s+)?analys[ei]s)\.?$",
    re.IGNORECASE,
)
"""What "37 were excluded, and 130 given A and 129 given B were analysed" ends with."""
_LEAVING = re.compile(r"\bleaving\b", re.IGNORECASE)
_BESIDE = re.compile(
    r"\s*(?:group|arm|"
    r"cohort)?(?:\s+\d+(?:\.\d+)?\s*(?:mg|µg|g|mL|IU))?(?:[^.()\[\]\d;,]{0,40})[(\[]\s*(?:(?:arm\s+|group\s+)?[A-Za-z][\w+/-]*\s*[;,:]\s*)?"
    r"|\s*,\s*",
    re.IGNORECASE,
)


_GROUPS_OF = re.compile(
    r"\b(?:two|both|three)\s+(?:[\w-]+\s+)?(?:groups|cohorts|arms)\s+of\s+$", re.IGNORECASE
)
_OF_EACH = re.compile(
    r"(?:Of|Among)\s+(?:the\s+)?\d{1,6}\s+(?:patients|pts|participants)\s+in\s+(?:each|both)\b",
    re.IGNORECASE,
)
"""What opens "Of the 1065 patients in each group, 12 died"."""
_EACH = re.compile(r"\s*(?:patients|pts|participants)?\s*each\b", re.IGNORECASE)
"""What stands before and after the 172 of "two cohorts of 172 patients each"."""
_MATCHED = re.compile(r"(?<!un)\bmatch(?:ed|ing)\b", re.IGNORECASE)
_EACH_HAS = re.compile(
    r"\s*(?:had|has|included|comprised|contained|consisted\s+of|held|of)\s+", re.IGNORECASE
)
_OF_ALL = re.compile(r"\b(?:of|among|from)\s+(?:the\s+|all\s+|these\s+)*$", re.IGNORECASE)
_OF_ARM = re.compile(
    r"\s*(?:patients|men|women|pts|participants)?\s*(?:of|in|on|given|receiving|"
    r"(?:who\s+(?:were\s+)?)?(?:treated|allocated|assigned|randomi[sz]ed|managed)\s+(?:to|by|with)|"
    r"who\s+(?:received|underwent|had))\s+(?:(?:the\s+)?(?:arm|group)\s+)?$",
    re.IGNORECASE,
)

_OF_THE = re.compile(r"(?:among|of|in|for)\s+the\s+$", re.IGNORECASE)
_FOR = re.compile(r"(?:among|of|in|for)\s+the\s+$|\bfor\s+$", re.IGNORECASE)
_SHARE = re.compile(
    r"\d\s?(?:(?:patients|participants|men|women|children|pts)\s)?\((\d+(?:\.\d+)?)\s?%\)"
)
_RECEIVED = re.compile(
    r"\s*(?:\([^()]*\)\s*)?(?:patients\s+)?(?:had\s+)?(?:received|underwent|undergone|were\s+given|"
    r"were\s+treated\s+with|had)\s+(?:an?\s+|the\s+)?",
    re.IGNORECASE,
)
_DID_NOT = re.compile(
    r"\s*(?:\([^()]*\)\s*)?,?\s*(?:and|whereas|while|but)\s+(?:the\s+(?:other|remaining)\s+)?"
    r"(?P<n>\d{1,6})\s+(?:\([^()]*\)\s*)?(?:patients\s+)?(?:did|had|were)\s+not\b",
    re.IGNORECASE,
)


def patients(found: Sequence[Scope], arms: TextArms) -> Iterator[Finding]:
    """Yield the numbers of patients by arm, each with a rank: analysed before randomised.

    Parameters
    ----------
    found : sequence of Scope
        The sentences, and what each may be read for.
    arms : TextArms
        The arms of the text.
    """
    parts = {scope.cohort for scope in found} - {"", "matched", "weighted", "unmatched"}
    order = list(range(len(arms.arms)))
    for scope in found:
        if not scope.patients:
            continue
        scope = without_parts(scope)
        row = atoms(scope.sentence.text, arms)
        if not arms.arms:
            yield from of_one_group(scope, row, parts)
            continue
        if sizes_of_more(row, scope, arms):
            yield from (replace(f, flag=OF_MORE_ARMS) for f in _attached(scope, row, arms))
            continue
        yield from _both(scope, row, arms)
        attached = list(_attached(scope, row, arms))
        yield from attached
        if not _all_sized(row, attached, len(arms.arms)):
            yield from _shared_out(scope, row, arms, order)
        order = _order_of(row) if len(_order_of(row)) == len(arms.arms) else order
        yield from _others(scope, row, arms)
    yield from _headings(found, arms)


def _all_sized(row: Sequence[Atom], attached: Sequence[Finding], number: int) -> bool:
    """Say whether each arm has its "n =" beside it, and a sentence counts nobody else."""
    if any(a.kind in "Cq" for a in row):
        return False
    sizes = sorted(a.text for a in row if a.kind == "n")
    told = sorted(f.text for f in attached)
    return len(sizes) == number == len({f.arm for f in attached}) and sizes == told


def _clauses(text: str) -> list[tuple[int, int]]:
    marks = [
        m.end()
        for m in re.finditer(r";\s|,\s+(?=of\s+(?:whom|which|these)\s+\d)", text)
        if outside_brackets(text, m.start())
    ]
    return list(zip([0, *marks], [*marks, len(text) + 1], strict=True))


def _rank(text: str, scope: Scope) -> int:
    """Rank a sentence: 5 analysed, 4 in the results, 3 randomised, 1 safety population."""
    text = _AFTER_EXCLUSION.sub("", text)
    if SAFETY.search(text) and not ANALYSED.search(text):
        return 1
    if _CLOSING.search(text) or (ANALYSED.search(text) and not _NOT_ANALYSED.search(text)):
        return 5
    return 4 if re.search(r"n\s*=|match|pairs", text) and scope.sentence.section == "results" else 3


def _finding(scope: Scope, atom: Atom, arm: int | None, rank: int) -> Finding:
    return Finding("n", atom.text, scope.sentence, arm=arm, cohort=scope.cohort, rank=rank)


def _both(scope: Scope, row: Sequence[Atom], arms: TextArms) -> Iterator[Finding]:
    """Read "n = 185 in both groups", "215 pairs", "220 patients in each arm"."""
    barred = BARRED.search(scope.sentence.text) and not ANALYSED.search(scope.sentence.text)
    if barred and not _OF_EACH.match(scope.sentence.text):
        return
    for number, atom in enumerate(row):
        if atom.kind not in "Cnq" or not re.fullmatch(r"\d{1,6}", atom.text):
            continue
        nearby = row[number + 1 : number + 2]
        listed = _GROUPS_OF.search(scope.sentence.text[: atom.start])
        told = _EACH.match(scope.sentence.text[atom.end :])
        each = bool(listed and told) or bool(
            nearby and nearby[0].kind == "B" and nearby[0].start - atom.end < 40
        )
        ahead = row[number - 1] if number else None
        if ahead is not None and ahead.kind == "B":
            each |= bool(_EACH_HAS.fullmatch(scope.sentence.text[ahead.end : atom.start]))
        if each or re.search(r"pairs$", atom.flag):
            rank = max(_rank(scope.sentence.text, scope), 4)
            matched = "pairs" in atom.flag or _MATCHED.search(scope.sentence.text)
            cohort = "matched" if matched else scope.cohort
            for arm in range(len(arms.arms)):
                yield replace(_finding(scope, atom, arm, rank), cohort=cohort)


def _attached(scope: Scope, row: Sequence[Atom], arms: TextArms) -> Iterator[Finding]:
    """Read "the 193 patients of the praxolimab group" and "the LR group (301 patients)"."""
    text = scope.sentence.text
    barred = is_barred(text, arms) and not any(a.kind == "E" for a in row)
    for index, size in in_brackets(row, text, len(arms.arms)):
        yield _finding(scope, size, index, 5)
    attached = counted = False
    for count in among_arms(row, text):
        yield _finding(scope, count, row[row.index(count) + 1].index, 5)
    for atom, after in itertools.pairwise(row):
        between = text[atom.end : after.start]
        if atom.kind in "Cq" and after.kind == "A" and re.fullmatch(r"\d{1,6}", atom.text):
            before = text[max(0, atom.start - 12) : atom.start]
            plain = not barred and not atom.level  # "for 1110 patients receiving haemodialysis"
            named = (_FOR if plain else _OF_THE).search(before)
            goes_on = attached and re.search(r"(?:\band|\bversus|\bvs\.?|,)\s+(?:the\s+)?$", before)
            attached = bool(not atom.of and (named or goes_on) and _OF_ARM.fullmatch(between))
            if attached:
                yield _finding(scope, atom, after.index, 5)
        beside = _BESIDE.fullmatch(between) and not barred
        again = arms.mention.search(between) if arms.mention is not None else None
        beyond = between if again is None else between[: again.start()] + between[again.end() :]
        beside = beside or (after.kind == "n" and _sample_of(text, beyond))
        bare = after.kind == "q" and between == " (" and counted and after.text.isdigit()
        counted |= after.kind == "C" and bool(beside)
        if atom.kind == "A" and (after.kind in "Cn" or bare) and beside:
            if after.level or _of_next(row, after) or (not again and joined(row, atom, text)):
                continue  # but "X and Y (Y, n = 99; X, n = 102)"
            closed = re.match(
                r"\s*(?:patients|men|women|pts)?\s*(?:[)\]]|[;,](?!\s*\d[\d.]*\s*%)|\.?$)",
                text[after.end :],
            )
            if closed and not after.of and not re.search("event|death", after.flag):
                if _NOT_ENTERED.search(between):
                    continue
                part = re.search(r"\b(?:with|without|who)\b", between)
                rank = 2 if part else max(_rank(text, scope), 4)
                yield _finding(scope, after, atom.index, rank)


def _of_next(row: Sequence[Atom], count: Atom) -> bool:
    """Say whether a count is that of the arm right behind it: of "968 men, 862 women"."""
    behind = row[row.index(count) + 1 :][:1]
    return any(a.kind == "A" and a.start <= count.end + 1 for a in behind)


def _sample_of(text: str, between: str) -> bool:
    """Say whether "n =" is that of the arm just before it, also where deaths are counted."""
    close = re.fullmatch(r"\s*(?:group|arm|cohort)?\s*[,(\[:]?[\s,:]*", between)
    return close is not None and not re.search(
        r"among|of\s+(?:the|those)|respon(?:d|se)|relaps(?!e-free)|recurr(?!ence-free)|adverse",
        text,
        re.IGNORECASE,
    )


def _order_of(row: Sequence[Atom]) -> list[int]:
    """Return the arms of a sentence that counts patients, in its order."""
    counted = any(a.kind in "Cn" for a in row) and not any(a.kind in "VhE" for a in row)
    return list(dict.fromkeys(a.index for a in row if a.kind == "A" and counted))


def _shared_out(
    scope: Scope, row: Sequence[Atom], arms: TextArms, order: Sequence[int]
) -> Iterator[Finding]:
    """Read counts that a sentence shares out among all arms: of one alone they may be of a part."""
    found: list[Finding] = []
    for clause in _clauses(scope.sentence.text):
        inside = [a for a in row if clause[0] <= a.start < clause[1]]
        found += _counted(scope, inside, clause, arms, order)
    whole = len({finding.arm for finding in found}) == len(arms.arms)
    yield from (finding for finding in found if whole or finding.rank == 5)


def _counted(
    scope: Scope,
    row: Sequence[Atom],
    clause: tuple[int, int],
    arms: TextArms,
    usual: Sequence[int],
) -> Iterator[Finding]:
    """Read counts that a sentence shares out among the arms; `usual` is their order before."""
    text = scope.sentence.text[clause[0] : clause[1]]
    plain = {a.kind for a in row} <= set("ACnqs")
    said = scope.sentence.text if plain else text
    told = _ENTERED.search(said) or ANALYSED.search(said)
    told = told or (_PEOPLE.search(said) if arms.divided else None)  # "180 were men and 120 women"
    entered = told is not None or _had(row, scope)
    if not entered or is_barred(text, arms) or re.search(r"\bnever\b|\bwere\s+not\.?\s*$", text):
        return
    if left := _LEAVING.search(text):  # "4 were ineligible, leaving 130 in the A group"
        row = [a for a in row if a.start - clause[0] >= left.end()]
    first = before_results(row)
    if sum(a.kind in "Cnq" for a in first) > 1 or not ANALYSED.search(text):
        row = first
    shares = [float(found[1]) for found in _SHARE.finditer(text)]
    all_of_them = len(shares) == len(usual) and 99 <= sum(shares) <= 101
    items = entered_counts(row, scope.sentence.text, whole=all_of_them)
    counts = [a for a in items if a.kind == "C"]
    outside = [a for a in counts if not a.depth]
    shared_inside = any(a.depth and a.kind in "An" for a in row)
    if (
        len(outside) >= len(usual) and not shared_inside
    ):  # "58 had received A (mFOLFIRINOX in 41) and 91 B"
        items = [a for a in items if a.kind != "C" or not a.depth]
        counts = outside
    if _each_with_its_verb(items, counts, scope.sentence.text):
        return  # "802 patients were enrolled and 790 were randomised to A or B"
    items = without_others(items, counts, len(usual))
    counts = [a for a in items if a.kind == "C"]
    named = any(a.kind == "A" for a in items)
    entering = _ENTERING.search(text)
    if not named and not (
        re.search("respectively", text) and entering and len(counts) == len(usual)
    ):
        return
    rank = _rank(text, scope)
    placed = [p for p in aligned(items, values="C", order=usual) if p.arm is not None]
    if fits_total(row, [int(p.value.text) for p in placed], scope.sentence.text):
        for one in placed:
            yield _finding(scope, one.value, one.arm, rank)


def _each_with_its_verb(items: Sequence[Atom], counts: Sequence[Atom], text: str) -> bool:
    """Say whether all counts stand before the arms, and one is of those who went on to the next."""
    first = next((a.start for a in items if a.kind == "A"), 0)
    if len(counts) < 2 or counts[-1].end > first:
        return False
    between = text[counts[0].end : counts[1].start]
    if len(counts) == 2 and "," in between and _OF_ALL.search(text[: counts[0].start]):
        return True  # "of 300 patients, 148 had A; the others had B"
    return re.search(r"\b(?:were|was|underwent)\b", between) is not None


def _had(row: Sequence[Atom], scope: Scope) -> bool:
    """Say whether arms are what patients had: "60 men had focal therapy and 63 prostatectomy"."""
    before = (scope.sentence.text[: a.start] for a in row if a.kind == "A")
    return any(_HAD.search(text) for text in before)


def _others(scope: Scope, row: Sequence[Atom], arms: TextArms) -> Iterator[Finding]:
    """Read "163 received adjuvant TACE and 265 did not": the others are those of the other arm."""
    text = scope.sentence.text
    named = {a.index for a in row if a.kind == "A"}
    if len(arms.arms) != 2 or len(named) != 1 or is_barred(text, arms):
        return
    arm = next(a for a in row if a.kind == "A")
    told = _DID_NOT.match(text[arm.end :])
    count = [a for a in row if a.kind in "Cq" and a.end <= arm.start][-1:]
    if told and count and _RECEIVED.fullmatch(text[count[0].end : arm.start]):
        yield _finding(scope, count[0], arm.index, 3)
        yield _finding(scope, replace(arm, text=told["n"]), 1 - arm.index, 3)


def _headings(found: Sequence[Scope], arms: TextArms) -> Iterator[Finding]:
    """Read the heads of a table's columns: an arm, then "(n = 168)" below it."""
    arm: int | None = None
    for scope in found:
        if not scope.sentence.row:
            arm = None
            continue
        row = atoms(scope.sentence.text, arms)
        kinds = "".join(a.kind for a in row)
        if kinds == "A":
            arm = row[0].index
        elif kinds == "n" and arm is not None:
            yield _finding(scope, row[0], arm, 5)
        elif re.fullmatch(r"(?:An)+", kinds):
            for name, number in zip(row[::2], row[1::2], strict=True):
                yield _finding(scope, number, name.index, 5)


def of_implants(counted: Iterable[Finding], scoped: Sequence[Scope]) -> Iterator[Finding]:
    """Say of numbers of patients in a text on implants whether they are those of the implants."""
    texts = [scope.sentence.text for scope in scoped]
    name = implants_named(texts) if any(COUNTED in text for text in texts) else ""
    for finding in counted:
        people = bool(name) and of_people(finding.text, finding.sentence.text)
        yield replace(finding, endpoints=("OS" if people else name,)) if name else finding
