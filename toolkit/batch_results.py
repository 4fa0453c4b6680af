"""The results of a batch: of each study, of all side by side, and as pooling takes them.

The summary is read back from the results of each study rather than kept in memory, so that a batch
that was carried on gives the same summary, letter for letter, as one that ran in one go.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .models._inference import quantile
from .models.pooling import Effect
from .output import write_file
from .results import COMPARISON_TYPES
from .safeguards import LITTER, MARKER, OutputRefused, plainly, read_marker
from .studies import Study

if TYPE_CHECKING:
    import pandas as pd

    from .reconstruct import PseudoIPD
    from .studies import Endpoint

__all__ = [
    "STUDY_FILE",
    "SUMMARY_FILES",
    "Batch",
    "BatchStudy",
    "NoResults",
    "NoStudies",
    "StudyResults",
    "as_reported_json",
    "open_batch_folder",
    "read_batch",
    "reproduced_effects",
    "study_files",
    "write_summary",
]

SUMMARY_FILES = ("batch.csv", "batch.json")
STUDY_FILE = "study.json"
"""In the folder of each study's results: what its file reports, so that it can be pooled."""


class NoResults(ValueError):  # noqa: N818 - it names the state
    """Raised when a study of a batch has no results that can be read."""


class NoStudies(ValueError):  # noqa: N818 - it names the state
    """Raised when the folder of a batch has no study file."""


def study_files(folder: Path) -> list[Path]:
    """Return the study files of a folder, in alphabetical order.

    Raises
    ------
    NoStudies
        If there are none.
    """
    try:
        found = sorted(path for path in folder.iterdir() if _is_study_file(path))
    except OSError as error:
        raise NoStudies(f"{folder} is no folder that can be read: {error.strerror}.") from error
    if not found:
        raise NoStudies(f'{folder} has no study file: none of its files ends in ".toml".')
    return found


def _is_study_file(path: Path) -> bool:
    return path.suffix == ".toml" and not path.name.startswith(".") and path.is_file()


def open_batch_folder(out: Path, *, force: bool) -> None:
    """Make the folder of a batch, or carry on in one that an earlier run made.

    Raises
    ------
    OutputRefused
        If it cannot be made, or holds what no batch put there and `force` is not set.
    """
    with plainly(out):
        if out.exists() and not out.is_dir():
            raise OutputRefused(
                f"{out} is a file, and results go to a folder; choose another name."
            )
        out.mkdir(parents=True, exist_ok=True)
        strangers = sorted(path.name for path in out.iterdir() if path.name not in LITTER)
        if strangers and not force and "batch" not in read_marker(out):
            raise OutputRefused(
                f"{out} is not the folder of a batch: it holds {strangers[0]}; choose another "
                "folder, or write among what is in it with --force."
            )
    marker = {"made_by": "kmrepro", "batch": True, "files": list(SUMMARY_FILES)}
    write_file(out / MARKER, json.dumps(marker, indent=1) + "\n", force=True, keep=False)


def write_summary(out: Path, *, table: str, values: dict[str, Any]) -> None:
    """Write what is about all studies of a batch."""
    text = json.dumps(values, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    for name, content in zip(SUMMARY_FILES, (table, text), strict=True):
        write_file(out / name, content, force=True, keep=False)


_COLUMNS = {"study": "object", **COMPARISON_TYPES}
_COMPARISON = (
    "cohort",
    "endpoint",
    "reference",
    "treatment",
    "reported",
    "reproduced",
    "difference",
    "verdict",
)


def _summary_csv(folders: Mapping[str, Path]) -> str:
    """Return the comparison tables of all studies as one, with the study in the first column."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(_COLUMNS), lineterminator="\n")
    writer.writeheader()
    for study, folder in folders.items():
        with (folder / "comparison.csv").open(encoding="utf-8", newline="") as file:
            writer.writerows({"study": study, **row} for row in csv.DictReader(file))
    return text.getvalue()


def _summary_frame(table: str) -> pd.DataFrame:
    """Return such a table as a data frame; what is unknown is missing."""
    import pandas as pd

    types: Any = {name: str if kind == "object" else kind for name, kind in _COLUMNS.items()}
    return pd.read_csv(
        io.StringIO(table),
        dtype=types,
        keep_default_na=False,
        na_values=[""],
        float_precision="round_trip",
    )


def _summary_dict(folder: Path) -> dict[str, Any]:
    """Return what matters of one study's results beside others."""
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return {
        "title": results["title"],
        "folder": folder.name,
        "comparisons": [{key: each[key] for key in _COMPARISON} for each in results["comparisons"]],
        "single_arm": [_place(each, "arm") for each in results["single_arm"]],
        "refused": [_place(each, "reason") for each in results["refused"]],
    }


def _place(entry: Mapping[str, Any], other: str) -> dict[str, Any]:
    return {key: entry[key] for key in ("cohort", "endpoint", other)}


@dataclass(frozen=True, kw_only=True)
class BatchStudy:
    """One study of a batch.

    Attributes
    ----------
    file : str
        The study file, relative to the folder of the studies.
    study : str
        The study's id; empty if the file could not be read.
    folder : Path
        Where its results are.
    reason : str
        Why there are none; empty if there are.
    repeated : bool
        False if the results were there already, made from the same file.
    refused : bool
        Whether the reason is that no endpoint could be reconstructed; `folder` then has what
        else can be said.
    """

    file: str
    study: str
    folder: Path
    reason: str = ""
    repeated: bool = True
    refused: bool = False

    @property
    def done(self) -> bool:
        """Whether there are results."""
        return not self.reason


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A folder of studies reproduced.

    Attributes
    ----------
    studies : tuple of BatchStudy
        One for each study file, in alphabetical order of the files.
    version : str
        Of kmrepro.
    """

    studies: tuple[BatchStudy, ...]
    version: str

    @property
    def failed(self) -> tuple[BatchStudy, ...]:
        """The studies without results."""
        return tuple(each for each in self.studies if not each.done)

    def to_frame(self) -> pd.DataFrame:
        """Return the comparisons of all studies as a data frame, one row each."""
        return _summary_frame(self.to_csv())

    def to_csv(self) -> str:
        """Return the comparisons of all studies as CSV, as in ``batch.csv``."""
        return _summary_csv(self._folders())

    def to_dict(self) -> dict[str, Any]:
        """Return all studies as plain values, as in ``batch.json``."""
        return {
            "kmrepro_version": self.version,
            "studies": [
                {
                    "file": each.file,
                    "study": each.study or None,
                    "status": "done" if each.done else "failed",
                    "reason": each.reason,
                    **(_summary_dict(each.folder) if each.done or each.refused else {}),
                }
                for each in self.studies
            ],
        }

    def _folders(self) -> dict[str, Path]:
        return {each.study: each.folder for each in self.studies if each.done}


@dataclass(frozen=True, kw_only=True)
class StudyResults:
    """What a batch wrote of one study.

    Attributes
    ----------
    study : Study
        Its endpoints as they were read, without curves and causes.
    folder : Path
        Where its results are.
    values : mapping
        Those of ``results.json``.
    """

    study: Study
    folder: Path
    values: Mapping[str, Any]

    def comparison(self, endpoint: Endpoint) -> Mapping[str, Any] | None:
        """Return the results of a comparison of two arms in the same direction, if there are."""
        wanted = (*_names(endpoint), endpoint.reference, endpoint.treatment)
        keys = ("cohort", "endpoint", "reference", "treatment")
        entries = self.values["comparisons"]
        return next((e for e in entries if tuple(e[key] for key in keys) == wanted), None)

    def refusal(self, endpoint: Endpoint) -> str:
        """Return why an endpoint was refused; empty if it was not."""
        for each in self.values["refused"]:
            if (each["cohort"], each["endpoint"]) == _names(endpoint):
                return str(each["reason"])
        return ""

    def patients(self, endpoint: Endpoint) -> PseudoIPD | None:
        """Return the patients that were written beside the results; None if they are not there."""
        from .figures.files import file_stems
        from .patients_csv import read_patients

        (stem,) = file_stems(["_".join(_names(endpoint))])
        path = self.folder / "ipd" / f"{stem}.csv"
        if not path.is_file():
            return None
        ipd = read_patients(path, reference=endpoint.reference, time_unit=endpoint.time_unit)
        return ipd if ipd.arms == (endpoint.reference, endpoint.treatment) else None


def _names(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint.cohort, endpoint.name


def reproduced_effects(values: Mapping[str, Any]) -> tuple[dict[str, Effect], dict[str, str]]:
    """Return the reproduced effects of a comparison by source, and why others are missing."""
    own = values["reproduced"]
    if own["hazard_ratio"] is None:
        return {}, {"reproduced": own["reason"], "draws": own["reason"]}
    estimate, se = math.log(own["hazard_ratio"]), _se(own["ci"])
    reproduced = Effect(
        estimate=estimate, variance=se**2, route="Cox regression of reconstructed patients"
    )
    interval = values["reproduction_interval"]
    if interval is None or None in interval:
        return {"reproduced": reproduced}, {"draws": "there is no reproduction interval"}
    spread = _se(interval) ** 2
    draws = Effect(
        estimate=(math.log(interval[0]) + math.log(interval[1])) / 2,
        variance=se**2 + spread,
        route="middle and width of the reproduction interval",
        reconstruction_variance=spread,
    )
    return {"reproduced": reproduced, "draws": draws}, {}


def _se(ci: list[float]) -> float:
    return (math.log(ci[1]) - math.log(ci[0])) / (2 * quantile(0.95))


_NOT_POOLED = {"curve", "censor_marks", "causes"}


def as_reported_json(study: Study) -> str:
    """Return what a study reports that pooling needs: its endpoints without curves and causes."""
    without: dict[str, Any] = {
        "arms": {"__all__": _NOT_POOLED},
        "reported": {"causes"},
        "comparisons": {"__all__": {"causes"}},
    }
    return study.model_dump_json(
        by_alias=True,
        include={"id", "endpoints"},
        exclude={"endpoints": {"__all__": without}},
        exclude_defaults=True,
        indent=1,
    )


def read_batch(folder: Path) -> list[StudyResults]:
    """Return the studies of a batch that is in a folder, as its last run listed them.

    Raises
    ------
    NoResults
        If one of them has no results, or none that can be read.
    """
    listed = json.loads((folder / "batch.json").read_text(encoding="utf-8"))["studies"]
    return [_study_results(folder, each) for each in listed]


def _study_results(folder: Path, listed: Mapping[str, Any]) -> StudyResults:
    if "folder" not in listed:
        raise NoResults(
            f"{listed['file']} has no results in {folder}: {listed['reason'].rstrip('.')}. Mend "
            "it, or take it out of the folder of studies, and run `kmrepro batch` again."
        )
    place = folder / listed["folder"]
    try:
        study = (place / STUDY_FILE).read_text(encoding="utf-8")
        values = json.loads((place / "results.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise NoResults(
            f"{error.filename} cannot be read: {error.strerror}; run `kmrepro batch` again, into a "
            "new folder if an older kmrepro made this one."
        ) from error
    return StudyResults(study=Study.model_validate_json(study), folder=place, values=values)
