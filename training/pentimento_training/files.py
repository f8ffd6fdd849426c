"""Reading and writing a model's folder: `manifest.json` and `weights.safetensors`, as `book/formats.md` defines them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from .commitment import commitment
from .data import parse_hex
from .integer import IntegerModel, Layer

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
METRICS = "metrics.json"


def write_model(model: IntegerModel, folder: Path) -> None:
    """Write the manifest and the weights of `model` to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors_of(model), folder / WEIGHTS)
    (folder / MANIFEST).write_text(json.dumps(manifest_of(model, folder / WEIGHTS), indent=2) + "\n")


def tensors_of(model: IntegerModel) -> dict[str, np.ndarray]:
    """Tensor name to array: weights int8, biases int32."""
    tensors: dict[str, np.ndarray] = {}
    for layer in model.layers:
        if layer.weight is not None and layer.bias is not None:
            tensors[f"{layer.id}.weight"] = np.ascontiguousarray(layer.weight.astype(np.int8))
            tensors[f"{layer.id}.bias"] = np.ascontiguousarray(layer.bias.astype(np.int32))
        if layer.branch_weight is not None:
            tensors[f"{layer.id}.branch.weight"] = np.ascontiguousarray(layer.branch_weight.astype(np.int8))
    return tensors


def manifest_of(model: IntegerModel, weights: Path) -> dict:
    """The manifest of `model`, whose weights are already in the file `weights`."""
    height, width = model.layers[-1].shape[-2:]
    return {
        "format": "pentimento-model",
        "version": 1,
        "arithmetic": 1,
        "name": model.name,
        "preset": model.preset,
        "license": "CC0-1.0",
        "latent": {"length": model.latent_length},
        "layers": [layer_entry(layer) for layer in model.layers],
        "image": {"height": height, "width": width, "scale": model.scale},
        "palette": ["#" + bytes(colour).hex() for colour in model.palette.astype(np.uint8)],
        "weights": {"file": weights.name, "sha256": hashlib.sha256(weights.read_bytes()).hexdigest()},
        "commitment": commitment(model),
    }


def layer_entry(layer: Layer) -> dict:
    """The manifest's entry of one layer."""
    entry: dict = {"id": layer.id, "op": layer.op, "input": layer.input}
    if layer.upsample != 1:
        entry["upsample"] = layer.upsample
    entry["shape"] = list(layer.shape)
    if layer.weight is not None:
        entry |= {"weight": f"{layer.id}.weight", "bias": f"{layer.id}.bias", "shift": layer.shift}
    if layer.branch_input is not None:
        entry["channelBias"] = {"input": layer.branch_input, "weight": f"{layer.id}.branch.weight"}
    return entry


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file so that a reader sees the old content or the new, never a part; leaves nothing behind when it fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def update_metrics(folder: Path, figures: dict) -> dict:
    """Merge `figures` into the model's `metrics.json` (a key given replaces the one there); returns all figures."""
    path = folder / METRICS
    merged = {**(json.loads(path.read_text()) if path.exists() else {}), **figures}
    write_whole(path, json.dumps(merged, indent=2) + "\n")
    return merged


def read_model(folder: Path) -> IntegerModel:
    """Read a model; refuses weights or a commitment that disagree with the manifest."""
    manifest = json.loads((folder / MANIFEST).read_text())
    weights = folder / manifest["weights"]["file"]
    if hashlib.sha256(weights.read_bytes()).hexdigest() != manifest["weights"]["sha256"]:
        raise ValueError(f"{weights.name} is not the file that the manifest names")
    tensors = load_file(weights)
    model = IntegerModel(
        name=manifest["name"],
        preset=manifest["preset"],
        latent_length=manifest["latent"]["length"],
        layers=tuple(layer_of(entry, tensors) for entry in manifest["layers"]),
        palette=np.array([parse_hex(colour[1:]) for colour in manifest["palette"]], np.uint8).reshape(-1, 3),
        scale=manifest["image"]["scale"],
    )
    if commitment(model) != manifest["commitment"]:
        raise ValueError(f"the commitment of {model.name} is not the one in its manifest")
    return model


def layer_of(entry: dict, tensors: dict[str, np.ndarray]) -> Layer:
    """One layer from its manifest entry."""
    branch = entry.get("channelBias")
    return Layer(
        id=entry["id"],
        op=entry["op"],
        input=entry["input"],
        shape=tuple(entry["shape"]),
        upsample=entry.get("upsample", 1),
        shift=entry.get("shift", 0),
        weight=tensors[entry["weight"]] if "weight" in entry else None,
        bias=tensors[entry["bias"]] if "bias" in entry else None,
        branch_input=branch["input"] if branch else None,
        branch_weight=tensors[branch["weight"]] if branch else None,
    )
