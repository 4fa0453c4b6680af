"""How a paper's patients came to be analysed: boxes, exclusions and what leads to what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from .errors import FaultsError, shown
from .fields import LONGEST_NAME, Frozen, Name, Number, Text

__all__ = ["Excluded", "Flow", "FlowBox", "Reason"]

_Fault = tuple[tuple[str | int, ...], str]


def _list(raw: object) -> object:
    """Let a box that comes from one box name it without brackets."""
    return [raw] if isinstance(raw, str) else raw


_NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_Boxes = Annotated[
    tuple[Name, ...],
    BeforeValidator(_list),
    WithJsonSchema(
        {"anyOf": [_NAME, {"type": "array", "items": _NAME}], "examples": ["all", ["A", "B"]]}
    ),
]


class Reason(Frozen):
    """One reason for which patients were excluded."""

    label: Text = Field(min_length=1, description='The reason, such as "Lost to follow-up".')
    n: Number | None = Field(None, description="Patients excluded for it.")


class Excluded(Frozen):
    """Patients who leave the flow between one box and the next."""

    box: Name = Field(alias="from", description="Id of the box that they leave.")
    label: Text = Field("Excluded", min_length=1, description="Why, or what became of them.")
    n: Number | None = Field(None, description="Patients excluded.")
    reasons: tuple[Reason, ...] = Field(
        (), description='Reasons with their numbers: [{ label = "Other cancer", n = 4 }].'
    )
    exclusive: bool = Field(
        True, strict=True, description="false if a patient may be counted under several reasons."
    )


class FlowBox(Frozen):
    """One box of a flow diagram: patients at one stage of the study."""

    id: Name = Field(description='Short name of the box, such as "treated".')
    label: Text = Field(min_length=1, description="The wording: who the patients are.")
    n: Number | None = Field(None, description="How many, if it is reported.")
    boxes: _Boxes = Field(
        (), alias="from", description="Id of the box that they come from, or a list of ids."
    )
    exclusive: bool = Field(
        True, strict=True,
        description="false if a patient may be in several of the boxes that come from it.",
    )  # fmt: skip
    complete: bool = Field(
        True, strict=True,
        description="false if the paper says only of some of its patients what became of them.",
    )  # fmt: skip
    quantity: Text = Field(
        "", description='The same number elsewhere, such as "psm/OS / SR / n"; the two must agree.'
    )


class Flow(Frozen):
    """A flow diagram of patients: boxes in the order of the flow, and exclusions beside them."""

    id: Name = Field(description='Short name of the diagram, such as "figure-1".')
    figure: Text = Field("", description='The paper\'s figure, such as "Figure 1".')
    source: Text = Field("", description="Where in the paper the numbers are.")
    title: Text = Field("", description="Title of the figure.")
    boxes: tuple[FlowBox, ...] = Field(
        alias="box", min_length=1, description="The boxes, each after those that it comes from."
    )
    exclusions: tuple[Excluded, ...] = Field(
        (), alias="excluded", description="Patients who leave the flow."
    )
    note: Text = Field("", description="Remarks, such as what is not reported.")

    @property
    def place(self) -> str:
        """Where the diagram is: its `figure`, or its `id` if none is given."""
        return self.figure or self.id

    def box(self, name: str) -> FlowBox:
        """Return the box with an id.

        Raises
        ------
        KeyError
            If there is none; the message lists those that there are.
        """
        for box in self.boxes:
            if box.id == name:
                return box
        raise KeyError(f"{self.id} has no box {name}; it has {', '.join(b.id for b in self.boxes)}")

    def exclusions_from(self, name: str) -> tuple[Excluded, ...]:
        """Return the exclusions of patients who leave the box with an id."""
        return tuple(each for each in self.exclusions if each.box == name)

    def after(self, name: str) -> tuple[FlowBox, ...]:
        """Return the boxes that come from the box with an id."""
        return tuple(box for box in self.boxes if name in box.boxes)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if faults := [*self._box_faults(), *self._exclusion_faults()]:
            raise FaultsError(faults)
        return self

    def _box_faults(self) -> Iterator[_Fault]:
        before: list[str] = []
        for number, box in enumerate(self.boxes):
            if box.id in before:
                yield ("box", number, "id"), f"{shown(box.id)} is the id of an earlier box too"
            for name in box.boxes:
                if name not in before:
                    known = ", ".join(before) or "none"
                    yield (
                        ("box", number, "from"),
                        f"{shown(name)} is no box above it; those are {known}",
                    )
            if len(set(box.boxes)) < len(box.boxes):
                yield ("box", number, "from"), "it names a box twice"
            before.append(box.id)

    def _exclusion_faults(self) -> Iterator[_Fault]:
        known = [box.id for box in self.boxes]
        for number, each in enumerate(self.exclusions):
            if each.box not in known:
                yield (
                    ("excluded", number, "from"),
                    f"{shown(each.box)} is no box; they are {', '.join(known)}",
                )
