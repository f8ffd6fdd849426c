"""One step of the refinement as ONNX: the loss of latents in their poses for a photo, and its gradient, both as plain operators.

Runtimes for inference do not differentiate, so the backward pass is written out: a convolution's is the convolution with the
flipped, transposed kernel; nearest upsampling's is the sum over 2x2; a gather's is a scattered sum. Rounding passes the gradient
through and the argmax has that of the softmax, exactly as in `painter`.

loss = - sum_t amount_t cos_t + colour * |centre - photo's centre| + tilt . shares + sum_i inertia_i (latent_i - origin_i)^2
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import onnx

from ..integer import ACTIVATION_MAX, IntegerModel, Layer
from ..onnx_graph import FLOAT, GraphBuilder
from . import features
from .blocks import OPSET, PHOTO_SIDE, amount_of, flat_thumbnail, row_sum, scalar, unit_term
from .painter import COLOUR_WIDTH
from .pose import SHIFTS

INT64 = onnx.TensorProto.INT64


def step_graph(model: IntegerModel, colours: np.ndarray, sharpness: float, name: str) -> onnx.ModelProto:
    """Inputs: `photo` [P, 3, 64, 64] with P = 1 or N, `latent` and `origin` [N, L] in 0..127, `pose` int64 [N], `amounts` [G], `colour` [1],
    `tilt` [K], `inertia` [L]. Outputs: `loss` [N] and `gradient` [N, L]. `colours` is float [K, 3] in 0..1."""
    length = model.latent_length
    builder = _StepBuilder(model, colours.astype(np.float32), sharpness)
    builder.build()
    inputs = [
        ("photo", FLOAT, ["P", 3, PHOTO_SIDE, PHOTO_SIDE]),
        ("latent", FLOAT, ["N", length]),
        ("origin", FLOAT, ["N", length]),
    ]
    inputs += [("pose", INT64, ["N"]), ("amounts", FLOAT, [len(features.TERMS)]), ("colour", FLOAT, [1])]
    inputs += [("tilt", FLOAT, [len(colours)]), ("inertia", FLOAT, [length])]
    return builder.graph.model_of(name, inputs, [("loss", FLOAT, ["N"]), ("gradient", FLOAT, ["N", length])], OPSET)


@dataclass
class _Tape:
    """Values and gradients of the layers by id; `masks` says where a clamp let the value pass."""

    values: dict[str, str] = field(default_factory=dict)
    masks: dict[str, str] = field(default_factory=dict)
    gradients: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)


class _StepBuilder:
    def __init__(self, model: IntegerModel, colours: np.ndarray, sharpness: float) -> None:
        self.graph = GraphBuilder()
        self._model, self._colours, self._sharpness = model, colours, sharpness
        self._height, self._width = model.layers[-1].shape[-2:]
        self._tape = _Tape()

    def build(self) -> None:
        g, tape = self.graph, self._tape
        tape.values["latent"] = self._round(g.node("Clip", "latent", scalar_0d(g, 0), scalar_0d(g, ACTIVATION_MAX)))
        for layer in self._model.layers:
            tape.values[layer.id] = self._forward(layer)
            tape.shapes[layer.id] = layer.shape
        head = self._model.layers[-1]
        image, share = self._paint(tape.values[head.id])
        source = self._pose_source()
        losses, image_gradient = self._compare(self._posed(image, source))
        share_loss, tilt = self._tilt(share)
        inertia_loss, inertia_gradient = self._inertia()
        losses += [share_loss, inertia_loss]
        image_gradient = self._unposed(image_gradient, source)
        tape.gradients[head.id] = self._unpaint(image_gradient, tilt, share)
        for layer in reversed(self._model.layers):
            self._backward(layer)
        self.graph.node("Add", tape.gradients["latent"], inertia_gradient, output="gradient")
        total = losses[0]
        for loss in losses[1:]:
            total = g.node("Add", total, loss)
        g.node("Squeeze", total, g.int64(1), output="loss")

    # The decoder.

    def _forward(self, layer: Layer) -> str:
        g, x = self.graph, self._tape.values[layer.input]
        if layer.op == "globalAveragePool":
            return self._round(g.node("ReduceMean", x, axes=[2, 3], keepdims=0))
        bias = self._bias(layer)
        if layer.op == "fullyConnected":
            total = g.node("Gemm", x, self._weight(layer.weight), bias, transB=1)
            return g.node("Reshape", self._requantise(total, layer), g.int64(-1, *layer.shape))
        total = g.node("Conv", self._upsampled(x, layer.upsample), self._kernel(layer), bias, pads=[padding(layer)] * 4)
        if layer.branch_input is not None:
            branch = g.node("Gemm", self._tape.values[layer.branch_input], self._weight(layer.branch_weight), transB=1)
            total = g.node("Add", total, g.node("Unsqueeze", branch, g.int64(2, 3)))
        return total if layer.op == "paletteArgmax" else self._requantise(total, layer)

    def _backward(self, layer: Layer) -> None:
        g, gradient = self.graph, self._tape.gradients[layer.id]
        if layer.op == "globalAveragePool":
            height, width = self._tape.shapes[layer.input][-2:]
            mean = g.node("Div", gradient, scalar(g, height * width))
            self._add_gradient(layer.input, g.node("Unsqueeze", mean, g.int64(2, 3)))
            return
        if layer.op == "fullyConnected":
            flat = g.node("Reshape", gradient, g.int64(-1, int(np.prod(layer.shape))))
            self._add_gradient(layer.input, g.node("Gemm", self._unclamped(flat, layer), self._weight(layer.weight)))
            return
        if layer.op != "paletteArgmax":
            gradient = self._unclamped(gradient, layer)
        if layer.branch_input is not None:
            summed = g.node("ReduceSum", gradient, g.int64(2, 3), keepdims=0)
            self._add_gradient(layer.branch_input, g.node("Gemm", summed, self._weight(layer.branch_weight)))
        wide = g.node("Conv", gradient, self._kernel(layer, backward=True), pads=[padding(layer)] * 4)
        self._add_gradient(layer.input, self._downsummed(wide, layer.upsample))

    def _requantise(self, total: str, layer: Layer) -> str:
        g = self.graph
        scaled = g.node("Mul", total, scalar(g, 2.0**-layer.shift))
        clamped = g.node("Clip", scaled, scalar_0d(g, 0), scalar_0d(g, ACTIVATION_MAX))
        self._tape.masks[layer.id] = g.cast(g.node("Equal", scaled, clamped), FLOAT)
        return self._round(clamped)

    def _unclamped(self, gradient: str, layer: Layer) -> str:
        g = self.graph
        return g.node("Mul", g.node("Mul", gradient, self._tape.masks[layer.id]), scalar(g, 2.0**-layer.shift))

    def _add_gradient(self, name: str, gradient: str) -> None:
        present = self._tape.gradients.get(name)
        self._tape.gradients[name] = gradient if present is None else self.graph.node("Add", present, gradient)

    # From the head to the image and back.

    def _paint(self, head: str) -> tuple[str, str]:
        """The image [N, 3, H, W] in 0..1 and the soft shares of the colours [N, K, H, W]."""
        g, count = self.graph, len(self._colours)
        if self._model.is_rgb:
            image = g.node("Mul", head, scalar(g, 1 / ACTIVATION_MAX))
            kernel = g.constant((2 / COLOUR_WIDTH * self._colours)[:, :, None, None])
            offset = g.constant(-(self._colours**2).sum(1) / np.float32(COLOUR_WIDTH))
            return image, g.node("Softmax", g.node("Conv", image, kernel, offset), axis=1)
        self._soft = g.node("Softmax", g.node("Mul", head, scalar(g, self._sharpness)), axis=1)
        first = g.node("ArgMax", head, axis=1, keepdims=1)
        hard = g.cast(g.node("Equal", first, g.constant(np.arange(count).reshape(1, count, 1, 1))), FLOAT)
        return g.node("Conv", hard, g.constant(self._colours.T[:, :, None, None])), hard

    def _unpaint(self, image_gradient: str, tilt: str, share: str) -> str:
        """The head's gradient, from the image's [N, 3, H, W] and the shares' [1, K, 1, 1]."""
        g = self.graph
        if self._model.is_rgb:
            logits = self._through_softmax(tilt, share)
            pulled = g.node("Conv", logits, g.constant((2 / COLOUR_WIDTH * self._colours.T)[:, :, None, None]))
            return g.node("Mul", g.node("Add", image_gradient, pulled), scalar(g, 1 / ACTIVATION_MAX))
        per_colour = g.node("Conv", image_gradient, g.constant(self._colours[:, :, None, None]))
        return g.node("Mul", self._through_softmax(g.node("Add", per_colour, tilt), self._soft), scalar(g, self._sharpness))

    def _through_softmax(self, gradient: str, soft: str) -> str:
        g = self.graph
        mean = row_sum(g, g.node("Mul", gradient, soft))
        return g.node("Mul", soft, g.node("Sub", gradient, mean))

    # The pose.

    def _pose_source(self) -> str:
        """For every pixel of the posed planes its position before: int64 [N, 3, H * W]."""
        g, width, height = self.graph, self._width, self._height
        unit = g.int64(max(1, width // SHIFTS))
        pose = g.node("Reshape", "pose", g.int64(-1, 1, 1))
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
        self._kept = g.cast(g.node("Reshape", g.node("Not", vacated), g.int64(-1, 1, height * width)), FLOAT)
        flat = g.node("Reshape", source, g.int64(-1, 1, height * width))
        return g.node("Tile", flat, g.int64(1, 3, 1))

    def _posed(self, image: str, source: str) -> str:
        g = self.graph
        flat = g.node("Reshape", image, g.int64(-1, 3, self._height * self._width))
        return self._as_planes(g.node("GatherElements", flat, source, axis=2))

    def _unposed(self, gradient: str, source: str) -> str:
        g = self.graph
        flat = g.node("Reshape", gradient, g.int64(-1, 3, self._height * self._width))
        # Vacated pixels repeat one corner pixel: with their gradient, refinement would paint whole margins through that pixel.
        flat = g.node("Mul", flat, self._kept)
        zeros = g.node("Mul", flat, scalar(g, 0))
        return self._as_planes(g.node("ScatterElements", zeros, source, flat, axis=2, reduction="add"))

    def _as_planes(self, flat: str) -> str:
        return self.graph.node("Reshape", flat, self.graph.int64(-1, 3, self._height, self._width))

    # The loss.

    def _compare(self, posed: str) -> tuple[list[str], str]:
        """Losses [N, 1] of the terms and of the centre's colour, and the posed image's gradient [N, 3, H, W]."""
        g = self.graph
        thumbnail, wanted = flat_thumbnail(g, posed, self._width), flat_thumbnail(g, "photo", PHOTO_SIDE)
        matrix = g.constant(features.spectrum_matrix())
        spectra, wanted_spectra = g.node("MatMul", thumbnail, matrix), g.node("MatMul", wanted, matrix)
        losses, gradients = [], []
        for position, weights in enumerate(features.TERMS.values()):
            amount = amount_of(g, "amounts", position)
            unit, length = unit_term(g, spectra, weights)
            target, _ = unit_term(g, wanted_spectra, weights)
            cosine = row_sum(g, g.node("Mul", unit, target))
            losses.append(g.node("Neg", g.node("Mul", cosine, amount)))
            slope = g.node("Div", g.node("Sub", g.node("Mul", unit, cosine), target), length)
            gradients.append(g.node("Mul", g.node("Mul", slope, g.constant(weights)), amount))
        spectral = gradients[0]
        for gradient in gradients[1:]:
            spectral = g.node("Add", spectral, gradient)
        from_spectrum = g.node("MatMul", spectral, g.node("Transpose", matrix, perm=[1, 0]))
        colour_loss, from_colour = self._colour_distance(thumbnail, wanted)
        losses.append(colour_loss)
        return losses, self._enlarged(g.node("Add", from_spectrum, from_colour))

    def _colour_distance(self, thumbnail: str, wanted: str) -> tuple[str, str]:
        """Its loss [N, 1] and the thumbnail's gradient [N, 768]."""
        g = self.graph
        matrix = g.constant(features.centre_matrix())
        difference = g.node("Sub", g.node("MatMul", thumbnail, matrix), g.node("MatMul", wanted, matrix))
        power = row_sum(g, g.node("Mul", difference, difference))
        distance = g.node("Sqrt", g.node("Add", power, scalar(g, features.DISTANCE_FLOOR)))
        slope = g.node("Mul", g.node("Div", difference, distance), "colour")
        return g.node("Mul", distance, "colour"), g.node("MatMul", slope, g.node("Transpose", matrix, perm=[1, 0]))

    def _enlarged(self, thumbnail: str) -> str:
        """The gradient of averaging: [N, 768] to [N, 3, H, W]."""
        g, factor = self.graph, self._width // features.THUMBNAIL
        cells = g.node("Reshape", thumbnail, g.int64(-1, 3, features.THUMBNAIL, features.THUMBNAIL))
        return self._upsampled(g.node("Div", cells, scalar(g, factor * factor)), factor)

    def _tilt(self, share: str) -> tuple[str, str]:
        """The loss [N, 1] of the colours' shares, and their gradient [1, K, 1, 1]."""
        g = self.graph
        mean = g.node("ReduceMean", share, axes=[2, 3], keepdims=0)
        per_pixel = g.node("Div", "tilt", scalar(g, self._height * self._width))
        return row_sum(g, g.node("Mul", mean, "tilt")), g.node("Reshape", per_pixel, g.int64(1, -1, 1, 1))

    def _inertia(self) -> tuple[str, str]:
        """The loss [N, 1] of moving away from the origin, and its gradient [N, L]."""
        g = self.graph
        moved = g.node("Sub", "latent", "origin")
        pull = g.node("Mul", moved, "inertia")
        return row_sum(g, g.node("Mul", moved, pull)), g.node("Mul", pull, scalar(g, 2))

    # Small pieces.

    def _round(self, x: str) -> str:
        return self.graph.node("Floor", self.graph.node("Add", x, scalar(self.graph, 0.5)))

    def _upsampled(self, x: str, factor: int) -> str:
        if factor == 1:
            return x
        scales = self.graph.constant(np.array([1, 1, factor, factor], np.float32))
        mode = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self.graph.node("Resize", x, "", scales, **mode)

    def _downsummed(self, x: str, factor: int) -> str:
        if factor == 1:
            return x
        mean = self.graph.node("AveragePool", x, kernel_shape=[factor, factor], strides=[factor, factor])
        return self.graph.node("Mul", mean, scalar(self.graph, factor * factor))

    def _weight(self, weight: np.ndarray | None) -> str:
        """A weight stored in bytes, as float32."""
        assert weight is not None
        return self.graph.cast(self.graph.constant(weight.astype(np.int8)), FLOAT)

    def _kernel(self, layer: Layer, backward: bool = False) -> str:
        assert layer.weight is not None
        kernel = layer.weight if layer.weight.ndim == 4 else layer.weight[:, :, None, None]
        return self._weight(kernel.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1] if backward else kernel)

    def _bias(self, layer: Layer) -> str:
        assert layer.bias is not None
        return self.graph.constant(layer.bias.astype(np.float32))


def scalar_0d(graph: GraphBuilder, value: float) -> str:
    """A float32 constant without axes, as Clip wants its limits."""
    return graph.constant(np.float32(value))


def padding(layer: Layer) -> int:
    """1 for a 3x3 kernel, 0 for a 1x1."""
    assert layer.weight is not None
    return layer.weight.shape[-1] // 2 if layer.weight.ndim == 4 else 0
