"""Hidden tests of the extension: a histogram of orientations, by its properties."""

import numpy as np

from autograder.hidden.linear.arguments import expect_unchanged
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("orientation_histogram", "course_utils.nn", "skimage")


def in_grey(images):
    return np.repeat(images[..., np.newaxis], 3, axis=3)


def ramp(angle, height=16, width=24):
    """Brightness that grows in the direction `angle` (radians, from right towards down)."""
    down, right = np.mgrid[:height, :width]
    return 3.0 * (np.cos(angle) * right + np.sin(angle) * down)


def expect_histogram(histogram, shape):
    """What holds for any images with edges: the tests by comparison would hold for zeros, too."""
    expect_shape(histogram, shape, "the histograms")
    expect(np.max(histogram) > 0.01, "images with edges give next to nothing")


@hidden("orientation_histogram")
def shape_and_length(student, rng):
    """the shape of the result, and length 1 for each image"""
    for (h, w), cell, bins in (((16, 24), 8, 9), ((12, 8), 4, 6)):
        histogram = student.orientation_histogram(rng.uniform(0, 255, size=(3, h, w, 3)), cell, bins)
        expect_shape(histogram, (3, h // cell, w // cell, bins), "the histograms")
        expect_close(
            np.sum(histogram**2, axis=(1, 2, 3)), np.ones(3), 1e-5, 1e-5, what="the sum of squares of an image"
        )
        expect(np.min(histogram) >= 0, "a histogram has a negative entry")


@hidden("orientation_histogram", weight=2)
def ramps_fall_into_their_bin(student, rng):
    """brightness that grows in one direction falls into the bin of that direction"""
    for bins in (6, 9):
        for which in range(bins):
            for turn in (0, np.pi):  # the opposite direction is the same orientation
                image = ramp((which + 0.5) * np.pi / bins + turn)
                histogram = student.orientation_histogram(in_grey(image[np.newaxis]), 8, bins)
                shares = np.sum(histogram, axis=(0, 1, 2)) / np.sum(histogram)
                expect(np.argmax(shares) == which and shares[which] > 0.7, "a ramp votes for the wrong bin")


@hidden("orientation_histogram")
def a_flat_image_is_zero(student, rng):
    """an image without edges gives zeros, also next to one with edges"""
    images = np.stack([np.full((16, 16, 3), 90.0), rng.uniform(0, 255, size=(16, 16, 3))])
    histogram = student.orientation_histogram(images)
    expect(np.all(np.isfinite(histogram)), "an image without edges gives values that are not finite")
    expect(np.all(np.abs(histogram[0]) < 1e-6), "an image without edges does not give zeros")
    expect(np.max(histogram[1]) > 0.01, "an image with edges gives next to nothing")


@hidden("orientation_histogram")
def contrast_and_brightness_do_not_matter(student, rng):
    """a brighter image and one of other contrast give the same histograms"""
    images = rng.uniform(0, 100, size=(2, 16, 16, 3))
    histogram = student.orientation_histogram(images)
    expect_histogram(histogram, (2, 2, 2, 9))
    expect_close(student.orientation_histogram(images + 50), histogram, 1e-4, 1e-4, what="a brighter image")
    expect_close(student.orientation_histogram(images * 2.5), histogram, 1e-4, 1e-4, what="an image of more contrast")


@hidden("orientation_histogram", weight=2)
def a_turned_image_moves_cells_and_bins(student, rng):
    """an image turned by 90 degrees: its cells turn, its bins move by half"""
    images = in_grey(rng.uniform(0, 255, size=(2, 16, 24)))
    histogram = student.orientation_histogram(images, 8, 8)
    expect_histogram(histogram, (2, 2, 3, 8))
    turned = student.orientation_histogram(np.rot90(images, axes=(1, 2)), 8, 8)
    expected = np.roll(np.rot90(histogram, axes=(1, 2)), 4, axis=3)
    expect_close(turned, expected, 1e-3, 1e-3, what="the turned image")


@hidden("orientation_histogram")
def strong_edges_count_more(student, rng):
    """each pixel votes with the strength of its edge"""
    weak, strong = ramp(0.25, 16, 16), 4 * ramp(0.25, 16, 16)
    image = np.hstack([weak, strong - strong.min() + weak.max()])
    histogram = student.orientation_histogram(in_grey(image[np.newaxis]), 4, 6)
    cells = np.sum(histogram[0, 1:3], axis=(0, 2))  # columns of cells, away from the upper and lower border
    expect(3.5 < cells[6] / cells[1] < 4.5, "an edge four times as strong does not weigh four times as much")


@hidden("orientation_histogram")
def whole_numbers_and_colours(student, rng):
    """uint8 images do not wrap, and colours count by the mean of their channels"""
    images = rng.integers(0, 256, size=(2, 16, 16, 3)).astype(np.uint8)
    kept = student.keep(images)
    histogram = student.orientation_histogram(kept)
    expect_histogram(histogram, (2, 2, 2, 9))
    grey = in_grey(images.astype(np.float64).mean(axis=3))
    expect_close(histogram, student.orientation_histogram(grey), 1e-3, 1e-3, what="a uint8 image")
    expect_unchanged(student, [("images", images)], kept)
