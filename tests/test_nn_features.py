"""Hand-made features, and the quick softmax classifier."""

import colorsys
import itertools
import math

import numpy as np
import pytest

from course_utils.nn import colour_histogram, gradient_orientation_histogram, train_softmax

rng = np.random.default_rng(3)
PICTURES = rng.integers(0, 256, size=(3, 16, 24, 3), dtype=np.uint8)
GREY = rng.random((2, 16, 16))


def slow_orientations(image, cell, bins):
    """A pixel and a formula at a time. image: (H, W) grey."""
    height, width = image.shape
    table = [[[0.0] * bins for _ in range(width // cell)] for _ in range(height // cell)]

    def slope(before, here, after):
        if before is None:
            return after - here
        return here - before if after is None else (after - before) / 2

    for i in range(height):
        for j in range(width):
            down = slope(image[i - 1, j] if i else None, image[i, j], image[i + 1, j] if i + 1 < height else None)
            right = slope(image[i, j - 1] if j else None, image[i, j], image[i, j + 1] if j + 1 < width else None)
            degrees = math.degrees(math.atan2(down, right)) % 180
            for b in range(bins):
                distance = abs(degrees - (b + 0.5) * 180 / bins)
                distance = min(distance, 180 - distance)  # directions go round
                table[i // cell][j // cell][b] += math.hypot(down, right) * max(0.0, 1 - distance / (180 / bins))
    flat = []
    for row in table:
        for histogram in row:
            norm = math.sqrt(sum(value**2 for value in histogram))
            flat += [value / norm if norm else 0.0 for value in histogram]
    return flat


@pytest.mark.parametrize(("cell", "bins"), [(8, 9), (4, 6), (8, 2), (2, 5)])
def test_orientations_agree_with_a_loop_over_pixels(cell, bins):
    wanted = [slow_orientations(picture.mean(axis=-1), cell, bins) for picture in PICTURES]
    assert np.allclose(gradient_orientation_histogram(PICTURES, cell=cell, bins=bins), wanted, atol=1e-12)


@pytest.mark.parametrize("angle", [0, 30, 50, 90, 110, 170, 230])
def test_a_slope_votes_for_the_bin_of_its_direction(angle):
    down, right = np.mgrid[:8, :8]
    slope = math.cos(math.radians(angle)) * right + math.sin(math.radians(angle)) * down
    histogram = gradient_orientation_histogram(slope[None], cell=8, bins=9)[0]
    assert histogram.argmax() == angle % 180 // 20 or np.isclose(histogram[angle % 180 // 20], histogram.max())


def test_a_quarter_turn_moves_cells_and_bins():
    before = gradient_orientation_histogram(GREY, cell=8, bins=8).reshape(2, 2, 2, 8)
    after = gradient_orientation_histogram(np.rot90(GREY, axes=(1, 2)), cell=8, bins=8).reshape(2, 2, 2, 8)
    assert np.allclose(after, np.roll(np.rot90(before, axes=(1, 2)), 4, axis=-1))


def test_opposite_directions_are_one():
    assert np.allclose(gradient_orientation_histogram(GREY), gradient_orientation_histogram(1 - GREY))


@pytest.mark.parametrize("change", [lambda x: 3 * x, lambda x: x + 0.4, lambda x: np.repeat(x[..., None], 3, axis=-1)])
def test_contrast_brightness_and_channels_do_not_matter(change):
    assert np.allclose(gradient_orientation_histogram(change(GREY)), gradient_orientation_histogram(GREY))


def test_a_flat_picture_has_no_orientations():
    flat = gradient_orientation_histogram(np.full((2, 16, 16, 3), 77, np.uint8))
    assert flat.shape == (2, 36)
    assert not flat.any()


def test_every_cell_with_an_edge_has_length_one():
    cells = gradient_orientation_histogram(PICTURES, cell=8, bins=9).reshape(-1, 9)
    assert len(cells) == 3 * 2 * 3
    assert np.allclose(np.linalg.norm(cells, axis=1), 1)


@pytest.mark.parametrize(
    ("images", "options", "said"),
    [
        (np.ones((2, 12, 16)), {}, "12×16 pixels do not divide into cells of 8×8"),
        (np.ones((2, 16, 12, 3)), {"cell": 5}, "16×12 pixels do not divide"),
        (np.ones((2, 16, 16)), {"cell": 0}, "cells of 0×0"),
        (np.ones((2, 16, 16)), {"bins": 0}, "bins is 0"),
        (np.ones((2, 768)), {}, r"\(N, H, W\) are needed, not \(2, 768\)"),
    ],
)
def test_orientations_refuse_other_pictures(images, options, said):
    with pytest.raises(ValueError, match=said):
        gradient_orientation_histogram(images, **options)


def test_hues_agree_with_a_loop_over_pixels():
    pictures = rng.random((3, 8, 8, 3))  # with whole numbers a hue may lie on the edge of two bins
    wanted = np.zeros((3, 8))
    for number, picture in enumerate(pictures):
        for pixel in picture.reshape(-1, 3).tolist():
            hue = colorsys.rgb_to_hsv(*pixel)[0]
            wanted[number, int(hue * 8) % 8] += max(pixel) - min(pixel)
    wanted /= wanted.sum(axis=1, keepdims=True)
    assert np.allclose(colour_histogram(pictures), wanted)


@pytest.mark.parametrize(
    ("colour", "index"), [((255, 0, 0), 0), ((255, 255, 0), 1), ((0, 255, 0), 2), ((0, 255, 255), 3), ((0, 0, 255), 4)]
)
def test_a_pure_colour_is_in_one_bin(colour, index):
    picture = np.broadcast_to(np.array(colour, np.uint8), (1, 4, 4, 3))
    assert np.array_equal(colour_histogram(picture, bins=6), np.eye(6)[[index]])


def test_the_places_of_colours_and_the_grey_pixels_do_not_matter():
    flat = PICTURES.reshape(3, 1, -1, 3)
    shuffled = rng.permuted(np.arange(flat.shape[2]))
    grey = np.full((3, 1, 50, 3), 99, np.uint8)
    assert np.allclose(
        colour_histogram(np.concatenate([flat[:, :, shuffled], grey], axis=2)), colour_histogram(PICTURES)
    )


def test_a_grey_picture_has_no_hue():
    assert not colour_histogram(np.full((2, 4, 4, 3), 128, np.uint8)).any()


@pytest.mark.parametrize(
    ("images", "bins", "said"),
    [
        (np.ones((2, 4, 4)), 8, r"not \(2, 4, 4\)"),
        (np.ones((2, 4, 4, 4)), 8, "colour images"),
        (PICTURES, 0, "bins is 0"),
    ],
)
def test_colours_refuse_other_pictures(images, bins, said):
    with pytest.raises(ValueError, match=said):
        colour_histogram(images, bins=bins)


def blobs(n=300):
    y = np.arange(n) % 3
    return 10 * np.eye(3)[y] + rng.normal(size=(n, 3)) + 100, y


def test_separable_classes_are_learned_whatever_their_units():
    X, y = blobs()
    W = train_softmax(X, y)
    assert (W.shape, W.dtype) == ((3, 3), np.float32)
    standardised = (X - X.mean(axis=0)) / X.std(axis=0)
    assert (np.argmax(standardised @ W, axis=1) == y).mean() > 0.99


def test_a_stronger_penalty_gives_smaller_weights():
    X, y = blobs()
    sizes = [np.linalg.norm(train_softmax(X, y, reg=reg)) for reg in (1e-3, 0.1, 1.0, 5.0)]
    assert all(weaker > stronger for weaker, stronger in itertools.pairwise(sizes))


def test_the_same_seed_gives_the_same_weights_and_the_inputs_stay():
    X, y = blobs()
    before = X.copy()
    assert np.array_equal(train_softmax(X, y, seed=4), train_softmax(X, y, seed=4))
    assert not np.array_equal(train_softmax(X, y, seed=4), train_softmax(X, y, seed=5))
    assert np.array_equal(X, before)


def test_a_column_that_never_changes_does_no_harm():
    X, y = blobs()
    W = train_softmax(np.hstack([X, np.ones((len(X), 1))]), y)
    assert np.isfinite(W).all()
    assert not W[3].any()


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (np.ones((3, 2)), np.zeros(2, int), r"3 rows but y has shape \(2,\)"),
        (np.ones((3, 2)), np.zeros((3, 1), int), r"y has shape \(3, 1\)"),
        (np.ones((3, 2, 2)), np.zeros(3, int), r"not \(3, 2, 2\)"),
        (np.ones((0, 2)), np.zeros(0, int), "at least one row"),
        (np.ones((3, 2)), np.zeros(3), "these are float64"),
        (np.ones((3, 2)), np.array([0, 1, -1]), "the smallest -1"),
    ],
)
def test_training_refuses_what_is_not_a_labelled_table(X, y, said):
    with pytest.raises(ValueError, match=said):
        train_softmax(X, y)
