"""A study file changed key by key: comments, order, and what the page is told."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kmrepro.studies.papers
from kmrepro.app.study_editing import EditRefused, edited
from kmrepro.app.study_state import study_state, words_of
from kmrepro.studies import bundled_ids, load_study
from kmrepro.studies.drafting import draft_study
from kmrepro.studies.reader import study_of

from ..seeds import examples
from . import TWO_ENDPOINTS
from .conftest import Page

TEXT = """# Checked against the paper.
id = "x"   # its short name

[arms]
A = "Drug"
B = "Placebo"

[[endpoint]]
name = "OS"
reference = "B"

[endpoint.arms.A]
# line 3: "90 were given the drug."
n = 90
landmarks = { 12 = "80%", 36 = "60%" }  # Figure 2

[endpoint.arms.B]
n = 80
landmarks = { 12 = "70%" }
"""
A = ("endpoint", 0, "arms", "A")


def after(*edits: dict[str, Any]) -> dict[str, Any]:
    return tomllib.loads(edited(TEXT, edits))


def test_a_changed_number_leaves_every_comment() -> None:
    """Only the value changes; comments and the lines around it stay as they are."""
    text = edited(TEXT, [{"place": [*A, "n"], "value": 91}])
    assert text == TEXT.replace("n = 90", "n = 91")


def test_times_are_put_in_order() -> None:
    """A landmark that is added between two is written between them, as the reader wants it."""
    content = after({"place": [*A, "landmarks", "24"], "value": "70%"})
    assert list(content["endpoint"][0]["arms"]["A"]["landmarks"]) == ["12", "24", "36"]
    content = after({"place": [*A, "landmarks", "12"], "rename": "48"})
    assert list(content["endpoint"][0]["arms"]["A"]["landmarks"].items()) == [
        ("36", "60%"),
        ("48", "80%"),
    ]


def test_tables_are_made_and_emptied_tables_are_taken_away() -> None:
    """A value of a table that is not there makes it; the last one taken away removes it."""
    made = {"place": ["endpoint", 0, "reported", "hazard_ratio"], "value": "0.7"}
    gone = {"place": made["place"], "value": None}
    assert after(made)["endpoint"][0]["reported"] == {"hazard_ratio": "0.7"}
    assert "reported" not in after(made, gone)["endpoint"][0]
    text = edited(TEXT, [{"place": [*A, "at_risk", "0"], "value": 90}])
    assert "at_risk = {0 = 90}" in text


def test_an_arm_is_renamed_everywhere() -> None:
    """Its short name changes in [arms], in the endpoint and as the reference."""
    content = after({"place": ["arms", "B"], "rename_arm": "control"})
    assert list(content["arms"]) == ["A", "control"]
    assert list(content["endpoint"][0]["arms"]) == ["A", "control"]
    assert content["endpoint"][0]["reference"] == "control"


ROOT = Path(kmrepro.studies.papers.__path__[0])
TRIALS = Path(__file__).parents[2] / "benchmarks" / "published_trials"


def _keys(value: Any) -> set[str]:
    """Return every key of plain values, however deep, but for the levels of counts."""
    if isinstance(value, list):
        return set().union(*map(_keys, value))
    if not isinstance(value, dict):
        return set()
    below = [*value["levels"].values()] if "levels" in value else []
    others = [each for key, each in value.items() if key != "levels"]
    return set(value).union(*map(_keys, [*below, *others]))


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("*.toml"), *TRIALS.glob("*.toml")]), ids=lambda path: path.stem
)
def test_a_renamed_arm_leaves_the_study_as_it_is(path: Path) -> None:
    """Whichever arm is renamed, the file is valid and says the same, with the name exchanged."""
    text = path.read_text("utf-8")
    before = study_of(tomllib.loads(text), path.stem, folder=path.parent)
    for arm in dict.fromkeys(name for endpoint in before.endpoints for name in endpoint.arms):
        renamed = edited(text, [{"place": ["arms", arm], "rename_arm": "Quite new"}])
        after = study_of(tomllib.loads(renamed), path.stem, folder=path.parent)
        said = after.model_dump_json()
        assert json.loads(said.replace("Quite new", arm)) == json.loads(before.model_dump_json())
        assert arm not in _keys(json.loads(said))
        assert not any(arm in (table.favours or ()) for table in after.tables)
        assert [pair.key.replace("Quite new", arm) for pair in after.analysed] == [
            pair.key for pair in before.analysed
        ]


EVERYWHERE = """id = "x"

[arms]
A = "Drug"

[[flow]]
id = "figure-1"

[[flow.box]]
id = "A"
label = "Given A"
n = 9
quantity = "all/OS / A / n"

[[endpoint]]
name = "OS"
reference = "B"
arms = { A = { n = 9 }, B = { n = 8 }, C = { n = 7 } }

[[endpoint.comparison]]
treatment = "A"
reference = "B"
p = "0.04"

[[endpoint.comparison]]
treatment = "A"
reference = "B"
p = "0.03"
adjusted = true

[[table]]
id = "forest"
endpoint = "OS"
favours = ["A", "B"]
groups = { A = 9, B = 8 }

[[table.hazard_ratio]]
variable = "Sex"
level = "A"
hazard_ratio = "0.8"
patients = { A = "4/9", B = "5/8" }

[[table.count]]
variable = "Given"
levels = { A = { A = "9 (100)", B = "0 (0)" }, B = { A = "0 (0)", B = "8 (100)" } }
of = { A = 9, B = 8 }

[[table.mean]]
variable = "Age"
A = "60.1 (4.2)"
B = "61.2 (4.1)"
of = { A = 9, B = 8 }

[[statement]]
text = "As the figure says."

[statement.values]
"all/OS / A / n" = "9"
"all/OS / A vs B / p" = "0.04"
"all/OS / A vs B, adjusted / p" = "0.03"
"forest / Given / A / A" = "9"
"forest / Given / A / A / %" = "100"
"forest / Age / A / mean" = "60.1"
"figure-1 / A" = "9"
"Patients / A" = "9"
"""


def test_every_place_that_names_an_arm_has_its_new_name() -> None:
    """Rows, favours and the names of numbers do; a box, a level and a name of its own do not."""
    content = tomllib.loads(
        edited(EVERYWHERE, [{"place": ["arms", "A"], "rename_arm": "drug, new"}])
    )
    assert study_of(tomllib.loads(EVERYWHERE), "before").id == study_of(content, "after").id
    (table,) = content["table"]
    assert table["favours"] == ["drug, new", "B"]
    assert list(table["hazard_ratio"][0]["patients"]) == ["drug, new", "B"]
    assert table["hazard_ratio"][0]["level"] == "A"
    assert list(table["count"][0]["levels"]) == ["A", "B"]
    assert list(table["mean"][0]) == ["variable", "drug, new", "B", "of"]
    assert list(content["statement"][0]["values"]) == [
        "all/OS / drug, new / n",
        "all/OS / drug, new vs B / p",
        "all/OS / drug, new vs B, adjusted / p",
        "forest / Given / A / drug, new",
        "forest / Given / A / drug, new / %",
        "forest / Age / drug, new / mean",
        "figure-1 / A",
        "Patients / A",
    ]
    assert content["flow"][0]["box"][0]["quantity"] == "all/OS / drug, new / n"


def test_comments_stay_where_an_arm_is_renamed() -> None:
    """What a draft says of where its numbers were found is there afterwards."""
    text = """id = "x"

[arms]
A = "Arm A"    # as the abstract calls it

[[endpoint]]
name = "OS"

[endpoint.arms.A]
# line 3: "90 patients"
n = 90

[endpoint.arms.B]
n = 80

[[endpoint.comparison]]
treatment = "A"
reference = "B"
p = "0.04"
"""
    renamed = edited(text, [{"place": ["arms", "A"], "rename_arm": "arm A"}])
    assert [line for line in text.split("\n") if "#" in line and "line 3" in line] == [
        line for line in renamed.split("\n") if "line 3" in line
    ]
    assert "# as the abstract calls it" in renamed
    comparison = tomllib.loads(renamed)["endpoint"][0]["comparison"][0]
    assert (comparison["treatment"], comparison["reference"]) == ("arm A", "B")


def test_an_endpoint_is_added_and_removed() -> None:
    """A new endpoint comes last; taken away, the file says what it said."""
    value = {"name": "PFS", "arms": {"A": {"n": 90}, "B": {"n": 80}}}
    added = {"place": ["endpoint", 1], "value": value}
    assert after(added)["endpoint"][1] == value
    assert after(added, {"place": ["endpoint", 1], "value": None}) == tomllib.loads(TEXT)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"place": [], "value": 1}, id="no-key"),
        pytest.param({"place": ["endpoint", 7, "name"], "value": "OS"}, id="no-such-endpoint"),
        pytest.param({"place": ["endpoint", "name"], "value": "OS"}, id="key-of-a-list"),
        pytest.param({"place": ["id", "below"], "value": "x"}, id="below-a-text"),
        pytest.param({"place": ["nothing"], "value": None}, id="nothing-to-take-away"),
        pytest.param({"place": [*A, "landmarks", "12"], "rename": "36"}, id="time-taken"),
        pytest.param({"place": ["arms", "A"], "rename_arm": "B"}, id="arm-taken"),
        pytest.param({"place": ["arms", "A"], "rename_arm": " "}, id="no-name"),
        pytest.param({"place": 5, "value": 1}, id="place-is-a-number"),
        pytest.param({"place": "id", "value": 1}, id="place-is-a-text"),
        pytest.param({"place": ["endpoint", -1, "note"], "value": "x"}, id="from-the-end"),
        pytest.param({"place": ["endpoint", True, "note"], "value": "x"}, id="no-index"),
        pytest.param({"place": ["endpoint", 0.0, "note"], "value": "x"}, id="no-whole-number"),
        pytest.param({"place": ["a"] * 500, "value": 1}, id="too-deep"),
        pytest.param({"place": ["a"] * 20, "value": {"b": [[[[[1]]]]]}}, id="too-deep-together"),
        pytest.param({"place": ["id", "below", "that"], "value": "x"}, id="far-below-a-text"),
        pytest.param({"place": ["note"], "value": [None]}, id="no-value-of-toml"),
    ],
)
def test_a_change_that_cannot_be_is_refused(edit: dict[str, Any]) -> None:
    """It is refused in a sentence, and nothing is written."""
    with pytest.raises(EditRefused, match=r"\.$"):
        edited(TEXT, [edit])


@pytest.mark.parametrize("name", bundled_ids())
def test_every_bundled_paper_can_be_changed(name: str, served: Page) -> None:
    """One number of a paper changes, and everything else of it stays."""
    before = served.json("api/papers", "POST", json={"id": name})["content"]
    arm = next(iter(before["endpoint"][0]["arms"]))
    place = ["endpoint", 0, "arms", arm, "note"]
    state = served.json("api/study/edit", "POST", json={"edits": [{"place": place, "value": "!"}]})
    expected = before["endpoint"][0]["arms"][arm] | {"note": "!"}
    assert state["content"]["endpoint"][0]["arms"][arm] == expected
    assert state["content"]["endpoint"][1:] == before["endpoint"][1:]
    assert state["faults"] == []
    assert load_study(served.workspace.study).id == name


KEYS = st.sampled_from(["n", "median", "note", "events", "label"])
VALUES = st.one_of(st.integers(0, 999), st.text(max_size=12), st.none())


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.tuples(st.sampled_from("AB"), KEYS, VALUES), max_size=6))
def test_the_file_says_what_the_changes_say(changes: list[tuple[str, str, Any]]) -> None:
    """Whatever is changed, the TOML that is written holds exactly that (a slow second way)."""
    expected = tomllib.loads(TEXT)
    edits = []
    for arm, key, value in changes:
        keys = expected["endpoint"][0]["arms"][arm]
        if value is None and key not in keys:
            continue
        edits.append({"place": ["endpoint", 0, "arms", arm, key], "value": value})
        if value is None:
            del keys[key]
        else:
            keys[key] = value
    assert tomllib.loads(edited(TEXT, edits)) == expected


# What the page is told ---------------------------------------------------------------------------


def test_faults_are_placed_as_validate_says_them(served: Page) -> None:
    """A fault has the place of its field and the sentence of the command, without its place."""
    served.workspace.study.write_text(TEXT.replace('"80%"', '"180%"').replace("n = 80", "n = -1"))
    faults = served.json("api/study")["faults"]
    by_place = {tuple(each["place"]): each["text"] for each in faults}
    assert set(by_place) == {(*A, "landmarks", "12"), ("endpoint", 0, "arms", "B", "n")}
    assert by_place[(*A, "landmarks", "12")].startswith('"180%" is over 100%')


def test_doubts_are_placed(served: Page) -> None:
    """What is odd is told at the place that it names."""
    ratio = '\n[endpoint.reported]\nhazard_ratio = "0.9"\nci = ["1.1", "1.5"]\n'
    served.workspace.study.write_text(TEXT + ratio)
    (doubt,) = served.json("api/study")["doubts"]
    assert doubt["place"][:3] == ["endpoint", 0, "reported"]


def test_words_are_told_by_key(served: Page) -> None:
    """A comment above a number or on its line belongs to it."""
    served.workspace.study.write_text(TEXT)
    words = {tuple(each["place"]): each["text"] for each in served.json("api/study")["words"]}
    assert words[(*A, "n")] == ['line 3: "90 were given the drug."']
    assert words[(*A, "landmarks")] == ["Figure 2"]
    assert words[("id",)] == ["Checked against the paper.", "its short name"]


def test_a_draft_has_words_for_every_number() -> None:
    """Every number that a draft found has the sentence that it was found in."""
    import tomlkit

    drafted = draft_study(
        "Median overall survival was 19.7 months (95% CI 16.6-21.9) with velotarsib (n = 203) and "
        "15.9 months (14.1-19.3) with placebo (n = 198; hazard ratio 0.73, 0.58-0.93)."
    )
    words = words_of(tomlkit.parse(drafted.text)).beside
    for arm in ("velotarsib", "placebo"):
        for key in ("n", "median"):
            assert "Median overall survival was 19.7" in words["endpoint", 0, "arms", arm, key][0]


def test_no_study_file_is_a_state(served: Page) -> None:
    """An empty folder has a study that does not exist; changes of it are refused."""
    state = study_state(served.workspace.study)
    assert state["exists"] is False
    answer = served.ask("api/study/edit", "POST", json={"edits": [{"place": ["id"], "value": "x"}]})
    assert answer.status_code == 400
    assert answer.get_json()["error"] == "There is no study file in the folder yet."


def test_a_study_that_is_there_is_never_replaced(served: Page) -> None:
    """Another paper, an empty form, words and a study file do not take its place."""
    served.workspace.study.write_text(TEXT)
    answers = [
        served.ask("api/papers", "POST", json={"id": "haic-tae"}),
        served.ask("api/blank", "POST", json={}),
        served.upload("other.toml", b'id = "y"\n[[endpoint]]\nname = "OS"'),
    ]
    assert [each.status_code for each in answers] == [409, 409, 400]
    job = served.done(served.json("api/draft", "POST", json={"text": "HR 0.7"}))
    assert job["state"] == "refused"
    assert served.workspace.study.read_text() == TEXT


def test_an_empty_form_says_what_to_fill_in(served: Page) -> None:
    """Every placeholder is a fault at its field."""
    state = served.json("api/blank", "POST", json={})
    assert state["faults"]
    assert all("placeholder" in each["text"] for each in state["faults"])


def test_points_of_a_csv_file_are_laid_out(served: Page) -> None:
    """A study is made around the file's arms; what is missing is told, and then it is judged."""
    csv = "arm,time,survival\n" + "".join(
        f"{arm},{t},{0.97 ** (t * rate):.4f}\n"
        for arm, rate in (("A", 1), ("B", 2))
        for t in range(0, 24, 3)
    )
    answer = served.upload("clicks.csv", csv.encode()).get_json()
    assert answer["kind"] == "csv"
    state = answer["state"]
    assert state["content"]["arms"] == {"A": "A", "B": "B"}
    assert served.json("api/verdict?endpoint=all/OS")["refusal"]
    edits = [{"place": ["endpoint", 0, "arms", arm, "n"], "value": 100} for arm in ("A", "B")]
    served.json("api/study/edit", "POST", json={"edits": edits})
    found = served.json("api/verdict?endpoint=all/OS")
    assert found["refusal"] == ""
    assert found["section"]["verdict"]["verdict"] == "not assessable"


def _clicks(*arms: str) -> bytes:
    rows = [f"{arm},{t},{0.97**t:.4f}" for arm in arms for t in range(9)]
    return "\n".join(["arm,time,survival", *rows]).encode()


def test_points_are_linked_where_only_one_endpoint_fits(served: Page) -> None:
    """Names or labels of the arms decide; a curve is never given to an arm by its place."""
    text = TWO_ENDPOINTS.split('[[endpoint]]\nname = "PFS"')[0]
    served.json("api/study", "PUT", json={"text": text})
    state = served.upload("clicks.csv", _clicks("control", "New drug")).get_json()["state"]
    assert "question" not in state
    arms = state["content"]["endpoint"][0]["arms"]
    assert arms["C"]["curve"] == {"file": "clicks.csv", "arm": "control"}
    assert arms["N"]["curve"] == {"file": "clicks.csv", "arm": "New drug"}
    assert state["unused"] == []


def test_points_that_may_be_of_several_endpoints_are_asked_about(served: Page) -> None:
    """The study stays as it is until somebody says whose the curves are."""
    served.json("api/study", "PUT", json={"text": TWO_ENDPOINTS})
    state = served.upload("clicks.csv", _clicks("Control", "New drug")).get_json()["state"]
    assert state["question"] == {"file": "clicks.csv", "curves": ["Control", "New drug"]}
    assert state["unused"] == ["clicks.csv"]
    assert served.workspace.study.read_text() == TWO_ENDPOINTS
    assert served.json("api/points/clicks.csv") == state["question"]
    choice = {"endpoint": 1, "arms": {"Control": "C", "New drug": ""}}
    state = served.json("api/points/clicks.csv", "POST", json=choice)
    assert state["content"]["endpoint"][1]["arms"]["C"]["curve"]["arm"] == "Control"
    assert "curve" not in state["content"]["endpoint"][1]["arms"]["N"]
    assert "curve" not in state["content"]["endpoint"][0]["arms"]["C"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('id="a', "line 1: the closing quote is missing", id="no-toml"),
        pytest.param("a." * 5000 + "b = 1", "too deep", id="deep"),
        pytest.param('id = "a"\nendpoint = 5', "study", id="no-list"),
        pytest.param('id = "a"\n[[endpoint]]\narms = "A"', "study", id="no-arms"),
    ],
)
def test_nothing_is_put_into_a_file_at_fault(read_served: Page, text: str, said: str) -> None:
    """Points, a figure and its corrections are refused in a sentence until the text is mended."""
    read_served.json("api/study", "PUT", json={"text": text})
    document = read_served.json("api/figures/figure")
    choice = {"endpoint": 0, "arms": {"Drug": "A"}}
    answers = [
        read_served.upload("clicks.csv", _clicks("Drug")),
        read_served.ask("api/points/clicks.csv", "POST", json=choice),
        read_served.ask("api/figures/figure/use", "POST", json={"panel": 0, **choice}),
        read_served.ask("api/figures/figure", "PUT", json=document),
    ]
    for answer in answers:
        assert answer.status_code == 400
        assert said in answer.get_json()["error"]
    assert read_served.workspace.study.read_text() == text


def test_a_study_file_in_another_encoding_is_refused(served: Page) -> None:
    """A file that another program saved is named, and stays as it is."""
    served.workspace.study.write_bytes('id = "Å"'.encode("latin-1"))
    answer = served.ask("api/study/edit", "POST", json={"edits": [{"place": ["id"], "value": "x"}]})
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith("study.toml is not UTF-8 text")


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        pytest.param({"endpoint": 5, "arms": {"Control": "C"}}, "no such endpoint", id="endpoint"),
        pytest.param({"endpoint": 0, "arms": {}}, "at least one", id="none"),
        pytest.param(
            {"endpoint": 0, "arms": {"Control": "C", "New drug": "C"}}, "one arm", id="twice"
        ),
        pytest.param({"endpoint": 0, "arms": {"Control": "X"}}, "no arm 'X'", id="unknown"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    served: Page, choice: dict[str, object], said: str
) -> None:
    """A sentence says what is missing, and the study stays as it is."""
    served.json("api/study", "PUT", json={"text": TWO_ENDPOINTS})
    served.upload("clicks.csv", _clicks("Control", "New drug"))
    answer = served.ask("api/points/clicks.csv", "POST", json=choice)
    assert answer.status_code == 400
    assert said in answer.get_json()["error"]
    assert served.workspace.study.read_text() == TWO_ENDPOINTS


@pytest.mark.parametrize("asked", ["?endpoint=nope/OS", "?endpoint=", ""])
def test_a_verdict_is_of_the_endpoint_that_is_asked_for(served: Page, asked: str) -> None:
    """An endpoint that the study does not have is refused; those that it has are named."""
    served.json("api/study", "PUT", json={"text": TWO_ENDPOINTS})
    answer = served.ask(f"api/verdict{asked}")
    assert answer.status_code == 400
    name = asked.removeprefix("?endpoint=")
    said = f'The study has no endpoint "{name}"; it has all/OS, all/PFS.'
    assert answer.get_json() == {"error": said}
