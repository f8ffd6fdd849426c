"""The integer decoder in numpy: the reference that every other implementation is compared with.

Activations are 0..127, weights int8, accumulators within int32; all arithmetic here is int64, so nothing can wrap.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

ACTIVATION_MAX = 127


@dataclass(frozen=True)
class Layer:
    """One layer of the manifest.

    weight: int8 [O, I] or [O, I, 3, 3]; bias: int32 [O]; branch_weight: int8 [O, I] over the layer `branch_input`.
    """

    id: str
    op: str
    input: str
    shape: tuple[int, ...]
    upsample: int = 1
    shift: int = 0
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    branch_input: str | None = None
    branch_weight: np.ndarray | None = None


@dataclass(frozen=True)
class IntegerModel:
    """A decoder of integers: `palette` is uint8 [16, 3] ([0, 3] for RGB), `scale` how often the display repeats a pixel."""

    name: str
    preset: str
    latent_length: int
    layers: tuple[Layer, ...]
    palette: np.ndarray
    scale: int = 2

    @property
    def is_rgb(self) -> bool:
        """Whether the image is colour values rather than palette indices."""
        return self.layers[-1].op == "rgb"


@dataclass
class Trace:
    """What one evaluation gives.

    outputs: layer id -> int64 [N, *shape], logits [N, 16, H, W] under a palette head's id;
    image: uint8 [N, H, W] palette indices, or [N, 3, H, W] colour values in 0..127;
    largest_accumulator: layer id -> largest |accumulator| met.
    """

    outputs: dict[str, np.ndarray] = field(default_factory=dict)
    image: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 0), np.uint8))
    largest_accumulator: dict[str, int] = field(default_factory=dict)


def evaluate(model: IntegerModel, latent: np.ndarray) -> Trace:
    """Decode latents [N, latent_length] of integers in 0..127."""
    if latent.ndim != 2 or latent.shape[1] != model.latent_length:
        raise ValueError(f"latent has shape {latent.shape}, expected [N, {model.latent_length}]")
    if latent.min() < 0 or latent.max() > ACTIVATION_MAX:
        raise ValueError("latent values must be in 0..127")
    trace = Trace()
    values = {"latent": latent.astype(np.int64)}
    for layer in model.layers:
        if layer.op == "globalAveragePool":
            values[layer.id] = average(values[layer.input])
            continue
        accumulator = accumulate(layer, values)
        trace.largest_accumulator[layer.id] = int(np.abs(accumulator).max())
        if layer.op == "paletteArgmax":
            values[layer.id] = accumulator
            trace.image = accumulator.argmax(1).astype(np.uint8)
        else:
            values[layer.id] = requantise(accumulator, layer.shift).reshape(-1, *layer.shape)
        if layer.op == "rgb":
            trace.image = values[layer.id].astype(np.uint8)
    trace.outputs = {layer.id: values[layer.id] for layer in model.layers}
    return trace


def accumulate(layer: Layer, values: dict[str, np.ndarray]) -> np.ndarray:
    """The layer's accumulators before the shift: [N, O] or [N, O, H, W]."""
    assert layer.weight is not None and layer.bias is not None
    x = values[layer.input]
    weight, bias = layer.weight.astype(np.int64), layer.bias.astype(np.int64)
    if layer.op == "fullyConnected":
        return x.reshape(len(x), -1) @ weight.T + bias
    if layer.op in ("paletteArgmax", "rgb"):
        return np.einsum("oi,nihw->nohw", weight, x) + bias[:, None, None]
    accumulator = convolve(upsample(x, layer.upsample), weight) + bias[:, None, None]
    if layer.branch_input is not None and layer.branch_weight is not None:
        branch = values[layer.branch_input] @ layer.branch_weight.astype(np.int64).T
        accumulator = accumulator + branch[:, :, None, None]
    return accumulator


def upsample(x: np.ndarray, factor: int) -> np.ndarray:
    """Nearest-neighbour upsampling of [N, C, H, W]."""
    return x.repeat(factor, axis=2).repeat(factor, axis=3)


def convolve(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Cross-correlation, kernel 3, stride 1, zero padding 1: [N, I, H, W] and [O, I, 3, 3] to [N, O, H, W]."""
    count, inputs, height, width = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(count * height * width, inputs * 9)
    product = columns @ weight.reshape(len(weight), -1).T
    return product.reshape(count, height, width, -1).transpose(0, 3, 1, 2)


def average(x: np.ndarray) -> np.ndarray:
    """Rounded mean over H*W = 2^s positions: [N, C, H, W] to [N, C]."""
    bits = (x.shape[2] * x.shape[3]).bit_length() - 1
    return (x.sum((2, 3)) + (1 << (bits - 1))) >> bits


def requantise(accumulator: np.ndarray, shift: int) -> np.ndarray:
    """Rounded arithmetic shift, then the clamp to 0..127."""
    return np.clip((accumulator + (1 << (shift - 1))) >> shift, 0, ACTIVATION_MAX)


def accumulator_bound(layer: Layer) -> int:
    """Largest |accumulator| that any activations in 0..127 could cause, not counting cancellation."""
    assert layer.weight is not None and layer.bias is not None
    rows = np.abs(layer.weight.astype(np.int64)).reshape(len(layer.weight), -1).sum(1)
    if layer.branch_weight is not None:
        rows = rows + np.abs(layer.branch_weight.astype(np.int64)).sum(1)
    return int((rows * ACTIVATION_MAX + np.abs(layer.bias.astype(np.int64))).max())


def colour_values(image: np.ndarray) -> np.ndarray:
    """Displayed channel values 0..255 of an RGB image of integers in 0..127."""
    return 2 * image + (image >> 6)
