"""The figures of a report: every measure for every column, and the reconstruction of real pictures."""

from __future__ import annotations

import torch
from torch import Tensor

from ..measures.classifier import classifier_accuracy
from ..measures.colours import colours_per_image, palette_adherence
from ..measures.contour import contour_recall10
from ..measures.diversity import distinct_outputs, pairwise_distance
from ..measures.kernel import own_feature_kid
from ..measures.layout import layout_correlation, layout_recall10
from ..measures.luminance import luminance_rank_recall10
from ..measures.patches import patch_swd
from ..measures.reconstruction import cross_entropy, psnr, ssim
from ..measures.speckle import speckle
from ..source import Examples
from ..style import pose
from .paint import Networks, Painted
from .real import images_of
from .subject import Subject

LARGEST_LATENT = 127
SMALL_PATCH = 5
LARGE_PATCH = 16
ENCODER_SIDE = 64


def column_figures(subject: Subject, painted: Painted, photos: Tensor, reference: Tensor) -> dict[str, float | None]:
    """All measures of style and content of one column; `reference` holds at least as many real pictures as there are photos."""
    matched, mismatched = layout_correlation(painted.images, photos)
    figures = {
        "patchSwd": patch_swd(painted.images, reference, SMALL_PATCH),
        "patchSwd16": patch_swd(painted.images, reference, LARGE_PATCH),
        "classifierAccuracy": classifier_accuracy(painted.images, posed_like(painted, reference)),
        "ownFeatureKid": own_feature_kid(features(subject, painted.images), features(subject, reference)),
        "paletteAdherence": palette_adherence(painted.images, subject.palette) if len(subject.palette) else None,
        "coloursPerImage": colours_per_image(painted.images),
        "speckle": speckle(painted.images),
        "layoutRecall10": layout_recall10(painted.images, photos),
        "layoutMatched": matched,
        "layoutMismatched": mismatched,
        "independentRecall10": luminance_rank_recall10(painted.images, photos),
        "contourRecall10": contour_recall10(painted.images, photos),
        "distinctOutputs": distinct_outputs(painted.images),
        "pairwiseDistance": pairwise_distance(painted.images),
    }
    return {key: None if value is None else round(value, 7) for key, value in figures.items()}


def posed_like(painted: Painted, reference: Tensor) -> Tensor:
    """Real pictures that stand as the painted ones do, or a classifier would merely find out that a figure was moved."""
    count = len(painted.images)
    return pose.apply(reference[torch.arange(count) % len(reference)], painted.poses)


def features(subject: Subject, images: Tensor) -> Tensor:
    """What the model's own encoder says of images [N, 3, H, W]: its latents in 0..1, [N, L]."""
    pictures = torch.nn.functional.interpolate(images, size=ENCODER_SIDE, mode="nearest")
    return torch.from_numpy(subject.encode(pictures)).double() / LARGEST_LATENT


def reconstruction_figures(
    subject: Subject, examples: Examples, networks: dict[str, Networks]
) -> dict[str, dict[str, float | None]]:
    """PSNR and SSIM of real pictures that went through the model in float and int8; cross-entropy where the head gives logits."""
    targets = images_of(subject, examples)
    pictures = torch.from_numpy(examples.pictures)
    images = {"int8": subject.decode(subject.encode(pictures))}
    if networks:
        images = {"float": networks["control"].paint(pictures, subject.palette), **images}
    return {
        name: {
            "crossEntropy": entropy(subject, examples, networks.get("control" if name == "float" else name)),
            "psnr": round(psnr(image, targets), 4),
            "ssim": round(ssim(image, targets), 5),
        }
        for name, image in images.items()
    }


def entropy(subject: Subject, examples: Examples, networks: Networks | None) -> float | None:
    """Cross-entropy of examples, where a palette head and its float logits are at hand."""
    if networks is None or subject.source.palette is None:
        return None
    logits = networks.outputs(torch.from_numpy(examples.pictures))
    return round(cross_entropy(logits, torch.from_numpy(examples.targets)), 5)
