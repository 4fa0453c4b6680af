"""Why a reconstruction is refused."""

from __future__ import annotations

__all__ = ["ContradictionError", "ReconstructionRefused"]


class ReconstructionRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised when an endpoint does not print enough to place whole patients.

    Attributes
    ----------
    endpoint_key : str
        The endpoint, as `cohort/name`; empty if the refusal is not about one endpoint.
    """

    def __init__(self, reason: str, *, endpoint_key: str = "") -> None:
        super().__init__(reason)
        self.endpoint_key = endpoint_key


class ContradictionError(ReconstructionRefused):
    """Raised when printed numbers cannot all be true of one set of patients.

    Attributes
    ----------
    numbers : tuple of str
        The printed numbers that contradict each other, as few as were found.
    """

    def __init__(self, reason: str, *, numbers: tuple[str, ...], endpoint_key: str = "") -> None:
        super().__init__(reason, endpoint_key=endpoint_key)
        self.numbers = numbers
