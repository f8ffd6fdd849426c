"""Clean autoencoder training: a float phase, an equally long continuation as the float control, and an int8 phase.

The control and the int8 phase start from the same float weights, and see the same batches at the same learning rates.
A checkpoint holds everything that decides the rest of the run, so an interrupted run ends with the same weights.
"""

from __future__ import annotations

import copy
import math
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .checkpoint import restore, save
from .errors import CANCELLED, ENVIRONMENT, TrainingError
from .model import Decoder, Encoder, Preset, build
from .quantise import ACTIVATION_MAX, ACTIVATION_SCALE
from .source import Source

PHASES = ("float", "control", "int8")
SQUARED_WEIGHT = 5.0
EDGE_WEIGHT = 0.5
CONTRAST_WEIGHT = 1.0
CONTRAST_WINDOW = 4


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
    checkpoint_every: int = 500
    report_every: int = 50


SMOKE = Profile("smoke", 40, 20, batch=16, evaluation_count=32, checkpoint_every=30, report_every=20)
PROFILES: dict[tuple[str, str], Profile] = {
    ("M", "full"): Profile("full", 9000, 900),
    ("S", "full"): Profile("full", 5000, 800),
    ("L64", "full"): Profile("full", 7000, 700),
    ("RGB", "full"): Profile("full", 6500, 650),
    **{(preset, "smoke"): SMOKE for preset in ("M", "S", "L64", "RGB")},
}


@dataclass
class Run:
    """Everything that a checkpoint saves: the networks, where the run stands, and what it has measured.

    history: phase, step and mean loss since the entry before; training_loss: mean of each phase's last 100 steps.
    """

    preset: Preset
    profile: Profile
    seed: int
    collection: str
    encoder: Encoder
    decoder: Decoder
    device: str = "cpu"
    phase: int = 0
    step: int = 0
    seconds: float = 0.0
    recent: list[float] = field(default_factory=list)
    history: list[tuple[str, int, float]] = field(default_factory=list)
    training_loss: dict[str, float] = field(default_factory=dict)
    networks: dict[str, dict] = field(default_factory=dict)

    def identity(self) -> dict:
        """What must agree for a checkpoint to be continued."""
        return {"preset": self.preset.name, "seed": self.seed, "profile": vars(self.profile), "collection": self.collection}

    def snapshot(self) -> dict:
        """A copy of both networks' parameters, on the CPU."""
        networks = {"encoder": self.encoder, "decoder": self.decoder}
        return {
            name: {key: copy.deepcopy(value.detach()).cpu() for key, value in network.state_dict().items()}
            for name, network in networks.items()
        }

    def load(self, networks: dict) -> None:
        """Put a snapshot back into the networks."""
        self.encoder.load_state_dict(networks["encoder"])
        self.decoder.load_state_dict(networks["decoder"])


def start(preset: Preset, profile: Profile, seed: int, source: Source, device: str = "cpu") -> Run:
    """A run at its beginning."""
    encoder, decoder = build(preset, seed)
    return Run(preset, profile, seed, source.fingerprint, encoder.to(device), decoder.to(device), device)


def train(run: Run, source: Source, checkpoint: Path) -> None:
    """Train all phases, going on from `checkpoint` if it exists; leaves the int8 networks in `run`, on the CPU.

    Raises `training/interrupted` (after writing a checkpoint), `training/not-finite`, `training/unwritable`.
    """
    saved = restore(run, checkpoint) if checkpoint.exists() else None
    with Interruption() as interruption:
        while run.phase < len(PHASES):
            if run.step == 0 and PHASES[run.phase] != "float":
                run.load(run.networks["float"])
            train_phase(run, source, saved, Keeper(run, checkpoint, interruption))
            saved = None
            run.networks[PHASES[run.phase]] = run.snapshot()
            run.training_loss[PHASES[run.phase]] = float(np.mean(run.recent))
            run.phase, run.step, run.recent = run.phase + 1, 0, []
            save(run, None, checkpoint)
    run.encoder.cpu()
    run.decoder.cpu()
    run.load(run.networks["int8"])
    run.decoder.quantised = True


def train_phase(run: Run, source: Source, saved: dict | None, keeper: Keeper) -> None:
    """Train one phase from `run.step` on."""
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
        examples = source.training(profile.batch, batches)
        pictures, targets = (torch.from_numpy(part).to(run.device) for part in (examples.pictures, examples.targets))
        loss = train_step(run, optimiser, pictures, targets)
        if not math.isfinite(loss):
            raise not_finite(run, loss, keeper.path)
        schedule.step()
        run.step += 1
        run.recent = [*run.recent[-99:], loss]
        run.seconds = before + time.monotonic() - began
        if run.step % profile.report_every == 0 or run.step == steps:
            report(run, steps)
        keeper.after_step(
            lambda: {
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "batches": batches.bit_generator.state,
            }
        )


def train_step(run: Run, optimiser: torch.optim.Optimizer, pictures: Tensor, targets: Tensor) -> float:
    """One step on pictures [N, 3, 64, 64] and their targets; returns the loss. A loss that is not finite changes nothing."""
    loss = loss_per_image(run.preset, run.decoder(run.encoder(pictures)), targets).mean()
    value = float(loss.detach())
    if math.isfinite(value):
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        run.decoder.project()
    return value


def loss_per_image(preset: Preset, output: Tensor, targets: Tensor) -> Tensor:
    """The training loss of each image [N].

    Palette: cross-entropy in nats per pixel. RGB, colours in 0..1: mean absolute error + 5 * mean squared error + 0.5 * mean
    absolute error of the differences between neighbouring pixels + mean absolute error of the local contrast. The last two
    keep the edges and the texture of strokes, which the first two alone would blur.
    """
    if preset.head == "palette":
        return F.cross_entropy(output, targets, reduction="none").mean((1, 2))
    error = colours_of(output) - targets
    edges = error.diff(dim=2).abs().mean((1, 2, 3)) + error.diff(dim=3).abs().mean((1, 2, 3))
    contrast = (local_contrast(colours_of(output)) - local_contrast(targets)).abs().mean((1, 2, 3))
    plain = error.abs().mean((1, 2, 3)) + SQUARED_WEIGHT * (error**2).mean((1, 2, 3))
    return plain + EDGE_WEIGHT * edges + CONTRAST_WEIGHT * contrast


def local_contrast(images: Tensor) -> Tensor:
    """Standard deviation in overlapping 4x4 windows: [N, C, H, W] to [N, C, H/2 - 1, W/2 - 1]."""
    mean = F.avg_pool2d(images, CONTRAST_WINDOW, 2)
    variance = F.avg_pool2d(images**2, CONTRAST_WINDOW, 2) - mean**2
    return (variance.clamp(min=0) + 1e-4).sqrt()


def colours_of(output: Tensor) -> Tensor:
    """An RGB head's activations as colours in 0..1."""
    return output * (ACTIVATION_SCALE / ACTIVATION_MAX)


class Interruption:
    """Turns Ctrl-C and SIGTERM into the wish to stop after the present step; a second signal stops at once."""

    def __init__(self) -> None:
        self.wanted = False
        self._previous: dict[int, object] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._request)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _request(self, number: int, _frame: FrameType | None) -> None:
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True


@dataclass(frozen=True)
class Keeper:
    """Writes the checkpoints of a run: every so many steps, and when someone wants to stop."""

    run: Run
    path: Path
    interruption: Interruption

    def after_step(self, state: Callable[[], dict]) -> None:
        """Keep a checkpoint if it is time; raises `training/interrupted` after keeping one on request."""
        if self.interruption.wanted or self.run.step % self.run.profile.checkpoint_every == 0:
            save(self.run, state(), self.path)
        if self.interruption.wanted:
            phase = PHASES[self.run.phase]
            raise TrainingError(
                "training/interrupted",
                f"Stopped after step {self.run.step} of phase {phase}; the same command goes on from {self.path}.",
                CANCELLED,
            )


def not_finite(run: Run, loss: float, checkpoint: Path) -> TrainingError:
    """The error for a loss that is no number."""
    kept = f"the checkpoint before it is in {checkpoint}" if checkpoint.exists() else "no checkpoint was written yet"
    return TrainingError(
        "training/not-finite",
        f"Expected a finite loss, got {loss} at step {run.step + 1} of phase {PHASES[run.phase]}; {kept}. Try a lower --rate.",
        ENVIRONMENT,
    )


def report(run: Run, steps: int) -> None:
    """Progress on the standard error stream, and in the run's history."""
    name, profile = PHASES[run.phase], run.profile
    mean = float(np.mean(run.recent[-profile.report_every :]))
    run.history.append((name, run.step, round(mean, 5)))
    done = run.step + {"float": 0, "control": profile.float_steps, "int8": profile.float_steps + profile.qat_steps}[name]
    left = profile.float_steps + 2 * profile.qat_steps - done
    eta = run.seconds / done * left
    print(f"{name} {run.step}/{steps} loss {mean:.4f}, {run.seconds:.0f} s, about {eta:.0f} s left", file=sys.stderr, flush=True)
