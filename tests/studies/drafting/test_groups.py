"""Groups of patients are arms where they are the study, and subgroups where they are not."""

from __future__ import annotations

import pytest

from kmrepro.studies import Endpoint
from kmrepro.studies.drafting import DraftRefused, draft_study
from kmrepro.studies.drafting.groups import durations

MARKED = (
    "Median OS was 9.8 months (95% CI 8.0-11.7) in patients with {high} (n = 128) and 21.4 months "
    "(95% CI 18.9-24.6) in patients with {low} (n = 134) (HR 2.27; 95% CI 1.70-3.03)."
)


def _endpoint(text: str) -> Endpoint:
    return draft_study(text).study.endpoints[0]


def _medians(endpoint: Endpoint) -> dict[str, str | None]:
    return {name: arm.median.text if arm.median else None for name, arm in endpoint.arms.items()}


@pytest.mark.parametrize(
    ("high", "low"),
    [("high ctDNA", "low ctDNA"), ("BRAF mutation", "wild-type BRAF"),
     ("PD-L1 positive", "PD-L1 negative"), ("unmethylated MGMT", "methylated MGMT")],
)  # fmt: skip
def test_two_states_of_a_marker_are_groups(high: str, low: str) -> None:
    """They are compared, and the file says that they are no treatments."""
    endpoint = _endpoint(MARKED.format(high=high, low=low))
    assert _medians(endpoint) == {high: "9.8", low: "21.4"}
    assert [arm.n for arm in endpoint.arms.values()] == [128, 134]
    assert (endpoint.reference, endpoint.compares) == (low, "groups")


def test_a_marker_is_known_by_its_other_names() -> None:
    """A mutated gene is "TP53-mutated" as well, and has a "TP53 mutation"."""
    endpoint = _endpoint(
        "Of 300 patients, 90 had mutated TP53 and 210 had wild-type TP53. Median OS was 11.3 "
        "months with TP53 mutation and 34.0 months with TP53 wild-type; 2-year OS was 24.1% for "
        "TP53-mutated and 61.5% for TP53 wild-type patients."
    )
    assert _medians(endpoint) == {"mutated TP53": "11.3", "wild-type TP53": "34.0"}
    assert [arm.landmarks[24].survival.text for arm in endpoint.arms.values()] == ["24.1%", "61.5%"]
    assert [arm.n for arm in endpoint.arms.values()] == [90, 210]


def test_counts_that_do_not_add_up_divide_nobody() -> None:
    """Of two features that overlap nothing is read as of groups."""
    endpoint = _endpoint(
        "Of 300 patients, 90 had stage II and 120 stage III disease. Median OS was 34.0 months."
    )
    assert list(endpoint.arms) == ["all"]


def test_markers_divide_no_randomised_trial() -> None:
    """The arms of a trial are those that patients were assigned to."""
    endpoint = _endpoint(
        "We randomised 160 patients to drug (n = 81) or placebo (n = 79). Median OS was 12.2 "
        "months with drug and 10.9 months with placebo. "
        + MARKED.format(high="high AFP", low="low AFP")
    )
    assert _medians(endpoint) == {"drug": "12.2", "placebo": "10.9"}
    assert endpoint.compares == "treatments"


def test_treatments_come_before_groups() -> None:
    """That patients are node-positive or negative as well makes them no arms."""
    endpoint = _endpoint(
        "Of 180 patients, 60 were node-positive and 120 were node-negative. The 5-year OS was 55% "
        "on drug (n = 90) and 37% on placebo (n = 90)."
    )
    assert {name: arm.landmarks[60].survival.text for name, arm in endpoint.arms.items()} == {
        "drug": "55%", "placebo": "37%",
    }  # fmt: skip


def test_a_subgroup_analysis_does_not_divide_a_study_of_one_arm() -> None:
    """What is reported of all patients is more than what is reported of the groups."""
    endpoint = _endpoint(
        "In 118 patients, median OS was 14.2 months and median PFS was 4.1 months. The 1-year OS "
        "was 56%. Median OS was 19.1 months in KRAS-mutant patients and 9.9 months in KRAS "
        "wild-type patients."
    )
    assert _medians(endpoint) == {"all": "14.2"}


@pytest.mark.parametrize("noun", ["period", "era", "cohort"])
def test_periods_are_groups_if_each_is_named_twice(noun: str) -> None:
    """A period that is named once may be of something else."""
    text = (
        f"In all, 512 patients were diagnosed in {noun} 1 and 633 in {noun} 2. Five-year OS was "
        f"21.4% in {noun} 1 and 33.0% in {noun} 2."
    )
    arms = _endpoint(text).arms
    assert {name: arm.n for name, arm in arms.items()} == {f"{noun} 1": 512, f"{noun} 2": 633}


def test_medians_not_reached_in_two_of_three_groups() -> None:
    """One "not reached" is of every group that it names."""
    endpoint = _endpoint(
        "Patients were divided into low-risk (n = 40), intermediate-risk (n = 44) and high-risk "
        "(n = 39) groups. Median OS was not reached in the low- and intermediate-risk groups and "
        "was 22 months in the high-risk group."
    )
    assert _medians(endpoint) == {"low-risk": "NR", "intermediate-risk": "NR", "high-risk": "22"}


@pytest.mark.parametrize(
    ("counted", "first", "second"),
    [
        ("Of 300 patients, 180 were men and 120 women.", "men", "women"),
        ("A total of 300 patients (180 men and 120 women) were analysed.", "men", "women"),
        ("Of 300 children, 180 were boys and 120 girls.", "boys", "girls"),
        ("Of 300 patients, 180 had an R0 resection and 120 an R1 resection.", "R0", "R1"),
        (
            "Of 300 patients, 180 were Child-Pugh class A and 120 Child-Pugh class B.",
            "Child-Pugh A",
            "Child-Pugh B",
        ),
    ],
)
def test_classes_of_patients_with_fixed_names(counted: str, first: str, second: str) -> None:
    """They are groups, as no treatment is called so."""
    endpoint = _endpoint(
        f"{counted} Median OS was 25.1 months in {first} and 18.2 months in {second} patients; 90 "
        f"{first} patients and 71 {second} patients died."
    )
    found = {name: (arm.n, arm.events, str(arm.median)) for name, arm in endpoint.arms.items()}
    assert found == {first: (180, 90, "25.1"), second: (120, 71, "18.2")}
    assert endpoint.compares == "groups"


@pytest.mark.parametrize("total", ["Of 318 patients", "Of 290 patients"])
def test_classes_that_do_not_make_up_all_patients_are_no_groups(total: str) -> None:
    """Others were left out, or counted twice."""
    with pytest.raises(DraftRefused):
        draft_study(
            f"{total}, 180 were men and 120 women. Median OS was 25.1 months in men and 18.2 "
            "months in women."
        )


def test_men_and_women_beside_all_patients_are_a_subgroup_analysis() -> None:
    """As much is reported of all together."""
    study = draft_study(
        "Of 300 patients, 180 were men and 120 women. Median OS was 21.0 months and median PFS was "
        "9.2 months. Median OS was 20.1 months in men and 23.2 months in women."
    ).study
    assert [_medians(e) for e in study.endpoints] == [{"all": "21.0"}, {"all": "9.2"}]


def test_men_and_women_do_not_divide_treatments_that_are_compared() -> None:
    """Treatments are the arms, and what is said of the sexes is not theirs."""
    endpoint = _endpoint(
        "Of 612 patients (340 men and 272 women), 301 underwent surgery and 311 radiotherapy. "
        "Median OS was 61.2 months after surgery and 52.4 months after radiotherapy. Median OS was "
        "60.1 months in women and 54.4 months in men."
    )
    assert _medians(endpoint) == {"surgery": "61.2", "radiotherapy": "52.4"}


def test_an_adjusted_ratio_of_a_class_is_of_the_endpoint_that_the_sentence_names() -> None:
    """The p of the log-rank test stands beside it."""
    endpoint = _endpoint(
        "Of 300 patients, 180 had an R0 resection and 120 an R1 resection. Median OS was 25.1 "
        "months in the R0 group and 18.2 months in the R1 group (log-rank P = 0.004). In "
        "multivariable analysis that took tumour grade, nodal status and adjuvant treatment into "
        "account as well, R1 status (HR 1.44, 95% CI 1.08-1.92, P = 0.013) and age (HR 1.9, "
        "95% CI 1.3-2.7) were independent predictors of overall survival."
    )
    reported = endpoint.reported
    assert reported is not None
    assert reported.hazard_ratio is not None
    assert (endpoint.treatment, endpoint.reference) == ("R1", "R0")
    assert (str(reported.hazard_ratio), reported.adjusted) == ("1.44", True)
    assert str(reported.p) == "0.004"


ASSIGNED = "Patients were randomly assigned (1:1) to 3 years or 6 years of drug. "


@pytest.mark.parametrize(
    "sentence",
    [
        "The 5-year RFS was 74.5% in the 3-year group and 88.6% in the 6-year group (HR 0.42).",
        "The 5-year RFS was 88.6% v 74.5% with 6 years and 3 years, respectively (HR 0.42).",
        "RFS at 5 years was 88.6% with 6 years (n = 137), 74.5% with 3 years (n = 139; HR 0.42).",
    ],
)
def test_durations_are_arms(sentence: str) -> None:
    """Five years is a time, three and six are arms."""
    (endpoint,) = draft_study(ASSIGNED + sentence).study.endpoints
    found = {arm: next(iter(one.landmarks.items())) for arm, one in endpoint.arms.items()}
    assert {arm: (time, landmark.survival.text) for arm, (time, landmark) in found.items()} == {
        "3 years": (60, "74.5%"),
        "6 years": (60, "88.6%"),
    }
    assert endpoint.reference == "3 years"


def test_a_time_that_is_also_a_duration_stays_a_time() -> None:
    """Survival at 3 years is not that of the 3-year arm."""
    text = f"{ASSIGNED}At 3 years, RFS was 80.1% in the 3-year group and 90.2% in the 6-year group."
    (endpoint,) = draft_study(text).study.endpoints
    found = [{t: s.survival.text for t, s in a.landmarks.items()} for a in endpoint.arms.values()]
    assert found == [{36: "80.1%"}, {36: "90.2%"}]


def test_events_of_durations() -> None:
    """The word group stands behind the second only."""
    (endpoint,) = draft_study(
        f"{ASSIGNED}In total, 40 deaths occurred, 27 in the 3-year and 13 in the 6-year group. The "
        "5-year OS was 74.5% in the 3-year group and 88.6% in the 6-year group."
    ).study.endpoints
    assert [arm.events for arm in endpoint.arms.values()] == [27, 13]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We compared 12 months with 3 months of dual therapy.", ["12 months", "3 months"]),
        ("Patients were assigned to nine weeks or one year of drug.", ["9 weeks", "1 year"]),
        ("206 were assigned to the 2-year group and 203 to the 6-month group.",
         ["2 years", "6 months"]),
        ("Patients were assigned to 6 cycles of FOLFOX or 8 cycles of FOLFIRI.", []),
        ("OS at 3 years and 5 years of follow-up was compared.", []),
        ("Patients were assigned to drug or placebo for 2 years and 3 years of observation.", []),
        ("assigned " * 4000, []),
        ("assigned to 3 years " * 2000, []),
    ],
)  # fmt: skip
def test_two_durations_of_one_treatment(text: str, names: list[str]) -> None:
    """Durations of two treatments, and of follow-up, name no arms."""
    assert [one.name for one in durations(text) or ()] == names
