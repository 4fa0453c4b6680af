"""How values show themselves in a notebook: a line of text, and HTML that holds what they say."""

from html.parser import HTMLParser
from typing import Any

import pytest

import kmrepro as km
from kmrepro.presentation import notebook
from kmrepro.studies import Study

VOID = {"path", "circle", "rect"}  # drawn as <path .../>


class Tags(HTMLParser):
    """Collect tags, and refuse any that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens."""
        self.seen.add(tag)
        self.open.append(tag)
        assert "script" not in self.seen
        for name, value in attrs:
            assert not name.startswith("on")
            assert "background" not in (value or "")
            assert name not in ("fill", "stroke") or value in ("none", *notebook.ARM_COLOURS)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that is closed at once."""
        assert tag in VOID
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self.words.append(data)


def parsed(html: str) -> Tags:
    """Return the tags and words of well-formed HTML."""
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    return tags


def _small() -> km.Endpoint:
    """Return an endpoint whose attainable range is found at once."""
    arms = {name: {"n": 3, "landmarks": {"24": at}} for name, at in (("SR", "67%"), ("TA", "33%"))}
    return km.study(
        id="small", endpoint=[{"name": "OS", "reference": "SR", "arms": arms}]
    ).endpoints[0]


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    """Return one value of each kind that shows itself."""
    study = km.load_study("an2025")
    endpoint = study.endpoint("psm", "OS")
    ipd = km.reconstruct(endpoint)
    analysis = km.analyse(endpoint, ipd)
    models = km.parametric(ipd, distributions=["weibull"])
    return {
        "study": study,
        "endpoint": endpoint,
        "arm": endpoint.arms["SR"],
        "patients": ipd,
        "cox": km.cox(ipd),
        "analysis": analysis,
        "comparison": analysis.comparison,
        "audit": km.audit(study),
        "ensemble": km.ensemble(endpoint, n_draws=20),
        "range": km.attainable_hazard_ratio(_small()),
        "reproduction": km.Reproduction(study=study, analyses=(analysis,)),
        "curve": km.kaplan_meier(ipd, arm="SR"),
        "models": models,
        "fit": models.fits[0],
        **_of_causes(),
    }


def _of_causes() -> dict[str, Any]:
    """Return what is estimated of competing risks, from 80 and 70 patients."""
    causes = {"relapse": {"landmarks": {"24": "30%"}}, "death": {"landmarks": {"24": "15%"}}}
    arms = {name: {"n": n, "causes": causes} for name, n in (("A", 80), ("B", 70))}
    endpoint = km.study(
        id="causes", endpoint=[{"name": "EFS", "reference": "A", "arms": arms}]
    ).endpoints[0]
    ipd = km.reconstruct(endpoint)
    return {
        "incidence": km.cumulative_incidence(ipd, arm="A", cause="relapse"),
        "fine_gray": km.fine_gray(ipd, cause="relapse"),
        "gray": km.gray_test(ipd, cause="relapse"),
        "cause_draws": km.cause_ensemble(endpoint, n_draws=20),
    }


SHOWN = [
    ("study", "Study(an2025: ", "psm/PPS"),
    ("endpoint", "Endpoint(psm/OS: ", "1.22 (0.78\N{EN DASH}1.89)"),
    ("arm", "Arm(Surgical resection: n=185, 4 landmarks)", "Surgical resection"),
    ("patients", "PseudoIPD(psm/OS: 370 patients", "185"),
    ("cox", "Cox(TA vs SR: HR 1.43 (95% CI", "1.43 (0.92 to 2.23)"),
    ("analysis", "EndpointAnalysis(Comparison(psm/OS", "psm/OS: compatible"),
    ("comparison", "Comparison(psm/OS, TA vs SR: ", "p = 0.381"),
    ("audit", "Audit(an2025: 29 errors", "Errors: 29"),
    ("ensemble", "Ensemble(psm/OS: 20 draws", "reported"),
    ("range", "AttainableRange(TA vs SR: hazard ratio from", "Smallest"),
    ("reproduction", "Reproduction(an2025: 1 compared", "TA vs SR"),
    ("fine_gray", "FineGray(relapse, B vs A: sHR 0.9", "p = 0.941"),
]
LINES = [
    ("curve", "KaplanMeier(SR: 185 patients, 34 events, median 142.1)"),
    ("models", "ParametricModels(psm/OS: 2 fits to "),
    ("fit", "ParametricFit(weibull, SR: 185 patients, 34 events, AIC "),
    ("incidence", "CumulativeIncidence(A, relapse: 23 of 80 patients, "),
    ("gray", "GrayTest(relapse: chi-square 0.0"),
    ("cause_draws", "CauseEnsemble(all/EFS: 20 draws, 95% relapse sHR 0."),
]


@pytest.mark.parametrize(("name", "line", "word"), SHOWN)
def test_values_show_themselves(values: dict[str, Any], name: str, line: str, word: str) -> None:
    """Each is one line of text, and sound HTML without colours of its own."""
    value = values[name]
    assert repr(value).startswith(line)
    assert "\n" not in repr(value)
    assert word in parsed(value._repr_html_()).words


@pytest.mark.parametrize(("name", "line"), LINES)
def test_values_are_one_line(values: dict[str, Any], name: str, line: str) -> None:
    """Arrays of hundreds of times were all listed."""
    assert repr(values[name]).startswith(line)
    assert "\n" not in repr(values[name])


BAD = "<script>alert(1)</script>&"


def test_what_a_file_says_is_escaped() -> None:
    """Titles and labels of a study file can bring no tags into a notebook."""
    arms = {
        "A": {"n": 20, "label": BAD, "landmarks": {"12": "80%"}},
        "B": {"n": 20, "label": BAD, "landmarks": {"12": "60%"}},
    }
    reported = {"hazard_ratio": "2.0", "p": "0.2", "test": BAD}
    endpoint = {"name": "OS", "label": BAD, "reference": "A", "arms": arms, "reported": reported}
    study = Study.model_validate({"id": "bad", "title": BAD, "endpoint": [endpoint]})
    (printed,) = study.endpoints
    analysis = km.analyse(printed, km.reconstruct(printed))
    result = km.Reproduction(study=study, analyses=(analysis,))
    for value in (study, printed, printed.arms["A"], result, analysis):
        assert BAD in "".join(parsed(value._repr_html_()).words)


def test_names_of_arms_are_escaped() -> None:
    """Patients from a data frame may have arms of any name."""
    ipd = km.PseudoIPD(time=[1, 2], event=[1, 1], arm=[BAD, BAD], arms=(BAD,))  # type: ignore[arg-type]
    assert BAD in parsed(ipd._repr_html_()).words


def test_ensembles_show_their_hazard_ratios(values: dict[str, Any]) -> None:
    """Bars, their middle and the reported value are drawn."""
    tags = parsed(values["ensemble"]._repr_html_())
    assert {"svg", "rect", "path"} <= tags.seen
    assert "20 data sets consistent with every reported value" in "".join(tags.words)


def test_a_histogram_without_finite_ratios_is_empty() -> None:
    """Where every draw's hazard ratio is infinite there is nothing to draw."""
    infinite = float("inf")
    drawn = notebook.histogram([infinite], interval=(infinite, infinite), reported=None, alt="")
    assert drawn == ""


@pytest.mark.parametrize("reported", [None, 1.0, 0.2])
def test_a_histogram_of_one_value_is_drawn(reported: float | None) -> None:
    """Equal ratios fall into one bar; a reported one is marked if there is one."""
    drawn = notebook.histogram([1.0] * 5, interval=(1.0, 1.0), reported=reported, alt="five")
    assert drawn.count("<rect") == 1
    assert ("reported" in drawn) == (reported is not None)
    parsed(drawn)


def test_a_curve_of_many_patients_stays_small() -> None:
    """Steps that no eye can tell apart are left out."""
    many = 100_000
    curve = notebook.Curve(
        time=range(1, many + 1), survival=[1 - k / many for k in range(many)], points={}
    )
    drawn = notebook.curves({"A" * 40: curve}, unit="days", alt="one arm")
    assert len(drawn) < 100_000
    assert f"{'A' * 15}…" in parsed(drawn).words
