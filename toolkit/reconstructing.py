"""The public `reconstruct`: patients from what the arms print, or from the comparison as well."""

from __future__ import annotations

from .reconstruct import PseudoIPD
from .reconstruct import reconstruct as from_arms
from .studies import Endpoint

__all__ = ["reconstruct"]


def reconstruct(endpoint: Endpoint, *, informed: bool = False) -> PseudoIPD:
    """Turn what an endpoint prints into pseudo-individual patient data.

    Parameters
    ----------
    endpoint : Endpoint
        One endpoint of a study. Every arm must print n, and something that says when its events
        happened: a landmark, a median, event times, or that there was no event.
    informed : bool
        Make the patients meet the reported hazard ratio, interval and p, too, within their
        rounding. They are then the best stand-in for the lost data, such as for restricted means,
        and can no longer check what is reported: ``notes["informed"]`` and the assumptions say so,
        and what the nearest patients have where none were found that meet it all.

    Returns
    -------
    PseudoIPD
        Exactly n patients per arm. Re-analysed, they give a Kaplan-Meier estimate inside every
        printed interval and a median inside its own, whenever whole patients can do that; the
        printed events, at-risk counts, event times and longest follow-up, exactly. The same
        endpoint gives the same patients, bit for bit.

    Raises
    ------
    TypeError
        If what is given is no endpoint.
    ReconstructionRefused
        If too little is printed to place patients, or nothing to be informed by.
    ContradictionError
        If printed numbers cannot all be true of one set of patients.

    Examples
    --------
    >>> import kmrepro as km
    >>> endpoint = km.load_study("an2025").endpoint("psm", "OS")
    >>> km.reconstruct(endpoint)
    PseudoIPD(psm/OS: 370 patients (SR 185, TA 185), 79 events, up to 182.965 months)
    >>> patients = km.reconstruct(endpoint, informed=True)
    >>> round(km.cox(patients).hazard_ratio, 2)  # as reported
    1.22
    """
    if not (informed and isinstance(endpoint, Endpoint)):
        return from_arms(endpoint)
    from .models.informed import informed_patients

    return informed_patients(endpoint)
