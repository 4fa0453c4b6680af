"""Whether a study file that was read is plausible, and which endpoints can be reconstructed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .outcome import refusal_reason
from .presentation.formats import count
from .presentation.tables import Paragraph
from .reconstruct import ContradictionError, ReconstructionRefused, reconstruct
from .studies import Study
from .studies.doubts import Doubt, doubts

__all__ = ["Validity", "validity"]


@dataclass(frozen=True, kw_only=True)
class Validity:
    """What is odd in a study, and what of it cannot be reconstructed.

    Attributes
    ----------
    study : Study
    doubts : tuple of Doubt
        Values that are allowed but odd.
    contradictory : mapping of str to str
        By endpoint, why no patients can have its numbers.
    incomplete : mapping of str to str
        By endpoint, which number it lacks; that is no fault of the file.
    """

    study: Study
    doubts: tuple[Doubt, ...]
    contradictory: Mapping[str, str]
    incomplete: Mapping[str, str]

    @property
    def is_odd(self) -> bool:
        """Whether anything should be looked at again."""
        return bool(self.doubts or self.contradictory)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        return {
            "study": self.study.id,
            "faults": [],
            "doubts": [{"place": each.place, "text": each.text} for each in self.doubts],
            "endpoints": [endpoint.key for endpoint in self.study.endpoints],
            "refused": {**self.contradictory, **self.incomplete},
        }

    def paragraphs(self, name: str) -> Iterator[Paragraph]:
        """Yield the outcome in words.

        Parameters
        ----------
        name : str
            What to call the study: its file, or its id.
        """
        endpoints = count(len(self.study.endpoints), "endpoint")
        if self.is_odd:
            number = count(len(self.doubts) + len(self.contradictory), "warning")
            yield Paragraph(f"{name} can be read: {endpoints}, {number}.")
        else:
            yield Paragraph(f"{name} is a valid study file: {endpoints}.")
        for doubt in self.doubts:
            yield Paragraph(f"Warning: {doubt.place}: {_sentence(doubt.text)}")
        for key, why in self.contradictory.items():
            yield Paragraph(f"Warning: {key} cannot be reconstructed: {why}")
        for key, why in self.incomplete.items():
            yield Paragraph(f"{key} cannot be reconstructed: {why}")


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def validity(study: Study) -> Validity:
    """Look for what is odd in a study, and try to reconstruct each of its endpoints.

    Examples
    --------
    >>> from kmrepro.studies import load_study
    >>> validity(load_study("haic-tae")).is_odd
    False
    """
    contradictory: dict[str, str] = {}
    incomplete: dict[str, str] = {}
    for endpoint in study.analysed:
        try:
            if endpoint.causes:
                from .reconstruct.causes import reconstruct_causes  # loads a compiler

                reconstruct_causes(endpoint)
            else:
                reconstruct(endpoint)
        except ContradictionError as refusal:
            contradictory[endpoint.key] = refusal_reason(endpoint, refusal)
        except ReconstructionRefused as refusal:
            incomplete[endpoint.key] = refusal_reason(endpoint, refusal)
    return Validity(
        study=study, doubts=doubts(study), contradictory=contradictory, incomplete=incomplete
    )
