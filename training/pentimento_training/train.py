"""Clean autoencoder training: a float phase, an equally long continuation as the float control, and an int8 phase.

The control and the int8 phase start from the same float weights, and see the same batches at the same learning rates.
A checkpoint holds everything that decides the rest of the run, so an interrupted run ends with the same weights.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from .data import Collection, Palette, compose, photo_of
from .model import Decoder, Encoder, Preset, build

PHASES = ("float", "control", "int8")


@dataclass(frozen=True)
class Profile:
    """How long and how to train."""

    name: str
    float_steps: int
    qat_steps: int
    batch: int = 32
    float_rate: float = 1.5e-3
    qat_rate: float = 4e-4
    warmup: float = 0.1
    evaluation_count: int = 800
    checkpoint_every: int = 1000
    report_every: int = 250


PROFILES: dict[tuple[str, str], Profile] = {
    ("M", "full"): Profile("full", 9000, 900),
    ("S", "full"): Profile("full", 5000, 800),
    ("M", "smoke"): Profile("smoke", 40, 20, batch=16, evaluation_count=32, checkpoint_every=30, report_every=20),
    ("S", "smoke"): Profile("smoke", 40, 20, batch=16, evaluation_count=32, checkpoint_every=30, report_every=20),
}


@dataclass
class Run:
    """Everything that a checkpoint saves: the networks, where the run stands, and what it has measured."""

    preset: Preset
    profile: Profile
    seed: int
    encoder: Encoder
    decoder: Decoder
    phase: int = 0
    step: int = 0
    seconds: float = 0.0
    recent: list[float] = field(default_factory=list)
    training_loss: dict[str, float] = field(default_factory=dict)
    networks: dict[str, dict] = field(default_factory=dict)


def start(preset: Preset, profile: Profile, seed: int) -> Run:
    """A run at its beginning."""
    encoder, decoder = build(preset, seed)
    return Run(preset, profile, seed, encoder, decoder)


def train(run: Run, collection: Collection, palette: Palette, checkpoint: Path) -> None:
    """Train all phases, going on from `checkpoint` if it exists; leaves the int8 networks in `run`."""
    saved = restore(run, checkpoint) if checkpoint.exists() else None
    while run.phase < len(PHASES):
        name = PHASES[run.phase]
        if run.step == 0 and name != "float":
            load_networks(run, run.networks["float"])
        train_phase(run, collection, palette, saved, lambda state: save(run, state, checkpoint))
        saved = None
        run.networks[name] = snapshot(run)
        run.training_loss[name] = float(np.mean(run.recent))
        run.phase, run.step, run.recent = run.phase + 1, 0, []
        save(run, None, checkpoint)
    load_networks(run, run.networks["int8"])
    run.decoder.quantised = True


def train_phase(run: Run, collection: Collection, palette: Palette, saved: dict | None, keep: Callable[[dict], None]) -> None:
    """Train one phase from `run.step` on; `keep` is called with what a checkpoint needs."""
    profile, name = run.profile, PHASES[run.phase]
    steps, rate = (profile.float_steps, profile.float_rate) if name == "float" else (profile.qat_steps, profile.qat_rate)
    run.decoder.quantised = name == "int8"
    run.encoder.train()
    optimiser = torch.optim.Adam([*run.encoder.parameters(), *run.decoder.parameters()], lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=profile.warmup)
    batches = np.random.default_rng([run.seed, 0 if name == "float" else 1])
    if saved is not None:
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        batches.bit_generator.state = saved["batches"]
    began, before = time.monotonic(), run.seconds
    while run.step < steps:
        images = compose(collection, profile.batch, collection.seen_heads, batches)
        pictures, classes = torch.from_numpy(photo_of(collection, images)), torch.from_numpy(palette.class_of[images])
        loss = train_step(run, optimiser, pictures, classes)
        schedule.step()
        run.step += 1
        run.recent = [*run.recent[-99:], loss]
        run.seconds = before + time.monotonic() - began
        if run.step % profile.report_every == 0 or run.step == steps:
            report(f"{name} {run.step}/{steps} loss {np.mean(run.recent):.4f} {run.seconds:.0f}s")
        if run.step % profile.checkpoint_every == 0:
            keep(
                {
                    "optimiser": optimiser.state_dict(),
                    "schedule": schedule.state_dict(),
                    "batches": batches.bit_generator.state,
                }
            )


def train_step(run: Run, optimiser: torch.optim.Optimizer, pictures: torch.Tensor, classes: torch.Tensor) -> float:
    """One step on pictures [N, 3, 64, 64] and classes [N, 32, 32]; returns the cross-entropy in nats per pixel."""
    loss = F.cross_entropy(run.decoder(run.encoder(pictures)), classes)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    run.decoder.project()
    return float(loss.detach())


def snapshot(run: Run) -> dict:
    """A copy of both networks' parameters."""
    return copy.deepcopy({"encoder": run.encoder.state_dict(), "decoder": run.decoder.state_dict()})


def load_networks(run: Run, networks: dict) -> None:
    """Put a snapshot back into the run's networks."""
    run.encoder.load_state_dict(networks["encoder"])
    run.decoder.load_state_dict(networks["decoder"])


def save(run: Run, state: dict | None, path: Path) -> None:
    """Write a checkpoint; the file is replaced only once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "identity": identity(run),
        "phase": run.phase,
        "step": run.step,
        "seconds": run.seconds,
        "recent": run.recent,
        "training_loss": run.training_loss,
        "networks": run.networks,
        "current": snapshot(run),
        "state": state,
    }
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    partial.replace(path)


def restore(run: Run, path: Path) -> dict | None:
    """Read a checkpoint into `run`; returns the optimiser's, schedule's and data's state if it was inside a phase."""
    content = torch.load(path, weights_only=False)
    if content["identity"] != identity(run):
        raise ValueError(f"{path.name} belongs to another run ({content['identity']}); remove it or use another folder")
    for name in ("phase", "step", "seconds", "recent", "training_loss", "networks"):
        setattr(run, name, content[name])
    load_networks(run, content["current"])
    return content["state"]


def identity(run: Run) -> dict:
    """What must agree for a checkpoint to be continued."""
    return {"preset": run.preset.name, "seed": run.seed, "profile": vars(run.profile)}


def report(text: str) -> None:
    """Progress, on the standard error stream."""
    print(text, file=sys.stderr, flush=True)
