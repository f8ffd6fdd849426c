"""Small random decoders of every kind, and a palette."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pentimento_training.integer import IntegerModel, Layer
from pentimento_training.style.painter import Painter

LATENT = 12


def random_model(kind: str, seed: int = 0) -> IntegerModel:
    """A decoder of preset-like shape with few channels: `plain`, `branch`, `large` (64x64) or `rgb`."""
    rng = np.random.default_rng(seed)
    channels, layers = (6, 5, 4, 4), []

    def integers(*shape: int) -> np.ndarray:
        return rng.integers(-60, 61, shape).astype(np.int8)

    def bias(count: int, scale: int = 4000) -> np.ndarray:
        return rng.integers(-scale // 4, scale, count).astype(np.int32)

    first = channels[0]
    layers.append(Layer("fc", "fullyConnected", "latent", (first, 4, 4), 1, 6, integers(first * 16, LATENT), bias(first * 16)))
    before, size = first, 4
    for position, count in enumerate([*channels[1:], *([3] if kind == "large" else [])], 1):
        size *= 2
        branch = kind == "branch" and position == 3
        layers.append(
            Layer(
                f"conv{position}",
                "conv2d",
                "conv1" if layers[-1].op == "globalAveragePool" else layers[-1].id,
                (count, size, size),
                2,
                6,
                integers(count, before, 3, 3),
                bias(count),
                "pool" if branch else None,
                integers(count, channels[1]) if branch else None,
            )
        )
        if position == 1 and kind == "branch":
            layers.append(Layer("pool", "globalAveragePool", "conv1", (count,)))
        before = count
    last = layers[-1].id
    if kind == "rgb":
        layers.append(Layer("head", "rgb", last, (3, size, size), 1, 6, integers(3, before), bias(3)))
        palette = np.zeros((0, 3), np.uint8)
    else:
        layers.append(Layer("head", "paletteArgmax", last, (size, size), 1, 0, integers(16, before), bias(16)))
        palette = rng.integers(0, 256, (16, 3)).astype(np.uint8)
    return IntegerModel(f"random-{kind}", "S", LATENT, tuple(layers), palette)


@pytest.fixture(params=["plain", "branch", "large", "rgb"])
def painter(request: pytest.FixtureRequest) -> Painter:
    """A random decoder with colours and a sharpness that leaves the softmax soft."""
    model = random_model(request.param)
    colours = model.palette if len(model.palette) else np.random.default_rng(1).integers(0, 256, (16, 3))
    return Painter(model, torch.from_numpy(colours.astype(np.float32) / 255), sharpness=2e-4)


@pytest.fixture
def latents() -> np.ndarray:
    """Six latents, not rounded: float32 [6, 12]."""
    return np.random.default_rng(2).uniform(0, 127, (6, LATENT)).astype(np.float32)
