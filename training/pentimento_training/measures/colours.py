"""Colours: does a picture keep to the palette, and how many colours does it use? Colours are compared as 8-bit values."""

from __future__ import annotations

import torch
from torch import Tensor


def palette_adherence(images: Tensor, palette: Tensor) -> float:
    """Share of the pixels of [N, 3, H, W] whose colour is one of `palette`, float [K, 3] in 0..1: 1 is full adherence."""
    return float(torch.isin(packed(images), packed(palette[:, :, None, None])).float().mean())


def colours_per_image(images: Tensor) -> float:
    """Mean number of different colours in a picture of [N, 3, H, W]."""
    return float(torch.tensor([len(picture.unique()) for picture in packed(images)], dtype=torch.float32).mean())


def packed(images: Tensor) -> Tensor:
    """Each pixel as one integer 0xrrggbb: int64 [N, H, W]."""
    red, green, blue = (images * 255).round().clamp(0, 255).to(torch.int64).unbind(1)
    return (red << 16) | (green << 8) | blue
