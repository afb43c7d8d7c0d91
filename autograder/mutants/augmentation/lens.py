"""Lens distortion: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import IN_PLACE, named
from autograder.mutants.augmentation.warps import pixels, tents
from autograder.testing import alternative, mutant


def _lens(factor, shift=0.5):
    """A lens whose places are those of the result times `factor(k, x, y, corner)`, about a centre."""

    def lens_distort(images, strengths):
        _, height, width, _ = images.shape
        cx, cy = width / 2 - shift, height / 2 - shift
        x, y = np.meshgrid(np.arange(width) - cx, np.arange(height) - cy)
        k = np.asarray(strengths, float).reshape(-1, 1, 1)
        scale = factor(k, x, y, np.hypot((width - 1) / 2, (height - 1) / 2))
        return pixels(tents(images, x * scale + cx, y * scale + cy))

    return lens_distort


alternative("lens_distort", "with np.hypot")(
    named("by_hypot", _lens(lambda k, x, y, corner: 1 + k * (np.hypot(x, y) / corner) ** 2))
)


@alternative("lens_distort", "image by image, with complex numbers")
def complex_numbers(images, strengths):
    out = []
    for image, k in zip(images, strengths, strict=True):
        height, width, _ = image.shape
        centre = complex((width - 1) / 2, (height - 1) / 2)
        d = np.arange(width) + 1j * np.arange(height)[:, None] - centre
        place = d * (1 + k * np.abs(d / centre) ** 2) + centre
        out.append(np.floor(tents(image[None], place.real[None], place.imag[None])[0] + 0.5))
    return np.array(out).astype(np.uint8)


def _mistake(name, sentence, factor, shift=0.5):
    mutant("lens_distort", sentence)(named(name, _lens(factor, shift)))


def _squared(x, y, corner):
    return (x**2 + y**2) / corner**2


_mistake(
    "divided_by_the_factor",
    "The places are divided by 1 + k r²: the formula gives where a pixel comes from, nothing has to be inverted.",
    lambda k, x, y, corner: 1 / (1 + k * _squared(x, y, corner)),
)
_mistake(
    "r_not_squared",
    "The strength is multiplied by r: r squared belongs there.",
    lambda k, x, y, corner: 1 + k * np.sqrt(_squared(x, y, corner)),
)
_mistake(
    "r_in_pixels",
    "r is measured in pixels: it is a share of the distance to the corner.",
    lambda k, x, y, corner: 1 + k * (x**2 + y**2),
)
_mistake(
    "other_sign",
    "Barrel and pincushion are exchanged: the factor is 1 + k r².",
    lambda k, x, y, corner: 1 - k * _squared(x, y, corner),
)
_mistake(
    "one_strength_for_all",
    "All images are bent by the first strength: each has its own.",
    lambda k, x, y, corner: 1 + np.broadcast_to(k[:1], k.shape) * _squared(x, y, corner),
)
_mistake(
    "lens_half_a_pixel_off",
    "The centre is half a pixel off: it lies at (W - 1) / 2, not at W / 2.",
    lambda k, x, y, corner: 1 + k * _squared(x, y, corner),
    0.0,
)
_mistake(
    "each_axis_by_itself",
    "Each axis is bent by its own coordinate: both are multiplied by the same factor, from the whole distance.",
    lambda k, x, y, corner: 1 + k * (x / np.abs(x).max()) ** 2,
)
_mistake(
    "r_up_to_the_edge",
    "r is a share of half the width: it is a share of the distance to the corner.",
    lambda k, x, y, corner: 1 + k * (x**2 + y**2) / np.abs(x).max() ** 2,
)


@mutant("lens_distort", IN_PLACE)
def bent_in_place(images, strengths):
    images[...] = _lens(lambda k, x, y, corner: 1 + k * _squared(x, y, corner))(images, strengths)
    return images
