"""The refinement's loss in torch: the second implementation, by which the step graph's written-out gradient is tested."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from . import features, pose
from .painter import Painter


@dataclass(frozen=True)
class Settings:
    """What a dial fixes: amounts [G] of the terms, colour, tilt [K] and inertia [L]."""

    amounts: Tensor
    colour: float
    tilt: Tensor
    inertia: Tensor


def loss(painter: Painter, photos: Tensor, latent: Tensor, origin: Tensor, poses: Tensor, settings: Settings) -> Tensor:
    """Loss [N] of latents [N, L] in poses int64 [N], each for its photo; the formula stands in `step_graph`."""
    painting = painter.paint(latent)
    posed = pose.apply(painting.image, poses)
    # The corner pixel that fills what a shift leaves empty is not to be moved for the sake of the fill.
    image = torch.where(pose.vacated(poses, painter.size)[:, None], posed.detach(), posed)
    weights = torch.stack([torch.from_numpy(term) for term in features.TERMS.values()])
    wanted = features.term_features(features.spectrum(photos), weights)
    cosines = (features.term_features(features.spectrum(image), weights) * wanted).sum(2)
    difference = features.centre_colour(image) - features.centre_colour(photos)
    distance = (difference.pow(2).sum(1) + features.DISTANCE_FLOOR).sqrt()
    tilted = painting.share.mean((2, 3)) @ settings.tilt
    inertia = (settings.inertia * (latent - origin) ** 2).sum(1)
    return -(cosines @ settings.amounts) + settings.colour * distance + tilted + inertia
