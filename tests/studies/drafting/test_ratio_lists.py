"""Lists that cross endpoints, arms and times, and arms that only a table names."""

from __future__ import annotations

from kmrepro.studies.drafting import draft_study

ARMS = "Patients were assigned to drug (n = 120) or placebo (n = 118). "


def test_ratios_before_their_endpoints() -> None:
    """Each hazard ratio is that of the endpoint behind it, with its arms and p."""
    draft = draft_study(
        f"{ARMS}The hazard ratio of drug versus placebo was 0.93 (95% CI, 0.71-1.22; P = .60) for "
        "OS and 0.80 (95% CI, 0.62-1.04; P = .09) for DFS."
    )
    found = {
        e.name: (e.reported.hazard_ratio.text, e.reported.p.text) for e in draft.study.endpoints
    }
    assert found == {"OS": ("0.93", "0.60"), "DFS": ("0.80", "0.09")}
    assert {e.reference for e in draft.study.endpoints} == {"placebo"}


def test_events_of_two_kinds_in_each_arm() -> None:
    """Events of two kinds are sorted by kind, and stay in their arms."""
    draft = draft_study(
        f"{ARMS}There were 80 PFS events and 50 deaths in the drug arm, and 97 PFS events and 67 "
        "deaths in the placebo arm. Median PFS and OS were 11.2 and 29.2 months with drug and 9.1 "
        "and 23.5 months with placebo."
    )
    found = {e.name: {n: a.events for n, a in e.arms.items()} for e in draft.study.endpoints}
    assert found == {"PFS": {"drug": 80, "placebo": 97}, "OS": {"drug": 50, "placebo": 67}}


def test_times_with_values_in_brackets() -> None:
    """What stands in brackets behind an arm, each with its time, is of it."""
    draft = draft_study(
        f"{ARMS}Survival was better in the drug group (1 year, 57%; 2 years, 31%) than in the "
        "placebo group (1 year, 32%; 2 years, 11%; P = .002)."
    )
    arms = draft.study.endpoints[0].arms
    assert {t: v.survival.text for t, v in arms["drug"].landmarks.items()} == {
        12.0: "57%",
        24.0: "31%",
    }


def test_arms_of_the_head_of_a_table() -> None:
    """Names above "N = 122" are those of the arms, one of them in the other."""
    draft = draft_study(
        "Results are summarized in Table 9.\n\n\tAlvorax + Bendamustine\tBendamustine\n"
        "\tN = 122\tN = 119\nProgression-Free Survival\n"
        "  Number of events (%)\t90 (74%)\t107 (90%)\n    Death\t9 (7%)\t12 (10%)\n"
        "  Median in months (95% CI)\t13.1 (9.7, 17.4)\t8.5 (6.3, 11.1)\n"
    )
    arms = draft.study.endpoints[0].arms
    found = {name: (arm.n, arm.events, arm.median.text) for name, arm in arms.items()}
    assert found == {
        "Alvorax + Bendamustine": (122, 90, "13.1"),
        "Bendamustine": (119, 107, "8.5"),
    }


def test_arms_of_rows_at_risk() -> None:
    """Rows of numbers at risk name the arms, and a lettered panel its endpoint."""
    draft = draft_study(
        "Fig. 1 | Survival. a, Progression-free survival. b, Overall survival.\n\na\n"
        "Number at risk\nTime (months)        0    6    12\nSelmatinib + Rd      208  172  136\n"
        "Placebo + Rd         205  152  114\n"
    )
    only = draft.study.endpoints[0]
    assert only.name == "PFS"
    assert {name: arm.at_risk[12.0] for name, arm in only.arms.items()} == {
        "Selmatinib + Rd": 136,
        "Placebo + Rd": 114,
    }


def test_alone_and_more_are_two_arms() -> None:
    """What is given with more is no name of the arm that is given it alone."""
    draft = draft_study(
        "Patients were randomly assigned to brachytherapy alone or to brachytherapy followed by "
        "six cycles of taxane chemotherapy. Patients who received brachytherapy plus chemotherapy "
        "had longer median overall survival than did those who received brachytherapy alone (13.3 "
        "vs. 7.8 years; hazard ratio for death, 0.59). The rate of PFS at 10 years was 51% in the "
        "group that received brachytherapy plus chemotherapy versus 21% in the group that "
        "received brachytherapy alone."
    )
    only = draft.study.endpoints[0]
    assert only.reference == "brachytherapy"
    assert only.arms["brachytherapy"].median.text == "7.8"
