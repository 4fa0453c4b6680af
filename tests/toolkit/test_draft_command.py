"""`kmrepro draft` writes a study file from a text, a PDF or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import kmrepro as km
from kmrepro.cli import main
from kmrepro.studies import load_study

TEXT = (
    "Median overall survival was 19.7 months with drug (n = 203) and 15.9 months with placebo "
    "(n = 198; hazard ratio 0.73, 95% CI 0.58-0.93; p = 0.009)."
)


def _run(*arguments: str, stdin: str | bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["draft", *arguments], input=stdin)
    return result.exit_code, result.stdout, result.stderr


def test_text_file_is_drafted_and_validated(tmp_path: Path) -> None:
    """The draft is written, is not replaced unasked, and validates."""
    source, out = tmp_path / "abstract.txt", tmp_path / "mine.toml"
    source.write_text(TEXT, encoding="utf-8")
    assert _run(str(source), "--out", str(out))[0] == 0
    assert load_study(out).endpoint("all", "OS").arms["placebo"].n == 198
    assert CliRunner().invoke(main, ["validate", str(out)]).exit_code == 0
    assert _run(str(source), "--out", str(out))[0] == 1


def test_standard_input_is_drafted_to_standard_output() -> None:
    """A dash reads stdin; the file goes to stdout."""
    code, stdout, _ = _run("-", stdin=TEXT)
    assert code == 0
    assert 'hazard_ratio = "0.73"' in stdout


def _pdf(path: Path, pages: list[str]) -> None:
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    with PdfPages(path) as file:
        for words in pages:
            figure = Figure(figsize=(12, 2))
            figure.text(0.02, 0.5, words, fontsize=8)
            file.savefig(figure)


def test_pages_of_a_pdf_are_drafted(tmp_path: Path) -> None:
    """Only the pages that are asked for are read."""
    pytest.importorskip("pypdfium2")
    paper = tmp_path / "paper.pdf"
    _pdf(
        paper,
        [
            "Nothing of interest is reported on this page.",
            TEXT.replace("(n = 198; ", "\n(n = 198; "),
        ],
    )
    code, stdout, _ = _run(str(paper), "--pages", "2")
    assert code == 0
    assert 'median = "19.7"' in stdout
    assert _run(str(paper), "--pages", "1")[0] == 1
    assert "has pages 1 to 2" in _run(str(paper), "--pages", "3")[2]
    assert "are no pages" in _run(str(paper), "--pages", "x")[2]


def test_pdf_without_the_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the extra."""
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.4 ...")
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    code, _, stderr = _run(str(paper))
    assert code == 1
    assert 'pip install "kmrepro[figures]"' in stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(bytes(range(256)) * 20, "no text in UTF-8", id="binary"),
        pytest.param(b"%PDF-1.7 broken", "no PDF that can be read", id="broken-pdf"),
        pytest.param(b"word " * 2_000_000, "at most", id="ten-megabytes"),
        pytest.param(b"", "The text is empty", id="empty"),
        pytest.param(b"Nothing.", "No survival result was found", id="no-result"),
    ],
)
def test_what_cannot_be_drafted_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, message: str
) -> None:
    """Exit status 1, one line, no traceback, and no file."""
    pytest.importorskip("pypdfium2")
    source, out = tmp_path / "text.txt", tmp_path / "mine.toml"
    source.write_bytes(content)
    code, _, stderr = _run(str(source), "--out", str(out))
    assert code == 1
    assert message in stderr
    assert "Traceback" not in stderr
    assert not out.exists()


def test_missing_file_and_pages_of_a_text_are_refused(tmp_path: Path) -> None:
    """A file that is not there is named; pages are for PDFs."""
    assert "cannot be read" in _run(str(tmp_path / "no.txt"))[2]
    source = tmp_path / "abstract.txt"
    source.write_text(TEXT, encoding="utf-8")
    assert "--pages is for a PDF" in _run(str(source), "--pages", "1")[2]


def test_a_refusal_names_the_text(tmp_path: Path) -> None:
    """So does what was moved aside for a draft."""
    source, out = tmp_path / "nothing.txt", tmp_path / "mine.toml"
    source.write_text("Hello world.", encoding="utf-8")
    assert f"{source}: No survival result was found" in _run(str(source))[2]
    source.write_text(TEXT, encoding="utf-8")
    out.write_text("theirs", encoding="utf-8")
    code, _, said = _run(str(source), "--out", str(out), "--force")
    assert (code, (tmp_path / "mine.before-1.toml").read_text(encoding="utf-8")) == (0, "theirs")
    assert "mine.before-1.toml" in said


def test_arms_are_named(tmp_path: Path) -> None:
    """Once for each arm, with its other names behind "="; what is no name is wrong usage."""
    source = tmp_path / "abstract.txt"
    source.write_text("Overall survival at 3 years was 61% in the prompt and 52% in the tardy.")
    code, drafted, _ = _run(str(source), "--arm", "Early=prompt", "--arm", "tardy")
    assert code == 0
    assert '[arms]\nEarly = "prompt"\ntardy = "tardy"\n' in drafted
    for wrong in ("=prompt", "prompt=", "tardy"):
        code, _, said = _run(str(source), "--arm", "tardy", "--arm", wrong)
        assert (code, f'"{wrong}" names no further arm' in said) == (2, True)


def test_an_abstract_with_an_allocation_gives_patients_and_a_verdict(tmp_path: Path) -> None:
    """A paragraph without numbers by arm is drafted, reproduced, and says whose numbers it took."""
    text = (
        "In this trial, 704 patients were randomly assigned in a 1:1 ratio to receive durvalumab "
        "or placebo. Median overall survival was 28.4 months in the durvalumab group and 20.1 "
        "months with placebo (hazard ratio 0.72; 95% CI, 0.58 to 0.89; P = 0.002). The 3-year "
        "overall survival rates were 41.2% and 29.8%, respectively."
    )
    out = tmp_path / "mine.toml"
    code, _, stderr = _run("-", "--out", str(out), stdin=text)
    assert (code, "704 patients, allocated 1:1: 352 each." in stderr) == (0, True)
    (analysis,) = km.reproduce(load_study(out), n_draws=100).analyses
    assert [curve.n for curve in analysis.curves.values()] == [352, 352]
    assert analysis.ipd.assumptions[0].startswith(
        "The numbers of patients per arm are not reported: arm placebo 352 and arm durvalumab 352"
    )
    assert analysis.comparison is not None
    assert analysis.comparison.verdict in ("reproduced", "close", "compatible")
    shown = CliRunner().invoke(main, ["show", str(out)]).stdout
    assert shown.count("352 (allocation)") == 2
