"""Arguments that take a sequence: one number is one, one name is one, and text is no numbers."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kmrepro as km
from kmrepro import models as analyses
from kmrepro.figures.extrapolation import ExtrapolationDisplay
from kmrepro.models.parametric import check_names
from kmrepro.models.pooling import joint_means, pool_trials, trial_of
from kmrepro.studies.argument_types import names_of, numbers_of

ENDPOINT = km.load_study("an2025").endpoint("psm", "OS")
PATIENTS = km.reconstruct(ENDPOINT)
ANALYSIS = km.analyse(ENDPOINT, PATIENTS)
TRIALS = [trial_of(ANALYSIS, name=name) for name in ("one", "two")]
FITS = km.parametric(PATIENTS, distributions=["exponential", "weibull"])
DRAWS = km.ensemble(ENDPOINT, n_draws=2)
CAUSES = km.PseudoIPD(
    time=[20, 30, 50, 70, 80], event=[1, 1, 0, 1, 0], arm=["A"] * 5, arms=("A",),
    cause=["x", "y", "", "x", ""],
)  # fmt: skip
INCIDENCE = km.cumulative_incidence(CAUSES, arm="A", cause="x")
CURVE = km.kaplan_meier(PATIENTS, arm="SR")

Call = Callable[[Any], object]
NUMBERS: dict[str, Call] = {
    "pool.tau": lambda given: km.pool(TRIALS, tau=given),
    "pool.landmarks": lambda given: km.pool(TRIALS, landmarks=given),
    "pool_trials.tau": lambda given: pool_trials(TRIALS, tau=given),
    "pool_trials.landmarks": lambda given: pool_trials(TRIALS, landmarks=given),
    "joint_means.horizons": lambda given: joint_means(TRIALS, given, draws=False),
    "CumulativeIncidence.incidence_at.time": INCIDENCE.incidence_at,
    "CumulativeIncidence.n_at_risk_at.time": INCIDENCE.n_at_risk_at,
    "KaplanMeier.survival_at.time": CURVE.survival_at,
    "KaplanMeier.n_at_risk_at.time": CURVE.n_at_risk_at,
    "Ensemble.survival.time": lambda given: DRAWS.survival("SR", given),
    "Ensemble.survival_by_arm.time": DRAWS.survival_by_arm,
    "ParametricFit.survival.time": FITS.fit("weibull", "SR").survival,
    "ParametricFit.hazard.time": FITS.fit("weibull", "SR").hazard,
    "ModelAverage.survival.time": FITS.average("SR").survival,
}
NAMES: dict[str, tuple[Call, str]] = {
    "pool.cohorts": (lambda given: km.pool(TRIALS, cohorts=given), "all"),
    "pool.references": (lambda given: km.pool(TRIALS, references=given), "SR"),
    "parametric.distributions": (
        lambda given: km.parametric(PATIENTS, distributions=given), "weibull",
    ),
    "check_names.names": (check_names, "weibull"),
    "ParametricModels.average.names": (lambda given: FITS.average("SR", names=given), "weibull"),
    "ExtrapolationDisplay.from_models.names": (
        lambda given: ExtrapolationDisplay.from_models(FITS, names=given), "weibull",
    ),
}  # fmt: skip
FILES = ["Reproduction.save.formats", "batch.formats"]
ELSEWHERE = {
    "BatchedFineGray.of.treated": "a kernel, of arrays",
    "RiskSets.of.event": "a kernel, of arrays",
    "RiskSets.of.time": "a kernel, of arrays",
    "RiskSets.of.treated": "a kernel, of arrays",
    "digitised_curve.survival": "texts of numbers in a list, as in a file, are read on purpose",
    "digitised_curve.time": "texts of numbers in a list, as in a file, are read on purpose",
    "draft_study.arms": "one name is refused, as there are two arms or more",
    "Subgroups.survival.time": "as `Ensemble.survival`, of labels that take seconds",
    "VariableLabels.survival.time": "it is called with the array of `Subgroups.survival`",
}
"""What takes numbers or names and is not called here, and why."""

_OF_NUMBERS_OR_NAMES = re.compile(r"(Sequence|Collection|Iterable)\[(float|str)\]|ArrayLike")
_TIMES = ("time", "times", "at")


def _functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the public functions and methods of the package, of its models and of pooling."""
    rooms = [analyses, *map(importlib.import_module, _rooms())]
    for room in (km, *rooms):
        for name in room.__all__ if hasattr(room, "__all__") else dir(room):
            found = getattr(room, name)
            if inspect.isclass(found):
                for method in vars(found):
                    if not method.startswith("_") and callable(getattr(found, method)):
                        yield f"{name}.{method}", getattr(found, method)
            elif inspect.isfunction(found):
                yield name, found


def _rooms() -> list[str]:
    """Return the rooms of models that have public names."""
    found = pkgutil.iter_modules([str(Path(str(analyses.__file__)).parent)])
    return [f"kmrepro.models.{each.name}" for each in found if each.ispkg]


def _taken() -> set[str]:
    found = set()
    for name, function in _functions():
        try:
            parameters = inspect.signature(function).parameters
        except (TypeError, ValueError):
            continue
        for parameter in parameters.values():
            annotation = str(parameter.annotation)
            times = parameter.name in _TIMES and "FloatArray" in annotation
            if times or _OF_NUMBERS_OR_NAMES.search(annotation):
                found.add(f"{name}.{parameter.name}")
    return found


def test_every_function_that_takes_a_sequence_is_here() -> None:
    """A new one is added to the calls above, or to those that are left out, with the reason."""
    drawn = {name for name in NAMES if "Display" in name}  # figures have names of their own
    assert _taken() == (NUMBERS.keys() | NAMES.keys() | set(FILES) | ELSEWHERE.keys()) - drawn


NO_NUMBERS = ("36", ["36", "60"], None, [12, None])
WRONG = [
    (name, given)
    for name in NUMBERS
    for given in NO_NUMBERS
    if given is not None or not name.endswith(".tau")  # without it the largest horizon is taken
]


@pytest.mark.parametrize(("name", "given"), WRONG)
def test_text_is_no_number(name: str, given: Any) -> None:
    """The text "36" was taken for 3 and 6, or converted; what is wrong is named."""
    argument = name.rpartition(".")[2]
    with pytest.raises(TypeError, match=f"^`{argument}` (takes|must be) .*numbers"):
        NUMBERS[name](given)


@pytest.mark.parametrize("name", sorted(NUMBERS.keys() - {"joint_means.horizons"}))
@pytest.mark.parametrize("number", [24, 24.0, np.float64(24), np.int64(24)])
def test_one_number_is_one(name: str, number: Any) -> None:
    """It needs no list; a type of numpy is a number, too."""
    one, several = NUMBERS[name](number), NUMBERS[name]([number])
    if isinstance(one, km.MetaAnalysis):
        assert isinstance(several, km.MetaAnalysis)
        found = [[(each.measure, each.at) for each in x.syntheses] for x in (one, several)]
        assert found[0] == found[1]
        assert 24.0 in [at for _, at in found[0]]


@pytest.mark.parametrize("name", NAMES)
def test_one_name_is_one(name: str) -> None:
    """It was taken letter by letter."""
    call, known = NAMES[name]
    call(known)
    with pytest.raises(TypeError, match=r"^`\w+` takes a name or a list of names, not the num"):
        call(3)
    with pytest.raises(TypeError, match=r"^`\w+` takes names, but holds None"):
        call([known, None])


def test_no_name_is_refused_where_one_is_needed() -> None:
    """The message says which there are."""
    with pytest.raises(ValueError, match="those of arm SR are weibull, exponential"):
        FITS.average("SR", names=[])


def test_one_format_is_one(tmp_path: Path) -> None:
    """The text "svg" was three formats of a letter each."""
    small = km.reproduce(km.load_study("an2025"), endpoints=[ENDPOINT], n_draws=0)
    with pytest.raises(TypeError, match=r"^`formats` takes a name or a list of names"):
        small.save(tmp_path / "out", formats=3)  # type: ignore[arg-type]
    small.save(tmp_path / "out", formats="svg")
    written = {path.suffix for path in (tmp_path / "out" / "figures").iterdir()}
    assert written == {".svg", ".csv"}
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "a.toml").write_text("id = 3", encoding="utf-8")
    with pytest.raises(TypeError, match=r"^`formats` takes a name or a list of names"):
        km.batch(tmp_path / "studies", tmp_path / "batch", formats=3)  # type: ignore[arg-type]


def test_numbers_and_names() -> None:
    """Arrays and other sequences are read; one thing without a length is not."""
    assert numbers_of("tau", np.array([36, 60])) == (36, 60)
    assert numbers_of("tau", ()) == ()
    assert names_of("names", (each for each in "ab")) == ("a", "b")
    with pytest.raises(TypeError, match="`tau` takes a number or a list of numbers, not a ndarray"):
        numbers_of("tau", np.array(3))
