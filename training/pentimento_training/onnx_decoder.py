"""The decoder as ONNX with explicit integer operators.

Weights are stored as uint8 with zero point 128, because uint8 x uint8 is the integer product that ONNX Runtime
implements on every CPU without intermediate saturation. Every intermediate is uint8 or int32.
"""

from __future__ import annotations

import numpy as np
import onnx

from .integer import IntegerModel, Layer
from .onnx_graph import INT32, UINT8, GraphBuilder

WEIGHT_ZERO_POINT = 128
SAFE_WIDTH = 16


def decoder_graph(model: IntegerModel) -> onnx.ModelProto:
    """`latent` uint8 [N, L] to `index` uint8 [N, H, W], or to `image` uint8 [N, 3, H, W] for an RGB head."""
    return _DecoderBuilder(model).build()


def output_name(model: IntegerModel) -> str:
    """Name of the graph's output."""
    return "image" if model.is_rgb else "index"


class _DecoderBuilder:
    def __init__(self, model: IntegerModel) -> None:
        self._model = model
        self._graph = GraphBuilder()
        self._zero = self._graph.constant(np.uint8(0))
        self._weight_zero = self._graph.constant(np.uint8(WEIGHT_ZERO_POINT))
        self._values = {"latent": "latent"}
        self._shapes: dict[str, tuple[int, ...]] = {}

    def build(self) -> onnx.ModelProto:
        for layer in self._model.layers:
            self._values[layer.id] = self._layer(layer)
            self._shapes[layer.id] = layer.shape
        source = ("latent", UINT8, ["N", self._model.latent_length])
        return self._graph.model(
            self._model.name, source, (output_name(self._model), UINT8, ["N", *self._model.layers[-1].shape])
        )

    def _layer(self, layer: Layer) -> str:
        x = self._values[layer.input]
        if layer.op == "globalAveragePool":
            return self._pool(x, self._shapes[layer.input])
        if layer.op == "fullyConnected":
            total = self._product(x, layer.weight)
            activation = self._requantise(self._add_bias(total, layer, (-1,)), layer.shift)
            return self._graph.node("Reshape", activation, self._graph.int64(-1, *layer.shape))
        total = self._add_bias(self._convolution(x, layer), layer, (1, -1, 1, 1))
        if layer.op == "paletteArgmax":
            winner = self._graph.node("ArgMax", total, axis=1, keepdims=0, select_last_index=0)
            return self._graph.cast(winner, UINT8, output="index")
        if layer.branch_input is not None:
            total = self._graph.node("Add", total, self._branch(layer))
        return self._requantise(total, layer.shift, output="image" if layer.op == "rgb" else None)

    def _branch(self, layer: Layer) -> str:
        """The channel bias [N, O, 1, 1]."""
        assert layer.branch_input is not None and layer.branch_weight is not None
        # ONNX Runtime 1.23.2 on a CPU with AMX: row 31 of every 32 is wrong unless the product's width is a multiple of 16.
        outputs = len(layer.branch_weight)
        padded = np.pad(layer.branch_weight, ((0, -outputs % SAFE_WIDTH), (0, 0)))
        product = self._product(self._values[layer.branch_input], padded)
        kept = self._graph.node("Slice", product, self._graph.int64(0), self._graph.int64(outputs), self._graph.int64(1))
        return self._graph.node("Reshape", kept, self._graph.int64(-1, outputs, 1, 1))

    def _product(self, x: str, weight: np.ndarray | None) -> str:
        return self._graph.node("MatMulInteger", x, self._weight(weight, transpose=True), self._zero, self._weight_zero)

    def _convolution(self, x: str, layer: Layer) -> str:
        assert layer.weight is not None
        if layer.upsample != 1:
            scales = self._graph.constant(np.array([1, 1, layer.upsample, layer.upsample], np.float32))
            x = self._graph.node(
                "Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
            )
        kernel = layer.weight if layer.weight.ndim == 4 else layer.weight[:, :, None, None]
        padding = [kernel.shape[2] // 2] * 4
        return self._graph.node("ConvInteger", x, self._weight(kernel), self._zero, self._weight_zero, pads=padding)

    def _weight(self, weight: np.ndarray | None, transpose: bool = False) -> str:
        assert weight is not None
        stored = (weight.astype(np.int16) + WEIGHT_ZERO_POINT).astype(np.uint8)
        return self._graph.constant(stored.T if transpose else stored)

    def _add_bias(self, total: str, layer: Layer, shape: tuple[int, ...]) -> str:
        assert layer.bias is not None
        return self._graph.node("Add", total, self._graph.int32(layer.bias.reshape(shape)))

    def _requantise(self, total: str, shift: int, output: str | None = None) -> str:
        # ONNX's Div truncates towards zero; clipping first makes the dividend non-negative, where that is the floor.
        rounded = self._graph.node("Add", total, self._graph.int32(1 << (shift - 1)))
        clipped = self._graph.node("Clip", rounded, self._graph.int32(0), self._graph.int32((128 << shift) - 1))
        return self._graph.cast(self._graph.node("Div", clipped, self._graph.int32(1 << shift)), UINT8, output=output)

    def _pool(self, x: str, shape: tuple[int, ...]) -> str:
        positions = shape[1] * shape[2]
        total = self._graph.node("ReduceSum", self._graph.cast(x, INT32), self._graph.int64(2, 3), keepdims=0)
        rounded = self._graph.node("Add", total, self._graph.int32(positions // 2))
        return self._graph.cast(self._graph.node("Div", rounded, self._graph.int32(positions)), UINT8)
