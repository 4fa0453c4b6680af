"""What looks like a result and is none, or another: doses, parts of the patients, other deaths."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import DraftRefused, draft_study

ARMS = "Patients were assigned to drug (n = 120) or placebo (n = 118). "
MEDIANS = "Median OS was 22.0 months with drug and 15.0 months with placebo. "


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("death or disease progression", "PFS"),
        ("cancer-related event, second cancer, or death", "DFS"),
    ],
)
def test_ratio_of_several_events_is_not_that_of_death(words: str, name: str) -> None:
    """A list of events that ends with death is no hazard ratio of overall survival."""
    full = {"PFS": "progression-free survival", "DFS": "disease-free survival"}[name]
    draft = draft_study(
        f"{ARMS}{MEDIANS}The median {full} was 8.0 months with drug and 5.0 months with placebo "
        f"(hazard ratio for {words}, 0.58; 95% CI, 0.46 to 0.73)."
    )
    reported = {e.name: e.reported and e.reported.hazard_ratio for e in draft.study.endpoints}
    assert reported[name].text == "0.58"
    assert not reported["OS"]


def test_days_of_a_cycle_are_no_patients() -> None:
    """Days 1, 8, and 15 count nobody."""
    draft = draft_study(
        "We randomly assigned 493 patients to receive drug (85 mg per square meter every 2 weeks) "
        "or placebo (on days 1, 8, and 15 every 4 weeks). " + MEDIANS
    )
    assert all(arm.n is None for arm in draft.study.endpoints[0].arms.values())


def test_deaths_from_a_cause_are_named_and_left_out() -> None:
    """Death from a cause is another outcome, and a draft says that it was not read."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}Death from cardiovascular causes occurred in 27 patients in the drug "
        "group and in 33 patients in the placebo group (hazard ratio, 0.82; 95% CI, 0.69 to 0.98)."
    )
    assert draft.study.endpoints[0].reported is None
    assert "not read: hazard ratio 0.82 (death from cardiovascular causes)" in draft.text


def test_other_times_are_named() -> None:
    """A time to another event is listed, not dropped without a word."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}The median time to symptomatic progression was 4.1 months vs. 4.9 months."
    )
    assert "not read: another outcome (time to symptomatic progression)" in draft.text


def test_relative_risk_is_a_question() -> None:
    """Deaths and patients are drafted; a relative risk need not be a hazard ratio."""
    draft = draft_study(
        f"{ARMS}There were 86 deaths in the placebo group (46 percent) and 64 in the drug group "
        "(35 percent; relative risk of death, 0.70; 95 percent confidence interval, 0.60 to 0.82)."
    )
    arms = draft.study.endpoints[0].arms
    assert (arms["placebo"].events, arms["drug"].events) == (86, 64)
    assert any("0.70" in q and "relative risk" in q for q in draft.questions)


def test_mortality_beside_a_margin() -> None:
    """Rates of death at a time are drafted as survival; those of the first month are not."""
    draft = draft_study(
        f"{ARMS}The rates of death from any cause were 3.4% in the drug group and 6.5% in the "
        "placebo group at 30 days and 24.2% and 26.8%, respectively, at 1 year (P=0.44), a "
        "reduction of 2.6 percentage points in the drug group (upper limit of the 95% confidence "
        "interval, 3.0 percentage points; predefined margin, 7.5 percentage points)."
    )
    arms = draft.study.endpoints[0].arms
    read = {
        name: {t: v.survival.text for t, v in arm.landmarks.items()} for name, arm in arms.items()
    }
    assert read == {"drug": {12.0: "75.8%"}, "placebo": {12.0: "73.2%"}}
    assert "survival = 100% - mortality" in draft.text


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "Of 713 patients who underwent randomization, 709 received the assigned intervention "
            "(473 patients received drug and 236 received placebo). ",
            "more patients were randomised than are counted here",
        ),
        (
            "Patients were assigned to drug (550 patients) or placebo (546 patients); 425 and "
            "422, respectively, had intermediate risk. At a median follow-up of 25.2 months in "
            "intermediate- and poor-risk patients, the 1-year overall survival was 75% with drug "
            "and 60% with placebo. ",
            "results are reported of some of them",
        ),
        (
            "Patients were assigned to drug (274 patients) or placebo (273 patients). Four "
            "patients (one in the drug group and three in the placebo group) were lost; these "
            "patients were not included in our analyses. ",
            "some of these patients were not analysed",
        ),
    ],
    ids=["treated", "some", "excluded"],
)
def test_patients_of_whom_is_unsure_are_a_question(said: str, why: str) -> None:
    """The number of patients is left open where results may be of others."""
    draft = draft_study(said + MEDIANS)
    assert all(arm.n is None for arm in draft.study.endpoints[0].arms.values())
    assert any(why in question for question in draft.questions)


def test_two_kinds_of_events_are_not_those_of_two_arms() -> None:
    """Those who had relapsed and those who had died are of all patients."""
    draft = draft_study(
        f"{ARMS}In all, 60 patients (25.2%) had relapsed and 66 patients (27.7%) had died. "
        f"{MEDIANS}"
    )
    assert all(arm.events is None for arm in draft.study.endpoints[0].arms.values())


def test_part_set_is_left_out_below_its_heading() -> None:
    """A paragraph that begins with "Per-protocol set." reports other patients."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}\n\nPer-protocol set. Median OS was 25.0 months in the drug group and "
        "16.0 months in the placebo group (HR 0.59, 95% CI 0.46-0.75)."
    )
    assert draft.study.endpoints[0].arms["drug"].median.text == "22.0"
    assert draft.study.endpoints[0].reported is None


@pytest.mark.parametrize(
    "text",
    [
        "In the base case the model predicted 5-year survival of 34% with drug and 25% with "
        "placebo.",
        "We searched PubMed and Embase for a systematic review. In six trials overall survival at "
        "3 years was 40% with drug and 30% with placebo (HR 0.70).",
    ],
    ids=["model", "review"],
)
def test_no_results_of_own_patients(text: str) -> None:
    """Modelled survival, and that of other studies, is refused."""
    with pytest.raises(DraftRefused):
        draft_study(ARMS + text)


def test_what_was_cut_off_a_sentence_is_named() -> None:
    """A hazard ratio of some of the patients, behind a semicolon, is listed."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}A total of 71 patients receiving drug and 83 patients receiving placebo "
        "died (hazard ratio for death from any cause, 0.84; 95% CI, 0.76 to 0.93); of these "
        "patients, 55 and 69, respectively, died from cardiovascular causes (hazard ratio, 0.79)."
    )
    assert draft.study.endpoints[0].reported.hazard_ratio.text == "0.84"
    assert "not read: hazard ratio 0.79 (died from cardiovascular causes)" in draft.text


RATIO = (
    "Median overall survival was 22.0 months with drug and 15.0 months with placebo (hazard ratio "
    "0.72; 95% CI, 0.60 to 0.86). "
)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("death from cardiovascular causes", ""),
        ("death from cardiovascular causes", " with drug"),
        ("death from cardiovascular or renal causes", ""),
        ("death due to heart failure", ", drug versus placebo,"),
        ("death of cardiac causes", " in the drug group"),
        ("mortality due to cancer", ""),
    ],
)
def test_ratio_of_death_from_a_cause_is_named(words: str, cause: str) -> None:
    """A hazard ratio for death from one cause is none of overall survival, and is listed."""
    draft = draft_study(
        f"{ARMS}{RATIO}The hazard ratio for {words}{cause} was 0.82 (0.70 to 0.96; P = 0.02)."
    )
    reported = draft.study.endpoints[0].reported
    assert (reported.hazard_ratio.text, reported.p) == ("0.72", None)
    assert not any("hazard_ratio" in question for question in draft.questions)
    assert f"not read: hazard ratio 0.82 ({words})" in draft.text


def test_ratio_of_death_from_a_cause_takes_no_place() -> None:
    """It is not that of overall survival either where it alone says which arms it compares."""
    draft = draft_study(
        f"{ARMS}Overall survival was longer with drug than with placebo (hazard ratio 0.72; 95% "
        "CI, 0.60 to 0.86). The hazard ratio for death from cardiovascular causes with drug was "
        "0.82 (0.70 to 0.96)."
    )
    assert draft.study.endpoints[0].reported.hazard_ratio.text == "0.72"


@pytest.mark.parametrize(
    "words",
    [
        "death from any cause",
        "death from all causes",
        "death of any cause",
        "death of all patients",
        "death from the prespecified Cox model",
        "death from randomisation",
    ],
)
def test_ratio_of_all_deaths_is_read(words: str) -> None:
    """What follows "death" need be no cause of it."""
    draft = draft_study(f"{ARMS}{MEDIANS}The hazard ratio for {words} was 0.72 (0.60 to 0.86).")
    assert draft.study.endpoints[0].reported.hazard_ratio.text == "0.72"
    assert "not read" not in draft.text


def test_deaths_from_a_cause_are_no_events() -> None:
    """Deaths from heart failure are not all deaths."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}Deaths from heart failure occurred in 27 patients in the drug group and "
        "in 33 patients in the placebo group (hazard ratio, 0.82; 95% CI, 0.69 to 0.98)."
    )
    assert all(arm.events is None for arm in draft.study.endpoints[0].arms.values())
    assert "not read: hazard ratio 0.82 (deaths from heart failure)" in draft.text


def test_a_second_ratio_is_named() -> None:
    """A hazard ratio that gives way to another of the same endpoint is listed."""
    draft = draft_study(f"{ARMS}{RATIO}The hazard ratio for death was 0.79 (0.65 to 0.95).")
    assert draft.study.endpoints[0].reported.hazard_ratio.text == "0.72"
    assert "not read: hazard ratio 0.79" in draft.text


def test_a_ratio_that_is_asked_about_is_not_listed() -> None:
    """A hazard ratio in a question, or the one filled in said again, is not left out."""
    again = f"{RATIO}Overall survival was longer with drug (hazard ratio 0.72)."
    asked = f"{RATIO}The hazard ratio for death, drug versus placebo, was 0.79 (0.65 to 0.95)."
    for text in (again, asked):
        assert "not read" not in draft_study(ARMS + text).text
    assert any("0.72 or 0.79" in question for question in draft_study(ARMS + asked).questions)


def test_ratio_left_open_says_that_it_is_outside_its_interval() -> None:
    """A hazard ratio without a side contradicts its interval all the same."""
    draft = draft_study(
        f"{ARMS}There were 40 deaths with drug and 41 deaths with placebo (hazard ratio for death, "
        "0.72; 95% CI, 0.80 to 0.90)."
    )
    [question] = draft.questions
    assert "which arm is the reference" in question
    assert "it lies outside its interval, 0.80 to 0.90" in question


def test_patients_in_a_question_are_in_the_order_of_the_text() -> None:
    """Of two numbers of patients of one arm the first stands first."""
    draft = draft_study(
        "Patients were assigned to drug (n = 120) or placebo (n = 118). Patients were assigned to "
        f"drug (n = 120) or placebo (n = 117). {MEDIANS}"
    )
    assert any("118 or 117" in question for question in draft.questions)


@pytest.mark.parametrize(
    "events",
    ["27 (19%) leaks or deaths were recorded", "27 (19%) had sprained or died"],
)
def test_death_or_something_unknown_is_no_death(events: str) -> None:
    """A composite of which one part is not known has no survival of its own."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}{events} in the drug group and 13 (9%) in the placebo group."
    )
    assert [arm.events for arm in draft.study.endpoints[0].arms.values()] == [None, None]


def test_ratio_of_death_or_something_unknown_is_none_of_survival() -> None:
    """The hazard ratio of a composite is not given to overall survival."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}The span to death or distant spread was 28.3 months with drug and 16.2 "
        "months with placebo (hazard ratio, 0.53; 95% CI, 0.41 to 0.68)."
    )
    assert draft.study.endpoints[0].reported is None


def test_survival_free_of_something_is_another_endpoint() -> None:
    """Its medians are not those of overall survival."""
    draft = draft_study(
        "Patients were assigned to drug (n = 120) or placebo (n = 118). Median survival, free of "
        "tracheostomy or permanent ventilation, was 23.5 months with drug and 18.7 months with "
        "placebo (hazard ratio 0.74; 95% CI 0.56-0.97). For overall survival, the hazard ratio was "
        "0.71 (0.53-0.94)."
    )
    medians = {e.name: [str(arm.median) for arm in e.arms.values()] for e in draft.study.endpoints}
    assert medians == {"EFS": ["23.5", "18.7"], "OS": ["None", "None"]}


@pytest.mark.parametrize(
    "sentence",
    [
        "For age older than 70 years, survival was better with drug (HR 0.35, 0.21-0.56).",
        "Patients without the marker (n = 79) did not benefit (HR for death 0.97, 0.68-1.39).",
        "An analysis conditional on survival to 6 months gave a HR for death of 0.91 (0.70-1.18).",
    ],
)
def test_ratio_of_some_of_the_patients_in_other_words(sentence: str) -> None:
    """It is not that of all."""
    assert draft_study(f"{ARMS}{MEDIANS}{sentence}").study.endpoints[0].reported is None


def test_survival_that_was_read_in_part_is_left_out_in_part() -> None:
    """Survival of the first days is no landmark, which the draft lists."""
    draft = draft_study(
        "Patients were assigned to velone (n = 250) or dacarb (n = 251). Overall survival at 30 "
        "days and 1 year was 97.2% and 92.4% with velone and 95.6% and 88.8% with dacarb."
    )
    assert "not read: survival of 97.2%, 95.6%" in draft.text
    arms = draft.study.endpoints[0].arms
    assert [a.landmarks[12.0].survival.text for a in arms.values()] == ["92.4%", "88.8%"]


@pytest.mark.parametrize("event", ["Progression", "Recurrence", "Relapse"])
def test_a_share_with_an_event_is_no_survival(event: str) -> None:
    """What stands before the survival of a sentence may be of the event."""
    with pytest.raises(DraftRefused):
        draft_study(
            f"{event} at 3 years was 21%, with {event.lower()}-free survival still immature."
        )
