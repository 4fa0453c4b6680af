"""Whose results a text reports: of those infused, analysed or treated, or of all who entered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .arms import TextArms
from .atoms import atoms
from .finding import BEFORE_EXCLUSIONS, TOO_FEW, Finding
from .scope import Scope, of_treated
from .vocabulary import Atom

__all__ = [
    "ANALYSED",
    "BARRED",
    "SAFETY",
    "analysed",
    "before_results",
    "entered_counts",
    "excluded",
    "fits_total",
    "is_barred",
    "joined",
    "without_others",
    "without_parts",
]

_INFUSED = re.compile(
    r"(?<![\w.,])(?P<a>\d{1,6})\s+(?:\([^()]*\)\s+)?(?:infused|treated|dosed)\s+(?:patients|pts|participants)\b"
    r"|(?<![\w.,])(?P<b>\d{1,6})\s+(?:\([^()]*\)\s+)?(?:(?:patients|pts|participants)\s+)?(?:\([^()]*\)\s+)?"
    r"(?:had\s+)?(?:(?:received|underwent)\s+(?:an?\s+|the\s+)?(?:[\w-]+\s+){0,2}infusions?|received\s+(?:at\s+least\s+)?(?:one|1)\s+(?:or\s+more\s+)?doses?|were\s+(?:infused|treated|dosed)|(?:initiated|started|began)\s+(?:protocol|study|assigned)\s+(?:therapy|treatment))\b"
    r"|\b(?:infused|administered|given)\s+(?:to|in|into)\s+(?P<c>\d{1,6})\s+(?:\([^()]*\)\s+)?(?:patients|pts|participants)\b",
    re.IGNORECASE,
)
_EXCLUDED = re.compile(
    r"\b(?:not\s+analy[sz]ed|not\s+(?:included|considered)\s+in|excluded\s+from|omitted\s+from)\b"
    r"(?!\s+(?:the\s+)?(?:safety|toxicity|per[\s-]protocol))",
    re.IGNORECASE,
)
_ANALYSIS = re.compile(r"\bnot\s+analy[sz]ed\b|\banalys[ei]s\b", re.IGNORECASE)
_OUT_AFTER = re.compile(
    r"\bexcluded\s+(?:after|following)\s+randomi[sz]ation\b|\bexcluded\b[^.;]*\bleaving\b",
    re.IGNORECASE,
)
"""Reads "three patients (two and one) were excluded after randomisation, leaving 84 and 45"."""
_PRONOUN = re.compile(r"(?:these|those|they)\b(?!\s+\d)", re.IGNORECASE)
_TREATED_OF = re.compile(
    r"\b(?P<all>\d{1,6})\s+(?:patients\s+)?(?:who\s+(?:underwent\s+randomi[sz]ation|were\s+randomi[sz]ed)|randomi[sz]ed(?:\s+patients)?),\s+"
    r"(?P<some>\d{1,6})\s+(?:patients\s+)?(?:received|were\s+treated|started|initiated)\b[^.;]{0,60}\(\d+\s",
    re.IGNORECASE,
)
"""Reads "of 713 patients who underwent randomization, 709 received the intervention (473 ..."."""
_SOME_OF_BOTH = re.compile(
    r"\b\d{1,6}\s+and\s+\d{1,6},?\s+respectively,?\s+(?:had|carried|expressed|harbou?red|were)\s+(?:a\s+|an\s+)?"
    r"(?!randomi|assigned|included|analy|evalua|treated|allocated|male|female|men\b|women\b)(?P<who>[a-z][\w-]{3,})",
    re.IGNORECASE,
)
"""Reads "550 and 546 were assigned; 425 and 422, respectively, had intermediate risk"."""
_SURVIVAL = re.compile(r"surviv|\b[OPDRE]F?S\b", re.IGNORECASE)
_REMAINING = re.compile(
    r"\bremaining\s+\d{1,6}\s+(?:patients\s+)?(?:had\s+)?(?:received|underwent)\b", re.IGNORECASE
)
_ENTERED = re.compile(r"enrol|apheresis|registered", re.IGNORECASE)
_ASSIGNED = re.compile(r"\b(?:randomi[sz]|randomly|assigned|allocated)", re.IGNORECASE)


_OF_BOTH = re.compile(
    r"(?:In|Among|For|Of)\s+(?:the\s+)?(\d{1,6})\s+and\s+(\d{1,6})\s+(?:patients|pts|participants|children)\b",
    re.IGNORECASE,
)
"""What opens "In the 143 and 128 patients in remission, median RFS was 27 with A and 15 with B"."""


def analysed(read: Iterable[Finding], found: Sequence[Scope], arms: TextArms) -> Iterator[Finding]:
    """Yield numbers of patients as they were read, and mark those who were not all analysed.

    Parameters
    ----------
    read : iterable of Finding
        Numbers of patients.
    found : sequence of Scope
        The sentences, and what each may be read for.
    arms : TextArms
        The arms of the text.
    """
    infused = [] if arms.arms else list(_infused(found))
    told = of_treated([scope.sentence for scope in found])
    yield from infused if told else ()
    numbers = {finding.text for finding in infused}
    for scope in found if len(arms.arms) == 2 else ():
        yield from _of_both(scope, arms)
    without = excluded(found, arms)
    unsure = _unsure(found) if arms.arms else ""
    read = list(read)
    if arms.arms and _too_few(read, found):
        unsure = unsure or TOO_FEW
    uneven = _matched_unevenly(read) if arms.arms else set()
    for finding in read:
        came_in = _ENTERED if not arms.arms else _ASSIGNED
        said = finding.sentence.text
        entered = came_in.search(said) and (finding.rank < 5 or _REMAINING.search(said))
        beside = numbers - {finding.text} and _ENTERED.search(finding.sentence.text)
        early = (finding.arm in without and entered) or said in uneven
        if early or (not told and beside and finding.rank < 5):
            finding = replace(finding, flag=BEFORE_EXCLUSIONS)
        elif unsure and finding.rank < 6:
            finding = replace(finding, flag=unsure)
        yield finding


def excluded(found: Sequence[Scope], arms: TextArms) -> set[int]:
    """Return the arms of which a text counts patients who were not analysed."""
    return {arm for scope in found for arm in _left_out(scope, arms)}


_ALL_RANDOMISED = re.compile(
    r"(?<![\w.,/-])(?P<n>\d{2,6})\s+(?:[a-z-]+\s+){0,2}(?:patients|women|men|children|adults|participants|pts)\s+"
    r"(?:[^.;,()\d]{0,40}\s)?(?:were|underwent)\s+(?:randomly\s+(?:assigned|allocated)|randomi[sz]ed|randomi[sz]ation)",
    re.IGNORECASE,
)
"""Reads "A total of 1528 women from 11 countries were randomly assigned"."""


def _too_few(read: Sequence[Finding], found: Sequence[Scope]) -> bool:
    """Say whether the numbers of all arms make up less than a third of those randomised."""
    texts = [scope.sentence.text for scope in found if scope.patients]
    totals = [int(told["n"]) for text in texts for told in _ALL_RANDOMISED.finditer(text)]
    sizes: dict[int, int] = {}
    for finding in read:
        if finding.arm is not None and finding.text.isdigit():
            sizes[finding.arm] = max(sizes.get(finding.arm, 0), int(finding.text))
    return bool(totals and len(sizes) > 1 and 3 * sum(sizes.values()) < min(totals))


_ONE_TO_ONE = re.compile(
    r"\bmatch\w*\b[^.]{0,80}(?:\b1:1|\bone-to-one|\bpairs?)\b|(?:\b1:1|\bone-to-one)\b[^.]{0,40}\bmatch",
    re.IGNORECASE,
)


def _matched_unevenly(read: Sequence[Finding]) -> set[str]:
    """Return the sentences that match one to one, and count unlike numbers: those before it."""
    sizes: dict[str, set[str]] = {}
    for finding in read:
        if _ONE_TO_ONE.search(finding.sentence.text):
            sizes.setdefault(finding.sentence.text, set()).add(finding.text)
    return {text for text, numbers in sizes.items() if len(numbers) > 1}


def _unsure(found: Sequence[Scope]) -> str:
    """Return why it is not known of whom results are reported; "" if nothing is said of it."""
    texts = [scope.sentence.text for scope in found if scope.patients]
    for text in texts:
        told = _TREATED_OF.search(text)
        if told and int(told["all"]) > int(told["some"]):
            return "treated of randomised"
        if told := _SOME_OF_BOTH.search(text):
            part = re.compile(rf"\b{told['who']}", re.IGNORECASE)
            later = texts[texts.index(text) + 1 :]
            if any(part.search(other) and _SURVIVAL.search(other) for other in later):
                return "some of assigned"
    return ""


def _infused(found: Sequence[Scope]) -> Iterator[Finding]:
    """Read "58 of 74 patients were infused"."""
    for scope in found:
        for match in _INFUSED.finditer(scope.sentence.text) if scope.patients else ():
            text = match["a"] or match["b"] or match["c"]
            yield Finding("n", text, scope.sentence, arm=0, cohort=scope.cohort, rank=6)


def _of_both(scope: Scope, arms: TextArms) -> Iterator[Finding]:
    """Read how many patients of both arms one endpoint is reported of."""
    told = _OF_BOTH.match(scope.sentence.text) if scope.results else None
    row = atoms(scope.sentence.text, arms) if told else ()
    named = list(dict.fromkeys(a.index for a in row if a.kind == "A"))
    ends = {a.names for a in row if a.kind == "E"}
    if told is None or len(named) != 2 or len(ends) != 1:
        return
    for arm, text in zip(named, told.groups(), strict=True):
        made = Finding("n", text, scope.sentence, endpoints=next(iter(ends)), cohort=scope.cohort)
        yield replace(made, arm=arm, rank=7)


def _left_out(scope: Scope, arms: TextArms) -> set[int]:
    """Return the arms of which a sentence counts patients who were not analysed."""
    arms_left_out: set[int] = set()
    before = ""
    for clause in re.split(r";\s", scope.sentence.text) if scope.patients else ():
        pronoun = _PRONOUN.match(clause)
        row = atoms(before if pronoun else clause, arms)
        before = clause
        told = _EXCLUDED.search(clause) and _ANALYSIS.search(clause)
        told = told or _REMAINING.search(clause)
        told = told or _OUT_AFTER.search(clause)
        if told and any(a.kind in "Cq" for a in row):
            named = {a.index for a in row if a.kind == "A"}
            known = len(named) >= sum(a.kind in "Cq" for a in row) - 1
            everybody = set(range(max(len(arms.arms), 1)))
            arms_left_out |= named if named and known else everybody
    return arms_left_out


_PARTS = re.compile(
    r"(?<=[(\[])(\s*n\s*=\s*\d{1,6})\s*[:;,]\s*(?:n\s*=\s*)?\d{1,6}\s+(?!patients|pts|men|women)[^()\[\]]*,[^()\[\]]*(?=[)\]])",
    re.IGNORECASE,
)
"""The parts of "(n = 102: 68 low risk, 34 high risk)"."""


def without_parts(scope: Scope) -> Scope:
    """Leave out the parts that the size of an arm is made up of."""
    text = _PARTS.sub(r"\1", scope.sentence.text)
    if text == scope.sentence.text:
        return scope
    return replace(scope, sentence=replace(scope.sentence, text=text))


_ALL_OF_EITHER = re.compile(
    r"\s*(?:[\w-]+\s+){0,3}(?:assigned|allocated|randomi[sz]ed)\b[^.;]*\bor\b", re.IGNORECASE
)
"""What follows the 92 of "92 patients were randomized to A (46 patients) or to B"."""


def fits_total(row: Sequence[Atom], numbers: list[int], text: str) -> bool:
    """Say whether numbers can be those of the arms of all whom a sentence counts first."""
    first = next((a for a in row if a.kind in "Cqn"), None)
    if first is None or first.kind != "C" or not numbers:
        return True
    total = int(first.text)
    if numbers == [total]:  # "1006 men were assigned to A, B or C", of which one was recognised
        return not re.search(r"\bor\b", text[first.end :])
    if len(numbers) < 2:
        return True
    if total in numbers and _ALL_OF_EITHER.match(text[first.end :]):
        return False
    if total in numbers:  # that of the first arm, unless the others are nearly nobody
        return 10 * min(numbers) > total
    return 2 * sum(numbers) > total


ANALYSED = re.compile(
    r"analy[sz]ed\b|in\s+the\s+(?:survival\s+|final\s+|primary\s+)?analys[ie]s|"
    r"intention-to-treat|intent-to-treat|\bITT\b|"
    r"eligible\s+and|evaluable\s+for\s+(?:efficacy|survival)|full\s+analysis\s+set|"
    r"survival\s+analysis|were\s+evaluated|"
    r"study\s+population|analysis\s+set|\bformed\b|comprised|included\s+in\s+the",
    re.IGNORECASE,
)
BARRED = re.compile(
    r"adverse|toxicit|grade\s+[1-5]|complication|respon(?:se|ded)|discontinu|smok|"
    r"\bstage\b|male|female|recurr|progress|"
    r"relaps|metasta|\bdied|death|alive|lymph|positive|transfus|crossed|crossover|"
    r"received\s+(?:subsequent|second|salvage|systemic)|"
    r"subsequent|surviv(?:ed|ors)|occurred\s+in|salvage|primar\u028f|hospital\s+stay|mutation|at\s+risk\b(?!\s+of)|\bcensored\b|\bhad\s+(?:had\s+)?an?\s+(?:[\w-]+\s+)?event\b",
    re.IGNORECASE,
)
SAFETY = re.compile(r"safety|at\s+least\s+one\s+dose|adverse|toxic", re.IGNORECASE)
_POPULATION = re.compile(
    r"\b(patients|adults|men|women|pts|participants)\s+(?:with|who\s+(?:had|underwent|"
    r"have))\s+[^,;:()]*?(?=\b(?:were|was|who|from|underwent|received|had|in\s+(?:19|"
    r"20)\d\d)\b|[,;:(]|$)",
    re.IGNORECASE,
)


def is_barred(text: str, arms: TextArms | None = None) -> bool:
    """Say whether the counts of a sentence are of something else than patients analysed."""
    if arms is not None and arms.mention is not None:
        text = arms.mention.sub(" ", text)  # "donor after brain death" counts no deaths
    text = re.sub(r"\bfor\s+[^,;:()\d]*$", "", _POPULATION.sub(r"\1 ", text))  # a disease
    entered = re.search(r"\b(?:assigned|allocated|randomi[sz]ed)\b", text, re.IGNORECASE)
    return bool(BARRED.search(text) and not ANALYSED.search(text) and not entered)


def joined(row: Sequence[Atom], arm: Atom, text: str) -> bool:
    """Say whether a name ends that of several treatments: "chemotherapy and surgery (250"."""
    before = row[row.index(arm) - 1] if row[0] is not arm else None
    if before is None or before.kind != "A" or before.index == arm.index:
        return False
    return (
        re.fullmatch(r"\s*(?:and|plus|followed\s+by|then|with)\s+", text[before.end : arm.start])
        is not None
    )


def without_others(items: list[Atom], counts: list[Atom], number: int) -> list[Atom]:
    """Leave out the count of all patients before those of the arms, and of those left out."""
    kinds = "".join(a.kind for a in items)
    if len(counts) > number and kinds.endswith("CA" * number):
        return items[-2 * number :]  # "2 withdrew, and 130 given A and 129 given B"
    while len(counts) > number and int(counts[0].text) >= sum(
        int(a.text) for a in counts[-number:]
    ):
        items = [a for a in items if a is not counts[0]]
        counts = counts[1:]
    return items


def adds_up(items: Sequence[Atom]) -> bool:
    """Say whether counts with shares make up all patients: "of 512, 204 (40%) had X and 308 Y"."""
    counts = [a for a in items if a.kind == "C" and not a.of]
    parts = [int(a.text) for a in counts[1:]]
    return len(parts) > 1 and not counts[0].level and int(counts[0].text) == sum(parts)


_SAID_INSIDE = re.compile(r"[(\[]\s*[a-z]+\s+[a-z][a-z\s-]*,\s*(?:\d+\s+(?:or|to|and)\s+)?$")
_THINGS = re.compile(
    r"\s+or\s+\d+\s+(?:[a-z-]+\s+)?(?:cycles|courses|doses|fractions|weeks|months|days)\b"
    r"|\s+(?:(?!to\b|in\b|of\b|and\b|or\b|for\b|with\b)[a-z-]+\s+){1,2}(?:cycles|courses|doses|fractions|infusions|injections)\b",
    re.IGNORECASE,
)
"""What a number in a bracket follows, and what a number is followed by, that counts no patients."""
_OTHER_NOUN = re.compile(
    r"\s+(?:(?!to\b|in\b|of\b|and\b|or\b|for\b|with\b)[a-z-]+\s+)?"
    r"(?!(?:patient|participant|subject|case|adult|recipient|individual|pair|control|survivor|person|"
    r"female|male|girl|boy|infant|newborn|user|donor)s\b|was\b|has\b|is\b|does\b|versus\b|vs\b|pts\b)"
    r"[a-z]{2,}s\s+(?:for|in|on|with|of|to|at|from|and|were|are|(?:random|assign|allocat)\w+)\b"
)
"""What a bare number counts by its form, if not patients: "148 towns for A", "96 eyes in"."""


def of_things(number: Atom, text: str) -> bool:
    """Say whether a number counts no patients: "(area under the curve, 5 or 6)", "6 cycles"."""
    if not number.depth and _OTHER_NOUN.match(text, number.end):
        return True
    inside = number.depth and _SAID_INSIDE.search(text[: number.start])
    counting = not number.depth and text[number.end : number.end + 1] == ")"  # "1) surgery, 2) "
    return bool(inside or counting or _THINGS.match(text[number.end :]))


_LEFT = re.compile(
    r"\s*(?:patients\s+)?(?:withdr[ae]w|declined|refused|crossed|dropped|discontinued|were\s+lost|"
    r"(?:who\s+)?(?:were\s+)?(?:screened|approached|assessed\s+for\s+eligibility))\b"
)


def entered_counts(row: Sequence[Atom], text: str, *, whole: bool) -> list[Atom]:
    """Return arms and counts of patients; those with a share only if they make up all patients."""
    left = {a.end for a in row if _LEFT.match(text[a.end :])}
    items = [_as_count(a, text) for a in row if a.kind in "ACnqs"]
    whole |= adds_up(items)
    return [
        a
        for a in items
        if a.kind in "As"
        or (a.end not in left and a.kind == "C" and not a.of and (not a.level or whole))
    ]


def before_results(row: Sequence[Atom]) -> list[Atom]:
    """Return what a sentence says before it reports results."""
    stop = next(
        (i for i, a in enumerate(row) if a.kind in "DEVhFM" and not (a.kind in "VM" and a.depth)),
        len(row),
    )
    if 0 < stop < len(row) and row[stop].kind == "D" and row[stop].start - row[stop - 1].end < 3:
        stop -= row[stop - 1].kind in "Cq"  # "301 events"
    return list(row[:stop])


def _as_count(atom: Atom, text: str) -> Atom:
    whole = re.fullmatch(r"[1-9]\d{0,5}", atom.text)
    counted = atom.kind == "n" or (atom.kind == "q" and not of_things(atom, text))
    return replace(atom, kind="C") if whole and counted else atom
