"""Which arm a number is of, and what is asked where the numbers contradict each other."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import draft_study
from kmrepro.studies.study import Study

ARMS = "360 patients were assigned to control and 356 patients to drug. "


def endpoint(study: Study, name: str):
    """Return the endpoint of a name."""
    return next(e for e in study.endpoints if e.name == name)


def test_values_are_in_the_order_of_their_sentence() -> None:
    """The arms of a list are those of its own sentence, not in the order of one before."""
    draft = draft_study(
        f"{ARMS}Overall survival was increased in the drug group compared with the control group "
        "(hazard ratio 0.77, 95% CI 0.63-0.94; median overall survival, 50 months vs 35 months)."
    )
    arms = draft.study.endpoints[0].arms
    assert arms["drug"].median.text == "50"
    assert arms["control"].median.text == "35"
    assert draft.study.endpoints[0].reference == "control"


def test_dealt_values_that_contradict_the_ratio_are_left_open() -> None:
    """What was dealt out in the order of the text is a question if the hazard ratio denies it."""
    draft = draft_study(
        "Patients were assigned to control (n = 360) or drug (n = 356). The hazard ratio for death "
        "for drug versus control was 0.60 (95% CI, 0.48-0.75). Median overall survival was 50 vs "
        "35 months."
    )
    arms = draft.study.endpoints[0].arms
    assert arms["drug"].median is None
    assert arms["control"].median is None
    assert any("their arms are not said beside them" in q for q in draft.questions)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "Median OS was 21.2 months (95% CI 25.4-27.0) with drug and 15.0 months with control.",
            "OS: arms.drug.median = 21.2? As reported, but its interval is 25.4 to 27.0.",
        ),
        (
            "OS at 2 years was 60.1% with drug and 50.0% with control. OS at 4 years was 66.2% "
            "with drug and 31.0% with control.",
            "OS: arms.drug.survival = 66.2%? As reported, but survival was 60.1% before.",
        ),
        (
            "Median OS was 35.0 months with drug and 20.0 months with control (HR for control "
            "versus drug, 0.60; 95% CI, 0.40-0.90).",
            "OS: reported.hazard_ratio = 0.60? As reported, but survival favours the other arm.",
        ),
        (
            "Median OS was 35.0 months with drug and 20.0 months with control (HR, 0.36; 95% CI, "
            "0.40-0.90).",
            "OS: reported.hazard_ratio = 0.36? As reported, but its interval is 0.40 to 0.90.",
        ),
        (
            "Death occurred in 400 patients in the drug group and 120 in the control group. Median "
            "OS was 35.0 months with drug and 20.0 months with control.",
            "OS: arms.drug.events = 400? As reported, but n is 356.",
        ),
    ],
    ids=["interval", "rising", "side", "ratio", "events"],
)
def test_contradictions_are_asked(said: str, why: str) -> None:
    """Numbers are transcribed as reported, and a sentence says what contradicts them."""
    draft = draft_study(ARMS + said)
    assert why in draft.questions
    assert why in draft.text


def test_what_agrees_is_not_asked() -> None:
    """Survival that is nearly alike contradicts no hazard ratio."""
    draft = draft_study(
        f"{ARMS}OS at 3 and 5 years was 86.2% and 78.7% with drug and 87.1% and 78.6% with control "
        "(HR for drug, 0.87; 95% CI, 0.59-1.27)."
    )
    assert not draft.questions


@pytest.mark.parametrize(
    ("words", "reference"),
    [
        ("Progression-free survival was longer with drug than with control", "control"),
        ("Progression-free survival was shorter with drug than with control", "drug"),
        ("The risk of progression or death was 40% lower with drug than with control", "control"),
        ("Drug improved progression-free survival, as compared with control", "control"),
    ],
)
def test_words_say_the_side(words: str, reference: str) -> None:
    """Where no survival is reported, the words say which arm fared better."""
    draft = draft_study(f"{ARMS}{words} (hazard ratio for progression or death, 0.60).")
    assert endpoint(draft.study, "PFS").reference == reference
    assert "the text says which arm fared better" in draft.text


def test_denied_words_say_no_side() -> None:
    """A comparison that is denied says nothing."""
    draft = draft_study(
        f"{ARMS}Deaths occurred in 70 patients in the drug group and 71 in the control group. "
        "Overall survival was not longer with drug than with control (hazard ratio, 0.80)."
    )
    assert draft.study.endpoints[0].reported is None
    assert any("which arm is the reference" in q for q in draft.questions)


def test_three_arms_for_the_comparison_with_one() -> None:
    """The second hazard ratio says its reference, and stands beside the value of the other arm."""
    draft = draft_study(
        "We randomly assigned, in a 1:1:1 ratio, patients to adamab, belmab, or cormab. The median "
        "progression-free survival was 11.5 months with adamab, as compared with 2.9 months with "
        "cormab (hazard ratio for death or disease progression, 0.42), and 6.9 months with belmab "
        "(hazard ratio for the comparison with cormab, 0.57)."
    )
    found = {
        (e.treatment, e.reference): e.reported.hazard_ratio.text for e in draft.study.endpoints
    }
    assert found == {("adamab", "cormab"): "0.42", ("belmab", "cormab"): "0.57"}
