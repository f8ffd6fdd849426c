"""Everything in a model's folder, written only after all implementations agree bit for bit.

The folder is made beside its place and moved there whole. What other programs keep in it (a style package, their figures)
stays if the new model has the same commitment, and is left out otherwise.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from . import evaluate as evaluation
from .card import card_text
from .commitment import commitment
from .convert import bounds, integer_model, settle
from .errors import ENVIRONMENT, TrainingError
from .files import MANIFEST, update_metrics, write_model
from .integer import IntegerModel, Layer, evaluate
from .onnx_decoder import decoder_graph
from .onnx_encoder import encoder_graph
from .palette import CLASS_COUNT
from .plots import loss_plot, sheet
from .source import Examples, Source
from .train import Run
from .vectors import choose_latents, write_vectors
from .verify import check_bounds, check_runtime, check_torch, session

EXACTNESS_LATENTS = 32
# An exact tie is a matter of chance: seconds of searching are worth it for a model that is kept.
TIE_BATCHES, SMOKE_TIE_BATCHES = 12, 1


@dataclass(frozen=True)
class Artifacts:
    """What a trained run becomes: the integers, both graphs, and the named latents of the vectors."""

    model: IntegerModel
    decoder: bytes
    encoder: bytes
    chosen: dict[str, np.ndarray]


def export(run: Run, source: Source, name: str, folder: Path, vectors: Path) -> dict:
    """Export a run whose int8 networks are loaded; returns the metrics.

    Raises `DisagreementError` before anything is written, and `training/unwritable` with the folder as it was.
    """
    settle(run.decoder, source.palette)
    run.networks["int8"] = run.snapshot()
    seen, held_out = evaluation.evaluation_sets(run, source)
    scores = evaluation.compare_phases(run, seen, held_out)
    latents = evaluation.encode(run.encoder, seen)
    artifacts = build_artifacts(run, source, name, latents[0])
    largest = check_exactness(run, artifacts, latents)
    metrics = {
        **procedure_figures(run, source, artifacts.model),
        **loss_figures(scores),
        **image_figures(artifacts, seen, latents, source),
        "indexAgreement": round(evaluation.agreement(run.decoder, latents), 5),
        "phases": scores,
        "evaluation": {"seen": len(seen), "heldOut": len(held_out), "heldOutKind": source.held_out_kind},
        "size": size_of(artifacts.model),
        "bounds": with_largest(bounds(artifacts.model), largest),
        "hardware": hardware(run.device),
        "versions": versions(),
    }
    with writing_errors(folder):
        sets = [(examples, evaluation.encode(run.encoder, examples)) for examples in (seen, held_out)]
        pictures: dict[str, bytes | str] = {"sheet.png": sheet_of(artifacts, sets)}
        if run.history:
            pictures["loss.svg"] = loss_plot(run.history, name)
        write(artifacts, metrics, folder, pictures)
        write_vectors(artifacts.model, artifacts.chosen, vectors)
    return metrics


@contextmanager
def writing_errors(folder: Path) -> Iterator[None]:
    """Turn a failed write into `training/unwritable`."""
    try:
        yield
    except OSError as error:
        raise TrainingError(
            "training/unwritable",
            f"Expected to write the model to {folder}, got: {error.strerror or error}. The checkpoint is intact: "
            "the same command exports it once there is room.",
            ENVIRONMENT,
        ) from error


def build_artifacts(run: Run, source: Source, name: str, encoded: np.ndarray) -> Artifacts:
    """Everything but the metrics; `encoded` is the latent uint8 [L] of one image."""
    model = integer_model(run.decoder, source.palette, name)
    tie_batches = SMOKE_TIE_BATCHES if run.profile.name == "smoke" else TIE_BATCHES
    return Artifacts(
        model=model,
        decoder=decoder_graph(model).SerializeToString(),
        encoder=encoder_graph(run.encoder, name).SerializeToString(),
        chosen=choose_latents(model, encoded, run.seed, tie_batches),
    )


def write(artifacts: Artifacts, metrics: dict, folder: Path, pictures: dict[str, bytes | str]) -> None:
    """Make the model's folder beside its place, and move it there whole."""
    folder = folder.resolve()
    fresh, old = (folder.with_name(f".{folder.name}.{os.getpid()}.{kind}") for kind in ("new", "old"))
    try:
        write_model(artifacts.model, fresh)
        (fresh / "decoder.onnx").write_bytes(artifacts.decoder)
        (fresh / "encoder.onnx").write_bytes(artifacts.encoder)
        for name, content in pictures.items():
            (fresh / name).write_bytes(content.encode() if isinstance(content, str) else content)
        keep_others(folder, fresh, metrics["commitment"])
        update_metrics(fresh, metrics)
        (fresh / "card.md").write_text(card_text(metrics))
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def keep_others(folder: Path, fresh: Path, new_commitment: str) -> None:
    """Copy the files that this program does not write, and the figures, if they belong to the same integers."""
    manifest = folder / MANIFEST
    if not manifest.exists() or json.loads(manifest.read_text())["commitment"] != new_commitment:
        return
    for path in folder.iterdir():
        if path.is_file() and not (fresh / path.name).exists():
            shutil.copyfile(path, fresh / path.name)
    kept = json.loads(manifest.read_text())
    if "style" in kept:
        entry = json.loads((fresh / MANIFEST).read_text())
        (fresh / MANIFEST).write_text(json.dumps({**entry, "style": kept["style"]}, indent=2) + "\n")


def sheet_of(artifacts: Artifacts, pictures: list[tuple[Examples, np.ndarray]]) -> bytes:
    """The sheet of seen and held-out examples, decoded from their latents by the exported graph."""
    decoded = [decode_in_parts(artifacts.decoder, latents[:8]) for _, latents in pictures]
    return sheet(artifacts.model, [examples.targets for examples, _ in pictures], decoded)


def procedure_figures(run: Run, source: Source, model: IntegerModel) -> dict:
    """What was trained, and how."""
    profile = run.profile
    return {
        "model": model.name,
        "commitment": commitment(model),
        "preset": run.preset.name,
        "collection": source.title,
        "note": source.note,
        "profile": profile.name,
        "seed": run.seed,
        "floatSteps": profile.float_steps,
        "qatSteps": profile.qat_steps,
        "batch": profile.batch,
        "floatLearningRate": profile.float_rate,
        "qatLearningRate": profile.qat_rate,
        "seconds": round(run.seconds, 1),
        "lossCurve": bool(run.history),
    }


def loss_figures(scores: dict) -> dict:
    """Losses on seen examples that no step used; the control had as many steps as the int8 network."""
    return {
        "floatLoss": scores["float"]["loss"],
        "floatControlLoss": scores["control"]["loss"],
        "int8Loss": scores["int8"]["loss"],
        "int8LossOverControl": round(scores["int8"]["loss"] / scores["control"]["loss"] - 1, 5),
    }


def image_figures(artifacts: Artifacts, seen: Examples, latents: np.ndarray, source: Source) -> dict:
    """Figures of the exported graphs themselves, on the seen examples and their latents uint8 [N, L]."""
    image = decode_in_parts(artifacts.decoder, latents)
    figures = {"encoderLargestDifference": encoder_difference(artifacts.encoder, seen.pictures[:64], latents[:64])}
    if artifacts.model.is_rgb:
        return figures
    return figures | {
        "int8PixelAccuracy": round(float((image == seen.targets).mean()), 5),
        "paletteAdherence": palette_adherence(artifacts.model, image, source.own_colours),
    }


def check_exactness(run: Run, artifacts: Artifacts, encoded: np.ndarray) -> dict[str, int]:
    """torch, numpy and ONNX Runtime agree on encoded, random and the vectors' latents; returns the largest accumulators met."""
    model = artifacts.model
    check_bounds(model)
    random = np.random.default_rng(9).integers(0, 128, (EXACTNESS_LATENTS, model.latent_length), np.uint8)
    latents = np.concatenate([encoded[:EXACTNESS_LATENTS], random, np.stack(list(artifacts.chosen.values()))])
    trace = evaluate(model, latents)
    run.decoder.quantised = True
    check_torch(run.decoder, model, latents, trace)
    check_runtime(artifacts.decoder, latents, trace.image)
    return trace.largest_accumulator


def decode_in_parts(graph: bytes, latents: np.ndarray) -> np.ndarray:
    """Decode latents uint8 [N, L] with ONNX Runtime: uint8 [N, H, W] or [N, 3, H, W]."""
    decoder = session(graph, optimised=True)
    parts = np.array_split(latents, -(-len(latents) // evaluation.BATCH))
    return np.concatenate([decoder.run(None, {"latent": part})[0] for part in parts])


def palette_adherence(model: IntegerModel, index: np.ndarray, own_colours: np.ndarray) -> float:
    """Share of decoded pixels whose colour is one of the collection's own colours uint8 [M, 3]."""
    own = {bytes(colour) for colour in own_colours}
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


def hardware(device: str) -> dict:
    """What the training ran on: processor, threads, device."""
    if device == "cuda":
        return {"device": torch.cuda.get_device_name(), "threads": torch.get_num_threads()}
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {"device": names[0] if names else platform.processor() or platform.machine(), "threads": torch.get_num_threads()}


def versions() -> dict[str, str]:
    """What computed these figures."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
