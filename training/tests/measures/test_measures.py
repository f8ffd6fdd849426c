"""Every measure against answers known without it: identical and shuffled sets, known distributions, hand-made pictures, rankings."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from pentimento_training.measures.anchors import naive_pixelation
from pentimento_training.measures.classifier import classifier_accuracy
from pentimento_training.measures.colours import colours_per_image, palette_adherence
from pentimento_training.measures.contour import contour_recall10, edge_feature
from pentimento_training.measures.diversity import distinct_outputs, pairwise_distance
from pentimento_training.measures.kernel import own_feature_kid
from pentimento_training.measures.layout import layout_correlation, layout_feature, layout_recall10
from pentimento_training.measures.luminance import average_ranks, luminance_rank_recall10, rank_feature
from pentimento_training.measures.patches import patch_swd, random_patches, sliced_wasserstein
from pentimento_training.measures.photos import evaluation_photos
from pentimento_training.measures.reconstruction import cross_entropy, psnr, ssim
from pentimento_training.measures.retrieval import matched_and_mismatched, recall
from pentimento_training.measures.speckle import speckle

BLACK, WHITE, RED = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)


def noise(count: int, side: int, seed: int) -> Tensor:
    """Uniform noise [count, 3, side, side]."""
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(seed))


def blobs(count: int, seed: int, side: int = 32) -> Tensor:
    """Smooth random pictures [count, 3, side, side] in 0..1."""
    return torch.nn.functional.interpolate(noise(count, 4, seed), size=side, mode="bilinear", align_corners=False)


def drawn(rows: list[str]) -> Tensor:
    """A picture [1, 3, H, W] from rows of letters: k black, w white, r red."""
    colours = {"k": BLACK, "w": WHITE, "r": RED}
    return torch.tensor([[colours[letter] for letter in row] for row in rows]).permute(2, 0, 1)[None]


def test_the_evaluation_photos_are_the_216_of_the_record() -> None:
    photos = evaluation_photos()
    assert (photos.shape, photos.dtype) == ((216, 3, 64, 64), torch.float32)
    assert 0 <= float(photos.min()) and float(photos.max()) <= 1
    digest = hashlib.sha256((photos * 255).round().to(torch.uint8).numpy().tobytes()).hexdigest()
    assert digest == "466c966c3aaa6704c7e2d15d179ba58410da9abe13a3bcc54d64bf32e032bc3d"


def test_swd_of_a_set_with_itself_is_the_floor_and_a_shuffled_set_changes_nothing() -> None:
    images = blobs(100, 1)
    other = patch_swd(images, 1 - images**3, 5)
    same = patch_swd(images, images, 5)
    shuffled = patch_swd(images[torch.randperm(100, generator=torch.Generator().manual_seed(2))], images, 5)
    assert same < other / 50
    assert shuffled < other / 50
    assert patch_swd(images, 1 - images**3, 5) == other


def test_swd_of_two_gaussians_is_that_of_the_textbook() -> None:
    # W2 of N(m, s) and N(0, 1) on a line is m^2 + (s - 1)^2; over unit directions in D dimensions m.u has mean square |m|^2 / D.
    generator = torch.Generator().manual_seed(0)
    dimensions, shift, spread = 20, 1.5, 2.0
    a = torch.randn(6000, dimensions, generator=generator) * spread + shift
    b = torch.randn(6000, dimensions, generator=generator)
    measured = np.mean([sliced_wasserstein(a, b, generator) for _ in range(6)])
    assert measured == pytest.approx(shift**2 + (spread - 1) ** 2, rel=0.1)


def test_swd_of_uniform_pictures_is_the_squared_difference_of_their_colour() -> None:
    # Every patch is constant, so that the distance of both sets is |m.u|^2, with mean d^2 over unit directions u.
    grey, lighter = torch.full((4, 3, 16, 16), 0.3), torch.full((4, 3, 16, 16), 0.5)
    assert patch_swd(grey, grey, 5) == 0
    assert patch_swd(grey, lighter, 5) == pytest.approx(0.04, rel=0.15)
    assert patch_swd(grey, lighter, 16) == pytest.approx(0.04, rel=0.15)


def test_patches_are_windows_of_the_pictures() -> None:
    images = torch.arange(2 * 3 * 8 * 8, dtype=torch.float32).view(2, 3, 8, 8)
    for patch in random_patches(images, 5, torch.Generator().manual_seed(1))[:20].view(-1, 3, 5, 5):
        start = int(patch[0, 0, 0])
        picture, y, x = start // 192, start % 64 // 8, start % 8
        assert torch.equal(patch, images[picture, :, y : y + 5, x : x + 5])


def test_palette_adherence_counts_the_pixels_of_the_palette() -> None:
    palette = torch.tensor([BLACK, WHITE])
    assert palette_adherence(drawn(["kw", "wk"]), palette) == 1
    assert palette_adherence(drawn(["kw", "rr"]), palette) == 0.5
    # (1, 1, 1) and (0, 0, 0) are there, but not the mixture (1, 0, 0) of their channels.
    assert palette_adherence(drawn(["rr"]), palette) == 0
    assert palette_adherence(torch.full((1, 3, 1, 1), 1 / 255), palette) == 0
    assert palette_adherence(torch.full((1, 3, 1, 1), 0.4 / 255), palette) == 1


def test_colours_per_image_is_the_mean_over_pictures() -> None:
    assert colours_per_image(torch.cat([drawn(["kw", "rk"]), drawn(["kk", "kk"])])) == 2


def test_speckle_counts_lonely_pixels_only() -> None:
    assert speckle(drawn(["kkk", "kwk", "kkk"])) == pytest.approx(1 / 9)
    assert speckle(drawn(["kkk", "kww", "kkk"])) == 0
    assert speckle(drawn(["kkk", "kwk", "kkw"])) == 0
    assert speckle(drawn(["wkk", "kkk", "kkk"])) == pytest.approx(1 / 9)


def test_recall_of_perfect_reversed_constant_and_random_rankings() -> None:
    count = 216
    assert recall(torch.eye(count), 10) == 1
    assert recall(-torch.eye(count), 10) == 0
    assert recall(torch.zeros(count, count), 10) == 0
    assert recall(torch.arange(count).float().expand(count, count), 10) == pytest.approx(10 / count)
    random = torch.rand(2000, 2000, generator=torch.Generator().manual_seed(0))
    assert recall(random, 200) == pytest.approx(0.1, abs=0.03)


def test_matched_and_mismatched_are_the_means_of_diagonal_and_rest() -> None:
    assert matched_and_mismatched(torch.tensor([[0.5, 0.1], [0.3, 0.7]])) == pytest.approx((0.6, 0.2))


def test_layout_finds_the_right_photo_and_not_that_of_a_shuffled_set() -> None:
    photos = blobs(216, 3, 64)
    pictures = torch.nn.functional.avg_pool2d(photos, 2)
    shuffled = pictures[torch.randperm(216, generator=torch.Generator().manual_seed(4))]
    assert layout_recall10(pictures, photos) == 1
    assert layout_recall10(shuffled, photos) < 0.12
    matched, mismatched = layout_correlation(pictures, photos)
    assert matched > 0.99
    assert abs(mismatched) < 0.05


def test_layout_ignores_brightness_and_contrast() -> None:
    photos = blobs(8, 5)
    assert torch.allclose(layout_feature(photos * 0.8 + 0.1), layout_feature(photos), atol=0.02)
    assert torch.equal(layout_feature(torch.full((1, 3, 32, 32), 0.5)), torch.zeros(1, 192))


def test_luminance_ranks_are_spearman() -> None:
    assert average_ranks(torch.tensor([[3.0, 1.0, 3.0, 2.0]])).tolist() == [[2.5, 0, 2.5, 1]]
    photos = blobs(40, 6, 64)
    assert luminance_rank_recall10(photos, photos) == 1
    # A monotonous change of brightness keeps the ranks; a negative reverses them.
    grey = photos.mean(1, keepdim=True).expand_as(photos).repeat_interleave(1, 0)
    cells = torch.nn.functional.interpolate(torch.nn.functional.adaptive_avg_pool2d(grey, 6), size=36, mode="nearest")
    similarity = (rank_feature(cells) * rank_feature(cells**3)).sum(1)
    assert torch.allclose(similarity, torch.ones(40), atol=1e-5)
    assert torch.allclose((rank_feature(cells) * rank_feature(1 - cells)).sum(1), -torch.ones(40), atol=1e-5)
    assert luminance_rank_recall10(torch.full((40, 3, 32, 32), 0.5), photos) == 0


def test_contours_are_found_whatever_the_colours() -> None:
    photos = blobs(40, 15, 64)
    assert contour_recall10(1 - photos, photos) == 1
    shuffled = photos[torch.randperm(40, generator=torch.Generator().manual_seed(16))]
    assert contour_recall10(shuffled, photos) < 0.5
    # A step from left to right has vertical edges only, in one column of cells.
    step = torch.zeros(1, 3, 32, 32)
    step[:, :, :, 18:] = 1
    across, down = edge_feature(step).view(2, 8, 8)
    assert (across.argmax(1) == 4).all()
    assert torch.equal(down, torch.zeros(8, 8))
    assert contour_recall10(torch.full((40, 3, 32, 32), 0.5), photos) == 0


def test_classifier_cannot_tell_samples_of_one_distribution() -> None:
    accuracy = classifier_accuracy(noise(64, 8, 7), noise(64, 8, 8))
    assert 0.33 < accuracy < 0.67


def test_classifier_tells_different_distributions_and_is_repeatable() -> None:
    smooth, rough = blobs(48, 9, 8), noise(48, 8, 10)
    # Well above what chance gives with 96 pictures: 0.5 plus four standard errors is 0.7.
    assert classifier_accuracy(smooth, rough) > 0.85
    assert classifier_accuracy(smooth, rough, seed=3) == classifier_accuracy(smooth, rough, seed=3)
    with pytest.raises(ValueError, match=r"Expected two sets of one shape, got \(48, 3, 8, 8\) and \(47, 3, 8, 8\)"):
        classifier_accuracy(smooth, rough[1:])


def test_own_feature_kid_is_zero_within_a_distribution_and_known_between_two_points() -> None:
    generator = torch.Generator().manual_seed(11)
    a, b = torch.rand(400, 32, generator=generator), torch.rand(400, 32, generator=generator)
    assert abs(own_feature_kid(a, b)) < 0.01
    assert own_feature_kid(a, b + 0.5) > 1
    # Points (0, 0) and (1, 1): k(0,0) = 1, k(1,1) = 2^3, k(0,1) = 1, so 1 + 8 - 2.
    assert own_feature_kid(torch.zeros(3, 2), torch.ones(5, 2)) == pytest.approx(7)


def test_diversity_of_copies_and_of_black_and_white() -> None:
    pictures = torch.cat([drawn(["kk"]), drawn(["ww"]), drawn(["kk"])])
    assert distinct_outputs(pictures) == 2
    assert pairwise_distance(pictures) == pytest.approx(2 / 3)
    assert pairwise_distance(pictures[[0, 2]]) == 0


def test_cross_entropy_of_no_knowledge_is_the_logarithm_of_the_classes() -> None:
    classes = torch.zeros(2, 4, 4, dtype=torch.int64)
    assert cross_entropy(torch.zeros(2, 16, 4, 4), classes) == pytest.approx(math.log(16))
    certain = torch.nn.functional.one_hot(classes, 16).permute(0, 3, 1, 2) * 100.0
    assert cross_entropy(certain, classes) == pytest.approx(0, abs=1e-6)


def test_psnr_of_a_tenth_is_twenty_decibels() -> None:
    images = blobs(3, 12) * 0.8
    assert psnr(images + 0.1, images) == pytest.approx(20, abs=1e-4)
    assert psnr(images, images) == math.inf


def test_ssim_is_that_of_scikit_image() -> None:
    images, targets = blobs(2, 13), (blobs(2, 13) + 0.1 * noise(2, 32, 14)).clamp(0, 1)
    assert ssim(images, images) == pytest.approx(1)
    theirs = np.mean(
        [
            structural_similarity(
                a.double().numpy(),
                b.double().numpy(),
                channel_axis=0,
                data_range=1,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
            for a, b in zip(images, targets, strict=True)
        ]
    )
    assert ssim(images, targets) == pytest.approx(theirs, abs=1e-9)


def test_naive_pixelation_shrinks_then_takes_the_nearest_colour() -> None:
    photo = drawn(["kkww", "kkww", "rrkk", "rrkk"])
    assert torch.equal(naive_pixelation(photo, torch.tensor([BLACK, WHITE, RED]), (2, 2)), drawn(["kw", "rk"]))
    # Red (1, 0, 0) is nearer to black than to white.
    assert torch.equal(naive_pixelation(photo, torch.tensor([BLACK, WHITE]), (2, 2)), drawn(["kw", "kk"]))
    assert torch.equal(naive_pixelation(photo, torch.empty(0, 3), (1, 1)), photo.mean((2, 3), keepdim=True))
