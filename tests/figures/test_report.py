"""The HTML report, read by a parser."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from kmrepro.audit import audit
from kmrepro.figures import ReportFigure, figures_of, render_report
from kmrepro.models import EndpointAnalysis
from kmrepro.reconstruct.quick_looks import QuickLook
from kmrepro.studies import Endpoint, Study, load_study

Analysed = Callable[..., EndpointAnalysis]

REPORTED = {"hazard_ratio": "1.22", "ci": ("0.78", "1.89"), "p": "0.381"}
HOSTILE = "<script>alert(1)</script><img src=http://x.example/a> {{ 7 * 7 }} $x$ \" ' &amp;"
VOID = {"meta", "br", "img", "link", "input", "hr"}


@dataclass(frozen=True)
class Refused:
    """An endpoint that could not be reconstructed."""

    endpoint: Endpoint
    reason: str
    quick_looks: tuple[QuickLook, ...] = ()


@dataclass
class Page(HTMLParser):
    """A parsed page: its tags with their attributes, its text, and whether tags are balanced."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    still_open: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.still_open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag, which must be this one."""
        assert self.still_open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep text."""
        if not self.still_open or self.still_open[-1] not in {"style", "script"}:
            self.words.append(data)
        if self.still_open and self.still_open[-1] == "script":
            self.scripts.append(data)

    @property
    def text(self) -> str:
        """Everything that is read."""
        return " ".join(" ".join(self.words).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def parse(html: str) -> Page:
    """Read a page, and check that its tags are balanced."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.still_open == []
    return page


@pytest.fixture(scope="module")
def analyses(analysed: Analysed) -> list[EndpointAnalysis]:
    """Analyse two endpoints: one compared, one of a single arm whose numbers are missed."""
    return [
        analysed(reported=REPORTED, figure="Figure 5(a)", note="A remark.", source="Page 7"),
        analysed({"SR": 0.02}, shift=0.1, medians={"SR": "34.1"}, name="PFS", label="Progression"),
    ]


def report(
    study: Study,
    analyses: list[EndpointAnalysis],
    refused: tuple[Refused, ...] = (),
    **changes: Any,
) -> str:
    """Write a report with a version and a seed."""
    return render_report(study, analyses, refused, version="1.2.3", seed=7, **changes)


def of_study(analyses: list[EndpointAnalysis], **fields: Any) -> Study:
    """Make a study of the analysed endpoints."""
    return Study.model_validate(
        {"id": "trial", "endpoint": tuple(each.endpoint for each in analyses), **fields}
    )


@pytest.fixture(scope="module")
def html(analyses: list[EndpointAnalysis]) -> str:
    """Write the report of the two endpoints and a refused one."""
    return of_two_and_a_refused(analyses)


def of_two_and_a_refused(analyses: list[EndpointAnalysis]) -> str:
    """Write the report of the two endpoints and a refused one."""
    study = load_study("wang2024")
    refused = Refused(study.endpoints[0], "The paper prints no number of patients.")
    fields = {"title": "A trial", "citation": "Doe J. 2025.", "doi": "10.1/x"}
    return report(of_study(analyses, **fields), analyses, (refused,))


def test_nothing_is_loaded_from_anywhere(html: str) -> None:
    """Images and scripts are inside, and there is no style sheet, frame or font to fetch."""
    page = parse(html)
    assert {tag for tag, _ in page.tags} & {"link", "iframe", "object", "form"} == set()
    assert all("src" not in each for each in page.of("script"))
    assert all(str(image["src"]).startswith("data:image/") for image in page.of("img"))
    written = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    written = written.replace('href="https://doi.org/10.1/x"', "")  # followed only when clicked
    assert not re.search(r"url\(|@import|https?://", written)


def test_no_script_but_its_own_may_run(html: str) -> None:
    """The policy names the hash of the one script; the others are data."""
    page = parse(html)
    assert [each.get("type") for each in page.of("script")] == ["application/json"] * 2 + [None]
    own = base64.b64encode(hashlib.sha256(page.scripts[-1].encode()).digest()).decode()
    policy = [each["content"] for each in page.of("meta") if "http-equiv" in each]
    assert policy == [
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{own}'"
    ]
    assert "uPlot (v1.6.32)" in page.scripts[-1]
    assert "Permission is hereby granted" in page.scripts[-1]


def test_verdicts_come_first(html: str) -> None:
    """The answer stands above endpoints, figures, refusals and provenance."""
    headings = re.findall(r'<h2 id="(\w+)"', html)
    assert headings == ["verdicts", "endpoints", "figures", "refused", "provenance"]


def test_the_findings_are_told(html: str, analyses: list[EndpointAnalysis]) -> None:
    """Numbers, verdict in words, assumptions, refusal, citation, version and seed are there."""
    text = parse(html).text
    comparison, cox = analyses[0].comparison, analyses[0].cox
    assert comparison is not None
    assert cox is not None
    for told in (
        f"1 comparison re-analysed: 1 {comparison.verdict}.",
        "1.22 (0.78 to 1.89)",
        f"{cox.hazard_ratio:.2f} ({cox.ci[0]:.2f} to {cox.ci[1]:.2f})",
        comparison.sentence,
        "Patients were drawn at random.",
        "The paper prints no number of patients.",
        "Not reconstructed: ",
        "A remark.",
        "Page 7",
        "Doe J. 2025.",
        "10.1/x",
        "version 1.2.3",
        "Seed 7",
    ):
        assert " ".join(told.split()) in text


def test_landmarks_are_printed_beside_reproduced(
    html: str, analyses: list[EndpointAnalysis]
) -> None:
    """Each printed number has its row, with one digit more and whether it is met."""
    text = parse(html).text
    for check in (check for analysis in analyses for check in analysis.landmarks):
        inside = "yes" if check.inside else "no"
        if check.quantity == "survival":
            row = f"{check.time:g} months {check.printed} {100 * check.reproduced:.2f}% {inside}"
        else:
            row = f"Median, months {check.printed} {check.reproduced:.2f} {inside}"
        assert row in text
    assert "cohort psm: all matched." in text
    assert not analyses[1].landmarks[0].inside


def test_everyone_can_read_it(html: str) -> None:
    """Language, headings in order, scoped table headers, captions, and texts for all images."""
    page = parse(html)
    assert page.of("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(header.get("scope") in {"col", "row"} for header in page.of("th"))
    assert len(page.of("caption")) == len(page.of("table"))
    assert all(len(str(image["alt"])) > 40 for image in page.of("img"))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_images_are_drawings(html: str) -> None:
    """Each inlined image is a complete SVG of its own."""
    images = parse(html).of("img")
    assert len(images) == 7  # two of them the curves of an endpoint, for print
    for image in images:
        kind, _, content = str(image["src"]).partition(";base64,")
        assert kind == "data:image/svg+xml"
        ElementTree.fromstring(base64.b64decode(content))


def test_contents_lead_everywhere_and_back(html: str) -> None:
    """Every section is in the contents, every link has a place, and every section leads back."""
    page = parse(html)
    places = {str(each["id"]) for _, each in page.tags if "id" in each}
    links = [str(each["href"]) for each in page.of("a") if str(each["href"]).startswith("#")]
    assert {link.removeprefix("#") for link in links} <= places
    headings = {str(each["id"]) for each in [*page.of("h2"), *page.of("h3")] if "id" in each}
    contents = html.partition('<nav id="contents"')[2].partition("</nav>")[0]
    assert headings <= set(re.findall(r'href="#([^"]+)"', contents))
    assert links.count("#contents") >= len(page.of("section"))


def test_caveats_come_before_the_numbers(html: str) -> None:
    """Whose patients they are is the first thing said of an endpoint."""
    for article in html.split("<article")[1:]:
        assert "Not the paper's patients:" in article.replace("&#39;", "'").partition("<p>")[0]


def test_cells_say_their_column(html: str) -> None:
    """On a phone a row is a list: each cell has the heading of its column."""
    page = parse(html)
    labelled = [each for each in page.of("td") if "data-label" in each]
    assert len(labelled) > 0.8 * len(page.of("td"))


def test_files_beside_the_report_are_linked(analyses: list[EndpointAnalysis]) -> None:
    """A figure says where it is in other formats."""
    ((name, figure), *_) = figures_of(analyses[:1])
    given = ReportFigure.of(figure, caption=name, files=("figures/a.svg", "figures/a.pdf"))
    html = render_report(of_study(analyses), analyses, (), version="1", seed=0, figures=[given])
    assert '<a href="figures/a.svg" download>SVG</a>' in html
    assert '<a href="figures/a.pdf" download>PDF</a>' in html


def test_further_figures_are_folded_away(html: str) -> None:
    """Checks of assumptions come last, under a line that says what they are."""
    before, folded = html.split("<summary>Proportional hazards and restricted mean survival: 2")
    assert "whether hazards are proportional" in folded.partition("</details>")[0]
    assert "whether hazards are proportional" not in before
    assert before.rstrip().endswith("<details>")


def test_the_same_study_gives_the_same_report(html: str, analyses: list[EndpointAnalysis]) -> None:
    """Writing the report again changes no byte."""
    assert of_two_and_a_refused(analyses) == html


def audited(analyses: list[EndpointAnalysis], source: str) -> Page:
    """Read the report of a study with an error, a warning and a note, but for its survival."""
    fields = {
        "statement": [
            {"source": source, "text": "x", "sum": {"total": "9", "parts": ["4", "4"]}},
            {"source": "Text", "text": "x", "share": [{"of": "66", "percent": "12.2%"}]},
            {"source": "Text", "text": "x", "share": [{"of": "22", "percent": "86.3%"}]},
        ]
    }
    study = of_study(analyses, **fields)
    found = audit(study)  # nobody is censored early in these analyses, which is a note, too
    findings = tuple(each for each in found.findings if each.rule != "plain-shares")
    found = replace(found, findings=findings)
    html = render_report(study, analyses, (), version="1", seed=0, figures=(), audit=found)
    return parse(html)


def test_the_audit_is_told_by_severity(analyses: list[EndpointAnalysis]) -> None:
    """Place, sentence, printed, expected, rule and reference of each finding, errors first."""
    page = audited(analyses, "Abstract, Methods")
    text = page.text
    assert "1 error, 1 warning, 1 note." in text
    order = [text.index(f"{name} (1).") for name in ("Errors", "Warnings", "Notes")]
    assert order == sorted(order)
    for told in (
        "Abstract, Methods The parts add up to 8, not 9.",
        "Reported 4 + 4 for 9",
        "Expected 8",
        "Rule sum. Do the parts that a sentence names add up to its total?",
        "Expected 12.1% or 13.6%",
    ):
        assert told in text
    links = [str(each["href"]) for each in page.of("a")]
    assert "https://doi.org/10.1136/bmj.c869" in links
    found = [each for each in page.of("details") if each.get("class") == "findings"]
    assert [each.get("open", "shut") for each in found] == [None, None, "shut"]


def test_markup_from_a_finding_is_text(analyses: list[EndpointAnalysis]) -> None:
    """A place in the paper may hold anything."""
    page = audited(analyses, HOSTILE)
    assert page.of("iframe") == []
    assert [each.get("type") for each in page.of("script")] == ["application/json"] * 2 + [None]
    assert all(str(image["src"]).startswith("data:") for image in page.of("img"))
    assert "alert(1)" in page.text


def test_markup_from_a_study_is_text(analysed: Analysed) -> None:
    """Whatever a study file says is shown letter by letter, in page and pictures."""
    analysis = analysed(
        label=HOSTILE,
        note=HOSTILE,
        source=HOSTILE,
        labels={"SR": HOSTILE, "TA": HOSTILE},
        reported={**REPORTED, "note": HOSTILE},
    )
    study = of_study([analysis], title=HOSTILE, citation=HOSTILE, doi=HOSTILE, note=HOSTILE)
    html = report(study, [analysis], (Refused(analysis.endpoint, HOSTILE),))
    page = parse(html)
    assert [each.get("type") for each in page.of("script")] == ["application/json", None]
    assert {str(image["src"])[:11] for image in page.of("img")} == {"data:image/"}
    assert page.text.count("<script>alert(1)</script>") >= 8
    assert "{{ 7 * 7 }}" in page.text
    assert "&amp;amp;" in html
    for image in page.of("img"):
        assert b"<script" not in base64.b64decode(str(image["src"]).partition(",")[2])


def test_given_figures_are_used(analyses: list[EndpointAnalysis]) -> None:
    """Figures that were drawn already are not drawn again."""
    given = [ReportFigure.of(each, caption=name) for name, each in figures_of(analyses[:1])]
    study = of_study(analyses)
    html = render_report(study, analyses, (), version="1", seed=0, figures=given[:1])
    assert len(parse(html).of("img")) == 1 + len(analyses)


def test_a_heavy_drawing_goes_in_as_pixels(analyses: list[EndpointAnalysis]) -> None:
    """A drawing of too many bytes is inlined as PNG, so that the report stays small."""
    ((name, figure), *_) = figures_of(analyses[:1])
    given = ReportFigure.of(figure, caption=name, largest_svg=1000)
    page = parse(report(of_study(analyses[:1]), analyses[:1], figures=[given]))
    images = [str(image["src"]).partition(";")[0] for image in page.of("img")]
    assert images == ["data:image/svg+xml", "data:image/png"]  # curves of the endpoint come first


def test_a_large_study_stays_small(analysed: Analysed) -> None:
    """Four endpoints of thousands of patients make a report below 5 MB."""
    analyses = [analysed({"SR": 0.01}, n=5000, times=(), name=f"E{k}") for k in range(4)]
    assert len(report(of_study(analyses), analyses)) < 5_000_000


def test_only_refusals() -> None:
    """A study of which nothing can be reconstructed still has a report."""
    study = load_study("wang2024")
    refused = tuple(Refused(each, "No number of patients is printed.") for each in study.endpoints)
    page = parse(report(study, [], refused))
    assert "No two arms could be compared." in page.text
    assert page.text.count("No number of patients is printed.") == len(refused)


def test_quick_looks_are_called_approximate() -> None:
    """Approximate answers stand in a table that says what they are not."""
    study = load_study("wang2024")
    look = QuickLook(
        name="medians",
        method="Exponential survival.",
        hazard_ratio=0.5,
        log_hazard_ratio=-0.69,
        variance=None,
        lower=0.4,
        upper=0.6,
        reference="Someone 2007",
    )
    text = parse(report(study, [], (Refused(study.endpoints[0], "No n.", (look,)),))).text
    assert "medians 0.50 0.40 to 0.60 Exponential survival. Someone 2007" in text
    assert "it is not a confidence interval" in text


def test_letters_without_a_glyph_are_named(analysed: Analysed, html: str) -> None:
    """Boxes in a drawing are explained below it, and nothing is said where there are none."""
    analysis = analysed(label="\u751f\u5b58 OS", reported=REPORTED)
    page = parse(report(of_study([analysis]), [analysis]))
    assert "lacks \u751f\u5b58: boxes stand in their place." in page.text
    assert "boxes stand" not in parse(html).text


def test_the_verdict_stands_beside_the_endpoint(html: str) -> None:
    """On a narrow screen the verdict is seen without scrolling sideways."""
    head = html[html.index("<thead>") : html.index("</thead>")]
    assert head.index("Endpoint") < head.index("Verdict") < head.index("Cohort")


def test_shares_by_the_allocation_are_a_caveat(analysed: Analysed) -> None:
    """Before any number, a reader is told that n is not the paper's."""
    analysis = analysed()
    arms = {
        name: arm.model_copy(update={"n_basis": "allocation"})
        for name, arm in analysis.endpoint.arms.items()
    }
    shared = replace(analysis, endpoint=analysis.endpoint.model_copy(update={"arms": arms}))
    said = "each arm has its share of all patients by the reported allocation"
    assert said in parse(report(of_study([shared]), [shared], figures=())).text
    assert said not in parse(report(of_study([analysis]), [analysis], figures=())).text
    whole = {name: arm.model_copy(update={"n_basis": "cohort"}) for name, arm in arms.items()}
    cohort = replace(analysis, endpoint=analysis.endpoint.model_copy(update={"arms": whole}))
    text = parse(report(of_study([cohort]), [cohort], figures=())).text
    assert "those of the whole cohort are used" in text
