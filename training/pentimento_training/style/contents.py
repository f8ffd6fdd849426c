"""What the tilt is fitted on: pictures that are no part of any evaluation, drawn by a formula or shipped with scikit-image.

None of them is among the pictures of `measures.photos`, nor a second view of one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skimage.data
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

SIDE = 64
FITTING_PICTURES = ("microaneurysms.png", "page.png", "cell.png", "clock_motion.png", "chessboard_RGB.png")
FACES = "lfw_subset.npy"
FACE_COUNT = 100
PHOTO_SHARE = 0.4
SHAPES = 6


def fitting_contents(count: int, seed: int = 11) -> Tensor:
    """`count` varied pictures: float32 [count, 3, 64, 64] in 0..1; the same seed gives the same pictures."""
    generator = torch.Generator().manual_seed(seed)
    photos = library_crops(int(count * PHOTO_SHARE), np.random.default_rng(seed))
    # Half keep their own colours: most of them are grey, as a good part of all photos is.
    coloured = (torch.rand(len(photos), 1, 1, generator=generator) < 0.5).float()
    jitter = torch.eye(3)[None] + coloured * 0.25 * torch.randn(len(photos), 3, 3, generator=generator)
    tint = coloured[..., None] * 0.12 * torch.randn(len(photos), 3, 1, 1, generator=generator)
    photos = torch.einsum("nij,njhw->nihw", jitter, photos - 0.5) + 0.5 + tint
    return torch.cat([procedural(count - len(photos), generator), photos.clamp(0, 1)])


def library_crops(count: int, rng: np.random.Generator) -> Tensor:
    """Random square crops of the fitting pictures and faces, resized: [count, 3, 64, 64]."""
    folder = Path(skimage.data.__file__).parent
    faces = np.load(folder / FACES)[:FACE_COUNT]
    pictures = [Image.open(folder / name).convert("RGB") for name in FITTING_PICTURES]
    crops = []
    for position in range(count):
        if position % 2 == 0:
            face = (np.clip(faces[rng.integers(len(faces))], 0, 1) * 255).astype(np.uint8)
            picture, smallest = Image.fromarray(face).convert("RGB"), 0.7
        else:
            picture, smallest = pictures[rng.integers(len(pictures))], 0.2
        crops.append(random_crop(picture, smallest, rng))
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)


def random_crop(picture: Image.Image, smallest: float, rng: np.random.Generator) -> np.ndarray:
    """One square crop of at least `smallest` of the shorter side: float32 [64, 64, 3]."""
    width, height = picture.size
    side = max(2, int(min(width, height) * rng.uniform(smallest, 1)))
    x, y = int(rng.integers(0, width - side + 1)), int(rng.integers(0, height - side + 1))
    crop = picture.crop((x, y, x + side, y + side)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return (np.asarray(crop) / 255).astype(np.float32)


def procedural(count: int, generator: torch.Generator) -> Tensor:
    """Soft ellipses and boxes on fields of colour, of random saturation, texture and contrast: [count, 3, 64, 64]."""

    def uniform(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=generator)

    def normal(*shape: int) -> Tensor:
        return torch.randn(count, *shape, generator=generator)

    picture = enlarge(uniform(3, 3, 3), "bicubic").clamp(0, 1)
    for _ in range(SHAPES):
        mask = soft_shape(uniform, count)
        shading = 1 + 0.3 * enlarge(normal(1, 6, 6), "bilinear")
        picture = picture * (1 - mask) + mask * uniform(3, 1, 1) * shading
    grey = picture.mean(1, keepdim=True)
    picture = torch.where(uniform(1, 1, 1) < 0.6, grey + (picture - grey) * uniform(1, 1, 1) ** 2, picture)
    texture = coloured_noise(normal(1, SIDE, SIDE), uniform(1, 1, 1) * 0.6 + 0.2)
    picture = torch.where(uniform(1, 1, 1) < 0.5, picture + 0.12 * texture, picture)
    return ((picture - 0.5) * (0.4 + uniform(1, 1, 1)) + 0.5 + 0.15 * normal(1, 1, 1)).clamp(0, 1)


def soft_shape(uniform, count: int) -> Tensor:
    """One random ellipse or box per picture as a mask [count, 1, 64, 64]."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, SIDE), torch.linspace(-1, 1, SIDE), indexing="ij")
    centre_x, centre_y = uniform(1, 1) * 1.6 - 0.8, uniform(1, 1) * 1.6 - 0.8
    radius_x, radius_y, angle = uniform(1, 1) * 0.7 + 0.1, uniform(1, 1) * 0.7 + 0.1, uniform(1, 1) * torch.pi
    u = ((x - centre_x) * angle.cos() + (y - centre_y) * angle.sin()) / radius_x
    v = ((y - centre_y) * angle.cos() - (x - centre_x) * angle.sin()) / radius_y
    reach = torch.where(uniform(1, 1) < 0.5, u**2 + v**2, torch.maximum(u.abs(), v.abs()))
    return torch.sigmoid((1 - reach) * 12)[:, None]


def coloured_noise(white: Tensor, power: Tensor) -> Tensor:
    """White noise [N, 1, S, S] filtered to a 1/f^(2 power) amplitude and unit deviation."""
    frequency = torch.fft.fftfreq(SIDE)[:, None] ** 2 + torch.fft.rfftfreq(SIDE)[None] ** 2
    noise = torch.fft.irfft2(torch.fft.rfft2(white) / (frequency + 1e-3) ** power, s=(SIDE, SIDE))
    return noise / noise.std((2, 3), keepdim=True)


def enlarge(small: Tensor, mode: str) -> Tensor:
    """Interpolate [N, C, h, w] to 64x64."""
    return F.interpolate(small, size=SIDE, mode=mode, align_corners=mode == "bicubic")
