"""Tables that the command prints of a meta-analysis."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .models.pooling.differences import NO_PATIENTS
from .presentation.formats import interval, ratio_interval
from .presentation.tables import Paragraph, Part, Table, left, right

if TYPE_CHECKING:
    from .models.pooling import MetaAnalysis, OneStage, PooledEffect, Synthesis

__all__ = ["pooled_tables"]


def pooled_tables(pooled: MetaAnalysis) -> Iterator[Part]:
    """Yield the trials, their syntheses, groups and horizons, then what is left out and why."""
    named = left("Trial", "Source", "HR (95% CI)") + right("Weight") + left("Route")
    yield Table.of(named, _trial_rows(pooled), title="Trials")
    measures = (
        left("Source", "Measure")
        + right("Trials")
        + left("Common effect (95% CI)", "Random effects (95% CI)", "Prediction interval")
        + right("I²", "tau²", "Share")
    )
    yield Table.of(
        measures,
        [
            *(_synthesis_row(each) for each in pooled.syntheses),
            *(_one_stage_row(*each) for each in pooled.one_stage.items()),
            *(_one_stage_row(*each) for each in pooled.one_stage_random.items()),
        ],
        title=f"Pooled: {pooled.endpoint}, treatment against reference",
        caption="Share: of the common effect's variance that the reconstruction adds."
        if any(each.reconstruction_share for each in pooled.syntheses)
        else "",
    )
    if any(each.subgroups for each in pooled.syntheses):
        yield _groups(pooled)
    if pooled.joint:
        yield _horizons(pooled)
    for each in pooled.syntheses:
        for name, why in each.left_out.items():
            if not each.is_ratio and why == NO_PATIENTS:
                continue
            what = "" if each.is_ratio else f", {each.measure} at {each.at:g}"
            yield Paragraph(f"Not among the {each.source}{what}: {name}: {why}")
    for key, why in pooled.reasons.items():
        yield Paragraph(f"Not pooled: {key}: {why}")
    for note in pooled.notes:
        yield Paragraph(f"Note: {note}")


def _trial_rows(pooled: MetaAnalysis) -> Iterator[tuple[str, ...]]:
    for row in pooled.trial_frame().to_dict(orient="records"):
        marks = [word for word in ("approximate", "adjusted") if row[word]]
        yield (
            row["trial"],
            row["source"],
            ratio_interval(row["hazard_ratio"], (row["lower"], row["upper"])),
            f"{100 * row['weight_random']:.1f}%",
            ", ".join([row["route"], *marks]),
        )


def _measure(each: Synthesis) -> str:
    at = "" if math.isnan(each.at) else f" at {each.at:g}"
    return each.measure.removeprefix("log ") + at


def _text(each: Synthesis, pooled: PooledEffect) -> str:
    value, (low, high) = pooled.estimate, pooled.ci
    if each.is_ratio:
        return ratio_interval(math.exp(value), (math.exp(low), math.exp(high)))
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _predicted(each: Synthesis) -> str:
    low, high = each.random.prediction
    if math.isnan(low):
        return ""
    return interval(math.exp(low), math.exp(high)) if each.is_ratio else f"{low:.3f} to {high:.3f}"


def _synthesis_row(each: Synthesis) -> tuple[str, ...]:
    share = each.reconstruction_share
    return (
        each.source,
        _measure(each),
        str(len(each.trials)),
        _text(each, each.common),
        _text(each, each.random),
        _predicted(each),
        f"{100 * each.heterogeneity.i2:.0f}%",
        f"{each.heterogeneity.tau2:.3g}",
        f"{100 * share:.0f}%" if share else "",
    )


def _groups(pooled: MetaAnalysis) -> Table:
    """Return the estimates of groups of trials, and the test that they differ."""
    columns = left("Source", "Measure", "Group") + right("Trials")
    columns += left("Random effects (95% CI)") + right("I²") + left("Q between groups")
    return Table.of(
        columns,
        [row for each in pooled.syntheses for row in _group_rows(each)],
        title="Groups of trials",
    )


def _group_rows(each: Synthesis) -> Iterator[tuple[str, ...]]:
    found = each.subgroups
    if found is None:
        return
    for place, (group, members) in enumerate(found.members.items()):
        pooled = found.groups.get(group)
        yield (
            each.source,
            _measure(each),
            group,
            str(len(members)),
            "one trial is not pooled" if pooled is None else _text(each, pooled),
            "" if pooled is None else f"{100 * found.heterogeneity[group].i2:.0f}%",
            "" if place else found.between,
        )


def _horizons(pooled: MetaAnalysis) -> Table:
    """Return the differences of restricted means to several horizons, pooled together."""
    rows = []
    for source, joint in pooled.joint.items():
        for place, horizon in enumerate(joint.horizons):
            cells = [
                ""
                if each is None
                else f"{each.estimate[place]:.2f} ({each.lower[place]:.2f} to "
                f"{each.upper[place]:.2f})"
                for each in (joint.common, joint.random)
            ]
            rows.append((source, f"{horizon:g}", *cells))
    columns = left("Source") + right("Horizon")
    columns += left("Common effect (95% CI)", "Random effects (95% CI)")
    return Table.of(columns, rows, title="Restricted mean differences, horizons together")


def _one_stage_row(source: str, each: OneStage) -> tuple[str, ...]:
    share = each.reconstruction_share
    ratio = ratio_interval(each.hazard_ratio, each.ci)
    return (
        source,
        "hazard ratio, one-stage" + ", random effect" * each.random,
        "",
        "" if each.random else ratio,
        ratio if each.random else "",
        "", "",
        f"{each.tau2:.3g}" if each.random else "",
        f"{100 * share:.0f}%" if each.n_draws > 1 else "",
    )  # fmt: skip
