"""Public functions say what they take where they are given something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kmrepro as km
from kmrepro.models import largest_tau, schoenfeld

STUDY = km.load_study("an2025")
ENDPOINT = STUDY.endpoint("psm", "OS")

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
