"""Of a faulty study file is said what is wrong, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kmrepro.studies import read_study

Fault = Callable[[str | bytes], str]
Changed = Callable[[str, str], str]
LANDMARKS = 'landmarks = { 12 = "98.8%", 36 = "89.3%" }'
CI = 'ci = ["0.78", "1.89"]'
P = 'p = "0.381"\n'


N = "endpoint[1] psm/OS: arms.SR.n: "
AT = "endpoint[1] psm/OS: arms.SR.landmarks"


@pytest.mark.parametrize(
    ("n", "why"),
    [
        ("0", "0 is not a number of patients: a whole number from 1 to 1000000 is allowed"),
        ("-5", "-5 is not a number of patients: a whole number from 1"),
        ("1_000_000_000", "1000000000 is not a number of patients: a whole number from 1"),
        ("0x" + "f" * 9000, "a number far too large is not a number of patients"),
        ("12.5", "12.5 is not a number of patients: write a whole number, such as 185"),
        ("185.0", "185.0 is not a number of patients: write a whole number"),
        ("nan", "nan is not a number of patients: write a whole number"),
        ("true", "true is not a number of patients: write a whole number"),
        ('"185"', '"185" is not a number of patients: write a whole number without quotes'),
        ('"many"', '"many" is not a number of patients: write a whole number, such'),
        ("[185]", "a list of 1 value is not a number of patients"),
    ],
)
def test_number_of_patients(fault: Fault, changed: Changed, n: str, why: str) -> None:
    """An arm has one to a million whole patients."""
    assert fault(changed("n = 185", f"n = {n}")).startswith(N + why)


@pytest.mark.parametrize(
    ("landmarks", "why"),
    [
        ('{ 12 = "101%" }', '.12: "101%" is over 100%: survival is between 0% and 100%.'),
        ('{ 12 = "-3%" }', '.12: "-3%" is negative: survival is between'),
        ('{ 12 = "98.8" }', '.12: "98.8" is over 1: survival is between 0% and 100%; if it '
         'is a percentage, write "98.8%".'),
        ("{ 12 = 98.8 }", '.12: 98.8 is not in quotes: write it as printed, such as "98.8%".'),
        ("{ 12 = 0.988 }", '.12: 0.988 is not in quotes: write "0.988", with every decimal'),
        ('{ 12 = "good" }', '.12: "good" is not a number as papers print them'),
        ('{ 12 = "" }', ".12: \"\" is not a number as papers print them (98.8%, 1.22, <0.001, NR): "
         "it is empty; leave the key out"),
        ('{ 12 = "NR" }', '.12: "NR" is not a survival; leave the key out'),
        ("{ 12 = true }", ".12: it must be one number in quotes"),
        ("{ 12 = [] }", ".12: it must be a table with keys of its own, but is a list of 0 values"),
        ('{ 36 = "89.3%", 12 = "98.8%" }', ": 12 comes after 36: write each time once, and in in"),
        ('{ 12 = "98.8%", "12.0" = "98%" }', ": 12.0 is the same time as 12: write each time"),
        ('{ -12 = "98.8%" }', ".-12: a time of -12 is not possible: 0 to 100000 is allowed"),
        ('{ 0 = "100%" }', ".0: a time of 0 is not allowed here: survival at time 0 is 100%"),
        ('{ 999999 = "9%" }', ".999999: a time of 999999 is not possible"),
        ('{ 2.5 = "91%" }', '.2: a time with a decimal point must be in quotes, such as "2.5" ='),
        ('{ year = "91%" }', '.year: "year" is not a time: write a number in the `time_unit`'),
        ('{ "1 year" = "91%" }', '."1 year": "1 year" is not a time'),
        ('{ 12 = { survival = "91%", ci = ["80%"] } }', ".12.ci: a list of 1 value is not an"),
        ('{ 12 = { survival = "91%", ci = "8% to 195%" } }', '.12.ci: "195%" is over 100%'),
        ('{ 12 = { survival = "91%", cis = "8%-9%" } }', ".12.cis: there is no such key; did you "
         "mean `ci`?"),
        ("{ 12 = {} }", ".12.survival: it is missing; write the survival"),
        ('["98.8%"]', ": it must be a table with keys of its own, but is a list of 1 value"),
    ],
)  # fmt: skip
def test_landmarks(fault: Fault, changed: Changed, landmarks: str, why: str) -> None:
    """Landmarks are survivals between 0 and 100%, at increasing times after 0."""
    assert fault(changed(LANDMARKS, f"landmarks = {landmarks}")).startswith(AT + why)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("landmark = 3", "landmark: there is no such key; did you mean `landmarks`?"),
        ('survival = { 12 = "9%" }', "survival: there is no such key; did you mean `landmarks`?"),
        ("colour = 3", "colour: there is no such key; the keys here are n, n_basis, landmarks,"),
        ("events = -1", "events: -1 is not a number of events: a whole number from 0 to"),
        ("events = 1.5", "events: 1.5 is not a number of events: write a whole number"),
        ("at_risk = { 0 = 185, 12 = 1.5 }", "at_risk.12: 1.5 is not a number at risk"),
        ("at_risk = { 0 = -1 }", "at_risk.0: -1 is not a number at risk"),
        ("at_risk = { 12 = 9, 0 = 185 }", "at_risk: 0 comes after 12"),
        ('at_risk = { "6" = 9, "6.0" = 9 }', "at_risk: 6.0 is the same time as 6"),
        ("at_risk = { -6 = 9 }", "at_risk.-6: a time of -6 is not possible"),
        ("event_times = [4.2, 0]", "event_times[2]: a time of 0 is not allowed here"),
        ("event_times = [-1.1]", "event_times[1]: a time of -1.1 is not possible"),
        ("event_times = [nan]", "event_times[1]: a time of nan is not possible"),
        ("event_times = [inf]", "event_times[1]: a time of inf is not possible"),
        ('event_times = ["1.1"]', 'event_times[1]: "1.1" is text: write the times without quotes'),
        ("event_times = 3", "event_times: it must be a list, but is 3"),
        (f"event_times = {[1] * 186}", "event_times: 186 event times are more than the arm's 185"),
        ("median = 12", 'median: 12 is not in quotes: write "12", with every decimal'),
        ('median = "12 months"', 'median: "12 months" is not a number as papers print them '
         "(98.8%, 1.22, <0.001, NR): write the number without its unit"),
        ('median = "12%"', 'median: "12%" is a percentage, where a time is expected'),
        ('median = "-3"', 'median: "-3" is not a time: 0 to 100000 is allowed'),
        ('mean = "a year"', 'mean: "a year" is not a number'),
        ('median_ci = ["1", "2", "3"]', "median_ci: a list of 3 values is not an interval: write "
         "two numbers"),
        ('follow_up = { med = "3" }', "follow_up.med: there is no such key; did you mean `median"),
        ('follow_up = { median = "NR" }', 'follow_up.median: "NR" is not a time'),
        ("follow_up = 3", "follow_up: it must be a table with keys of its own, but is 3"),
        ('n_basis = "all"', 'n_basis: "all" is not allowed: write "endpoint", "cohort" or "alloc'),
        ("label = 3", "label: it must be text in quotes, but is 3"),
        ('note = "\\u0007"', "note: it holds the control character U+0007"),
        ("censor_marks = [0]", "censor_marks: a time of 0 is not allowed here"),
        ('censor_marks = "no.csv"', 'censor_marks: there is no file "no.csv" beside the study'),
    ],
)  # fmt: skip
def test_arm(fault: Fault, changed: Changed, key: str, why: str) -> None:
    """Every key of an arm has its rule, and its refusal names the key."""
    said = fault(changed("n = 185", f"n = 185\n{key}"))
    assert said.startswith(f"endpoint[1] psm/OS: arms.SR.{why}")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('reference = "SR"', 'reference = "XX"', 'reference: "XX" names no arm; write "SR" or'),
        ('reference = "SR"\n', "", "reference: is missing, so the hazard ratio has no denominator"),
        (P, 'p = "1.2"\n', 'reported.p: "1.2" is not a p-value: it must be between 0 and 1'),
        (P, 'p = "-0.2"\n', 'reported.p: "-0.2" is not a p-value'),
        (P, 'p = "NR"\n', 'reported.p: "NR" is not a p-value'),
        (P, 'p = "NS"\n', 'reported.p: "NS" is not a number as papers print them (98.8%, 1.22, '
         '<0.001, NR): write ">0.05" if that'),
        (P, "p = 0.381\n", 'reported.p: 0.381 is not in quotes: write "0.381"'),
        (P, 'p = "0.381"\nadjusted = "yes"\n', "reported.adjusted: it must be true or false with"),
        (P, 'p = "0.381"\nadjusted = 1\n', "reported.adjusted: it must be true or false without"),
        ('"1.22"', '"0"', 'reported.hazard_ratio: "0" is not a hazard ratio: it is a number above'),
        ('"1.22"', '"-1"', 'reported.hazard_ratio: "-1" is not a hazard ratio'),
        ('"1.22"', '"122%"', 'reported.hazard_ratio: "122%" is not a hazard ratio'),
        ('"1.22"', '"NR"', 'reported.hazard_ratio: "NR" is no hazard ratio; leave the key out'),
        (CI, 'ci = ["1", "2", "3"]', "reported.ci: a list of 3 values is not an interval"),
        (CI, 'ci = "1.89"', 'reported.ci: "1.89" is not an interval as papers print them'),
        (CI, 'ci = "75% CI 1-2"', 'reported.ci: "75% CI 1-2" is a 75% interval'),
        (CI, 'ci = ["-0.7", "1.8"]', 'reported.ci[1]: "-0.7" is no limit of a hazard ratio'),
        (CI, 'ci = ["0", "0"]', 'reported.ci: its upper limit "0" must be a number above 0'),
        (CI, "ci = [0.78, 1.89]", "reported.ci[1]: 0.78 is not in quotes"),
        ('name = "OS"\n', "", "name: it is missing; write the short name, such as"),
        ('name = "OS"', 'name = "OS"\nsauce = "x"', "sauce: there is no such key; did you mean `"),
        ('name = "OS"', 'name = "OS"\ntime_unit = "month"', 'time_unit: "month" is not allowed: '
         'write "days", "weeks", "months" or "years"; did you mean "months"?'),
    ],
)  # fmt: skip
def test_endpoint(fault: Fault, changed: Changed, file: Path, old: str, new: str, why: str) -> None:
    """Every key of an endpoint and its comparison has its rule."""
    said = fault(changed(old, new))
    first = said.removeprefix(f"{file} has 2 faults:\n  ")
    assert first.startswith("endpoint[1]")
    assert first.partition(": ")[2].startswith(why)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('id = "mine"\n', "", "id: it is missing; write the short name of the study"),
        ('id = "mine"', 'id = "../x"', 'id: "../x" is not an id: 1 to 64 unaccented letters'),
        ('id = "mine"', 'id = ""', 'id: "" is not an id'),
        ('id = "mine"', 'id = "a b"', 'id: "a b" is not an id'),
        ("title", "titles", "titles: there is no such key; did you mean `title`?"),
        ("title", 'time_unit = "fortnights"\ntitle', 'time_unit: "fortnights" is not allowed: '
         'write "days", "weeks", "months" or "years".'),
        ("title", 'enrolment = ["2010-13", "2011"]\ntitle', 'enrolment[1]: "2010-13" is not a dat'),
        ("title", 'enrolment = ["2010-01"]\ntitle', "enrolment: a list of 1 value is not a period"),
        ("title", 'enrolment = ["2012-01", "2011-01"]\ntitle', "enrolment: the last entry 2011-01 "
         "is before the first, 2012-01."),
        ("title", 'enrolment = ["2010-01", "2011-01"]\ndata_cutoff = 2010-05-05\ntitle',
         "data_cutoff: 2010-05-05 is before the last entry, 2011-01."),
        ("title", 'data_cutoff = "June 2010"\ntitle', 'data_cutoff: "June 2010" is not a date: '
         'write "2008-06" for a month'),
        ("title", 'data_cutoff = "0210-06"\ntitle', "data_cutoff: \"0210-06\" is not a date of a "
         "study: years 1900 to 2100"),
        ("title", 'data_cutoff = "2010-02-30"\ntitle', "there is no such month or day"),
        ("title", "data_cutoff = 2010-06-01T00:00:00\ntitle", "is not a date: write"),
        ('SR = "Surgery"', "SR = 3", "arms.SR: it must be text in quotes, but is 3"),
        ("[[endpoint]]", "[endpoint]", "endpoint: it must be a list: write [[endpoint]] in double"),
    ],
)  # fmt: skip
def test_study(fault: Fault, changed: Changed, old: str, new: str, why: str) -> None:
    """Every key at the top has its rule."""
    assert why in fault(changed(old, new))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a/b", "holds '/'"),
        ("..", "starts or ends with a space or a full stop"),
        (" a", "starts or ends with a space"),
        ("", "is empty"),
        ("a\\\\b", "holds '\\\\'"),
        ("a\\nb", "holds '\\n'"),
        ("a\\u202Eb", "holds '\\u202e'"),
        ("a" * 61, "has 61 characters"),
        ("<b>", "holds '<'"),
    ],
)
@pytest.mark.parametrize("key", ["name", "cohort", "arm"])
def test_names_are_file_names(
    fault: Fault, changed: Changed, key: str, name: str, why: str
) -> None:
    """Cohorts, endpoints and arms name files, so they must be names on every system."""
    old = {"name": 'name = "OS"', "cohort": 'cohort = "psm"', "arm": "[endpoint.arms.TA]"}[key]
    new = f'[endpoint.arms."{name}"]' if key == "arm" else f'{key} = "{name}"'
    assert why in fault(changed(old, new))


@pytest.mark.parametrize("name", ["Überleben 5 J.-Rate (ITT)", "生存", "≥65", "A+B", "PFS_2"])
def test_names_in_any_language(changed: Changed, file: Path, name: str) -> None:
    """Letters of all languages and most signs may stand in a name."""
    file.write_text(changed('name = "OS"', f'name = "{name}"'), encoding="utf-8")
    assert read_study(file).endpoints[0].name == name


@pytest.mark.parametrize(
    ("first", "second"),
    [(("psm", "OS"), ("psm", "OS")), (("psm", "OS"), ("PSM", "os")), (("a_b", "c"), ("a", "b_c"))],
)
def test_endpoints_with_one_file_name(
    fault: Fault, first: tuple[str, str], second: tuple[str, str]
) -> None:
    """Two endpoints whose results would be saved under one name are refused."""
    text = 'id = "x"\n'
    for cohort, name in (first, second):
        text += f'[[endpoint]]\ncohort = "{cohort}"\nname = "{name}"\n[endpoint.arms.A]\n'
    key = "/".join(second)
    assert fault(text) == (
        f"endpoint[2] {key}: {key} would be saved under the same name as endpoint[1]; give it a "
        "`cohort` or `name` of its own."
    )


def test_an_arm_may_have_no_data(sound: str, file: Path) -> None:
    """An arm of which nothing is printed is legal, without n too."""
    file.write_text(sound + '[[endpoint]]\nname = "DFS"\n[endpoint.arms.A]\n[endpoint.arms.B]\n')
    assert read_study(file).endpoints[1].arms["A"].n is None


def test_a_single_arm_is_not_compared(fault: Fault, sound: str) -> None:
    """With one arm there is no comparison to report."""
    more = '[[endpoint]]\nname = "P"\n[endpoint.arms.A]\n[endpoint.reported]\np = "0.1"\n'
    assert fault(sound + more) == (
        'endpoint[2] all/P: reported: it compares arms, but "A" is the only one.'
    )


def test_dates_of_an_endpoint_against_the_study(fault: Fault, changed: Changed) -> None:
    """An endpoint's own cut-off is checked against the study's enrolment."""
    text = changed("title", 'enrolment = ["2010-01", "2011-01"]\ntitle')
    said = fault(text.replace('name = "OS"', 'name = "OS"\ndata_cutoff = "2010-06"'))
    assert said == "endpoint[1] psm/OS: data_cutoff: 2010-06 is before the last entry, 2011-01."


def test_all_faults_are_listed(fault: Fault, changed: Changed, file: Path) -> None:
    """Several faults of one file are listed together, a line each."""
    text = changed("n = 185", "n = 0").replace("title", "titles").replace('"89.3%"', '"893%"')
    assert fault(text).splitlines() == [
        f"{file} has 3 faults:",
        "  endpoint[1] psm/OS: arms.SR.n: 0 is not a number of patients: a whole number from 1 to "
        "1000000 is allowed.",
        '  endpoint[1] psm/OS: arms.SR.landmarks.36: "893%" is over 100%: survival is between '
        "0% and 100%.",
        "  titles: there is no such key; did you mean `title`?",
    ]


def test_a_flood_of_faults_is_cut(fault: Fault, sound: str) -> None:
    """Twenty faults are enough to read; the others are counted."""
    said = fault("".join(f"k{number} = 1\n" for number in range(30)) + sound)
    assert said.splitlines()[0].endswith("has 30 faults:")
    assert said.splitlines()[-1] == "  ... and 10 more."
    assert len(said.splitlines()) == 22


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"89.3%"', '"99.9%"', id="rising survival"),
        pytest.param('"1.22"', '"2.22"', id="interval without its hazard ratio"),
        pytest.param(CI, 'ci = ["1.89", "0.78"]', id="interval upside down"),
        pytest.param(CI, 'ci = ["0.00", "1.89"]', id="a limit that rounds to zero"),
        pytest.param("n = 185", "n = 185\nevents = 200", id="more events than patients"),
        pytest.param("n = 185", 'n = 185\nmedian = "6"', id="median against the landmarks"),
        pytest.param("n = 185", "n = 185\nat_risk = { 0 = 9, 12 = 99 }", id="rising at risk"),
        pytest.param("n = 185", "n = 185\nevents = 2\nevent_times = [3]", id="events and times"),
        pytest.param(P, 'p = "<0.001"\n', id="p against the interval"),
    ],
)
def test_faults_of_the_paper_are_read(changed: Changed, file: Path, old: str, new: str) -> None:
    """Printed numbers that contradict each other are not the file's fault."""
    file.write_text(changed(old, new))
    assert read_study(file).id == "mine"


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('hazard_ratio = [{ variable = "a", hazard_ratio = "0" }]',
         'table[1] t: hazard_ratio[1].hazard_ratio: "0" is not a hazard ratio'),
        ('hazard_ratio = [{ variable = "a", hazard_ratio = "1", cii = "1-2" }]',
         "table[1] t: hazard_ratio[1].cii: there is no such key; did you mean `ci`?"),
        ('[[table.mean]]\nvariable = "v"\nB = "3 (2)"',
         "table[1] t: mean[1].B: there is no group B; `groups` has A."),
        ('[[table.mean]]\nvariable = "v"\nA = 3', "table[1] t: mean[1].A: it must be text in quo"),
        ('[[table.count]]\nvariable = "v"\nlevels = { x = { A = "none" } }',
         'table[1] t: count[1].levels.x.A: "none" holds no number'),
        ('[[table.count]]\nvariable = "v"\nlevels = { "x y" = { B = "3" } }',
         'table[1] t: count[1].levels."x y".B: there is no group B'),
        ('[[statement]]\ntext = "t"\nsum = { total = "3", parts = ["1"] }',
         "statement[1]: sum.parts: it needs at least 2, but has 1."),
        ('[[statement]]\nsource = "t"', "statement[1]: text: it is missing; write the wording"),
    ],
)  # fmt: skip
def test_tables(fault: Fault, sound: str, table: str, why: str) -> None:
    """Tables and statements have their rules too."""
    said = fault(f'{sound}[[table]]\nid = "t"\ngroups = {{ A = 3 }}\n{table}\n')
    assert said.startswith(why)
