"""Pixel invaders: a small collection of another kind to try the training on, made by this program alone (CC0).

Each is a mirrored creature of random cells with eyes, an outline and a shade, in one of a few colour sets, 32x32 pixels.
"""

from __future__ import annotations

import numpy as np

SIZE = 32
CELLS = 10
# Background, outline, body, shade, eye.
COLOURS = np.array(
    [
        [[24, 20, 37], [10, 8, 16], [99, 199, 77], [38, 92, 66], [255, 255, 255]],
        [[24, 20, 37], [10, 8, 16], [254, 174, 52], [190, 74, 47], [255, 255, 255]],
        [[24, 20, 37], [10, 8, 16], [0, 153, 219], [18, 78, 137], [255, 231, 98]],
        [[24, 20, 37], [10, 8, 16], [246, 117, 122], [181, 80, 136], [255, 255, 255]],
    ],
    np.uint8,
)


def draw_invaders(count: int, seed: int) -> np.ndarray:
    """`count` creatures: uint8 [count, 32, 32, 3]."""
    rng = np.random.default_rng(seed)
    return np.stack([draw_invader(rng) for _ in range(count)])


def draw_invader(rng: np.random.Generator) -> np.ndarray:
    """One creature: uint8 [32, 32, 3]."""
    colours = COLOURS[rng.integers(0, len(COLOURS))]
    half = body_cells(rng)
    cells = np.concatenate([half, half[:, ::-1]], 1)
    shaded = half & (rng.random(half.shape) < 0.25)
    kind = np.where(cells, np.where(np.concatenate([shaded, shaded[:, ::-1]], 1), 3, 2), 0)
    row = int(rng.integers(3, 5))
    column = int(rng.integers(1, half.shape[1] - 1))
    kind[row, [column, 2 * half.shape[1] - 1 - column]] = 4
    image = np.zeros((SIZE, SIZE), np.int64)
    body = kind.repeat(2, 0).repeat(2, 1)
    top, left = (SIZE - body.shape[0]) // 2, (SIZE - body.shape[1]) // 2
    image[top : top + body.shape[0], left : left + body.shape[1]] = body
    solid = np.pad(image > 0, 1)
    near = solid[:-2, 1:-1] | solid[2:, 1:-1] | solid[1:-1, :-2] | solid[1:-1, 2:]
    image[(image == 0) & near] = 1
    return colours[image]


def body_cells(rng: np.random.Generator) -> np.ndarray:
    """The left half of a body: bool [10, 3..6], denser towards the middle."""
    width = int(rng.integers(4, 7))
    rows = 1 - np.abs(np.linspace(-1, 1, CELLS))[:, None] ** 2
    columns = np.linspace(0.25, 1, width)[None]
    return rng.random((CELLS, width)) < 0.25 + 0.75 * rows * columns
