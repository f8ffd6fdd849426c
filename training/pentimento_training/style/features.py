"""What is compared of a photo and an image: low frequencies of a 16x16 thumbnail in opponent colours, and the colour of the centre.

A term is a set of weights over the spectrum, and its value the cosine of the two weighted spectra. The constant parts are left
out, so a term ignores brightness and tint, as a person does who recognises a picture by its layout.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

THUMBNAIL = 16
# Orthonormal, so that equal weights mean plain RGB: brightness, red against blue, green against both.
OPPONENT = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt(np.array([[3], [2], [6]]))
LUMA_BAND = 8
CHROMA_BAND = 5
# Keeps the cosine of a uniform picture defined.
NORM_FLOOR = 1e-6
DISTANCE_FLOOR = 1e-4


def cosine_basis() -> np.ndarray:
    """The orthonormal DCT-II matrix of 16 points: [frequency, position]."""
    frequency, position = np.arange(THUMBNAIL)[:, None], np.arange(THUMBNAIL)[None]
    basis = np.cos(np.pi * frequency * (2 * position + 1) / (2 * THUMBNAIL)) * np.sqrt(2 / THUMBNAIL)
    basis[0] /= np.sqrt(2)
    return basis


def band() -> np.ndarray:
    """The kept frequencies as rows (colour axis, vertical, horizontal): int64 [B, 3]."""
    kept = np.zeros((3, THUMBNAIL, THUMBNAIL), bool)
    kept[0, :LUMA_BAND, :LUMA_BAND] = True
    kept[1:, :CHROMA_BAND, :CHROMA_BAND] = True
    kept[:, 0, 0] = False
    return np.argwhere(kept)


def spectrum_matrix() -> np.ndarray:
    """From a flattened thumbnail [3 * 256] to the band: float32 [768, B]."""
    basis = cosine_basis()
    columns = [np.einsum("c,y,x->cyx", OPPONENT[axis], basis[v], basis[u]).ravel() for axis, v, u in band()]
    return np.stack(columns, 1).astype(np.float32)


def centre_matrix() -> np.ndarray:
    """From a flattened thumbnail to the mean colour of the middle quarter of its area: float32 [768, 3]."""
    inside = np.zeros((THUMBNAIL, THUMBNAIL))
    quarter = THUMBNAIL // 4
    inside[quarter:-quarter, quarter:-quarter] = 1
    return np.einsum("ck,yx->cyxk", np.eye(3), inside / inside.sum()).reshape(-1, 3).astype(np.float32)


SPECTRUM = torch.from_numpy(spectrum_matrix())
CENTRE = torch.from_numpy(centre_matrix())


def spectrum(images: Tensor) -> Tensor:
    """[N, 3, H, W] in 0..1 to the band [N, B]."""
    return thumbnail(images) @ SPECTRUM


def centre_colour(images: Tensor) -> Tensor:
    """Mean colour of the middle quarter of the area: [N, 3]."""
    return thumbnail(images) @ CENTRE


def thumbnail(images: Tensor) -> Tensor:
    """[N, 3, H, W] to [N, 768]."""
    return F.adaptive_avg_pool2d(images, THUMBNAIL).flatten(1)


def term_weights(slope: float, chroma: float) -> np.ndarray:
    """Weights of a term: frequency to the power `slope`, colour against brightness by `chroma`; float32 [B]."""
    axis, v, u = band().T
    weights = np.sqrt(v**2 + u**2) ** slope * np.where(axis == 0, 1, chroma)
    return weights.astype(np.float32)


# Layout sees what an 8x8 grid of colours shows; structure sees brightness alone, and fine detail as well as coarse.
TERMS = {"layout": term_weights(0.0, 1.0), "structure": term_weights(0.5, 0.0)}


def term_features(spectra: Tensor, weights: Tensor) -> Tensor:
    """Rows of length 1, one per term: [N, B] and weights [G, B] to [N, G, B]."""
    weighted = spectra[:, None] * weights[None]
    return weighted / (weighted.pow(2).sum(2, keepdim=True) + NORM_FLOOR).sqrt()
