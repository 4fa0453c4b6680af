"""Who is compared and of whom a sentence is, where only the structure of the text says so."""

from __future__ import annotations

import pytest

from kmrepro.studies import Endpoint
from kmrepro.studies.drafting import DraftRefused, draft_study

TITLE = "Dacomab versus Nedamab in Recurrent Thymic Carcinoma\n"
BODY = (
    "We randomised patients with recurrent thymic carcinoma to dacomab (n = 100) or nedamab "
    "(n = 98). Median OS was 20.1 months with dacomab and 15.2 months with nedamab. "
)


def _read(text: str) -> dict[str, Endpoint]:
    return {each.name: each for each in draft_study(text).study.endpoints}


def _medians(endpoint: Endpoint) -> dict[str, str]:
    return {name: arm.median.text for name, arm in endpoint.arms.items() if arm.median}


def _landmarks(endpoint: Endpoint) -> dict[str, list[str]]:
    return {
        name: [mark.survival.text for mark in arm.landmarks.values()]
        for name, arm in endpoint.arms.items()
    }


def _ratio(endpoint: Endpoint) -> tuple[str, str | None]:
    assert endpoint.reported is not None
    assert endpoint.reported.hazard_ratio is not None
    return endpoint.reported.hazard_ratio.text, endpoint.reference


def test_the_disease_of_the_title_is_no_subgroup() -> None:
    """All patients have it, so the sentence is of all."""
    pfs = "median PFS was 6.1 months with dacomab and 4.2 months with nedamab."
    found = _read(f"{TITLE}{BODY}In patients with recurrent thymic carcinoma, {pfs}")
    assert _medians(found["PFS"]) == {"dacomab": "6.1", "nedamab": "4.2"}


@pytest.mark.parametrize(
    "some",
    [
        "patients with recurrent thymic carcinoma and diabetes",
        "patients with recurrent thymic carcinoma with liver metastases",
        "patients with squamous thymic carcinoma",
        "patients aged 70 years or older",
        "patients treated after 2010",
    ],
)
def test_those_of_whom_more_is_said_are_a_subgroup(some: str) -> None:
    """The disease of the title, and something else, is that of some of the patients."""
    pfs = "median PFS was 6.1 months with dacomab and 4.2 months with nedamab."
    found = _read(f"{TITLE}{BODY}In {some}, {pfs}")
    assert "PFS" not in found or not _medians(found["PFS"])


def test_the_age_of_all_who_enter_is_no_subgroup() -> None:
    """So are those of the age at which patients were randomised."""
    found = _read(
        "Patients aged 60 years or older were randomised to R-mini (n = 98) or R-full (n = 99). In "
        "patients aged 60 years or older, the 2-year OS was 59% with R-mini and 61% with R-full."
    )
    assert _landmarks(found["OS"]) == {"R-mini": ["59%"], "R-full": ["61%"]}


@pytest.mark.parametrize(
    ("text", "arms"),
    [
        (
            "We studied adults who received either the novel Zeta-R-COMP regimen (zetamab, "
            "rituxan and prednal) or the standard R-COMP regimen (rituxan and prednal). Median "
            "overall survival for R-COMP was 53.8 months, whereas median overall survival for "
            "Zeta-R-COMP was 71.2 months.",
            {"Zeta-R-COMP": "71.2", "R-COMP": "53.8"},
        ),
        (
            "Overall survival was longer in patients who underwent metastasectomy than in those "
            "who did not (median 31.2 vs 14.0 months). Of 210 patients, 84 underwent "
            "metastasectomy and 126 did not.",
            {"metastasectomy": "31.2", "no metastasectomy": "14.0"},
        ),
        (
            "Pemobart significantly prolonged OS vs placebo (median, 12.3 vs 9.9 mo; HR, 0.77).",
            {"Pemobart": "12.3", "placebo": "9.9"},
        ),
        (
            "Compared with supportive care, treatment with regotinib resulted in longer survival "
            "(median, 6.4 vs. 5.0 months; hazard ratio, 0.77).",
            {"supportive care": "5.0", "regotinib": "6.4"},
        ),
    ],
)
def test_arms_that_only_a_comparison_names(text: str, arms: dict[str, str]) -> None:
    """The form of the sentence says who is compared, though nobody is counted."""
    assert _medians(_read(text)["OS"]) == arms


@pytest.mark.parametrize(
    ("text", "arms"),
    [
        (
            "We compared patients with postoperative radiotherapy (n = 90) and without "
            "postoperative radiotherapy (n = 112). The 5-year OS rates of patients with and "
            "without postoperative radiotherapy were 71.2% and 60.3%, respectively.",
            [["71.2%"], ["60.3%"]],
        ),
        (
            "Patients were divided into two groups: group I, early shunt (n = 55) and group II, "
            "late shunt (n = 61). The 3-year OS was 71% in group I and 58% in group II.",
            [["71%"], ["58%"]],
        ),
        (
            "Patients received platin without (arm A) or with (arm B) nimotarib. No differences "
            "were found between arms A and B in 3-year OS (72.9% v 75.8%, respectively).",
            [["72.9%"], ["75.8%"]],
        ),
        (
            "Five-year OS was similar between stapled and handsewn anastomosis (stapled: 66.1%, "
            "handsewn: 64.2%).",
            [["66.1%"], ["64.2%"]],
        ),
        (
            "The 5-year OS for patients receiving preoperative therapy was 36 percent, as compared "
            "with 23 percent for the surgery group.",
            [["36%"], ["23%"]],
        ),
    ],
)
def test_arms_by_structure(text: str, arms: list[list[str]]) -> None:
    """With and without, numbered groups, labels before values, and names on both sides."""
    assert list(_landmarks(_read(text)["OS"]).values()) == arms


def test_labels_of_nobody_are_left_out() -> None:
    """Values behind labels that are no arm are not dealt to the arms."""
    labels = "PFS at 1 year was similar between dacomab and nedamab (women: 41%, men: 38%)."
    assert "PFS" not in _read(f"{TITLE}{BODY}{labels}")


COUNTED = "We treated 80 patients with lobatin and 82 with cisol. "


@pytest.mark.parametrize(
    ("sentence", "ratio"),
    [
        ("Compared with cisol, lobatin had no impact on OS, with a hazard ratio of 1.20.", "cisol"),
        ("Lobatin was associated with OS (HR 1.20) when compared with cisol.", "cisol"),
        ("There was inferiority of lobatin versus cisol with respect to OS (HR 1.20).", "cisol"),
        ("Compared with lobatin, cisol was associated with OS (HR 1.20).", "lobatin"),
    ],
)
def test_the_subject_of_a_sentence_is_the_treatment(sentence: str, ratio: str) -> None:
    """What it is compared with is the reference."""
    assert _ratio(_read(COUNTED + sentence)["OS"]) == ("1.20", ratio)


def test_hazard_ratios_of_other_outcomes_are_left_out() -> None:
    """One of renal failure is none of survival, though it stands in the same sentence."""
    found = _read(
        f"{COUNTED}Compared with cisol, lobatin was associated with improved OS (HR 0.73), reduced "
        "risk of renal failure (HR 0.18), and improved DFS (HR 0.45)."
    )
    assert _ratio(found["OS"]) == ("0.73", "cisol")
    assert _ratio(found["DFS"]) == ("0.45", "cisol")


def test_hazard_ratios_of_two_against_one() -> None:
    """In one list, in the order of their arms."""
    found = draft_study(
        "We compared resection (n = 96), ablation (n = 90) and embolisation (n = 93). The hazard "
        "ratios for death of resection and ablation compared with embolisation were 0.40 (95% CI, "
        "0.31-0.50) and 0.61 (95% CI, 0.44-0.80), respectively."
    ).study.endpoints
    assert [_ratio(each) for each in found] == [
        ("0.40", "embolisation"), ("0.61", "embolisation")
    ]  # fmt: skip


def test_medians_that_are_nearly_alike_do_not_say_the_side() -> None:
    """Then the side is that of the other hazard ratios of the text."""
    found = _read(
        "Patients were assigned to pemobart or doxal. Median OS with pemobart vs doxal was 12.3 vs "
        "9.9 months (HR, 0.77). Median PFS was 3.9 vs 4.0 months (HR, 0.94)."
    )
    assert _ratio(found["PFS"]) == ("0.94", "doxal")


ADDED = "Patients were assigned to doxal (n = 120) or doxal plus imatarib (n = 118). "


@pytest.mark.parametrize(
    "sentence",
    [
        "Adding imatarib to doxal improved median OS from 11.1 to 13.8 months (HR 0.74).",
        "Median OS increased from 11.1 to 13.8 months with doxal plus imatarib (HR 0.74).",
    ],
)
def test_a_change_is_from_one_arm_to_the_other(sentence: str) -> None:
    """The second value is that of what was added, which is not the reference."""
    (endpoint,) = draft_study(ADDED + sentence).study.endpoints
    first, second = endpoint.arms.values()
    assert first.median is not None
    assert second.median is not None
    assert [first.median.text, second.median.text] == ["11.1", "13.8"]
    assert endpoint.reference == "doxal"


@pytest.mark.parametrize(
    "sentence",
    [
        "Median OS improved from 11.0 months in 1990-1999 to 14.0 months in 2000-2009.",
        "The use of steroids improved median OS from 11.0 to 14.0 months.",
    ],
)
def test_a_change_of_no_arm_is_left_out(sentence: str) -> None:
    """Nothing says whose the two values are."""
    with pytest.raises(DraftRefused):
        draft_study(ADDED + sentence)


def test_deaths_that_occurred_and_mortality_at_the_end_of_months() -> None:
    """Both in the forms of cardiology; a dash sets off what follows the name of an arm."""
    counted = _read(
        "All-cause mortality occurred in 54 of 410 patients (13.2%) with rivatan and 71 of 402 "
        "(17.7%) with warfin (HR 0.72)."
    )["OS"]
    assert [(arm.events, arm.n) for arm in counted.arms.values()] == [(54, 410), (71, 402)]
    timed = _read(
        "We assigned patients to ramipal (n = 127) or placebo (n = 126). The crude mortality at "
        "the end of six months was 26 percent in the ramipal group and 44 percent in the placebo "
        "group--a reduction of 40 percent."
    )["OS"]
    assert _landmarks(timed) == {"ramipal": ["74%"], "placebo": ["56%"]}


def test_an_abbreviation_inside_the_name_of_an_endpoint() -> None:
    """Survival behind it is not a second endpoint."""
    found = _read(
        "Patients had cisol (n = 18) or cetumab (n = 29). Disease-specific(DSS) survival at 3 "
        "years was 83% in the cisol group and 31% in the cetumab group."
    )
    assert _landmarks(found["DSS"]) == {"cisol": ["83%"], "cetumab": ["31%"]}


def test_one_of_several_is_named_as_they_are() -> None:
    """An abbreviation of a plural stands for the singular, too."""
    text = (
        "We randomised 130 patients to drug-coated stents (DCSs) (n = 60) or bare stents (n = 70). "
        "Median overall survival was 14.1 months with DCS and 10.2 months with bare stents."
    )
    assert _medians(_read(text)["OS"]) == {"DCSs": "14.1", "bare stents": "10.2"}
