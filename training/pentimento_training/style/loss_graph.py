"""The loss of latents in their poses for a photo, as plain ONNX operators.

The search compares its candidates by it, and the refinement goes down its gradient (`step_graph`).

loss = - sum_t amount_t cos_t + colour * |centre - photo's centre| + tilt . shares
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..integer import ACTIVATION_MAX, IntegerModel, Layer
from ..onnx_graph import FLOAT, GraphBuilder
from . import features
from .blocks import PHOTO_SIDE, amount_of, flat_thumbnail, row_sum, scalar, unit_term
from .painter import COLOUR_WIDTH
from .pose import SHIFTS


@dataclass(frozen=True)
class Term:
    """One cosine [N, 1] of the comparison, and what its gradient needs: both unit vectors, the length and the amount."""

    weights: np.ndarray
    amount: str
    unit: str
    length: str
    target: str
    cosine: str


class LossBuilder:
    """Adds the loss to a graph that has `photo`, `amounts`, `colour` and `tilt`; keeps the names that a gradient needs.

    values: every layer's output; clamped: its value before and after the clamp. `colours` is float [K, 3] in 0..1.
    """

    def __init__(self, graph: GraphBuilder, model: IntegerModel, colours: np.ndarray) -> None:
        self.graph = graph
        self.model, self.colours = model, colours.astype(np.float32)
        self.height, self.width = model.layers[-1].shape[-2:]
        self.values: dict[str, str] = {}
        self.clamped: dict[str, tuple[str, str]] = {}
        self.spectrum_matrix, self.centre_matrix = (
            graph.constant(features.spectrum_matrix()),
            graph.constant(features.centre_matrix()),
        )

    def build(self, latent: str, pose: str) -> str:
        """The loss [N, 1] of `latent` [N, L] in 0..127 and `pose` int64 [N]."""
        g = self.graph
        self.values["latent"] = self.rounded(g.node("Clip", latent, scalar_0d(g, 0), scalar_0d(g, ACTIVATION_MAX)))
        for layer in self.model.layers:
            self.values[layer.id] = self._layer(layer)
        self.image, self.share = self._paint(self.values[self.model.layers[-1].id])
        self.source, self.kept = self._pose_source(pose)
        loss = self._compare(self._posed(self.image))
        mean_share = g.node("ReduceMean", self.share, axes=[2, 3], keepdims=0)
        return g.node("Add", loss, row_sum(g, g.node("Mul", mean_share, "tilt")))

    # The decoder.

    def _layer(self, layer: Layer) -> str:
        g, x = self.graph, self.values[layer.input]
        if layer.op == "globalAveragePool":
            return self.rounded(g.node("ReduceMean", x, axes=[2, 3], keepdims=0))
        # The power of two is in the weights: as exact as after the sum, and one operator less.
        bias = g.constant(layer.bias.astype(np.float32) * np.float32(2.0**-layer.shift))
        if layer.op == "fullyConnected":
            total = g.node("Gemm", x, self.scaled(layer.weight, layer), bias, transB=1)
            return g.node("Reshape", self._clamp(total, layer), g.int64(-1, *layer.shape))
        total = g.node(
            "Conv", self.enlarged(x, layer.upsample), self.scaled(kernel(layer), layer), bias, pads=[padding(layer)] * 4
        )
        if layer.branch_input is not None:
            branch = g.node("Gemm", self.values[layer.branch_input], self.scaled(layer.branch_weight, layer), transB=1)
            total = g.node("Add", total, g.node("Unsqueeze", branch, g.int64(2, 3)))
        return total if layer.op == "paletteArgmax" else self._clamp(total, layer)

    def _clamp(self, total: str, layer: Layer) -> str:
        clamped = self.graph.node("Clip", total, scalar_0d(self.graph, 0), scalar_0d(self.graph, ACTIVATION_MAX))
        self.clamped[layer.id] = total, clamped
        return self.rounded(clamped)

    # The image.

    def _paint(self, head: str) -> tuple[str, str]:
        """The image [N, 3, H, W] in 0..1 and the shares of the colours [N, K, H, W]: of RGB soft, of a palette 0 or 1."""
        g, count = self.graph, len(self.colours)
        if self.model.is_rgb:
            image = g.node("Mul", head, scalar(g, 1 / ACTIVATION_MAX))
            kernel_of_colours = g.constant((2 / COLOUR_WIDTH * self.colours)[:, :, None, None])
            offset = g.constant(-(self.colours**2).sum(1) / np.float32(COLOUR_WIDTH))
            return image, self.softmax(g.node("Conv", image, kernel_of_colours, offset))
        first = g.node("ArgMax", head, axis=1, keepdims=1)
        hard = g.cast(g.node("Equal", first, g.constant(np.arange(count).reshape(1, count, 1, 1))), FLOAT)
        return g.node("Conv", hard, g.constant(self.colours.T[:, :, None, None])), hard

    def softmax(self, x: str) -> str:
        """Over the second axis, written out: ONNX Runtime's own is slow where that is not the last."""
        g = self.graph
        power = g.node("Exp", g.node("Sub", x, g.node("ReduceMax", x, axes=[1], keepdims=1)))
        return g.node("Div", power, row_sum(g, power))

    # The pose.

    def _pose_source(self, pose: str) -> tuple[str, str]:
        """For every pixel of the posed planes its position before, int64 [N, 3, H * W], and 0 where it is vacated [N, 1, H * W]."""
        g, width, height = self.graph, self.width, self.height
        unit = g.int64(max(1, width // SHIFTS))
        pose = g.node("Reshape", pose, g.int64(-1, 1, 1))
        rest = g.node("Mod", pose, g.int64(63))
        mirrored = g.node("Greater", pose, g.int64(62))
        down = g.node("Mul", g.node("Sub", g.node("Div", rest, g.int64(9)), g.int64(3)), unit)
        right = g.node("Mul", g.node("Sub", g.node("Mod", rest, g.int64(9)), g.int64(4)), unit)
        y = g.node("Sub", g.constant(np.arange(height).reshape(1, -1, 1)), down)
        x = g.node("Sub", g.constant(np.arange(width).reshape(1, 1, -1)), right)
        outside = g.node("Or", g.node("Less", x, g.int64(0)), g.node("Greater", x, g.int64(width - 1)))
        vacated = g.node("Or", g.node("Less", y, g.int64(0)), outside)
        seen = g.node("Where", mirrored, g.node("Sub", g.int64(width - 1), x), x)
        row = g.node("Mul", g.node("Min", y, g.int64(height - 1)), g.int64(width))
        corner = g.node("Where", mirrored, g.int64(width - 1), g.int64(0))
        source = g.node("Where", vacated, corner, g.node("Add", row, seen))
        flat = g.node("Reshape", source, g.int64(-1, 1, height * width))
        kept = g.cast(g.node("Reshape", g.node("Not", vacated), g.int64(-1, 1, height * width)), FLOAT)
        return g.node("Tile", flat, g.int64(1, 3, 1)), kept

    def _posed(self, image: str) -> str:
        return self.as_planes(self.graph.node("GatherElements", self.as_rows(image), self.source, axis=2))

    def as_rows(self, planes: str) -> str:
        """[N, 3, H, W] to [N, 3, H * W]."""
        return self.graph.node("Reshape", planes, self.graph.int64(-1, 3, self.height * self.width))

    def as_planes(self, rows: str) -> str:
        """[N, 3, H * W] to [N, 3, H, W]."""
        return self.graph.node("Reshape", rows, self.graph.int64(-1, 3, self.height, self.width))

    # The comparison.

    def _compare(self, posed: str) -> str:
        """The loss [N, 1] of the terms and of the centre's colour."""
        g = self.graph
        thumbnail, wanted = flat_thumbnail(g, posed, self.width), flat_thumbnail(g, "photo", PHOTO_SIDE)
        spectra, wanted_spectra = (g.node("MatMul", x, self.spectrum_matrix) for x in (thumbnail, wanted))
        self.terms = [self._term(spectra, wanted_spectra, position) for position in range(len(features.TERMS))]
        self.difference = g.node("Sub", *(g.node("MatMul", x, self.centre_matrix) for x in (thumbnail, wanted)))
        power = row_sum(g, g.node("Mul", self.difference, self.difference))
        self.distance = g.node("Sqrt", g.node("Add", power, scalar(g, features.DISTANCE_FLOOR)))
        loss = g.node("Mul", self.distance, "colour")
        for term in self.terms:
            loss = g.node("Sub", loss, g.node("Mul", term.cosine, term.amount))
        return loss

    def _term(self, spectra: str, wanted: str, position: int) -> Term:
        g, weights = self.graph, list(features.TERMS.values())[position]
        unit, length = unit_term(g, spectra, weights)
        target, _ = unit_term(g, wanted, weights)
        return Term(weights, amount_of(g, "amounts", position), unit, length, target, row_sum(g, g.node("Mul", unit, target)))

    # Small pieces.

    def rounded(self, x: str) -> str:
        """Half up."""
        return self.graph.node("Floor", self.graph.node("Add", x, scalar(self.graph, 0.5)))

    def enlarged(self, x: str, factor: int) -> str:
        """Nearest-neighbour upsampling."""
        if factor == 1:
            return x
        scales = self.graph.constant(np.array([1, 1, factor, factor], np.float32))
        mode = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self.graph.node("Resize", x, "", scales, **mode)

    def scaled(self, weight: np.ndarray | None, layer: Layer) -> str:
        """A weight stored as integers, as float32 over 2^shift."""
        assert weight is not None
        return self.graph.node("Mul", self.graph.cast(self.graph.constant(weight), FLOAT), scalar(self.graph, 2.0**-layer.shift))


def scalar_0d(graph: GraphBuilder, value: float) -> str:
    """A float32 constant without axes, as Clip wants its limits."""
    return graph.constant(np.float32(value))


def kernel(layer: Layer) -> np.ndarray:
    """A convolution's or a head's weight as int8 [O, I, KH, KW]."""
    assert layer.weight is not None
    return (layer.weight if layer.weight.ndim == 4 else layer.weight[:, :, None, None]).astype(np.int8)


def padding(layer: Layer) -> int:
    """1 for a 3x3 kernel, 0 for a 1x1."""
    return kernel(layer).shape[-1] // 2
