"""An endpoint of a paper: its arms, what joins them, and the reported comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, Self

from pydantic import (
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from ..presentation import notebook
from ..presentation.tables import Table, left
from ..presentation.toml import LONGEST_NAME
from .arm import ARM_COLUMNS, Arm, arm_cells
from .digitised import DigitisedCurve
from .errors import Fault, FaultsError, shown
from .fields import (
    Enrolment,
    Frozen,
    Name,
    PrintedDate,
    ReadOnly,
    ReadOnlyDict,
    Text,
    date_faults,
)
from .printed import interval_text
from .reported import Reported, ReportedPair, cause_faults

__all__ = ["DAYS_PER", "Endpoint", "Reported", "ReportedPair", "TimeUnit", "reported_tables"]

TimeUnit = Literal["days", "weeks", "months", "years"]
DAYS_PER: dict[str, float] = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
"""Days in each unit of time; a year has 12 months."""


class Endpoint(Frozen):
    """One endpoint of one cohort: its arms and what is reported of them.

    `time_unit`, `enrolment`, `data_cutoff` and the arms' labels are the study's unless the
    endpoint states its own.
    """

    _origin: str = PrivateAttr("")
    _reference_taken: bool = PrivateAttr(False)

    # `time_unit` is in `model_fields_set` only if the endpoint or the study states it.

    cohort: Name = Field("all", description='Free label, such as "psm".')
    cohort_label: Text = Field(
        "", description='The cohort in full, for reports and figures, such as "matched cohort".'
    )
    name: Name = Field(description='Short name, such as "OS".')
    label: Text = Field("", description='Full name, such as "Overall survival".')
    figure: Text = Field("", description='The paper\'s figure, such as "Figure 5(a)".')
    swimmer: Text = Field(
        "", description='The paper\'s figure with one bar per patient, such as "Figure 3".'
    )
    source: Text = Field("", description="Where in the paper the numbers are.")
    note: Text = Field("", description="Remarks, such as what is unclear in the paper.")
    time_unit: TimeUnit = Field("months", description="Unit of all times; the study's by default.")
    enrolment: Enrolment | None = Field(
        None, description="First and last date of entry; the study's by default."
    )
    data_cutoff: PrintedDate | None = Field(
        None, description="Date at which follow-up ended; the study's by default."
    )
    reference: Name | None = Field(
        None, description="The arm in the denominator of the hazard ratio."
    )
    arms: ReadOnly[Mapping[Name, Arm]] = Field(min_length=1, description="The arms by short name.")
    compares: Literal["treatments", "groups"] = Field(
        "treatments",
        description='What the arms are: "treatments", or "groups" of patients, such as stages, of '
        "which no figure says that a hazard ratio favours them.",
    )
    reported: Reported | None = Field(None, description="The comparison as the paper reports it.")
    comparisons: tuple[ReportedPair, ...] = Field(
        (), alias="comparison",
        description="Several comparisons: of pairs of three or more arms, or of one pair twice.",
    )  # fmt: skip

    @field_validator("arms", mode="after")
    @classmethod
    def _with_level_ends(cls, arms: Mapping[str, Arm]) -> Mapping[str, Arm]:
        """Let curves whose last point is a drop go on for as long as their arms are followed."""
        curves = {name: arm.curve for name, arm in arms.items() if arm.curve is not None}
        if not curves:
            return arms
        from .curve_reading import with_level_ends  # numpy is slow to import

        rows = {name: arms[name].at_risk for name in curves}
        ended = with_level_ends(curves, rows, dict(_longest_follow_up(arms)))
        return ReadOnlyDict(
            {
                name: arm.model_copy(update={"curve": ended.get(name)}) if name in ended else arm
                for name, arm in arms.items()
            }
        )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if faults := list(self._faults()):
            raise FaultsError(faults)
        return self

    def _faults(self) -> Iterator[Fault]:
        names = " or ".join(f'"{name}"' for name in self.arms)
        if self.reference is not None and self.reference not in self.arms:
            yield ("reference",), f"{shown(self.reference)} names no arm; write {names}"
        yield from self._comparison_faults()
        yield from cause_faults(
            {name: arm.causes for name, arm in self.arms.items()},
            {} if self.reported is None else self.reported.causes,
            reference=self.reference,
        )
        yield from date_faults(self.enrolment, self.data_cutoff)
        yield from _unit_faults({name: arm.curve for name, arm in self.arms.items()})

    def _comparison_faults(self) -> Iterator[Fault]:
        names = " or ".join(f'"{name}"' for name in self.arms)
        if self.reported is not None:
            ratio = self.reported.compares
            if len(self.arms) == 1 and (ratio or self.reported.p):
                yield ("reported",), f"it compares arms, but {names} is the only one"
            elif ratio and len(self.arms) > 2:
                yield (
                    ("reported",),
                    f"a hazard ratio compares two arms, and there are {len(self.arms)}; write each "
                    'one as [[endpoint.comparison]] with treatment = "..." and reference = "..."',
                )
            elif ratio and self.reference is None:
                yield (
                    ("reference",),
                    "is missing, so the hazard ratio has no denominator; write "
                    f"reference = {names}",
                )
        for number, compared in enumerate(self.comparisons):
            for key in ("treatment", "reference"):
                if (name := getattr(compared, key)) not in self.arms:
                    yield (
                        ("comparison", number, key),
                        f"{shown(name)} names no arm; write {names}",
                    )

    def __repr__(self) -> str:
        """Return the endpoint's key and its arms, for a notebook's line."""
        arms = ", ".join(f"{name} n={'?' if a.n is None else a.n}" for name, a in self.arms.items())
        return f"Endpoint({self.key}: {arms})"

    def _repr_html_(self) -> str:
        """Return what is reported of the endpoint, as tables, for a notebook."""
        about = f"{self.label or self.name}, times in {self.time_unit}"
        labels = (f"{name}: {arm.label}" for name, arm in self.arms.items() if arm.label)
        return notebook.block(
            notebook.heading(self.key, about),
            *(table.to_html() for table in reported_tables([self])),
            notebook.listing("Arms in full", labels),
        )

    @property
    def key(self) -> str:
        """Name an endpoint as the command line does: `cohort/name`."""
        return f"{self.cohort}/{self.name}"

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes that the arms report, if there are competing risks."""
        return tuple(dict.fromkeys(name for arm in self.arms.values() for name in arm.causes))

    @property
    def treatment(self) -> str | None:
        """The arm that is compared with the reference; None unless there are two arms."""
        others = [name for name in self.arms if name != self.reference]
        return others[0] if len(self.arms) == 2 and len(others) == 1 else None

    @property
    def contrasts(self) -> tuple[Endpoint, ...]:
        """One endpoint of two arms for each of `comparisons`, under a cohort named after its pair.

        Examples
        --------
        >>> arms = {name: Arm(n=40) for name in ("A", "B", "C")}
        >>> pairs = [ReportedPair(treatment=name, reference="A", p="0.03") for name in ("B", "C")]
        >>> [each.key for each in Endpoint(name="OS", arms=arms, comparisons=pairs).contrasts]
        ['B vs A/OS', 'C vs A/OS']
        """
        found: dict[str, Endpoint] = {}
        for compared in self.comparisons:
            cohort = _pair_cohort(self.cohort, compared, found)
            found[cohort] = self._of_pair(compared, cohort)
        return tuple(found.values())

    def _of_pair(self, compared: ReportedPair, cohort: str) -> Endpoint:
        names = (compared.reference, compared.treatment)
        update = {
            "cohort": cohort,
            "arms": ReadOnlyDict({name: self.arms[name] for name in names}),
            "reference": compared.reference,
            "reported": compared.alone,
            "comparisons": (),
        }
        made = self.model_copy(update=update)
        made._origin = self.key
        return made

    @property
    def origin(self) -> str:
        """Key of the endpoint that this is one comparison of; "" if it is an endpoint itself."""
        return self._origin

    @property
    def whole_key(self) -> str:
        """Key of the endpoint that this is one comparison of, or its own."""
        return self._origin or self.key

    @property
    def reference_taken(self) -> bool:
        """Whether the reference is the first arm because none is stated, nor needed for a p."""
        return self._reference_taken

    @property
    def analysed(self) -> tuple[Endpoint, ...]:
        """What there is to analyse: the endpoint, and each of its `contrasts`.

        An endpoint of two arms whose only comparison is the one in `comparisons` is itself that
        contrast. One that reports a p and no hazard ratio needs no reference for it: without one
        the hazard ratio is of the second arm against the first, see `reference_taken`.
        """
        if len(self.arms) == 2 and self.reference is None and self.reported and self.reported.p:
            made = self.model_copy(update={"reference": next(iter(self.arms))})
            made._reference_taken = True
            return (made, *self.contrasts)
        if len(self.arms) == 2 and self.reported is None and self.comparisons:
            first, *others = self.comparisons
            rest = self.model_copy(update={"comparisons": tuple(others)})
            return (self._of_pair(first, self.cohort), *rest.contrasts)
        return (self, *self.contrasts)


def _pair_cohort(cohort: str, compared: ReportedPair, taken: Mapping[str, object]) -> str:
    """Name a pair's cohort: "B vs A", "psm, B vs A", "B vs A, stratified"; each name once."""
    before = "" if cohort == "all" else f"{cohort}, "
    names = [f"{before}{compared.pair}", f"{before}{compared.pair}, {compared.kind}"]
    names += [f"{before}{compared.pair[:40]}-{number}" for number in range(2, len(taken) + 3)]
    usable = [name[:LONGEST_NAME].strip(" .,") for name in names]
    return next(name for name in usable if name.casefold() not in map(str.casefold, taken))


def _longest_follow_up(arms: Mapping[str, Arm]) -> Iterator[tuple[str, float]]:
    """Yield the longest follow-up of every arm that reports one."""
    for name, arm in arms.items():
        if arm.follow_up is not None:
            longest = arm.follow_up.longest
            if longest is not None:
                yield name, longest.value


# Days and weeks are 7 apart, months and years 12. Arms of one trial are followed for similar times;
# only a curve that comes down to nothing may end much earlier.
_APART = 7.0
_DOWN = 0.1


def _unit_faults(
    curves: Mapping[str, DigitisedCurve | None],
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the place and the sentence of curves whose times are in different units."""
    given = {name: curve for name, curve in curves.items() if curve is not None}
    if len(given) < 2:
        return
    ends = sorted(given, key=lambda name: given[name].last_time)
    short, long = given[ends[0]], given[ends[-1]]
    if long.last_time >= _APART * short.last_time and short.survival[-1] > _DOWN:
        yield (
            ("arms", ends[0], "curve"),
            f"it ends at {short.last_time:g} with {100 * short.survival[-1]:.0f}% alive, and that "
            f"of {ends[-1]} at {long.last_time:g}; write the times of all arms in one unit",
        )


_COMPARISON_COLUMNS = left("Endpoint", "Compared", "Hazard ratio (95% CI)", "p", "Test")


def reported_tables(endpoints: Iterable[Endpoint]) -> tuple[Table, ...]:
    """Return what a paper reports of its endpoints.

    Returns
    -------
    tuple of Table
        Survival, with a row for each arm of each endpoint; then, if any endpoint reports one,
        the comparisons.
    """
    arms: list[tuple[str, ...]] = []
    comparisons: list[tuple[str, ...]] = []
    for endpoint in endpoints:
        arms += [(endpoint.key, name, *arm_cells(arm)) for name, arm in endpoint.arms.items()]
        if endpoint.reported is not None:
            comparisons.append(_comparison_row(endpoint, endpoint.reported))
        comparisons += [_comparison_row(endpoint, each) for each in endpoint.comparisons]
    tables = [Table.of(left("Endpoint", "Arm") + ARM_COLUMNS, arms, title="Survival, as reported")]
    if comparisons:
        tables.append(Table.of(_COMPARISON_COLUMNS, comparisons, title="Comparisons, as reported"))
    return tuple(tables)


def _comparison_row(endpoint: Endpoint, reported: Reported) -> tuple[str, ...]:
    if isinstance(reported, ReportedPair):
        compared = reported.pair
    elif endpoint.treatment:
        compared = f"{endpoint.treatment} vs {endpoint.reference}"
    else:
        compared = ", ".join(endpoint.arms)
    test = reported.test or ""
    words = {"one-sided": reported.one_sided, "stratified": reported.stratified}
    said = [word for word, holds in words.items() if holds and word not in test.lower()]
    said += ["adjusted"] * reported.adjusted
    said += [f"n {reported.n}"] if reported.n is not None else []
    return (
        endpoint.key,
        compared,
        interval_text(reported.hazard_ratio, reported.ci, level=reported.ci_level),
        str(reported.p or ""),
        ", ".join(filter(None, (test, *said))),
    )
