"""Hidden tests of looking images up between pixels, of affine warps and of lens distortion."""

import numpy as np

from autograder.hidden.augmentation.pictures import HALF, expect_images, expect_pixels, expect_unchanged, pictures
from autograder.oracles import augmentation as oracles
from autograder.testing import ban, expect, hidden

ban("affine_warp", "scipy", "skimage", "cv2", "PIL")
ban("lens_distort", "scipy", "skimage", "cv2", "PIL")

# Looking up -----------------------------------------------------------------------------------------------------------


def places(rng, n, height, width, low, high):
    """Columns and rows to look up, as shares of the image's size, a few more than the image has pixels in a row."""
    shape = (n, 3, 8)
    return rng.uniform(low, high, shape) * (width - 1), rng.uniform(low, high, shape) * (height - 1)


@hidden("affine_warp", weight=3)
def between_pixels(student, rng):
    """sample_bilinear: places between pixels, for each image its own"""
    images = pictures(rng, 3, 5, 8)
    x, y = places(rng, 3, 5, 8, 0, 1)
    expect_pixels(student.sample_bilinear(images, x, y), oracles.sampled(images, x, y))


@hidden("affine_warp")
def at_pixels(student, rng):
    """sample_bilinear: whole places, the last row and column among them"""
    images = pictures(rng, 2, 4, 6)
    rows, columns = np.mgrid[:4, :6].astype(float)
    x, y = np.stack([columns[::-1], columns[:, ::-1]]), np.stack([rows, rows[::-1]])
    expect_pixels(student.sample_bilinear(images, x, y), oracles.sampled(images, x, y))


@hidden("affine_warp", weight=2)
def outside_of_the_image(student, rng):
    """sample_bilinear: places outside, near and far, on all four sides"""
    images = pictures(rng, 2, 5, 4)
    x, y = places(rng, 2, 5, 4, -1.2, 2.2)
    x[:, 0], y[:, 1] = rng.uniform(-0.9, -0.1, 8), rng.uniform(-0.9, -0.1, 8)
    expect_pixels(
        student.sample_bilinear(images, x, y),
        oracles.sampled(images, x, y),
        wrong="pixels are wrong, for places outside of the image among others",
    )


@hidden("affine_warp")
def edge_cases_of_looking_up(student, rng):
    """sample_bilinear: one row, one channel, one place; the images are left as they are"""
    for shape in ((1, 1, 6, 3), (2, 5, 1, 1), (1, 4, 4, 1)):
        images = pictures(rng, *shape)
        x, y = rng.uniform(0, 4, (shape[0], 1, 1)), rng.uniform(0, 4, (shape[0], 1, 1))
        found = expect_unchanged(student, images, student.sample_bilinear, x, y)
        expect_pixels(found, oracles.sampled(images, x, y))


# Affine warps ---------------------------------------------------------------------------------------------------------


def warped(images, matrices):
    return np.stack([oracles.warped(*each) for each in zip(images, matrices, strict=True)])


def looked_up_by_us(student):
    """The warp's own lookups are ours, so that a mistake in sample_bilinear is not paid for twice."""

    def sample_bilinear(images, x, y):
        images, x, y = (np.asarray(each) for each in (images, x, y))
        expect(
            images.ndim == 4 and x.shape == y.shape and x.ndim == 3 and len(x) == len(images),
            "sample_bilinear was called with arrays of other shapes than its docstring says",
        )
        return np.rint(oracles.sampled(images, x, y)).astype(np.uint8)

    student.provide("sample_bilinear", sample_bilinear)


def expect_near(found, images, exact, wrong="pixels are wrong"):
    """Every pixel within 1 of the exact one; returns how far off each is."""
    expect_images(found, images.shape)
    off = np.abs(np.asarray(found, float) - exact)
    expect(np.all(off < 1.0), f"the result: {wrong}")
    return off


def expect_warped(student, images, matrices, wrong="pixels are wrong"):
    looked_up_by_us(student)
    found = student.affine_warp(images, matrices)
    off = expect_near(found, images, warped(images, matrices), wrong)
    expect(np.all(off <= HALF + 0.01), "the result: numbers are not rounded to the nearest whole one")


def maps(rng, n):
    """Turned, stretched, slanted and moved, and far from their own inverse."""
    matrices = np.tile(np.eye(2, 3), (n, 1, 1))
    matrices[:, :, :2] += rng.uniform(0.15, 0.5, (n, 2, 2)) * rng.choice([-1, 1], (n, 2, 2))
    matrices[:, :, 2] = rng.uniform(0.6, 1.8, (n, 2)) * rng.choice([-1, 1], (n, 2))
    return matrices


@hidden("affine_warp", weight=2)
def translations(student, rng):
    """affine_warp: whole pixels to the right and down, left and up"""
    images = pictures(rng, 3, 5, 7)
    matrices = np.tile(np.eye(2, 3), (3, 1, 1))
    matrices[:, :, 2] = [(2, 0), (0, -1), (-1, 2)]
    expect_warped(student, images, matrices, "the images are not moved as they should be")


@hidden("affine_warp", weight=2)
def turns_and_stretches(student, rng):
    """affine_warp: a quarter turn, stretches, about the centre of images of even and odd size"""
    quarter = [[0.0, -1, 0], [1, 0, 0]]
    for images, matrix in (
        (pictures(rng, 1, 4, 4), quarter),
        (pictures(rng, 1, 5, 5), quarter),
        (pictures(rng, 1, 4, 7), [[1.6, 0, 0], [0, 0.7, 0]]),
    ):
        expect_warped(student, images, np.array([matrix]), "the images are not turned or stretched as they should be")


@hidden("affine_warp", weight=4)
def any_map(student, rng):
    """affine_warp: any maps, each image its own"""
    expect_warped(student, pictures(rng, 4, 5, 8), maps(rng, 4))
    expect_warped(student, pictures(rng, 1, 6, 4, 1), maps(rng, 1))


@hidden("affine_warp")
def warps_leave_their_arguments_alone(student, rng):
    """affine_warp: images and matrices are left as they are"""
    looked_up_by_us(student)
    images, matrices = pictures(rng, 2, 4, 5), maps(rng, 2)
    found = expect_unchanged(student, images, student.affine_warp, matrices)
    expect_near(found, images, warped(images, matrices))


# Lens distortion ------------------------------------------------------------------------------------------------------


def bent(images, strengths):
    return np.stack([oracles.bent(*each) for each in zip(images, strengths, strict=True)])


def expect_bent(student, images, strengths):
    looked_up_by_us(student)
    expect_near(student.lens_distort(images, strengths), images, bent(images, strengths))


@hidden("lens_distort", weight=3)
def barrels_and_pincushions(student, rng):
    """both signs, each image its own strength"""
    expect_bent(student, pictures(rng, 4, 6, 9), np.array([0.5, -0.4, 0.15, -0.7]))


@hidden("lens_distort", weight=2)
def other_sizes(student, rng):
    """other sizes, a single image, one channel"""
    expect_bent(student, pictures(rng, 1, 9, 5, 1), np.array([-0.5]))
    expect_bent(student, pictures(rng, 2, 4, 4), np.array([0.6, -0.6]))


@hidden("lens_distort")
def lenses_leave_their_arguments_alone(student, rng):
    """images and strengths are left as they are"""
    looked_up_by_us(student)
    images, strengths = pictures(rng, 2, 4, 5), np.array([0.3, -0.3])
    found = expect_unchanged(student, images, student.lens_distort, strengths)
    expect_near(found, images, bent(images, strengths))
