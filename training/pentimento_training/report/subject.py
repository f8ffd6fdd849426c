"""What a report is about: an exported model, with what it needs to paint photos in a single pass."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..data import load_collection
from ..errors import TrainingError
from ..files import MANIFEST
from ..folder import folder_source
from ..model import PRESETS
from ..source import NounsSource, Source, strokes_source
from ..verify import session

BATCH = 54


@dataclass(frozen=True)
class Subject:
    """A model's folder, its manifest and its integers, and the collection that it was trained on."""

    folder: Path
    manifest: dict
    source: Source

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the image."""
        return self.manifest["image"]["height"], self.manifest["image"]["width"]

    @property
    def palette(self) -> Tensor:
        """The model's colours, float [K, 3] in 0..1; none when it paints in RGB."""
        return palette_of(self.manifest)

    def encode(self, pictures: Tensor) -> np.ndarray:
        """Latents uint8 [N, L] of pictures [N, 3, 64, 64], by the exported encoder in a single pass."""
        encoder = session(self.folder / "encoder.onnx", optimised=True)
        parts = [encoder.run(["latent"], {"image": part.numpy()})[0] for part in pictures.contiguous().split(BATCH)]
        return np.concatenate(parts)

    def decode(self, latents: np.ndarray) -> Tensor:
        """Images [N, 3, H, W] in 0..1 of latents uint8 [N, L], before any pose, by the exported integer decoder."""
        decoder = session(self.folder / "decoder.onnx", optimised=True)
        parts = [decoder.run(None, {"latent": latents[first : first + BATCH]})[0] for first in range(0, len(latents), BATCH)]
        return shown(np.concatenate(parts), self.palette)


def shown(output: np.ndarray, palette: Tensor) -> Tensor:
    """A decoder's output as colours [N, 3, H, W] in 0..1: palette indices [N, H, W], or RGB [N, 3, H, W] in 0..127."""
    values = torch.from_numpy(output.astype(np.int64))
    if len(palette) == 0:
        return (2 * values + (values >> 6)).to(torch.float32) / 255
    return palette[values].permute(0, 3, 1, 2).contiguous()


def palette_of(manifest: dict) -> Tensor:
    """The manifest's palette: float [K, 3] in 0..1."""
    return (
        torch.tensor([list(bytes.fromhex(colour[1:])) for colour in manifest["palette"]], dtype=torch.float32).view(-1, 3) / 255
    )


def open_subject(folder: Path, data: Path, images: Path | None = None) -> Subject:
    """Read a model. `data` is the download folder of the Nouns' traits, `images` the folder of any other collection.

    Raises `model/not-found`, and `report/collection` when the collection is unknown or not the one of the model.
    """
    if not (folder / MANIFEST).exists():
        raise TrainingError("model/not-found", f"Expected a model with a {MANIFEST} in {folder}, got none.")
    manifest = json.loads((folder / MANIFEST).read_text())
    source = source_of(manifest, data) if images is None else folder_source(images, PRESETS[manifest["preset"]])
    if source.palette is not None and source.palette.hex() != manifest["palette"]:
        raise TrainingError(
            "report/collection", f"Expected the collection of {manifest['name']}, got {source.title} with another palette."
        )
    return Subject(folder, manifest, source)


def source_of(manifest: dict, data: Path) -> Source:
    """The collection of a committed model, with whose name its own begins."""
    collection = manifest["name"].split("-")[0]
    if collection == "nouns":
        return NounsSource(load_collection(data), manifest["image"]["width"])
    if collection == "strokes":
        return strokes_source()
    raise TrainingError(
        "report/collection", f"Expected a model of nouns or strokes, got {manifest['name']}; give its images with --images."
    )
