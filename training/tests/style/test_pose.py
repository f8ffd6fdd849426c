"""The pose rule against its literal statement, and against its inverse."""

from __future__ import annotations

import pytest
import torch

from pentimento_training.style import pose


def literal(image: torch.Tensor, byte: int) -> torch.Tensor:
    """The rule of book/formats.md, pixel by pixel, on [C, H, W]."""
    _, height, width = image.shape
    mirror, rest = divmod(byte, 63)
    dy, dx, unit = rest // 9 - 3, rest % 9 - 4, max(1, width >> 5)
    moved = image.flip(2) if mirror else image
    out = torch.empty_like(image)
    for y in range(height):
        for x in range(width):
            sy, sx = y - dy * unit, x - dx * unit
            outside = sy < 0 or sx < 0 or sx >= width
            out[:, y, x] = moved[:, 0, 0] if outside else moved[:, min(sy, height - 1), sx]
    return out


@pytest.mark.parametrize("size", [32, 64])
@pytest.mark.parametrize("byte", [0, 8, 31, 62, 63, 94, 125])
def test_apply_is_the_literal_rule(size: int, byte: int) -> None:
    """On an image of which no two pixels are equal."""
    image = torch.arange(3 * size * size, dtype=torch.float32).view(3, size, size)
    assert torch.equal(pose.apply(image[None], torch.tensor([byte]))[0], literal(image, byte))


@pytest.mark.parametrize("byte", [0, 17, 31, 63, 125])
def test_undo_moves_back(byte: int) -> None:
    """The middle, which no shift reaches from outside, comes back as it was."""
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(byte))
    there = pose.apply(image, torch.tensor([byte]))
    back = pose.undo(there, torch.tensor([byte]))
    assert torch.equal(back[..., 8:-8, 8:-8], image[..., 8:-8, 8:-8])
