"""A collection from a folder of PNG, JPEG or WebP images: checked as a whole, then brought to a model's grid.

Rules. All images are square and of one size. Transparent images are refused unless a background colour is given, on which
they are then flattened. One image in ten is held out of training. Art whose pixels are drawn as blocks is first reduced to
one pixel per block. For a palette, class 0 is the background: the colour most often found in the top left corner. Art
smaller than the grid is repeated by a whole factor and centred on the background; in art larger than the grid each cell takes
the class that covers most of it. For RGB, a target is the mean colour of each cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .data import PICTURE_SIZE
from .errors import TrainingError
from .model import Preset
from .palette import CLASS_COUNT, FAR, WEIGHT_POWER, Palette, choose_medoids, perceptual
from .source import ImageSource

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
LEAST_IMAGES = 16
SIDES = range(8, 4097)
HELD_OUT_SHARE = 0.1
SPLIT_SEED = 0
BIN_BITS = 5
BINS = 1 << (3 * BIN_BITS)
CANDIDATES = 600
# Colours of one image, in bins of 5 bits per channel: Nouns have about 10, photographs of 64x64 some hundreds.
MOST_COLOURS = 64
COVERED_SHARE = 0.95
# In stretched Oklab; the mean distance of Nouns to their 16 colours is about 0.04.
WORST_FIT = 0.1
NEAR_BACKGROUND = 0.03


@dataclass(frozen=True)
class Survey:
    """What the first pass over a folder finds.

    files: the images; native: side of the art in pixels, `block` pixels of the file each; counts [32768]: pixels in each
    bin of colours; colours uint8 [32768, 3]: the bin's most frequent real colour; corners [32768]: top left pixels.
    """

    files: list[Path]
    native: int
    block: int
    counts: np.ndarray
    colours: np.ndarray
    corners: np.ndarray
    colours_per_image: float


def folder_source(folder: Path, preset: Preset, background: tuple[int, int, int] | None = None) -> ImageSource:
    """Read and check a folder for a preset. Raises `collection/...` with the first thing that is wrong."""
    survey = survey_folder(folder, background)
    palette = extract_palette(survey) if preset.head == "palette" else None
    images = [reduced(read_image(file, background), survey.block) for file in survey.files]
    pairs = [fit_classes(image, palette, preset.size) if palette else fit_colours(image, preset.size) for image in images]
    order = np.random.default_rng(SPLIT_SEED).permutation(len(pairs))
    return ImageSource(
        folder.resolve().name,
        np.stack([picture.transpose(2, 0, 1) for picture, _ in pairs]),
        np.stack([target for _, target in pairs]),
        held_out=np.sort(order[: max(2, round(HELD_OUT_SHARE * len(pairs)))]),
        palette=palette.of_classes() if palette else None,
        own_colours=survey.colours[survey.counts > 0],
        shift=2,
        note=f"The training images are {len(pairs)} images of a folder, {survey.native}x{survey.native} pixels each",
    )


def survey_folder(folder: Path, background: tuple[int, int, int] | None) -> Survey:
    """The first pass: every image is read once and checked."""
    files = image_files(folder)
    counts, corners = np.zeros(BINS), np.zeros(BINS)
    best, colours = np.zeros(BINS), np.zeros((BINS, 3), np.uint8)
    side, block, numbers, first = None, 0, [], files[0].name
    for file in files:
        image = read_image(file, background)
        side = side or image.shape[0]
        if image.shape[0] != side:
            raise TrainingError(
                "collection/mixed-sizes",
                f"Expected images of one size, got {side}x{side} in {first} and {image.shape[0]}x{image.shape[0]} in {file.name}.",
            )
        block = math.gcd(block, block_size(image))
        found, amounts = np.unique(image.reshape(-1, 3), axis=0, return_counts=True)
        bins = bin_of(found)
        here = np.bincount(bins, amounts, BINS)
        numbers.append(colours_needed(here))
        counts += here
        corners[bin_of(image[0, 0])] += 1
        order = np.argsort(amounts, kind="stable")
        bins, amounts, found = bins[order], amounts[order], found[order]
        better = amounts > best[bins]
        best[bins[better]], colours[bins[better]] = amounts[better], found[better]
    return Survey(files, side // block, block, counts / block**2, colours, corners, float(np.median(numbers)))


def image_files(folder: Path) -> list[Path]:
    """The folder's images by name."""
    if not folder.is_dir():
        raise TrainingError("collection/not-a-folder", f"Expected a folder of images, got {folder}.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise TrainingError("collection/empty", f"Expected PNG, JPEG or WebP images in {folder}, got none.")
    if len(files) < LEAST_IMAGES:
        raise TrainingError("collection/too-few", f"Expected at least {LEAST_IMAGES} images in {folder}, got {len(files)}.")
    return files


def read_image(file: Path, background: tuple[int, int, int] | None) -> np.ndarray:
    """One square image as uint8 [H, W, 3], flattened on `background` where it is transparent."""
    try:
        with Image.open(file) as opened:
            side = opened.size
            image = opened.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise TrainingError("collection/corrupt-image", f"Expected a readable image, got {file.name}: {error}.") from error
    if side[0] != side[1]:
        raise TrainingError("collection/not-square", f"Expected square images, got {side[0]}x{side[1]} in {file.name}.")
    if side[0] not in SIDES:
        raise TrainingError(
            "collection/size", f"Expected sides of {SIDES[0]} to {SIDES[-1]} pixels, got {side[0]} in {file.name}."
        )
    pixels = np.asarray(image)
    if background is None and pixels[..., 3].min() < 255:
        raise TrainingError(
            "collection/transparent",
            f"Expected images without transparency, got transparent pixels in {file.name}; give --background '#rrggbb' to flatten them.",
        )
    if background is None:
        return pixels[..., :3].copy()
    cover = pixels[..., 3:].astype(np.float64) / 255
    return np.floor(pixels[..., :3] * cover + np.array(background) * (1 - cover) + 0.5).astype(np.uint8)


def block_size(image: np.ndarray) -> int:
    """The largest size of blocks, counted from the top left, in each of which the image has one colour."""
    size = image.shape[0]
    for axis in (0, 1):
        changes = np.flatnonzero(np.diff(image.astype(np.int16), axis=axis).any(axis=(1 - axis, 2))) + 1
        size = math.gcd(size, *changes.tolist())
    return size


def reduced(image: np.ndarray, block: int) -> np.ndarray:
    """One pixel for each block."""
    return image[::block, ::block]


def bin_of(colours: np.ndarray) -> np.ndarray:
    """The bin 0..32767 of colours uint8 [..., 3]."""
    red, green, blue = np.moveaxis(colours.astype(np.int64) >> (8 - BIN_BITS), -1, 0)
    return (red << (2 * BIN_BITS)) | (green << BIN_BITS) | blue


def colours_needed(counts: np.ndarray) -> int:
    """How many bins cover 95 % of the pixels."""
    ordered = np.sort(counts)[::-1]
    return int(np.searchsorted(np.cumsum(ordered), COVERED_SHARE * ordered.sum()) + 1)


@dataclass(frozen=True)
class BinPalette:
    """Sixteen colours uint8 [16, 3] and the class of every bin of colours: int64 [32768]."""

    colours: np.ndarray
    class_of_bin: np.ndarray

    def of_classes(self) -> Palette:
        """The palette for a source whose targets are classes already."""
        return Palette(self.colours, np.arange(CLASS_COUNT))


def extract_palette(survey: Survey) -> BinPalette:
    """Sixteen real colours: the background, then medoids; a collection with fewer colours repeats its background.

    Raises `collection/one-colour`, `collection/too-many-colours`, `collection/poor-palette`.
    """
    if survey.colours_per_image > MOST_COLOURS:
        raise TrainingError(
            "collection/too-many-colours",
            f"Expected art of few colours for a palette, got {survey.colours_per_image:.0f} colours in the typical image "
            f"(at most {MOST_COLOURS}); use --preset RGB for photographs and paintings.",
        )
    chosen = np.argsort(-survey.counts, kind="stable")[:CANDIDATES]
    chosen = chosen[survey.counts[chosen] > 0]
    background = int(np.argmax(survey.corners))
    candidates = np.concatenate([[background], chosen[chosen != background]])
    if len(candidates) < 2:
        raise TrainingError("collection/one-colour", "Expected at least two colours for a palette, got one in all images.")
    position = perceptual(survey.colours[candidates])
    distance = ((position[:, None] - position[None]) ** 2).sum(-1)
    distance[NEAR_BACKGROUND**2 < distance[:, 0], 0] = FAR
    weight = survey.counts[candidates] ** WEIGHT_POWER
    weight[0] = 0
    medoids = candidates[choose_medoids(distance, weight, fixed=0, count=min(CLASS_COUNT, len(candidates)))]
    colours = survey.colours[np.concatenate([medoids, np.full(CLASS_COUNT - len(medoids), background)])]
    class_of_bin = nearest_classes(survey, medoids)
    require_fit(survey, colours[class_of_bin])
    return BinPalette(colours, class_of_bin)


def nearest_classes(survey: Survey, medoids: np.ndarray) -> np.ndarray:
    """The class of every bin [32768]: the background's only if the colour is nearly the same, else the nearest medoid."""
    position, centres = perceptual(survey.colours), perceptual(survey.colours[medoids])
    distance = ((position[:, None] - centres[None]) ** 2).sum(-1)
    distance[NEAR_BACKGROUND**2 < distance[:, 0], 0] = FAR
    return distance.argmin(1)


def require_fit(survey: Survey, replaced: np.ndarray) -> None:
    """Refuse a palette that changes the collection's colours too much; `replaced` uint8 [32768, 3] is each bin's new colour."""
    error = np.sqrt(((perceptual(survey.colours) - perceptual(replaced)) ** 2).sum(-1))
    mean = float((error * survey.counts).sum() / survey.counts.sum())
    if mean > WORST_FIT:
        raise TrainingError(
            "collection/poor-palette",
            f"Expected 16 colours that stand for all others, at most {WORST_FIT} away in Oklab on average, got {mean:.3f}: "
            "use --preset RGB for this collection.",
        )


def fit_classes(image: np.ndarray, palette: BinPalette, grid: int) -> tuple[np.ndarray, np.ndarray]:
    """Art uint8 [n, n, 3] as a picture uint8 [64, 64, 3] and classes uint8 [grid, grid]."""
    classes = palette.class_of_bin[bin_of(image)].astype(np.uint8)
    if len(image) > grid:
        return resized(image, PICTURE_SIZE), most_covered(classes, grid)
    factor = grid // len(image)
    before = (grid - factor * len(image)) // 2
    after = grid - factor * len(image) - before
    classes = np.pad(classes.repeat(factor, 0).repeat(factor, 1), (before, after))
    framed = np.tile(palette.colours[0], (grid, grid, 1))
    framed[before : grid - after, before : grid - after] = image.repeat(factor, 0).repeat(factor, 1)
    repeat = PICTURE_SIZE // grid
    return framed.repeat(repeat, 0).repeat(repeat, 1), classes


def most_covered(classes: np.ndarray, grid: int) -> np.ndarray:
    """The class that covers most of each cell: uint8 [n, n] to [grid, grid]; the smaller class wins a tie."""
    size = (grid, grid)
    shares = [
        np.asarray(Image.fromarray((classes == k).astype(np.float32)).resize(size, Image.Resampling.BOX))
        for k in range(CLASS_COUNT)
    ]
    return np.argmax(np.stack(shares), 0).astype(np.uint8)


def fit_colours(image: np.ndarray, grid: int) -> tuple[np.ndarray, np.ndarray]:
    """An image uint8 [n, n, 3] as a picture uint8 [64, 64, 3] and colours uint8 [3, grid, grid]."""
    return resized(image, PICTURE_SIZE), resized(image, grid).transpose(2, 0, 1)


def resized(image: np.ndarray, size: int) -> np.ndarray:
    """Mean over cells, or repetition where the image is smaller: uint8 [size, size, 3]."""
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BOX))
