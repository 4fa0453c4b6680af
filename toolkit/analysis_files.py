"""Everything that is written of a meta-analysis, and written or printed of an extrapolation."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .handover import can_write_workbook, write_workbook
from .models import NotEstimable
from .output import write_folder
from .presentation.formats import count, with_unit
from .presentation.tables import Column, Paragraph, Part, Table, left, right
from .r_scripts import extrapolate_script
from .results import plain_value

if TYPE_CHECKING:
    import pandas as pd

    from .extrapolation import Extrapolation, Options
    from .models.pooling import MetaAnalysis, Synthesis

__all__ = ["extrapolation_tables", "pooled_dict", "save_extrapolation", "save_pooled"]

_STEMS = {"restricted mean difference": "rmst", "survival difference": "survival"}


def pooled_dict(pooled: MetaAnalysis) -> dict[str, Any]:
    """Return a meta-analysis as plain values; None is unknown or not finite."""
    from . import __version__

    plain: dict[str, Any] = plain_value(
        {
            "kmrepro_version": __version__,
            "endpoint": pooled.endpoint,
            "method": pooled.method,
            "syntheses": [_synthesis_dict(each) for each in pooled.syntheses],
            "one_stage": dict(pooled.one_stage),
            "one_stage_random": dict(pooled.one_stage_random),
            "joint": dict(pooled.joint),
            "trials": [
                {
                    "trial": trial.name,
                    "reference": trial.arms[0],
                    "treatment": trial.arms[1],
                    "group": trial.group,
                    "n": dict(trial.n),
                    "events": dict(trial.events),
                    "effects": dict(trial.effects),
                    "missing": dict(trial.missing),
                }
                for trial in pooled.trials
            ],
            "notes": pooled.notes,
            "not_estimable": dict(pooled.reasons),
        }
    )
    return plain


def _synthesis_dict(each: Synthesis) -> dict[str, Any]:
    return {
        "source": each.source,
        "measure": each.measure,
        "at": each.at,
        "trials": each.trials,
        "left_out": dict(each.left_out),
        "common": each.common,
        "random": each.random,
        "ratio": {
            name: {
                "estimate": math.exp(effect.estimate),
                "ci": tuple(map(math.exp, effect.ci)),
                "prediction": tuple(map(math.exp, effect.prediction)),
            }
            for name, effect in (("common", each.common), ("random", each.random))
        }
        if each.is_ratio
        else None,
        "heterogeneity": each.heterogeneity,
        "reconstruction_share": each.reconstruction_share,
        "leave_one_out": each.leave_one_out,
        "subgroups": each.subgroups,
        "egger": each.egger,
    }


def save_pooled(
    pooled: MetaAnalysis,
    out: Path,
    *,
    formats: Collection[str],
    force: bool = False,
    inputs: tuple[Path, ...] = (),
) -> tuple[Path, ...]:
    """Write tables, patients, draws, figures and the R script to a folder."""

    def write(folder: Path) -> None:
        from .r_scripts import pool_script

        for name, frame in (("pooled", pooled.to_frame()), ("trials", pooled.trial_frame())):
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        if pooled.differences:
            pooled.difference_frame().to_csv(
                folder / "differences.csv", index=False, lineterminator="\n"
            )
        if pooled.joint:
            _horizons(pooled).to_csv(folder / "horizons.csv", index=False, lineterminator="\n")
        _leave_one_out(pooled).to_csv(
            folder / "leave-one-out.csv", index=False, lineterminator="\n"
        )
        text = json.dumps(pooled_dict(pooled), ensure_ascii=False, allow_nan=False, indent=2)
        (folder / "pooled.json").write_text(text + "\n", encoding="utf-8")
        _write_patients(pooled, folder)
        (folder / "pool.R").write_text(pool_script(pooled), encoding="utf-8")
        _write_figures(pooled, folder / "figures", formats)

    return write_folder(out, write, force=force, inputs=inputs)


def _horizons(pooled: MetaAnalysis) -> pd.DataFrame:
    import pandas as pd

    return pd.concat([each.to_frame() for each in pooled.joint.values()], ignore_index=True)


def _leave_one_out(pooled: MetaAnalysis) -> pd.DataFrame:
    """Return a row per synthesis and trial; hazard ratios as ratios."""
    import pandas as pd

    rows: list[Mapping[str, object]] = []
    for each in pooled.syntheses:
        scale = math.exp if each.is_ratio else float
        for without in each.leave_one_out:
            rows.append(
                {
                    "source": each.source,
                    "measure": each.measure.removeprefix("log "),
                    "at": each.at,
                    "without": without.trial,
                    "estimate": scale(without.estimate),
                    "lower": scale(without.ci[0]),
                    "upper": scale(without.ci[1]),
                    "i2": without.i2,
                }
            )
    return pd.DataFrame(rows)


def _write_patients(pooled: MetaAnalysis, folder: Path) -> None:
    """Write the patients of all trials below each other, and the draws where there are any."""
    import pandas as pd

    from .handover import draws_frame, patients_frame, write_frame

    own = {t.name: patients_frame(t.ipd) for t in pooled.trials if t.ipd is not None}
    if own:
        write_frame(pd.concat(own, names=["trial"]).reset_index("trial"), folder, name="ipd")
    drawn = {}
    for trial in pooled.trials:
        if trial.draws is not None:
            frame = draws_frame(trial.draws, n_draws=trial.draws.n_draws)
            frame["treatment"] = (frame["arm"] == trial.arms[1]).astype("int8")
            drawn[trial.name] = frame
    if drawn:
        frame = pd.concat(drawn, names=["trial"]).reset_index("trial")
        write_frame(frame, folder, name="draws")


def _write_figures(pooled: MetaAnalysis, folder: Path, formats: Collection[str]) -> None:
    from .figures.files import save_figure
    from .figures.pooling import FunnelDisplay, PooledForestDisplay

    folder.mkdir()
    for each in pooled.syntheses:
        name = each.source if each.is_ratio else f"{_STEMS[each.measure]}-{each.at:g}-{each.source}"
        forest = PooledForestDisplay.from_synthesis(pooled, each).plot()
        funnel = FunnelDisplay.from_synthesis(each).plot()
        save_figure(forest.figure_, folder, name=f"forest-{name}", formats=tuple(formats))
        if each.is_ratio:
            save_figure(funnel.figure_, folder, name=f"funnel-{name}", formats=tuple(formats))


def save_extrapolation(
    results: Sequence[Extrapolation],
    out: Path,
    *,
    options: Options,
    refused: Mapping[str, str],
    formats: Collection[str],
    force: bool = False,
    inputs: tuple[Path, ...] = (),
) -> tuple[Path, ...]:
    """Write tables, workbook, patients, draws, figures and the R script to a folder."""
    from .extrapolation import extrapolation_dict, models_frame, parameters_frame, survival_frame

    def write(folder: Path) -> None:
        tables = {
            "models": models_frame(results),
            "parameters": parameters_frame(results),
            "survival": survival_frame(results, cycle=options.cycle),
        }
        for name, frame in tables.items():
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        values = extrapolation_dict(results, options, refused)
        text = json.dumps(values, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
        (folder / "extrapolation.json").write_text(text, encoding="utf-8")
        if can_write_workbook():
            said = [*_explained(results, options), *values["cautions"]]
            write_workbook(folder / "extrapolation.xlsx", tables, notes=said)
        _write_fitted_patients(results, folder)
        _write_fits(results, folder / "figures", formats)

    return write_folder(out, write, force=force, inputs=inputs)


def _explained(results: Sequence[Extrapolation], options: Options) -> list[str]:
    """Return what a reader of the workbook has to know, a sentence each."""
    from . import __version__

    of_each = [
        f"{each.key}: times in {each.ipd.time_unit}, horizon {each.models.horizon:g}, end of "
        f"follow-up {float(each.ipd.time.max()):g}, "
        + (
            f"combined over {count(each.models.n_draws, 'draw')} (seed {options.seed}) by "
            "Rubin's rules."
            if each.models.n_draws > 1
            else "fitted to one data set."
        )
        for each in results
    ]
    return [
        f"Written by kmrepro {__version__}. Parameters are those of R's flexsurv, in its order.",
        *of_each,
        "cov_1, ... are the covariances of estimates on the link (estimate_on_link) with the "
        "first, second, ... parameter of the same model; chol_1, ... are the columns of their "
        "Cholesky factor.",
        "To sample: estimates on the link + Cholesky factor x independent standard normal "
        "deviates; then exp() where the link is log, 1 / (1 + exp(-x)) where it is logit.",
        "average-aic in the sheet survival is the mean of all models of an arm, weighted by AIC.",
    ]


def _write_fitted_patients(results: Sequence[Extrapolation], folder: Path) -> None:
    from .figures.files import file_stems
    from .handover import draws_frame, patients_frame, write_frame

    stems = file_stems(each.key for each in results)
    (folder / "ipd").mkdir()
    files = {}
    for each, stem in zip(results, stems, strict=True):
        write_frame(patients_frame(each.ipd), folder / "ipd", name=stem)
        files[each.key] = (f"ipd/{stem}.csv", each.single)
        if each.draws is not None:
            (folder / "draws").mkdir(exist_ok=True)
            frame = draws_frame(each.draws, n_draws=each.models.n_draws)
            write_frame(frame, folder / "draws", name=stem)
    (folder / "extrapolate.R").write_text(extrapolate_script(files), encoding="utf-8")


def _write_fits(results: Sequence[Extrapolation], folder: Path, formats: Collection[str]) -> None:
    from .figures.extrapolation import ExtrapolationDisplay
    from .figures.files import file_stems, save_figure

    folder.mkdir()
    stems = file_stems(each.key for each in results)
    for each, stem in zip(results, stems, strict=True):
        try:
            display = ExtrapolationDisplay.from_models(
                each.models,
                labels=each.arm_labels,
                title=f"{each.label}, cohort: {each.ipd.cohort}",
            ).plot()
        except NotEstimable:  # arms with no distribution in common; the tables have their fits
            continue
        save_figure(display.figure_, folder, name=stem, formats=tuple(formats))


def extrapolation_tables(
    results: tuple[Extrapolation, ...], refused: dict[str, str]
) -> Iterator[Part]:
    """Yield a table for each endpoint, what was not fitted, and cautions.

    Parameters
    ----------
    results : tuple of Extrapolation
    refused : dict of str to str
        Why other endpoints were not extrapolated, by their keys.
    """
    from .extrapolation import cautions

    for each in results:
        models = each.models
        draws = f", {count(models.n_draws, 'draw')}" if models.n_draws > 1 else ""
        title = f"{each.key}: to {with_unit(models.horizon, each.ipd.time_unit)}{draws}"
        caption = (
            "Restricted mean to the horizon. Share: of its variance that the reconstruction adds."
            if draws
            else "Restricted mean to the horizon."
        )
        yield Table.of(
            _model_columns(), _model_rows(each), title=title, caption=caption
        ).without_empty_columns()
        for (arms, name), why in models.failures.items():
            yield Paragraph(f"Not fitted: {name}, {' and '.join(arms)}: {why}")
    for text in cautions(results):
        yield Paragraph(f"Caution: {text}")
    for key, why in refused.items():
        yield Paragraph(f"Not extrapolated: {key}: {why}")


def _model_columns() -> tuple[Column, ...]:
    numbers = ("AIC", "Weight", "Restricted mean")
    return left("Arm", "Model") + right(*numbers) + left("95% CI") + right("Median", "Share")


def _model_rows(each: Extrapolation) -> Iterator[tuple[str, ...]]:
    frame = each.models.to_frame().sort_values(["treatment_effect", "arm", "aic"], kind="stable")
    for row in frame.to_dict(orient="records"):
        share = row["restricted_mean_reconstruction_share"]
        yield (
            row["arm"],
            f"{row['model']}, with effect" if row["treatment_effect"] else row["model"],
            f"{row['aic']:.1f}",
            f"{100 * row['aic_weight']:.0f}%",
            f"{row['restricted_mean']:.1f}",
            f"{row['restricted_mean_lower']:.1f} to {row['restricted_mean_upper']:.1f}",
            f"{row['median']:.1f}",
            f"{100 * share:.0f}%" if each.models.n_draws > 1 else "",
        )
