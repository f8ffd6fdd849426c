"""Sixteen real colours for a collection: a perceptual distance and weighted k-medoids, without randomness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLASS_COUNT = 16
WEIGHT_POWER = 0.75
CHROMA_STRETCH = 1.5
FAR = 1e9
LINEAR_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
CONES_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


@dataclass(frozen=True)
class Palette:
    """Sixteen real colours: `colours` uint8 [16, 3]; `class_of` int64 [C], index of one of the collection's C colours to class."""

    colours: np.ndarray
    class_of: np.ndarray

    def hex(self) -> list[str]:
        """The colours as `#rrggbb`."""
        return ["#" + bytes(colour).hex() for colour in self.colours.astype(np.uint8)]


def perceptual(colours: np.ndarray) -> np.ndarray:
    """sRGB uint8 [N, 3] to Oklab float64 [N, 3] with stretched chroma (https://bottosson.github.io/posts/oklab/)."""
    encoded = colours / 255.0
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ LINEAR_TO_CONES.T) @ CONES_TO_OKLAB.T * np.array([1, CHROMA_STRETCH, CHROMA_STRETCH])


def choose_medoids(distance: np.ndarray, weight: np.ndarray, fixed: int, count: int = CLASS_COUNT) -> list[int]:
    """Weighted k-medoids by greedy building and swapping, without randomness; `fixed` stays the first medoid."""
    candidates = np.flatnonzero(weight > 0)
    chosen = [fixed]
    while len(chosen) < count:
        chosen.append(int(best_addition(distance, weight, chosen, candidates)[0]))
    for _ in range(20):
        before = list(chosen)
        for position in range(1, count):
            others = chosen[:position] + chosen[position + 1 :]
            chosen[position] = int(best_addition(distance, weight, others, candidates)[0])
        if chosen == before:
            break
    return chosen


def best_addition(distance: np.ndarray, weight: np.ndarray, chosen: list[int], candidates: np.ndarray) -> tuple[int, float]:
    """The candidate whose addition to `chosen` leaves the smallest weighted distance, and that distance."""
    nearest = distance[:, chosen].min(1)
    costs = (np.minimum(nearest[:, None], distance[:, candidates]) * weight[:, None]).sum(0)
    best = int(costs.argmin())
    return int(candidates[best]), float(costs[best])
