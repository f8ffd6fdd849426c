"""From a trained decoder to the integer model, within the bounds that the circuit's table needs."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from . import quantise as q
from .palette import Palette
from .integer import IntegerModel, Layer, accumulator_bound
from .model import Decoder, LayerParameters

HEAD_OPS = {"palette": "paletteArgmax", "rgb": "rgb"}
DISPLAY_SIZE = 64


def integer_model(decoder: Decoder, palette: Palette | None, name: str) -> IntegerModel:
    """The integers that the quantised decoder computes with; an RGB decoder has no palette."""
    preset, size, source = decoder.preset, 4, "latent"
    layers = []
    for group in decoder.parameter_groups():
        if group.name == "fc":
            layers.append(parametric(group, "fullyConnected", source, (preset.channels[0], size, size)))
        elif group.name == "head":
            shape = (size, size) if preset.head == "palette" else (preset.outputs, size, size)
            layers.append(parametric(group, HEAD_OPS[preset.head], source, shape))
        else:
            size *= 2
            layers.append(parametric(group, "conv2d", source, (len(group.bias), size, size), upsample=2))
        source = group.name
        if source == "conv1" and decoder.branch is not None:
            layers.append(Layer("pool", "globalAveragePool", source, (preset.channels[1],)))
    colours = np.zeros((0, 3), np.uint8) if palette is None else palette.colours
    return IntegerModel(name, preset.name, preset.latent, tuple(layers), colours, DISPLAY_SIZE // size)


def parametric(group: LayerParameters, op: str, source: str, shape: tuple[int, ...], upsample: int = 1) -> Layer:
    """One layer with parameters; its second weight, if any, is the branch over the pooled vector."""
    weights = [as_integers(q.integer_weight(weight, group.exponent), np.int8) for weight in group.weights]
    if op in HEAD_OPS.values():
        weights[0] = weights[0][:, :, 0, 0]
    return Layer(
        id=group.name,
        op=op,
        input=source,
        shape=shape,
        upsample=upsample,
        shift=0 if op == "paletteArgmax" else group.exponent,
        weight=weights[0],
        bias=as_integers(q.integer_bias(group.bias, group.exponent), np.int32),
        branch_input="pool" if len(weights) > 1 else None,
        branch_weight=weights[1] if len(weights) > 1 else None,
    )


def as_integers(values: Tensor, dtype: type[np.signedinteger]) -> np.ndarray:
    """A float tensor of integers as integers; refuses anything that does not fit."""
    array = values.detach().contiguous().numpy()
    integers = array.astype(dtype)
    if not np.array_equal(integers.astype(np.float64), array.astype(np.float64)):
        raise ValueError(f"parameters do not fit {np.dtype(dtype).name}")
    return np.ascontiguousarray(integers)


def settle(decoder: Decoder, palette: Palette | None) -> None:
    """Shrink rows until the integers keep every bound; training already stays below, so this seldom changes a weight."""
    limit = float(q.QUOTIENT_TARGET)
    while not within_bounds(integer_model(decoder, palette, "candidate")):
        limit *= 0.98
        for group in decoder.requantised():
            q.project_rows(group.weights, group.bias, limit)


def within_bounds(model: IntegerModel) -> bool:
    """Whether every layer keeps its limits on shift, accumulator and shifted accumulator."""
    return all(layer_within_bounds(layer) for layer in model.layers if layer.weight is not None)


def layer_within_bounds(layer: Layer) -> bool:
    """The limits of one layer with parameters."""
    bound = accumulator_bound(layer)
    if layer.op == "paletteArgmax":
        return layer.shift == 0 and bound < q.HEAD_LIMIT
    quotient_fits = bound < q.QUOTIENT_LIMIT << layer.shift
    return quotient_fits and bound < q.EXACT_LIMIT and q.MIN_SHIFT <= layer.shift <= q.MAX_SHIFT


def bounds(model: IntegerModel) -> dict[str, dict[str, float]]:
    """Per layer with parameters: its shift, the accumulator's bound, and that bound after the shift."""
    report = {}
    for layer in model.layers:
        if layer.weight is not None:
            bound = accumulator_bound(layer)
            report[layer.id] = {
                "shift": layer.shift,
                "accumulatorBound": bound,
                "shiftedBound": round(bound / 2**layer.shift, 2),
            }
    return report
