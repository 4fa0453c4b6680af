"""Draft a study file from the words of a paper: a text, a file, or pages of a PDF."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from pydantic import ValidationError

from ..errors import fault_lines, shown
from ..study import Study, key_schema
from .arms import (
    MOST_ARMS,
    ArmNames,
    TextArms,
    find_arms,
    find_groups,
    named_arms,
)
from .atoms import atoms
from .document import LONGEST, DraftRefused, check_text
from .endpoints import OF_ONE_CAUSE, PRIMARY, as_written, composite, marked_primary, unmarked
from .finding import EndpointSlots, Finding, is_estimate
from .findings import findings
from .follow_up import dates, numbers_at_risk
from .implants import marked_implants
from .left_open import unread
from .objections import counted_otherwise, favoured_otherwise, possible
from .own_outcomes import marked_outcomes, own_outcomes
from .partial_draft import without_results
from .passages import Sentence, sentences
from .patients import of_implants, patients
from .populations import analysed
from .rivals import find_rivals, named_beside_values, of_rivals, reported_of, unless_of_rivals
from .scope import Scope, scopes
from .shares import allot
from .slots import fill
from .study_text import study_text
from .typography import OTHER_R, abbreviations, unbroken

__all__ = ["LONGEST", "Draft", "DraftRefused", "draft_study"]

Names = str | Sequence[str]
_Reading = tuple[TextArms, list[Scope], list[Finding]]
"""Arms that a text may have, its sentences, and what was read of them."""
_OTHER_HR = f"H{OTHER_R}"
_OF_EVERYBODY = re.compile(
    r"\b(?:all|entire|whole|(?:overall|total|study)\s+(?:cohort|population|group|series))\b",
    re.IGNORECASE,
)
"""What a sentence says that is of all patients, also where groups were compared."""
_BY_ARM = re.compile(r"\bby\s+(?:treatment\s+|study\s+)?(?:arm|group)\b", re.IGNORECASE)
_POOLED = re.compile(r"\b(?:systematic\s+review|meta-?analys[ei]s)\b", re.IGNORECASE)
_SEARCHED = re.compile(
    r"\b(?:searched|search\s+of|databases?)\b[^.]{0,120}\b(?:PubMed|MEDLINE|Embase|Cochrane|Scopus|Web\s+of\s+Science)\b|"
    r"\bliterature\s+search\b|\b(?:PubMed|MEDLINE|Embase|Cochrane)\b[^.]{0,120}\b(?:searched|databases?)\b",
    re.IGNORECASE,
)
"""What a systematic review says of how it found the studies that it pools."""


@dataclass(frozen=True)
class Draft:
    """A study file drafted from a text.

    Attributes
    ----------
    text : str
        The study file: every number with the words that it was found in.
    study : Study
        The same, read.
    questions : tuple of str
        What a person must decide, or look up: they are comments in the file, too.
    """

    text: str
    study: Study
    questions: tuple[str, ...]

    def __str__(self) -> str:
        return self.text


def draft_study(
    text: str, *, name: str = "draft", arms: Sequence[str] | Mapping[str, Names] = ()
) -> Draft:
    """Draft a study file from an abstract, a passage, or the text of a paper.

    Parameters
    ----------
    text : str
        English text as it is reported, or as it comes out of a PDF; at most 300 000 characters.
    name : str, default "draft"
        What the study is called; letters, digits, "-", "_" and ".".
    arms : sequence of str, or mapping of str to str or sequence of str, optional
        The two to four arms that the text compares, as it calls them: their names, or names each
        with what else the text calls that arm. They are looked for if they are not given.

    Returns
    -------
    Draft
        Numbers as reported. None is filled in but an arm's share of all patients by the reported
        allocation, with `n_basis = "allocation"`. What is ambiguous is a question; the first
        says so if no result could be attributed to the arms.

    Raises
    ------
    DraftRefused
        If no survival result is found, if the text is too long or is no text, or if it does not
        name an arm that is given.

    Examples
    --------
    >>> draft = draft_study(
    ...     "Median overall survival was 19.7 months (95% CI 16.6-21.9) with velotarsib (n = 203) "
    ...     "and 15.9 months (14.1-19.3) with placebo (n = 198; hazard ratio 0.73, 0.58-0.93)."
    ... )
    >>> draft.study.endpoints[0].arms["placebo"].median.text
    '15.9'

    Where the text compares groups that are not recognised, say what it calls them:

    >>> text = "Overall survival at 3 years was 61% in the prompt and 52% in the tardy."
    >>> draft_study(text, arms=["prompt", "tardy"]).study.endpoints[0].arms["tardy"].landmarks
    {36.0: PrintedNumber('52%')}
    """
    check_text(text)
    text = unbroken(text)
    if _POOLED.search(text) and _SEARCHED.search(text):
        raise DraftRefused(
            "The text pools the results of other studies, and none of its own patients; give the "
            "texts of these studies, one by one."
        )
    found = sentences(_marked(marked_outcomes(marked_implants(marked_primary(text)))))
    readings = (_named(found, arms),) if arms else _readings(found)
    rivals = find_rivals(found, readings[0]) if len(readings[0].arms) == 2 else []
    tried: list[_Reading] = []
    ended = False
    for who in chain(readings, () if arms else _beside_values(found, readings[0])):
        if ended and not who.given:
            continue
        scoped = list(scopes(found, who))
        sound = list(_read(scoped, who))
        if len(who.arms) == 2 and not arms:
            sound = [unless_of_rivals(finding, rivals, who) for finding in sound]
        if not who.arms and (unsure := _of_either(scoped, who)):
            sound = [finding for finding in sound if finding.sentence not in unsure]
        endpoints = fill(sound, max(len(who.arms), 1))
        if endpoints := [_labelled(slots, text) for slots in endpoints]:
            _compare_with_the_rest(endpoints, scoped, who, sound)
            return _drafted(endpoints, who, dates(scoped), found=sound, scoped=scoped, name=name)
        tried.append((who, scoped, sound))
        # else their names may be those of other trials, or of subgroups
        ended = ended or _compares(scoped, who)
    reported = _reported(found)
    said = reported or _reported(found, of_some=True)
    why = _nothing(text, said, readings[0], named=bool(arms))
    return _partial(text, tried, why=why, reported=bool(reported), rivals=bool(rivals), name=name)


def _beside_values(found: list[Sentence], arms: TextArms) -> Iterator[TextArms]:
    """Yield those who have values beside their names; nothing could be read of the arms then."""
    if (who := named_beside_values(found, arms)) is not None:
        yield who


def _partial(
    text: str, tried: Sequence[_Reading], *, why: str, reported: bool, rivals: bool, name: str
) -> Draft:
    """Return a draft of all but the results, if it is known of whom they are; else refuse."""
    unclear = [f for who, _, sound in tried if who.arms for f in sound if f.slot == "unclear"]
    if unclear:
        why = (
            f"Survival times are reported ({unclear[-1].text}), but it is not said whether they "
            'are medians; if they are, write "median" before them.'
        )
    who, scoped, sound = tried[0]
    if not rivals and (unclear or reported):
        asked = without_results(scoped, who, sound)
        if endpoints := [_labelled(slots, text) for slots in asked]:
            return _drafted(
                endpoints, who, dates(scoped), found=sound, scoped=scoped, name=name, why=why
            )
    raise DraftRefused(why)


def _read(scoped: list[Scope], who: TextArms) -> Iterator[Finding]:
    """Yield what can be read of some arms and can be true of anybody."""
    counted = of_rivals(analysed(patients(scoped, who), scoped, who), who)
    counted = of_implants(counted, scoped)
    read = chain(findings(scoped, who), counted, numbers_at_risk(scoped, who))
    yield from (finding for finding in map(possible, read) if finding is not None)


def _compare_with_the_rest(
    endpoints: list[EndpointSlots], scoped: list[Scope], who: TextArms, sound: list[Finding]
) -> None:
    """Leave open what other sentences contradict, and look there for the patients of each arm."""
    counted_otherwise(endpoints, scoped, who)
    favoured_otherwise(endpoints, scoped, who)
    if not who.rival:  # an allocation is of those assigned
        allot(endpoints, scoped, who, sound)


def _named(found: list[Sentence], arms: Sequence[str] | Mapping[str, Names]) -> TextArms:
    """Return the arms that were given; refuse any that the text does not name."""
    wrong = TypeError(f"`arms` takes the names of two arms or more, not {arms!r}.")
    if isinstance(arms, str) or not isinstance(arms, Sequence | Mapping):
        raise wrong
    pairs = list(arms.items()) if isinstance(arms, Mapping) else [(name, ()) for name in arms]
    if not all(isinstance(also, Iterable) for _, also in pairs):
        raise wrong
    names = [[name, *([also] if isinstance(also, str) else also)] for name, also in pairs]
    every = [own for each in names for own in each]
    if not all(isinstance(own, str) and own.strip() for own in every):
        raise wrong
    names = [[own.strip() for own in each] for each in names]
    firsts = list(dict.fromkeys(name for name, *_ in names))
    if not 2 <= len(firsts) <= MOST_ARMS or len(firsts) < len(names):
        raise DraftRefused(
            f"Two to {MOST_ARMS} different arms can be named, not {len(names)}: "
            f"{', '.join(firsts)}."
        )
    folded = [own.strip().casefold() for own in every]
    if twice := next((own for own in folded if folded.count(own) > 1), None):
        raise DraftRefused(f'"{twice}" cannot name two arms; give each arm names of its own.')
    said = TextArms([ArmNames(each[0], each[0], set(each)) for each in names]).named_in(found)
    for place, (name, *_) in enumerate(names):
        if place not in said:
            raise DraftRefused(
                f'The text names no arm "{name}"; write it as the text does, or add what it is '
                f'called there: --arm "{name}=OTHER NAME", or arms={{"{name}": "OTHER NAME"}} of '
                "draft_study."
            )
    return named_arms(found, names)


def _labelled(slots: EndpointSlots, text: str) -> EndpointSlots:
    """Give survival free of the primary outcome the events of that composite as its label."""
    if slots.name != PRIMARY:
        words = own_outcomes(text).get(slots.name)
        return replace(slots, label=f"free of {words}") if words else slots
    events = composite(text)
    for own in slots.arms.values() if OF_ONE_CAUSE.search(events) else ():
        shares = [k for k, f in own.items() if "complement" in f.flag and not is_estimate(f)]
        for key in shares:
            slots.ask("landmarks", own.pop(key), "death from other causes competes with it")
    return replace(slots, label=f"free of {events}")


def _readings(found: list[Sentence]) -> tuple[TextArms, ...]:
    """Return the arms of a text, or its groups, and none: first those under which more is reported.

    Patients whom only a subgroup analysis divides are no arms.
    """
    arms, nobody = find_arms(found), TextArms([])
    groups = find_groups(found, arms)
    if not groups.arms:
        return *reported_of(found, arms), nobody
    reported = {
        who: sum(
            each.slot in ("survival", "median") or (each.slot == "hazard_ratio" and bool(each.pair))
            for each in findings(list(scopes(found, who)), who)
        )
        for who in (arms, groups, nobody)
    }
    same = groups.mention is not None and any(groups.mention.search(a.name) for a in arms.arms)
    if arms.arms and reported[arms] >= reported[groups] + same:
        return arms, nobody
    # men and women are often a subgroup analysis, and then no more is reported of them
    divided = reported[groups] >= reported[nobody] + groups.known
    return (groups, nobody) if divided else (nobody,)


def _marked(text: str) -> str:
    """Write "HR" with another R where a text defines it as something else than a hazard ratio.

    Hepatic resection is often called so. What is still followed by a number is a hazard ratio.
    """
    if "hazard" in abbreviations(text).get("HR", "hazard").lower():
        return text
    return re.sub(r"\bHR\b(?!\s*(?:[=:,]|of|was)?\s*\d)", _OTHER_HR, text)


def _unmarked(text: str) -> str:
    """Write marked letters as they were."""
    return unmarked(text).replace(OTHER_R, "R")


def _compares(scoped: Sequence[Scope], arms: TextArms) -> bool:
    """Say whether survival is reported of the arms that were found."""
    for scope in scoped:
        kinds = {atom.kind for atom in atoms(scope.sentence.text, arms)}
        if scope.results and {"A", "E"} <= kinds and kinds & {"V", "q"}:
            return True
    return False


def _of_either(scoped: Sequence[Scope], nobody: TextArms) -> list[Sentence]:
    """Return the sentences behind one that sets survival of some against that of others.

    If nobody was found whom the text compares, they may be of either; but not what is said of all.
    """
    for place, scope in enumerate(scoped):
        kinds = "".join(atom.kind for atom in atoms(scope.sentence.text, nobody))
        by_arm = _BY_ARM.search(scope.sentence.text)
        if scope.results and "E" in kinds and ("VsV" in kinds or by_arm):
            later = [scope.sentence for scope in scoped[place + (not by_arm) :]]
            return [sentence for sentence in later if not _OF_EVERYBODY.search(sentence.text)]
    return []


def _reported(found: list[Sentence], *, of_some: bool = False) -> str:
    """Return the first sentence that reports a result, whoever it is of; "" if none does.

    If `of_some`, one that was left out as of some of the patients.
    """
    nobody = TextArms([])
    for scope in scopes(found, nobody):
        kinds = {atom.kind for atom in atoms(scope.sentence.text, nobody)}
        said = scope.why == "subgroup" if of_some else scope.results
        if said and "E" in kinds and kinds & ({"V"} if of_some else {"V", "q"}):
            return as_written(scope.sentence.text)
    return ""


def _nothing(text: str, reported: str, who: TextArms, *, named: bool) -> str:
    """Say what was looked for in vain, or that nobody was found whom the numbers are of."""
    if reported:
        told, advice = _whose(who, named=named)
        return (
            f"Survival is reported ({shown(reported)}), but it could not be told {told}; {advice}."
        )
    start = "No survival result was found" if text.strip() else "The text is empty"
    return (
        f"{start}: looked for survival at a time, median survival times, hazard ratios and "
        "numbers at risk, in English and of a named endpoint (overall survival, PFS, ...), of the "
        "text's own patients."
    )


def _whose(who: TextArms, *, named: bool) -> tuple[str, str]:
    """Say of whom results could not be told to be, and what to do about it."""
    sentence = 'write a sentence for each arm ("Median overall survival was 9.1 months with A.")'
    if named:
        return (
            "of which of these arms",
            f"name the other arms, too, if there are more, or {sentence}",
        )
    option = '--arm "NAME" --arm "NAME", or arms=["NAME", "NAME"] of draft_study'
    if not who.arms:
        return "of whom", f"name the arms as the text does: {option}"
    names = " or ".join(f'"{_unmarked(arm.name)}"' for arm in who.arms)
    return (
        f"whether of {names}",
        f"if these are not the arms, name them: {option}; if so, {sentence}",
    )


def _drafted(
    endpoints: list[EndpointSlots],
    arms: TextArms,
    found_dates: list[Finding],
    *,
    found: list[Finding],
    scoped: list[Scope],
    name: str,
    why: str = "",
) -> Draft:
    known = {
        slots.name
        for slots in endpoints
        for arm in slots.arms.values()
        if {"median", "mean"} & {key for key, _ in arm}
    }
    unclear = [f for f in found if f.slot == "unclear" and f.endpoints[0] not in known]
    text, questions = study_text(
        endpoints,
        arms,
        found_dates,
        unclear=unclear,
        unread=[] if why else list(unread(scoped, found, arms, endpoints)),
        nothing_yet=why,
        scoped=scoped,
        name=name,
    )
    text, *questions = map(_unmarked, (text, *questions))
    try:
        study = Study.model_validate(tomllib.loads(text), context={"folder": None})
    except ValidationError as error:
        faults = "; ".join(fault_lines(error, tomllib.loads(text), describe=key_schema))
        raise DraftRefused(f"What was found is no study file: {faults}") from error
    return Draft(text, study, tuple(questions))
