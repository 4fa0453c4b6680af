"""Arms that a sentence names a second time, behind its values, in another order."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import draft_study


@pytest.mark.parametrize(
    "tail",
    [
        ", respectively (dacarb n=478; velone n=476)",
        ", respectively (dacarb, n=478; velone, n=476; P=0.21)",
        ", respectively (dacarb: n=478, velone: n=476)",
        " (dacarb n=478; velone n=476)",
        ", respectively, with dacarb (n=478) superior to velone (n=476)",
    ],
)
def test_the_first_list_of_arms_is_that_of_the_values(tail: str) -> None:
    """Names behind the values only count the arms; the values are in the order of those before."""
    draft = draft_study(f"Median OS in the velone and dacarb arms was 12.3 and 13.6 months{tail}.")
    arms = draft.study.endpoints[0].arms
    assert {name: (arm.n, arm.median.text) for name, arm in arms.items()} == {
        "velone": (476, "12.3"),
        "dacarb": (478, "13.6"),
    }


@pytest.mark.parametrize(
    "said",
    [
        "Three-year OS was 71% vs 60% in the velone and dacarb arms (dacarb n=99, velone n=102).",
        "Three-year OS was 71% with velone and 60% with dacarb (dacarb, n=99; velone, n=102).",
        "Three-year recurrence-free survival was 71% with velone and 60% with dacarb (dacarb n=99, "
        "velone n=102).",
        "In the velone and dacarb arms (dacarb, n=99; velone, n=102), 3-year OS was 71% and 60%, "
        "respectively.",
        "The 1- and 3-year OS in the velone and dacarb groups were 91% and 71% vs 80% and 60%, "
        "respectively (dacarb n=99, velone n=102).",
    ],
)
def test_a_bracket_that_counts_arms_names_no_values(said: str) -> None:
    """Wherever it stands, its order is not that of the survival."""
    arms = draft_study(said).study.endpoints[0].arms
    found = {name: (arm.n, arm.landmarks[36.0].survival.text) for name, arm in arms.items()}
    assert found == {"velone": (102, "71%"), "dacarb": (99, "60%")}


@pytest.mark.parametrize(
    "said",
    [
        "9.8 and 22.1 months in the dacarb and velone groups",
        "9.8 vs 22.1 months, respectively, for dacarb and velone",
        "9.8 vs 22.1 months (dacarb vs velone)",
        "9.8 vs 22.1 months (P < 0.001), dacarb and velone, respectively",
        "9.8 and 22.1 months, respectively, in the dacarb group and the velone group",
        "9.8 months (95% CI 8.0-11.0) and 22.1 months (95% CI 18.0-25.0), respectively, for the "
        "dacarb and velone arms",
        "9.8 versus 22.1 months in those given dacarb versus velone",
    ],
)
def test_a_list_of_names_behind_the_values_is_theirs(said: str) -> None:
    """Whichever order the sentence opens with."""
    draft = draft_study(
        "Patients were assigned to velone (n = 120) or dacarb (n = 118). Comparing velone and "
        f"dacarb, median OS was {said}."
    )
    arms = draft.study.endpoints[0].arms
    assert {name: arm.median.text for name, arm in arms.items()} == {
        "velone": "22.1",
        "dacarb": "9.8",
    }


def test_a_list_in_a_middle_statement_keeps_its_arms() -> None:
    """A second endpoint is of the arms that open the sentence, not of those of a bracket."""
    draft = draft_study(
        "Median PFS in the velone and dacarb groups was 5.1 and 7.2 months, respectively, and "
        "median OS 12.1 and 15.0 months (dacarb, n=99; velone, n=102)."
    )
    medians = {e.name: e.arms["velone"].median.text for e in draft.study.endpoints}
    assert medians == {"PFS": "5.1", "OS": "12.1"}
