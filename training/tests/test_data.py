"""Composition obeys the palette, and held-out heads stay out."""

from __future__ import annotations

import numpy as np

from pentimento_training.data import CLASS_COUNT, HELD_OUT_HEADS, Collection, Palette, compose, decode_runs, photo_of


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
