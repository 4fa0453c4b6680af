"""The overlay: what was read, drawn over the figure."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .axes import AxisScale

if TYPE_CHECKING:
    from .pages import Drawing
    from .reading import Panel, ReadArm, Reading

Image = npt.NDArray[np.uint8]
_INKS = ((0, 200, 0), (255, 0, 255), (255, 140, 0), (0, 190, 255), (150, 90, 20), (90, 90, 90))


def draw_overlay(reading: Reading) -> Image:
    """Draw curves, marks, calibration points and numbers at risk over the faded figure.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        Twice the size of a small figure, so that lines a pixel wide can be told apart.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    faded = (255 - (255 - reading.image.astype(float)) * 0.4).astype(np.uint8)
    picture = Pillow.fromarray(faded)
    enlarge = 2 if max(picture.size) < 1400 else 1
    picture = picture.resize((picture.width * enlarge, picture.height * enlarge))
    draw = ImageDraw.Draw(picture)
    scale = enlarge * reading.image_scale
    pen = max(1, round(max(picture.size) / 900))  # seen as one pixel of a screen or more
    for panel in reading.panels:
        for k, arm in enumerate(panel.arms):
            _draw_arm(draw, panel, arm, ink=_INKS[k % len(_INKS)], scale=scale, pen=pen)
        _draw_axes(draw, panel, scale, pen)
    return np.asarray(picture)


def _place(panel: Panel, time: npt.ArrayLike, survival: npt.ArrayLike, scale: float):  # type: ignore[no-untyped-def]
    whole = 100.0 if panel.percent else 1.0
    value = np.asarray(survival) * whole
    value = whole - value if panel.incidence else value
    return panel.x_axis.pixel(time) * scale, panel.y_axis.pixel(value) * scale


def _draw_arm(  # type: ignore[no-untyped-def]
    draw, panel: Panel, arm: ReadArm, *, ink: tuple[int, int, int], scale: float, pen: int
) -> None:
    curve = arm.curve
    x, y = _place(panel, curve.time, curve.survival, scale)
    corners = [(float(x[0]), float(y[0]))]
    for k in range(1, len(x)):
        corners += [(float(x[k]), float(y[k - 1])), (float(x[k]), float(y[k]))]
    draw.line(corners, fill=ink, width=pen)
    levels = curve.at(arm.censor_marks)
    for mx, my in zip(*_place(panel, arm.censor_marks, levels, scale), strict=True):
        draw.line([(mx, my - 7 * pen), (mx, my - 2 * pen)], fill=ink, width=pen)


def _draw_axes(draw, panel: Panel, scale: float, pen: int) -> None:  # type: ignore[no-untyped-def]
    from PIL import ImageFont

    font = ImageFont.load_default(size=10 * pen)
    red, reach = (255, 0, 0), 6 * pen
    bottom = float(panel.y_axis.pixel(min(v for _, v in panel.y_axis.points))) * scale
    left = float(panel.x_axis.pixel(min(v for _, v in panel.x_axis.points))) * scale
    for pixel, value in panel.x_axis.points:
        at = pixel * scale
        draw.line([(at, bottom - reach), (at, bottom + reach)], fill=red, width=pen)
        draw.text((at + 2, bottom + reach), f"{value:g}", fill=red, font=font)
    for pixel, value in panel.y_axis.points:
        at = pixel * scale
        draw.line([(left - reach, at), (left + reach, at)], fill=red, width=pen)
        draw.text((left + 8 * pen, at - 5 * pen), f"{value:g}", fill=red, font=font)
    for k, row in enumerate(panel.at_risk):
        for time, count in row.cells:
            place = (
                float(panel.x_axis.pixel(time)) * scale - 8 * pen,
                bottom + (18 + 11 * k) * pen,
            )
            draw.text(place, str(count), fill=(0, 0, 255), font=font)


def draw_strokes(drawing: Drawing, scale: float) -> Image:
    """Draw the strokes and words of a vector figure on white, as the ground of an overlay.

    Parameters
    ----------
    drawing : Drawing
    scale : float
        Pixels per point.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    size = (round(drawing.width * scale), round(drawing.height * scale))
    picture = Pillow.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for stroke in drawing.strokes:
        ink = tuple(round(min(max(c, 0.0), 255.0)) for c in stroke.rgb)
        corners = [(float(x) * scale, float(y) * scale) for x, y in stroke.points]
        draw.line(corners, fill=ink, width=max(1, round(stroke.width * scale)))
    for word in drawing.words:
        if not word.vertical:
            draw.text((word.x0 * scale, word.y0 * scale), word.text, fill=(0, 0, 0))
    return np.asarray(picture)


def axis_sentence(scale: AxisScale) -> str:
    """Describe a scale in one line: range, labels and residual."""
    values = [value for _, value in scale.points]
    return (
        f"{min(values):g} to {max(values):g} from {len(values)} labels, "
        f"residual {scale.residual:.2f} pixels"
    )


def png_bytes(image: Image) -> bytes:
    """Encode an image as PNG."""
    from PIL import Image as Pillow

    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, format="PNG", optimize=False)
    return buffer.getvalue()


def reading_html(reading: Reading) -> str:
    """Overlay and a table of arms, for a notebook.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    str
        HTML with the overlay embedded.
    """
    encoded = base64.b64encode(png_bytes(draw_overlay(reading))).decode()
    rows = "".join(
        f"<tr><td>{panel.panel}</td><td>{html.escape(arm.name)}</td><td>{arm.color}</td>"
        f"<td>{len(arm.curve.time)}</td><td>{arm.curve.time[-1]:g}</td>"
        f"<td>{len(arm.censor_marks)}</td></tr>"
        for panel in reading.panels
        for arm in panel.arms
    )
    doubts = "".join(f"<li>{html.escape(text)}</li>" for text in reading.unsure)
    return (
        f"<p><b>{html.escape(reading.figure)}</b> ({reading.kind})</p>"
        f'<img alt="what was read, over the figure" style="max-width:100%" '
        f'src="data:image/png;base64,{encoded}">'
        "<table><thead><tr><th>panel</th><th>arm</th><th>colour</th><th>points</th>"
        f"<th>drawn until</th><th>censoring marks</th></tr></thead><tbody>{rows}</tbody></table>"
        + (f"<p>Unsure:</p><ul>{doubts}</ul>" if doubts else "")
    )
