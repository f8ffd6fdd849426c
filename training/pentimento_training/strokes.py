"""The collection `strokes`: small paintings of brush strokes along flow fields, made by this program alone (CC0).

A painting is a motif (landscape, portrait, still life or night) in a colour harmony. The motif gives every stroke its
colour and its direction; the strokes lie where this painter always lays them: a coarse pass and a fine pass over places
that repeat every 16 pixels, each with its own habitual deviation of shade. Those habits are what a small network can
learn as a style; motif, forms and colours vary from painting to painting.

Colours are Oklab (https://bottosson.github.io/posts/oklab/), places are in 0..1 with y downwards, angles in radians.
Everything follows from a seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .palette import CONES_TO_OKLAB, LINEAR_TO_CONES

SIZE = 64
COUNT = 2000
SEED = 7
TILE = 16
CHUNK = 250
HABITS_SEED = 11


@dataclass(frozen=True)
class Pass:
    """Strokes of one brush: how many in each tile of 16 x 16 pixels, half length and half width in pixels, deviation of shade."""

    per_tile: int
    half_length: float
    half_width: float
    deviation: float


PASSES = (Pass(9, 8.0, 3.2, 0.025), Pass(14, 5.0, 1.7, 0.055))


@dataclass
class Scene:
    """Colour [N, S, 3] in Oklab and direction [N, S] of every stroke of N paintings, at the places `x`, `y` [S]."""

    x: np.ndarray
    y: np.ndarray
    colour: np.ndarray
    angle: np.ndarray

    def cover(self, mask: np.ndarray, colour: np.ndarray, angle: np.ndarray) -> None:
        """Lay `colour` [N, 1 or S, 3] and `angle` [N, 1 or S] over the strokes of `mask` [N, S]."""
        self.colour = np.where(mask[..., None], colour, self.colour)
        self.angle = np.where(mask, angle, self.angle)


def paint_collection(count: int = COUNT, seed: int = SEED) -> np.ndarray:
    """Paint `count` pictures: uint8 [count, 64, 64, 3]."""
    rng = np.random.default_rng([seed, 0])
    parts = [paint(min(CHUNK, count - first), rng) for first in range(0, count, CHUNK)]
    return np.concatenate(parts)[np.random.default_rng([seed, 1]).permutation(count)]


def paint(count: int, rng: np.random.Generator) -> np.ndarray:
    """Paint `count` pictures, a quarter of them for each motif: uint8 [count, 64, 64, 3]."""
    shares = np.diff(np.linspace(0, count, len(MOTIFS) + 1).astype(int))
    return np.concatenate([paint_motif(motif, int(share), rng) for motif, share in zip(MOTIFS, shares, strict=True) if share])


def paint_motif(motif: object, count: int, rng: np.random.Generator) -> np.ndarray:
    """Paint `count` pictures of one motif: uint8 [count, 64, 64, 3]."""
    habits = np.random.default_rng(HABITS_SEED)
    state = rng.bit_generator.state
    canvas = underpainting(motif, count, rng)
    for brush in PASSES:
        # Every pass paints the same scenes: the motif draws the same numbers again.
        rng.bit_generator.state = state
        places, shades = habits_of(brush, habits)
        scene = motif(places[:, 0] / SIZE, places[:, 1] / SIZE, count, rng)
        colour = scene.colour + shades
        for stroke, (left, top) in enumerate(places):
            lay_stroke(canvas, brush, (left, top), colour[:, stroke].astype(np.float32), scene.angle[:, stroke])
    return to_srgb(canvas)


def underpainting(motif: object, count: int, rng: np.random.Generator) -> np.ndarray:
    """The motif's colours without strokes, which shows where no stroke lies: float32 [count, 64, 64, 3]."""
    y, x = (np.mgrid[:SIZE, :SIZE].reshape(2, -1) + 0.5) / SIZE
    return motif(x, y, count, rng).colour.reshape(count, SIZE, SIZE, 3).astype(np.float32)


def habits_of(brush: Pass, habits: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places [S, 2] in pixels, in painting order, and deviations of colour [S, 3]: both repeat from tile to tile."""
    side = int(np.ceil(np.sqrt(brush.per_tile)))
    cells = habits.permutation(side * side)[: brush.per_tile]
    offsets = (np.stack([cells % side, cells // side], 1) + habits.uniform(0.1, 0.9, (brush.per_tile, 2))) * (TILE / side)
    shades = habits.normal(0, 1, (brush.per_tile, 3)) * brush.deviation * np.array([1, 0.45, 0.45])
    tiles = np.stack(np.meshgrid(np.arange(-1, SIZE // TILE + 1), np.arange(-1, SIZE // TILE + 1)), -1).reshape(-1, 2) * TILE
    # One habitual place in all tiles, then the next: tiles overlap alike everywhere.
    return (offsets[:, None] + tiles[None]).reshape(-1, 2), np.repeat(shades, len(tiles), 0)


def lay_stroke(canvas: np.ndarray, brush: Pass, place: tuple[float, float], colour: np.ndarray, angle: np.ndarray) -> None:
    """Lay one stroke on every canvas [N, 64, 64, 3]: a soft-ended bar of `colour` [N, 3] with bristle lines along `angle` [N]."""
    reach = int(brush.half_length + 2)
    left, top = (int(np.floor(value)) for value in place)
    x0, x1, y0, y1 = max(left - reach, 0), min(left + reach + 1, SIZE), max(top - reach, 0), min(top + reach + 1, SIZE)
    if x0 >= x1 or y0 >= y1:
        return
    dx = (np.arange(x0, x1) + 0.5 - place[0])[None, None].astype(np.float32)
    dy = (np.arange(y0, y1) + 0.5 - place[1])[None, :, None].astype(np.float32)
    cos, sin = (f(angle).astype(np.float32)[:, None, None] for f in (np.cos, np.sin))
    along, across = dx * cos + dy * sin, dy * cos - dx * sin
    cover = soft_step(brush.half_length - np.abs(along), 1.5) * soft_step(brush.half_width - np.abs(across), 0.8)
    bristles = 0.022 * np.cos(across * (2.2 * np.pi / brush.half_width))
    part = canvas[:, y0:y1, x0:x1]
    target = colour[:, None, None] + bristles[..., None] * np.array([1, 0, 0], np.float32)
    part += (cover * 0.94)[..., None] * (target - part)


def soft_step(distance: np.ndarray, softness: float) -> np.ndarray:
    """0 outside, 1 inside, linear over `softness` around a distance of 0."""
    return np.clip(distance / softness + 0.5, 0, 1)


def to_srgb(lab: np.ndarray) -> np.ndarray:
    """Oklab [..., 3] to sRGB uint8."""
    cones = (lab @ np.linalg.inv(CONES_TO_OKLAB).T.astype(np.float32)) ** 3
    linear = np.clip(cones @ np.linalg.inv(LINEAR_TO_CONES).T.astype(np.float32), 0, 1)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(encoded * 255).astype(np.uint8)


def lch(lightness: np.ndarray | float, chroma: np.ndarray | float, hue: np.ndarray) -> np.ndarray:
    """Oklab [N, 1, 3] from lightness, chroma and hue [N, 1]."""
    return np.stack(np.broadcast_arrays(lightness, chroma * np.cos(hue), chroma * np.sin(hue)), -1)


def blend(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`first` where `share` [N, S] is 0, `second` where it is 1."""
    return first + (second - first) * np.clip(share, 0, 1)[..., None]


def harmony(count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Three hues [N, 1] that go together: neighbours, a complement, or a triad, from a random start."""
    start = rng.uniform(0, 2 * np.pi, (count, 1))
    steps = np.array([[0.45, 0.9], [0.5, np.pi], [np.pi, np.pi + 0.5], [2.1, 4.2], [2.6, 3.7]])[rng.integers(0, 5, count)]
    return [start, start + steps[:, :1], start + steps[:, 1:]]


def swirl(x: np.ndarray, y: np.ndarray, cx: np.ndarray, cy: np.ndarray) -> np.ndarray:
    """Direction of a circle around (cx, cy)."""
    return np.arctan2(y - cy, x - cx) + np.pi / 2


def landscape(x: np.ndarray, y: np.ndarray, count: int, rng: np.random.Generator) -> Scene:
    """Sky with a sun, two ranges of hills, then a field or water with the sun's reflection."""
    sky, land, light = harmony(count, rng)
    draw = drawer(count, rng)
    horizon, sun_x, sun_y, radius = draw(0.45, 0.7), draw(0.1, 0.9), draw(0.1, 0.4), draw(0.07, 0.15)
    top = lch(draw(0.35, 0.75), draw(0.07, 0.15), sky)
    low = lch(draw(0.75, 0.92), draw(0.05, 0.12), light)
    distance = np.hypot(x - sun_x, y - sun_y)
    wave = draw(-0.3, 0.3) * np.sin(x * draw(4, 9) + draw(0, 6))
    angle = wave + 0.6 * np.exp(-((distance / 0.25) ** 2)) * np.sin(swirl(x, y, sun_x, sun_y))
    scene = Scene(x, y, blend(top, low, y / horizon), angle)
    sun = lch(draw(0.85, 0.97), draw(0.08, 0.17), light)
    scene.colour = blend(scene.colour, sun, 0.7 * np.exp(-((distance / (radius * 2.2)) ** 2)))
    scene.cover(distance < radius, sun, swirl(x, y, sun_x, sun_y))
    for depth, shade in ((0.0, 0.62), (0.1, 0.47)):
        frequency, phase, height = draw(5, 11), draw(0, 6), draw(0.03, 0.1)
        ridge = horizon + depth - 0.1 - height * np.sin(x * frequency + phase)
        slope = np.arctan(-height * frequency * np.cos(x * frequency + phase))
        hill = blend(lch(shade, draw(0.06, 0.13), land), low, (0.1 - depth) * 2.5 * np.ones_like(ridge))
        scene.cover(y > ridge, hill, slope)
    ground_hue = np.where(draw(0, 1) < 0.5, sky, land)
    ground = blend(lch(draw(0.5, 0.7), 0.1, ground_hue), lch(draw(0.25, 0.4), 0.08, ground_hue), (y - horizon - 0.1) / 0.35)
    scene.cover(y > horizon + 0.1, ground, 0.4 * wave)
    glint = (y > horizon + 0.1) & (np.abs(x - sun_x) < radius * (0.6 + 0.5 * np.sin(y * 60))) & (draw(0, 1) < 0.6)
    scene.cover(glint, sun, np.zeros_like(sun_x))
    return scene


def portrait(x: np.ndarray, y: np.ndarray, count: int, rng: np.random.Generator) -> Scene:
    """A head with hair and shoulders before a moving ground, lit from one side."""
    back, cloth, warm = harmony(count, rng)
    draw = drawer(count, rng)
    cx, cy, width, height = draw(0.36, 0.64), draw(0.38, 0.48), draw(0.18, 0.24), draw(0.24, 0.3)
    side = np.where(draw(0, 1) < 0.5, -1.0, 1.0)
    ground = blend(
        lch(draw(0.3, 0.85), draw(0.06, 0.14), back), lch(draw(0.4, 0.8), draw(0.05, 0.12), warm), y * 0.8 + draw(-0.3, 0.3)
    )
    scene = Scene(x, y, ground, swirl(x, y, cx + draw(-0.4, 0.4), cy + draw(-0.5, 0.1)))
    shoulders = ((x - cx) / draw(0.32, 0.42)) ** 2 + ((y - 1.06) / draw(0.28, 0.36)) ** 2 < 1
    garment = lch(draw(0.3, 0.65), draw(0.08, 0.17), cloth)
    scene.cover(
        shoulders,
        blend(garment, garment * np.array([0.6, 1, 1]), 0.5 - side * (x - cx) * 2),
        swirl(x, y, cx, np.full_like(cx, 1.1)),
    )
    hair = lch(draw(0.18, 0.7), draw(0.03, 0.13), np.where(draw(0, 1) < 0.5, cloth, warm))
    length = draw(0.9, 1.7)
    crown = (((x - cx) / (width * 1.32)) ** 2 + ((y - cy + 0.05) / (height * 1.22)) ** 2 < 1) | (
        (np.abs(x - cx) < width * 1.25) & (y > cy - 0.05) & (y < cy + height * length * 0.75)
    )
    scene.cover(crown, hair, swirl(x, y, cx, cy))
    lightness = draw(0.55, 0.85)
    skin = lch(lightness, draw(0.05, 0.11), draw(0.6, 1.2))
    shadow = lch(lightness - 0.2, 0.09, np.where(draw(0, 1) < 0.5, back, warm))
    neck = (np.abs(x - cx) < width * 0.5) & (y > cy) & (y < cy + height + 0.12)
    scene.cover(neck, blend(skin, shadow, 0.7 * np.ones_like(x + cx)), np.full_like(cx, 1.4))
    face = ((x - cx) / width) ** 2 + ((y - cy) / height) ** 2
    modelled = blend(skin, shadow, 0.5 - side * (x - cx) / width * 1.1)
    scene.cover(face < 1, modelled, swirl(x, y, cx, cy))
    fringe = (face < 1) & (y < cy - height * draw(0.35, 0.7) + side * (x - cx) * 0.4)
    scene.cover(fringe, hair, swirl(x, y, cx, cy))
    eyes = (np.abs(np.abs(x - cx) - width * 0.45) < 0.036) & (np.abs(y - cy) < 0.022)
    scene.cover(eyes, lch(0.22, 0.05, back), np.zeros_like(cx))
    mouth = (np.abs(x - cx) < width * 0.28) & (np.abs(y - cy - height * 0.58) < 0.018)
    scene.cover(mouth, lch(lightness - 0.2, 0.14, draw(0.2, 0.6)), np.zeros_like(cx))
    return scene


def still_life(x: np.ndarray, y: np.ndarray, count: int, rng: np.random.Generator) -> Scene:
    """A vase and round fruit on a table before a wall."""
    wall, table, fruit = harmony(count, rng)
    draw = drawer(count, rng)
    edge, lit = draw(0.52, 0.68), np.where(draw(0, 1) < 0.5, -1.0, 1.0)
    upper = lch(draw(0.35, 0.88), draw(0.03, 0.11), wall)
    scene = Scene(
        x, y, blend(upper, upper * np.array([0.75, 1, 1]), 0.5 - lit * (x - 0.5)), 1.2 + 0.5 * np.sin(x * 5 + draw(0, 6))
    )
    board = blend(lch(draw(0.5, 0.8), draw(0.05, 0.11), table), lch(draw(0.35, 0.5), 0.08, table), (y - edge) / 0.45)
    scene.cover(y > edge, board, 0.15 * np.sin(x * 6 + draw(0, 6)))
    vase_x, vase_w, vase_h = draw(0.25, 0.75), draw(0.14, 0.2), draw(0.34, 0.46)
    foot = edge + draw(0.06, 0.14)
    profile = vase_w * (0.6 + 0.5 * np.sin(np.clip((foot - y) / vase_h, 0, 1) * draw(2.6, 4.2)))
    clay = lch(draw(0.35, 0.75), draw(0.06, 0.15), np.where(draw(0, 1) < 0.5, wall, fruit))
    inside = (np.abs(x - vase_x) < profile) & (y < foot) & (y > foot - vase_h)
    scene.cover(
        inside,
        blend(clay * np.array([1.2, 0.9, 0.9]), clay * np.array([0.55, 1, 1]), 0.5 - lit * (x - vase_x) / vase_w * 0.8),
        np.full_like(edge, 1.5),
    )
    for _ in range(3):
        fx, fy, radius = draw(0.1, 0.9), edge + draw(0.06, 0.26), draw(0.1, 0.16)
        skin = lch(draw(0.5, 0.8), draw(0.12, 0.19), fruit + draw(-0.5, 0.5))
        scene.cover(
            ((x - fx - 0.03 * lit * -1) / (radius * 1.25)) ** 2 + ((y - fy - radius * 0.75) / (radius * 0.4)) ** 2 < 1,
            lch(0.25, 0.05, table),
            np.zeros_like(fx),
        )
        body = np.hypot(x - fx, y - fy) < radius
        tone = 0.5 - (lit * (x - fx) - (y - fy)) / radius * 0.5
        scene.cover(body, blend(skin * np.array([1.15, 0.9, 0.9]), skin * np.array([0.55, 0.9, 0.9]), tone), swirl(x, y, fx, fy))
    return scene


def night(x: np.ndarray, y: np.ndarray, count: int, rng: np.random.Generator) -> Scene:
    """A dark sky of whirls and stars over a dark town or wood."""
    dark, glow, accent = harmony(count, rng)
    draw = drawer(count, rng)
    ground = draw(0.68, 0.88)
    deep, pale = lch(draw(0.2, 0.38), draw(0.07, 0.13), dark), lch(draw(0.45, 0.65), draw(0.07, 0.13), dark + draw(-0.5, 0.5))
    flow = 0.4 * np.sin(x * draw(3, 7) + draw(0, 6)) + 0.3 * np.sin(y * draw(4, 8) + draw(0, 6))
    scene = Scene(x, y, blend(deep, pale, 0.5 + 0.6 * np.sin(y * draw(7, 14) + x * draw(-4, 4) + draw(0, 6))), flow)
    for place in range(4):
        sx, sy = draw(0.02, 0.24) + 0.25 * place, draw(0.06, 0.55)
        radius = draw(0.03, 0.06) * (1.7 if place == 0 else 1)
        star = lch(draw(0.82, 0.95), draw(0.09, 0.16), glow)
        distance = np.hypot(x - sx, y - sy)
        halo = np.exp(-((distance / (radius * 2.6)) ** 2))
        scene.colour = blend(scene.colour, star, 0.75 * halo)
        scene.cover(halo > 0.12, scene.colour, swirl(x, y, sx, sy))
        scene.cover(distance < radius, star, swirl(x, y, sx, sy))
    ridge = ground - draw(0.02, 0.1) * np.abs(np.sin(x * draw(6, 16) + draw(0, 6)))
    scene.cover(y > ridge, blend(lch(draw(0.28, 0.42), 0.07, accent), lch(0.16, 0.04, dark), (y - ridge) / 0.25), 0.3 * flow)
    tree_x, tree_w, tip = draw(0.08, 0.92), draw(0.04, 0.09), draw(0.15, 0.5)
    tree = (np.abs(x - tree_x) < tree_w * np.clip((y - tip) / 0.35, 0, 1) ** 0.6) & (draw(0, 1) < 0.7)
    scene.cover(tree, lch(draw(0.14, 0.26), 0.05, accent), 1.57 + 0.3 * np.sin(y * 20))
    return scene


def drawer(count: int, rng: np.random.Generator) -> object:
    """A function that draws one uniform number for each painting: [N, 1]."""
    return lambda low, high: rng.uniform(low, high, (count, 1))


MOTIFS = (landscape, portrait, still_life, night)
