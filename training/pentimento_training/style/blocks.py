"""Pieces that the search graph and the step graph share: the features of a picture, as ONNX nodes."""

from __future__ import annotations

import numpy as np

from ..onnx_graph import GraphBuilder
from . import features

# The first version whose ScatterElements can add, which the gradient of the pose needs.
OPSET = 16
PHOTO_SIDE = 64


def flat_thumbnail(graph: GraphBuilder, images: str, side: int) -> str:
    """[N, 3, side, side] to [N, 768]."""
    factor = side // features.THUMBNAIL
    small = graph.node("AveragePool", images, kernel_shape=[factor, factor], strides=[factor, factor]) if factor > 1 else images
    return graph.node("Flatten", small, axis=1)


def unit_term(graph: GraphBuilder, spectra: str, weights: np.ndarray) -> tuple[str, str]:
    """One term's weighted spectrum scaled to length 1 [N, B], and the length before [N, 1]."""
    weighted = graph.node("Mul", spectra, graph.constant(weights))
    power = row_sum(graph, graph.node("Mul", weighted, weighted))
    length = graph.node("Sqrt", graph.node("Add", power, scalar(graph, features.NORM_FLOOR)))
    return graph.node("Div", weighted, length), length


def row_sum(graph: GraphBuilder, x: str) -> str:
    """Sum over the second axis, which is kept: [N, D] to [N, 1]."""
    return graph.node("ReduceSum", x, graph.int64(1), keepdims=1)


def scalar(graph: GraphBuilder, value: float) -> str:
    """A float32 constant of one element."""
    return graph.constant(np.array([value], np.float32))


def amount_of(graph: GraphBuilder, amounts: str, position: int) -> str:
    """One element of a vector of amounts, as [1]."""
    return graph.node("Slice", amounts, graph.int64(position), graph.int64(position + 1), graph.int64(0))
