"""Bit-exact agreement of the torch decoder, the numpy reference and ONNX Runtime with its optimiser on and off."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from .convert import layer_within_bounds
from .files import read_model
from .integer import IntegerModel, Trace, evaluate
from .model import Decoder
from .quantise import ACTIVATION_SCALE, EXACT_LIMIT


class DisagreementError(AssertionError):
    """Two implementations of the same decoder gave different integers."""


def session(model: bytes | Path, optimised: bool) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on one CPU thread, with all graph optimisations or with none."""
    options = onnxruntime.SessionOptions()
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimised else levels.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def check_torch(decoder: Decoder, model: IntegerModel, latents: np.ndarray, trace: Trace) -> None:
    """The quantised torch decoder gives exactly the reference's integers in every layer, for latents uint8 [N, L]."""
    exponents = {group.name: group.exponent for group in decoder.parameter_groups()}
    with torch.no_grad():
        outputs = decoder.activations(torch.from_numpy(latents.astype(np.float32) / ACTIVATION_SCALE))
    for layer in model.layers:
        scale = ACTIVATION_SCALE * (2 ** exponents[layer.id] if layer.op == "paletteArgmax" else 1)
        require_equal(f"torch {layer.id}", outputs[layer.id].double().numpy() * scale, trace.outputs[layer.id])
    require_equal("torch index", outputs["head"].argmax(1).numpy(), trace.index)


def check_runtime(graph: bytes | Path, latents: np.ndarray, index: np.ndarray) -> None:
    """ONNX Runtime gives exactly `index` uint8 [N, H, W], with its optimiser on and off."""
    for optimised in (True, False):
        result = session(graph, optimised).run(["index"], {"latent": latents.astype(np.uint8)})[0]
        require_equal(f"onnxruntime, optimiser {'on' if optimised else 'off'}", result, index)


def check_accumulators(trace: Trace) -> None:
    """Every accumulator met is exact in float32."""
    for layer, largest in trace.largest_accumulator.items():
        if largest >= EXACT_LIMIT:
            raise DisagreementError(f"{layer}: accumulator {largest} is not exact in float32")


def require_equal(what: str, actual: np.ndarray, expected: np.ndarray) -> None:
    """Raise `DisagreementError` with the first difference unless both arrays hold the same numbers."""
    if actual.shape != expected.shape:
        raise DisagreementError(f"{what}: shape {actual.shape}, expected {expected.shape}")
    different = np.argwhere(actual != expected)
    if len(different) > 0:
        place = tuple(int(value) for value in different[0])
        raise DisagreementError(f"{what}: {actual[place]} instead of {expected[place]} at {place}, {len(different)} differences")


def check_folder(folder: Path, vectors: Path | None) -> int:
    """Check an exported model against its bounds, its ONNX graph and its vectors; returns the number of latents compared."""
    model = read_model(folder)
    for layer in model.layers:
        if layer.weight is not None and not layer_within_bounds(layer):
            raise DisagreementError(f"{layer.id} exceeds its bounds")
    latents = np.random.default_rng(0).integers(0, 128, (16, model.latent_length), np.uint8)
    check_runtime(folder / "decoder.onnx", latents, evaluate(model, latents).index)
    return len(latents) + (check_vectors(model, folder, json.loads(vectors.read_text())) if vectors else 0)


def check_vectors(model: IntegerModel, folder: Path, vectors: dict) -> int:
    """Every case of a vectors file agrees with the reference and with ONNX Runtime; returns the number of cases."""
    manifest = json.loads((folder / "manifest.json").read_text())
    if (vectors["model"], vectors["commitment"]) != (manifest["name"], manifest["commitment"]):
        raise DisagreementError("the vectors belong to another model")
    latents = np.array([case["latent"] for case in vectors["cases"]], np.uint8)
    trace = evaluate(model, latents)
    for position, case in enumerate(vectors["cases"]):
        if set(case["layers"]) != set(trace.outputs):
            raise DisagreementError(f"{case['name']}: layers {sorted(case['layers'])}")
        for layer, values in case["layers"].items():
            require_equal(f"{case['name']} {layer}", trace.outputs[layer][position].ravel(), np.array(values))
        require_equal(f"{case['name']} index", trace.index[position].ravel(), np.array(case["index"]))
    check_runtime(folder / "decoder.onnx", latents, trace.index)
    return len(latents)
