"""The bank: latents of the collection's own images, with what the search needs to know of the paintings they give.

Every entry is a latent that the encoder gives for an image of the collection, so the decoder paints it in style.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from . import features
from .painter import Painter, Painting, paint_all


@dataclass(frozen=True)
class Bank:
    """M entries of the unposed paintings, in bytes.

    latents: uint8 [M, L]; spectra: int8 [M, B], each entry scaled to its largest value; centres: uint8 [M, 3], 255 is 1;
    share: uint8 [M, K], the share of each colour, 255 is all of the painting.
    """

    latents: np.ndarray
    spectra: np.ndarray
    centres: np.ndarray
    share: np.ndarray


def make_bank(latents: np.ndarray, painting: Painting) -> Bank:
    """The bank of `latents` uint8 [M, L] and what the model paints for them."""
    spectra = features.spectrum(painting.image).numpy()
    largest = np.abs(spectra).max(1, keepdims=True) + 1e-9
    share = painting.share.mean((2, 3)).numpy()
    return Bank(
        latents=latents,
        spectra=np.rint(spectra / largest * 127).astype(np.int8),
        centres=to_bytes(features.centre_colour(painting.image).numpy()),
        share=to_bytes(share),
    )


def select(painter: Painter, latents: np.ndarray, own: Tensor, count: int) -> tuple[np.ndarray, Painting]:
    """The `count` latents whose paintings come closest to the images `own` [M, 3, H, W] that they were encoded from.

    What a decoder cannot paint cleanly would look broken in every photo's answer. Duplicates are dropped first.
    """
    _, first = np.unique(latents, axis=0, return_index=True)
    first = np.sort(first)
    latents, own = latents[first], own[torch.from_numpy(first)]
    painting = paint_all(painter, torch.from_numpy(latents.astype(np.float32)))
    error = (painting.image - own).pow(2).mean((1, 2, 3)).numpy()
    kept = np.sort(np.argsort(error, kind="stable")[:count])
    chosen = torch.from_numpy(kept)
    return latents[kept], Painting(painting.image[chosen], painting.share[chosen])


def to_bytes(values: np.ndarray) -> np.ndarray:
    """0..1 to 0..255, rounded."""
    return np.rint(values * 255).clip(0, 255).astype(np.uint8)
