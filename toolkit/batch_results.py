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
from .models.pooling import Effect, reported_effect
from .models.pooling.trial import NOTHING_REPORTED
from .models.reported import ReportedComparison
from .output import write_file
from .reconstruct.quick_looks import QuickLook
from .results import COMPARISON_TYPES
from .safeguards import LITTER, MARKER, OutputRefused, plainly, read_marker

if TYPE_CHECKING:
    import pandas as pd

    from .reconstruct import PseudoIPD

__all__ = [
    "SUMMARY_FILES",
    "Batch",
    "BatchStudy",
    "NoStudies",
    "effects_of",
    "open_batch_folder",
    "patients_of",
    "study_files",
    "write_summary",
]

SUMMARY_FILES = ("batch.csv", "batch.json")


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
    """

    file: str
    study: str
    folder: Path
    reason: str = ""
    repeated: bool = True

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
                    **(_summary_dict(each.folder) if each.done else {}),
                }
                for each in self.studies
            ],
        }

    def _folders(self) -> dict[str, Path]:
        return {each.study: each.folder for each in self.studies if each.done}


def effects_of(values: Mapping[str, Any]) -> tuple[dict[str, Effect], dict[str, str]]:
    """Return the effects of a comparison by source, and why others are missing."""
    effects: dict[str, Effect] = {}
    missing: dict[str, str] = {}
    looks = tuple(QuickLook(**each) for each in values["quick_looks"])
    if given := reported_effect(_reported(values["reported"]), looks):
        effects["reported"] = given
    else:
        missing["reported"] = NOTHING_REPORTED
    own = values["reproduced"]
    if own["hazard_ratio"] is None:
        return effects, {**missing, "reproduced": own["reason"], "draws": own["reason"]}
    estimate, se = math.log(own["hazard_ratio"]), _se(own["ci"])
    effects["reproduced"] = Effect(
        estimate=estimate, variance=se**2, route="Cox regression of reconstructed patients"
    )
    interval = values["reproduction_interval"]
    if interval is None or None in interval:
        missing["draws"] = "there is no reproduction interval"
    else:
        spread = _se(interval) ** 2
        effects["draws"] = Effect(
            estimate=(math.log(interval[0]) + math.log(interval[1])) / 2,
            variance=se**2 + spread,
            route="middle and width of the reproduction interval",
            reconstruction_variance=spread,
        )
    return effects, missing


def _se(ci: list[float], level: float = 95.0) -> float:
    return (math.log(ci[1]) - math.log(ci[0])) / (2 * quantile(level / 100))


def _reported(values: Mapping[str, Any]) -> ReportedComparison:
    ratio, ci = values["hazard_ratio"], values["ci"]
    p = values.get("p_two_sided", values["p"])  # older results have neither sides nor levels
    se = source = None
    if ratio and ci and 0 < ci[0] < ci[1] and not values.get("ci_doubt"):
        se, source = _se(ci, values.get("ci_level", 95.0)), "interval"
    elif ratio and ratio != 1 and p and p < 1:
        se, source = abs(math.log(ratio)) / quantile(1 - p), "p"
    return ReportedComparison(
        hazard_ratio=ratio,
        se=se,
        se_source=source or "",  # type: ignore[arg-type]
        adjusted=bool(values["adjusted"]),
    )


def patients_of(place: Path, values: Mapping[str, Any]) -> PseudoIPD | None:
    """Return the patients that were written beside the results; None if they are not there."""
    from .figures.files import file_stems
    from .patients_csv import read_patients

    (stem,) = file_stems([f"{values['cohort']}_{values['endpoint']}"])
    path = place / "ipd" / f"{stem}.csv"
    if not path.is_file():
        return None
    arms = (str(values["reference"]), str(values["treatment"]))
    ipd = read_patients(path, reference=arms[0], time_unit=str(values["time_unit"]))
    return ipd if ipd.arms == arms else None
