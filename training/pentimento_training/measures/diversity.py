"""Diversity: a generator that paints the same picture for everyone scores well on style alone."""

from __future__ import annotations

import torch
from torch import Tensor

from .colours import packed


def distinct_outputs(images: Tensor) -> int:
    """Number of different pictures among [N, 3, H, W], compared as 8-bit colours."""
    return len(packed(images).flatten(1).unique(dim=0))


def pairwise_distance(images: Tensor) -> float:
    """Mean Euclidean distance per pixel of two different pictures of [N, 3, H, W], 0 (all equal) to 1 (black and white)."""
    flat = images.flatten(1).double()
    distances = torch.cdist(flat, flat) / flat.shape[1] ** 0.5
    count = len(images)
    return float((distances.sum() - distances.diagonal().sum()) / (count * (count - 1)))
