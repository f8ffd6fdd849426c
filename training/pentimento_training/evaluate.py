"""What a trained model is worth: losses, pixel accuracy or PSNR, agreement of float and int8."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from .model import Decoder, Encoder, Preset
from .quantise import ACTIVATION_SCALE
from .source import Examples, Source
from .train import PHASES, Run, colours_of, loss_per_image

BATCH = 100


def evaluation_sets(run: Run, source: Source) -> tuple[Examples, Examples]:
    """Seen and held-out examples for measurement, the same for every phase."""
    count = run.profile.evaluation_count
    seen = source.seen(count, np.random.default_rng([run.seed, 2]))
    return seen, source.held_out(max(1, count // 2), np.random.default_rng([run.seed, 3]))


def batches(examples: Examples) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The examples in order, in parts."""
    for first in range(0, len(examples), BATCH):
        part = slice(first, first + BATCH)
        yield torch.from_numpy(examples.pictures[part]), torch.from_numpy(examples.targets[part])


@torch.no_grad()
def score(preset: Preset, encoder: Encoder, decoder: Decoder, examples: Examples) -> tuple[float, float]:
    """The mean loss, and the share of right pixels (palette) or the mean PSNR in decibels (RGB)."""
    encoder.eval()
    losses, qualities = [], []
    for pictures, targets in batches(examples):
        output = decoder(encoder(pictures))
        losses += loss_per_image(preset, output, targets).tolist()
        qualities += quality_per_image(preset, output, targets).tolist()
    return float(np.mean(losses)), float(np.mean(qualities))


def quality_per_image(preset: Preset, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Share of right pixels, or PSNR in decibels, of each image [N]."""
    if preset.head == "palette":
        return (output.argmax(1) == targets).float().mean((1, 2))
    return -10 * torch.log10(((colours_of(output) - targets) ** 2).mean((1, 2, 3)).clamp(min=1e-10))


@torch.no_grad()
def encode(encoder: Encoder, examples: Examples) -> np.ndarray:
    """Integer latents of the pictures: uint8 [N, L] in 0..127."""
    encoder.eval()
    parts = [torch.round(encoder(pictures) * ACTIVATION_SCALE).to(torch.uint8).numpy() for pictures, _ in batches(examples)]
    return np.concatenate(parts)


@torch.no_grad()
def agreement(decoder: Decoder, latents: np.ndarray) -> float:
    """How far the decoder gives the same image with and without quantisation, on latents uint8 [N, L]; leaves it quantised.

    Palette: share of pixels with the same index. RGB: share of colour values that differ by at most one of 127 steps.
    """
    equal = []
    for first in range(0, len(latents), BATCH):
        latent = torch.from_numpy(latents[first : first + BATCH].astype(np.float32) / ACTIVATION_SCALE)
        outputs = []
        for quantised in (False, True):
            decoder.quantised = quantised
            outputs.append(decoder(latent))
        if decoder.preset.head == "palette":
            same = outputs[0].argmax(1) == outputs[1].argmax(1)
        else:
            same = torch.round(outputs[0] * ACTIVATION_SCALE).sub(outputs[1] * ACTIVATION_SCALE).abs() <= 1
        equal += same.float().flatten(1).mean(1).tolist()
    return float(np.mean(equal))


def compare_phases(run: Run, seen: Examples, held_out: Examples) -> dict:
    """Scores of the float, control and int8 networks; leaves the int8 networks in `run`."""
    quality = "pixelAccuracy" if run.preset.head == "palette" else "psnr"
    results = {}
    for phase in PHASES:
        run.load(run.networks[phase])
        run.decoder.quantised = phase == "int8"
        scores = [score(run.preset, run.encoder, run.decoder, examples) for examples in (seen, held_out)]
        results[phase] = {
            "loss": round(scores[0][0], 5),
            quality: round(scores[0][1], 5),
            "heldOutLoss": round(scores[1][0], 5),
            f"heldOut{quality[0].upper()}{quality[1:]}": round(scores[1][1], 5),
            "trainingLoss": round(run.training_loss[phase], 5),
        }
    return results
