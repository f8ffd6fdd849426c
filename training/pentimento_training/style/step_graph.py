"""One step of the refinement as ONNX: the loss of latents in their poses for a photo, and its gradient, both as plain operators.

Runtimes for inference do not differentiate, so the backward pass is written out: a convolution's is the convolution with the
flipped, transposed kernel, which for an upsampled one is a 4x4 kernel of stride 2; a gather's is a scattered sum. Rounding passes
the gradient through and the argmax has that of the softmax, exactly as in `painter`.

To the loss of `loss_graph` comes the inertia: sum_i inertia_i (latent_i - origin_i)^2
"""

from __future__ import annotations

import numpy as np
import onnx

from ..integer import ACTIVATION_MAX, IntegerModel, Layer
from ..onnx_graph import FLOAT, GraphBuilder
from . import features
from .blocks import OPSET, PHOTO_SIDE, row_sum, scalar
from .loss_graph import LossBuilder, kernel, padding, scalar_0d
from .painter import COLOUR_WIDTH

INT64 = onnx.TensorProto.INT64


def step_graph(model: IntegerModel, colours: np.ndarray, sharpness: float, name: str) -> onnx.ModelProto:
    """Inputs: `photo` [P, 3, 64, 64] with P = 1 or N, `latent` and `origin` [N, L] in 0..127, `pose` int64 [N], `amounts` [G], `colour` [1],
    `tilt` [K], `inertia` [L]. Outputs: `loss` [N] and `gradient` [N, L]. `colours` is float [K, 3] in 0..1."""
    graph, length = GraphBuilder(), model.latent_length
    forward = LossBuilder(graph, model, colours)
    loss = forward.build("latent", "pose")
    inertia_loss, inertia_gradient = inertia(graph)
    graph.node("Squeeze", graph.node("Add", loss, inertia_loss), graph.int64(1), output="loss")
    graph.node("Add", _Gradient(forward, sharpness).of_latent(), inertia_gradient, output="gradient")
    inputs = [
        ("photo", FLOAT, ["P", 3, PHOTO_SIDE, PHOTO_SIDE]),
        ("latent", FLOAT, ["N", length]),
        ("origin", FLOAT, ["N", length]),
    ]
    inputs += [("pose", INT64, ["N"]), ("amounts", FLOAT, [len(features.TERMS)]), ("colour", FLOAT, [1])]
    inputs += [("tilt", FLOAT, [len(colours)]), ("inertia", FLOAT, [length])]
    return graph.model_of(name, inputs, [("loss", FLOAT, ["N"]), ("gradient", FLOAT, ["N", length])], OPSET)


def inertia(graph: GraphBuilder) -> tuple[str, str]:
    """The loss [N, 1] of moving away from the origin, and its gradient [N, L]."""
    moved = graph.node("Sub", "latent", "origin")
    pull = graph.node("Mul", moved, "inertia")
    return row_sum(graph, graph.node("Mul", moved, pull)), graph.node("Mul", pull, scalar(graph, 2))


class _Gradient:
    """The backward pass of a loss; `_gradients` is that of every layer's output by id."""

    def __init__(self, forward: LossBuilder, sharpness: float) -> None:
        self._forward, self._graph, self._sharpness = forward, forward.graph, sharpness
        self._gradients: dict[str, str] = {}

    def of_latent(self) -> str:
        """The gradient [N, L]."""
        layers = self._forward.model.layers
        self._gradients[layers[-1].id] = self._of_head(self._unposed(self._of_comparison()))
        for layer in reversed(layers):
            self._through(layer)
        return self._gradients["latent"]

    # The comparison and the pose.

    def _of_comparison(self) -> str:
        """The posed image's gradient [N, 3, H, W]."""
        g, forward = self._graph, self._forward
        parts = []
        for term in forward.terms:
            slope = g.node("Div", g.node("Sub", g.node("Mul", term.unit, term.cosine), term.target), term.length)
            parts.append(g.node("Mul", g.node("Mul", slope, g.constant(term.weights)), term.amount))
        spectral = g.node("Sum", *parts)
        colour = g.node("Mul", g.node("Div", forward.difference, forward.distance), "colour")
        thumbnail = g.node(
            "Add", self._transposed(spectral, forward.spectrum_matrix), self._transposed(colour, forward.centre_matrix)
        )
        factor = forward.width // features.THUMBNAIL
        cells = g.node("Reshape", thumbnail, g.int64(-1, 3, features.THUMBNAIL, features.THUMBNAIL))
        return forward.enlarged(g.node("Div", cells, scalar(g, factor * factor)), factor)

    def _transposed(self, x: str, matrix: str) -> str:
        return self._graph.node("MatMul", x, self._graph.node("Transpose", matrix, perm=[1, 0]))

    def _unposed(self, gradient: str) -> str:
        g, forward = self._graph, self._forward
        # Vacated pixels repeat one corner pixel: with their gradient, refinement would paint whole margins through that pixel.
        flat = g.node("Mul", forward.as_rows(gradient), forward.kept)
        zeros = g.node("Mul", flat, scalar(g, 0))
        return forward.as_planes(g.node("ScatterElements", zeros, forward.source, flat, axis=2, reduction="add"))

    # The image.

    def _of_head(self, image: str) -> str:
        """The head's gradient, from the image's [N, 3, H, W] and that of the shares, which is the tilt over all pixels."""
        g, forward = self._graph, self._forward
        per_pixel = g.node("Div", "tilt", scalar(g, forward.height * forward.width))
        tilt = g.node("Reshape", per_pixel, g.int64(1, -1, 1, 1))
        if forward.model.is_rgb:
            pulled = self._through_softmax(tilt, forward.share)
            pulled = g.node("Conv", pulled, g.constant((2 / COLOUR_WIDTH * forward.colours.T)[:, :, None, None]))
            return g.node("Mul", g.node("Add", image, pulled), scalar(g, 1 / ACTIVATION_MAX))
        head = forward.values[forward.model.layers[-1].id]
        soft = forward.softmax(g.node("Mul", head, scalar(g, self._sharpness)))
        per_colour = g.node("Conv", image, g.constant(forward.colours[:, :, None, None]))
        return g.node("Mul", self._through_softmax(g.node("Add", per_colour, tilt), soft), scalar(g, self._sharpness))

    def _through_softmax(self, gradient: str, soft: str) -> str:
        g = self._graph
        mean = row_sum(g, g.node("Mul", gradient, soft))
        return g.node("Mul", soft, g.node("Sub", gradient, mean))

    # The decoder.

    def _through(self, layer: Layer) -> None:
        """From the layer's gradient to those of its inputs."""
        g, forward, gradient = self._graph, self._forward, self._gradients[layer.id]
        if layer.op == "globalAveragePool":
            height, width = next(below.shape for below in forward.model.layers if below.id == layer.input)[-2:]
            mean = g.node("Div", gradient, scalar(g, height * width))
            self._add(layer.input, g.node("Unsqueeze", mean, g.int64(2, 3)))
            return
        if layer.op == "fullyConnected":
            flat = g.node("Reshape", gradient, g.int64(-1, int(np.prod(layer.shape))))
            self._add(layer.input, g.node("Gemm", self._unclamped(flat, layer), forward.scaled(layer.weight, layer)))
            return
        if layer.op != "paletteArgmax":
            gradient = self._unclamped(gradient, layer)
        if layer.branch_input is not None:
            summed = g.node("ReduceSum", gradient, g.int64(2, 3), keepdims=0)
            self._add(layer.branch_input, g.node("Gemm", summed, forward.scaled(layer.branch_weight, layer)))
        strides = [layer.upsample] * 2
        weight = forward.scaled(backward_kernel(layer), layer)
        self._add(layer.input, g.node("Conv", gradient, weight, pads=[padding(layer)] * 4, strides=strides))

    def _unclamped(self, gradient: str, layer: Layer) -> str:
        inside = self._graph.node("Equal", *self._forward.clamped[layer.id])
        return self._graph.node("Where", inside, gradient, scalar_0d(self._graph, 0))

    def _add(self, name: str, gradient: str) -> None:
        present = self._gradients.get(name)
        self._gradients[name] = gradient if present is None else self._graph.node("Add", present, gradient)


def backward_kernel(layer: Layer) -> np.ndarray:
    """The kernel int16 [I, O, K, K] that takes the gradient of a layer's output to that of its input, at stride `upsample`.

    y[p] = sum_k w[k] x[(p + k - 1) // 2] makes x[j]'s gradient the sum of w[k] (g[2j + 1 - k] + g[2j + 2 - k]): along each axis
    the flipped kernel, once as it is and once moved by one.
    """
    flipped = kernel(layer).astype(np.int16).transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
    if layer.upsample == 1:
        return flipped
    for axis in (2, 3):
        before, after = ([(0, 0)] * 4 for _ in range(2))
        before[axis], after[axis] = (1, 0), (0, 1)
        flipped = np.pad(flipped, before) + np.pad(flipped, after)
    return flipped
