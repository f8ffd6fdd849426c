"""The search as ONNX: one photo against every entry of the bank in every pose.

Moving the figure is compared by moving the photo the other way, so all 126 poses of an entry need its spectrum only once. What
lies beyond the photo's edge is taken to continue it; the candidates are then compared exactly, by the loss of `loss_graph`.
"""

from __future__ import annotations

import numpy as np
import onnx

from ..integer import IntegerModel
from ..onnx_graph import FLOAT, GraphBuilder
from . import features
from .bank import Bank
from .blocks import OPSET, PHOTO_SIDE, amount_of, row_sum, scalar, unit_term
from .loss_graph import LossBuilder

MARGIN = 8
ROWS, COLUMNS = np.arange(-3, 4), np.arange(-4, 5)
CANDIDATES = 24
INT64 = onnx.TensorProto.INT64


def search_graph(bank: Bank, model: IntegerModel, colours: np.ndarray, name: str) -> onnx.ModelProto:
    """Inputs: `photo` [1, 3, 64, 64] in 0..1, `amounts` [G] of the terms, `colour` [1], `tilt` [K]; `colours` is float [K, 3] in 0..1.

    Outputs: `score` float [M], the best over all poses without the tilt, and `pose` int64 [M], for each entry, more is better; `latent`
    float [24, L] and `latentPose` int64 [24], the best candidates with the tilt, best first (fewer if the bank is smaller), and
    `loss` float [24], their losses.
    """
    graph = GraphBuilder()
    loss = LossBuilder(graph, model, colours)
    thumbnails = moved_thumbnails(graph, "photo")
    spectra = graph.node("MatMul", thumbnails, loss.spectrum_matrix)
    centres = graph.node("MatMul", thumbnails, loss.centre_matrix)
    similarity = similarities(graph, both_mirrors(graph, spectra), bank)
    distance = twice(graph, colour_distance(graph, centres, bank))
    score = graph.node("Sub", similarity, graph.node("Mul", distance, "colour"))
    best = graph.node("ReduceMax", score, output="score", axes=[0], keepdims=0)
    pose = graph.node("ArgMax", score, output="pose", axis=0, keepdims=0)
    cost = graph.node("MatMul", bytes_as_floats(graph, bank.share, 1 / 255), "tilt")
    choose(graph, graph.node("Sub", best, cost), pose, bank)
    graph.node("Squeeze", loss.build("latent", "latentPose"), graph.int64(1), output="loss")
    entries, length, colours = len(bank.latents), bank.latents.shape[1], bank.share.shape[1]
    candidates = min(CANDIDATES, entries)
    inputs = [("photo", FLOAT, [1, 3, PHOTO_SIDE, PHOTO_SIDE]), ("amounts", FLOAT, [len(features.TERMS)])]
    inputs += [("colour", FLOAT, [1]), ("tilt", FLOAT, [colours])]
    outputs = [("score", FLOAT, [entries]), ("pose", INT64, [entries])]
    outputs += [("latent", FLOAT, [candidates, length]), ("latentPose", INT64, [candidates]), ("loss", FLOAT, [candidates])]
    return graph.model_of(name, inputs, outputs, OPSET)


def moved_thumbnails(graph: GraphBuilder, photo: str) -> str:
    """Thumbnails of the photo moved against each of the 63 shifts, in the order of the pose byte: [63, 768]."""
    pads = graph.int64(0, 0, MARGIN, MARGIN, 0, 0, MARGIN, MARGIN)
    cells = graph.node("AveragePool", graph.node("Pad", photo, pads, mode="edge"), kernel_shape=[4, 4], strides=[2, 2])
    within = 2 * np.arange(features.THUMBNAIL)[None] + MARGIN // 2
    rows = graph.node("Gather", cells, graph.constant(ROWS[:, None] + within), axis=2)
    both = graph.node("Gather", rows, graph.constant(COLUMNS[:, None] + within), axis=4)
    ordered = graph.node("Transpose", both, perm=[0, 2, 4, 1, 3, 5])
    return graph.node("Reshape", ordered, graph.int64(len(ROWS) * len(COLUMNS), 3 * features.THUMBNAIL**2))


def both_mirrors(graph: GraphBuilder, spectra: str) -> str:
    """[63, B] to [126, B]: mirroring a picture changes the sign of its odd horizontal frequencies."""
    signs = (1 - 2 * (features.band()[:, 2] % 2)).astype(np.float32)
    return graph.node("Concat", spectra, graph.node("Mul", spectra, graph.constant(signs)), axis=0)


def twice(graph: GraphBuilder, rows: str) -> str:
    """[63, M] to [126, M]: the centre's colour is the same mirrored."""
    return graph.node("Concat", rows, rows, axis=0)


def similarities(graph: GraphBuilder, spectra: str, bank: Bank) -> str:
    """Sum of the terms' cosines by their amounts: [126, M]."""
    entries = bytes_as_floats(graph, bank.spectra, 1.0)
    wanted, offered = [], []
    for position, weights in enumerate(features.TERMS.values()):
        used = graph.constant(np.flatnonzero(weights))
        query, _ = unit_term(graph, spectra, weights)
        query = graph.node("Mul", query, amount_of(graph, "amounts", position))
        wanted.append(graph.node("Gather", query, used, axis=1))
        offered.append(graph.node("Gather", unit_term(graph, entries, weights)[0], used, axis=1))
    table = graph.node("Transpose", graph.node("Concat", *offered, axis=1), perm=[1, 0])
    return graph.node("MatMul", graph.node("Concat", *wanted, axis=1), table)


def colour_distance(graph: GraphBuilder, wanted: str, bank: Bank) -> str:
    """Euclidean distance of the centres' colours: [63, 3] to [63, M]."""
    offered = graph.node("Transpose", bytes_as_floats(graph, bank.centres, 1 / 255), perm=[1, 0])
    product = graph.node("Mul", graph.node("MatMul", wanted, offered), scalar(graph, -2))
    offered_power = graph.node("ReduceSum", graph.node("Mul", offered, offered), graph.int64(0), keepdims=1)
    powers = graph.node("Add", row_sum(graph, graph.node("Mul", wanted, wanted)), offered_power)
    squared = graph.node("Relu", graph.node("Add", powers, product))
    return graph.node("Sqrt", graph.node("Add", squared, scalar(graph, features.DISTANCE_FLOOR)))


def choose(graph: GraphBuilder, score: str, pose: str, bank: Bank) -> None:
    """The outputs `latent` and `latentPose`."""
    _, positions = graph.nodes("TopK", [score, graph.int64(min(CANDIDATES, len(bank.latents)))], 2, axis=0, largest=1, sorted=1)
    graph.node("Gather", pose, positions, output="latentPose", axis=0)
    chosen = graph.node("Gather", graph.constant(bank.latents), positions, axis=0)
    graph.cast(chosen, FLOAT, output="latent")


def bytes_as_floats(graph: GraphBuilder, values: np.ndarray, step: float) -> str:
    """A constant stored in bytes, as float32 multiples of `step`."""
    return graph.node("Mul", graph.cast(graph.constant(values), FLOAT), scalar(graph, step))
