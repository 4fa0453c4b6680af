"""A reading of a figure corrected: the folder, the study file, and what is refused."""

from __future__ import annotations

import copy
import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kmrepro.app.figure_editing import FigureRefused, read_document, reading_of
from kmrepro.digitise import read_figure
from kmrepro.digitise.files import reading_files

from ..digitise import known
from .conftest import Page

pytest.importorskip("pdfplumber")


def figure(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.json("api/figures/figure")
    return found


def put(page: Page, document: dict[str, Any]) -> Any:
    return page.ask("api/figures/figure", "PUT", json=document)


def study(page: Page) -> dict[str, Any]:
    return tomllib.loads(page.workspace.study.read_text())


def test_the_folder_is_that_of_the_command(read_served: Page, vector: Path) -> None:
    """Files of a reading have the bytes that `kmrepro digitise` writes; the figure is beside."""
    folder = read_served.workspace.folder
    shutil.copy(vector, folder / "again.svg")
    expected = reading_files(read_figure(folder / "fig.svg"))
    for name, content in expected.items():
        assert (folder / name).read_bytes() == content, name
    assert (folder / "image.png").read_bytes().startswith(b"\x89PNG")


def test_an_unchanged_reading_is_written_as_it_was(read_served: Page) -> None:
    """What is read from the folder and saved again gives the same files, byte for byte."""
    folder = read_served.workspace.folder
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    assert put(read_served, figure(read_served)).status_code == 200
    after = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    assert {name for name in before if before[name] != after[name]} == set()


def test_corrections_reach_the_study_file(read_served: Page) -> None:
    """A name, a number at risk and a point change the CSV files and the arms that use them."""
    document = figure(read_served)
    arm = document["panels"][0]["arms"][0]
    arm["name"] = "Velotarsib"
    document["panels"][0]["at_risk"][0]["arm"] = "Velotarsib"
    document["panels"][0]["at_risk"][0]["cells"][0][1] = 95
    arm["points"][-1][0] = 24.5
    document["confirmed"] = ["seen"]
    answer = put(read_served, document)
    assert answer.get_json()["used"][0] == ["curves.csv", "Velotarsib", "all/OS / Velotarsib"]
    assert next(iter(study(read_served)["arms"].items())) == ("Velotarsib", "Velotarsib")
    written = study(read_served)["endpoint"][0]["arms"]["Velotarsib"]
    assert written["curve"]["arm"] == "Velotarsib"
    assert written["at_risk"]["0"] == 95
    assert written["n"] == 95  # it came from there
    again = figure(read_served)
    assert again["panels"][0]["arms"][0]["points"][-1][0] == 24.5
    assert again["panels"][0]["arms"][0]["was"] == "Velotarsib"
    assert again["confirmed"] == ["seen"]


def test_a_number_of_patients_that_was_written_stays(read_served: Page) -> None:
    """N that does not come from the figure is not changed with it."""
    edit = {"place": ["endpoint", 0, "arms", "Drug", "n"], "value": 91}
    read_served.json("api/study/edit", "POST", json={"edits": [edit]})
    document = figure(read_served)
    document["panels"][0]["at_risk"][0]["cells"][0][1] = 95
    put(read_served, document)
    assert study(read_served)["endpoint"][0]["arms"]["Drug"]["n"] == 91


BREAK = {
    "rises": lambda p: p["arms"][0]["points"].__setitem__(3, [1.0, 0.2, 0.01]),
    "runs back": lambda p: p["arms"][0]["points"].__setitem__(3, [0.0, 0.5, 0.01]),
    "leaves the plot": lambda p: p["arms"][0]["points"].__setitem__(0, [0.0, 1.2, 0.01]),
    "at least two points": lambda p: p["arms"][0].update(points=[[0, 1, 0.01]]),
    "name of its own": lambda p: p["arms"][0].update(name=p["arms"][1]["name"]),
    "needs a name": lambda p: p["arms"][0].update(name=" "),
    "two places": lambda p: p["x_axis"].update(calibration=[[10, 0], [10, 24]]),
    "whole number": lambda p: p["at_risk"][0]["cells"].append([30, 1.5]),
    "time of their own": lambda p: p["at_risk"][0]["cells"].append([0, 5]),
    "no reading": lambda p: p.pop("arms"),
    "number is missing": lambda p: p["y_axis"].update(calibration=[[1, float("nan")], [2, 1]]),
}


@pytest.mark.parametrize("words", BREAK)
def test_what_no_reading_can_be_is_refused(read_served: Page, words: str) -> None:
    """A correction that cannot be is refused in a sentence, and the files stay."""
    document = figure(read_served)
    before = (read_served.workspace.folder / "curves.csv").read_bytes()
    broken = copy.deepcopy(document)
    BREAK[words](broken["panels"][0])
    with pytest.raises(FigureRefused, match=words):
        reading_of(broken, np.zeros((1, 1, 3), dtype=np.uint8))
    answer = put(read_served, json.loads(json.dumps(broken)))
    assert answer.status_code == 400
    assert (read_served.workspace.folder / "curves.csv").read_bytes() == before


def test_a_second_figure_has_a_folder_of_its_own(read_served: Page, vector: Path) -> None:
    """It is read beside the first, and put into an endpoint when a person says so."""
    job = read_served.done(read_served.upload("Figure 3.svg", vector.read_bytes()).get_json())
    assert job["result"]["readings"] == ["Figure-3"]
    assert len(study(read_served)["endpoint"]) == 1
    answer = read_served.json(
        "api/figures/Figure-3/use", "POST", json={"panel": 0, "endpoint": None, "arms": {}}
    )
    assert answer["faults"] == []
    assert answer["endpoints"] == ["all/OS", "all/OS-2"]
    arms = study(read_served)["endpoint"][1]["arms"]
    assert arms["Drug"]["curve"]["file"] == "Figure-3/curves.csv"


def test_a_figure_of_a_drafted_study_finds_its_endpoint(served: Page, vector: Path) -> None:
    """Curves whose endpoint and arms the words have named are put there, and n stays as said."""
    text = (
        "Patients were randomised to drug (n = 95) or placebo (n = 80). Median overall survival "
        "was 14.0 months with drug and 7.6 months with placebo (hazard ratio 0.55, 0.40-0.76)."
    )
    assert served.done(served.json("api/draft", "POST", json={"text": text}))["state"] == "done"
    assert served.done(served.upload("f.svg", vector.read_bytes()).get_json())["state"] == "done"
    (endpoint,) = study(served)["endpoint"]
    arms = {name.casefold(): arm for name, arm in endpoint["arms"].items()}
    assert arms["drug"]["curve"]["arm"] == "Drug"
    assert arms["drug"]["n"] == 95
    assert arms["placebo"]["at_risk"]["0"] == 80
    assert '# line 1: "Median overall' in served.workspace.study.read_text()


def test_another_time_unit_is_not_mixed_in(read_served: Page, vector: Path) -> None:
    """Curves in months are refused for an endpoint in years."""
    edit = {"place": ["time_unit"], "value": "years"}
    read_served.json("api/study/edit", "POST", json={"edits": [edit]})
    read_served.done(read_served.upload("b.svg", vector.read_bytes()).get_json())
    answer = read_served.ask(
        "api/figures/b/use", "POST", json={"panel": 0, "endpoint": 0, "arms": {"Drug": "Drug"}}
    )
    assert answer.status_code == 400
    assert "in months and the endpoint in years" in answer.get_json()["error"]


def test_a_figure_is_read_again_with_axes_given(read_served: Page) -> None:
    """Axes that a person has set outrank those that were recognised."""
    panel = figure(read_served)["panels"][0]
    x = [[2 * value, pixel] for pixel, value in panel["x_axis"]["calibration"]]
    y = [[value, pixel] for pixel, value in panel["y_axis"]["calibration"]]
    hints = {"replace": 1, "x_axis": [x[0], x[-1]], "y_axis": [y[0], y[-1]], "arms": 2}
    job = read_served.done(read_served.json("api/figures/figure/read", "POST", json=hints))
    assert job["state"] == "done", job["message"]
    points = figure(read_served)["panels"][0]["arms"][0]["points"]
    assert points[-1][0] == pytest.approx(48, abs=0.5)  # the figure ends at 24


def test_every_page_of_a_pdf_is_looked_at(served: Page, tmp_path: Path) -> None:
    """Pages with a plot are read into folders of their own, with progress; text pages are not."""
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_pdf import PdfPages

    one = known.draw(tmp_path / "one.pdf")
    import pypdfium2

    words = plt.figure()
    words.text(0.1, 0.5, "Methods. Patients were followed.")
    with PdfPages(tmp_path / "words.pdf") as pdf:
        pdf.savefig(words)
    plt.close(words)
    paper = pypdfium2.PdfDocument.new()
    for path in (tmp_path / "words.pdf", one, one):
        paper.import_pages(pypdfium2.PdfDocument(path))
    paper.save(tmp_path / "paper.pdf")
    job = served.done(served.upload("paper.pdf", (tmp_path / "paper.pdf").read_bytes()).get_json())
    assert job["state"] == "done", job["message"]
    assert job["result"] == {"readings": ["figure", "paper-page-3"], "pages": 2}
    assert read_document(served.workspace.folder)["page"] == 2
    assert served.json("api/figures") == ["figure", "paper-page-3"]


def test_a_reading_that_is_broken_is_told(read_served: Page) -> None:
    """A file of the reading that is missing ends in a sentence."""
    (read_served.workspace.folder / "curves.csv").unlink()
    answer = read_served.ask("api/figures/figure")
    assert answer.status_code == 400
    assert "drop the figure again" in answer.get_json()["error"]


@pytest.mark.nightly
def test_a_picture_without_labels_is_read_by_hand(served: Page, tmp_path: Path) -> None:
    """What the reader refuses is read once a person has set axes, names and colours."""
    pytest.importorskip("rapidocr")
    places = known.draw_bare(tmp_path / "bare.png")
    answer = served.upload("bare.png", (tmp_path / "bare.png").read_bytes()).get_json()
    assert served.done(answer)["state"] == "refused"
    name = answer["picture"]
    begun = served.json(f"api/pictures/{name}")
    assert begun["panels"][0]["unsure"][0].startswith("Nothing was read")
    assert served.ask(f"api/pictures/{name}/image.png").data.startswith(b"\x89PNG")
    assert not (served.workspace.folder / "curves.csv").exists()  # nothing invented is written
    colours = [[arm, colour] for arm, (_, colour, _) in known.ARMS.items()]
    hints = {"replace": 1, **places, "arms": 2, "colours": colours}
    job = served.done(served.json(f"api/pictures/{name}/read", "POST", json=hints))
    assert job["state"] == "done", job["message"]
    for arm in figure(served)["panels"][0]["arms"]:
        points = np.array(arm["points"])
        curve = known.curve_of(points[:, 0], points[:, 1])
        assert known.distance(curve, known.ARMS[arm["name"]][0], 20.0) < 0.01
    for wrong in ("nothing.png", "study.toml", "..%2fbare.png"):
        assert served.ask(f"api/pictures/{wrong}").status_code in (400, 404)
