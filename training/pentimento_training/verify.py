"""Bit-exact agreement of PyTorch, the numpy reference and ONNX Runtime (optimiser on and off, one and two threads)."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor

from .convert import layer_within_bounds
from .files import read_model
from .integer import ACTIVATION_MAX, IntegerModel, Layer, Trace, accumulator_bound, evaluate
from .model import Decoder
from .onnx_decoder import output_name
from .quantise import ACTIVATION_SCALE, EXACT_LIMIT, quantised_activation

RUNTIME_SETTINGS = tuple(itertools.product((True, False), (1, 2)))


class DisagreementError(AssertionError):
    """Two implementations of the same decoder gave different integers."""


def session(model: bytes | Path, optimised: bool, threads: int = 1) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on the CPU, with all graph optimisations or with none."""
    options = onnxruntime.SessionOptions()
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimised else levels.ORT_DISABLE_ALL
    options.intra_op_num_threads = threads
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def check_torch(decoder: Decoder, model: IntegerModel, latents: np.ndarray, trace: Trace) -> None:
    """The quantised decoder of training gives exactly the reference's integers in every layer, for latents uint8 [N, L]."""
    exponents = {group.name: group.exponent for group in decoder.parameter_groups()}
    with torch.no_grad():
        outputs = decoder.activations(torch.from_numpy(latents.astype(np.float32) / ACTIVATION_SCALE))
    for layer in model.layers:
        scale = ACTIVATION_SCALE * (2 ** exponents[layer.id] if layer.op == "paletteArgmax" else 1)
        require_equal(f"torch {layer.id}", outputs[layer.id].double().numpy() * scale, trace.outputs[layer.id])
    if not model.is_rgb:
        require_equal("torch index", outputs["head"].argmax(1).numpy(), trace.image)


@torch.no_grad()
def check_float32(model: IntegerModel, latents: np.ndarray, trace: Trace) -> None:
    """PyTorch's float32 arithmetic on the exported integers, as fractions, gives the reference's integers in every layer."""
    values = {"latent": torch.from_numpy(latents.astype(np.float32) / ACTIVATION_SCALE)}
    for layer in model.layers:
        values[layer.id] = float32_layer(layer, values)
        require_equal(f"float32 {layer.id}", values[layer.id].double().numpy() * ACTIVATION_SCALE, trace.outputs[layer.id])


def float32_layer(layer: Layer, values: dict[str, Tensor]) -> Tensor:
    """One layer in fake quantisation: activations are integers / 16, weights integers / 2^shift."""
    x = values[layer.input]
    if layer.op == "globalAveragePool":
        return quantised_activation(x.mean((2, 3)))
    assert layer.weight is not None and layer.bias is not None
    unit = 2.0**layer.shift
    weight = torch.from_numpy(layer.weight.astype(np.float32)) / unit
    bias = torch.from_numpy(layer.bias.astype(np.float32)) / (unit * ACTIVATION_SCALE)
    if layer.op == "fullyConnected":
        return quantised_activation(F.linear(x, weight, bias)).view(-1, *layer.shape)
    if layer.op == "conv2d":
        x = F.interpolate(x, scale_factor=layer.upsample, mode="nearest") if layer.upsample != 1 else x
        total = F.conv2d(x, weight, bias, padding=1)
    else:
        total = F.conv2d(x, weight[:, :, None, None], bias)
    if layer.branch_input is not None and layer.branch_weight is not None:
        branch = torch.from_numpy(layer.branch_weight.astype(np.float32)) / unit
        total = total + F.linear(values[layer.branch_input], branch)[:, :, None, None]
    return total if layer.op == "paletteArgmax" else quantised_activation(total)


def check_runtime(graph: bytes | Path, latents: np.ndarray, image: np.ndarray) -> None:
    """ONNX Runtime gives exactly `image` uint8 [N, H, W] or [N, 3, H, W] with every setting of `RUNTIME_SETTINGS`."""
    for optimised, threads in RUNTIME_SETTINGS:
        result = session(graph, optimised, threads).run(None, {"latent": latents.astype(np.uint8)})[0]
        require_equal(f"onnxruntime, optimiser {'on' if optimised else 'off'}, {threads} threads", result, image)


def check_bounds(model: IntegerModel) -> None:
    """No accumulator can leave its limits, whatever the activations: this follows from the weights alone.

    The bound counts |weight| * 127 and |bias|, so it holds for every partial sum too: float32 computes them all exactly.
    """
    sizes = {layer.id: layer.shape for layer in model.layers}
    for layer in model.layers:
        if layer.weight is None:
            bound = int(np.prod(sizes[layer.input][1:])) * ACTIVATION_MAX
        else:
            bound = accumulator_bound(layer)
            if not layer_within_bounds(layer):
                raise DisagreementError(f"{layer.id} exceeds its bounds: {bound} at shift {layer.shift}")
        if bound >= EXACT_LIMIT:
            raise DisagreementError(f"{layer.id}: an accumulator of {bound} would not be exact in float32")


def require_equal(what: str, actual: np.ndarray, expected: np.ndarray) -> None:
    """Raise `DisagreementError` with the first difference unless both arrays hold the same numbers."""
    if actual.shape != expected.shape:
        raise DisagreementError(f"{what}: shape {actual.shape}, expected {expected.shape}")
    different = np.argwhere(actual != expected)
    if len(different) > 0:
        place = tuple(int(value) for value in different[0])
        raise DisagreementError(f"{what}: {actual[place]} instead of {expected[place]} at {place}, {len(different)} differences")


def check_folder(folder: Path, vectors: Path | None) -> int:
    """Check an exported model against its bounds, PyTorch, its ONNX graph and its vectors; returns the latents compared."""
    model = read_model(folder)
    check_bounds(model)
    latents = np.random.default_rng(0).integers(0, 128, (16, model.latent_length), np.uint8)
    trace = evaluate(model, latents)
    check_float32(model, latents, trace)
    check_runtime(folder / "decoder.onnx", latents, trace.image)
    return len(latents) + (check_vectors(model, folder, json.loads(vectors.read_text())) if vectors else 0)


def check_vectors(model: IntegerModel, folder: Path, vectors: dict) -> int:
    """Every case of a vectors file agrees with the reference, PyTorch and ONNX Runtime; returns the number of cases."""
    manifest = json.loads((folder / "manifest.json").read_text())
    if (vectors["model"], vectors["commitment"]) != (manifest["name"], manifest["commitment"]):
        raise DisagreementError("the vectors belong to another model")
    latents = np.array([case["latent"] for case in vectors["cases"]], np.uint8)
    trace = evaluate(model, latents)
    check_float32(model, latents, trace)
    result = output_name(model)
    for position, case in enumerate(vectors["cases"]):
        if set(case["layers"]) != set(trace.outputs):
            raise DisagreementError(f"{case['name']}: layers {sorted(case['layers'])}")
        for layer, values in case["layers"].items():
            require_equal(f"{case['name']} {layer}", trace.outputs[layer][position].ravel(), np.array(values))
        require_equal(f"{case['name']} {result}", trace.image[position].ravel(), np.array(case[result]))
    check_runtime(folder / "decoder.onnx", latents, trace.image)
    return len(latents)
