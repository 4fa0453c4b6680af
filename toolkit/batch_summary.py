"""The results of many studies side by side, taken from the files of each.

They are read back from the results rather than kept in memory, so that a batch that was carried on
gives the same summary, letter for letter, as one that ran in one go.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .results import COMPARISON_TYPES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["summary_csv", "summary_dict", "summary_frame"]

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
