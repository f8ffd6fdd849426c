"""Layout: do the large masses of colour lie where they lie in the photo? The search optimises this feature, so it flatters."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from .retrieval import matched_and_mismatched, recall, unit

GRID = 8
CONTRAST_FLOOR = 0.05
DEPTH = 10


def layout_feature(images: Tensor) -> Tensor:
    """8x8 mean colours without their overall mean, scaled to length 1: [N, 3, H, W] to [N, 192]. Differentiable.

    The floor under the contrast keeps a nearly uniform picture from becoming all noise.
    """
    cells = F.adaptive_avg_pool2d(images, GRID)
    centred = cells - cells.mean((2, 3), keepdim=True)
    contrast = centred.pow(2).mean((1, 2, 3), keepdim=True).sqrt()
    return unit((centred / (contrast + CONTRAST_FLOOR)).flatten(1))


def layout_recall10(images: Tensor, photos: Tensor) -> float:
    """Share of pictures [N, 3, H, W] that have their own photo [N, 3, h, w] among the 10 of most similar layout."""
    return recall(layout_feature(images) @ layout_feature(photos).T, DEPTH)


def layout_correlation(images: Tensor, photos: Tensor) -> tuple[float, float]:
    """Mean layout similarity, -1..1, of pictures to their own photos and to other photos: (matched, mismatched)."""
    return matched_and_mismatched(layout_feature(images) @ layout_feature(photos).T)
