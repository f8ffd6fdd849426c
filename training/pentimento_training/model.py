"""The decoder that is proven (latent to palette logits or RGB) and the float encoder that is not (picture to latent)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import quantise as q
from .palette import CLASS_COUNT

BRANCH_TARGET = "conv3"


@dataclass(frozen=True)
class Preset:
    """Size of a decoder: `channels` of fc, conv1, conv2, ...; `branch` adds the pooled channel bias at conv3.

    Every convolution doubles the 4x4 grid of the fully connected layer once. `head` is `palette` or `rgb`.
    """

    name: str
    latent: int
    channels: tuple[int, ...]
    branch: bool
    head: str = "palette"

    @property
    def size(self) -> int:
        """Height and width of the decoded image."""
        return 4 << (len(self.channels) - 1)

    @property
    def outputs(self) -> int:
        """Channels of the head: palette colours, or red, green and blue."""
        return CLASS_COUNT if self.head == "palette" else 3


PRESETS = {
    "M": Preset("M", 128, (32, 32, 32, 24), True),
    "S": Preset("S", 128, (16, 16, 16, 16), False),
    "L64": Preset("L64", 128, (32, 32, 32, 24, 12), True),
    "RGB": Preset("RGB", 128, (32, 32, 32, 24), True, "rgb"),
}


@dataclass(frozen=True)
class LayerParameters:
    """The parameters that share one exponent: `weights` holds the layer's weight, then its branch's if it has one."""

    name: str
    weights: tuple[Tensor, ...]
    bias: Tensor
    is_logits: bool = False

    @cached_property
    def exponent(self) -> int:
        """The exponent for the weights as they are now."""
        if self.is_logits:
            return q.head_exponent_for(self.weights[0], self.bias)
        return q.exponent_for(self.weights)


class Decoder(nn.Module):
    """Latent [N, 128] in 0..127/16 to the head's output; with `quantised` set, exactly the integer decoder.

    The output is logits [N, 16, H, W] for a palette, and colours [N, 3, H, W] in 0..127/16 for RGB.
    """

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        channels = preset.channels
        self.preset = preset
        self.quantised = False
        self.fc = nn.Linear(preset.latent, channels[0] * 16)
        for number in range(1, len(channels)):
            setattr(self, f"conv{number}", nn.Conv2d(channels[number - 1], channels[number], 3, padding=1))
        self.branch = nn.Linear(channels[1], channels[3], bias=False) if preset.branch else None
        self.head = nn.Conv2d(channels[-1], preset.outputs, 1)
        if preset.head == "rgb":
            # Mid-grey: every channel starts inside the clamp.
            nn.init.constant_(self.head.bias, q.ACTIVATION_MAX / q.ACTIVATION_SCALE / 2)

    @property
    def convolutions(self) -> list[str]:
        """Names of the 3x3 layers, in order."""
        return [f"conv{number}" for number in range(1, len(self.preset.channels))]

    def parameter_groups(self) -> Iterator[LayerParameters]:
        """Every layer with parameters, in order."""
        for name in ("fc", *self.convolutions):
            layer = getattr(self, name)
            weights = (layer.weight,)
            if name == BRANCH_TARGET and self.branch is not None:
                weights += (self.branch.weight,)
            yield LayerParameters(name, weights, layer.bias)
        yield LayerParameters("head", (self.head.weight,), self.head.bias, is_logits=self.preset.head == "palette")

    def requantised(self) -> Iterator[LayerParameters]:
        """The groups whose accumulators are shifted and clamped: all but a palette head."""
        return (group for group in self.parameter_groups() if not group.is_logits)

    def project(self) -> None:
        """Keep every requantised layer within the accumulator bound of the circuit's table, and integer weights within int8."""
        for group in self.requantised():
            q.project_rows(group.weights, group.bias)
        if self.quantised:
            for group in self.parameter_groups():
                q.project_range(group.weights, group.exponent)

    def forward(self, latent: Tensor) -> Tensor:
        """The head's output [N, 16 or 3, H, W]."""
        return self.activations(latent)["head"]

    def activations(self, latent: Tensor) -> dict[str, Tensor]:
        """Every layer's output: activations in 0..127/16, and under `head` logits or the activations that are the colours."""
        activation = q.quantised_activation if self.quantised else q.clamp_activation
        values = {group.name: self._values(group) for group in self.parameter_groups()}
        weights, bias = values["fc"]
        current = activation(F.linear(latent, weights[0], bias)).view(-1, self.preset.channels[0], 4, 4)
        outputs = {"fc": current}
        for name in self.convolutions:
            weights, bias = values[name]
            summed = convolve(current, weights, bias)
            if name == BRANCH_TARGET and self.branch is not None:
                summed = summed + F.linear(outputs["pool"], weights[1])[:, :, None, None]
            outputs[name] = current = activation(summed)
            if name == "conv1" and self.branch is not None:
                outputs["pool"] = activation(current.mean((2, 3)))
        weights, bias = values["head"]
        outputs["head"] = F.conv2d(current, weights[0], bias)
        if self.preset.head == "rgb":
            outputs["head"] = q.output_activation(outputs["head"], self.quantised)
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
