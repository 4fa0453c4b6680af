"""The first screen of a report: what the paper claims, what follows, and the verdict."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kmrepro.figures.report.summary import verdict_section
from kmrepro.models import EndpointAnalysis

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
