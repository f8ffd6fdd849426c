"""Contour: do edges run where they run in the photo? A second check of content that nothing optimises."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .luminance import luma
from .retrieval import recall, unit

SIDE = 32
GRID = 8
DEPTH = 10


def contour_recall10(images: Tensor, photos: Tensor) -> float:
    """Share of pictures [N, 3, H, W] whose own photo [N, 3, h, w] is among the 10 with the most similar edges."""
    return recall(edge_feature(images) @ edge_feature(photos).T, DEPTH)


def edge_feature(images: Tensor) -> Tensor:
    """Strength of vertical and of horizontal edges in 8x8 cells, without their means, scaled to length 1: [N, 128]."""
    brightness = F.adaptive_avg_pool2d(luma(images), SIDE)
    across = F.pad(brightness.diff(dim=3).abs(), (0, 1, 0, 0))
    down = F.pad(brightness.diff(dim=2).abs(), (0, 0, 0, 1))
    cells = F.adaptive_avg_pool2d(torch.cat([across, down], 1), GRID)
    return unit((cells - cells.mean((2, 3), keepdim=True)).flatten(1))
