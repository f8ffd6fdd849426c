"""The torch decoder computes the same integers as the reference."""

from __future__ import annotations

import numpy as np
import torch

from pentimento_training.integer import evaluate
from pentimento_training.style.painter import Painter, fit_sharpness, paint_all


def test_the_painting_is_that_of_the_reference(painter: Painter, latents: np.ndarray) -> None:
    """Every pixel."""
    rounded = np.floor(latents + 0.5)
    image = evaluate(painter.model, rounded.astype(np.int64)).image
    painting = paint_all(painter, torch.from_numpy(latents))
    if painter.is_palette:
        assert np.array_equal(painting.share.argmax(1).numpy(), image)
        assert len(np.unique(image)) > 1
    else:
        assert np.array_equal(np.rint(painting.image.numpy() * 127), image)
    assert torch.allclose(painting.share.sum(1), torch.ones(1))


def test_sharpness_gives_the_confidence_asked_for(painter: Painter, latents: np.ndarray) -> None:
    """0.95 on average."""
    if not painter.is_palette:
        return
    rounded = torch.from_numpy(latents)
    sharpness = fit_sharpness(painter, rounded)
    confidence = torch.softmax(painter.head(rounded) * sharpness, 1).amax(1).mean()
    assert abs(float(confidence) - 0.95) < 0.01
