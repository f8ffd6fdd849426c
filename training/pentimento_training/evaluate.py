"""What a trained model is worth: losses, pixel accuracy, agreement of float and int8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from .data import Collection, Palette, compose, photo_of
from .model import Decoder, Encoder
from .train import Run, load_networks

BATCH = 100


@dataclass(frozen=True)
class EvaluationSet:
    """Pictures float32 [N, 3, 64, 64] and classes int64 [N, 32, 32] that no training step used."""

    pictures: np.ndarray
    classes: np.ndarray

    def batches(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """The set in order, in parts."""
        for first in range(0, len(self.pictures), BATCH):
            part = slice(first, first + BATCH)
            yield torch.from_numpy(self.pictures[part]), torch.from_numpy(self.classes[part])


def evaluation_set(collection: Collection, palette: Palette, heads: np.ndarray, count: int, seed: list[int]) -> EvaluationSet:
    """Compose `count` Nouns with heads from `heads`."""
    images = compose(collection, count, heads, np.random.default_rng(seed))
    return EvaluationSet(photo_of(collection, images), palette.class_of[images])


@torch.no_grad()
def score(encoder: Encoder, decoder: Decoder, examples: EvaluationSet) -> tuple[float, float]:
    """Cross-entropy in nats per pixel, and the share of pixels with the right class."""
    encoder.eval()
    losses, hits = [], []
    for pictures, classes in examples.batches():
        logits = decoder(encoder(pictures))
        losses += F.cross_entropy(logits, classes, reduction="none").mean((1, 2)).tolist()
        hits += (logits.argmax(1) == classes).float().mean((1, 2)).tolist()
    return float(np.mean(losses)), float(np.mean(hits))


@torch.no_grad()
def encode(encoder: Encoder, examples: EvaluationSet) -> np.ndarray:
    """Integer latents of the pictures: uint8 [N, L] in 0..127."""
    encoder.eval()
    parts = [torch.round(encoder(pictures) * 16).to(torch.uint8).numpy() for pictures, _ in examples.batches()]
    return np.concatenate(parts)


@torch.no_grad()
def index_agreement(decoder: Decoder, latents: np.ndarray) -> float:
    """Share of pixels where the decoder gives the same index with and without quantisation, on latents uint8 [N, L]."""
    equal = []
    for first in range(0, len(latents), BATCH):
        latent = torch.from_numpy(latents[first : first + BATCH].astype(np.float32) / 16)
        indices = []
        for quantised in (False, True):
            decoder.quantised = quantised
            indices.append(decoder(latent).argmax(1))
        equal += (indices[0] == indices[1]).float().mean((1, 2)).tolist()
    return float(np.mean(equal))


def compare_phases(run: Run, collection: Collection, palette: Palette) -> dict:
    """Scores of the float, control and int8 networks; leaves the int8 networks in `run`."""
    count = run.profile.evaluation_count
    seen = evaluation_set(collection, palette, collection.seen_heads, count, [run.seed, 2])
    held_out = evaluation_set(collection, palette, collection.held_out_heads, count // 2, [run.seed, 3])
    results = {}
    for phase in ("float", "control", "int8"):
        load_networks(run, run.networks[phase])
        run.decoder.quantised = phase == "int8"
        seen_loss, seen_accuracy = score(run.encoder, run.decoder, seen)
        held_out_loss, held_out_accuracy = score(run.encoder, run.decoder, held_out)
        results[phase] = {
            "loss": round(seen_loss, 5),
            "pixelAccuracy": round(seen_accuracy, 5),
            "heldOutHeadsLoss": round(held_out_loss, 5),
            "heldOutHeadsPixelAccuracy": round(held_out_accuracy, 5),
            "trainingLoss": round(run.training_loss[phase], 5),
        }
    return results
