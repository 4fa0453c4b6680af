"""The folders of a batch: study files read, and results of many studies side by side.

The summary is read back from the results of each study rather than kept in memory, so that a batch
that was carried on gives the same summary, letter for letter, as one that ran in one go.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .output import write_file
from .results import COMPARISON_TYPES
from .safeguards import LITTER, MARKER, OutputRefused, plainly, read_marker

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SUMMARY_FILES",
    "NoStudies",
    "open_batch_folder",
    "study_files",
    "summary_csv",
    "summary_dict",
    "summary_frame",
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


def summary_csv(folders: Mapping[str, Path]) -> str:
    """Return the comparison tables of all studies as one, with the study in the first column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for study, folder in folders.items():
        with (folder / "comparison.csv").open(encoding="utf-8", newline="") as file:
            writer.writerows([study, *row] for row in list(csv.reader(file))[1:])
    return text.getvalue()


def summary_frame(table: str) -> pd.DataFrame:
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


def summary_dict(folder: Path) -> dict[str, Any]:
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
