"""What `kmrepro reconstruct CURVE.csv` takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Self

import click

from .arguments import FORMATS

__all__ = ["ArmCount", "CurveArguments", "FigureFile", "is_curve_file", "refuse_for_study"]

_SUFFIXES = (".csv", ".tsv", ".txt", ".dat")


class ArmCount(click.ParamType[tuple[str, int]]):
    """A number of patients, "213", or that of one of several arms, "Drug=213"."""

    name = "[ARM=]N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return the arm, empty if none is named, and the number."""
        if isinstance(value, tuple):
            return value
        arm, _, number = str(value).rpartition("=")
        if not re.fullmatch("[0-9]{1,9}", number.strip()):
            self.fail(
                f'"{value}" is not a whole number such as 213, or Drug=213 for one of several '
                "arms.",
                param,
                ctx,
            )
        return arm.strip(), int(number)


class FigureFile(click.Path):
    """The path of a figure, whose name says the format."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        path = Path(super().convert(value, param, ctx))  # type: ignore[arg-type]
        if path.suffix.lower().removeprefix(".") not in FORMATS:
            self.fail(f'"{value}" must end in .png, .svg or .pdf.', param, ctx)
        return path


@dataclass(frozen=True, kw_only=True)
class CurveArguments:
    """A file of curves and what is printed beside them; numbers are by arm."""

    file: Path
    n: Mapping[str, int]
    events: Mapping[str, int]
    at_risk: Path | None
    censor_marks: Path | None
    arm: str | None
    reference: str | None
    time_unit: str | None
    kind: str | None
    tolerance: str | None
    plot: Path | None

    @classmethod
    def of(cls, file: Path, *, only: tuple[str, ...], n: Any, events: Any, **others: Any) -> Self:
        """Take the options of the command.

        Raises
        ------
        click.UsageError
            If an endpoint is asked for, which a file of curves has not, or a number given twice.
        """
        if only:
            raise click.UsageError(
                "--only names an endpoint of a study; a curve of a file is chosen with --arm."
            )
        patients, deaths = _by_arm(n, "--n"), _by_arm(events, "--events")
        return cls(file=file, n=patients, events=deaths, **others)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that results must not take the place of."""
        return tuple(path for path in (self.file, self.at_risk, self.censor_marks) if path)


def is_curve_file(source: str) -> bool:
    """Say whether an argument names a file of curves, and not a study."""
    return PurePath(source).suffix.lower() in _SUFFIXES


def refuse_for_study(source: str, curve: Mapping[str, Any]) -> None:
    """Refuse the options of a file of curves where a study is named.

    Raises
    ------
    click.UsageError
        If one was given.
    """
    for name, value in curve.items():
        if value not in (None, ()):
            raise click.UsageError(
                f"--{name.replace('_', '-')} goes with a file of digitised curves, whose name ends "
                f"in .csv, .tsv, .txt or .dat; {source} is read as a study."
            )


def _by_arm(given: tuple[tuple[str, int], ...], option: str) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for arm, number in given:
        if arm in numbers:
            of = f" for {arm}" if arm else ""
            raise click.UsageError(f"{option} is given twice{of}; write {option} ARM=N for an arm.")
        numbers[arm] = number
    return numbers
