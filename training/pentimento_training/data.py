"""Nouns composed on the fly, as indices into 16 real colours.

The traits come from the npm package `@nouns/assets`: CC0 artwork in a package labelled GPL-3.0. It is downloaded
when training starts and is never part of this repository.

A composite is a background and four trait images laid over one another, 32 x 32 indices into the collection's own
colours (239 palette entries, then 2 backgrounds). Entry 0 is transparent and never visible in a composite.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .palette import FAR, WEIGHT_POWER, Palette, choose_medoids, perceptual

PACKAGE = "@nouns/assets@0.10.0"
IMAGE_DATA = "package/dist/image-data.json"
IMAGE_DATA_SHA256 = "c87809b865e62d85ba8e3d1d6c4bf2eab12e50602623647f6ce9ac4b1c18af4e"
LAYER_ORDER = ("bodies", "accessories", "heads", "glasses")
SIZE = 32
PICTURE_SIZE = 64
HELD_OUT_HEADS = 40
SPLIT_SEED = 0
PALETTE_SAMPLE = 4000


@dataclass(frozen=True)
class Collection:
    """Traits and colours of the collection.

    colours: uint8 [241, 3]; traits: name -> int64 [count, 32, 32] (64x64 once enlarged), 0 where transparent.
    """

    colours: np.ndarray
    backgrounds: tuple[int, ...]
    traits: dict[str, np.ndarray]
    seen_heads: np.ndarray
    held_out_heads: np.ndarray


def fetch_image_data(folder: Path) -> Path:
    """Return the path of `image-data.json` under `folder`, downloading the package when it is not there."""
    path = folder / IMAGE_DATA
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True, text=True)
        archive = folder / packed.stdout.strip().splitlines()[-1]
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as tar:
            member = tar.extractfile(IMAGE_DATA)
            if member is None:
                raise ValueError(f"{PACKAGE} has no {IMAGE_DATA}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(member.read())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != IMAGE_DATA_SHA256:
        raise ValueError(f"{IMAGE_DATA} has SHA-256 {digest}, expected {IMAGE_DATA_SHA256}")
    return path


def load_collection(folder: Path) -> Collection:
    """Read the traits, and set 40 whole heads aside that no training composite shows."""
    data = json.loads(fetch_image_data(folder).read_text())
    palette = [parse_hex(entry) if entry else (0, 0, 0) for entry in data["palette"]]
    colours = palette + [parse_hex(entry) for entry in data["bgcolors"]]
    traits = {name: np.stack([decode_runs(part["data"]) for part in data["images"][name]]) for name in LAYER_ORDER}
    order = np.random.default_rng(SPLIT_SEED).permutation(len(traits["heads"]))
    return Collection(
        colours=np.array(colours, np.uint8),
        backgrounds=tuple(range(len(palette), len(colours))),
        traits=traits,
        seen_heads=order[:-HELD_OUT_HEADS],
        held_out_heads=order[-HELD_OUT_HEADS:],
    )


def parse_hex(text: str) -> tuple[int, int, int]:
    """`rrggbb` to three integers in 0..255."""
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


def decode_runs(text: str) -> np.ndarray:
    """Decode one run-length encoded trait (`0x`, palette, top, right, bottom, left, then count and colour) to int64 [32, 32]."""
    data = bytes.fromhex(text[2:])
    top, right, _bottom, left = data[1:5]
    runs = np.frombuffer(data[5:], np.uint8).reshape(-1, 2)
    pixels = np.repeat(runs[:, 1], runs[:, 0])
    image = np.zeros((SIZE, SIZE), np.int64)
    if len(pixels) > 0:
        rows = pixels.reshape(-1, right - left)
        image[top : top + len(rows), left:right] = rows
    return image


def compose(collection: Collection, count: int, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Compose `count` random Nouns with heads from `heads`: int64 [count, H, W] as large as the traits, colours in 1..240."""
    size = collection.traits["heads"].shape[1:]
    backgrounds = np.array(collection.backgrounds)[rng.integers(0, len(collection.backgrounds), count)]
    images = np.broadcast_to(backgrounds[:, None, None], (count, *size)).copy()
    for name in LAYER_ORDER:
        parts = collection.traits[name]
        chosen = heads[rng.integers(0, len(heads), count)] if name == "heads" else rng.integers(0, len(parts), count)
        layer = parts[chosen]
        np.copyto(images, layer, where=layer > 0)
    return images


def build_palette(collection: Collection) -> Palette:
    """Choose 16 real colours: class 0 is the background, both of them, and nothing else; the other 15 are medoids.

    Distances are perceptual. The weights are how often each colour is visible in a fixed sample of composites, damped
    so that rare but telling hues keep a colour of their own.
    """
    rng = np.random.default_rng(SPLIT_SEED)
    sample = compose(collection, PALETTE_SAMPLE, collection.seen_heads, rng)
    weight = np.bincount(sample.ravel(), minlength=len(collection.colours)) ** WEIGHT_POWER
    backgrounds = list(collection.backgrounds)
    weight[backgrounds] = 0
    position = perceptual(collection.colours)
    distance = ((position[:, None] - position[None]) ** 2).sum(-1)
    # A light trait that became background would leave a hole in the figure.
    distance[:, backgrounds[0]] = FAR
    medoids = choose_medoids(distance, weight, fixed=backgrounds[0])
    class_of = distance[:, medoids].argmin(1)
    class_of[backgrounds] = 0
    return Palette(colours=collection.colours[medoids], class_of=class_of)


def photo_of(collection: Collection, images: np.ndarray) -> np.ndarray:
    """Composites as pictures for the encoder: float32 [N, 3, 64, 64] in 0..1, pixels of 32x32 art doubled."""
    pictures = collection.colours[images].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    factor = PICTURE_SIZE // pictures.shape[-1]
    return pictures.repeat(factor, axis=2).repeat(factor, axis=3)
