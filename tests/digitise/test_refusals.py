"""Bad input: one clear sentence each, and nothing written."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib

import matplotlib.pyplot as plt
import numpy as np
import pytest
from click.testing import CliRunner

from kmrepro.cli import main
from kmrepro.digitise import Hints, UnreadableFigureError, raster, read_figure

from ..seeds import nightly
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


def test_twenty_thousand_pixels_each_way_are_refused(tmp_path):
    path = tmp_path / "huge.png"
    path.write_bytes(png_without_pixels(20_000, 20_000))
    with pytest.raises(UnreadableFigureError, match="and at most 60 million are read"):
        read_figure(path)


def png_without_pixels(width: int, height: int) -> bytes:
    """Write the head of a black and white picture, whose pixels are not looked at."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = (head, b"IDAT" + zlib.compress(b""), b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in parts
    )


def test_an_encrypted_pdf_is_refused(tmp_path):
    path = tmp_path / "figure.pdf"
    path.write_bytes(encrypted_pdf())
    with pytest.raises(UnreadableFigureError, match="is encrypted: save it without a password"):
        read_figure(path)


def encrypted_pdf() -> bytes:
    """Write a page without content that asks for a password: random keys fit none."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>",
        b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"5a" * 32 + b">/U<" + b"c3" * 32 + b">>>",
    ]
    content, places = b"%PDF-1.4\n", []
    for k, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj" % k + body + b"endobj\n"
    table = b"xref\n0 5\n0000000000 65535 f \n"
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\n"
    return content + table + trailer + b"startxref\n%d\n%%%%EOF" % len(content)


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("bars", "svg"), ("legend", "svg"), nightly("bars", "png"), nightly("legend", "png")],
)
def test_what_is_no_survival_plot_is_refused(tmp_path, kind, suffix):
    """A bar chart has no time axis and no curve that starts at 1; a legend has no axes."""
    plt = pytest.importorskip("matplotlib.pyplot")
    figure, axes = plt.subplots(figsize=(5, 4))
    if kind == "bars":
        axes.bar(["Drug", "Placebo", "Control"], [0.4, 0.7, 0.6], color="tab:blue")
        axes.set(ylabel="Response rate", ylim=(0, 1))
    else:
        for name in ("Drug", "Placebo"):
            axes.plot([], [], label=name)
        axes.legend(loc="center")
        axes.set_axis_off()
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(tmp_path / f"figure.{suffix}", dpi=120)
    plt.close(figure)
    with pytest.raises(UnreadableFigureError, match="no labels that agree on"):
        read_figure(tmp_path / f"figure.{suffix}")


def test_a_tiny_image_is_refused(tmp_path):
    with pytest.raises(UnreadableFigureError, match="too small"):
        read_figure(saved(tmp_path / "tiny.png", np.full((60, 60), 255)))


def test_a_photograph_without_a_plot_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    pixels = np.clip(128 + 40 * rng.standard_normal((150, 200, 3)), 0, 255)
    with pytest.raises(UnreadableFigureError, match="no labels that agree"):
        read_figure(saved(tmp_path / "photo.png", pixels))


def test_a_page_without_a_line_is_refused_before_its_text_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("kmrepro.digitise.text.read_words", lambda _: pytest.fail("text was read"))
    for name, texts, found in (("empty", 0, "is empty"), ("text", 25, "holds no line")):
        figure = plt.figure(figsize=(8, 11))
        for k in range(texts):
            figure.text(0.1, 0.05 + 0.035 * k, "There is no plot on this page, only text.")
        figure.savefig(tmp_path / f"{name}.pdf")
        plt.close(figure)
        with pytest.raises(UnreadableFigureError, match=found):
            read_figure(tmp_path / f"{name}.pdf")


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_a_logarithmic_axis_is_refused_by_name(tmp_path, suffix):
    with pytest.raises(UnreadableFigureError, match="logarithmic"):
        read_figure(known.draw(tmp_path / f"log.{suffix}", log=True))


def test_a_broken_pdf_is_refused(tmp_path):
    path = tmp_path / "figure.pdf"
    path.write_bytes(b"%PDF-1.4\nnothing")
    with pytest.raises(UnreadableFigureError, match="broken or no PDF"):
        read_figure(path)


def test_a_page_that_does_not_exist_is_refused(tmp_path):
    path = known.draw(tmp_path / "figure.pdf")
    with pytest.raises(UnreadableFigureError, match="has 1 page, and page 4 was asked"):
        read_figure(path, Hints(page=4))


@pytest.mark.parametrize(
    ("name", "hints", "why"),
    [
        ("figure.svg", Hints(box=(0, 0, 50, 50)), "choose pixels, not paths: save the SVG"),
        ("figure.svg", Hints(colours=(("A", "#ff0000"),)), "choose pixels, not paths"),
        ("figure.svg", Hints(page=2), "has one page, and page 2 was asked"),
        ("figure.pdf", Hints(kind="vector", box=(0, 0, 50, 50)), "leave out --vector, or them"),
        ("figure.png", Hints(kind="vector"), "a picture holds no paths"),
        ("figure.png", Hints(x_axis=((0, 300), (24, 50))), "--x-axis sets 24 left of 0"),
        ("figure.png", Hints(y_axis=((0, 30), (1, 200))), "--y-axis sets 1 below 0"),
        ("figure.png", Hints(x_axis=((0, -50), (24, 300))), "outside the figure, which is 360"),
        ("figure.png", Hints(y_axis=((0, 3000), (1, 20))), "outside the figure, which is 276"),
    ],
)
def test_a_hint_that_the_figure_cannot_follow_is_refused(tmp_path, name, hints, why):
    path = known.draw(tmp_path / name, dpi=60)
    with pytest.raises(UnreadableFigureError, match=why):
        read_figure(path, hints)


@pytest.mark.parametrize("far", ["1e300", "1e7"])
def test_an_svg_file_of_places_far_off_every_page_is_refused(tmp_path, far):
    path = known.draw(tmp_path / "figure.svg")
    text = path.read_text(encoding="utf-8")
    curve = text.index("stroke: #1f77b4")
    start = text.rindex('d="M', 0, curve) + len('d="M')
    path.write_text(f"{text[:start]} {far} 10 L{text[start:]}", encoding="utf-8")
    with pytest.raises(UnreadableFigureError, match="which is no place on a page"):
        read_figure(path)


@pytest.mark.parametrize(
    ("drawn", "why"),
    [
        ('<use id="a" href="#a"/>', "a copy of itself"),
        ('<use id="a" href="#b"/><use id="b" href="#a"/>', "a copy of itself"),
        ("<g>" * 3000 + "</g>" * 3000, "nested too deeply"),
        ('<g transform="rotate()"><path d="M0 0L1 1" stroke="red"/></g>', "no transformation"),
        ('<g transform="matrix(1 2 3)"><text>1</text></g>', "no transformation"),
        ('<g transform="turn(3)"><text>1</text></g>', "'turn\\(3\\)' is no transformation"),
        ('<text x="1" y="9">1</text>' * 1501, "1,501 numbers"),
    ],
)
def test_an_svg_file_that_cannot_be_followed_is_refused(tmp_path, drawn, why):
    path = tmp_path / "figure.svg"
    root = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90">'
    path.write_text(f"{root}{drawn}</svg>", encoding="utf-8")
    with pytest.raises(UnreadableFigureError, match=why):
        read_figure(path)


def test_a_page_of_numbers_is_searched_for_axes_as_for_a_few(tmp_path):
    """Ten rows of many numbers that rise evenly, and no curve."""
    labels = [
        f'<text x="{30 * column}" y="{20 + 30 * row}" font-size="9">{12 * column + row}</text>'
        for row in range(10)
        for column in range(20)
    ]
    path = tmp_path / "figure.svg"
    root = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400">'
    path.write_text(f"{root}{''.join(labels)}</svg>", encoding="utf-8")
    with pytest.raises(UnreadableFigureError):
        read_figure(path)


@pytest.mark.parametrize("side", ["0", "30000", "1e308"])
def test_an_svg_page_of_no_size_or_any_is_refused(tmp_path, side):
    path = tmp_path / "figure.svg"
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} 480"></svg>',
        encoding="utf-8",
    )
    with pytest.raises(UnreadableFigureError, match="units; 1 to 20,000 are read"):
        read_figure(path)


def test_a_box_outside_the_figure_is_refused(tmp_path):
    path = known.draw(tmp_path / "figure.png")
    with pytest.raises(UnreadableFigureError, match="does not lie within"):
        read_figure(path, Hints(box=(0, 0, 99999, 50)))


@pytest.mark.parametrize("suffix", ["svg", nightly("pdf")])
def test_an_unknown_panel_is_refused_by_what_there_is(tmp_path, suffix):
    path = known.draw(tmp_path / f"figure.{suffix}")
    with pytest.raises(UnreadableFigureError, match="there is no panel 'c': the figure has 1"):
        read_figure(path, Hints(panel="c"))


def test_broken_svg_is_refused(tmp_path):
    path = tmp_path / "figure.svg"
    path.write_text("<svg><g></svg>")
    with pytest.raises(UnreadableFigureError, match="no sound SVG"):
        read_figure(path)


def test_what_is_no_figure_is_named_once(tmp_path):
    """A folder, a file that is not there: one sentence, with its name."""
    for path, why in (
        (tmp_path, "is a folder; name a figure in it."),
        (tmp_path / "none.png", "does not exist."),
    ):
        result = CliRunner().invoke(main, ["digitise", str(path), "--out", str(tmp_path / "read")])
        assert result.exit_code == 1
        assert result.stderr == f"Error: {path} {why}\n"


def test_the_command_writes_nothing_when_it_refuses(tmp_path):
    path = saved(tmp_path / "blank.png", np.full((300, 400, 3), 255))
    result = CliRunner().invoke(main, ["digitise", str(path), "--out", str(tmp_path / "read")])
    assert result.exit_code == 1
    assert "the image is empty" in result.output
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


def test_the_command_says_where_a_number_of_patients_is_to_be_written(tmp_path):
    """A figure without numbers at risk does not say how many patients there are."""
    path, out = known.draw(tmp_path / "figure.svg", at_risk=False), tmp_path / "read"
    result = CliRunner().invoke(main, ["digitise", str(path), "--out", str(out)])
    said = " ".join(result.output.split())
    assert "how many patients Drug and Placebo had was not read; write it as n in" in said
    study = out / "study.toml"
    study.write_text(study.read_text().replace("# n = ...", "n = 100 #"))
    assert CliRunner().invoke(main, ["validate", str(study)]).exit_code == 0


def test_axis_hints_that_are_no_pairs_are_wrong_usage(tmp_path):
    path = known.draw(tmp_path / "figure.png")
    result = CliRunner().invoke(main, ["digitise", str(path), "--out", "x", "--x-axis", "0=112"])
    assert result.exit_code == 2
    assert "two places of the axis" in result.output


@pytest.mark.parametrize("box", ["100,100,50,200", "10,10,50,10", "0,0,0,0"])
def test_a_box_whose_ends_are_exchanged_is_wrong_usage(tmp_path, box):
    path = known.draw(tmp_path / "figure.png")
    result = CliRunner().invoke(main, ["digitise", str(path), "--out", "x", "--box", box])
    assert result.exit_code == 2
    assert "its right must be greater than its left" in result.output


def test_nothing_of_it_is_imported_unless_a_figure_is_read():
    code = "import sys, kmrepro, kmrepro.cli; sys.exit('kmrepro.digitise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def several_pictures(path, suffix):
    """Write a picture, and beside it a file of that and another one."""
    several = path.with_name(f"several{suffix}")
    with pillow.open(path) as opened:
        first = opened.convert("RGB")
    first.save(several, save_all=True, append_images=[first.rotate(180)])
    return several


@pytest.mark.parametrize("suffix", [".gif", ".tif", ".webp"])
def test_the_first_of_several_pictures_is_opened(tmp_path, suffix):
    pixels = np.full((150, 200, 3), 255)
    pixels[:40] = (180, 20, 20)
    path = saved(tmp_path / "figure.png", pixels)
    several = several_pictures(path, suffix)
    assert raster.image_count(several) == 2
    assert raster.image_count(path) == 1
    assert np.abs(raster.open_image(several)[5:35].astype(float) - pixels[5:35]).max() < 12


@pytest.mark.parametrize("suffix", [".gif", nightly(".tif"), nightly(".webp")])
def test_of_several_pictures_in_a_file_the_first_is_said_to_be_read(tmp_path, suffix):
    path = tmp_path / "figure.png"
    hints = known.hints_of(known.draw_bare(path))
    several = several_pictures(path, suffix)
    reading = read_figure(several, hints)
    assert reading.unsure[0] == "the file holds 2 pictures: the first was read."
    for arm in reading.panels[0].arms:
        assert known.distance(arm.curve, known.ARMS[arm.name][0], known.ENDS[arm.name]) < 0.006
    with pytest.raises(UnreadableFigureError, match="is no PDF, and page 2 was asked"):
        read_figure(several, Hints(page=2))
