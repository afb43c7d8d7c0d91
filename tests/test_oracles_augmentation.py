"""Notebook 09's oracles agree with SciPy and with results worked by hand."""

import numpy as np
import pytest
from scipy import ndimage, special, stats

from autograder.oracles import augmentation as oracles

rng = np.random.default_rng(9)


def picture(height, width, channels=3):
    return rng.integers(0, 256, size=(height, width, channels), dtype=np.uint8)


@pytest.mark.parametrize(("shape", "size"), [((5, 8), (6, 10)), ((6, 4), (12, 8)), ((4, 4), (4, 4))])
def test_resizing_agrees_with_scipy(shape, size):
    image = picture(*shape)
    zoomed = ndimage.zoom(
        image.astype(float), (size[0] / shape[0], size[1] / shape[1], 1), order=1, mode="nearest", grid_mode=True
    )
    np.testing.assert_allclose(oracles.resized(image, *size), zoomed, atol=1e-9)


@pytest.mark.parametrize("shape", [(4, 6), (5, 3), (1, 4)])
def test_crops_agree_with_shifts_that_repeat_the_edge(shape):
    image = picture(*shape)
    places = oracles.crop_places(image, 2)
    assert len(places) == 25
    for (down, right), window in places.items():
        shifted = ndimage.shift(image.astype(float), (-down, -right, 0), order=1, mode="nearest")
        np.testing.assert_allclose(window, shifted, atol=1e-9)


def test_contrast_and_brightness_worked_by_hand():
    image = np.array([100, 120, 140, 240], dtype=np.uint8).reshape(2, 2, 1)
    np.testing.assert_allclose(oracles.adjusted(image, 1.5, 0.1).ravel(), [100.5, 130.5, 160.5, 255])


@pytest.mark.parametrize("shape", [(5, 8), (4, 3), (1, 5)])
def test_looking_up_agrees_with_scipy(shape):
    images = np.stack([picture(*shape) for _ in range(2)])
    x, y = rng.uniform(-3, 9, (2, 4, 5)), rng.uniform(-3, 9, (2, 4, 5))
    found = oracles.sampled(images, x, y)
    for n in range(2):
        for channel in range(3):
            plane = images[n, :, :, channel].astype(float)
            expected = ndimage.map_coordinates(plane, [y[n], x[n]], order=1, mode="nearest")
            np.testing.assert_allclose(found[n, ..., channel], expected, atol=1e-9)
    one = oracles.look_up(images[0], x[0, 0, 0], y[0, 0, 0])
    np.testing.assert_allclose(one, found[0, 0, 0], atol=1e-9)


@pytest.mark.parametrize("shape", [(5, 8), (6, 4), (4, 4)])
def test_warps_agree_with_scipy(shape):
    image, A, t = picture(*shape), np.eye(2) + rng.uniform(-0.4, 0.4, (2, 2)), rng.uniform(-2, 2, 2)
    found = oracles.warped(image, np.column_stack([A, t]))
    back = np.linalg.inv(A)[::-1, ::-1]  # SciPy counts rows first
    centre = (np.array(shape) - 1) / 2
    offset = centre - back @ (centre + t[::-1])
    for channel in range(3):
        plane = image[..., channel].astype(float)
        expected = ndimage.affine_transform(plane, back, offset, order=1, mode="nearest")
        np.testing.assert_allclose(found[..., channel], expected, atol=1e-6)


@pytest.mark.parametrize("strength", [0.5, -0.4])
def test_the_lens_agrees_with_scipy(strength):
    image = picture(5, 8)
    rows, columns = np.mgrid[:5, :8]
    y, x = rows - 2.0, columns - 3.5
    bend = 1 + strength * (x**2 + y**2) / (2.0**2 + 3.5**2)
    found = oracles.bent(image, strength)
    for channel in range(3):
        plane = image[..., channel].astype(float)
        places = [y * bend + 2.0, x * bend + 3.5]
        expected = ndimage.map_coordinates(plane, places, order=1, mode="nearest")
        np.testing.assert_allclose(found[..., channel], expected, atol=1e-6)


def test_the_covariance_is_that_of_all_pixels():
    images = np.stack([picture(4, 5) for _ in range(3)])
    colours = images.reshape(-1, 3) / 255
    centred = colours - colours.mean(axis=0)
    np.testing.assert_allclose(oracles.covariance_of_colours(images), centred.T @ centred / len(colours), atol=1e-12)


def test_ten_crops_begin_at_the_places_of_the_text():
    image = np.arange(36 * 40).reshape(36, 40, 1)
    crops = oracles.ten_crops(image, 32)
    starts = {divmod(int(min(crop[0, 0, 0], crop[0, -1, 0])), 40) for crop in crops}
    assert len(crops) == 10
    assert starts == {(0, 0), (0, 8), (4, 0), (4, 8), (2, 4)}
    assert len(oracles.ten_crops(image[:32, :32], 32)) == 10


def test_probabilities_are_averaged_over_crops():
    images, W = np.stack([picture(6, 8) for _ in range(2)]), rng.normal(size=(48, 3)) / 500

    def scores(crops):
        return crops.reshape(len(crops), -1) @ W

    found = oracles.ten_crop_probabilities(scores, images, 4)
    crops = [np.stack(oracles.ten_crops(image, 4)) for image in images]
    expected = [special.softmax(scores(each), axis=1).mean(axis=0) for each in crops]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_equalizing_follows_the_empirical_distribution():
    channel = rng.choice([3, 40, 41, 200], size=(5, 6), p=[0.4, 0.3, 0.2, 0.1]).astype(np.uint8)
    distribution = stats.ecdf(channel.ravel()).cdf
    share, lowest = distribution.evaluate(channel), distribution.evaluate(channel.min())
    np.testing.assert_allclose(oracles.equalized(channel), 255 * (share - lowest) / (1 - lowest), atol=1e-9)
    np.testing.assert_array_equal(oracles.equalized(np.full((2, 3), 7)), np.full((2, 3), 7.0))
    worked = oracles.equalized(np.array([[10, 10], [20, 90]])).ravel()
    np.testing.assert_allclose(worked, [0, 0, 127.5, 255])


def test_solarizing_inverts_from_the_threshold_on():
    assert oracles.solarized([10, 127, 128, 250], 128) == [10, 127, 127, 5]
    assert oracles.solarized([0, 255], 0) == [255, 0]
