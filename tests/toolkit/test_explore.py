"""`km.explore`: an endpoint with changed numbers, without widgets and with them."""

import sys

import pytest

import kmrepro as km
from kmrepro.explorer import view
from kmrepro.knobs import Knob, knobs_of, turned
from kmrepro.presentation.notebook import ARM_COLOURS


@pytest.fixture(scope="module")
def endpoint() -> km.Endpoint:
    """Return an endpoint of two arms."""
    return km.load_study("an2025").endpoint("psm", "OS")


def knob(endpoint: km.Endpoint, arm: str, quantity: str, time: float | None = None) -> Knob:
    """Return one knob of an endpoint and its patients."""
    (found,) = [
        each
        for each in knobs_of(endpoint, km.reconstruct(endpoint))
        if (each.arm, each.quantity, each.time) == (arm, quantity, time)
    ]
    return found


def test_nothing_turned_is_what_is_printed(endpoint: km.Endpoint) -> None:
    """Without a change, the view is the reconstruction of the paper."""
    shown = view(endpoint, {})
    assert turned(endpoint, {}) == endpoint
    assert shown.ipd is not None
    assert (shown.ipd.time == km.reconstruct(endpoint).time).all()
    assert shown.comparison == km.compare(endpoint, km.reconstruct(endpoint))


def test_every_knob_turned_to_its_own_value_prints_the_same(endpoint: km.Endpoint) -> None:
    """Numbers are written as they are printed, so that they mean the same interval."""
    printed = {each: each.value for each in knobs_of(endpoint, None)}
    assert turned(endpoint, printed) == endpoint


def test_a_landmark_keeps_its_digits(endpoint: km.Endpoint) -> None:
    """A survival of 80% set on a scale of one decimal stands for 79.95 to 80.05%."""
    turn = knob(endpoint, "SR", "survival", 60)
    arm = turned(endpoint, {turn: 80}).arms["SR"]
    assert str(arm.landmarks[60].survival) == "80.0%"
    assert arm.landmarks[36] == endpoint.arms["SR"].landmarks[36]


def test_better_survival_of_the_reference_raises_the_hazard_ratio(endpoint: km.Endpoint) -> None:
    """Curves, hazard ratio and patients follow a landmark."""
    turn = knob(endpoint, "SR", "survival", 120)
    ratios = []
    for survival in (60.0, 70.0):
        shown = view(endpoint, {turn: survival})
        assert shown.ipd is not None
        assert shown.comparison is not None
        assert shown.comparison.cox is not None
        curve = km.kaplan_meier(shown.ipd, arm="SR")
        assert curve.survival_at(120) == pytest.approx(survival / 100, abs=0.00051)
        ratios.append(shown.comparison.cox.hazard_ratio)
    assert ratios[0] < ratios[1]


@pytest.mark.parametrize(
    ("quantity", "value", "of"),
    [
        pytest.param("n", 150, lambda time, event: time.size, id="n"),
        pytest.param("events", 50, lambda time, event: event.sum(), id="events"),
    ],
)
def test_counts_are_met(endpoint: km.Endpoint, quantity: str, value: int, of: object) -> None:
    """The patients have the number of patients and of events that is set."""
    assert callable(of)
    shown = view(endpoint, {knob(endpoint, "SR", quantity): value})
    assert shown.ipd is not None
    assert of(*shown.ipd.of("SR")) == value


def test_what_is_not_printed_starts_from_the_patients(endpoint: km.Endpoint) -> None:
    """Events are not printed; their knob says so and starts at those of the patients."""
    turn = knob(endpoint, "TA", "events")
    assert not turn.printed
    assert turn.value == km.reconstruct(endpoint).of("TA")[1].sum()
    assert turned(endpoint, {turn: 44}).arms["TA"].events == 44


def test_median_and_follow_up_can_be_turned() -> None:
    """A printed median moves with its knob, a follow-up keeps its quartiles."""
    single = km.load_study("sorafenib-tace-haic").endpoints[0]
    name = next(iter(single.arms))
    turn = next(each for each in knobs_of(single, None) if each.quantity == "median")
    assert str(turned(single, {turn: turn.value + turn.step}).arms[name].median) == turn.text(
        turn.value + turn.step
    )
    two = km.load_study("an2025").endpoint("psm", "OS")
    before = two.arms["SR"].follow_up
    after = turned(two, {knob(two, "SR", "follow-up"): 30}).arms["SR"].follow_up
    assert before is not None
    assert after is not None
    assert (str(after.median), after.iqr) == ("30.0", before.iqr)


def test_a_contradiction_is_a_sentence(endpoint: km.Endpoint) -> None:
    """Survival that rises is told, in the view and as an alert."""
    shown = view(endpoint, {knob(endpoint, "SR", "survival", 60): 95})
    assert shown.refusal.startswith("Arm SR: survival rises from 89.3% at 36 to 95.0% at 60 months")
    assert (shown.ipd, shown.comparison) == (None, None)
    html = shown._repr_html_()
    assert 'role="alert"' in html
    assert shown.refusal in html


def test_numbers_that_no_arm_can_print_are_a_sentence() -> None:
    """Fewer patients than events that are listed are told, too."""
    listed = km.load_study("zhang2023").endpoints
    endpoint = next(each for each in listed if any(a.event_times for a in each.arms.values()))
    name = next(name for name, arm in endpoint.arms.items() if arm.event_times)
    shown = view(endpoint, {knob(endpoint, name, "n"): 2})
    assert "event times are more than the arm's 2 patients" in shown.refusal
    assert "Value error" not in shown.refusal


def test_an_endpoint_without_patients_opens_with_its_refusal() -> None:
    """A paper that prints no n shows why there are no curves."""
    pytest.importorskip("ipywidgets")
    explorer = km.explore(km.load_study("wang2024").endpoints[0])
    assert explorer.view.refusal


def test_one_arm_has_curves_and_no_comparison() -> None:
    """A single arm shows its patients beside what is printed."""
    shown = view(km.load_study("sorafenib-tace-haic").endpoints[0], {})
    assert shown.comparison is None
    assert shown.landmarks
    assert "<svg" in shown._repr_html_()


def test_sliders_move_what_is_shown(endpoint: km.Endpoint) -> None:
    """A slider that moves changes the view; a contradiction shows its sentence; reset undoes."""
    pytest.importorskip("ipywidgets")
    explorer = km.explore(endpoint)
    printed = explorer.view.comparison
    (slider,) = [s for k, s in explorer.sliders.items() if (k.arm, k.time) == ("SR", 60)]
    slider.value = 85
    assert explorer.view.comparison != printed
    slider.value = 95
    assert "survival rises" in explorer.panel.children[-1].value
    explorer.reset.click()
    assert slider.value == pytest.approx(82.9)
    assert explorer.view.comparison == printed


def test_a_number_that_is_not_printed_waits_for_its_box(endpoint: km.Endpoint) -> None:
    """The slider of events works only once its box is ticked."""
    pytest.importorskip("ipywidgets")
    explorer = km.explore(endpoint)
    (turn,) = [k for k in explorer.boxes if (k.arm, k.quantity) == ("SR", "events")]
    assert explorer.sliders[turn].disabled
    explorer.boxes[turn].value = True
    explorer.sliders[turn].value = 60
    assert not explorer.sliders[turn].disabled
    assert explorer.view.ipd is not None
    assert explorer.view.ipd.of("SR")[1].sum() == 60


def test_every_control_says_what_it_is(endpoint: km.Endpoint) -> None:
    """Sliders and boxes have labels of their own, with arm and unit."""
    pytest.importorskip("ipywidgets")
    explorer = km.explore(endpoint)
    controls = [*explorer.sliders.values(), *explorer.boxes.values()]
    labels = [control.description for control in controls]
    assert "Survival of SR at 60 months (%)" in labels
    assert len(set(labels)) == len(labels)
    assert all(control.tooltip == control.description for control in controls)


def test_the_widgets_come_with_a_still_picture(endpoint: km.Endpoint) -> None:
    """Where no kernel runs, text and HTML stand in for the widgets."""
    pytest.importorskip("ipywidgets")
    bundle = km.explore(endpoint)._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer(psm/OS: 14 numbers)"
    assert "<svg" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_without_ipywidgets_it_says_what_to_install(
    endpoint: km.Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the package and the extra."""
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match=r"needs ipywidgets.*kmrepro\[notebook\]"):
        km.explore(endpoint)


def test_a_study_is_not_an_endpoint() -> None:
    """What is explored is one endpoint."""
    with pytest.raises(TypeError, match="takes one endpoint, not a Study"):
        km.explore(km.load_study("an2025"))  # type: ignore[arg-type]


def test_what_if_is_the_view_of_the_same_knobs(endpoint: km.Endpoint) -> None:
    """Keys and values of a study file change the same numbers as sliders do."""
    turns = {
        knob(endpoint, "SR", "survival", 120): 70.0,
        knob(endpoint, "TA", "n"): 150,
        knob(endpoint, "TA", "events"): 40,
        knob(endpoint, "SR", "follow-up"): 40.0,
    }
    changes = {
        "SR": {"landmarks": {120: "70.0%"}, "follow_up": {"median": "40.0"}},
        "TA": {"n": 150, "events": 40},
    }
    by_keys, by_knobs = km.what_if(endpoint, changes), view(endpoint, turns)
    assert by_keys.endpoint == by_knobs.endpoint
    assert by_keys.comparison == by_knobs.comparison
    assert endpoint == km.load_study("an2025").endpoint("psm", "OS")


def test_what_if_adds_and_takes_away(endpoint: km.Endpoint) -> None:
    """New times are put in their order; None takes a value away; nothing else changes."""
    changed = km.what_if(endpoint, {"SR": {"landmarks": {"24": "95.0%", 60: None}}}).endpoint
    assert list(changed.arms["SR"].landmarks) == [12, 24, 36, 120]
    assert changed.arms["TA"] == endpoint.arms["TA"]
    found = km.what_if(endpoint, {"SR": {"n": None}})
    assert found.ipd is None
    assert found.refusal.startswith("Arm SR reports no number of patients")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"SD": {}}, r'has no arm "SD"; it has SR, TA\.', id="arm"),
        pytest.param({"SR": {"evnts": 3}}, r"arms\.SR\.evnts: .* did you mean `events`", id="key"),
        pytest.param(
            {"SR": {"landmarks": {60: 80}}}, r"arms\.SR\.landmarks\.60: 80 is not in quotes",
            id="value",
        ),
        pytest.param(
            {"SR": {"landmarks": {"five": "80%"}}}, r'"five" is not a time', id="time",
        ),
    ],
)  # fmt: skip
def test_what_if_names_what_cannot_be(
    endpoint: km.Endpoint, changes: dict[str, dict[str, object]], message: str
) -> None:
    """Faults have the words of a study file; contradictions are answers."""
    with pytest.raises(km.StudyFileError, match=message):
        km.what_if(endpoint, changes)
    rising = km.what_if(endpoint, {"SR": {"landmarks": {60: "95.0%"}}})
    assert "survival rises from 89.3% at 36 to 95.0%" in rising._repr_html_()


def test_arms_have_the_colours_of_the_figures(endpoint: km.Endpoint) -> None:
    """One arm has one colour, in a notebook and in print; black is the colour of the text there."""
    pytest.importorskip("matplotlib")
    from kmrepro.figures.style import _ARMS

    colours = ["currentColor" if arm.colour == "#000000" else arm.colour for arm in _ARMS]
    assert list(ARM_COLOURS) == colours
    html = view(endpoint, {})._repr_html_()
    assert all(html.count(f'stroke="{colour}"') >= 2 for colour in colours[:2])


def test_labels_are_whole(endpoint: km.Endpoint) -> None:
    """A label is as wide as its words."""
    pytest.importorskip("ipywidgets")
    explorer = km.explore(endpoint)
    for control in (*explorer.sliders.values(), *explorer.boxes.values()):
        assert control.style.description_width == "initial"
