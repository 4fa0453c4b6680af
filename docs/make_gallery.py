"""Make docs/gallery.md and every image of docs/images/ from one list.

    python docs/make_gallery.py            draws the images and writes the page
    python docs/make_gallery.py --check    says whether page and images are those of the list

Images are not compared by their pixels, which depend on the version of the drawing library.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOCS = Path(__file__).resolve().parent
PAGE, IMAGES = DOCS / "gallery.md", DOCS / "images"
MOST_BYTES = 3_000_000  # of all images together
DOTS = 1300  # pixels across a figure of 178 mm; a narrower one has fewer
COLOURS = 128
KEPT = {"README.md", "overlays"}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One image of the page.

    Attributes
    ----------
    name : str
        Of its file, without suffix.
    finding : str
        What is to be seen in it, for those who cannot see it.
    shows : str
        A sentence about the kind of figure.
    made_by : str
        The command that writes it, or else the lines of Python after `SETUP` whose last value
        has it as `figure_` or is it.
    file : str
        What the command calls its file, without suffix; empty for lines of Python.
    """

    name: str
    finding: str
    shows: str
    made_by: str
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Pictures under one heading."""

    title: str
    pictures: tuple[Picture, ...]


SETUP = """
import kmrepro as km
from kmrepro.figures import CurveOptions, KaplanMeierDisplay, ProportionalityDisplay
from kmrepro.figures import ReconstructionCheckDisplay, RmstAreaDisplay

study = km.load_study("an2025")
os, epfs = (study.endpoint("psm", name) for name in ("OS", "EPFS"))
digitised = km.curve_endpoint(
    km.read_curves("notebooks/02-digitised-curve/curves.csv"),
    n={"No hormones": 440, "Hormones": 246},
    at_risk=km.read_at_risk("notebooks/02-digitised-curve/at-risk.csv"),
)
analysis, crossing, followed = (
    km.analyse(each, km.reconstruct(each)) for each in (os, epfs, digitised)
)
""".strip()
FIGURES = "kmrepro figures {} --out figures"
SECTIONS = (
    Section(
        title="Reported against reproduced",
        pictures=(
            Picture(
                name="an2025-agreement",
                finding="Hazard ratios of eight comparisons, reported and reproduced: six are "
                "reproduced, and extrahepatic progression-free survival is discrepant in both "
                "cohorts.",
                shows="Every comparison of a study, with its verdict. Blue bands: the middle 95% "
                "of the hazard ratios of data sets consistent with every reported number; grey: "
                "the range that no such data set leaves, looked for where the reported hazard "
                "ratio lies beyond all draws.",
                made_by=FIGURES.format("an2025"),
                file="agreement",
            ),
        ),
    ),
    Section(
        title="Survival curves",
        pictures=(
            Picture(
                name="an2025-figure-5",
                finding="Kaplan\u2013Meier curves of resection and ablation for four endpoints, "
                "running through all reported percentages; the arms differ little.",
                shows="The endpoints of one figure, named as in the paper: reported "
                "percentages over the curves, numbers at risk below.",
                made_by=FIGURES.format("an2025"),
                file="figure-5",
            ),
            Picture(
                name="an2025-psm-os",
                finding="Overall survival after resection and ablation, one column wide: the "
                "curves run together for three years, and resection is ahead after them.",
                shows="Two arms in one column of a journal (85 mm).",
                made_by='KaplanMeierDisplay.from_analysis(analysis).plot(width="column")',
            ),
            Picture(
                name="an2025-psm-os-grey",
                finding="The same two curves in black and grey, told apart by their dashes.",
                shows="Without colour, with the time in years.",
                made_by="KaplanMeierDisplay.from_analysis(analysis).plot(\n"
                '    width="column", style="grey", options=CurveOptions(time_in="years")\n)',
            ),
            Picture(
                name="an2025-psm-epfs-incidence",
                finding="Extrahepatic progression as cumulative incidence: ablation stays below "
                "resection for years, and the curves cross late.",
                shows="Incidence instead of survival, with events and censored patients below "
                "the numbers at risk.",
                made_by="KaplanMeierDisplay.from_analysis(crossing).plot(options=CurveOptions(\n"
                '    orientation="incidence", counts=("events", "censored")\n))',
            ),
            Picture(
                name="an2025-psm-epfs-inset",
                finding="Extrahepatic progression-free survival stays above 60% in both arms; an "
                "enlarged copy in the empty part of the plot shows that the curves cross.",
                shows="An inset for curves that live near 100%, arms named at the ends of their "
                "curves.",
                made_by="KaplanMeierDisplay.from_analysis(crossing).plot(\n"
                "    options=CurveOptions(inset=True, labels=True, bands=False)\n)",
            ),
            Picture(
                name="zhang2023-figure-4",
                finding="Disease-free survival of 23 resected patients: three recurrences in the "
                "first 4.2 months, none later.",
                shows="One arm, where the paper reports the times of the recurrences.",
                made_by=FIGURES.format("zhang2023"),
                file="figure-4",
            ),
        ),
    ),
    Section(
        title="How sure",
        pictures=(
            Picture(
                name="an2025-figure-5-how-sure",
                finding="Bands of 2,000 data sets for four endpoints, and the distributions of "
                "their hazard ratios: the reported one lies outside for extrahepatic "
                "progression-free survival, and inside for the others.",
                shows="The bands hold all, 95% and half of the data sets consistent with every "
                "reported number; the diamonds are the reported hazard ratios.",
                made_by=FIGURES.format("an2025"),
                file="figure-5_how-sure",
            ),
        ),
    ),
    Section(
        title="What the comparison rests on",
        pictures=(
            Picture(
                name="an2025-psm-epfs-proportionality",
                finding="Log-log curves of extrahepatic progression that cross, and a hazard "
                "ratio that rises from below 0.2 to above 1: hazards are not proportional, "
                "p = 0.007.",
                shows="Log-log survival, and the hazard ratio over time from scaled Schoenfeld "
                "residuals. `kmrepro figures` writes `figure-5_proportionality` of all four "
                "endpoints.",
                made_by="ProportionalityDisplay.from_analysis(crossing).plot()",
            ),
            Picture(
                name="an2025-psm-os-rmst",
                finding="Restricted means up to 120 months: 99.4 months after resection and 92.5 "
                "after ablation, a difference whose interval holds zero.",
                shows="The time lived on average up to a horizon, as the area under each curve. "
                "`kmrepro figures` writes `figure-5_rmst` of all four endpoints.",
                made_by="RmstAreaDisplay.from_analysis(analysis).plot()",
            ),
        ),
    ),
    Section(
        title="Patients",
        pictures=(
            Picture(
                name="zhang2023-figure-1",
                finding="Of 1904 patients with liver cancer 1672 were treated and 1344 of these "
                "could not be resected up front; 26 became resectable, and 23 of them "
                "were resected.",
                shows="The flow of patients, from the boxes and exclusions that a paper reports.",
                made_by=FIGURES.format("zhang2023"),
                file="figure-1",
            ),
            Picture(
                name="zhang2023-figure-3",
                finding="Bars of 26 patients whose disease became resectable, followed for 3.9 to "
                "40.6 months: nobody died.",
                shows="Swimmer plot: one bar for each reconstructed patient.",
                made_by=FIGURES.format("zhang2023"),
                file="figure-3",
            ),
        ),
    ),
    Section(
        title="Digitised curves",
        pictures=(
            Picture(
                name="digitised-curve-check",
                finding="Curves of two arms through the points that were clicked on a figure: all "
                "but one of 164 points are within 0.2 percentage points, and every number at "
                "risk is matched.",
                shows="How well patients that were placed along digitised curves follow them: the "
                "curves, and what lies between them at every point that was clicked.",
                made_by="ReconstructionCheckDisplay.from_analysis(followed).plot()",
            ),
        ),
    ),
    Section(
        title="Tables of the paper",
        pictures=(
            Picture(
                name="an2025-table-3-psm",
                finding="Hazard ratios of thirteen variables, univariable and multivariable, with "
                "their intervals and p-values; only the intervals of targeted immunotherapy and "
                "AFP leave out 1.",
                shows="A reported table of hazard ratios, drawn as a forest plot.",
                made_by=FIGURES.format("an2025"),
                file="table-3-psm",
            ),
            Picture(
                name="zhang2023-response",
                finding="Tumour responses of 26 patients: by RECIST 11 partial responses and 15 "
                "stable, by mRECIST 5 complete, 15 partial and 6 stable; nobody progressed.",
                shows="Bars where a table counts every kind of response.",
                made_by=FIGURES.format("zhang2023"),
                file="table-3_response",
            ),
        ),
    ),
)


def pictures() -> Iterator[Picture]:
    """Yield every picture, from the top of the page."""
    for section in SECTIONS:
        yield from section.pictures


def page() -> str:
    """Return the page in Markdown."""
    parts = [
        "# Gallery",
        "<!-- made by docs/make_gallery.py: change its list, not this page -->",
        "Figures of bundled papers. A command writes each of them in SVG, PDF and PNG; lines of "
        "Python start, in the project's own folder, from",
        f"```python\n{SETUP}\n```",
    ]
    for section in SECTIONS:
        parts.append(f"## {section.title}")
        for picture in section.pictures:
            parts += [f"![{picture.finding}](images/{picture.name}.png)", picture.shows]
            parts.append(_made_by(picture))
    return "\n\n".join(parts) + "\n"


def _made_by(picture: Picture) -> str:
    if picture.file:
        return f"```sh\n{picture.made_by}   # {picture.file}.svg\n```"
    return f"```python\n{picture.made_by}\n```"


def images_page() -> str:
    """Return what the folder of images says of itself."""
    return (
        "# Images\n\nDrawn by kmrepro from the bundled study files of An et al. (2025) and Zhang "
        "et al. (2023), from the root of the repository:\n\n```sh\n"
        "python docs/make_gallery.py\n```\n"
    )


def draw_all(folder: Path) -> None:
    """Draw every picture into a folder."""
    names = run_setup()
    for picture in pictures():
        figure = _by_command(picture) if picture.file else _by_lines(picture, names)
        (folder / f"{picture.name}.png").write_bytes(small_png(figure))


def run_setup() -> dict[str, object]:
    """Run the lines that all pictures start from, and return what they name."""
    names: dict[str, object] = {}
    with contextlib.chdir(DOCS.parent):
        exec(compile(SETUP, "setup", "exec"), names)
    return names


def _by_lines(picture: Picture, names: dict[str, object]) -> Figure:
    shown = eval(compile(picture.made_by, picture.name, "eval"), names)
    figure: Figure = getattr(shown, "figure_", shown)
    return figure


def _by_command(picture: Picture) -> Figure:
    study = picture.made_by.split()[2]
    return drawings(study)[picture.file]()


@cache
def drawings(study: str) -> dict[str, Callable[[], Figure]]:
    """Return what `kmrepro figures` draws of a bundled study, by the names of its files."""
    import kmrepro as km
    from kmrepro.figures import drawings_of

    found = km.reproduce(km.load_study(study))
    return {
        each.name: each.draw
        for each in drawings_of(found.analyses, found.study.tables, flows=found.study.flows)
    }


def small_png(figure: Figure) -> bytes:
    """Return a figure as a PNG of few colours, which is a third as large.

    They are those that differ most, each then moved to the middle of what it stands for: by cutting
    at medians thin lines would take the colours of wide bands.
    """
    from PIL import Image

    from kmrepro.figures import figure_bytes

    image = Image.open(io.BytesIO(figure_bytes(figure, file_format="png"))).convert("RGB")
    across = round(DOTS * min(1.0, figure.get_size_inches()[0] * 25.4 / 178))
    size = (across, round(across * image.height / image.width))
    few = image.resize(size, Image.Resampling.LANCZOS).quantize(
        COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE
    )
    buffer = io.BytesIO()
    few.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def faults() -> Iterator[str]:
    """Yield what differs from the list, a sentence for each."""
    for path, text in ((PAGE, page()), (IMAGES / "README.md", images_page())):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(DOCS.parent)} is not what the list says"
    listed = {f"{picture.name}.png" for picture in pictures()}
    there = {path.name for path in IMAGES.iterdir()} - KEPT
    yield from (f"docs/images/{name} is missing" for name in sorted(listed - there))
    yield from (f"docs/images/{name} is of no picture" for name in sorted(there - listed))
    size = sum(path.stat().st_size for path in IMAGES.iterdir())
    if size > MOST_BYTES:
        yield f"docs/images has {size:,} bytes, more than {MOST_BYTES:,}"


def make() -> None:
    """Write the page and the images."""
    with tempfile.TemporaryDirectory() as folder:
        draw_all(Path(folder))
        for path in IMAGES.iterdir():
            if path.name not in KEPT:
                path.unlink()
        for path in Path(folder).iterdir():
            (IMAGES / path.name).write_bytes(path.read_bytes())
    PAGE.write_text(page(), encoding="utf-8")
    (IMAGES / "README.md").write_text(images_page(), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Make page and images, or check them."""
    if arguments not in ([], ["--check"]):
        raise SystemExit("usage: python docs/make_gallery.py [--check]")
    if not arguments:
        make()
    if found := list(faults()):
        raise SystemExit("\n".join([*found, "run python docs/make_gallery.py"]))
    print(f"{len(list(pictures()))} pictures, as listed")


if __name__ == "__main__":
    main(sys.argv[1:])
