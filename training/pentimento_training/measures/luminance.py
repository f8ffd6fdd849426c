"""Independent check of content: is it dark and light in the same places, in the same order? Nothing may optimise this feature."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .retrieval import recall, unit

GRID = 6
DEPTH = 10
# ITU-R BT.601 luma of encoded RGB.
LUMA = (0.299, 0.587, 0.114)


def luminance_rank_recall10(images: Tensor, photos: Tensor) -> float:
    """Share of pictures [N, 3, H, W] whose own photo [N, 3, h, w] is among the 10 with the highest Spearman correlation of luminance."""
    return recall(rank_feature(images) @ rank_feature(photos).T, DEPTH)


def rank_feature(images: Tensor) -> Tensor:
    """Centred ranks of the 6x6 mean luminances, scaled to length 1: [N, 36]. Products of such rows are Spearman correlations."""
    cells = F.adaptive_avg_pool2d(luma(images), GRID).flatten(1)
    ranks = average_ranks(cells)
    return unit(ranks - ranks.mean(1, keepdim=True))


def luma(images: Tensor) -> Tensor:
    """Brightness of each pixel: [N, 3, H, W] to [N, 1, H, W]."""
    return (images * images.new_tensor(LUMA)[None, :, None, None]).sum(1, keepdim=True)


def average_ranks(values: Tensor) -> Tensor:
    """Rank of each value in its row [N, D], from 0; equal values share the mean of their ranks."""
    below = (values[:, None, :] < values[:, :, None]).sum(2)
    equal = (values[:, None, :] == values[:, :, None]).sum(2)
    return (below + (equal - 1) / 2).to(torch.float32)
