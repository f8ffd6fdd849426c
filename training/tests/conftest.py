"""Shared fixtures: one torch thread, the collection, and the committed models."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from places import MODELS, REPOSITORY

from pentimento_training.data import Collection, Palette, build_palette, load_collection


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Keep results and timings independent of the machine's core count."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def collection() -> Collection:
    """The traits, downloaded on first use."""
    return load_collection(REPOSITORY / "training" / "data")


@pytest.fixture(scope="session")
def palette(collection: Collection) -> Palette:
    """The 16 colours."""
    return build_palette(collection)


@pytest.fixture(params=MODELS, ids=lambda folder: folder.name)
def model_folder(request: pytest.FixtureRequest) -> Path:
    """Each committed model's folder."""
    return request.param


@pytest.fixture
def vectors_file(model_folder: Path) -> Path:
    """The committed test vectors of the model."""
    return REPOSITORY / "vectors" / f"{model_folder.name}.json"
