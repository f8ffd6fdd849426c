"""The 216 evaluation photos: 12 crops of each of 18 pictures that come with scikit-image. Nothing is ever fitted to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skimage.data
import torch
from PIL import Image
from torch import Tensor

CROPS_PER_PICTURE = 12
SIDE = 64
SMALLEST_CROP = 0.35
SEED = 5
# In this order: one generator draws all crops, so a picture more or less would move every later crop.
PICTURES = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "rocket.jpg",
    "motorcycle_left.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "retina.jpg",
    "camera.png",
    "horse.png",
    "color.png",
    "logo.png",
    "coins.png",
    "moon.png",
    "grass.png",
    "gravel.png",
    "brick.png",
    "text.png",
)


def evaluation_photos() -> Tensor:
    """The crops, 12 per picture in the order of `PICTURES`: float32 [216, 3, 64, 64] in 0..1; the same on every machine."""
    folder = Path(skimage.data.__file__).parent
    rng = np.random.default_rng(SEED)
    crops = [crop for name in PICTURES for crop in random_crops(folder / name, rng)]
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).contiguous()


def random_crops(path: Path, rng: np.random.Generator) -> list[np.ndarray]:
    """Square crops of 35 to 100 % of the shorter side, resized to 64x64: float32 [64, 64, 3] each."""
    picture = Image.open(path).convert("RGB")
    width, height = picture.size
    crops = []
    for _ in range(CROPS_PER_PICTURE):
        side = int(min(width, height) * rng.uniform(SMALLEST_CROP, 1))
        x, y = int(rng.integers(0, width - side + 1)), int(rng.integers(0, height - side + 1))
        crop = picture.crop((x, y, x + side, y + side)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        crops.append((np.asarray(crop) / 255.0).astype(np.float32))
    return crops
