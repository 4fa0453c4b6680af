"""Everything that is written of a meta-analysis."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .output import write_folder
from .results import plain_value

if TYPE_CHECKING:
    import pandas as pd

    from .models.pooling import MetaAnalysis, Synthesis

__all__ = ["pooled_dict", "save_pooled"]

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
        for left in each.leave_one_out:
            rows.append(
                {
                    "source": each.source,
                    "measure": each.measure.removeprefix("log "),
                    "at": each.at,
                    "without": left.trial,
                    "estimate": scale(left.estimate),
                    "lower": scale(left.ci[0]),
                    "upper": scale(left.ci[1]),
                    "i2": left.i2,
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
