"""Reconstruction: how well the autoencoder gives back pictures of the collection itself."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

WINDOW = 11
WINDOW_SIGMA = 1.5
LUMINANCE_CONSTANT = 0.01**2
CONTRAST_CONSTANT = 0.03**2


def cross_entropy(logits: Tensor, classes: Tensor) -> float:
    """Mean over pixels, in nats, of the logits [N, K, H, W] for the classes int64 [N, H, W]."""
    return float(F.cross_entropy(logits, classes))


def psnr(images: Tensor, targets: Tensor) -> float:
    """Peak signal-to-noise ratio in dB over all of [N, 3, H, W] in 0..1; infinite for equal pictures."""
    return float(-10 * torch.log10((images - targets).double().pow(2).mean()))


def ssim(images: Tensor, targets: Tensor) -> float:
    """Mean structural similarity (Wang et al. 2004: Gaussian window 11, sigma 1.5, no padding), 1 for equal pictures of [N, 3, H, W]."""
    x, y = images.double(), targets.double()
    mean_x, mean_y = blur(x), blur(y)
    variance_x, variance_y = blur(x * x) - mean_x**2, blur(y * y) - mean_y**2
    covariance = blur(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + LUMINANCE_CONSTANT) / (mean_x**2 + mean_y**2 + LUMINANCE_CONSTANT)
    structure = (2 * covariance + CONTRAST_CONSTANT) / (variance_x + variance_y + CONTRAST_CONSTANT)
    return float((luminance * structure).mean())


def blur(x: Tensor) -> Tensor:
    """Gaussian window over every plane, where it fits completely: [N, 3, H, W] to [N, 3, H-10, W-10]."""
    offsets = torch.arange(WINDOW, dtype=x.dtype) - WINDOW // 2
    line = torch.exp(-(offsets**2) / (2 * WINDOW_SIGMA**2))
    line = line / line.sum()
    planes = x.flatten(0, 1)[:, None]
    planes = F.conv2d(F.conv2d(planes, line[None, None, :, None]), line[None, None, None, :])
    return planes.view(*x.shape[:2], *planes.shape[2:])
