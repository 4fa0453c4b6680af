"""How much faster two worker processes reproduce a folder of studies than one.

Every round times both, one after the other, on the same studies; the workers are up before the
clock starts, and what they write is compared. Other work on the machine lengthens the times and
blurs the ratio: take many rounds and their median. The last line does not depend on it: processor
time of all the work, and of what the parent process keeps to itself, and the ratio that this
allows on two free processors.

    OMP_NUM_THREADS=1 python benchmarks/batch.py --studies 12 --rounds 5
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import kmrepro as km

PAPER = "an2025"


def main() -> None:
    """Print the seconds of every round and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = written_studies(Path(scratch) / "studies", wanted.studies)
        print(f"{wanted.studies} studies of two endpoints; seconds")
        print(f"{'round':>6s}{'1 worker':>10s}{'2 workers':>11s}{'ratio':>7s}  results")
        ratios = []
        for number in range(wanted.rounds):
            outs = {workers: Path(scratch) / f"{number}-{workers}" for workers in (1, 2)}
            one, two = (seconds(folder, out, workers) for workers, out in outs.items())
            ratios.append(one / two)
            same = "the same" if contents(outs[1]) == contents(outs[2]) else "NOT the same"
            print(f"{number + 1:6d}{one:10.2f}{two:11.2f}{ratios[-1]:7.2f}  {same}")
        print(f"{'median':>6s}{median(ratios):28.2f}")
        print(allowed(folder, Path(scratch)))


def written_studies(folder: Path, count: int) -> Path:
    """Write studies, each of two endpoints of a bundled paper."""
    folder.mkdir()
    paper = files("kmrepro.studies.papers").joinpath(f"{PAPER}.toml").read_text(encoding="utf-8")
    head, *endpoints = paper.split("[[table]]")[0].split("[[statement]]")[0].split("[[endpoint]]")
    for number in range(count):
        own = head.replace(f'id = "{PAPER}"', f'id = "study-{number}"', 1)
        two = [endpoints[(number + step) % len(endpoints)] for step in (0, 1)]
        text = "[[endpoint]]".join([own, *two])
        (folder / f"{number:03d}.toml").write_text(text, encoding="utf-8")
    return folder


def seconds(folder: Path, out: Path, workers: int) -> float:
    """Time one batch on workers that have started."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        list(executor.map(warm, range(2 * workers)))
        begin = time.perf_counter()
        km.batch(folder, out, executor=executor, formats=["svg"])
        return time.perf_counter() - begin


def allowed(folder: Path, scratch: Path) -> str:
    """Say what ratio the work that cannot be shared out allows."""
    began = time.process_time()
    km.batch(folder, scratch / "alone", formats=["svg"])
    whole = time.process_time() - began
    began = time.process_time()
    seconds(folder, scratch / "shared", 2)
    own = time.process_time() - began
    ratio = whole / (own + (whole - own) / 2)
    return f"processor time {whole:.2f} s, of it {own:.2f} s in the parent: at most {ratio:.2f}"


def warm(_: int) -> None:
    """Load what a study needs, and leave work for the other worker."""
    with tempfile.TemporaryDirectory() as scratch:
        study = km.load_study("haic-tae")
        km.reproduce(study).save(Path(scratch) / "out", formats=["svg"])
    time.sleep(0.5)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by name."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


if __name__ == "__main__":
    main()
