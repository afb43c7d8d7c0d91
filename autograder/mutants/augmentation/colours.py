"""Contrast and brightness: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import GLOBAL, IN_PLACE, OWN_GENERATOR, named
from autograder.testing import alternative, mutant


def _column(values):
    return np.asarray(values, dtype=float).reshape(-1, 1, 1, 1)


def _pixels(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _new(images, contrast, brightness):
    """What adjust_colors computes, before rounding."""
    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    return mean + _column(contrast) * (images - mean) + 255 * _column(brightness)


@alternative("color_jitter", "image by image, half added and cut off", replaces="adjust_colors")
def half_added(images, contrast, brightness):
    out = np.empty_like(images)
    for k, image in enumerate(images.astype(np.float32)):
        mean = image.mean(dtype=np.float64)
        out[k] = np.floor(np.clip((1 - contrast[k]) * mean + contrast[k] * image + 255 * brightness[k], 0, 255) + 0.5)
    return out


@alternative("color_jitter", "by np.interp's clipping", replaces="adjust_colors")
def minimum_maximum(images, contrast, brightness):
    new = np.round(_new(images, contrast, brightness))
    return np.minimum(np.maximum(new, 0), 255).astype("uint8")


@alternative("color_jitter", "from unit draws", replaces="color_jitter")
def unit_draws(images, rng, contrast=0.4, brightness=0.15):
    first, second = 2 * rng.random((len(images), 2)).T - 1
    return _pixels(_new(images, 1 + contrast * first, brightness * second))


@alternative("color_jitter", "brightness drawn first, image by image", replaces="color_jitter")
def brightness_first(images, rng, contrast=0.4, brightness=0.15):
    out = []
    for image in images:
        shift = rng.uniform(-brightness, brightness)
        out.append(_pixels(_new(image[None], [rng.uniform(1 - contrast, 1 + contrast)], [shift]))[0])
    return np.array(out)


def _adjust(name, sentence, adjust):
    mutant("color_jitter", sentence, replaces="adjust_colors")(named(name, adjust))


_adjust(
    "wrapped",
    "Values beyond 0 or 255 wrap around in uint8: clip before converting.",
    lambda x, c, b: (np.rint(_new(x, c, b)).astype(np.int64) % 256).astype(np.uint8),
)
_adjust(
    "cut_off",
    "The conversion to uint8 cuts numbers off: round before.",
    lambda x, c, b: np.clip(_new(x, c, b) + 1e-9, 0, 255).astype(np.uint8),
)
_adjust(
    "mean_of_each_channel",
    "Contrast is taken around the mean of each channel: the mean is that of all pixels and channels.",
    lambda x, c, b: _pixels(
        x.mean(axis=(1, 2), keepdims=True) + _column(c) * (x - x.mean(axis=(1, 2), keepdims=True)) + 255 * _column(b)
    ),
)
_adjust(
    "mean_of_the_batch",
    "Contrast is taken around the mean of the whole batch: each image has its own.",
    lambda x, c, b: _pixels(x.mean() + _column(c) * (x - x.mean()) + 255 * _column(b)),
)
_adjust(
    "around_black",
    "Contrast is taken around 0, so it changes brightness: subtract the mean first, and add it again.",
    lambda x, c, b: _pixels(_column(c) * x + 255 * _column(b)),
)
_adjust(
    "around_middle_grey",
    "Contrast is taken around 128: take the image's own mean.",
    lambda x, c, b: _pixels(128 + _column(c) * (x - 128.0) + 255 * _column(b)),
)
_adjust(
    "brightness_in_steps",
    "Brightness is a part of the full scale: multiply it by 255.",
    lambda x, c, b: _pixels(_new(x, c, np.asarray(b) / 255)),
)
_adjust(
    "brightness_times_contrast",
    "The change of brightness is multiplied by the contrast: it is added last.",
    lambda x, c, b: _pixels(_new(x, c, np.asarray(c) * b)),
)
_adjust(
    "first_pair_for_all",
    "All images get the first pair of numbers: each has its own.",
    lambda x, c, b: _pixels(_new(x, np.full(len(x), c[0]), np.full(len(x), b[0]))),
)
_adjust(
    "left_as_floats",
    "The result is an array of floats: pixels stay uint8.",
    lambda x, c, b: np.clip(np.rint(_new(x, c, b)), 0, 255),
)


@mutant(
    "color_jitter", "The numbers passed in are changed in place: compute with new arrays.", replaces="adjust_colors"
)
def numbers_in_place(images, contrast, brightness):
    new = _pixels(_new(images, contrast, brightness))
    contrast -= 1
    brightness *= 255
    return new


@mutant("color_jitter", IN_PLACE, replaces="adjust_colors")
def adjusted_in_place(images, contrast, brightness):
    images[...] = _pixels(_new(images, contrast, brightness))
    return images


def _jitter(name, sentence, draw):
    """A color_jitter whose factors and shifts come from `draw(n, rng, contrast, brightness)`."""

    def color_jitter(images, rng, contrast=0.4, brightness=0.15):
        return _pixels(_new(images, *draw(len(images), rng, contrast, brightness)))

    mutant("color_jitter", sentence, replaces="color_jitter")(named(name, color_jitter))


def _uniform(n, rng, c, b):
    return rng.uniform(1 - c, 1 + c, n), rng.uniform(-b, b, n)


_jitter(
    "one_draw_for_all",
    "All images of the batch share one draw: each has its own.",
    lambda n, rng, c, b: (np.full(n, rng.uniform(1 - c, 1 + c)), np.full(n, rng.uniform(-b, b))),
)
_jitter(
    "only_more",
    "Contrast and brightness only ever grow: draw to both sides.",
    lambda n, rng, c, b: (rng.uniform(1, 1 + c, n), rng.uniform(0, b, n)),
)
_jitter(
    "the_same_draw_twice",
    "Contrast and brightness share a draw: draw them apart.",
    lambda n, rng, c, b: (lambda u: (1 + c * u, b * u))(rng.uniform(-1, 1, n)),
)
_jitter(
    "normal_jitter",
    "The draws are normal, so some leave the range: draw uniform ones.",
    lambda n, rng, c, b: (rng.normal(1, c, n), rng.normal(0, b, n)),
)
_jitter(
    "factor_around_zero",
    "The factor of contrast is drawn around 0; no change is a factor of 1.",
    lambda n, rng, c, b: (rng.uniform(-c, c, n), rng.uniform(-b, b, n)),
)
_jitter(
    "defaults_only",
    "The settings passed in are ignored: the draws always fill the default ranges.",
    lambda n, rng, c, b: _uniform(n, rng, 0.4, 0.15),
)
_jitter("jitter_of_own_generator", OWN_GENERATOR, lambda n, rng, c, b: _uniform(n, np.random.default_rng(0), c, b))
_jitter("jitter_of_global_state", GLOBAL, lambda n, rng, c, b: _uniform(n, np.random, c, b))


@mutant(
    "color_jitter",
    "Every pixel has a draw of its own: that is noise. Draw once for each image.",
    replaces="color_jitter",
)
def jitter_of_pixels(images, rng, contrast=0.4, brightness=0.15):
    shifts = rng.uniform(-brightness, brightness, images.shape)
    return _pixels(
        _new(images, rng.uniform(1 - contrast, 1 + contrast, len(images)), np.zeros(len(images))) + 255 * shifts
    )


@mutant(
    "color_jitter",
    "In color_jitter values beyond 0 or 255 wrap around: clip there too, or leave the change to adjust_colors.",
    replaces="color_jitter",
)
def jitter_wraps(images, rng, contrast=0.4, brightness=0.15):
    new = _new(images, *_uniform(len(images), rng, contrast, brightness))
    return (np.rint(new).astype(np.int64) % 256).astype(np.uint8)
