"""One page for a reviewer: what it says, as HTML and for Word."""

from __future__ import annotations

import io

import docx
import pytest

from kmrepro import reproduce
from kmrepro.audit import audit
from kmrepro.figures.report import Summary, render_summary, summary_document, summary_of
from kmrepro.reproduction import Reproduction
from kmrepro.studies import Study


@pytest.fixture(scope="module")
def reproduction(small_blocks: None, no_search: None) -> Reproduction:
    """Return a study with an impossible interval, one endpoint refused and one compared."""
    study = Study.model_validate(
        {
            "id": "s",
            "title": "Drug <b> or placebo",
            "doi": "10.1000/x",
            "endpoint": [
                {
                    "name": "OS",
                    "label": "Overall survival",
                    "cohort": "psm",
                    "cohort_label": "matched cohort",
                    "reference": "P",
                    "arms": {
                        "P": {"n": 60, "landmarks": {"12": "60%", "24": "40%"}},
                        "D": {"n": 60, "landmarks": {"12": "75%", "24": "55%"}},
                    },
                    "reported": {"hazard_ratio": "0.21", "ci": ["0.11", "0.40"], "p": "<0.001"},
                },
                {"name": "PFS", "arms": {"D": {"median": "12"}}},
            ],
        }
    )
    return reproduce(study, n_draws=40)


def summary(reproduction: Reproduction) -> Summary:
    """Return the summary of a reproduction."""
    return summary_of(
        reproduction.study,
        reproduction.analyses,
        reproduction.refused,
        audit=audit(reproduction.study),
        version="1.2.3",
    )


def test_the_paragraph_names_what_is_not_reproduced(reproduction: Reproduction) -> None:
    """It can be pasted: paper, version, how many, and the numbers of what differs."""
    paragraph = summary(reproduction).paragraph
    assert paragraph.startswith('We re-analysed the survival results of "Drug <b> or placebo" from')
    assert "(kmrepro 1.2.3)" in paragraph
    assert "were reconstructed for 1 of 2 endpoints." in paragraph
    assert "Of 1 reported hazard ratio, reproduced: none." in paragraph
    assert (
        "Overall survival, matched cohort (D versus P), is discrepant: hazard ratio 0.21"
        in paragraph
    )
    assert "not a proof of error" in paragraph


def test_the_page_escapes_and_links(reproduction: Reproduction) -> None:
    """Text of a study is text, and the DOI is a link."""
    page = render_summary(reproduction.study, summary(reproduction), version="1.2.3", seed=0)
    assert "<b>" not in page
    assert 'href="https://doi.org/10.1000/x"' in page
    assert 'href="report.html"' in page


def test_the_document_says_the_same(reproduction: Reproduction) -> None:
    """Word shows paragraph and table; the same summary is the same file, byte for byte."""
    found = summary(reproduction)
    content = summary_document(found)
    document = docx.Document(io.BytesIO(content))
    assert found.paragraph in [each.text for each in document.paragraphs]
    assert document.tables[0].rows[1].cells[1].text == "0.21 (0.11 to 0.40)"
    assert any("PFS, all patients: " in each.text for each in document.paragraphs)
    assert summary_document(found) == content
