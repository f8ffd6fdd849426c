"""The sheet of pictures: fixed photos in rows, the ways of painting in columns."""

from __future__ import annotations

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from .paint import Painted

# One crop each of astronaut, cat, coffee, rocket, motorcycle, camera man, horse and colour wheel: positions in `evaluation_photos`.
FIXED = (0, 14, 25, 40, 52, 97, 108, 121)
TILE = 64
GAP = 4
SHOWN = ("naive", "float", "int8", "on-brand", "faithful")


def sheet(photos: Tensor, columns: dict[str, Painted], positions: tuple[int, ...]) -> tuple[bytes, list[str]]:
    """A PNG of the photos at `positions`, one per row, and what its columns show."""
    names = [name for name in SHOWN if name in columns]
    rows = [torch.cat([tile(photos[i]), *(tile(columns[name].images[i]) for name in names)], 2) for i in positions]
    pixels = (torch.cat(rows, 1) * 255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    return encoded(pixels), ["photo", *names]


def tile(image: Tensor) -> Tensor:
    """An image [3, H, W] enlarged to 64 pixels, in a white frame: [3, 68, 68]."""
    enlarged = F.interpolate(image[None], size=TILE, mode="nearest")[0]
    return F.pad(enlarged, (0, GAP, 0, GAP), value=1.0)


def encoded(pixels: np.ndarray) -> bytes:
    """Pixels uint8 [H, W, 3] as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
