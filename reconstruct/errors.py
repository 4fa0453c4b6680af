"""Why a reconstruction is refused."""

from __future__ import annotations

import re

from ..studies import Endpoint

__all__ = [
    "ContradictionError",
    "ReconstructionRefused",
    "refuse_curves",
    "refuse_without_patients",
]


class ReconstructionRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised when an endpoint does not report enough to place patients.

    Attributes
    ----------
    endpoint_key : str
        The endpoint, as `cohort/name`; empty if the refusal is not about one endpoint.
    """

    def __init__(self, reason: str, *, endpoint_key: str = "") -> None:
        super().__init__(reason)
        self.endpoint_key = endpoint_key


class ContradictionError(ReconstructionRefused):
    """Raised when reported numbers cannot all be true of one set of patients.

    Attributes
    ----------
    numbers : tuple of str
        The reported numbers that contradict each other, as few as were found.
    """

    def __init__(self, reason: str, *, numbers: tuple[str, ...], endpoint_key: str = "") -> None:
        super().__init__(reason, endpoint_key=endpoint_key)
        self.numbers = numbers


def refuse_without_patients(endpoint: Endpoint, name: str, so: str) -> None:
    """Raise if an arm reports no number of patients.

    Raises
    ------
    ReconstructionRefused
        Saying what follows from it, and where the number is to be written.
    """
    if endpoint.arms[name].n is None:
        place = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'
        raise ReconstructionRefused(
            f"arm {name} reports no number of patients (n), so {so}; write `n = ...` under "
            f'[endpoint.arms.{place}], with `n_basis = "allocation"` if it is the arm\'s share of '
            "all patients",
            endpoint_key=endpoint.key,
        )


def refuse_curves(endpoint: Endpoint, wanted: str) -> None:
    """Raise if an arm has a digitised curve, where only reported numbers can be used.

    Raises
    ------
    ReconstructionRefused
        Saying that what is `wanted` needs the endpoint without its curves.
    """
    curved = [name for name, arm in endpoint.arms.items() if arm.curve is not None]
    if curved:
        raise ReconstructionRefused(
            f"{endpoint.key}, arm {curved[0]} has a digitised curve, and {wanted} is worked out "
            "from reported numbers alone; leave `curve` out to have it without",
            endpoint_key=endpoint.key,
        )
