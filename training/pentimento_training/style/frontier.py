"""Style against content: the dials of a style package with more and fewer steps, with and without the tilt, measured and drawn as an SVG.

Only the number of steps changes along a curve; the tilt stays the dial's, which was fitted for its own number of steps. The independent
recall is printed with the points, because patch distance and layout recall alone can be gamed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..files import read_model, write_whole
from ..measures.photos import evaluation_photos
from ..source import Source
from .measure import content_measures, paint_photos
from .styler import Dial, open_style

STEPS = (0, 5, 10, 25)
NEAR = 2
STROKES = ("#1b6ca8", "#8fb8d8", "#c4451c", "#e0a48f")
# What the project aims at: patch distance at most, layout recall at least.
AIM = (1.0e-3, 0.8)
WIDTH, HEIGHT, MARGIN = 640, 420, 60
# From a measure to a position in the picture.
Scale = Callable[[float], float]


def draw_frontier(folder: Path, source: Source, picture: Path) -> dict:
    """Measure the dials of the package in `folder`, and draw the curves into `picture`; returns the points."""
    model, photos = read_model(folder), evaluation_photos()
    styler, dials = open_style(folder)
    points = []
    for name, dial in variants(dials):
        for steps in steps_around(dial.steps):
            images, _ = paint_photos(model, styler, replace(dial, steps=steps), photos)
            own = steps == dial.steps and name in dials
            points.append({"dial": name, "steps": steps, "own": own, **content_measures(model, source, images, photos)})
    write_whole(picture, drawing(points, model.name))
    return {"model": model.name, "points": points}


def variants(dials: dict[str, Dial]) -> list[tuple[str, Dial]]:
    """Every dial, and the same without the tilt, by name."""
    untilted = {f"{name}, no tilt": replace(dial, tilt=np.zeros_like(dial.tilt)) for name, dial in dials.items()}
    return [pair for pairs in zip(dials.items(), untilted.items(), strict=True) for pair in pairs]


def steps_around(own: int) -> list[int]:
    """The usual numbers of steps with a dial's own, which takes the place of those too near to tell apart."""
    return sorted({own, *(steps for steps in STEPS if abs(steps - own) > NEAR)})


def drawing(points: list[dict], name: str) -> str:
    """The curves: layout recall to the right, patch distance upwards; a dial's own number of steps is a large point."""
    top = max(1.6e-3, *(point["patchSwd"] for point in points)) * 1.08
    left = min(0.4, *(point["layoutRecall10"] for point in points))

    def x(recall: float) -> float:
        return MARGIN + (recall - left) / (1 - left) * (WIDTH - 2 * MARGIN)

    def y(distance: float) -> float:
        return HEIGHT - MARGIN - distance / top * (HEIGHT - 2 * MARGIN)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">']
    parts.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>')
    parts.append(text(WIDTH / 2, 24, f"{name}: style against content, one point per number of steps", "middle"))
    for share in range(4, 11):
        if share / 10 >= left:
            parts += [
                line(x(share / 10), y(0), x(share / 10), y(top)),
                text(x(share / 10), y(0) + 18, f"{share * 10} %", "middle"),
            ]
    for milli in range(0, int(top * 2000) + 1):
        parts += [
            line(x(left), y(milli / 2000), x(1), y(milli / 2000)),
            text(x(left) - 6, y(milli / 2000) + 4, f"{milli / 2:.1f}", "end"),
        ]
    parts.append(
        f'<rect x="{x(AIM[1]):.1f}" y="{y(AIM[0]):.1f}" width="{x(1) - x(AIM[1]):.1f}" height="{y(0) - y(AIM[0]):.1f}" fill="#3b8f3e22"/>'
    )
    parts.append(text(x(1) - 6, y(0) - 8, "aim", "end", "#3b8f3e"))
    parts.append(text(WIDTH / 2, HEIGHT - 14, "layout recall@10 (right is closer to the photo)", "middle"))
    parts.append(text(MARGIN, MARGIN - 14, "patch SWD x 1000 (lower is closer to the collection)", "start"))
    for i, dial in enumerate(dict.fromkeys(point["dial"] for point in points)):
        parts += curve([point for point in points if point["dial"] == dial], STROKES[i % len(STROKES)], x, y)
    return "\n".join([*parts, "</svg>"]) + "\n"


def curve(points: list[dict], stroke: str, x: Scale, y: Scale) -> list[str]:
    """One dial's line, with the number of steps at every point."""
    places = [(x(point["layoutRecall10"]), y(point["patchSwd"])) for point in points]
    path = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    parts = [f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="2"/>']
    for (across, down), point in zip(places, points, strict=True):
        parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="{6 if point["own"] else 3.5}" fill="{stroke}"/>')
        parts.append(text(across + 5, down - 6, str(point["steps"]), "start"))
    across, down = places[-1]
    parts.append(text(across + 5, down - 20, points[0]["dial"], "start", stroke))
    return parts


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    """A line of the grid."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def text(x: float, y: float, content: str, anchor: str, fill: str = "#222") -> str:
    """A label."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{content}</text>'
