"""The arms' shares of all patients, where a text gives no number of any arm."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import Draft, DraftRefused, draft_study

OS = "Median overall survival was 28.4 months with lumatinib and 20.1 months with placebo."


def _numbers(draft: Draft, *, basis: str = "allocation") -> list[int | None]:
    """Return n by arm of the first endpoint, lumatinib first; every one of one basis."""
    arms = draft.study.endpoints[0].arms
    assert {arm.n_basis for arm in arms.values() if arm.n is not None} <= {basis}
    return [arms[name].n for name in ("lumatinib", "placebo")]


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("704 patients were randomly assigned in a 1:1 ratio to receive lumatinib or placebo.",
         [352, 352]),
        ("We randomly assigned, in a 2:1 ratio, 616 adults to receive lumatinib or placebo.",
         [411, 205]),
        ("Patients were randomised (1 : 2) to placebo or lumatinib. In all, 300 patients were "
         "randomised.", [200, 100]),
        ("Four hundred eighty patients were randomized in a two-to-one ratio to lumatinib or "
         "placebo.", [320, 160]),
        ("Women (N = 666) were randomized equally to lumatinib or placebo.", [333, 333]),
        ("Patients were randomly allocated with equal probability to lumatinib or placebo; 1214 "
         "men were recruited.", [607, 607]),
        ("Patients received lumatinib or placebo (randomly assigned, 3:1). 400 patients underwent "
         "randomization.", [300, 100]),
        ("We compared lumatinib with placebo (randomly assigned in a 2:1 ratio) in 723 patients.",
         [482, 241]),
        ("Of 590 patients assessed for eligibility, 480 were enrolled and randomised 1:1 to "
         "lumatinib or placebo.", [240, 240]),
        ("At 53 centers 704 patients underwent randomization (ratio 1:1, stratified by center) to "
         "lumatinib or placebo.", [352, 352]),
        ("In this phase 3 trial, 500 patients were randomly assigned to lumatinib or placebo "
         "(allocation, 3:2).", [300, 200]),
        ("We screened 611 patients and randomised 480, 1:1, to lumatinib or placebo.", [240, 240]),
        ("802 patients were enrolled and 790 were randomised 1:1 to lumatinib or placebo.",
         [395, 395]),
        ("A total of 1063 patients were enrolled; 462 without progression were randomly assigned "
         "(1:1) to lumatinib or placebo.", [231, 231]),
    ],
)  # fmt: skip
def test_arms_have_their_shares_of_all_patients(sentence: str, numbers: list[int]) -> None:
    """A ratio is in the order in which its sentence names the arms."""
    assert _numbers(draft_study(f"{sentence} {OS}")) == numbers


def test_shares_are_said_to_be_shares() -> None:
    """The words stand beside each number, and one question asks for the paper's own."""
    sentence = "704 patients were randomly assigned in a 1:1 ratio to receive lumatinib or placebo."
    draft = draft_study(f"{sentence} {OS}")
    assert f'# line 1: "{sentence}"\nn = 352\nn_basis = "allocation"\n' in draft.text
    (question,) = draft.questions
    assert question == (
        "704 patients, allocated 1:1: 352 each. If the paper reports the arm's own number, write "
        "it and remove n_basis."
    )
    assert draft.text.count(f"#? {question}") == 1
    assert "# not found: n" not in draft.text


def test_the_sentence_of_the_ratio_stands_beside_that_of_the_number() -> None:
    """Where two sentences say it, both are quoted."""
    draft = draft_study(
        f"Patients were randomised 1:1 to lumatinib or placebo. We enrolled 310 patients. {OS}"
    )
    assert draft.text.count('310 patients."\n# line 1: "Patients were randomised 1:1') == 2


@pytest.mark.parametrize(
    ("total", "ratio", "numbers"), [(705, "1:1", [353, 352]), (709, "2:1", [473, 236])]
)
def test_shares_are_whole_and_add_up(total: int, ratio: str, numbers: list[int]) -> None:
    """Rounding is said."""
    draft = draft_study(
        f"{total} patients were randomly assigned ({ratio}) to lumatinib or placebo. {OS}"
    )
    assert _numbers(draft) == numbers
    assert sum(numbers) == total
    assert "(rounded to whole patients)" in draft.questions[0]


def test_three_arms_have_a_third_each() -> None:
    """So have the two arms of each comparison of three."""
    draft = draft_study(
        "We randomly assigned 390 patients in a 1:1:1 ratio to arm A, arm B or arm C. Median "
        "overall survival was 7.1 months in arm A, 7.9 months in arm B and 8.4 months in arm C."
    )
    assert [arm.n for arm in draft.study.endpoints[0].arms.values()] == [130, 130, 130]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("420 patients were randomly assigned to lumatinib or placebo.",
         "420 patients in all: how many in each arm?"),
        ("We reviewed 318 patients treated with lumatinib or placebo.",
         "318 patients in all: how many in each arm?"),
        ("In this factorial trial, 800 patients were randomly assigned 1:1 to lumatinib or placebo "
         "and 1:1 to exercise or none.",
         "800 patients in all, allocated 1:1: how many in each arm?"),
        ("500 patients were randomly assigned 2:1.",
         "500 patients in all, allocated 2:1 (it cannot be told which arm is the larger): how many "
         "in each arm?"),
        ("We randomly assigned, in a 2:1 ratio, 600 patients who had had placebo to receive "
         "lumatinib or placebo.",
         "600 patients in all, allocated 2:1 (it cannot be told which arm is the larger): how many "
         "in each arm?"),
        ("900 patients were randomly assigned 1:1:1 to lumatinib, placebo or a drug that was "
         "withdrawn.",
         "900 patients in all, allocated 1:1:1: how many in each arm?"),
        ("In this three-arm trial, 900 patients were assigned 1:1 to lumatinib or placebo, or to a "
         "third group.",
         "900 patients in all, allocated 1:1: how many in each arm?"),
        ("In this cluster-randomised trial, 24 hospitals were assigned 1:1 to lumatinib or "
         "placebo; 1200 patients were enrolled.",
         "1,200 patients in all, allocated 1:1: how many in each arm?"),
        ("We enrolled 240 patients, 198 were eligible, and 170 were analysed. They were allocated "
         "1:1 to lumatinib or placebo.",
         "240, 198 or 170 patients in all: how many in each arm?"),
        ("500 patients were randomly assigned 1:1 to lumatinib or placebo. At data cutoff, 380 "
         "patients had a mutation and were analysed.",
         "500 or 380 patients in all: how many in each arm?"),
    ],
)  # fmt: skip
def test_a_total_that_cannot_be_shared_out_is_a_question(sentence: str, question: str) -> None:
    """The number is quoted, and nothing is filled in."""
    draft = draft_study(f"{sentence} {OS}")
    assert _numbers(draft) == [None, None]
    assert question in draft.questions
    assert draft.text.count(f"#? {question}") == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "119 patients were randomised 1:1 to lumatinib or placebo; 6 were excluded from the "
        "analysis.",
        "704 patients were randomised 1:1 to lumatinib or placebo; 330 and 340 began to take them.",
        "Patients given lumatinib were matched 1:1 with controls on placebo. 500 were included.",
        "A total of 1971 patients were enrolled. After induction, patients in remission were "
        "randomly assigned 1:1 to lumatinib or placebo.",
        "We randomised 437 patients 1:1 to lumatinib or placebo; 388 were in the first stratum and "
        "constitute the primary analysis population.",
        "In the first randomisation, 600 patients were assigned 1:1 to lumatinib or placebo.",
        "704 patients were randomised 1:1 to lumatinib or placebo, and 180 later 2:1.",
    ],
    ids=["excluded", "in parts", "matched", "later", "main set", "the first of two", "two ratios"],
)
def test_shares_that_may_not_be_those_analysed_are_left_open(sentence: str) -> None:
    """Whoever was left out, or what may be the arms' own numbers, was not read."""
    assert _numbers(draft_study(f"{sentence} {OS}")) == [None, None]


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("A total of 301 patients entered, 148 to lumatinib before surgery and 153 to placebo.",
         [148, 153]),
        ("301 patients with placebo (153 cases) and with lumatinib (148 cases) were followed.",
         [148, 153]),
        ("301 patients were enrolled (148 and 153 in the lumatinib and placebo groups).",
         [148, 153]),
        ("18 301 patients underwent randomization: 9148 to lumatinib and 9153 to placebo.",
         [9148, 9153]),
    ],
)  # fmt: skip
def test_parts_that_add_up_to_all_are_the_arms(sentence: str, numbers: list[int]) -> None:
    """Numbers beside the arms that add up to all of them are theirs, in whatever words."""
    draft = draft_study(f"{sentence} {OS}")
    assert _numbers(draft, basis="endpoint") == numbers
    assert not draft.questions


def test_a_part_whose_arm_is_not_named_is_that_of_the_arm_left() -> None:
    """Where two of three arms are beside their numbers, the third has its own."""
    draft = draft_study(
        "Median OS was 7.1 months in arm A, 7.9 months in arm B and 8.4 months in arm C. A total "
        "of 390 patients entered, 131 of them into arm A, 128 into the second and 131 into arm C."
    )
    assert [arm.n for arm in draft.study.endpoints[0].arms.values()] == [131, 128, 131]


@pytest.mark.parametrize(
    "sentence",
    [
        "Of 64 patients with an adverse event, 40 were in the lumatinib group and 24 on placebo.",
        "64 patients had grade 3 toxicity: 40 with lumatinib, 24 with placebo.",
    ],
)
def test_parts_of_those_with_an_event_are_no_sizes(sentence: str) -> None:
    """They add up, too, to fewer than all."""
    assert _numbers(draft_study(f"{sentence} {OS}")) == [None, None]


def test_thousands_may_stand_apart() -> None:
    """A plain space in a number of patients is no gap between two numbers."""
    draft = draft_study(
        f"A total of 18 882 patients were given lumatinib (n = 11 749) or placebo (n = 7133). {OS}"
    )
    assert _numbers(draft, basis="endpoint") == [11_749, 7133]


def test_the_arms_own_numbers_are_better_than_shares() -> None:
    """Where any arm has a number, nothing is shared out."""
    draft = draft_study(
        "704 patients were randomly assigned in a 1:1 ratio to lumatinib (n = 350) or placebo "
        f"(n = 354). {OS}"
    )
    assert _numbers(draft, basis="endpoint") == [350, 354]
    assert not draft.questions


def test_more_events_than_a_share_leave_it_open() -> None:
    """The arm then has more patients than its share."""
    draft = draft_study(
        "60 patients were randomly assigned in a 1:1 ratio to lumatinib or placebo. "
        "There were 32 deaths in the lumatinib group and 25 in the placebo group. " + OS
    )
    assert _numbers(draft) == [None, None]
    assert "60 patients in all: how many in each arm?" in draft.questions


@pytest.mark.parametrize(("deaths", "share"), [(70, None), (60, 60)])
def test_a_share_holds_as_many_events_as_it_has_patients(deaths: int, share: int | None) -> None:
    """All of an arm may have died, but not more; fewer than nearly all are no parts of all."""
    draft = draft_study(
        "120 patients were randomly assigned in a 1:1 ratio to lumatinib or placebo. There were "
        f"{deaths} deaths in the lumatinib group and 25 in the placebo group. {OS}"
    )
    assert _numbers(draft) == [share, share]


@pytest.mark.parametrize("things", ["towns", "rural villages", "eyes", "knees"])
def test_other_things_than_patients_are_no_sizes_of_arms(things: str) -> None:
    """What a bare number counts is the noun behind it, though the numbers add up to all."""
    draft = draft_study(
        f"In all, 301 patients were enrolled in 148 {things} for lumatinib and 153 {things} for "
        f"placebo. {OS}"
    )
    assert _numbers(draft) == [None, None]
    assert draft.questions == ("301 patients in all: how many in each arm?",)


@pytest.mark.parametrize(
    "sentence",
    [
        "Of 300 patients, 148 were treated with lumatinib; the others had placebo.",
        "Among 300 patients, 148 (49%) received lumatinib, and the remaining patients were given "
        "placebo.",
        "Of 300 patients, 148 underwent lumatinib, the rest placebo.",
    ],
)
def test_the_others_are_those_of_the_other_arm(sentence: str) -> None:
    """Their number is that of all less that of the arm, and says so."""
    draft = draft_study(f"{sentence} {OS}")
    assert _numbers(draft, basis="endpoint") == [148, 152]
    assert draft.text.count(" - by difference: 300 - 148\nn = 152\n") == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "Of 300 patients, 148 were treated with lumatinib; the others were excluded after placebo.",
        "Of 300 patients, 148 were treated with lumatinib, 90 were not; the others had placebo.",
        "Of 300 patients, 148 were treated with lumatinib; the others had lumatinib, too.",
        "Of 148 patients, 300 were treated with lumatinib; the others had placebo.",
    ],
)
def test_others_who_are_not_all_others_are_not_counted(sentence: str) -> None:
    """Nor are those of whom it is not said that they had the other treatment."""
    assert _numbers(draft_study(f"{sentence} {OS}"))[1] is None


def test_a_third_treatment_is_not_that_of_the_others() -> None:
    """Their number is not that of the treatment before "the others"; nor are two arms sure then."""
    sentence = (
        "Of 300 patients, 148 were treated with lumatinib and 90 with radiotherapy; the others had "
        "placebo."
    )
    draft = draft_study(f"{sentence} {OS}", arms=["lumatinib", "placebo"])
    assert _numbers(draft) == [None, None]
    with pytest.raises(DraftRefused, match="name them"):
        draft_study(f"{sentence} Survival at 5 years was 60% after lumatinib and 45% with placebo.")


def test_a_planned_number_is_no_total() -> None:
    """Nothing is asked of patients who were only to be enrolled."""
    draft = draft_study(
        "Patients were randomised 1:1 to lumatinib or placebo. Planned enrolment was 600 patients "
        f"to detect a hazard ratio of 0.75. {OS}"
    )
    assert _numbers(draft) == [None, None]
    assert not draft.questions
