"""What the dials of a model are worth on the 216 evaluation photos, by the shared measures.

The real pictures of the classifier are moved by the same poses, dealt out in another order: the pose is the same public rule for
both, and a classifier that only finds out that a figure stands elsewhere (97 % for real against moved real Nouns) says nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..integer import IntegerModel, evaluate
from ..files import read_model
from ..measures.classifier import classifier_accuracy
from ..measures.diversity import distinct_outputs
from ..measures.layout import layout_correlation, layout_recall10
from ..measures.luminance import luminance_rank_recall10
from ..measures.patches import patch_swd
from ..measures.photos import evaluation_photos
from ..source import Source
from . import pose
from .export import own_images
from .styler import Dial, Styler, open_style

REFERENCES = 400
REFERENCE_SEED, CLASSIFIER_SEED = 901, 902


def measure_dials(folder: Path, source: Source) -> dict[str, dict]:
    """Every dial's measures, and those of real pictures in their place."""
    model = read_model(folder)
    styler, dials = open_style(folder)
    photos = evaluation_photos()
    results = {}
    for name, dial in dials.items():
        images, poses = paint_photos(model, styler, dial, photos)
        results[name] = measures(model, source, images, poses, photos)
    return results


def paint_photos(model: IntegerModel, styler: Styler, dial: Dial, photos: Tensor) -> tuple[Tensor, Tensor]:
    """Every photo's image by the integer reference, posed, [N, 3, H, W] in 0..1, and the poses [N]."""
    answers = [styler.style(photo, dial)[0] for photo in photos.numpy()]
    poses = torch.tensor([answer.pose for answer in answers])
    painted = torch.from_numpy(evaluate(model, np.stack([answer.latent for answer in answers])).image)
    if model.is_rgb:
        images = painted.float() / 127
    else:
        images = torch.from_numpy(model.palette.astype(np.float32) / 255)[painted.long()].permute(0, 3, 1, 2)
    return pose.apply(images.contiguous(), poses), poses


def measures(model: IntegerModel, source: Source, images: Tensor, poses: Tensor, photos: Tensor) -> dict[str, float]:
    """The measures of images that were painted for `photos` in `poses`."""
    real = pose.apply(real_images(model, source, len(images), CLASSIFIER_SEED), poses.flip(0))
    return {
        **content_measures(model, source, images, photos),
        "classifierAccuracy": round(classifier_accuracy(images, real), 4),
        "distinctOutputs": distinct_outputs(images),
    }


def content_measures(model: IntegerModel, source: Source, images: Tensor, photos: Tensor) -> dict[str, float]:
    """Those that take seconds: distances of patches, and how well the photos are found again."""
    reference = real_images(model, source, REFERENCES, REFERENCE_SEED)
    return {
        "patchSwd": round(patch_swd(images, reference, 5), 6),
        "patchSwd16": round(patch_swd(images, reference, 16), 6),
        "layoutRecall10": round(layout_recall10(images, photos), 4),
        "layoutMatch": round(layout_correlation(images, photos)[0], 4),
        "independentRecall10": round(luminance_rank_recall10(images, photos), 4),
    }


def real_images(model: IntegerModel, source: Source, count: int, seed: int) -> Tensor:
    """Images of the collection: float [count, 3, H, W] in 0..1."""
    return own_images(model, source.seen(count, np.random.default_rng(seed))).contiguous()
