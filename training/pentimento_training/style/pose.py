"""The public pose rule (book/formats.md, section 1) on float images, and its inverse on photos."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

COUNT = 126
IDENTITY = 31
SHIFTS = 32


def parts(pose: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Pose bytes [N] to mirror (0 or 1), dy in -3..3 and dx in -4..4."""
    rest = pose % 63
    return pose // 63, rest // 9 - 3, rest % 9 - 4


def source_map(pose: Tensor, size: tuple[int, int]) -> Tensor:
    """For every pixel of the posed image the position it is copied from: int64 [N, H * W]."""
    height, width = size
    unit = max(1, width // SHIFTS)
    mirror, dy, dx = (part[:, None, None] for part in parts(pose))
    y = torch.arange(height)[None, :, None] - dy * unit
    x = torch.arange(width)[None, None, :] - dx * unit
    x = torch.where(mirror == 1, width - 1 - x, x)
    corner = mirror * (width - 1)
    return torch.where(vacated(pose, size), corner, y.clamp(0, height - 1) * width + x).flatten(1)


def vacated(pose: Tensor, size: tuple[int, int]) -> Tensor:
    """Where a posed image shows no part of the image but repeats its corner: bool [N, H, W]."""
    height, width = size
    unit = max(1, width // SHIFTS)
    _, dy, dx = (part[:, None, None] for part in parts(pose))
    y = torch.arange(height)[None, :, None] - dy * unit
    x = torch.arange(width)[None, None, :] - dx * unit
    return (y < 0) | (x < 0) | (x >= width)


def apply(planes: Tensor, pose: Tensor) -> Tensor:
    """Pose every plane of [N, C, H, W]."""
    source = source_map(pose, planes.shape[2:])
    return planes.flatten(2).gather(2, source[:, None].expand(-1, planes.shape[1], -1)).view(planes.shape)


def undo(photos: Tensor, pose: Tensor) -> Tensor:
    """Photos [N, 3, S, S] moved against the pose, so that an unposed image can be compared; edges are repeated."""
    size = photos.shape[-1]
    unit = size // SHIFTS
    margin = 4 * unit
    padded = F.pad(photos, [margin] * 4, mode="replicate")
    mirror, dy, dx = parts(pose)
    moved = []
    for photo, flip, down, right in zip(padded, mirror.tolist(), dy.tolist(), dx.tolist(), strict=True):
        top, left = margin + down * unit, margin + right * unit
        crop = photo[:, top : top + size, left : left + size]
        moved.append(crop.flip(2) if flip else crop)
    return torch.stack(moved)
