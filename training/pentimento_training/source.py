"""Where examples come from: one interface for collections composed on the fly and for fixed sets of images.

An example is a picture for the encoder and the target that the decoder must give: palette classes or colours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from .data import PICTURE_SIZE, Collection, build_palette, compose, photo_of
from .enlarge import scale2x
from .palette import Palette
from .strokes import paint_collection

HELD_OUT_STROKES = 400
PAINTED_STROKES = 4000


@dataclass(frozen=True)
class Examples:
    """Pictures float32 [N, 3, 64, 64] in 0..1; targets int64 [N, H, W] (palette) or float32 [N, 3, H, W] in 0..1 (RGB)."""

    pictures: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.pictures)


class Source(Protocol):
    """A collection as training sees it.

    title: the collection's name for people; held_out_kind: what the held-out examples are; palette: None for RGB;
    own_colours: uint8 [M, 3], the collection's colours; note: how the examples are made, for the model card;
    fingerprint: equal for equal collections, so that a checkpoint is continued on its own data only.
    """

    title: str
    fingerprint: str
    held_out_kind: str
    palette: Palette | None
    own_colours: np.ndarray
    note: str

    def training(self, count: int, rng: np.random.Generator) -> Examples:
        """Examples for a training step, augmented if the source does that."""
        ...

    def seen(self, count: int, rng: np.random.Generator) -> Examples:
        """Plain examples of what training shows, for measurement."""
        ...

    def held_out(self, count: int, rng: np.random.Generator) -> Examples:
        """Plain examples of what training never shows."""
        ...


class NounsSource:
    """Nouns composed on the fly at 32x32, or at 64x64 from traits enlarged by Scale2x."""

    title = "Nouns"
    held_out_kind = "heads"

    def __init__(self, collection: Collection, size: int) -> None:
        self.palette = build_palette(collection)
        self.own_colours = collection.colours
        self.note = "The training images are composed from the CC0 Nouns traits"
        self.fingerprint = f"nouns-{size}"
        self._collection = collection
        if size == PICTURE_SIZE:
            # Each trait is enlarged before composing, so a contour is smoothed whatever lies behind it.
            traits = {name: scale2x(images) for name, images in collection.traits.items()}
            self._collection = replace(collection, traits=traits)
            self.note += ", each enlarged from 32x32 to 64x64 by Scale2x, which draws real 64x64 contours"

    def training(self, count: int, rng: np.random.Generator) -> Examples:
        """New composites with seen heads."""
        return self._compose(count, self._collection.seen_heads, rng)

    def seen(self, count: int, rng: np.random.Generator) -> Examples:
        """New composites with seen heads."""
        return self._compose(count, self._collection.seen_heads, rng)

    def held_out(self, count: int, rng: np.random.Generator) -> Examples:
        """New composites with the 40 heads that training never shows."""
        return self._compose(count, self._collection.held_out_heads, rng)

    def _compose(self, count: int, heads: np.ndarray, rng: np.random.Generator) -> Examples:
        images = compose(self._collection, count, heads, rng)
        return Examples(photo_of(self._collection, images), self.palette.class_of[images])


class ImageSource:
    """A fixed set of images.

    A small collection is augmented in training: half of the examples are shifted by up to `shift` pixels of the target's
    grid (the edge repeats), and half of the pictures get another brightness and contrast while their targets stay.
    """

    held_out_kind = "images"

    def __init__(
        self,
        title: str,
        pictures: np.ndarray,
        targets: np.ndarray,
        *,
        held_out: np.ndarray,
        palette: Palette | None = None,
        own_colours: np.ndarray | None = None,
        shift: int = 0,
        note: str = "",
    ) -> None:
        """Pictures uint8 [N, 3, 64, 64]; targets uint8, classes [N, H, W] or colours [N, 3, H, W]; positions held out."""
        self.title, self.palette, self.note = title, palette, note
        self.own_colours = np.zeros((0, 3), np.uint8) if own_colours is None else own_colours
        self._pictures, self._targets = pictures, targets
        self.fingerprint = hashlib.sha256(pictures.tobytes() + targets.tobytes()).hexdigest()[:16]
        self._held_out, self._shift = held_out, shift
        self._seen = np.setdiff1d(np.arange(len(pictures)), held_out)

    def training(self, count: int, rng: np.random.Generator) -> Examples:
        """Random seen images, augmented if the collection is small."""
        examples = self._examples(self._seen[rng.integers(0, len(self._seen), count)])
        return augmented(examples, self._shift, rng) if self._shift else examples

    def seen(self, count: int, rng: np.random.Generator) -> Examples:
        """Seen images, each at most once."""
        return self._examples(rng.permutation(self._seen)[:count])

    def held_out(self, count: int, rng: np.random.Generator) -> Examples:
        """Held-out images, each at most once."""
        return self._examples(rng.permutation(self._held_out)[:count])

    def _examples(self, positions: np.ndarray) -> Examples:
        pictures = self._pictures[positions].astype(np.float32) / np.float32(255)
        targets = self._targets[positions]
        return Examples(pictures, targets.astype(np.int64) if self.palette else targets.astype(np.float32) / np.float32(255))


def strokes_source() -> ImageSource:
    """The painterly collection `strokes`: 4,000 paintings of 64x64, decoded at half that size; the last 400 are held out."""
    pictures = paint_collection(PAINTED_STROKES).transpose(0, 3, 1, 2)
    return ImageSource(
        "strokes",
        np.ascontiguousarray(pictures),
        shrink(pictures, 2),
        held_out=np.arange(PAINTED_STROKES - HELD_OUT_STROKES, PAINTED_STROKES),
        note="The training images are 4,000 paintings by `strokes.py`: brush strokes along flow fields, CC0",
    )


def shrink(images: np.ndarray, factor: int) -> np.ndarray:
    """Mean over blocks, rounded: uint8 [N, C, H, W] to [N, C, H/factor, W/factor]."""
    count, channels, height, width = images.shape
    blocks = images.reshape(count, channels, height // factor, factor, width // factor, factor)
    return np.floor(blocks.mean((3, 5)) + 0.5).astype(np.uint8)


def augmented(examples: Examples, reach: int, rng: np.random.Generator) -> Examples:
    """Shift half of the examples by up to `reach` target pixels, and change the light of half of the pictures."""
    count, size = len(examples), examples.targets.shape[-1]
    moves = rng.integers(-reach, reach + 1, (2, count)) * (rng.random(count) < 0.5)
    contrast, brightness = rng.uniform(0.8, 1.2, count), rng.uniform(-0.1, 0.1, count)
    plain = rng.random(count) < 0.5
    contrast[plain], brightness[plain] = 1, 0
    pictures = shifted(examples.pictures, moves * (PICTURE_SIZE // size))
    lit = (pictures - 0.5) * contrast[:, None, None, None] + 0.5 + brightness[:, None, None, None]
    return Examples(np.clip(lit, 0, 1).astype(np.float32), shifted(examples.targets, moves))


def shifted(images: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Shift each image [N, ..., H, W] by `moves` [2, N] (down, right); the edge repeats."""
    places = np.arange(images.shape[-1])
    rows, columns = (np.clip(places[None] - move[:, None], 0, len(places) - 1) for move in moves)
    if images.ndim == 4:
        rows, columns = rows[:, None], columns[:, None]
    down = np.take_along_axis(images, rows[..., :, None], -2)
    return np.take_along_axis(down, columns[..., None, :], -1)
