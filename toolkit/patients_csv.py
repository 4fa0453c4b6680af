"""Patients of other programs: CSV files with a row for each."""

from __future__ import annotations

import io
import math
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from .reconstruct import PseudoIPD

__all__ = ["PatientsRefused", "is_patients_file", "read_patients"]

_COLUMNS = ("time", "event", "arm")
_MOST_BYTES = 200_000_000


class PatientsRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised if a file does not hold patients."""


def is_patients_file(source: str) -> bool:
    """Say whether an argument names a CSV file rather than a study."""
    return Path(source).suffix.lower() == ".csv"


def read_patients(
    path: Path, *, reference: str | None = None, time_unit: str = "months"
) -> PseudoIPD:
    """Read patients from a CSV file with the columns time, event (0 or 1) and arm.

    Parameters
    ----------
    path : Path
        UTF-8 text with commas between cells; or semicolons or tabs, beside which decimals may have
        a comma.
    reference : str, optional
        The arm in the denominator of ratios; by default that of the first row.
    time_unit : str

    Raises
    ------
    PatientsRefused
        If the file cannot be read or a column, time, event or the reference is not as it must be;
        the message says in which row.
    """
    import pandas as pd

    from .reconstruct import PseudoIPD
    from .reconstruct.pseudo_ipd import tied, ties_said

    frame = _frame(path)
    _check_columns(path, list(map(str, frame)))
    if frame.empty:
        raise PatientsRefused(f"{path}: it has no patients.")
    _check(path, frame)
    frame["arm"] = frame["arm"].str.strip()  # "A " would be an arm beside "A"
    arms = list(dict.fromkeys(frame["arm"]))
    if reference is not None and reference not in arms:
        there = ", ".join(arms)
        raise PatientsRefused(f"{path}: there is no arm {reference!r}; there are {there}.")
    ordered = sorted(arms, key=lambda arm: arm != (reference or arms[0]))
    frame = pd.concat([frame[frame["arm"] == arm] for arm in ordered])
    time, moved = tied(frame["time"].to_numpy(dtype=float))
    said = [ties_said(moved)] if moved else []
    if unused := ", ".join(str(name) for name in frame if name not in _COLUMNS):
        said.append(f"These columns of the file were not used: {unused}.")
    return PseudoIPD(
        time=time,
        assumptions=tuple(said),
        event=frame["event"].to_numpy(dtype=float) == 1,
        arm=frame["arm"].to_numpy(dtype=str),
        arms=tuple(ordered),
        cohort="all",
        endpoint=path.stem,
        time_unit=time_unit,
    )


def _frame(path: Path) -> pd.DataFrame:
    """Read a table whose rows have no more cells than its heading."""
    import pandas as pd

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise PatientsRefused(f"{path}: it has more than {_MOST_BYTES:,} bytes.")
        text = path.read_text(encoding="utf-8-sig")
        mark, decimal, above = _dialect(text)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(io.StringIO(text), sep=mark, decimal=decimal, index_col=False,
                               dtype={"arm": str}, keep_default_na=False, na_values=[""],
                               skiprows=above)  # fmt: skip
    except OSError as error:
        raise PatientsRefused(f"{path}: it cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PatientsRefused(
            f"{path}: it is not UTF-8 text; save it with the encoding UTF-8."
        ) from error
    except (pd.errors.EmptyDataError, pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise PatientsRefused(f"{path}: {_not_csv(str(error))}.") from error


def _dialect(text: str) -> tuple[str, str, int]:
    """Return what is between cells, the decimal mark, and the lines above the heading."""
    from .studies.csv_table import SEP_LINE, delimiter_of  # slow to load

    above = int(text.startswith(SEP_LINE))
    mark, may_have_commas = delimiter_of(text.splitlines()[above : above + 1])
    if not may_have_commas:
        return ",", ".", above
    return mark, "," if re.search("[0-9],[0-9]", text) else ".", above


def _not_csv(said: str) -> str:
    """Say of a file what pandas says of it in its own words."""
    if "No columns" in said:
        return "it is empty"
    if longer := re.search(r"in line (\d+), saw", said):
        return f"row {longer[1]} has more cells than the heading"
    if "Length of header" in said:
        return "its rows have more cells than its heading; name every column in the first row"
    unclosed = "inside string" in said
    return "a quotation mark is not closed" if unclosed else f"it is not a CSV file: {said.strip()}"


def _check_columns(path: Path, names: list[str]) -> None:
    """Refuse a file without the columns of patients, or with one of them twice."""
    if missing := [name for name in _COLUMNS if name not in names]:
        raise PatientsRefused(
            f"{path}: there is no column {', '.join(missing)}; patients have the columns time, "
            f"event (1 happened, 0 censored) and arm, and the file has {', '.join(names)}."
        )
    # pandas calls the second column "time" of a file "time.1"
    if twice := [name for name in _COLUMNS if f"{name}.1" in names]:
        raise PatientsRefused(
            f"{path}: there are two columns {twice[0]}; leave one of them out, or rename it."
        )


def _check(path: Path, frame: pd.DataFrame) -> None:
    """Refuse a row that is no patient; the header is row 1."""
    columns = (frame[name].tolist() for name in _COLUMNS)
    for row, patient in enumerate(zip(*columns, strict=True), start=2):
        if why := _no_patient(*patient):
            raise PatientsRefused(f"{path}, row {row}: {why}")


def _no_patient(time: object, event: object, arm: object) -> str:
    """Say why a row is no patient; "" if it is one."""
    from .studies.fields import MAX_TIME

    if not 0 < _number(time) < math.inf:
        return f"a time of {time} is not possible; times are positive numbers."
    if _number(time) > MAX_TIME:
        return f"a time of {time} is not possible; times are at most {MAX_TIME:,} in any unit."
    if _number(event) not in (0, 1):
        return f"an event of {event} is not possible; write 1 for an event and 0 for a censoring."
    return "" if isinstance(arm, str) and arm.strip() else "the arm is empty."


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan
