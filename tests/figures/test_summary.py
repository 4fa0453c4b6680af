"""What a report says first: claim, verdict, and one page for a reviewer, as HTML and for Word."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest

from kmrepro import reproduce
from kmrepro.audit import audit
from kmrepro.figures.report import Summary, render_summary, summary_document, summary_of
from kmrepro.figures.report.summary import verdict_section
from kmrepro.models import EndpointAnalysis
from kmrepro.reproduction import Reproduction
from kmrepro.studies import Study

Analysed = Callable[..., EndpointAnalysis]
NO_DIFFERENCE = {"hazard_ratio": "1.22", "ci": ("0.78", "1.89"), "p": "0.381"}
DIFFERENCE = {"hazard_ratio": "1.60", "ci": ("1.10", "2.33"), "p": "0.014"}
SILENT = {"hazard_ratio": "1.22"}


@pytest.mark.parametrize(
    ("reported", "claims"),
    [
        ([NO_DIFFERENCE], ["It finds no difference at 0.05."]),
        ([DIFFERENCE], ["It finds a difference at 0.05."]),
        ([DIFFERENCE] * 2, ["It finds a difference at 0.05 in all 2 comparisons."]),
        ([NO_DIFFERENCE] * 2, ["It finds a difference at 0.05 in none of 2 comparisons."]),
        ([NO_DIFFERENCE, DIFFERENCE], ["It finds a difference at 0.05 in 1 of 2 comparisons."]),
        ([SILENT], ["It reports no p and no informative interval for 1 comparison."]),
        (
            [DIFFERENCE, SILENT, SILENT],
            [
                "It finds a difference at 0.05.",
                "It reports no p and no informative interval for 2 comparisons.",
            ],
        ),
        ([], ["No two-arm comparison could be analysed."]),
    ],
)
def test_what_the_paper_claims(
    analysed: Analysed, reported: list[dict[str, object]], claims: list[str]
) -> None:
    """Conclusions are counted, and so is what is left open."""
    assert verdict_section([analysed(reported=each) for each in reported], ())["claims"] == claims


def test_what_follows(analysed: Analysed) -> None:
    """Endpoints, printed numbers met, conclusions and refusals are counted."""
    analyses = [
        analysed(reported=NO_DIFFERENCE),
        analysed({"SR": 0.02}, shift=0.1, name="PFS"),
    ]
    assert verdict_section(analyses, ("psm/TTP", "psm/DFS"))["follows"] == [
        "Patients were reconstructed for 2 endpoints.",
        "They match 6 of 9 reported survival probabilities and medians.",
        "Their analysis reaches the same conclusion.",
        "Not reconstructed: psm/TTP and psm/DFS.",
    ]
    assert verdict_section([], ("psm/OS",))["follows"] == ["Not reconstructed: psm/OS."]


def test_verdicts_that_are_not_good_are_named(analysed: Analysed) -> None:
    """A comparison that does not agree is found in the summary; one that does is only counted."""
    far = {"hazard_ratio": "9.00", "ci": ("7.00", "11.57"), "p": "<0.001"}
    summary = verdict_section([analysed(reported=far), analysed()], ())
    assert summary["verdict"] == ["2 comparisons re-analysed: 1 discrepant and 1 not assessable."]
    assert {
        verdict: [row["reported"] for row in rows] for verdict, rows in summary["others"].items()
    } == {"discrepant": ["9.00 (7.00 to 11.57)"], "not assessable": ["not reported"]}
    cox = analysed().cox
    assert cox is not None
    near = {"hazard_ratio": f"{cox.hazard_ratio:.2f}", "ci": tuple(f"{x:.2f}" for x in cox.ci)}
    summary = verdict_section([analysed(reported=near)], ())
    assert summary["verdict"] == ["1 comparison re-analysed: 1 close."]
    assert summary["others"] == {}


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


def test_the_paragraph_counts_what_it_says() -> None:
    """Endpoints, not pairs of their arms; and no ratio where a p alone is reported."""
    arms = {
        name: {"n": 60, "landmarks": {"12": f"{at12}%", "24": f"{at24}%"}}
        for name, at12, at24 in (("A", 60, 40), ("B", 70, 50), ("C", 65, 45))
    }
    pairs = [{"treatment": name, "reference": "A", "p": "0.30"} for name in ("B", "C")]
    endpoint = {"name": "OS", "arms": arms, "comparison": pairs}
    study = Study.model_validate({"id": "s", "endpoint": [endpoint]})
    paragraph = summary(reproduce(study, n_draws=40)).paragraph
    assert "were reconstructed for 1 of 1 endpoint." in paragraph
    assert "reported hazard ratio" not in paragraph
    assert "Of 2 other comparisons, reproduced: 2." in paragraph


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
