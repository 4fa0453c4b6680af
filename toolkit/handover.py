"""Patients handed to other programs, and taken back: CSV, Parquet and Stata files."""

from __future__ import annotations

import datetime
import importlib.util
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from .models import Ensemble
    from .reconstruct import PseudoIPD

__all__ = [
    "PatientsRefused",
    "draws_frame",
    "is_patients_file",
    "patients_bytes",
    "patients_frame",
    "read_patients",
    "write_frame",
]

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

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise PatientsRefused(f"{path}: it has more than {_MOST_BYTES:,} bytes.")
        frame = pd.read_csv(path, dtype={"arm": str}, keep_default_na=False, na_values=[""])
    except OSError as error:
        raise PatientsRefused(f"{path}: it cannot be read: {error.strerror}.") from error
    except (ValueError, UnicodeDecodeError) as error:  # pandas' parser errors are of these
        raise PatientsRefused(f"{path}: it is not a CSV file: {str(error).strip()}.") from error
    if missing := [name for name in _COLUMNS if name not in frame]:
        raise PatientsRefused(
            f"{path}: there is no column {', '.join(missing)}; patients have the columns time, "
            "event (1 happened, 0 censored) and arm, and the file has "
            f"{', '.join(map(str, frame))}."
        )
    if frame.empty:
        raise PatientsRefused(f"{path}: it has no patients.")
    _check(path, frame)
    arms = list(dict.fromkeys(frame["arm"]))
    if reference is not None and reference not in arms:
        raise PatientsRefused(
            f"{path}: there is no arm {reference!r}; there are {', '.join(arms)}."
        )
    ordered = sorted(arms, key=lambda arm: arm != (reference or arms[0]))
    frame = pd.concat([frame[frame["arm"] == arm] for arm in ordered])
    time, moved = tied(frame["time"].to_numpy(dtype=float))
    return PseudoIPD(
        time=time,
        assumptions=(ties_said(moved),) if moved else (),
        event=frame["event"].to_numpy(dtype=float) == 1,
        arm=frame["arm"].to_numpy(dtype=str),
        arms=tuple(ordered),
        cohort="all",
        endpoint=path.stem,
        time_unit=time_unit,
    )


def _check(path: Path, frame: pd.DataFrame) -> None:
    """Refuse a row that is no patient; the header is row 1."""
    for row, (time, event, arm) in enumerate(
        zip(*(frame[name].tolist() for name in _COLUMNS), strict=True), start=2
    ):
        if not _number(time) > 0 or not math.isfinite(_number(time)):
            raise PatientsRefused(
                f"{path}, row {row}: a time of {time} is not possible; times are positive numbers."
            )
        if _number(event) not in (0, 1):
            raise PatientsRefused(
                f"{path}, row {row}: an event of {event} is not possible; write 1 for an event and "
                "0 for a censoring."
            )
        if not isinstance(arm, str) or not arm.strip():
            raise PatientsRefused(f"{path}, row {row}: the arm is empty.")


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def patients_frame(ipd: PseudoIPD) -> pd.DataFrame:
    """Return patients with the columns that survival, survHE, maicplus and multinma take.

    time, event, arm as the house's own; trt repeats arm, because maicplus and multinma look for
    it; treatment is 1 in the second arm and 0 in the reference.
    """
    frame = ipd.to_frame()
    frame["trt"] = frame["arm"]
    frame["treatment"] = (frame["arm"] != ipd.reference).astype("int8")
    return frame


def draws_frame(draws: Ensemble, *, n_draws: int) -> pd.DataFrame:
    """Return the patients of the first draws below each other, with the draw's number.

    Parameters
    ----------
    draws : Ensemble
    n_draws : int
        At most `draws.n_draws`.
    """
    import pandas as pd

    parts = [draws.draw(number).to_frame() for number in range(min(n_draws, draws.n_draws))]
    return pd.concat(parts, keys=range(len(parts)), names=["draw", "patient"]).reset_index(
        level="draw"
    )


def write_frame(frame: pd.DataFrame, folder: Path, *, name: str) -> tuple[str, ...]:
    """Write a table as CSV, Stata and, where pyarrow is installed, Parquet.

    Parameters
    ----------
    frame : DataFrame
    folder : Path
        It exists.
    name : str
        Of the files, without suffix.

    Returns
    -------
    tuple of str
        The files' names.
    """
    frame = frame.reset_index(drop=True)
    frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    (folder / f"{name}.dta").write_bytes(_stata_bytes(frame))
    written = [f"{name}.csv", f"{name}.dta"]
    if importlib.util.find_spec("pyarrow") is not None:
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        written.append(f"{name}.parquet")
    return tuple(written)


def _stata_bytes(frame: pd.DataFrame) -> bytes:
    """Return a file of Stata 14 or later (Unicode); a fixed date keeps its bytes the same."""
    buffer = io.BytesIO()
    frame.to_stata(
        buffer,
        write_index=False,
        version=118,
        time_stamp=datetime.datetime(2000, 1, 1),
        data_label="kmrepro: reconstructed patients",
    )
    return buffer.getvalue()


def patients_bytes(ipd: PseudoIPD, suffix: str) -> bytes | None:
    """Return patients as the content of a ".dta" or ".parquet" file; None for another suffix.

    Raises
    ------
    PatientsRefused
        If pyarrow, which writes Parquet, is not installed.
    """
    if suffix == ".dta":
        return _stata_bytes(patients_frame(ipd))
    if suffix != ".parquet":
        return None
    if importlib.util.find_spec("pyarrow") is None:
        raise PatientsRefused(
            'Parquet files are written by pyarrow: pip install "kmrepro[parquet]"'
        )
    content: bytes = patients_frame(ipd).to_parquet(index=False)
    return content
