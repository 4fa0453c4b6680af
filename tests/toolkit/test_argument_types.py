"""Public functions say what they take where they are given something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kmrepro as km
from kmrepro.models import largest_tau, schoenfeld
from kmrepro.models.subgroups import label_subgroups

STUDY = km.load_study("an2025")
ENDPOINT = STUDY.endpoint("psm", "OS")
PATIENTS = km.reconstruct(ENDPOINT)

OF_PATIENTS: dict[str, Callable[[Any], object]] = {
    "cox": km.cox,
    "logrank": km.logrank,
    "kaplan_meier": lambda given: km.kaplan_meier(given, arm="SR"),
    "rmst": lambda given: km.rmst(given, tau=12),
    "milestone": lambda given: km.milestone(given, time=12),
    "proportionality": km.proportionality,
    "schoenfeld": schoenfeld,
    "largest_tau": largest_tau,
    "cumulative_incidence": lambda given: km.cumulative_incidence(given, arm="SR", cause="x"),
    "fine_gray": lambda given: km.fine_gray(given, cause="x"),
    "gray_test": lambda given: km.gray_test(given, cause="x"),
    "analyse": lambda given: km.analyse(ENDPOINT, given),
    "compare": lambda given: km.compare(ENDPOINT, given),
}
OF_ENDPOINTS: dict[str, Callable[[Any], object]] = {
    "reconstruct": km.reconstruct,
    "ensemble": km.ensemble,
    "cause_ensemble": km.cause_ensemble,
    "attainable_hazard_ratio": km.attainable_hazard_ratio,
    "quick_looks": km.quick_looks,
    "explore": km.explore,
    "what_if": lambda given: km.what_if(given, {}),
    "analyse": lambda given: km.analyse(given, km.reconstruct(ENDPOINT)),
    "compare": lambda given: km.compare(given, km.reconstruct(ENDPOINT)),
}
OF_STUDIES: dict[str, Callable[[Any], object]] = {
    "audit": km.audit,
    "subgroups": km.subgroups,
    "reproduce": km.reproduce,
    "pool": lambda given: km.pool([given]),
}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("an2025", r"the text 'an2025'; .* km\.reproduce\('an2025'\)"),
        (None, "None"),
        (3, "the number 3"),
        (STUDY, r"a Study; .* km\.reproduce\(study\)"),
        (ENDPOINT, r"an Endpoint; make them by km\.reconstruct\(endpoint\)"),
        (km.reconstruct(ENDPOINT).to_frame(), r"a DataFrame; .*PseudoIPD\.from_frame\(frame"),
    ],
)
@pytest.mark.parametrize("name", OF_PATIENTS)
def test_analyses_take_patients(name: str, given: object, kind: str) -> None:
    """What is no PseudoIPD is named, and so is what takes it."""
    with pytest.raises(TypeError, match=f"^`{name}` takes patients, a PseudoIPD, not {kind}"):
        OF_PATIENTS[name](given)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("an2025", r"the text 'an2025'; .* km\.load_study\('an2025'\)\.endpoint\("),
        (None, r"None; .* study\.endpoint\("),
        (3, "the number 3"),
        (STUDY, "a Study"),
        (km.reconstruct(ENDPOINT), "a PseudoIPD"),
    ],
)
@pytest.mark.parametrize("name", OF_ENDPOINTS)
def test_reconstructions_take_an_endpoint(name: str, given: object, kind: str) -> None:
    """What is no endpoint is named, and so is how to take one of a study."""
    with pytest.raises(TypeError, match=f"^`{name}` takes one endpoint, not {kind}"):
        OF_ENDPOINTS[name](given)


@pytest.mark.parametrize(
    ("given", "kind"),
    [(None, "None"), (3, "the number 3"), (ENDPOINT, "an Endpoint"), ([], "a list")],
)
@pytest.mark.parametrize("name", OF_STUDIES)
def test_the_whole_flow_takes_a_study(name: str, given: object, kind: str) -> None:
    """What is no study is named, and so is how to load one."""
    with pytest.raises(TypeError, match=rf"^`{name}` takes a study, not {kind}; .*km\.load_study"):
        OF_STUDIES[name](given)


def test_other_things_that_are_given() -> None:
    """An id for an audit, a study to pool, no text to draft, and a path for keys are refused."""
    with pytest.raises(TypeError, match=r"a study, not the text 'x'; .*km\.load_study\('x'\)"):
        km.audit("x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`pool` takes a folder, or a list of studies, not a Study"):
        km.pool(STUDY)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes the text of a paper, not None"):
        km.draft_study(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"not the text 'a\.toml'; .*km\.load_study\(path\)"):
        km.study("a.toml")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"or the draws of km\.ensemble\(endpoint\), not a Study"):
        km.parametric(STUDY)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [None, 3, [STUDY]])
def test_a_batch_takes_folders(given: Any, tmp_path: Path) -> None:
    """None, a number and a list are named, for the studies and for the results."""
    with pytest.raises(TypeError, match=r"^`batch` takes a folder of study files, not "):
        km.batch(given, tmp_path / "out")
    with pytest.raises(TypeError, match=r"^`batch` takes a folder for the results, not "):
        km.batch(tmp_path, given)


def test_one_arm_and_one_horizon() -> None:
    """A list of arms is no arm, and a text of digits is no time."""
    ipd = km.reconstruct(ENDPOINT)
    with pytest.raises(KeyError, match=r"there is no arm \['"):
        km.kaplan_meier(ipd, arm=list(ipd.arms))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`horizon` must be a number, not the text '240'"):
        km.parametric(ipd, distributions=["weibull"], horizon="240")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="or one for each arm, not None; make them by"):
        km.curve_endpoint(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n_draws", "seed", "said"),
    [
        (2.5, 0, "`n_draws` must be a whole number, not the number 2.5"),
        ("10", 0, "`n_draws` must be a whole number, not the text '10'"),
        (10, None, "`seed` must be a whole number, not None"),
        (-1, 0, "`n_draws` must be at least [01], but is -1"),
        (10, -5, "`seed` must be at least 0, but is -5"),
    ],
)
@pytest.mark.parametrize("name", ["ensemble", "reproduce", "batch", "pool", "subgroups"])
def test_draws_are_whole_numbers(
    name: str, n_draws: Any, seed: Any, said: str, tmp_path: Path
) -> None:
    """A batch called it an internal error of each study."""
    (tmp_path / "a.toml").write_text("id = 3", encoding="utf-8")
    table = km.load_study("an2025")
    functions: dict[str, Callable[..., object]] = {
        "ensemble": lambda **draws: km.ensemble(ENDPOINT, **draws),
        "reproduce": lambda **draws: km.reproduce(STUDY, **draws),
        "batch": lambda **draws: km.batch(tmp_path, tmp_path / "out", **draws),
        "pool": lambda **draws: km.pool([table, table], **draws),
        "subgroups": lambda **draws: label_subgroups(ENDPOINT, STUDY.tables[0], **draws),
    }
    with pytest.raises((TypeError, ValueError), match=said):
        functions[name](n_draws=n_draws, seed=seed)


def test_one_of_a_list() -> None:
    """One distribution needs no list; one endpoint does, and a frame is no curve."""
    found = km.parametric(km.reconstruct(ENDPOINT), distributions="weibull")  # type: ignore[arg-type]
    assert {fit.name for fit in found.fits} == {"weibull"}
    with pytest.raises(TypeError, match=r"list of endpoints, such as \[endpoint\], not an End"):
        km.reproduce(STUDY, endpoints=ENDPOINT)  # type: ignore[arg-type]
    frame = km.reconstruct(ENDPOINT).to_frame()
    with pytest.raises(TypeError, match="takes a digitised curve, or one for each arm, not a Data"):
        km.curve_endpoint(frame, n=50)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r'text as printed, such as "98\.8%", not float'):
        km.PrintedNumber.parse(98.8)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(
            lambda: km.load_study(None),  # type: ignore[arg-type]
            "`load_study` takes the id of a bundled study, or a path, not None",
            id="a study",
        ),
        pytest.param(
            lambda: km.read_curves(None),  # type: ignore[arg-type]
            "`path` must be the path of a file, not NoneType",
            id="points",
        ),
        pytest.param(
            lambda: km.read_figure(3),  # type: ignore[arg-type]
            "`path` must be the path of a figure, not int",
            id="a figure",
        ),
        pytest.param(
            lambda: km.what_if(ENDPOINT, None),  # type: ignore[arg-type]
            "`changes` takes keys and values by arm, not None",
            id="changes",
        ),
        pytest.param(
            lambda: km.rmst(PATIENTS, tau="60"),  # type: ignore[arg-type]
            "`tau` must be a number, not the text '60'",
            id="a horizon",
        ),
        pytest.param(
            lambda: km.kaplan_meier(PATIENTS, arm="SR").survival_at("12"),  # type: ignore[arg-type]
            "`time` must be a number or an array of numbers, not the text '12'",
            id="a time",
        ),
        pytest.param(
            lambda: km.kaplan_meier(PATIENTS, arm="SR").survival_at([12, None]),  # type: ignore[arg-type]
            "`time` must be a number or an array of numbers, not a list",
            id="times",
        ),
        pytest.param(
            lambda: km.ensemble(ENDPOINT, n_draws=2).interval("95"),  # type: ignore[arg-type]
            "`level` must be a number, not the text '95'",
            id="a level",
        ),
        pytest.param(
            lambda: km.reproduce(STUDY, endpoints=[ENDPOINT], n_draws=0).save(None),  # type: ignore[arg-type]
            "`save` takes a folder, not None",
            id="a folder",
        ),
    ],
)
def test_numbers_and_paths(call: Callable[[], object], said: str) -> None:
    """They ended in errors of numpy and pathlib that name no argument."""
    with pytest.raises(TypeError, match=said):
        call()


def test_events_as_text_are_shown_as_text() -> None:
    """The text "1" was refused as: must be 1 or 0, but is 1."""
    frame = PATIENTS.to_frame().assign(event=lambda each: each["event"].astype(str))
    with pytest.raises(ValueError, match=r"but is the text '0' in row 0"):
        km.PseudoIPD.from_frame(frame, reference="SR")


def test_pooling_nothing() -> None:
    """A list without studies is said to have none."""
    with pytest.raises(ValueError, match="at least 2 trials; there are none"):
        km.pool([])
