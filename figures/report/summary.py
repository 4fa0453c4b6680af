"""What a report says first: claims, what the numbers give, verdicts; and one page for a reviewer.

The page is a paragraph to paste and the hazard ratios, as HTML and for Word.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ...presentation.formats import count, interval, p_value, ratio, ratio_interval
from ..text import (
    CHECKED,
    arm_label,
    cohort_text,
    literal,
    possible_ratios,
    printed_interval,
    printed_p,
)

if TYPE_CHECKING:
    from ...audit import Audit
    from ...models import Comparison, EndpointAnalysis
    from ...studies import Endpoint, Study

__all__ = ["Summary", "summary_document", "summary_of", "verdict_row", "verdict_section"]

_AGREES = ("reproduced", "close")
_NO_RATIO = "not reported"
_WORST = 3  # findings of the audit that the paragraph names
_NOT_A_PROOF = (
    "The reconstructed patients are not the paper's patients, and a discrepancy is a reason to "
    "look closer, not a proof of error."
)
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip file; the same results give the same bytes
_SAME_CONCLUSION = {None: "not determined", True: "yes", False: "no"}


class _Refused(Protocol):
    @property
    def endpoint(self) -> Endpoint:
        """What the paper reports."""

    @property
    def reason(self) -> str:
        """Why, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A study in one page.

    Attributes
    ----------
    title : str
        Of the paper.
    citation : str
        With its DOI.
    paragraph : str
        What a reviewer can paste.
    rows : tuple of dict
        One for each comparison, as of `verdict_row`.
    refused : tuple of tuple of str and str
        Endpoints that could not be reconstructed, each with the reason.
    """

    title: str
    citation: str
    paragraph: str
    rows: tuple[dict[str, Any], ...]
    refused: tuple[tuple[str, str], ...]


def summary_of(
    study: Study,
    analyses: Sequence[EndpointAnalysis],
    refused: Sequence[_Refused],
    *,
    audit: Audit,
    version: str,
) -> Summary:
    """Return what one page says of a study.

    Parameters
    ----------
    study : Study
    analyses : sequence of EndpointAnalysis
        The endpoints that were reconstructed.
    refused : sequence
        Those that were not, each with `endpoint` and `reason`.
    audit : Audit
        Whether the paper's own numbers agree.
    version : str
        Of kmrepro.
    """
    rows = tuple(verdict_row(each) for each in analyses if each.comparison)
    sentences = [
        f"We re-analysed the survival results of {_paper(study)} from the numbers that it reports "
        f"(kmrepro {version}).",
        _reconstructed({each.endpoint.whole_key for each in analyses}, refused),
        *_verdicts(rows),
        *_causes(analyses),
        *_audited(audit),
        *([_NOT_A_PROOF] if analyses else []),
    ]
    return Summary(
        title=literal(study.title or study.id),
        citation=literal(
            " ".join(filter(None, (study.citation, study.doi and f"doi:{study.doi}")))
        ),
        paragraph=literal(" ".join(sentences)),
        rows=rows,
        refused=tuple((_named(each.endpoint), literal(each.reason)) for each in refused),
    )


def _paper(study: Study) -> str:
    title = f'"{study.title.rstrip(".")}"' if study.title else study.id
    return f"{title} ({study.citation.rstrip('.')})" if study.citation else title


def _named(endpoint: Endpoint) -> str:
    return f"{literal(endpoint.label or endpoint.name)}, {cohort_text(endpoint)}"


def _reconstructed(done: set[str], refused: Sequence[_Refused]) -> str:
    if not done:
        return "No endpoint could be reconstructed from them."
    every = done | {each.endpoint.whole_key for each in refused}
    whole = f"{len(done)} of {count(len(every), 'endpoint')}"
    return f"Patients consistent with these numbers were reconstructed for {whole}."


def _agreed(kind: str, verdicts: Sequence[str]) -> list[str]:
    agree = sum(verdict in _AGREES for verdict in verdicts) or "none"
    return [f"Of {count(len(verdicts), kind)}, reproduced: {agree}."] if verdicts else []


def _causes(analyses: Sequence[EndpointAnalysis]) -> Iterator[str]:
    """Say how many ratios by cause are reproduced, and name the others."""
    judged = [
        (analysis.endpoint, cause)
        for analysis in analyses
        for cause in analysis.causes
        if cause.verdict != "not assessable"
    ]
    yield from _agreed("competing-risk hazard ratio", [cause.verdict for _, cause in judged])
    for endpoint, cause in judged:
        if cause.verdict not in _AGREES:
            yield f"{_named(endpoint)}, {literal(cause.label or cause.cause)}: {cause.verdict}."


def _verdicts(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Say how many hazard ratios are reproduced, and name the others."""
    assessed = [row for row in rows if row["verdict"] != "not assessable"]
    others = [row for row in assessed if row["verdict"] not in _AGREES]
    ratios = [row["verdict"] for row in assessed if row["reported"] != _NO_RATIO]
    without = [row["verdict"] for row in assessed if row["reported"] == _NO_RATIO]
    said = [*_agreed("reported hazard ratio", ratios), *_agreed("other comparison", without)]
    for row in others:
        ri = f", 95% reproduction interval {row['possible']}" if row["possible"] else ""
        said.append(
            f"{_contrasted(row)} is {row['verdict']}: hazard ratio {row['reported']} reported, "
            f"{row['reproduced']} reproduced{ri}."
        )
    said += [
        f"{_contrasted(row)} is not assessable."
        for row in rows
        if row["verdict"] == "not assessable"
    ]
    return said


def _contrasted(row: dict[str, Any]) -> str:
    return f"{row['name']}, {row['cohort']} ({row['contrast']}),"


def _audited(audit: Audit) -> list[str]:
    if not audit.findings:
        return ["No reported numbers were found that disagree with each other."]
    counts = Counter(each.severity for each in audit.findings)
    found = [count(number, severity) for severity, number in counts.items()]
    listed = " and ".join(filter(None, (", ".join(found[:-1]), found[-1])))
    worst = [each.place for each in audit.findings if each.severity == "error"][:_WORST]
    gravest = f"; the gravest: {'; '.join(worst)}" if worst else ""
    return [f"A check of the reported numbers against each other found {listed}{gravest}."]


def summary_document(summary: Summary) -> bytes:
    """Return the page as a Word document; the same summary gives the same bytes.

    Parameters
    ----------
    summary : Summary

    Notes
    -----
    This needs python-docx (the extra ``[docx]``).
    """
    import docx

    document = docx.Document()
    document.add_heading(summary.title, level=1)
    if summary.citation:
        document.add_paragraph(summary.citation)
    document.add_heading("In a paragraph, to be pasted", level=2)
    document.add_paragraph(summary.paragraph)
    if summary.rows:
        document.add_heading("Hazard ratios", level=2)
        _add_ratios(document, summary.rows)
    if summary.refused:
        document.add_heading("Not reconstructed", level=2)
        for name, reason in summary.refused:
            document.add_paragraph(f"{name}: {reason}", style="List Bullet")
    written = io.BytesIO()
    document.save(written)
    return _undated(written)


def _add_ratios(document: Any, rows: Sequence[dict[str, Any]]) -> None:
    heads = ("Endpoint", "Reported", "Reproduced", "95% RI", "Verdict")
    table = document.add_table(rows=1, cols=len(heads), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
    for row in rows:
        name = f"{row['name']}, {row['cohort']} ({row['contrast']})"
        values = (name, *(row[key] for key in ("reported", "reproduced", "ratios", "verdict")))
        for cell, value in zip(table.add_row().cells, values, strict=True):
            cell.text = value
    document.add_paragraph(
        "RI: 95% reproduction interval, the hazard ratios of data sets consistent with every "
        "reported value."
    )


def _undated(written: io.BytesIO) -> bytes:
    """Return a zip file whose members bear no time."""
    copied = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(copied, "w") as target:
        for member in source.infolist():
            plain = zipfile.ZipInfo(member.filename, date_time=_EARLIEST)
            plain.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(plain, source.read(member))
    return copied.getvalue()


def verdict_section(analyses: Sequence[EndpointAnalysis], refused: Sequence[str]) -> dict[str, Any]:
    """Return the answer in a few sentences, and a row for each comparison.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        The endpoints that were reconstructed.
    refused : sequence of str
        Keys of those that were not.

    Returns
    -------
    dict
        `claims`, `follows` and `verdict`, each a list of sentences; `others`, the places whose
        verdict is not that the paper's numbers agree, by verdict; `rows`; `informed`, the
        endpoints whose patients are conditioned on what is reported; and `drawn`, of how many data
        sets.
    """
    rows = [(each.comparison, verdict_row(each)) for each in analyses if each.comparison]
    compared = [comparison for comparison, _ in rows]
    verdicts = [comparison.verdict for comparison in compared]
    return {
        "claims": _claims(compared),
        "follows": [*_matched_checks(analyses), *_conclusions(compared), *_refusals(refused)],
        "verdict": _counted(verdicts),
        "others": {
            verdict: [row for _, row in rows if row["verdict"] == verdict]
            for verdict in sorted(set(verdicts).difference(_AGREES))
        },
        "rows": [row for _, row in rows],
        "informed": [f"{row['name']}, {row['cohort']}" for each, row in rows if each.informed],
        "drawn": max((comparison.n_draws for comparison in compared), default=0),
    }


def _claims(compared: Sequence[Comparison]) -> list[str]:
    """Say what the paper concludes."""
    told = [each.reported.significant for each in compared]
    clear = [each for each in told if each is not None]
    if not told:
        return ["No two-arm comparison could be analysed."]
    sentences = []
    if len(clear) == 1:
        sentences.append(f"It finds {'a' if clear[0] else 'no'} difference at 0.05.")
    elif clear:
        sentences.append(f"It finds a difference at 0.05 in {_share(clear)} comparisons.")
    if len(clear) < len(told):
        which = count(len(told) - len(clear), "comparison")
        sentences.append(f"It reports no p and no informative interval for {which}.")
    return sentences


def _share(told: Sequence[bool]) -> str:
    """Say how many are true: "none of 8", "3 of 8", "all 8"."""
    if all(told):
        return f"all {len(told)}"
    return f"{told.count(True) or 'none'} of {len(told)}"


def _matched_checks(analyses: Sequence[EndpointAnalysis]) -> list[str]:
    """Say how many endpoints have patients, and whether these match what is reported."""
    if not analyses:
        return []
    checks = [check for analysis in analyses for check in analysis.landmarks]
    sentences = [f"Patients were reconstructed for {count(len(analyses), 'endpoint')}."]
    if checks:
        met = sum(check.inside for check in checks)
        sentences.append(f"They match {met} of {count(len(checks), *CHECKED)}.")
    return sentences


def _conclusions(compared: Sequence[Comparison]) -> list[str]:
    told = [each.same_conclusion for each in compared if each.same_conclusion is not None]
    if not told:
        return []
    if len(told) == 1:
        return [f"Their analysis reaches {'the same' if told[0] else 'a different'} conclusion."]
    return [f"Their analysis reaches the paper's conclusion in {_share(told)} comparisons."]


def _refusals(keys: Sequence[str]) -> list[str]:
    return [f"Not reconstructed: {_listed(keys)}."] if keys else []


def _counted(verdicts: Sequence[str]) -> list[str]:
    if not verdicts:
        return []
    counted = [f"{verdicts.count(each)} {each}" for each in dict.fromkeys(sorted(verdicts))]
    return [f"{count(len(verdicts), 'comparison')} re-analysed: {_listed(counted)}."]


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def verdict_row(analysis: EndpointAnalysis) -> dict[str, Any]:
    """Return the reported comparison beside the reproduced one, as text.

    Parameters
    ----------
    analysis : EndpointAnalysis
        Of two arms, so that there is a comparison.
    """
    comparison, endpoint = analysis.comparison, analysis.endpoint
    assert comparison is not None  # noqa: S101 - the caller has chosen those that compare
    reported, cox = endpoint.reported, analysis.cox
    distance = None if comparison.missed else comparison.in_reported_se
    ratio_reported = _NO_RATIO
    if reported and reported.hazard_ratio:
        ratio_reported = printed_interval(reported.hazard_ratio, reported.ci, reported.ci_level)
    p = reported.p if reported else None
    treatment, reference = (
        arm_label(endpoint, arm) for arm in (comparison.treatment, comparison.reference)
    )
    return {
        "key": endpoint.key,
        "cohort": cohort_text(endpoint),
        "name": endpoint.label or endpoint.name,
        "contrast": f"{treatment} versus {reference}",
        "reported": ratio_reported,
        "reported_p": printed_p(p) if p else "not reported",
        "reproduced": ratio_interval(cox.hazard_ratio, cox.ci) if cox else "not estimable",
        "reproduced_p": _reproduced_p(comparison),
        "distance": "" if distance is None else ratio(distance),
        "possible": _interval_text(comparison.reproduction_interval),
        "ratios": possible_ratios(comparison),
        "attainable": _attainable(comparison),
        "same_conclusion": _SAME_CONCLUSION[comparison.same_conclusion],
        "verdict": comparison.verdict,
        "sentence": comparison.sentence,
        "n_draws": comparison.n_draws,
    }


def _interval_text(bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else interval(*bounds)


def _attainable(comparison: Comparison) -> str:
    attainable = comparison.attainable
    return "" if attainable is None else _interval_text((attainable.lower, attainable.upper))


def _reproduced_p(comparison: Comparison) -> str:
    p = comparison.p_reproduced
    return "not estimable" if p is None else f"{p_value(p)} ({comparison.p_test})"
