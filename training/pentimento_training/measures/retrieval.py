"""Recall of the right photo: the one way in which a picture's features are compared with those of all photos."""

from __future__ import annotations

import torch
from torch import Tensor


def recall(similarity: Tensor, depth: int) -> float:
    """Share of pictures whose own photo is among the `depth` most similar ones.

    `similarity` [N, N]: row = picture, column = photo, picture i belongs to photo i. Equal similarities count as half ahead, so that
    pictures without any content do not win. A random ranking gives depth / N.
    """
    own = similarity.diagonal()[:, None]
    ahead = (similarity > own).sum(1) + 0.5 * ((similarity == own).sum(1) - 1)
    return float((ahead < depth).float().mean())


def matched_and_mismatched(similarity: Tensor) -> tuple[float, float]:
    """Mean similarity of the pictures to their own photo, and to the other photos."""
    count = len(similarity)
    matched = float(similarity.diagonal().double().mean())
    total = float(similarity.double().sum())
    return matched, (total - count * matched) / (count * (count - 1))


def unit(features: Tensor) -> Tensor:
    """Rows [N, D] scaled to length 1; a row of zeros stays zero."""
    return torch.nn.functional.normalize(features, dim=1)
