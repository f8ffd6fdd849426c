"""Anchor: what a reader could do without any model, shrinking the photo and taking the nearest palette colours."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def naive_pixelation(photos: Tensor, palette: Tensor, size: tuple[int, int]) -> Tensor:
    """Photos [N, 3, h, w] averaged down to `size` (H, W), each pixel then the nearest of `palette` [K, 3]: [N, 3, H, W].

    An empty palette (a model that paints in RGB) leaves the averaged colours.
    """
    small = F.adaptive_avg_pool2d(photos, size)
    if len(palette) == 0:
        return small
    pixels = small.permute(0, 2, 3, 1)
    nearest = torch.cdist(pixels.reshape(-1, 3), palette).argmin(1)
    return palette[nearest].view(pixels.shape).permute(0, 3, 1, 2)
