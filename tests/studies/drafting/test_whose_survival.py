"""Tests of whose survival a text reports: of patients, of implants, or free of its own event."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import DraftRefused, draft_study
from kmrepro.studies.drafting.implants import marked_implants


def _survival(text: str) -> dict[str, tuple[int | None, list[str]]]:
    """Return the patients and the survival of the only arm, by endpoint."""
    study = draft_study(text).study
    return {
        endpoint.name: (arm.n, [each.survival.text for each in arm.landmarks.values()])
        for endpoint in study.endpoints
        for arm in endpoint.arms.values()
    }


@pytest.mark.parametrize(
    ("text", "name", "n"),
    [
        pytest.param(
            "We followed 118 consecutive uncemented acetabular cups in 109 patients. There were 12 "
            "revisions. The survival rate at ten years was 90% with revision for any reason as "
            "the end point.",
            "implant survival", 118, id="hip",
        ),
        pytest.param(
            "A total of 214 implants were placed in 96 patients. The cumulative implant survival "
            "rate was 90% at 10 years.",
            "implant survival", 214, id="dental",
        ),
        pytest.param(
            "We placed 150 zirconia crowns in 88 patients. The 10-year survival rate of the crowns "
            "was 90%.",
            "crown survival", 150, id="crowns",
        ),
        pytest.param(
            "In all, 905 transvenous leads were implanted in 610 patients. Overall lead survival "
            "was 90% at 10 years.",
            "lead survival", 905, id="leads",
        ),
        pytest.param(
            "Survivorship of the fixed-bearing knee replacements was studied. In all, 310 "
            "knee replacements were implanted. All-cause survival at 10 years was 90%.",
            "implant survival", 310, id="survivorship",
        ),
        pytest.param(
            "Of 310 patients who began peritoneal dialysis, technique survival at 10 years was "
            "90%.",
            "technique survival", 310, id="technique",
        ),
    ],
)  # fmt: skip
def test_survival_of_implants_is_none_of_patients(text: str, name: str, n: int) -> None:
    """It has a name of its own, and the implants that were counted are its patients."""
    assert _survival(text) == {name: (n, ["90%"])}


def test_implants_and_patients_are_counted_each_for_their_own() -> None:
    """A text may report both."""
    text = (
        "We reviewed 98 total hip arthroplasties in 80 patients. At 10 years implant survival was "
        "94%. Patient survival was 71% at 10 years."
    )
    assert _survival(text) == {"implant survival": (98, ["94%"]), "OS": (80, ["71%"])}
    assert "[implant]" not in draft_study(text).text


def test_survival_beside_that_of_stents_is_that_of_patients() -> None:
    """Where patients' is spoken of, too, the word alone is not that of the stents."""
    text = "Stent survival was 70% at 1 year. All patients died. Survival at 1 year was 40%."
    assert _survival(text) == {"stent survival": (None, ["70%"]), "OS": (None, ["40%"])}


@pytest.mark.parametrize(
    "text",
    [
        "The 2-year survival of the stent group was 40%.",
        "The 2-year survival for stem cell transplantation was 40%.",
        "The 2-year survival of patients with biliary stents was 40%.",
        "We took failure of treatment with stents as the end point. Survival at 2 years was 40%.",
    ],
)
def test_survival_of_patients_who_have_implants_is_theirs(text: str) -> None:
    """A thing that only names a treatment, or those who had it, does not survive."""
    assert "[" not in marked_implants(text)


def test_deceased_donors_are_no_deaths() -> None:
    """Nor is donation after the death of the donor."""
    text = (
        "In all, 212 deceased donor transplants (120 men and 92 women) were done. Survival at 5 "
        "years was 70% in men and 78% in women."
    )
    arms = draft_study(text).study.endpoints[0].arms
    assert [(arm.n, arm.events) for arm in arms.values()] == [(120, None), (92, None)]


@pytest.mark.parametrize(
    "text",
    [
        "Forty-four patients met the inclusion criteria. Thirty patients received radiosurgery and "
        "14 received whole-brain radiotherapy.",
        "We report 44 patients; 30 underwent lobectomy and 14 underwent segmentectomy.",
    ],
)
def test_parts_of_all_patients_are_not_all(text: str) -> None:
    """Those who had one of two treatments are neither, where survival is that of all."""
    assert _survival(f"{text} The 5-year overall survival was 80%.") == {"OS": (44, ["80%"])}


def test_relative_survival_is_another() -> None:
    """It is compared with that of the population."""
    with pytest.raises(DraftRefused):
        draft_study("We studied 2310 patients. The 5-year relative survival was 62%.")


def test_a_sentence_after_a_title_does_not_go_on_with_the_one_before() -> None:
    """Only the rows of a table do, so the p-value of another outcome is none of survival."""
    text = (
        "World Journal of Resection volume 10\nPatients had drug (n = 80) or placebo (n = 90).\n"
        "No difference in mortality was found between the drug group and the placebo group.\n"
        "The mean number of nodes between the drug group and the placebo group was similar (20.1 "
        "vs. 21.0, P = 0.61).\nThe 3-year overall survival rate was 71% in the drug group and 69% "
        "in the placebo group."
    )
    reported = draft_study(text).study.endpoints[0].reported
    assert reported is None or reported.p is None


def test_an_outcome_that_a_text_names_itself() -> None:
    """Its Kaplan-Meier estimate is survival free of it, and none of overall survival."""
    text = (
        "We treated 52 patients. Local failure (LF) was scored. The Kaplan-Meier estimate of LF at "
        "6 months was 22%, and overall survival at 1 year was 51%."
    )
    assert _survival(text) == {"LF": (52, ["78%"]), "OS": (52, ["51%"])}
    assert draft_study(text).study.endpoints[0].label == "free of Local failure"


def test_a_hazard_ratio_of_an_outcome_that_a_text_names_itself() -> None:
    """It is that endpoint's; patients who have it at entry make it none."""
    arms = "We assigned 200 patients with diabetes to drug (n = 101) or placebo (n = 99). "
    ratio = (
        "The risk of ESKD was lower with drug than with placebo (14 vs. 25 events; hazard ratio "
        "0.54, P = 0.02)."
    )
    (endpoint,) = draft_study(
        f"{arms}End-stage kidney disease (ESKD) was recorded. {ratio}"
    ).study.endpoints
    assert (endpoint.name, endpoint.label) == ("ESKD", "free of End-stage kidney disease")
    assert [arm.events for arm in endpoint.arms.values()] == [14, 25]
    assert endpoint.reported is not None
    assert endpoint.reported.hazard_ratio is not None
    with pytest.raises(DraftRefused):
        draft_study(
            f"{arms}They had end-stage kidney disease (ESKD). In patients with ESKD {ratio}"
        )


ARMS = "We assigned patients to drug (n = 120) or placebo (n = 118). "
OF_EITHER = (
    "Overall survival at 3 years was 61% in the former cohort of women and 52% in the latter "
    "cohort of women."
)


def test_what_is_known_is_drafted_where_results_are_not_attributed() -> None:
    """Patients, follow-up and p stand in the file, each such sentence with a question."""
    told = (
        "Median follow-up was 30 months. The 3-year OS was 61% in the former and 52% in the latter "
    )
    draft = draft_study(f"{ARMS}{told}cohort (P = 0.04).")
    (endpoint,) = draft.study.endpoints
    assert [arm.n for arm in endpoint.arms.values()] == [120, 118]
    assert not any(arm.landmarks for arm in endpoint.arms.values())
    assert draft.questions[0].startswith("Nothing can be reproduced yet: ")
    assert "it could not be told of which arm the numbers of this sentence are" in draft.text


@pytest.mark.parametrize(
    "arms",
    [
        pytest.param("Patients had drug or placebo. ", id="names-only"),
        pytest.param(
            "We compared drug (n = 120), placebo (n = 118), surgery (n = 90), rest (n = 88) and "
            "none (n = 70). ",
            id="more-groups",
        ),
    ],
)
def test_names_alone_and_doubtful_arms_are_refused(arms: str) -> None:
    """Nothing is drafted of arms that may be others."""
    with pytest.raises(DraftRefused, match="name"):
        draft_study(arms + OF_EITHER, arms=["drug", "placebo"])


def _landmarks(text: str) -> list[list[str]]:
    (endpoint,) = draft_study(ARMS + text).study.endpoints
    return [
        [each.survival.text for each in arm.landmarks.values()] for arm in endpoint.arms.values()
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "At 2 years, death from any cause had occurred in 13.0% of the patients in the drug "
            "group and in 19.2% of those in the placebo group (difference, 6.2 percentage points; "
            "95% CI, 0.9 to 11.5).",
            [["87.0%"], ["80.8%"]],
            id="deaths",
        ),
        pytest.param(
            "The primary outcome was a composite of death from any cause or stroke.At 5 years, a "
            "primary outcome event had occurred in 22.0% of the patients in the drug group and in "
            "19.2% of those in the placebo group.",
            [["78.0%"], ["80.8%"]],
            id="composite-without-a-space-before-the-sentence",
        ),
        pytest.param(
            "At 6 months, 90 of 120 patients (75%) in the drug group and 59 of 118 (50%) in the "
            "placebo group were alive.",
            [["75%"], ["50%"]],
            id="alive",
        ),
    ],
)
def test_shares_of_the_dead_and_the_living_at_a_time(text: str, expected: list[list[str]]) -> None:
    """They are survival at that time; a difference beside them is none."""
    assert _landmarks(text) == expected


def test_a_composite_of_deaths_from_one_cause_competes_with_others() -> None:
    """Its shares are questions, not survival."""
    draft = draft_study(
        f"{ARMS}The primary outcome was a composite of cardiovascular death or stroke. At 5 years, "
        "a primary outcome event had occurred in 22.0% of the patients in the drug group and in "
        "19.2% of those in the placebo group."
    )
    assert not any(arm.landmarks for arm in draft.study.endpoints[0].arms.values())
    assert sum("death from other causes competes with it" in each for each in draft.questions) == 2


def test_a_risk_behind_its_hazard_ratio() -> None:
    """The words on both sides of the bracket say of what it is, and who fared better."""
    (endpoint,) = draft_study(
        f"{ARMS}The drug group had a reduced (hazard ratio = 0.46, 95% CI 0.22-0.97) risk of death."
    ).study.endpoints
    assert (endpoint.name, endpoint.reference) == ("OS", "placebo")
