"""Pictures of a run: the loss curves as SVG, and a sheet of originals above what the int8 decoder makes of them."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image

from .integer import IntegerModel, colour_values

WIDTH, HEIGHT, MARGIN = 640, 320, 48
COLOURS = {"float": "#33658a", "control": "#86bbd8", "int8": "#f26419"}
LABELS = {"float": "float", "control": "float control", "int8": "int8"}
SHEET_COLUMNS = 8


def loss_plot(history: list[tuple[str, int, float]], title: str) -> str:
    """Loss over steps on a logarithmic axis, one line per phase; control and int8 begin where float ends."""
    last_float = max((step for phase, step, _ in history if phase == "float"), default=0)
    points = {
        phase: [(step + (0 if phase == "float" else last_float), loss) for name, step, loss in history if name == phase]
        for phase in COLOURS
    }
    losses = [math.log10(max(loss, 1e-6)) for line in points.values() for _, loss in line]
    low, high = math.floor(min(losses) * 10) / 10, math.ceil(max(losses) * 10) / 10
    last = max(step for line in points.values() for step, _ in line)

    def place(step: float, logarithm: float) -> tuple[float, float]:
        x = MARGIN + step / last * (WIDTH - MARGIN - 16)
        return round(x, 1), round(HEIGHT - 32 - (logarithm - low) / (high - low) * (HEIGHT - 72), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{MARGIN}" y="18" font-size="13">{title}: loss over steps</text>',
    ]
    for share in np.linspace(low, high, 5):
        (x, y), (end, _) = place(0, share), place(last, share)
        parts.append(f'<path d="M{x} {y}H{end}" stroke="#ddd"/><text x="4" y="{y + 4}">{10**share:.3g}</text>')
    for share in np.linspace(0, last, 5):
        x, _ = place(share, low)
        parts.append(f'<text x="{x}" y="{HEIGHT - 12}" text-anchor="middle">{share:.0f}</text>')
    for number, (phase, line) in enumerate(points.items()):
        path = "L".join("{} {}".format(*place(step, math.log10(max(loss, 1e-6)))) for step, loss in line)
        parts.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[phase]}" stroke-width="1.5"/>')
        parts.append(f'<text x="{WIDTH - 110}" y="{34 + 14 * number}" fill="{COLOURS[phase]}">{LABELS[phase]}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def sheet(model: IntegerModel, targets: list[np.ndarray], decoded: list[np.ndarray]) -> bytes:
    """PNG: for each set of examples a row of targets [N, ...] above a row of decoded images uint8 [N, ...], at display size x2."""
    rows = [displayed(model, images[:SHEET_COLUMNS]) for pair in zip(targets, decoded, strict=True) for images in pair]
    width = max(len(row) for row in rows)
    lines = [
        np.concatenate([framed(image) for image in row] + [framed(row[0]) * 0 + 255] * (width - len(row)), 1) for row in rows
    ]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(lines, 0)).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def displayed(model: IntegerModel, images: np.ndarray) -> np.ndarray:
    """Classes, colour values 0..127 or colours 0..1 as display pixels: uint8 [N, 128, 128, 3]."""
    if not model.is_rgb:
        pixels = model.palette[images.astype(np.int64)]
    else:
        values = np.rint(images * 255) if images.dtype.kind == "f" else colour_values(images.astype(np.int64))
        pixels = values.astype(np.uint8).transpose(0, 2, 3, 1)
    return pixels.repeat(2 * model.scale, 1).repeat(2 * model.scale, 2)


def framed(image: np.ndarray) -> np.ndarray:
    """A white frame of two pixels around uint8 [H, W, 3]."""
    return np.pad(image, ((2, 2), (2, 2), (0, 0)), constant_values=255)
