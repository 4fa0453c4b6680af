"""The first screen of the report for one endpoint, quickly: no data sets are drawn for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..explorer import view
from ..figures.report.sections import endpoint_section
from ..figures.report.summary import verdict_section
from ..models import analyse
from .study_editing import current_study

if TYPE_CHECKING:
    from ..studies import Endpoint, Study

__all__ = ["live_verdict"]

NOTE = (
    "By the distance from the reported hazard ratio. The full reproduction draws many data sets "
    "consistent with the reported numbers, and judges by them."
)


def live_verdict(path: Path, key: str) -> dict[str, Any]:
    """Reconstruct and compare one endpoint of a study file.

    Parameters
    ----------
    path : Path
        The study file.
    key : str
        Such as "psm/OS".

    Returns
    -------
    dict
        `endpoint`; `refusal`, why there are no patients, or ""; and if there are some, `summary`
        and `section`, the texts of the report's first screen and of the endpoint in it, with
        `chart`, the numbers of the curves; and `note`, what the verdict rests on.

    Raises
    ------
    StudyFileError
        If the file is at fault.
    """
    study = current_study(path)
    endpoint = _endpoint(study, key)
    found = view(endpoint, {})
    start = {"endpoint": endpoint.key, "unit": endpoint.time_unit, "refusal": found.refusal}
    if found.ipd is None:
        return start
    analysis = analyse(endpoint, found.ipd, attainable=False)
    section = endpoint_section(analysis, anchor="endpoint-1", stem="endpoint")
    for name in ("patients", "findings"):
        del section[name]
    chart = dict(section["chart"])
    chart["data"] = str(chart["data"])
    return start | {
        "summary": verdict_section([analysis], []),
        "section": section | {"chart": chart, "assumptions": list(section["assumptions"])},
        "note": NOTE,
    }


def _endpoint(study: Study, key: str) -> Endpoint:
    for endpoint in study.endpoints:
        if endpoint.key == key:
            return endpoint
    return study.endpoints[0]
