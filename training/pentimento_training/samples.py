"""A folder of PNG files from an array of images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def write_samples(images: np.ndarray, folder: Path) -> None:
    """Write uint8 [N, H, W, 3] as `0000.png`, `0001.png`, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{number:04}.png")
