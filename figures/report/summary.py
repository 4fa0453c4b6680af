"""One page for a reviewer: a paragraph to paste, and the hazard ratios, as HTML and for Word."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ...presentation.formats import count
from ..text import cohort_text, literal
from .verdicts import verdict_row

if TYPE_CHECKING:
    from ...audit import Audit
    from ...models import EndpointAnalysis
    from ...studies import Endpoint, Study

__all__ = ["Summary", "summary_document", "summary_of"]

_AGREES = ("reproduced", "close")
_WORST = 3  # findings of the audit that the paragraph names
_NOT_A_PROOF = (
    "The reconstructed patients are not the paper's patients, and a discrepancy is a reason to "
    "look closer, not a proof of error."
)
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip file; the same results give the same bytes


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
        _reconstructed(len(analyses), len(refused)),
        *_verdicts(rows),
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


def _reconstructed(done: int, refused: int) -> str:
    if not done:
        return "No endpoint could be reconstructed from them."
    whole = f"{done} of {count(done + refused, 'endpoint')}"
    return f"Patients consistent with these numbers were reconstructed for {whole}."


def _verdicts(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Say how many hazard ratios are reproduced, and name the others."""
    assessed = [row for row in rows if row["verdict"] != "not assessable"]
    others = [row for row in assessed if row["verdict"] not in _AGREES]
    said = []
    if assessed:
        agree = len(assessed) - len(others) or "none"
        said.append(f"Of {count(len(assessed), 'reported hazard ratio')}, reproduced: {agree}.")
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
        possible = row["possible"] or "not drawn"
        values = (name, row["reported"], row["reproduced"], possible, row["verdict"])
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
