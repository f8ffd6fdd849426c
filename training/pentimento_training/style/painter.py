"""The integer decoder in torch, with straight-through gradients: what the search and the refinement see is what is proven.

Latents are floats in 0..127. Forwards every value is the integer that `integer.evaluate` computes (float32 is exact below 2^24);
backwards rounding and argmax are the identity and the softmax.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..integer import ACTIVATION_MAX, IntegerModel, Layer
from ..quantise import round_through

COLOUR_WIDTH = 0.02
CONFIDENCE = 0.95
BATCH = 250


@dataclass(frozen=True)
class Painting:
    """image: float [N, 3, H, W] in 0..1; share: how much of each pixel is which colour, float [N, K, H, W], summing to 1 over K."""

    image: Tensor
    share: Tensor


class Painter:
    """A decoder and the colours of its collection.

    colours: float [K, 3] in 0..1, the palette, or representative colours when the head is RGB.
    sharpness: factor from a palette head's accumulators to logits whose softmax is as confident as a trained decoder's.
    """

    def __init__(self, model: IntegerModel, colours: Tensor, sharpness: float = 1.0) -> None:
        self.model = model
        self.colours = colours
        self.sharpness = sharpness
        self.is_palette = model.layers[-1].op == "paletteArgmax"
        self._parameters = {layer.id: parameters(layer) for layer in model.layers}

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the image."""
        height, width = self.model.layers[-1].shape[-2:]
        return height, width

    def head(self, latent: Tensor) -> Tensor:
        """The last layer's values of latents [N, L]: accumulators [N, K, H, W], or RGB [N, 3, H, W] in 0..127."""
        values = {"latent": round_through(latent.clamp(0, ACTIVATION_MAX))}
        for layer in self.model.layers:
            values[layer.id] = self._layer(layer, values)
        return values[self.model.layers[-1].id]

    def paint(self, latent: Tensor) -> Painting:
        """The image before the pose, differentiable."""
        head = self.head(latent)
        if not self.is_palette:
            image = head / ACTIVATION_MAX
            return Painting(image, nearness(image, self.colours))
        soft = F.softmax(head * self.sharpness, 1)
        hard = F.one_hot(head.argmax(1), len(self.colours)).permute(0, 3, 1, 2).to(soft)
        share = hard + soft - soft.detach()
        return Painting(torch.einsum("nkhw,kc->nchw", share, self.colours), share)

    def _layer(self, layer: Layer, values: dict[str, Tensor]) -> Tensor:
        x, (weight, bias, branch) = values[layer.input], self._parameters[layer.id]
        if layer.op == "globalAveragePool":
            return round_through(x.mean((2, 3)))
        if layer.op == "fullyConnected":
            return requantised(F.linear(x, weight, bias), layer.shift).view(-1, *layer.shape)
        if layer.upsample != 1:
            x = F.interpolate(x, scale_factor=layer.upsample, mode="nearest")
        accumulator = F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)
        if layer.branch_input is not None:
            accumulator = accumulator + F.linear(values[layer.branch_input], branch)[:, :, None, None]
        return accumulator if layer.op == "paletteArgmax" else requantised(accumulator, layer.shift)


def parameters(layer: Layer) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Weight, bias and branch weight in float32; a head's weight as a 1x1 kernel."""
    if layer.weight is None:
        return None, None, None
    weight, bias, branch = (
        None if array is None else torch.from_numpy(array.astype(np.float32))
        for array in (layer.weight, layer.bias, layer.branch_weight)
    )
    if weight.dim() == 2 and layer.op != "fullyConnected":
        weight = weight[:, :, None, None]
    return weight, bias, branch


def requantised(accumulator: Tensor, shift: int) -> Tensor:
    """Rounded shift and clamp to 0..127; the gradient is that of `accumulator / 2^shift`, clamped."""
    return round_through((accumulator / 2.0**shift).clamp(0, ACTIVATION_MAX))


def nearness(image: Tensor, colours: Tensor) -> Tensor:
    """Soft assignment of the pixels [N, 3, H, W] to `colours` [K, 3]: [N, K, H, W]."""
    distance = (image[:, None] - colours[None, :, :, None, None]).pow(2).sum(2)
    return F.softmax(-distance / COLOUR_WIDTH, 1)


@torch.no_grad()
def fit_sharpness(painter: Painter, latents: Tensor) -> float:
    """The sharpness with which the decoder's mean confidence on `latents` is 0.95, about the accuracy of a good decoder."""
    head = painter.head(latents)
    low, high = 1e-6, 1.0
    for _ in range(40):
        middle = (low * high) ** 0.5
        confidence = F.softmax(head * middle, 1).amax(1).mean()
        low, high = (middle, high) if confidence < CONFIDENCE else (low, middle)
    return (low * high) ** 0.5


@torch.no_grad()
def paint_all(painter: Painter, latents: Tensor) -> Painting:
    """`paint` in parts, without gradients."""
    parts = [painter.paint(part) for part in latents.split(BATCH)]
    return Painting(torch.cat([part.image for part in parts]), torch.cat([part.share for part in parts]))
