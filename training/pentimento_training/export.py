"""Everything in a model's folder, written only after all implementations agree bit for bit."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from . import evaluate as evaluation
from .card import card_text
from .commitment import commitment
from .convert import bounds, integer_model, settle
from .data import CLASS_COUNT, Collection, Palette
from .files import write_model
from .integer import IntegerModel, Layer, evaluate
from .onnx_decoder import decoder_graph
from .onnx_encoder import encoder_graph
from .train import Run, snapshot
from .vectors import choose_latents, write_vectors
from .verify import check_accumulators, check_runtime, check_torch, session

EXACTNESS_LATENTS = 32
# An exact tie is a matter of chance: seconds of searching are worth it for a model that is kept.
TIE_BATCHES = {"full": 12, "smoke": 1}


@dataclass(frozen=True)
class Artifacts:
    """What a trained run becomes: the integers, both graphs, and the named latents of the vectors."""

    model: IntegerModel
    decoder: bytes
    encoder: bytes
    chosen: dict[str, np.ndarray]


def export(run: Run, collection: Collection, palette: Palette, name: str, folder: Path, vectors: Path) -> dict:
    """Export a run whose int8 networks are loaded; returns the metrics. Raises `DisagreementError` before anything is written."""
    settle(run.decoder, palette)
    run.networks["int8"] = snapshot(run)
    scores = evaluation.compare_phases(run, collection, palette)
    count = run.profile.evaluation_count
    seen = evaluation.evaluation_set(collection, palette, collection.seen_heads, count, [run.seed, 2])
    latents = evaluation.encode(run.encoder, seen)
    artifacts = build_artifacts(run, palette, name, latents[0])
    largest = check_exactness(run, artifacts, latents)
    metrics = {
        **procedure_figures(run, artifacts.model),
        **loss_figures(scores),
        **image_figures(artifacts, seen, latents, collection),
        "indexAgreement": round(evaluation.index_agreement(run.decoder, latents), 5),
        "phases": scores,
        "evaluationComposites": {"seenHeads": count, "heldOutHeads": count // 2},
        "size": size_of(artifacts.model),
        "bounds": with_largest(bounds(artifacts.model), largest),
        "versions": versions(),
    }
    write(artifacts, metrics, folder, vectors)
    return metrics


def build_artifacts(run: Run, palette: Palette, name: str, encoded: np.ndarray) -> Artifacts:
    """Everything but the metrics; `encoded` is the latent uint8 [L] of one Noun."""
    model = integer_model(run.decoder, palette, name)
    return Artifacts(
        model=model,
        decoder=decoder_graph(model).SerializeToString(),
        encoder=encoder_graph(run.encoder, name).SerializeToString(),
        chosen=choose_latents(model, encoded, run.seed, TIE_BATCHES[run.profile.name]),
    )


def write(artifacts: Artifacts, metrics: dict, folder: Path, vectors: Path) -> None:
    """Write the model's folder and its vectors."""
    write_model(artifacts.model, folder)
    (folder / "decoder.onnx").write_bytes(artifacts.decoder)
    (folder / "encoder.onnx").write_bytes(artifacts.encoder)
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    (folder / "card.md").write_text(card_text(metrics))
    write_vectors(artifacts.model, artifacts.chosen, vectors)


def procedure_figures(run: Run, model: IntegerModel) -> dict:
    """What was trained, and how."""
    profile = run.profile
    return {
        "model": model.name,
        "commitment": commitment(model),
        "preset": run.preset.name,
        "profile": profile.name,
        "seed": run.seed,
        "floatSteps": profile.float_steps,
        "qatSteps": profile.qat_steps,
        "batch": profile.batch,
        "floatLearningRate": profile.float_rate,
        "qatLearningRate": profile.qat_rate,
        "seconds": round(run.seconds, 1),
    }


def loss_figures(scores: dict) -> dict:
    """Losses on fresh composites with seen heads; the control had as many steps as the int8 network."""
    return {
        "floatLoss": scores["float"]["loss"],
        "floatControlLoss": scores["control"]["loss"],
        "int8Loss": scores["int8"]["loss"],
        "int8PixelAccuracyHeldOutHeads": scores["int8"]["heldOutHeadsPixelAccuracy"],
    }


def image_figures(artifacts: Artifacts, seen: evaluation.EvaluationSet, latents: np.ndarray, collection: Collection) -> dict:
    """Figures of the exported graphs themselves, on the evaluation composites and their latents uint8 [N, L]."""
    index = decode_in_parts(artifacts.decoder, latents)
    return {
        "int8PixelAccuracy": round(float((index == seen.classes).mean()), 5),
        "paletteAdherence": palette_adherence(artifacts.model, index, collection),
        "encoderLargestDifference": encoder_difference(artifacts.encoder, seen.pictures[:64], latents[:64]),
    }


def check_exactness(run: Run, artifacts: Artifacts, encoded: np.ndarray) -> dict[str, int]:
    """torch, numpy and ONNX Runtime agree on encoded, random and the vectors' latents; returns the largest accumulators met."""
    model = artifacts.model
    random = np.random.default_rng(9).integers(0, 128, (EXACTNESS_LATENTS, model.latent_length), np.uint8)
    latents = np.concatenate([encoded[:EXACTNESS_LATENTS], random, np.stack(list(artifacts.chosen.values()))])
    trace = evaluate(model, latents)
    run.decoder.quantised = True
    check_accumulators(trace)
    check_torch(run.decoder, model, latents, trace)
    check_runtime(artifacts.decoder, latents, trace.index)
    return trace.largest_accumulator


def decode_in_parts(graph: bytes, latents: np.ndarray) -> np.ndarray:
    """Decode latents uint8 [N, L] with ONNX Runtime: uint8 [N, H, W]."""
    decoder = session(graph, optimised=True)
    parts = np.array_split(latents, -(-len(latents) // evaluation.BATCH))
    return np.concatenate([decoder.run(["index"], {"latent": part})[0] for part in parts])


def palette_adherence(model: IntegerModel, index: np.ndarray, collection: Collection) -> float:
    """Share of decoded pixels whose colour is one of the collection's own colours."""
    own = {bytes(colour) for colour in collection.colours}
    real = np.array([bytes(colour) in own for colour in model.palette.astype(np.uint8)])
    return float((real[np.minimum(index, CLASS_COUNT - 1)] & (index < CLASS_COUNT)).mean())


def encoder_difference(graph: bytes, pictures: np.ndarray, latents: np.ndarray) -> int:
    """Largest difference between the exported encoder's latents and torch's."""
    exported = session(graph, optimised=True).run(["latent"], {"image": pictures})[0]
    return int(np.abs(exported.astype(np.int64) - latents).max())


def with_largest(report: dict[str, dict], largest: dict[str, int]) -> dict[str, dict]:
    """The bounds' report with the largest accumulator met in the comparison."""
    return {layer: {**entry, "largestAccumulatorMet": largest[layer]} for layer, entry in report.items()}


def size_of(model: IntegerModel) -> dict[str, int]:
    """Parameters, activations and multiply-accumulates of one image."""
    return {
        "parameters": sum(parameters_of(layer) for layer in model.layers),
        "activations": sum(int(np.prod(layer.shape)) for layer in model.layers if layer.op != "paletteArgmax"),
        "multiplyAccumulates": sum(products_of(layer) for layer in model.layers),
    }


def parameters_of(layer: Layer) -> int:
    """Number of weights and biases."""
    return sum(array.size for array in (layer.weight, layer.bias, layer.branch_weight) if array is not None)


def products_of(layer: Layer) -> int:
    """Number of products for one image."""
    if layer.weight is None:
        return 0
    positions = 1 if layer.op == "fullyConnected" else int(np.prod(layer.shape[-2:]))
    return layer.weight.size * positions + (0 if layer.branch_weight is None else layer.branch_weight.size)


def versions() -> dict[str, str]:
    """What computed these figures."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
