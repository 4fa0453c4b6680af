"""What the documents promise is what is there."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import kmrepro as km
from kmrepro.cli import main
from kmrepro.reproduction import Reproduction

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROMISED = (
    "pip install . && kmrepro reproduce an2025 --out results",
    "pip install '.[test]' && pytest -n auto",
)


def blocks(language: str) -> list[str]:
    """Return the README's blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_first_two_commands_are_the_promised_ones() -> None:
    """Each stands alone in a block, to be copied as it is."""
    assert [block.strip() for block in blocks("sh")[:2]] == list(PROMISED)


def test_ci_runs_the_commands_of_the_readme() -> None:
    """The two cannot drift apart."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r'^readme "(.*)"$', script, flags=re.MULTILINE) == list(PROMISED)


def test_the_first_screen_shows_a_figure_that_is_there() -> None:
    """The figure stands before the commands, and is in the repository."""
    image = re.search(r"!\[.+\]\((docs/images/\S+\.png)\)", README)
    assert image is not None
    assert image.start() < README.index("```sh")
    assert (ROOT / image[1]).stat().st_size < 500_000


DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """No document links to a file that is not there."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith(("http://", "https://")):
            assert (path.parent / target).exists(), target


def test_commands_and_studies_of_the_readme_exist() -> None:
    """Every `kmrepro ...` in the README is a command, and every bundled study is listed."""
    named = set(re.findall(r"kmrepro ([a-z]+)", README)) & set(
        re.findall(r"^(?:.*&& |uv run )?kmrepro ([a-z]+)", "\n".join(blocks("sh")), re.MULTILINE)
    )
    assert named <= set(main.commands)
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", README, flags=re.MULTILINE)
    assert sorted(listed) == sorted(km.bundled_ids())


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the README types works, with fewer draws and endpoints; the writing is left out."""
    saved: list[str] = []
    monkeypatch.setattr(Reproduction, "save", lambda self, folder: saved.append(folder))
    (example,) = blocks("python")
    few = example.replace("n_draws=2000", "n_draws=20")
    few = few.replace("km.reproduce(study)", "km.reproduce(study, endpoints=some, n_draws=20)")
    assert few.count("n_draws=20)") == 2
    some = [km.load_study("an2025").endpoint("psm", name) for name in ("OS",)]
    exec(compile(few, "README.md", "exec"), {"some": some})
    assert saved == ["results"]


def test_every_subpackage_is_packaged() -> None:
    """A folder of a room that holds code, but is not in `packages`, would miss from the wheel."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "setuptools"
    ]
    folders = {folder: name for name, folder in setup["package-dir"].items()}
    found = set()
    for room, package in folders.items():
        for path in (ROOT / room).rglob("*.py"):
            inner = path.parent.relative_to(ROOT / room).parts
            found.add(".".join((package, *inner)))
    assert {name for name in found if "__pycache__" not in name} == set(setup["packages"])


def test_the_version_is_the_same_everywhere() -> None:
    """The package, the citation and the newest released entry of the changelog agree."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, flags=re.MULTILINE) == [km.__version__]
    entries = re.findall(r"^## (\S+)", changelog, flags=re.MULTILINE)
    assert next(entry for entry in entries if entry != "Unreleased") == km.__version__


def test_the_ci_script_is_sound_bash() -> None:
    """It parses, stops at the first failure and can be executed."""
    script = ROOT / ".ci" / "run"
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")
