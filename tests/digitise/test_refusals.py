"""Bad input: one clear sentence each, and nothing written."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from kmrepro.cli import main
from kmrepro.digitise import Hints, UnreadableFigureError, raster, read_figure

from . import known

pillow = pytest.importorskip("PIL.Image")
pytest.importorskip("pdfplumber")
pytest.importorskip("rapidocr")


def saved(path, pixels):
    pillow.fromarray(np.asarray(pixels, dtype=np.uint8)).save(path)
    return path


def test_a_text_file_is_no_image(tmp_path):
    path = tmp_path / "figure.png"
    path.write_text("no image")
    with pytest.raises(UnreadableFigureError, match="not an image that can be read"):
        read_figure(path)


def test_a_truncated_image_is_named_broken(tmp_path):
    whole = known.draw(tmp_path / "whole.png").read_bytes()
    path = tmp_path / "half.png"
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(UnreadableFigureError, match="broken or incomplete"):
        read_figure(path)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(raster, "LARGEST_IMAGE", 1_000_000)
    path = saved(tmp_path / "huge.png", np.full((1100, 1000), 255))
    with pytest.raises(UnreadableFigureError, match="1000 x 1100 pixels, and at most 1 million"):
        read_figure(path)


def test_a_tiny_image_is_refused(tmp_path):
    with pytest.raises(UnreadableFigureError, match="too small"):
        read_figure(saved(tmp_path / "tiny.png", np.full((60, 60), 255)))


def test_a_photograph_without_a_plot_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    pixels = np.clip(128 + 40 * rng.standard_normal((300, 400, 3)), 0, 255)
    with pytest.raises(UnreadableFigureError, match="no labels that agree"):
        read_figure(saved(tmp_path / "photo.png", pixels))


def test_a_logarithmic_axis_is_refused_by_name(tmp_path):
    with pytest.raises(UnreadableFigureError, match="logarithmic"):
        read_figure(known.draw(tmp_path / "log.png", log=True))


def test_a_broken_pdf_is_refused(tmp_path):
    path = tmp_path / "figure.pdf"
    path.write_bytes(b"%PDF-1.4\nnothing")
    with pytest.raises(UnreadableFigureError, match="broken or no PDF"):
        read_figure(path)


def test_a_page_that_does_not_exist_is_refused(tmp_path):
    path = known.draw(tmp_path / "figure.pdf")
    with pytest.raises(UnreadableFigureError, match="has 1 page, and page 4 was asked"):
        read_figure(path, Hints(page=4))


def test_a_box_outside_the_figure_is_refused(tmp_path):
    path = known.draw(tmp_path / "figure.png")
    with pytest.raises(UnreadableFigureError, match="does not lie within"):
        read_figure(path, Hints(box=(0, 0, 99999, 50)))


def test_an_unknown_panel_is_refused_by_what_there_is(tmp_path):
    path = known.draw(tmp_path / "figure.pdf")
    with pytest.raises(UnreadableFigureError, match="there is no panel 'c': the figure has 1"):
        read_figure(path, Hints(panel="c"))


def test_broken_svg_is_refused(tmp_path):
    path = tmp_path / "figure.svg"
    path.write_text("<svg><g></svg>")
    with pytest.raises(UnreadableFigureError, match="no sound SVG"):
        read_figure(path)


def test_the_command_writes_nothing_when_it_refuses(tmp_path):
    path = saved(tmp_path / "blank.png", np.full((300, 400, 3), 255))
    result = CliRunner().invoke(main, ["digitise", str(path), "--out", str(tmp_path / "read")])
    assert result.exit_code == 1
    assert "no labels that agree" in result.output
    assert not (tmp_path / "read").exists()


def test_the_command_goes_on_to_patients(tmp_path):
    path = known.draw(tmp_path / "figure.svg", at_risk=True)
    out = tmp_path / "read"
    run = CliRunner()
    result = run.invoke(main, ["digitise", str(path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert {p.name for p in out.iterdir()} >= {
        "reading.json",
        "curves.csv",
        "at_risk.csv",
        "overlay.png",
        "study.toml",
    }
    result = run.invoke(main, ["reconstruct", str(out), "--out", str(tmp_path / "ipd.csv")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "ipd.csv").read_text().startswith("time,event,arm")


def test_axis_hints_that_are_no_pairs_are_wrong_usage(tmp_path):
    path = known.draw(tmp_path / "figure.png")
    result = CliRunner().invoke(main, ["digitise", str(path), "--out", "x", "--x-axis", "0=112"])
    assert result.exit_code == 2
    assert "two places of the axis" in result.output


def test_nothing_of_it_is_imported_unless_a_figure_is_read():
    code = "import sys, kmrepro, kmrepro.cli; sys.exit('kmrepro.digitise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
