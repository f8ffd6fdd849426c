"""Golden answers of a style package, `vectors/style/<model>.json`: what `packages/style` must give for the same pictures.

The pictures are a formula of integers, so that every language makes the same floats from a few numbers.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..files import write_whole
from .styler import open_style

SIDE = 64
CASES = ((1, 2, 0), (3, 1, 40), (2, 5, 17), (0, 1, 80))


def formula_picture(across: int, down: int, blocks: int) -> np.ndarray:
    """Slopes and blocks of 16 pixels: float32 [3, 64, 64] in 0..1."""
    channel, y, x = np.mgrid[0:3, 0:SIDE, 0:SIDE]
    values = (across * x + down * (channel + 1) * y + blocks * (((x >> 4) ^ (y >> 4)) + channel)) & 255
    return (values / 255).astype(np.float32)


def write_style_vectors(folder: Path, path: Path) -> None:
    """Answers for every picture and dial of the package in `folder`."""
    styler, dials = open_style(folder)
    cases = []
    for picture in CASES:
        for name, dial in dials.items():
            best = styler.style(formula_picture(*picture), dial)[0]
            answer = {"latent": best.latent.tolist(), "pose": best.pose, "loss": round(best.loss, 5)}
            cases.append({"picture": list(picture), "dial": name, **answer})
    commitment = json.loads((folder / "style.json").read_text())["commitment"]
    write_whole(path, json.dumps({"model": folder.resolve().name, "commitment": commitment, "cases": cases}) + "\n")
