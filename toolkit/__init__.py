"""Reproduce a paper's survival analysis from the numbers that it prints.

>>> import kmrepro as km
>>> study = km.load_study("an2025")
>>> ipd = km.reconstruct(study.endpoint("psm", "OS"))
>>> ipd.time.size
370

Every public name is here; each is loaded when it is first used, so that ``import kmrepro`` takes
no time and the command line answers at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .batches import Batch as Batch
    from .batches import batch as batch
    from .digitise import FigureReading as FigureReading
    from .digitise import UnreadableFigureError as UnreadableFigureError
    from .digitise import read_figure as read_figure
    from .explorer import explore as explore
    from .models import Ensemble as Ensemble
    from .models import analyse as analyse
    from .models import compare as compare
    from .models import cox as cox
    from .models import ensemble as ensemble
    from .models import kaplan_meier as kaplan_meier
    from .models import logrank as logrank
    from .models import milestone as milestone
    from .models import proportionality as proportionality
    from .models import rmst as rmst
    from .models.attainable import AttainableRange as AttainableRange
    from .models.attainable import attainable_hazard_ratio as attainable_hazard_ratio
    from .models.audit import Audit as Audit
    from .models.audit import Finding as Finding
    from .models.audit import audit as audit
    from .reconstruct import ContradictionError as ContradictionError
    from .reconstruct import PseudoIPD as PseudoIPD
    from .reconstruct import ReconstructionRefused as ReconstructionRefused
    from .reconstruct.quick_looks import quick_looks as quick_looks
    from .reconstructing import reconstruct as reconstruct
    from .reproduction import Reproduction as Reproduction
    from .reproduction import reproduce as reproduce
    from .studies import CensorMarks as CensorMarks
    from .studies import CurveFault as CurveFault
    from .studies import DigitisedCurve as DigitisedCurve
    from .studies import Endpoint as Endpoint
    from .studies import PrintedNumber as PrintedNumber
    from .studies import Study as Study
    from .studies import StudyFileError as StudyFileError
    from .studies import bundled_ids as bundled_ids
    from .studies import curve_endpoint as curve_endpoint
    from .studies import digitised_curve as digitised_curve
    from .studies import load_study as load_study
    from .studies import read_at_risk as read_at_risk
    from .studies import read_censor_marks as read_censor_marks
    from .studies import read_curves as read_curves

    __version__: str

_HOMES = {
    "AttainableRange": "models.attainable",
    "Audit": "models.audit",
    "Batch": "batches",
    "CensorMarks": "studies",
    "ContradictionError": "reconstruct",
    "CurveFault": "studies",
    "DigitisedCurve": "studies",
    "Endpoint": "studies",
    "Ensemble": "models",
    "FigureReading": "digitise",
    "Finding": "models.audit",
    "PrintedNumber": "studies",
    "PseudoIPD": "reconstruct",
    "ReconstructionRefused": "reconstruct",
    "Reproduction": "reproduction",
    "Study": "studies",
    "StudyFileError": "studies",
    "UnreadableFigureError": "digitise",
    "analyse": "models",
    "attainable_hazard_ratio": "models.attainable",
    "audit": "models.audit",
    "batch": "batches",
    "bundled_ids": "studies",
    "compare": "models",
    "cox": "models",
    "curve_endpoint": "studies",
    "digitised_curve": "studies",
    "ensemble": "models",
    "explore": "explorer",
    "kaplan_meier": "models",
    "load_study": "studies",
    "logrank": "models",
    "milestone": "models",
    "proportionality": "models",
    "quick_looks": "reconstruct.quick_looks",
    "read_at_risk": "studies",
    "read_censor_marks": "studies",
    "read_curves": "studies",
    "read_figure": "digitise",
    "reconstruct": "reconstructing",
    "reproduce": "reproduction",
    "rmst": "models",
}

__all__ = [  # noqa: RUF022 - in the order in which a notebook uses them
    "load_study",
    "bundled_ids",
    "read_figure",
    "read_curves",
    "read_at_risk",
    "read_censor_marks",
    "digitised_curve",
    "curve_endpoint",
    "reconstruct",
    "kaplan_meier",
    "logrank",
    "cox",
    "rmst",
    "milestone",
    "proportionality",
    "compare",
    "analyse",
    "quick_looks",
    "ensemble",
    "attainable_hazard_ratio",
    "reproduce",
    "batch",
    "audit",
    "explore",
    "Study",
    "Endpoint",
    "PrintedNumber",
    "DigitisedCurve",
    "CensorMarks",
    "FigureReading",
    "PseudoIPD",
    "Ensemble",
    "Reproduction",
    "Batch",
    "AttainableRange",
    "Audit",
    "Finding",
    "StudyFileError",
    "CurveFault",
    "UnreadableFigureError",
    "ReconstructionRefused",
    "ContradictionError",
    "__version__",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        value: object = version("kmrepro")
    elif name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*(name for name in globals() if name.startswith("__")), *__all__})


class _FrontDoor(ModuleType):
    """The package, in which `reconstruct` is always the function.

    Python binds a submodule as an attribute of its package when it is first imported, so whether
    ``kmrepro.reconstruct`` were the room or the function would depend on what was imported
    before. Here the room is reached by ``from kmrepro.reconstruct import ...`` only.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _FrontDoor
