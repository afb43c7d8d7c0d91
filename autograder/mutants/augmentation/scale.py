"""Scale jitter: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import OWN_GENERATOR, named
from autograder.testing import alternative, mutant


def _resized(image, height, width):
    """One image by bilinear sampling, with weights as matrices."""
    weights = []
    for new, old in ((height, image.shape[0]), (width, image.shape[1])):
        places = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        weights.append(np.maximum(0, 1 - np.abs(places[:, None] - np.arange(old))))
    down, across = weights
    return np.rint(across @ np.tensordot(down, image.astype(float), 1)).astype(np.uint8)


def _scaled(sides):
    """A scale jitter with `sides(H, W, low, high, rng)` → the new height and width."""

    def scale_jitter(images, low, high, size, rng):
        out = []
        for image in images:
            larger = _resized(image, *sides(*image.shape[:2], low, high, rng))
            i, j = (int(rng.integers(extent - size + 1)) for extent in larger.shape[:2])
            out.append(larger[i : i + size, j : j + size])
        return np.stack(out)

    return scale_jitter


def _proportional(H, W, side):
    factor = side / min(H, W)
    return round(H * factor), round(W * factor)


def _right(H, W, low, high, rng):
    return _proportional(H, W, rng.integers(low, high + 1))


@alternative("scale_jitter", "with a uniform number for the scale, places first")
def places_first(images, low, high, size, rng):
    n, H, W, C = images.shape
    down, across = rng.random(n), rng.random(n)
    sides = low + np.floor(rng.random(n) * (high - low + 1)).astype(int)
    out = np.empty((n, size, size, C), np.uint8)
    for k, side in enumerate(sides):
        larger = _resized(images[k], *_proportional(H, W, int(side)))
        i, j = int(down[k] * (larger.shape[0] - size + 1)), int(across[k] * (larger.shape[1] - size + 1))
        out[k] = larger[i : i + size, j : j + size]
    return out


alternative("scale_jitter", "one image after the other")(named("one_by_one", _scaled(_right)))


def _mistake(name, sentence, sides):
    mutant("scale_jitter", sentence)(named(name, _scaled(sides)))


_mistake(
    "longer_side",
    "The range is meant for the shorter side, not for the longer one.",
    lambda H, W, low, high, rng: _longer(H, W, low, high, rng),
)
_mistake(
    "made_square",
    "The image is resized to a square: its proportions are lost.",
    lambda H, W, low, high, rng: (int(rng.integers(low, high + 1)),) * 2,
)
_mistake(
    "two_scales",
    "Height and width have draws of their own: one factor belongs to both.",
    lambda H, W, low, high, rng: (_right(H, W, low, high, rng)[0], _right(H, W, low, high, rng)[1]),
)
_mistake(
    "smallest_scale",
    "Every image has the smallest scale: draw from low to high.",
    lambda H, W, low, high, rng: _proportional(H, W, low),
)
_mistake(
    "upper_half",
    "The scales do not begin at low: draw whole numbers from low to high.",
    lambda H, W, low, high, rng: _proportional(H, W, rng.integers((low + high) // 2, high + 1)),
)


_mistake(
    "largest_scale_missing",
    "high itself is never drawn: both ends of the range belong to it.",
    lambda H, W, low, high, rng: _proportional(H, W, rng.integers(low, max(high, low + 1))),
)
_mistake(
    "longer_side_cut_off",
    "The longer side is cut off to a whole number: round it.",
    lambda H, W, low, high, rng: _rounded_down(H, W, rng.integers(low, high + 1)),
)


def _rounded_down(H, W, side):
    return H * side // min(H, W), W * side // min(H, W)


def _longer(H, W, low, high, rng):
    factor = rng.integers(low, high + 1) / max(H, W)
    return max(round(H * factor), 12), max(round(W * factor), 12)


@mutant("scale_jitter", "All images of the batch have the same scale: draw one for each.")
def one_scale(images, low, high, size, rng):
    side = rng.integers(low, high + 1)
    return _scaled(lambda H, W, low, high, rng: _proportional(H, W, side))(images, low, high, size, rng)


def _placed(name, sentence, place):
    """A scale jitter that puts its square at `place(extent, size, rng)` along each axis."""

    def scale_jitter(images, low, high, size, rng):
        out = []
        for image in images:
            larger = _resized(image, *_right(*image.shape[:2], low, high, rng))
            i, j = place(larger.shape[:2], size, rng)
            out.append(larger[i : i + size, j : j + size])
        return np.stack(out)

    mutant("scale_jitter", sentence)(named(name, scale_jitter))


_placed(
    "always_the_middle",
    "Every square lies in the middle: draw its place.",
    lambda extents, size, rng: [(extent - size) // 2 for extent in extents],
)
_placed(
    "always_the_corner",
    "Every square begins in the top left corner: draw its place.",
    lambda extents, size, rng: (0, 0),
)
_placed(
    "square_on_the_diagonal",
    "Row and column of the square are the same draw: draw them apart.",
    lambda extents, size, rng: (int(rng.integers(min(extents) - size + 1)),) * 2,
)


_placed(
    "last_place_missing",
    "The last place is never drawn: a side of h pixels has h - size + 1 places.",
    lambda extents, size, rng: [int(rng.integers(max(extent - size, 1))) for extent in extents],
)


@mutant("scale_jitter", OWN_GENERATOR)
def scales_of_own_generator(images, low, high, size, rng):
    return _scaled(_right)(images, low, high, size, np.random.default_rng(0))
