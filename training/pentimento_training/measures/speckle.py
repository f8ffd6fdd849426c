"""Speckle: single pixels that stand alone in their surroundings, the typical defect of a per-pixel classifier."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .colours import packed

OUTSIDE = -1


def speckle(images: Tensor) -> float:
    """Share of the pixels of [N, 3, H, W] that differ from all their neighbours, eight or at the border fewer: 0 is none."""
    pixels = packed(images)
    height, width = pixels.shape[1:]
    framed = F.pad(pixels, (1, 1, 1, 1), value=OUTSIDE)
    alone = torch.ones_like(pixels, dtype=torch.bool)
    for dy in range(3):
        for dx in range(3):
            if (dy, dx) != (1, 1):
                alone &= framed[:, dy : dy + height, dx : dx + width] != pixels
    return float(alone.float().mean())
