"""Composition obeys the palette, and held-out heads stay out."""

from __future__ import annotations

import numpy as np

from pentimento_training.data import HELD_OUT_HEADS, Collection, compose, decode_runs, photo_of
from pentimento_training.enlarge import scale2x
from pentimento_training.invaders import draw_invaders
from pentimento_training.palette import CLASS_COUNT, Palette
from pentimento_training.source import Examples, NounsSource, augmented, shrink
from pentimento_training.strokes import paint_collection


def test_runs_fill_rows_between_left_and_right() -> None:
    image = decode_runs("0x00" + "02050403" + "0107" + "0200" + "0109")
    assert image[2, 3:5].tolist() == [7, 0]
    assert image[3, 3:5].tolist() == [0, 9]
    assert image.sum() == 16


def test_a_trait_without_pixels_is_transparent() -> None:
    assert decode_runs("0x0000000000").sum() == 0


def test_composites_use_only_visible_colours_of_the_collection(collection: Collection) -> None:
    images = compose(collection, 300, collection.seen_heads, np.random.default_rng(1))
    assert images.shape == (300, 32, 32)
    assert images.min() >= 1
    assert images.max() < len(collection.colours)
    assert set(images[:, 0, 0]) <= set(range(1, len(collection.colours)))


def test_composition_is_seeded(collection: Collection) -> None:
    first, second = (compose(collection, 8, collection.seen_heads, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, second)


def test_held_out_heads_are_disjoint_from_seen_ones(collection: Collection) -> None:
    assert len(collection.held_out_heads) == HELD_OUT_HEADS
    assert not set(collection.held_out_heads) & set(collection.seen_heads)
    assert len(collection.held_out_heads) + len(collection.seen_heads) == len(collection.traits["heads"])


def test_palette_has_sixteen_different_real_colours(collection: Collection, palette: Palette) -> None:
    own = {bytes(colour) for colour in collection.colours}
    colours = [bytes(colour) for colour in palette.colours]
    assert len(set(colours)) == CLASS_COUNT
    assert set(colours) <= own


def test_both_backgrounds_are_class_zero_and_nothing_else_is(collection: Collection, palette: Palette) -> None:
    assert tuple(np.flatnonzero(palette.class_of == 0)) == collection.backgrounds


def test_each_palette_colour_stands_for_itself(collection: Collection, palette: Palette) -> None:
    for number, colour in enumerate(palette.colours):
        entries = np.flatnonzero((collection.colours == colour).all(1))
        assert number in palette.class_of[entries]


def test_pictures_are_doubled_and_scaled_to_one(collection: Collection) -> None:
    images = compose(collection, 2, collection.seen_heads, np.random.default_rng(4))
    pictures = photo_of(collection, images)
    assert pictures.shape == (2, 3, 64, 64)
    assert pictures.dtype == np.float32
    assert np.array_equal(np.rint(pictures[:, :, ::2, 1::2] * 255).transpose(0, 2, 3, 1), collection.colours[images])


def test_scale2x_refines_a_diagonal_and_keeps_straight_edges() -> None:
    assert scale2x(np.array([[[1, 0], [0, 0]]])).tolist() == [[[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]]
    stripes = np.array([[[1, 1, 2, 2]] * 4])
    assert np.array_equal(scale2x(stripes), stripes.repeat(2, 1).repeat(2, 2))


def test_enlarged_composites_have_detail_that_doubling_has_not(collection: Collection) -> None:
    examples = NounsSource(collection, 64).training(8, np.random.default_rng(0))
    assert examples.targets.shape == (8, 64, 64)
    assert examples.pictures.shape == (8, 3, 64, 64)
    assert (examples.targets[:, ::2, ::2] != examples.targets[:, 1::2, 1::2]).mean() > 0.01


def test_paintings_are_seeded_different_and_bright_enough() -> None:
    first, second = paint_collection(8, seed=3), paint_collection(8, seed=3)
    assert np.array_equal(first, second)
    assert first.shape == (8, 64, 64, 3)
    assert not np.array_equal(first, paint_collection(8, seed=4))
    assert len({image.tobytes() for image in first}) == 8
    assert (first.std((1, 2, 3)) > 10).all()


def test_invaders_are_seeded_and_symmetrical() -> None:
    images = draw_invaders(5, 1)
    assert np.array_equal(images, draw_invaders(5, 1))
    assert np.array_equal(images, images[:, :, ::-1])


def test_shrinking_takes_rounded_means() -> None:
    assert shrink(np.array([[[[0, 1], [1, 0]]]], np.uint8), 2).tolist() == [[[[1]]]]
    assert shrink(np.array([[[[0, 1], [0, 0]]]], np.uint8), 2).tolist() == [[[[0]]]]


def test_augmentation_moves_picture_and_target_together() -> None:
    target = np.zeros((64, 32, 32), np.int64)
    target[:, 16, 16] = 1
    pictures = target.astype(np.float32).repeat(2, 1).repeat(2, 2)[:, None].repeat(3, 1)
    moved = augmented(Examples(pictures, target), 2, np.random.default_rng(0))
    places = [tuple(np.argwhere(image)[0]) for image in moved.targets]
    assert len(set(places)) > 5
    assert all(abs(y - 16) <= 2 and abs(x - 16) <= 2 for y, x in places)
    for (y, x), picture in zip(places, moved.pictures, strict=True):
        assert np.unravel_index(picture[0].argmax(), (64, 64)) == (2 * y, 2 * x)
