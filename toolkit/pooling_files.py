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
        _leave_one_out(pooled).to_csv(
            folder / "leave-one-out.csv", index=False, lineterminator="\n"
        )
        text = json.dumps(pooled_dict(pooled), ensure_ascii=False, allow_nan=False, indent=2)
        (folder / "pooled.json").write_text(text + "\n", encoding="utf-8")
        _write_patients(pooled, folder)
        (folder / "pool.R").write_text(pool_script(pooled), encoding="utf-8")
        _write_figures(pooled, folder / "figures", formats)

    return write_folder(out, write, force=force, inputs=inputs)


def _leave_one_out(pooled: MetaAnalysis) -> pd.DataFrame:
    import pandas as pd

    rows: list[Mapping[str, object]] = [
        {
            "source": each.source,
            "without": left.trial,
            "hazard_ratio": math.exp(left.estimate),
            "lower": math.exp(left.ci[0]),
            "upper": math.exp(left.ci[1]),
            "i2": left.i2,
        }
        for each in pooled.by_source.values()
        for left in each.leave_one_out
    ]
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
    for source, each in pooled.by_source.items():
        forest = PooledForestDisplay.from_meta_analysis(pooled, source=source).plot()
        funnel = FunnelDisplay.from_synthesis(each).plot()
        save_figure(forest.figure_, folder, name=f"forest-{source}", formats=tuple(formats))
        save_figure(funnel.figure_, folder, name=f"funnel-{source}", formats=tuple(formats))
