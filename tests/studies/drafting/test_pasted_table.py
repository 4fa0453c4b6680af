"""Tables whose columns were lost are read by their heads, and only whole populations of them."""

from __future__ import annotations

import pytest

from kmrepro.studies import Study
from kmrepro.studies.drafting import DraftRefused, draft_study
from kmrepro.studies.drafting.pasted_table import headed

ARMS = (
    "Patients were randomised to drug (n = 204) or placebo (n = 198). Results are in the table.\n"
)


def _study(*lines: str) -> Study:
    return draft_study(ARMS + "\n".join(lines) + "\n").study


def test_ratio_and_p_stand_in_the_columns_that_the_head_names() -> None:
    """Neither is a value of an arm."""
    os, pfs = _study(
        "Drug (N = 204) Placebo (N = 198) HR (95% CI) P value",
        "Median OS, mo (95% CI) 17.8 (14.9-NE) 13.6 (10.8-16.9) 0.76 (0.56-1.03) .0752",
        "12-mo OS, % (95% CI) 64.9 (57.6-71.3) 54.7 (44.1-64.2)",
        "ORR, % 38.2 14.7 < .0001",
        "Median PFS, mo 7.2 4.3 0.58 (0.44-0.77) < .0001",
    ).endpoints
    assert [str(arm.median) for arm in os.arms.values()] == ["17.8", "13.6"]
    assert [arm.landmarks[12].survival.text for arm in os.arms.values()] == ["64.9%", "54.7%"]
    assert os.reported is not None
    assert (str(os.reported.hazard_ratio), str(os.reported.p)) == ("0.76", "0.0752")
    assert [str(arm.median) for arm in pfs.arms.values()] == ["7.2", "4.3"]
    assert pfs.reported is not None
    assert (str(pfs.reported.hazard_ratio), str(pfs.reported.p)) == ("0.58", "<0.0001")


def test_a_column_of_p_alone() -> None:
    """Events and medians have one each."""
    (os,) = _study(
        "Outcome Drug (N=204) Placebo (N=198) P value",
        "Deaths, n (%) 101 (50) 122 (62) 0.02",
        "Median OS, months 24.1 19.8 0.012",
    ).endpoints
    assert [arm.events for arm in os.arms.values()] == [101, 122]
    assert os.reported is not None
    assert str(os.reported.p) == "0.012"


def test_ratio_and_p_in_one_cell_below_the_medians() -> None:
    """Columns of arms alone, and rows that would run on as prose."""
    pfs, os = _study(
        "Outcome Drug (n = 204) Placebo (n = 198)",
        "mPFS, mo (95% CI) 11.4 (10.2-12.7) 9.3 (8.5-10.2)",
        "HR (95% CI); p 0.78 (0.64-0.95); 0.014",
        "2-y PFS, % 14.6 9.0",
        "mOS, mo (95% CI) 27.1 (23.8-30.4) 24.2 (21.0-27.3)",
        "HR (95% CI); p 0.87 (0.70-1.08); 0.20",
    ).endpoints
    assert [arm.landmarks[24].survival.text for arm in pfs.arms.values()] == ["14.6%", "9.0%"]
    assert pfs.reported is not None
    assert os.reported is not None
    assert [str(one.p) for one in (pfs.reported, os.reported)] == ["0.014", "0.20"]
    assert [str(one.hazard_ratio) for one in (pfs.reported, os.reported)] == ["0.78", "0.87"]


def test_a_column_of_ratios_before_the_arms_says_no_direction() -> None:
    """The order of columns is not that of the comparison, and their numbers are left out."""
    with pytest.raises(DraftRefused):
        _study("Endpoint HR (95% CI) Placebo (N=198) Drug (N=204)", "OS 0.74 (0.58-0.94) 19.8 24.1")
    text = (
        f"{ARMS}Endpoint HR (95% CI) Placebo (N=198) Drug (N=204)\n\n"
        "The 3-year OS was 36.0% with drug and 27.1% with placebo (HR 0.74)."
    )
    assert draft_study(text).study.endpoints[0].reference == "placebo"


def test_rows_of_arms_below_a_part_of_the_patients_are_left_out() -> None:
    """Survival of all patients stands first, then that by stage."""
    (os,) = _study(
        "Group n 1-yr OS (%) 3-yr OS (%) P",
        "All patients 0.033",
        "Drug 204 95.1 82.3",
        "Placebo 198 94.0 75.8",
        "BCLC 0 0.72",
        "Drug 88 97.7 89.6",
        "Placebo 90 98.0 88.1",
    ).endpoints
    found = [[s.survival.text for s in arm.landmarks.values()] for arm in os.arms.values()]
    assert found == [["95.1%", "82.3%"], ["94.0%", "75.8%"]]
    assert [arm.n for arm in os.arms.values()] == [204, 198]


@pytest.mark.parametrize(
    "line",
    [
        "Survival was 61.2 and 54.9 in the two groups (n = 20 and n = 30) at 5 years.",
        "Median OS, mo 7.2 4.3 0.58 (0.44-0.77) .02",
        "Patients were assigned to drug (n = 204) or placebo (n = 198)",
        "n=1 " * 49 + "x",
        "(" * 5000 + "n = 20",
        "1-yr OS " * 1000,
        "n 1-yr OS (% " * 400,
    ],
    ids=["prose", "no head", "no columns", "many", "brackets", "heads", "open heads"],
)
def test_other_lines_stay(line: str) -> None:
    """Only what a head was read of is changed."""
    assert headed([line]) == [(line, False)]
