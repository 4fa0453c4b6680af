"""What one worker does of a batch: reproduce one study, and return the files of its results.

The work takes a study and returns bytes, so that it runs in any `concurrent.futures.Executor`, on
this machine or another: a worker needs neither the study file nor the folder of the results.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .safe_group import sentence

if TYPE_CHECKING:
    from .studies import Study

__all__ = ["Made", "Options", "make"]

_DRAWING = threading.Lock()  # matplotlib cannot draw in two threads at once


@dataclass(frozen=True, kw_only=True)
class Options:
    """What results depend on besides the study.

    Attributes
    ----------
    formats : tuple of {"svg", "pdf", "png"}
        Of the figures.
    n_draws : int
        Data sets drawn for each comparison.
    seed : int
        Of their random numbers.
    """

    formats: tuple[str, ...]
    n_draws: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Made:
    """The results of one study.

    Attributes
    ----------
    version : str
        Of kmrepro where they were made.
    files : dict of str to bytes
        Content by name relative to the folder of the results; empty if there are none.
    reason : str
        Why there are none; empty if there are.
    """

    version: str
    files: dict[str, bytes]
    reason: str = ""

    def write(self, folder: Path) -> None:
        """Put the files into a folder."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def make(study: Study, options: Options) -> Made:
    """Reproduce a study as `Reproduction.save` does, into memory."""
    from .output import MARKER
    from .reproduction import reproduce

    try:
        with _DRAWING, TemporaryDirectory() as scratch:
            folder = Path(scratch) / "results"
            result = reproduce(study, n_draws=options.n_draws, seed=options.seed)
            result.save(folder, formats=options.formats)
            files = {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file() and path.name != MARKER
            }
    except Exception as error:  # one study must not end a batch
        return Made(version=_version(), files={}, reason=sentence(error))
    return Made(version=_version(), files=files)


def _version() -> str:
    from importlib.metadata import version

    return version("kmrepro")
