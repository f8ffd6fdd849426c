"""Test vectors: latents with every layer's integers, for the other implementations to reproduce."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .commitment import commitment
from .files import write_whole
from .integer import IntegerModel, Trace, evaluate

TIE_BATCH = 64
# Models with large layers have fewer cases, so that no committed file is larger than this.
SIZE_LIMIT_BYTES = 2_000_000


def choose_latents(model: IntegerModel, encoded: np.ndarray, seed: int, tie_batches: int) -> dict[str, np.ndarray]:
    """Named latents uint8 [L], the most telling first.

    Equal or nearly equal best logits (palette only), an encoded image, extremes, and random ones.
    """
    rng = np.random.default_rng([seed, 4])
    random = rng.integers(0, 128, (2, model.latent_length), np.uint8)
    tie = {} if model.is_rgb else dict([closest_tie(model, rng, tie_batches)])
    return {
        **tie,
        "encoded": encoded,
        "maximum": np.full(model.latent_length, 127, np.uint8),
        "random-0": random[0],
        "zeros": np.zeros(model.latent_length, np.uint8),
        "random-1": random[1],
    }


def closest_tie(model: IntegerModel, rng: np.random.Generator, batches: int) -> tuple[str, np.ndarray]:
    """Search random latents for a pixel whose two best logits are equal; otherwise the closest found.

    Returns `tie` or `near-tie-<difference>`, and the latent uint8 [L].
    """
    best_gap, best = None, np.zeros(model.latent_length, np.uint8)
    for _ in range(batches):
        latents = rng.integers(0, 128, (TIE_BATCH, model.latent_length), np.uint8)
        gaps = smallest_gaps(evaluate(model, latents).outputs[model.layers[-1].id])
        position = int(gaps.argmin())
        if best_gap is None or gaps[position] < best_gap:
            best_gap, best = int(gaps[position]), latents[position]
        if best_gap == 0:
            break
    return ("tie" if best_gap == 0 else f"near-tie-{best_gap}"), best


def smallest_gaps(logits: np.ndarray) -> np.ndarray:
    """Per image, the smallest difference between the two best logits of a pixel: [N, K, H, W] to [N]."""
    ordered = np.sort(logits, axis=1)
    return (ordered[:, -1] - ordered[:, -2]).min((1, 2))


def write_vectors(model: IntegerModel, latents: dict[str, np.ndarray], path: Path) -> None:
    """Evaluate the latents and write the vectors file, one case per line, as many as its size limit allows."""
    trace = evaluate(model, np.stack(list(latents.values())))
    text = f'{{"model":{json.dumps(model.name)},"commitment":"{commitment(model)}","cases":['
    separator = "\n"
    for position, (name, latent) in enumerate(latents.items()):
        case = json.dumps(case_of(model, name, latent, trace, position), separators=(",", ":"))
        if len(text) + len(case) < SIZE_LIMIT_BYTES:
            text += separator + case
            separator = ",\n"
    write_whole(path, text + "\n]}\n")


def case_of(model: IntegerModel, name: str, latent: np.ndarray, trace: Trace, position: int) -> dict:
    """One case: the latent, every layer's integers, and the image under `index` (palette) or `image` (RGB)."""
    layers = {key: values[position].ravel().tolist() for key, values in trace.outputs.items()}
    result = "image" if model.is_rgb else "index"
    return {"name": name, "latent": latent.tolist(), "layers": layers, result: trace.image[position].ravel().tolist()}
