"""Draft a study file from the words of a paper."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from pydantic import ValidationError

from ..errors import fault_lines
from ..study import Study, key_schema
from .arms import OTHER_R, TextArms, abbreviations, find_arms, find_groups
from .atoms import atoms
from .finding import Finding, possible
from .findings import findings
from .passages import Sentence, sentences
from .patients import patients
from .risk_table import numbers_at_risk
from .scope import Scope, scopes
from .slots import EndpointSlots, fill
from .study_dates import dates
from .study_text import study_text

__all__ = ["Draft", "DraftRefused", "draft_study"]

_OTHER_HR = f"H{OTHER_R}"
LONGEST = 300_000  # characters; a paper has about 60 000


class DraftRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised when a text holds no survival result, or is no text."""


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


def draft_study(text: str, *, name: str = "draft") -> Draft:
    """Draft a study file from an abstract, a passage, or the text of a paper.

    Parameters
    ----------
    text : str
        English text as it is reported, or as it comes out of a PDF; at most 300 000 characters.
    name : str, default "draft"
        What the study is called; letters, digits, "-", "_" and ".".

    Returns
    -------
    Draft
        Numbers as reported, none filled in. What is ambiguous is a question.

    Raises
    ------
    DraftRefused
        If no survival result is found, or if the text is too long or is no text.

    Examples
    --------
    >>> draft = draft_study(
    ...     "Median overall survival was 19.7 months (95% CI 16.6-21.9) with velotarsib (n = 203) "
    ...     "and 15.9 months (14.1-19.3) with placebo (n = 198; hazard ratio 0.73, 0.58-0.93)."
    ... )
    >>> draft.study.endpoints[0].arms["placebo"].median.text
    '15.9'
    """
    _check(text)
    found = sentences(_marked(text))
    for arms in _readings(found):
        scoped = list(scopes(found, arms))
        read = chain(findings(scoped, arms), patients(scoped, arms), numbers_at_risk(scoped, arms))
        sound = [finding for finding in map(possible, read) if finding is not None]
        if endpoints := fill(sound, max(len(arms.arms), 1)):
            return _drafted(endpoints, arms, dates(scoped), found=sound, scoped=scoped, name=name)
        if _compares(scoped, arms):
            break  # else the names of arms may be those of other trials, or of subgroups
    raise DraftRefused(_nothing(written=bool(text.strip())))


def _readings(found: list[Sentence]) -> tuple[TextArms, ...]:
    """Return the arms of a text, or its groups, and none: first those under which more is reported.

    Patients whom only a subgroup analysis divides are no arms.
    """
    arms, nobody = find_arms(found), TextArms([])
    groups = find_groups(found, arms)
    if not groups.arms:
        return arms, nobody
    reported = {
        who: sum(
            each.slot in ("survival", "median") for each in findings(list(scopes(found, who)), who)
        )
        for who in (arms, groups, nobody)
    }
    if arms.arms and reported[arms] >= reported[groups]:
        return arms, nobody
    return (groups, nobody) if reported[groups] >= reported[nobody] else (nobody,)


def _marked(text: str) -> str:
    """Write "HR" with another R where a text defines it as something else than a hazard ratio.

    Hepatic resection is often called so. What is still followed by a number is a hazard ratio.
    """
    if "hazard" in abbreviations(text).get("HR", "hazard").lower():
        return text
    return re.sub(r"\bHR\b(?!\s*(?:[=:,]|of|was)?\s*\d)", _OTHER_HR, text)


def _compares(scoped: Sequence[Scope], arms: TextArms) -> bool:
    """Say whether survival is reported of the arms that were found."""
    for scope in scoped:
        kinds = {atom.kind for atom in atoms(scope.sentence.text, arms)}
        if scope.results and {"A", "E", "V"} <= kinds:
            return True
    return False


def _check(text: str) -> None:
    if len(text) > LONGEST:
        raise DraftRefused(
            f"The text has {len(text):,} characters, and at most {LONGEST:,} are read; give the "
            "abstract or the pages with the results."
        )
    if "\x00" in text or text.count("\ufffd") > 0.02 * len(text) + 2:
        raise DraftRefused(
            "This is no text but binary data; give plain text in UTF-8, or a PDF whose name ends "
            "in .pdf."
        )


def _nothing(*, written: bool) -> str:
    """Say what was looked for in vain."""
    start = "No survival result was found" if written else "The text is empty"
    return (
        f"{start}: looked for survival at a time, median survival times, hazard ratios and "
        "numbers at risk, in English and of a named endpoint (overall survival, PFS, ...), of the "
        "text's own patients."
    )


def _drafted(
    endpoints: list[EndpointSlots],
    arms: TextArms,
    found_dates: list[Finding],
    *,
    found: list[Finding],
    scoped: list[Scope],
    name: str,
) -> Draft:
    known = {
        slots.name
        for slots in endpoints
        for arm in slots.arms.values()
        if {"median", "mean"} & {key for key, _ in arm}
    }
    unclear = [f for f in found if f.slot == "unclear" and f.endpoints[0] not in known]
    text, questions = study_text(
        endpoints, arms, found_dates, unclear=unclear, scoped=scoped, name=name
    )
    text = text.replace(OTHER_R, "R")
    questions = [question.replace(OTHER_R, "R") for question in questions]
    try:
        study = Study.model_validate(tomllib.loads(text), context={"folder": None})
    except ValidationError as error:
        faults = "; ".join(fault_lines(error, tomllib.loads(text), describe=key_schema))
        raise DraftRefused(f"What was found is no study file: {faults}") from error
    return Draft(text, study, tuple(questions))
