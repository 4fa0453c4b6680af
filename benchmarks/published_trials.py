"""How near reproduced hazard ratios come to those of published trials and matched cohorts.

    python benchmarks/published_trials.py
    python benchmarks/published_trials.py --only launch --only noble --json published.json

The study files in `published_trials/` hold what abstracts and tables of published papers report;
the list was fixed before any was reproduced. Nobody knows the data behind them, so that a
difference may be the paper's: hazard ratios that are stratified or adjusted, also where an abstract
does not say so, other populations, interim looks. The distance is that of the logs of both hazard
ratios, in standard errors of the reported one; so is the width of the reproduction interval, which
says how little a verdict of "reproduced" may mean.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import kmrepro as km
from kmrepro.defaults import DRAWS, SEED
from kmrepro.models import EndpointAnalysis
from kmrepro.studies import Endpoint

FOLDER = Path(__file__).resolve().with_suffix("")
ADJUSTED = ("the reported analysis is adjusted, the reproduced one cannot be",)


@dataclass(frozen=True)
class Outcome:
    """What became of one published comparison.

    Attributes
    ----------
    study, endpoint : str
        Of the study file.
    reports : str
        What it reports of survival beside the hazard ratio.
    events : bool
        Whether the events of each arm are reported, too.
    analysis : str
        "adjusted", "stratified" or "not marked".
    verdict : str
        As `kmrepro reproduce` gives it, or "refused".
    reported : str
        The hazard ratio with its interval.
    reproduced : float or None
        The hazard ratio.
    interval : tuple of float, or None
        The 95% reproduction interval.
    distance : float or None
        Of the logs of both hazard ratios, in standard errors of the reported one; None where its
        standard error is not known.
    width : float or None
        Of the reproduction interval, in the same.
    toward_one : bool or None
        Whether the reproduced hazard ratio is nearer to 1.
    said : tuple of str
        Why it was refused or not assessed; what explains a discrepancy.
    """

    study: str
    endpoint: str
    reports: str
    events: bool
    analysis: str
    verdict: str
    reported: str = ""
    reproduced: float | None = None
    interval: tuple[float, float] | None = None
    distance: float | None = None
    width: float | None = None
    toward_one: bool | None = None
    said: tuple[str, ...] = ()


def reports(endpoint: Endpoint) -> str:
    """Say what an endpoint reports of survival, by the arm that reports less of it."""
    fewest = min(len(arm.landmarks) for arm in endpoint.arms.values())
    medians = any(arm.median is not None for arm in endpoint.arms.values())
    if not fewest:
        return "medians alone"
    times = "one landmark" if fewest == 1 else "several landmarks"
    return f"{times}, medians" if medians else times


def described(study: km.Study, endpoint: Endpoint) -> dict[str, object]:
    """Return what is known of a comparison before it is reproduced."""
    reported = endpoint.reported
    adjusted = reported is not None and reported.adjusted
    stratified = reported is not None and reported.stratified
    return {
        "study": study.id,
        "endpoint": endpoint.key,
        "reports": reports(endpoint),
        "events": all(arm.events is not None for arm in endpoint.arms.values()),
        "analysis": "adjusted" if adjusted else "stratified" if stratified else "not marked",
    }


def compared(study: km.Study, analysis: EndpointAnalysis) -> Outcome:
    """Return the outcome of a comparison that was reproduced."""
    comparison = analysis.comparison
    ratio = comparison.cox.hazard_ratio if comparison.cox is not None else None
    reported = comparison.reported.hazard_ratio
    toward_one = None
    if ratio is not None and reported is not None:
        toward_one = bool(abs(np.log(ratio)) < abs(np.log(reported)))
    return Outcome(
        **described(study, analysis.endpoint),
        verdict=comparison.verdict,
        reported=comparison.reported.hazard_ratio_text,
        reproduced=ratio,
        interval=comparison.reproduction_interval,
        distance=comparison.in_reported_se,
        width=width_of(comparison.reproduction_interval, comparison.reported.se),
        toward_one=toward_one,
        said=ADJUSTED[: comparison.reported.adjusted] + comparison.explanations + analysis.missed,
    )


def width_of(interval: tuple[float, float] | None, se: float | None) -> float | None:
    """Return the width of an interval on the log scale, in standard errors, if it is finite."""
    if interval is None or se is None or not interval[0] > 0:
        return None
    return float(np.log(interval[1] / interval[0]) / se)


def outcomes(file: Path, *, draws: int, seed: int) -> list[Outcome]:
    """Reproduce one study file."""
    result = km.reproduce(file, n_draws=draws, seed=seed)
    refused = [
        Outcome(**described(result.study, each.endpoint), verdict="refused", said=(each.reason,))
        for each in result.refused
    ]
    return [compared(result.study, each) for each in result.comparisons] + refused


def line(outcome: Outcome) -> str:
    """Return the row of one comparison."""
    ratio = "" if outcome.reproduced is None else f"{outcome.reproduced:.3f}"
    interval = ""
    if outcome.interval is not None:
        interval = "{:.2f} to {:.2f}".format(*outcome.interval)
    distance = "" if outcome.distance is None else f"{outcome.distance:.2f}"
    name = f"{outcome.study} {outcome.endpoint}"
    return (
        f"{name:42} {outcome.reported:27} {ratio:>6} {interval:>14} {distance:>6}  "
        f"{outcome.verdict}"
    )


def summary(name: str, of: Sequence[Outcome]) -> str:
    """Return the row of a group of comparisons."""
    distances = [each.distance for each in of if each.distance is not None]
    widths = [each.width for each in of if each.width is not None]
    shown = " " * 32
    if distances and widths:
        figures = [*np.quantile(distances, [0.5, 0.95, 1.0]), np.median(widths)]
        shown = "".join(f"{each:8.2f}" for each in figures)
    counted = Counter(each.verdict for each in of)
    verdicts = ", ".join(f"{number} {verdict}" for verdict, number in counted.most_common())
    return f"{name:30} {len(of):4} {len(distances):4} {shown}  {verdicts}"


def groups(of: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    """Yield the groups that are summarised, with their names."""
    yield "all", list(of)
    by: tuple[Callable[[Outcome], str], ...] = (
        lambda each: each.reports,
        lambda each: "with events by arm" if each.events else "without events by arm",
        lambda each: each.analysis,
    )
    for name_of in by:
        for name in sorted({name_of(each) for each in of}):
            yield name, [each for each in of if name_of(each) == name]


def show(of: Sequence[Outcome]) -> None:
    """Print the groups, what was refused or is outside, and the side that differences are on."""
    heads = "".join(f"{head:>8}" for head in ("median", "95th", "worst", "width"))
    print(f"\n{'':30} {'all':>4} {'SE':>4} {heads}  verdicts")
    for name, group in groups(of):
        print(summary(name, group))
    sided = [each.toward_one for each in of if each.toward_one is not None]
    print(f"\nreproduced nearer to 1 than reported: {sum(sided)} of {len(sided)}")
    for each in of:
        if each.verdict not in ("reproduced", "compatible", "close"):
            said = "; ".join(each.said) or "nothing was found to explain it"
            print(f"{each.study} {each.endpoint}, {each.verdict}: {said}")


def chosen(only: Iterable[str]) -> list[Path]:
    """Return the study files that are wanted, by name."""
    files = sorted(FOLDER.glob("*.toml"))
    if unknown := set(only) - {file.stem for file in files}:
        raise SystemExit(f"there is no study {sorted(unknown)[0]!r} in {FOLDER}")
    return [file for file in files if not only or file.stem in only]


def main(arguments: Sequence[str] | None = None) -> None:
    """Reproduce the published comparisons and print how near they come."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", action="append", default=[], help="a study, by its id; again for more"
    )
    parser.add_argument("--draws", type=int, default=DRAWS, help="data sets of each comparison")
    parser.add_argument("--seed", type=int, default=SEED, help="of their random numbers")
    parser.add_argument("--json", type=Path, help="also write the outcomes to this file")
    given = parser.parse_args(arguments)
    print(f"{'':42} {'reported':27} {'repr.':>6} {'95% interval':>14} {'SE off':>6}  verdict")
    found: list[Outcome] = []
    for file in chosen(given.only):
        made = outcomes(file, draws=given.draws, seed=given.seed)
        print("\n".join(line(each) for each in made), flush=True)
        found += made
    show(found)
    if given.json is not None:
        text = json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False)
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
