"""The working folder of the page, as the command line reads and writes it, and files handed in.

Their kind is known by their content; their size has limits.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Literal

__all__ = [
    "LARGEST_REQUEST",
    "RESULTS",
    "ROOT",
    "Upload",
    "UploadRefused",
    "Workspace",
    "WorkspaceRefused",
    "bundled_folder",
    "kind_of",
    "safe_stem",
    "store_upload",
    "upload_of",
]

RESULTS = "results"
"""The folder within, to which results go, as of `kmrepro reproduce STUDY --out results`."""
ROOT = "figure"
"""What the page calls a reading that is in the folder itself and not in one below it."""

PICTURES = (".png", ".jpg", ".gif", ".tif", ".bmp", ".webp")
STUDY = "study.toml"
READING = "reading.json"
_LONGEST_STEM = 48
_MOST_READINGS = 200

Kind = Literal["picture", "pdf", "svg", "csv", "study", "text"]
LARGEST_REQUEST = 64_000_000  # bytes of a request; a scanned paper has about 20 million
_MOST_BYTES: dict[Kind, int] = {
    "picture": LARGEST_REQUEST,
    "pdf": LARGEST_REQUEST,
    "svg": 20_000_000,
    "csv": 5_000_000,
    "study": 1_000_000,
    "text": 1_200_000,
}
_PICTURE_STARTS = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
    b"BM": ".bmp",
}
_SUFFIXES: dict[Kind, str] = {"pdf": ".pdf", "svg": ".svg", "csv": ".csv", "study": ".toml"}


class WorkspaceRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """A folder that cannot be worked in, or a name that is nothing in it."""


def _among(known: Mapping[str, Path], name: str, what: str) -> Path:
    if name not in known:
        raise WorkspaceRefused(f"There is no such {what} in the folder.")
    return known[name]


def safe_stem(name: str) -> str:
    """Return letters, digits, "-" and "_" of a file's name, without its suffix.

    A name comes from whoever sent the file. It decides no folder and no kind of file.

    Examples
    --------
    >>> safe_stem("../../Fig. 2 (a).png")
    'Fig-2-a'
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = last.rpartition(".")[0] or last
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:_LONGEST_STEM].strip("-_")
    return plain or "file"


def _refuse_unwritable(folder: Path) -> None:
    """Refuse a folder in which no change could be kept, before any is made."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WorkspaceRefused(
            f"{folder} cannot be worked in: nothing can be made in it; choose another folder."
        )


@dataclass(frozen=True)
class Workspace:
    """A folder that holds a study file, figures, and what was read from them.

    Attributes
    ----------
    folder : Path
        Absolute, with links followed.
    study : Path
        The study file in it, which need not exist yet.
    """

    folder: Path
    study: Path

    @classmethod
    def open(cls, path: Path) -> Workspace:
        """Open a folder, or the folder of a study file.

        A folder that does not exist is made. Of several study files in a folder, study.toml is
        taken, or the only one.

        Raises
        ------
        WorkspaceRefused
            If it cannot be one, or if it does not say which of several files is the study.
        """
        if path.suffix == ".toml" and not path.exists():
            raise WorkspaceRefused(f"{path} does not exist: name a study file, or a folder.")
        if path.is_file():
            if path.suffix != ".toml":  # the page saves to it, in place of a paper's text, say
                raise WorkspaceRefused(
                    f"{path} is no study file, whose name ends in .toml: name a folder, and drop "
                    "the file into the page."
                )
            _refuse_unwritable(path.parent.resolve())
            return cls(path.parent.resolve(), path.resolve())
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceRefused(
                f"{path} cannot be worked in: {error.strerror or error}."
            ) from error
        folder = path.resolve()
        _refuse_unwritable(folder)
        found = sorted(folder.glob("*.toml"))
        if folder / STUDY in found or not found:
            return cls(folder, folder / STUDY)
        if len(found) > 1:
            names = ", ".join(each.name for each in found)
            raise WorkspaceRefused(f"{path} holds {names}: name the study file that is meant.")
        return cls(folder, found[0])

    def readings(self) -> dict[str, Path]:
        """Return the folders with a reading of a figure, by what the page calls them."""
        found = {ROOT: self.folder} if (self.folder / READING).is_file() else {}
        below = sorted(self.folder.glob(f"*/{READING}"))[:_MOST_READINGS]
        # panel-1/ and so on of a reading hold no reading.json of their own
        return found | {path.parent.name: path.parent for path in below}

    def reading(self, key: str) -> Path:
        """Return the folder of a reading.

        Raises
        ------
        WorkspaceRefused
            If there is no such reading; the key is compared, never used as a path.
        """
        return _among(self.readings(), key, "figure")

    def points(self) -> dict[str, Path]:
        """Return the CSV files in the folder that are not of a reading, by name."""
        own = {"curves.csv", "at_risk.csv", "censor_marks.csv"}
        found = {path.name: path for path in sorted(self.folder.glob("*.csv"))}
        return {
            name: path for name, path in found.items()
            if name not in own and path.is_file() and not path.is_symlink()
        }  # fmt: skip

    def points_file(self, name: str) -> Path:
        """Return a CSV file of points that was handed in.

        Raises
        ------
        WorkspaceRefused
            If there is no such file; the name is compared, never used as a path.
        """
        return _among(self.points(), name, "file of points")

    def picture(self, name: str) -> Path:
        """Return a picture that was handed in.

        Parameters
        ----------
        name : str
            Of a file in the folder; it is compared, never used as a path.
        """
        found = {each.name: each for each in self.folder.iterdir() if each.suffix in PICTURES}
        if name not in found or not found[name].resolve().is_relative_to(self.folder):
            raise WorkspaceRefused("There is no such picture in the folder.")
        return found[name]

    def new_reading(self, stem: str) -> Path:
        """Return where the next reading goes: the folder itself if it is still empty of them."""
        if not self.readings() and not self.study.exists():
            return self.folder
        return self._free(stem, "")

    def new_source(self, stem: str, suffix: str) -> Path:
        """Return a free path for a file that was handed in.

        Parameters
        ----------
        stem : str
            As `safe_stem` returns it.
        suffix : str
            Of the kind that the content has, such as ".png".
        """
        return self._free(stem, suffix)

    def _free(self, stem: str, suffix: str) -> Path:
        # a folder called "figure" would be taken for the reading in the folder itself
        taken = {ROOT, RESULTS, "panel-1", "curves", "at_risk", "censor_marks", "overlay", "image"}
        names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)), secrets.token_hex(8))
        for name in names:
            path = self.folder / f"{name}{suffix}"
            if not path.exists() and (suffix or name not in taken):
                return path
        raise WorkspaceRefused("The folder holds too many files of one name.")

    def relative(self, path: Path) -> str:
        """Return how a study file in the folder names a file in or below it; "" for itself."""
        name = path.relative_to(self.folder).as_posix()
        return "" if name == "." else name

    def result(self, name: str) -> Path:
        """Return one of the files of results.

        Parameters
        ----------
        name : str
            As `results` lists it; it is compared, never used as a path.
        """
        if name not in self.results():
            raise WorkspaceRefused("There is no such file among the results.")
        return self.folder / RESULTS / name

    def results(self) -> tuple[str, ...]:
        """Return the files that kmrepro put into the folder of results."""
        from ..safeguards import read_marker

        folder = self.folder / RESULTS
        listed = read_marker(folder).get("files", [])
        return tuple(
            name
            for name in listed
            if isinstance(name, str)
            and (folder / name).is_file()
            and (folder / name).resolve().is_relative_to(folder.resolve())
        )


def bundled_folder(name: str) -> Path | None:
    """Return the folder of a bundled paper, laid out with its study file; None if it is none.

    Parameters
    ----------
    name : str
        An id such as "an2025". A path of that name that exists is meant instead.
    """
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name) or Path(name).exists():
        return None
    paper = resources.files("kmrepro.studies.papers") / f"{name}.toml"
    if not paper.is_file():
        return None
    folder = Workspace.open(Path(name)).folder
    (folder / STUDY).write_bytes(paper.read_bytes())
    return folder


class UploadRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """A file that the page cannot take; the message says what it takes."""


@dataclass(frozen=True)
class Upload:
    """A file that was handed in.

    Attributes
    ----------
    kind : {"picture", "pdf", "svg", "csv", "study", "text"}
    suffix : str
        Under which it is kept.
    stem : str
        What is left of its name.
    content : bytes
    """

    kind: Kind
    suffix: str
    stem: str
    content: bytes


def kind_of(content: bytes) -> tuple[Kind, str]:
    """Return what a file is and under which suffix it is kept, by its content alone.

    Raises
    ------
    UploadRefused
        If it is none of what the page takes.
    """
    for start, suffix in _PICTURE_STARTS.items():
        if content.startswith(start):
            return "picture", suffix
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "picture", ".webp"
    if b"%PDF-" in content[:1024]:
        return "pdf", ".pdf"
    text = _decoded(content)
    kind: Kind
    if re.search(r"<svg[\s>]", text[:20_000], re.IGNORECASE):
        kind = "svg"
    elif re.search(r"^\s*\[\[?\s*(arms|endpoint)\b", text, re.MULTILINE):
        kind = "study"
    elif _is_table(text):
        kind = "csv"
    else:
        kind = "text"
    return kind, _SUFFIXES.get(kind, ".txt")


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            text = "\x00"
    if "\x00" in text or not text.strip():
        raise UploadRefused(
            "This file is none that can be read here: drop a figure (PNG, JPEG, TIFF, WebP, SVG), "
            "a PDF, a CSV file of points, a study file, or text."
        )
    return text


def _is_table(text: str) -> bool:
    """Say whether most lines are cells: as many separators in each, and a number in most."""
    lines = [line for line in text.splitlines()[:60] if line.strip()]
    rows = [line for line in lines if re.fullmatch(r"[^;,\t]*([;,\t][^;,\t]*)+", line)]
    numbers = [line for line in rows if re.search(r"(^|[;,\t])\s*-?[\d.]+\s*%?\s*($|[;,\t])", line)]
    return len(lines) >= 2 and len(numbers) >= 0.6 * len(lines)


def upload_of(content: bytes, name: str) -> Upload:
    """Look at a file that was handed in.

    Parameters
    ----------
    content : bytes
    name : str
        As the browser gives it; only letters of it are used.

    Raises
    ------
    UploadRefused
        If it is too large or of no kind that the page takes.
    """
    if not content:
        raise UploadRefused("This file is empty.")
    kind, suffix = kind_of(content)
    if len(content) > _MOST_BYTES[kind]:
        raise UploadRefused(
            f"This file has {len(content):,} bytes, and at most {_MOST_BYTES[kind]:,} are taken."
        )
    return Upload(kind=kind, suffix=suffix, stem=safe_stem(name), content=content)


def store_upload(upload: Upload, workspace: Workspace) -> Path:
    """Write a file that was handed in into the working folder, under a free name."""
    path = workspace.new_source(upload.stem, upload.suffix)
    from ..output import write_file

    write_file(path, upload.content)
    return path
