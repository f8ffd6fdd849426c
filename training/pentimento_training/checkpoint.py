"""Checkpoints of a run: written whole or not at all, and refused when they belong to another run."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from .errors import ENVIRONMENT, TrainingError
from .files import write_whole

if TYPE_CHECKING:
    from .train import Run

PROGRESS = ("phase", "step", "seconds", "recent", "training_loss", "history", "networks")


def save(run: Run, state: dict | None, path: Path) -> None:
    """Write a checkpoint; `state` is what the optimiser, the schedule and the data need inside a phase.

    Raises `training/unwritable`; an earlier checkpoint then stays as it was.
    """
    content = {name: getattr(run, name) for name in PROGRESS}
    content |= {"identity": run.identity(), "current": run.snapshot(), "state": state}
    buffer = io.BytesIO()
    torch.save(content, buffer)
    try:
        write_whole(path, buffer.getvalue())
    except OSError as error:
        raise TrainingError(
            "training/unwritable",
            f"Expected to write a checkpoint of {len(buffer.getvalue())} bytes to {path}, got: {error.strerror or error}. "
            + ("The checkpoint before it is intact." if path.exists() else "Nothing was written."),
            ENVIRONMENT,
        ) from error


def restore(run: Run, path: Path) -> dict | None:
    """Read a checkpoint into `run`; returns its `state`. Raises `checkpoint/unreadable` or `checkpoint/other-run`."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=False)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise TrainingError(
            "checkpoint/unreadable",
            f"Expected a checkpoint in {path}, got an unreadable file; remove it to start afresh.",
            ENVIRONMENT,
        ) from error
    if content["identity"] != run.identity():
        raise TrainingError(
            "checkpoint/other-run",
            f"Expected {path} to belong to this run, got one of {described(content['identity'])}; remove it or give another --work folder.",
        )
    for name in PROGRESS:
        setattr(run, name, content[name])
    run.load(content["current"])
    return content["state"]


def described(identity: dict) -> str:
    """A run's identity in words."""
    return f"preset {identity['preset']}, profile {identity['profile']['name']}, seed {identity['seed']}, collection {identity['collection']}"
