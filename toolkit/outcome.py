"""How work ends: in results, in refusals with reasons, or in one sentence."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .presentation.formats import count

if TYPE_CHECKING:
    import pandas as pd

    from .audit import Audit
    from .models import EndpointAnalysis
    from .models.subgroups import Subgroups
    from .reconstruct import ReconstructionRefused
    from .reconstruct.quick_looks import QuickLook
    from .studies import Endpoint, Study

__all__ = [
    "NOT_WRITTEN",
    "NothingReproduced",
    "Progress",
    "Refusal",
    "ReproducedStudy",
    "is_refusal",
    "nothing_reproduced",
    "refusal_reason",
    "sentence",
]

Progress = Callable[[int, int, str], None]
"""Told how many steps are done, how many there are, and what is being done."""

NOT_WRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""Errors of the system that say that a disk took no more."""


def sentence(error: Exception) -> str:
    """Return a refusal's own message, or ask to report a fault."""
    if is_refusal(error):
        return str(error)
    if isinstance(error, OSError) and error.errno in NOT_WRITTEN:
        return f"The output could not be written: {os.strerror(error.errno).lower()}."
    found = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"Internal error ({found}). Please report it with the command and the study file; with "
        "KMREPRO_DEBUG=1 it shows where it arose."
    )


def is_refusal(error: Exception) -> bool:
    """Say whether an error is one that kmrepro raises on purpose."""
    return isinstance(error, ValueError) and type(error).__module__.startswith("kmrepro.")


class NothingReproduced(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised when patients or figures are asked for and no endpoint could be reconstructed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Refusal:
    """An endpoint that could not be reconstructed, and what can still be said of it.

    Attributes
    ----------
    endpoint : Endpoint
    reason : str
        Why, in a sentence.
    numbers : tuple of str
        The reported numbers that contradict each other; empty if it was refused because
        something is not reported.
    quick_looks : tuple of QuickLook
        Approximate answers that need no patients.
    """

    endpoint: Endpoint
    reason: str
    numbers: tuple[str, ...] = ()
    quick_looks: tuple[QuickLook, ...] = ()


class ReproducedStudy(Protocol):
    """What writers of results need of a `Reproduction`, which knows them."""

    @property
    def study(self) -> Study:
        """The study."""

    @property
    def analyses(self) -> tuple[EndpointAnalysis, ...]:
        """Its endpoints that could be reconstructed."""

    @property
    def comparisons(self) -> tuple[EndpointAnalysis, ...]:
        """Those that compare two arms."""

    @property
    def single_arm(self) -> tuple[EndpointAnalysis, ...]:
        """The others of `analyses`."""

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Its endpoints that could not be reconstructed."""

    @property
    def subgroups(self) -> tuple[Subgroups, ...]:
        """Labels for its patients by tables of subgroups."""

    @property
    def subgroups_refused(self) -> tuple[str, ...]:
        """Why patients were not labelled by a table, a clause each."""

    @property
    def audit(self) -> Audit:
        """Whether its numbers agree with each other."""

    @property
    def seed(self) -> int:
        """Random seed of the draws."""

    @property
    def version(self) -> str:
        """Of kmrepro."""

    def to_json(self) -> str:
        """Return ``results.json``."""

    def to_frame(self) -> pd.DataFrame:
        """Return the comparisons, one row each."""


def refusal_reason(endpoint: Endpoint, refusal: ReconstructionRefused) -> str:
    """Return why an endpoint was refused, without its name, which is beside it anyway."""
    return str(refusal).removeprefix(f"{endpoint.key}: ")


def nothing_reproduced(
    reproduction: ReproducedStudy, *, report: str | Path | None = None
) -> NothingReproduced:
    """Return the refusal of a study none of whose endpoints could be reconstructed.

    Parameters
    ----------
    reproduction : ReproducedStudy
    report : str or Path, optional
        Folder to which its quick looks were written.
    """
    keys = [refusal.endpoint.key for refusal in reproduction.refused]
    study = reproduction.study.id
    only = f"only reasons and quick looks were written to {report}"
    outcome = "nothing was written" if report is None else only
    if len(keys) == 1:
        return NothingReproduced(
            f"{keys[0]} of {study} cannot be reconstructed, so {outcome}: "
            f"{reproduction.refused[0].reason.rstrip('.')}."
        )
    return NothingReproduced(
        f"None of the {count(len(keys), 'endpoint')} of {study} ({', '.join(keys)}) can be "
        f"reconstructed, so {outcome}."
    )
