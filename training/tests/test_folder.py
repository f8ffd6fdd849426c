"""Folders of images: the grid, the palette, and each way in which a folder can be unusable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from pentimento_training.errors import TrainingError
from pentimento_training.folder import block_size, folder_source
from pentimento_training.invaders import COLOURS, draw_invaders
from pentimento_training.model import PRESETS
from pentimento_training.palette import CLASS_COUNT
from pentimento_training.samples import write_samples
from pentimento_training.source import ImageSource

M, L64, RGB = PRESETS["M"], PRESETS["L64"], PRESETS["RGB"]
RNG = np.random.default_rng


def folder_of(images: np.ndarray, folder: Path) -> Path:
    """Write the images and return the folder."""
    write_samples(images, folder)
    return folder


def all_of(source: ImageSource) -> tuple[np.ndarray, np.ndarray]:
    """Every seen example: displayed colours uint8 [N, H, W, 3] of the targets, and the pictures."""
    examples = source.seen(10_000, RNG(0))
    assert source.palette is not None
    return source.palette.colours[examples.targets], examples.pictures


def refused(folder: Path, code: str, preset: object = M, **options: object) -> str:
    """The folder is refused as unusable input with this code; returns the sentence."""
    with pytest.raises(TrainingError) as caught:
        folder_source(folder, preset, **options)
    assert (caught.value.code, caught.value.status) == (code, 2)
    assert caught.value.message.startswith("Expected ")
    return caught.value.message


def test_pixel_art_keeps_its_colours_and_its_background(tmp_path: Path) -> None:
    images = draw_invaders(30, 1)
    source = folder_source(folder_of(images, tmp_path / "a"), M)
    shown, _ = all_of(source)
    assert source.palette is not None
    assert source.palette.colours[0].tolist() == COLOURS[0, 0].tolist()
    assert {bytes(colour) for colour in source.palette.colours} <= {bytes(colour) for colour in images.reshape(-1, 3)}
    originals = {image.tobytes() for image in images}
    assert len(shown) == 27
    assert all(image.tobytes() in originals for image in shown.astype(np.uint8))


def test_enlarged_art_is_reduced_to_its_own_pixels(tmp_path: Path) -> None:
    images = draw_invaders(20, 1)
    large = images.repeat(10, 1).repeat(10, 2)
    # Invaders are drawn in cells of two pixels, outlined by single ones: their blocks are single pixels.
    assert block_size(large[0]) == 10
    small, enlarged = (all_of(folder_source(folder_of(x, tmp_path / name), M)) for x, name in ((images, "a"), (large, "b")))
    assert all(np.array_equal(first, second) for first, second in zip(small, enlarged, strict=True))


def test_small_art_is_centred_on_the_background(tmp_path: Path) -> None:
    images = draw_invaders(20, 1)[:, 4:28, 4:28]
    shown, pictures = all_of(folder_source(folder_of(images, tmp_path / "a"), M))
    assert (shown[:, :4] == COLOURS[0, 0]).all() and (shown[:, :, 28:] == COLOURS[0, 0]).all()
    originals = {image.tobytes() for image in images}
    assert all(image.tobytes() in originals for image in np.ascontiguousarray(shown[:, 4:28, 4:28]).astype(np.uint8))
    assert pictures.shape[1:] == (3, 64, 64)


def test_art_of_32_is_repeated_for_a_grid_of_64(tmp_path: Path) -> None:
    source = folder_source(folder_of(draw_invaders(20, 1), tmp_path / "a"), L64)
    targets = source.seen(5, RNG(0)).targets
    assert targets.shape == (5, 64, 64)
    assert np.array_equal(targets[:, ::2, ::2], targets[:, 1::2, 1::2])


def test_cells_of_large_art_take_the_class_that_covers_most(tmp_path: Path) -> None:
    images = np.zeros((16, 96, 96, 3), np.uint8)
    images[:, 30:32, 30:33] = (200, 0, 0)
    images[:, 32:33, 30:31] = (0, 0, 200)
    images[:, 60:61, 60:62] = (0, 200, 0)
    images[:, 95, 95] = (9, 99, 199)
    shown, _ = all_of(folder_source(folder_of(images, tmp_path / "a"), M))
    assert shown[0, 10, 10].tolist() == [200, 0, 0]
    assert shown[0, 20, 20].tolist() == [0, 0, 0]


def test_photographs_train_an_rgb_model_and_no_palette(tmp_path: Path) -> None:
    photo = np.asarray(Image.fromarray(skimage.data.astronaut()).resize((256, 256)))
    crops = np.stack([photo[y : y + 96, x : x + 96] for y in range(0, 160, 40) for x in range(0, 160, 40)])
    folder = folder_of(crops, tmp_path / "a")
    assert "--preset RGB" in refused(folder, "collection/too-many-colours")
    source = folder_source(folder, RGB)
    examples = source.training(4, RNG(0))
    assert (examples.targets.shape, examples.targets.dtype) == ((4, 3, 32, 32), np.float32)
    assert source.palette is None


def test_art_whose_images_share_no_colours_is_a_poor_palette(tmp_path: Path) -> None:
    hues = np.stack([np.full((32, 32, 3), colour, np.uint8) for colour in np.ndindex(6, 6, 6)]) * 51
    hues[:, 8:24, 8:24] = hues[::-1, 8:24, 8:24]
    assert "--preset RGB" in refused(folder_of(hues, tmp_path / "a"), "collection/poor-palette")


def test_two_colours_are_enough_and_one_is_not(tmp_path: Path) -> None:
    images = np.zeros((16, 32, 32, 3), np.uint8)
    refused(folder_of(images, tmp_path / "a"), "collection/one-colour")
    images[:, 5:9, 5:9] = 255
    source = folder_source(folder_of(images, tmp_path / "b"), M)
    assert source.palette is not None
    assert source.palette.colours.shape == (CLASS_COUNT, 3)
    assert set(np.unique(source.seen(4, RNG(0)).targets)) == {0, 1}


def test_unusable_folders_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "collection/not-a-folder")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "collection/empty")
    refused(folder_of(draw_invaders(3, 1), tmp_path / "three"), "collection/too-few")


@pytest.mark.parametrize(
    ("size", "code"),
    [((32, 48), "collection/not-square"), ((64, 64), "collection/mixed-sizes"), ((4, 4), "collection/size")],
)
def test_an_image_of_another_shape_is_refused(size: tuple[int, int], code: str, tmp_path: Path) -> None:
    folder = folder_of(draw_invaders(16, 1), tmp_path / "a")
    Image.new("RGB", size).save(folder / "0009.png")
    assert "0009.png" in refused(folder, code)


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_a_corrupt_image_is_refused(content: bytes | None, tmp_path: Path) -> None:
    folder = folder_of(draw_invaders(16, 1), tmp_path / "a")
    file = folder / "0005.png"
    file.write_bytes(file.read_bytes()[:-40] if content is None else content)
    assert "0005.png" in refused(folder, "collection/corrupt-image")


def test_transparency_is_refused_or_flattened(tmp_path: Path) -> None:
    folder = folder_of(draw_invaders(16, 1), tmp_path / "a")
    for file in folder.iterdir():
        image = Image.open(file).convert("RGBA")
        image.putalpha(Image.fromarray(np.where((np.asarray(image)[..., :3] == COLOURS[0, 0]).all(-1), 0, 255).astype(np.uint8)))
        image.save(file)
    assert "--background" in refused(folder, "collection/transparent")
    source = folder_source(folder, M, (255, 0, 0))
    assert source.palette is not None
    assert source.palette.colours[0].tolist() == [255, 0, 0]


def test_jpeg_and_webp_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    for number, image in enumerate(draw_invaders(16, 1).repeat(8, 1).repeat(8, 2)):
        picture = Image.fromarray(image)
        picture.save(folder / (f"{number}.webp" if number % 2 else f"{number}.JPG"), lossless=True, quality=95)
    source = folder_source(folder, M)
    shown, _ = all_of(source)
    originals = draw_invaders(16, 1)
    # Compression moves colours a little; the classes stay the art's.
    best = np.array([np.abs(image.astype(int) - originals.astype(int)).max(-1).__lt__(24).mean((1, 2)).max() for image in shown])
    assert (best > 0.97).all()
