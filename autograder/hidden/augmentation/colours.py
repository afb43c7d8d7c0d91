"""Hidden tests of the colour operations: jitter, principal components, solarize, equalize."""

import numpy as np

from autograder.hidden.augmentation.pictures import (
    expect_draws,
    expect_images,
    expect_pixels,
    expect_unchanged,
    pictures,
    seed,
)
from autograder.oracles import augmentation as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("equalize", "skimage", "cv2", "PIL")
ban("solarize", "PIL")

# Contrast and brightness ----------------------------------------------------------------------------------------------


def adjusted(images, contrast, brightness):
    return np.stack([oracles.adjusted(*each) for each in zip(images, contrast, brightness, strict=True)])


@hidden("color_jitter", weight=3)
def given_numbers(student, rng):
    """adjust_colors: given numbers, each image its own, nothing clipped"""
    images = pictures(rng, 5, 4, 6, 3, 90, 160)
    images = (images + rng.integers(-40, 40, size=(5, 1, 1, 3))).astype(np.uint8)
    contrast, brightness = rng.uniform(0.6, 1.4, 5), rng.uniform(-0.1, 0.1, 5)
    expect_pixels(student.adjust_colors(images, contrast, brightness), adjusted(images, contrast, brightness))


@hidden("color_jitter", weight=2)
def at_the_ends_of_the_scale(student, rng):
    """adjust_colors: results below 0 and above 255"""
    images = pictures(rng, 4, 5, 3)
    contrast, brightness = np.array([2.5, 1.0, 1.0, 0.2]), np.array([0.0, 0.6, -0.6, 0.3])
    expect_pixels(
        student.adjust_colors(images, contrast, brightness),
        adjusted(images, contrast, brightness),
        wrong="pixels are wrong where the new value leaves 0 to 255",
    )


@hidden("color_jitter")
def edge_cases_of_colours(student, rng):
    """adjust_colors: a single image, one channel, no contrast at all; batch and numbers are left as they are"""
    for n, channels in ((1, 3), (3, 1)):
        images = pictures(rng, n, 3, 4, channels)
        contrast, brightness = rng.uniform(0, 2, n), rng.uniform(-0.2, 0.2, n)
        found = expect_unchanged(student, images, student.adjust_colors, contrast, brightness)
        expect_pixels(found, adjusted(images, contrast, brightness))
        expect_pixels(
            student.adjust_colors(images, 0 * contrast, brightness), adjusted(images, 0 * contrast, brightness)
        )


def fitted(student, rng, n, generator=None, **settings):
    """(contrast, brightness, whether that explains the pixels) of each image, from what color_jitter made of it."""
    images = pictures(rng, n, 5, 6, 3, 105, 151)
    generator = student.generator(seed(rng)) if generator is None else generator
    found = student.unrecorded(student.color_jitter, images, generator, **settings)
    student.record([list(np.shape(found)), str(np.asarray(found).dtype)])
    expect_images(found, images.shape)
    X, Y = (each.reshape(n, -1).astype(float) for each in (images, found))
    x, y = X - X.mean(axis=1, keepdims=True), Y - Y.mean(axis=1, keepdims=True)
    contrast = (x * y).sum(axis=1) / (x * x).sum(axis=1)
    explained = np.abs(y - contrast[:, np.newaxis] * x).max(axis=1) < 1.2
    return contrast, (Y.mean(axis=1) - X.mean(axis=1)) / 255, explained


def describe(student, contrast, brightness, explained):
    student.record(bool(explained.all()))
    for values in (contrast, brightness):
        student.record([round(float(values.mean()), 1), round(float(values.std()) * 5), bool(np.ptp(values) < 0.02)])


@hidden("color_jitter", weight=3)
def ranges_of_draws(student, rng):
    """color_jitter: draws fill their ranges, each image has its own"""
    for settings in ({"contrast": 0.5, "brightness": 0.3}, {}):
        c, b = settings.get("contrast", 0.4), settings.get("brightness", 0.15)
        contrast, brightness, explained = fitted(student, rng, 160, **settings)
        describe(student, contrast, brightness, explained)
        together = (
            abs(float(np.corrcoef(contrast, brightness)[0, 1])) if np.ptp(contrast) and np.ptp(brightness) else 1.0
        )
        student.record(bool(together > 0.6))
        expect(explained.all(), "within an image, all pixels and channels have one contrast and one brightness")
        expect(np.ptp(contrast) > 0.02 and np.ptp(brightness) > 0.005, "all images share a draw; each has its own")
        expect(np.all(abs(contrast - 1) < c + 0.03), "a factor of contrast lies outside of its range")
        expect(np.all(abs(brightness) < b + 0.006), "a change of brightness lies outside of its range")
        for values, half in ((contrast - 1, c), (brightness, b)):
            expect(values.min() < -0.7 * half and values.max() > 0.7 * half, "the draws do not fill their range")
            expect(0.4 < values.std() / half < 0.75, "the draws are not uniform over their range")
        expect(together < 0.6, "contrast and brightness share a draw; each image has two")


@hidden("color_jitter", weight=2)
def one_of_the_two(student, rng):
    """color_jitter: only contrast, only brightness, neither"""
    contrast, brightness, explained = fitted(student, rng, 60, contrast=0.4, brightness=0.0)
    describe(student, contrast, brightness, explained)
    expect(np.all(abs(brightness) < 0.0012), "with brightness = 0 the mean of an image should stay (up to rounding)")
    expect(np.ptp(contrast) > 0.02, "with brightness = 0 the contrast should still change, for each image on its own")
    contrast, brightness, explained = fitted(student, rng, 60, contrast=0.0, brightness=0.2)
    describe(student, contrast, brightness, explained)
    expect(np.all(abs(contrast - 1) < 0.02), "with contrast = 0 differences between pixels should stay")
    images = pictures(rng, 3, 4, 5)
    found = student.color_jitter(images, student.generator(seed(rng)), contrast=0.0, brightness=0.0)
    expect_pixels(found, images.astype(float), wrong="with contrast = 0 and brightness = 0 nothing should change")


@hidden("color_jitter")
def drawn_colours_at_the_ends_of_the_scale(student, rng):
    """color_jitter: results below 0 and above 255"""
    images = np.tile(np.linspace(0, 255, 32).astype(np.uint8).reshape(1, 4, 8, 1), (24, 1, 1, 1))
    generator = student.generator(seed(rng))
    found = student.unrecorded(student.color_jitter, images, generator, contrast=0.4, brightness=0.4)
    expect_images(found, images.shape)
    ordered = bool(np.all(np.diff(found.reshape(24, -1).astype(int), axis=1) >= 0))
    student.record(ordered)
    expect(ordered, "a brighter pixel comes out darker than a dark one: values wrapped around at 0 or 255")
    kinds = len(np.unique(found.reshape(24, -1), axis=0))
    expect(kinds > 12, "equal images come out equal: each has a contrast and a brightness of its own")


@hidden("color_jitter")
def draws_of_colours(student, rng):
    """color_jitter: new draws at each call, the same for a seed; the batch is left as it is"""
    images = pictures(rng, 12, 4, 5)
    expect_draws(student, rng, lambda generator: student.unrecorded(student.color_jitter, images, generator))
    call = lambda kept: student.unrecorded(student.color_jitter, kept, student.generator(seed(rng)))  # noqa: E731
    expect_images(expect_unchanged(student, images, call), images.shape)


# Principal components -------------------------------------------------------------------------------------------------


def coloured(rng, n=6, height=5, width=7):
    """Images whose colours vary along slanted axes, around a mean that is not the middle."""
    mixing = np.array([[20.0, 3, 1], [15, -8, 2], [9, 5, -4]])
    return np.rint(110 + rng.normal(size=(n, height, width, 3)) @ mixing.T).clip(0, 255).astype(np.uint8)


@hidden("color_pca", weight=2)
def eigenvalues(student, rng):
    """fit_color_pca: eigenvalues, largest first"""
    images = coloured(rng)
    values, vectors = student.fit_color_pca(images)
    expect_shape(values, (3,), "values")
    expect_shape(vectors, (3, 3), "vectors")
    right = np.sort(np.linalg.eigvalsh(oracles.covariance_of_colours(images)))[::-1]
    expect_close(np.sort(values)[::-1], right, 1e-2, what="values")
    expect(np.all(np.diff(values) <= 0), "values do not come largest first")


@hidden("color_pca", weight=2)
def eigenvectors(student, rng):
    """fit_color_pca: unit vectors in columns, in the order of the values; images are left as they are"""
    images = coloured(rng)
    _values, vectors = expect_unchanged(student, images, student.fit_color_pca)
    expect_shape(vectors, (3, 3), "vectors")
    covariance = oracles.covariance_of_colours(images)
    expect_close(vectors.T @ vectors, np.eye(3), atol=1e-6, what="products of the vectors")
    scale = float(np.trace(covariance))
    off = np.abs(covariance @ vectors - vectors * np.diag(vectors.T @ covariance @ vectors)).max()
    expect(off < 1e-3 * scale, "column k of vectors is not an eigenvector of the covariance")
    expect(
        abs(vectors[:, 0] @ covariance @ vectors[:, 0] - np.linalg.eigvalsh(covariance)[-1]) < 1e-3 * scale,
        "the vector in column 0 does not belong to the largest value",
    )


def shifts(student, rng, n, values, vectors, sigma):
    """The colour added to each image (n, 3), and whether all pixels of an image got the same."""
    images = pictures(rng, n, 4, 5, 3, 100, 156)
    found = student.unrecorded(student.pca_color_shift, images, values, vectors, student.generator(seed(rng)), sigma)
    expect_images(found, images.shape)
    change = (found.astype(float) - images).reshape(n, -1, 3)
    return change.mean(axis=1), bool(np.ptp(change, axis=1).max() < 0.5)


@hidden("color_pca", weight=3)
def shifted_along_components(student, rng):
    """pca_color_shift: one colour an image, as large along each component as it should be"""
    vectors = np.linalg.qr(np.eye(3)[[2, 0, 1]] + 0.2 * rng.uniform(-1, 1, (3, 3)))[0]  # far from symmetric
    values, sigma = np.array([0.09, 0.05, 0.025]), 0.45
    added, even = shifts(student, rng, 300, values, vectors, sigma)
    draws = (added @ vectors) / (255 * sigma * values)
    along, alike = draws.std(axis=0), bool(np.all(np.ptp(added, axis=0) < 1))
    tied = 1.0 if alike else float(np.abs(np.corrcoef(draws.T) - np.eye(3)).max())
    rare = float(np.abs(draws).max())
    student.record(
        [
            even,
            [alike, bool(np.abs(added).max() > 1.5)],
            *([] if alike else [np.round(along, 0).tolist(), round(float(np.abs(added.mean(axis=0)).max()) / 10)]),
            [bool(tied > 0.5), bool(rare > 2.2)],
        ]
    )
    expect(even, "within an image every pixel is shifted by the same colour")
    expect(not alike, "all images share a draw; each has its own")
    expect(
        np.all((along > 0.7) & (along < 1.3)), "the shift along a component is not sigma times its value (times 255)"
    )
    expect(np.all(np.abs(added.mean(axis=0)) < 5), "shifts do not go to both sides alike")
    expect(tied < 0.5, "the three alphas of an image are one draw; each is its own")
    expect(rare > 2.2, "the alphas are not normal: no draw of 900 is far from the middle")


@hidden("color_pca")
def shifts_at_the_ends(student, rng):
    """pca_color_shift: results leave 0 to 255, are rounded; draws and batch"""
    images = pictures(rng, 20, 3, 4)
    values, vectors = np.array([0.5, 1e-9, 1e-9]), np.linalg.qr(rng.normal(size=(3, 3)))[0]
    generator = student.generator(seed(rng))
    found = expect_unchanged(
        student, images, lambda kept: student.unrecorded(student.pca_color_shift, kept, values, vectors, generator, 3.0)
    )
    expect_images(found, images.shape)
    change = found.astype(int) - images
    signs = np.sign(change).reshape(20, -1, 3)
    wrapped = bool(np.any((signs.max(axis=1) > 0) & (signs.min(axis=1) < 0)))
    student.record(wrapped)
    expect(not wrapped, "pixels wrapped around at 0 or 255")
    mid = np.full((400, 2, 2, 3), 128, np.uint8)
    small = student.unrecorded(
        student.pca_color_shift, mid, np.full(3, 0.1), np.eye(3), student.generator(seed(rng)), 0.04
    )
    mean = float(np.asarray(small, float).mean()) - 128
    student.record(round(mean, 1))
    expect(abs(mean) < 0.25, "numbers are not rounded to the nearest whole one")
    expect_draws(student, rng, lambda g: student.unrecorded(student.pca_color_shift, images, values, vectors, g, 0.5))


# Solarize -------------------------------------------------------------------------------------------------------------


@hidden("solarize", weight=2)
def around_the_threshold(student, rng):
    """values below, at and above the threshold"""
    images = np.arange(256, dtype=np.uint8).reshape(1, 8, 32, 1)
    for threshold in (int(rng.integers(40, 110)), int(rng.integers(140, 220)), 56.3):
        wanted = np.array(oracles.solarized(list(range(256)), threshold), float).reshape(images.shape)
        expect_pixels(student.solarize(images, threshold), wanted)


@hidden("solarize")
def ends_of_the_threshold(student, rng):
    """thresholds 0 and 256, the default; several images with channels; the batch is left as it is"""
    images = pictures(rng, 3, 4, 5)
    images[0, 0, 0], images[1, 0, 0] = 127, 128
    for arguments in ((0,), (256,), ()):
        found = expect_unchanged(student, images, lambda kept, a=arguments: student.solarize(kept, *a))
        wanted = oracles.solarized(images.ravel().tolist(), *(arguments or (128,)))
        expect_pixels(found, np.array(wanted, float).reshape(images.shape))


# Equalize -------------------------------------------------------------------------------------------------------------


def equalized(images):
    return np.stack(
        [np.stack([oracles.equalized(image[..., c]) for c in range(image.shape[2])], axis=2) for image in images]
    )


@hidden("equalize", weight=2)
def spread_values(student, rng):
    """each channel of each image is spread by itself"""
    images = (rng.normal(size=(3, 6, 7, 3)) * (8, 20, 4) + (60, 120, 200)).clip(0, 255).astype(np.uint8)
    expect_pixels(student.equalize(images), equalized(images))


@hidden("equalize", weight=2)
def frequent_values(student, rng):
    """many equal values, the smallest among them; 0 and 255 occur"""
    images = rng.choice(np.array([0, 3, 90, 255], np.uint8), size=(2, 5, 6, 2), p=[0.45, 0.2, 0.2, 0.15])
    expect_pixels(student.equalize(images), equalized(images))
    images = rng.choice(np.array([40, 41, 90, 200], np.uint8), size=(2, 5, 6, 1), p=[0.55, 0.2, 0.15, 0.1])
    expect_pixels(student.equalize(images), equalized(images))


@hidden("equalize")
def plain_channels(student, rng):
    """a channel with a single value stays; the batch is left as it is"""
    images = pictures(rng, 2, 4, 3)
    images[0, :, :, 1], images[1] = 0, 37
    expect_pixels(expect_unchanged(student, images, student.equalize), equalized(images))
