"""The decoder that is proven (latent to 16-colour logits) and the float encoder that is not (picture to latent)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import quantise as q
from .data import CLASS_COUNT


@dataclass(frozen=True)
class Preset:
    """Size of a decoder: `channels` of fc, conv1, conv2, conv3; `branch` adds the pooled channel bias at conv3."""

    name: str
    latent: int
    channels: tuple[int, int, int, int]
    branch: bool


PRESETS = {
    "M": Preset("M", 128, (32, 32, 32, 24), True),
    "S": Preset("S", 128, (16, 16, 16, 16), False),
}


@dataclass(frozen=True)
class LayerParameters:
    """The parameters that share one exponent: `weights` holds the layer's weight, then its branch's if it has one."""

    name: str
    weights: tuple[Tensor, ...]
    bias: Tensor
    exponent: int


class Decoder(nn.Module):
    """Latent [N, 128] in 0..127/16 to logits [N, 16, 32, 32]; with `quantised` set, exactly the integer decoder."""

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        first, second, third, fourth = preset.channels
        self.preset = preset
        self.quantised = False
        self.fc = nn.Linear(preset.latent, first * 16)
        self.conv1 = nn.Conv2d(first, second, 3, padding=1)
        self.conv2 = nn.Conv2d(second, third, 3, padding=1)
        self.conv3 = nn.Conv2d(third, fourth, 3, padding=1)
        self.branch = nn.Linear(second, fourth, bias=False) if preset.branch else None
        self.head = nn.Conv2d(fourth, CLASS_COUNT, 1)

    def parameter_groups(self) -> Iterator[LayerParameters]:
        """Every layer with parameters, in order, with its present exponent."""
        for name in ("fc", "conv1", "conv2", "conv3"):
            layer = getattr(self, name)
            weights = (layer.weight,)
            if name == "conv3" and self.branch is not None:
                weights += (self.branch.weight,)
            yield LayerParameters(name, weights, layer.bias, q.exponent_for(weights))
        head = self.head
        yield LayerParameters("head", (head.weight,), head.bias, q.head_exponent_for(head.weight, head.bias))

    def project(self) -> None:
        """Keep every requantised layer within the accumulator bound of the circuit's table."""
        for group in self.parameter_groups():
            if group.name != "head":
                q.project_rows(group.weights, group.bias)

    def forward(self, latent: Tensor) -> Tensor:
        """Logits [N, 16, 32, 32]."""
        return self.activations(latent)["head"]

    def activations(self, latent: Tensor) -> dict[str, Tensor]:
        """Every layer's output: activations in 0..127/16, and the logits under `head`."""
        activation = q.quantised_activation if self.quantised else q.clamp_activation
        values = {group.name: self._values(group) for group in self.parameter_groups()}
        outputs: dict[str, Tensor] = {}
        weights, bias = values["fc"]
        outputs["fc"] = activation(F.linear(latent, weights[0], bias)).view(-1, self.preset.channels[0], 4, 4)
        outputs["conv1"] = activation(convolve(outputs["fc"], *values["conv1"]))
        if self.branch is not None:
            outputs["pool"] = activation(outputs["conv1"].mean((2, 3)))
        outputs["conv2"] = activation(convolve(outputs["conv1"], *values["conv2"]))
        weights, bias = values["conv3"]
        summed = convolve(outputs["conv2"], weights, bias)
        if self.branch is not None:
            summed = summed + F.linear(outputs["pool"], weights[1])[:, :, None, None]
        outputs["conv3"] = activation(summed)
        weights, bias = values["head"]
        outputs["head"] = F.conv2d(outputs["conv3"], weights[0], bias)
        return outputs

    def _values(self, group: LayerParameters) -> tuple[tuple[Tensor, ...], Tensor]:
        if not self.quantised:
            return group.weights, group.bias
        weights = tuple(q.quantised_weight(weight, group.exponent) for weight in group.weights)
        return weights, q.quantised_bias(group.bias, group.exponent)


def convolve(x: Tensor, weights: tuple[Tensor, ...], bias: Tensor) -> Tensor:
    """3x3 convolution of the nearest-neighbour x2 upsampled input: [N, I, H, W] to [N, O, 2H, 2W]."""
    return F.conv2d(F.interpolate(x, scale_factor=2, mode="nearest"), weights[0], bias, padding=1)


class Encoder(nn.Module):
    """Picture [N, 3, 64, 64] in 0..1 to a latent of multiples of 1/16 in 0..127/16: [N, 128]."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.AvgPool2d(2),
            nn.Conv2d(3, 32, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 64, 4, 2, 1),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.2),
            nn.Conv2d(64, 96, 4, 2, 1),
            nn.BatchNorm2d(96),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(96 * 16, latent),
        )

    def forward(self, picture: Tensor) -> Tensor:
        """The latent, rounded with a straight-through gradient."""
        picture = picture.contiguous(memory_format=torch.channels_last)
        return q.round_through(q.ACTIVATION_MAX * torch.sigmoid(self.net(picture))) / q.ACTIVATION_SCALE


def build(preset: Preset, seed: int) -> tuple[Encoder, Decoder]:
    """Fresh networks from a seed."""
    torch.manual_seed(seed)
    encoder, decoder = Encoder(preset.latent), Decoder(preset)
    return encoder.to(memory_format=torch.channels_last), decoder.to(memory_format=torch.channels_last)
