"""Words that say of a sentence that its numbers are of somebody else than the arms or all patients."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from .arms import TextArms
from .implants import COUNTED
from .scope import Scope
from .setting import setting, stem
from .typography import outside_brackets
from .vocabulary import Atom, is_covariate

__all__ = ["Doubts", "Other", "doubt_at", "doubts"]


@dataclass(frozen=True)
class Other:
    """Words that name nobody who is known, and the part of the sentence that they may govern.

    Attributes
    ----------
    start, end : int
        Place in the sentence of what they may govern.
    words : str
        As the sentence has them: "diabetics", "best supportive care".
    whole : bool
        Whether they open the sentence and are no subject: the next may go on with them.
    """

    start: int
    end: int
    words: str
    whole: bool = False


_PATIENTS = "patients?|participants?|subjects?|pts|cases|individuals|persons?|people|recipients?|those|volunteers"
_NEUTRAL = re.compile(
    rf"(?:{_PATIENTS}"
    # articles, pronouns, numbers
    rf"|[\w-]+{COUNTED}"
    r"|the|a|an|this|that|these|those|our|their|its|it|they|we|them|all|any|each|every|both|either|neither|other|another|same|one|two|three|"
    r"four|five|six|seven|eight|nine|ten|first|second|third|former|latter|whom|which|who|what|there|no|not|nor|only|also|more|less|most|least|"
    r"so|such|here|now|immature|mature|survivors|report|describe|present|presented|considered|among|amongst|within|likewise|furthermore|moreover|nevertheless|nonetheless|therefore|hence|meanwhile|instead|again|oncological?|clinical|efficacy|long-term|short-term|present|presented|thus|then|still|even|however|once|too|now|i|ii|iii|iv|respective|corresponding|total|sum|latest|last|"
    # the whole, and how it was analysed
    r"whole|entire|overall|full|complete|study|trial|cohorts?|populations?|sample|series|groups?|arms?|sets?|analys[ie]s|basis|model|models|"
    r"intention|intention-to-treat|intent|intent-to-treat|treat|itt|mitt|fas|modified|cox|regression|proportional|hazards?|univariable|univariate|"
    r"multivariable|multivariate|pairwise|comparisons?|adjust(?:ed|ment|ing)|unadjusted|crude|stratif(?:ied|ication)|unstratified|matched|unmatched|matching|"
    r"weighted|unweighted|weighting|propensity|case|score|scores|psm|iptw|inverse|probability|probabilities|primary|secondary|final|main|principal|updated|planned|"
    r"prespecified|pre-specified|log-rank|logrank|kaplan|meier|kaplan-meier|km|actuarial|test|tests|tested|method|two-sided|one-sided|2-sided|1-sided|sided|"
    r"follow-up|followup|end|point|points|endpoint|end-point|endpoints|outcome|outcomes|data|database|cut-?off|cutoff|closure|lock|date|time|times|period|course|"
    r"investigator|investigators|investigator-assessed|bicr|irc|review|assessment|assessed|blinded|independent|central|random(?:isation|ization)|randomi[sz]ed|randomly|assigned|"
    r"allocated|allocation|enrol(?:led|ment|lment)|included|analy[sz]ed|evaluable|eligible|treated|treatment|treatments|therapy|drug|given|received|receiving|underwent|undergoing|"
    r"initiating|starting|commencing|beginning|additional|subsample|likelihood|baseline|entry|inclusion|registration|observation|contact|transplantation|surgery|operation|diagnosis|procedure|implantation|listing|admission|discharge|infused|dosed|infusion|"
    # how results are spoken of
    r"cumulative|combined|counted|duration|rates?|values?|figures?|estimates?|estimated|estimation|numbers?|percent(?:age)?s?|proportions?|probability|times?|curves?|medians?|means?|results?|"
    r"difference|differences|differ|benefit|advantage|gain|improvement|reduction|increase|increased|decrease|decreased|risk|risks|hazard|ratio|ratios|relative|absolute|terms|effect|"
    r"significance|significant|significantly|statistical|statistically|confidence|interval|intervals|ci|iqr|range|error|standard|se|sd|p|n|log|"
    r"reasons?|stopped|halted|terminated|closed|premature|rules?|guidelines?|recommendations?|trend|interaction|heterogeneity|superiority|non-?inferiority|inferiority|equivalence|futility|boundary|margin|criteri(?:on|a)|"
    r"longer|shorter|higher|lower|better|worse|poorer|greater|smaller|superior|inferior|similar|comparable|different|equal|unchanged|reduced|improved|prolonged|"
    r"favou?r|favou?rs|favou?red|favou?ring|regard|respect|addition|contrast|comparison|particular|general|fact|turn|keeping|line|relation|terms|"
    r"event|events|death|deaths|dying|died|cause|causes|survival|mortality|progression|recurrence|relapse|failure|free|alive|"
    r"min|minimum|maximum|median|mean|day|days|week|weeks|month|months|year|years|yr|yrs|mo|mos|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|fig|figs|figure|table|tables|panel|appendix|supplementary|supplement|"
    # verbs that report
    r"was|were|is|are|be|been|being|has|have|had|did|does|do|occurred|reached|observed|seen|found|recorded|reported|documented|noted|counted|"
    r"numbered|amounted|came|stood|remained|persisted|favored|met|showed|shown|demonstrated|confirmed|suggested|indicated|yielded|gave|generated|based|achieved|obtained|"
    r"associated|compared|comparing|using|calculated|resulted|translated|corresponded|corresponding|moved|fell|fallen|rose|risen|declined|dropped|took|place|"
    r"and|or|but|as|at|by|if|of|on|to|in|for|from|with|per|than|when|while|whereas|after|before|over|under|up|until|till|into|between|during|since|via|versus|vs|v|about|nearly|almost|approximately|around|respectively)",
    re.IGNORECASE,
)
"""Words that name nobody: not a group of patients, a disease, a place or a treatment."""
_WORD = r"(?:[A-Za-z][\w/+'-]*|[@#&]_*)"
_STOP = (
    r"(?:and|or|was|were|is|are|be|been|had|has|have|did|does|do|in|for|at|to|from|by|than|after|before|which|respectively|but|while|"
    r"whereas|when|as|on|against|versus|vs|v|into|over|during|compared|relative|not|there|it|they|we|with|without|who|whose|that|given|receiving|"
    r"between|per|could|may|would|of|among|amongst|within|under|following|above|showed|gave|carried|lived|survived|experienced|reached|occurred)"
)
_PHRASE = rf"(?!{_STOP}\b){_WORD}(?:[\s-](?!(?:{_STOP}|the)\b){_WORD}){{0,7}}"
_BEHIND = re.compile(
    r"\b(?P<word>in|among|amongst|within|between|for|on|under|with|after|following|against|versus|vs\.?|than|without|of|"
    r"(?:superior|inferior|compared|relative|opposed|preferable|noninferior|non-inferior|equivalent)\s+to)"
    rf"\s+(?P<phrase>{_PHRASE})",
    re.IGNORECASE,
)
"""A phrase behind a preposition, in a sentence whose atoms are "@" (an arm) and "#"."""
_SUBJECT = re.compile(
    rf"(?:^|[,;]\s+(?:(?:and|but|while|whereas)\s+)?)(?P<phrase>{_PHRASE}(?:\s+(?:who|with|whose|of|above|below|over|under)\s+{_PHRASE})?)"
    r"(?=\s+(?:was|were|is|are|had|has|have|did|lived|survived|experienced|carried|showed|gave|"
    r"improved|prolonged|extended|increased|reduced|lowered|decreased)\b|\s+!)"
)
"""The subject of a clause, up to its verb."""
_LEADS = re.compile(r"(?P<phrase>(?!(?:At|By|As|After|On|Following)\s)[A-Z][^,#@\d;:()]{3,90}),")
"""What a sentence opens with: "Considering only deaths from cancer, ..."."""
_SOME = re.compile(
    rf"\b(?:in|among|for|of|within)\s+(?:the\s+|all\s+)?(?:\d+\s+)?(?P<phrase>(?:{_PATIENTS}|#_*)\s+"
    r"(?:(?:aged\s+)?(?:(?:above|below|over|under|older|younger)\b|[<>≥≤])|aged\b|who\s+(?:had\s+)?[&!]"
    r"|(?:treated|diagnosed|operated\s+on|transplanted|enrolled|admitted)\s+(?:before|after|since|prior\s+to)\b)[^,;.()]{0,40})",
    re.IGNORECASE,
)
"""Some of the patients: "in patients above 70 years", "those who relapsed", "treated since 2005"."""
_ADJUSTING = re.compile(
    r"\b(?:adjust\w*|stratif\w*|control(?:led|ling)|account\w*|correct\w*|matched|matching|weight\w*)\s+$",
    re.IGNORECASE,
)
_MODEL = re.compile(r"multivari|adjust|account|regression|model|stratif", re.IGNORECASE)
_RESTRICTING = re.compile(
    r"(?:(?:when|if)\s+)?(?:only|considering|counting|excluding|restricting|omitting|censoring|limiting|confining)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(rf"(?P<phrase>{_RESTRICTING.pattern}[^,;]{{3,90}}),", re.IGNORECASE)
_CONDITION = re.compile(
    r"\b(?:when(?:ever)?|above|below|(?:under|over)(?=\s+\d))\s+(?P<phrase>[^,;()!&@]{3,80})"
    r"|\b(?P<sure>(?:(?<!even )(?<!as )if|unless(?!\s+otherwise)|once(?!\s+(?:daily|(?:bi)?weekly|monthly|a|every|per|in|and|\d+)\b)|provided\s+that)\s[^,;()!@]{3,80})",
    re.IGNORECASE,
)
"""What is true of some of the patients only: "if R0 resection was achieved"."""
_AS_EVENT = re.compile(
    r"\b(?:counted|regarded|considered|defined|scored|censored|had\s+occurred|data|significant|"
    r"(?:added|compared)\s+(?:to|with))\b"
)
"""What a condition says of events, not of patients: "if transplantation is counted as one"."""
_FARED = re.compile(
    r"(?:lived|survived|died|relapsed|progressed|recurred|deceased)\b", re.IGNORECASE
)
_WHOSE = re.compile(
    rf"(?:[&!]_*|\b(?:rates?|times?|probabilit(?:y|ies)|medians?|{_PATIENTS}))\s*$", re.IGNORECASE
)
"""What a group of patients follows: "overall survival of smokers"."""
_ORGAN = re.compile(
    r"\b(?:liver|kidney|renal|heart|cardiac|lung|stem[\s-]cell)\s+(?=transplantation\b)",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(
    r"(?:(?:an?|the)\s+)?(?:(?:median|mean|average)\s+[a-z]|[a-z]+\s+(?:[a-z]+\s+)?follow-?\s?up\b"
    r"|(?:[a-z-]+\s+){0,3}(?:mortality|toxicit(?:y|ies)|incidences?|complications?)\b)"
)
"""A phrase that divides nobody: no patient has "a median age"."""
_REASON = re.compile(
    r"\b(?:because|due\s+to|owing\s+to|as\s+a\s+(?:result|consequence)\s+of)\b[^,;]*$"
)
"""What stands before words that give a reason: "similar because of opportunities for salvage"."""
_FOR_SOME = re.compile(r"\b(?:for|in|among)\s+(?:the\s+)?$", re.IGNORECASE)
_QUOTED = 40  # letters of a sentence
_BREAK = re.compile(r";\s|(?<!\bvs)(?<!\bv)\.\s+(?=m?[A-Z])|,?\s+(?:whereas|while)\s+|,\s+but\s+")
_GOES_ON = re.compile(
    r"(?:The\s+)?(?:(?:corresponding|respective|adjusted|unadjusted|stratified|unstratified)\s+)?"
    r"(?:hazards?\s+ratios?|HRs?|(?P<numbers>medians?|rates?|figures|values|difference|estimates))\b"
    r"|(?:It|They|These|Those|Their)\b",
    re.IGNORECASE,
)
"""What opens a sentence that goes on with those of whom the sentence before it speaks."""
_ENTERING = re.compile(
    r"\b(?:randomi[sz]|random(?:ly)?\b|enrol|assigned|allocated|recruited|eligible|included|underwent|compar|between\s+\w+\s+(?:19|20)\d\d|consecutive|we\s+\w+|review)",
    re.IGNORECASE,
)


@dataclass
class Doubts:
    """Who else the sentences of a text may be of, one after another.

    Attributes
    ----------
    own : frozenset of str
        How the words begin with which the text introduces its patients and calls its arms.
    """

    own: frozenset[str]
    _before: list[Other] = field(default_factory=list)
    _left_out: str = ""
    _paragraph: int = -1

    def of(self, scope: Scope, row: Sequence[Atom]) -> list[Other]:
        """Return what the next sentence says of somebody who is neither an arm nor all patients."""
        text = scope.sentence.text
        self._enter(scope)
        found = [] if scope.sentence.row else _others(text, row, self.own)
        if is_covariate(text):  # each hazard ratio is read behind its arm
            found = [other for other in found if other.whole]
        if words := self._left_out or next((o.words for o in self._before if o.whole), ""):
            found += _going_on(text, row, words)
        self._before, self._left_out = found, ""
        return found

    def leave_out(self, scope: Scope) -> None:
        """Note a sentence that reports nothing, so that the next does not go on with it."""
        self._enter(scope)
        if scope.why:
            self._left_out = scope.sentence.text[:_QUOTED]

    def _enter(self, scope: Scope) -> None:
        if scope.sentence.paragraph != self._paragraph:
            self._before, self._left_out = [], ""
        self._paragraph = scope.sentence.paragraph


def doubts(found: Sequence[Scope], arms: TextArms) -> Doubts:
    """Return what follows the sentences of a text.

    Parameters
    ----------
    found : sequence of Scope
        The whole text.
    arms : TextArms
        Its arms.
    """
    texts = [scope.sentence.text for scope in found]
    told = [t for t in texts if _ENTERING.search(t) and not re.search(r"\d\s?%|\d\.\d", t)]
    words = " ".join([*told, *{scope.cohort for scope in found}]).lower()
    names = " ".join(alias.lower() for arm in arms.arms for alias in (arm.label, *arm.aliases))
    own = map(stem, re.findall(r"[a-z][\w/+]*", f"{words} {names}"))
    return Doubts(frozenset(own) | setting([scope.sentence for scope in found]))


def _others(text: str, row: Sequence[Atom], own: frozenset[str]) -> list[Other]:
    masked = _masked(text, row)
    found = list(_of_covariates(text, row, masked, own))
    for match, phrase in _phrases(masked):
        start, end = match.span("phrase" if match["phrase"] else "sure")
        if not _unknown(phrase, own) or _DESCRIBES.match(text, start, end):
            continue
        if _REASON.search(text, 0, start):
            continue
        made = _governing(text, start, text[start:end], masked)
        made = replace(made, start=max(made.start, _behind_arm(row, start, made.start)))
        opening = made.whole and match.re is not _SUBJECT and match.start() == 0
        found.append(replace(made, whole=opening))
    return found


def _going_on(text: str, row: Sequence[Atom], words: str) -> list[Other]:
    """Say whether a sentence goes on with those of the one before, whom these words name."""
    opens = _GOES_ON.match(text)
    kinds = {a.kind for a in row}
    if kinds & set("AB") or opens is None or ("E" in kinds and opens["numbers"]):
        return []
    return [Other(0, len(text), words)]


def doubt_at(found: Sequence[Other], place: int, *, follow_up: bool) -> str:
    """Say who else a number at a place of the sentence may be of; "" if nobody.

    Follow-up is that of all unless others open the sentence: "of the survivors" says how it is
    counted.
    """
    return next(
        (
            f'its sentence may be of others than the arms and all patients ("{other.words}")'
            for other in found
            if other.start <= place < other.end and (other.whole or not follow_up)
        ),
        "",
    )


def _phrases(masked: str) -> Iterator[tuple[re.Match[str], str]]:
    for match in _BEHIND.finditer(masked):
        adjusting = _ADJUSTING.search(masked[: match.start()])
        if not adjusting and not _is_known(match):
            yield match, match["phrase"]
    for subject in _SUBJECT.finditer(masked):
        if not {"@", "&"} & set(subject[0]):
            yield subject, subject["phrase"]
    leads = _LEADS.match(masked)
    if leads and not _MODEL.search(leads["phrase"]):
        yield leads, leads["phrase"]
    if only := _ONLY.match(masked):
        yield only, only["phrase"]
    for condition in _CONDITION.finditer(masked):
        if not (_MODEL.search(condition[0]) or _AS_EVENT.search(condition[0])):
            yield condition, condition["phrase"] or f"only {condition['sure']}"
    for some in _SOME.finditer(masked):
        yield some, f"older {some['phrase']}"


def _is_known(match: re.Match[str]) -> bool:
    """Say whether a phrase names an arm, or only says more of an event: "of radiographic death"."""
    phrase = match["phrase"]
    if match["word"].lower() == "of" and not _WHOSE.search(match.string, 0, match.start()):
        return True
    return "@" in phrase or ("&" in phrase and match["word"].lower() in ("of", "for"))


def _of_covariates(
    text: str, row: Sequence[Atom], masked: str, own: frozenset[str]
) -> Iterator[Other]:
    """Read "each decade of age raised the hazard of death (HR 1.58": no arm, and no values of any."""
    head = next((a for a in row if a.kind == "h"), None)
    if head is None or any(a.kind in "ABVC" for a in row):
        return
    said = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", masked[: head.start])
    if unknown := _unknown(said, own):
        yield Other(head.start, len(text), " ".join(unknown))


def _unknown(phrase: str, own: frozenset[str]) -> list[str]:
    words = re.findall(r"[A-Za-z][\w/+'-]*", _ORGAN.sub("", phrase))
    if _RESTRICTING.match(phrase):
        return words
    return [
        word
        for word in words
        if len(word) > 1
        and not _is_known_word(word, own)
        and not all(_is_known_word(each, own) for each in word.split("-"))  # "score-matched"
    ]


def _is_known_word(word: str, own: frozenset[str]) -> bool:
    return bool(_NEUTRAL.fullmatch(word)) or word.endswith("ly") or stem(word) in own


def _masked(text: str, row: Sequence[Atom]) -> str:
    """Write "@" for an arm, "&" for an endpoint or event, "!" for a verb, and "#" for the rest."""
    letters = list(text)
    for atom in row:
        said = text[atom.start : atom.end].strip()
        word = atom.kind == "O" and (
            text[atom.start].islower()
            or said.endswith("ers")  # "smokers"
            or _FOR_SOME.search(text, 0, atom.start) is not None  # "for ECOG 0-1"
        )
        if atom.end > atom.start and atom.kind not in "s;r" and not word:
            letters[atom.start : atom.end] = "_" * (atom.end - atom.start)
            letters[atom.start] = _mark(atom, text)
    return "".join(letters)


def _behind_arm(row: Sequence[Atom], place: int, first: int) -> int:
    """Return where the arm ends of which other values stand before: "83% in A and 86% in others"."""
    arms = [a for a in row if a.kind == "A" and first <= a.start < place]
    valued = arms and any(a.kind == "V" and a.end <= arms[-1].start for a in row)
    beside = arms and any(a.kind == "V" and arms[-1].end <= a.start < place for a in row)
    return arms[-1].end if valued and beside else first


def _mark(atom: Atom, text: str) -> str:
    if atom.kind in "ED":
        return "!" if _FARED.match(text, atom.start) else "&"
    return "@" if atom.kind == "A" else "#"


def _governing(text: str, start: int, words: str, masked: str) -> Other:
    """Return what words govern: their brackets, their clause or, if they open it, all of it."""
    opened = []
    for place, letter in enumerate(text[:start]):
        if letter in "([":
            opened.append(place)
        elif letter in ")]" and opened:
            opened.pop()
    if opened:
        end = next((i for i in range(start, len(text)) if text[i] in ")]"), len(text))
        return Other(opened[-1], end, words)
    if not re.search(r"[#&@]", masked[:start]) and not re.search(r"[;]", text[:start]):
        return Other(0, len(text), words, whole=True)
    breaks = [m.end() for m in _BREAK.finditer(text) if outside_brackets(text, m.start())]
    before = max((b for b in breaks if b <= start), default=0)
    after = min((b for b in breaks if b > start), default=len(text))
    return Other(before, after, words)
