"""Extensions of colour: principal components, solarize, equalize; other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import IN_PLACE, OWN_GENERATOR, named
from autograder.testing import alternative, mutant

# Principal components -------------------------------------------------------------------------------------------------


@alternative("color_pca", "by singular values", replaces="fit_color_pca")
def singular_values(images):
    colours = images.reshape(-1, 3).astype(float) / 255
    colours -= colours.mean(axis=0)
    _, scale, rows = np.linalg.svd(colours, full_matrices=False)
    return scale**2 / len(colours), rows.T


@alternative("color_pca", "by np.cov, divided by n - 1", replaces="fit_color_pca")
def by_cov(images):
    values, vectors = np.linalg.eigh(np.cov(images.reshape(-1, 3).T / 255))
    order = np.argsort(-values)
    return values[order], vectors[:, order]


@alternative("color_pca", "image by image", replaces="pca_color_shift")
def colours_one_by_one(images, values, vectors, rng, sigma=0.1):
    out = np.empty_like(images)
    for k in range(len(images)):
        shift = sum(sigma * rng.standard_normal() * values[c] * vectors[:, c] for c in range(3))
        out[k] = np.round(np.clip(images[k] / 1.0 + 255 * shift, 0, 255))
    return out


def _fit(name, sentence, centre=True, change=lambda values, vectors: (values, vectors), scale=255):
    def fit_color_pca(images):
        colours = images.reshape(-1, 3) / scale
        colours = colours - colours.mean(axis=0) if centre else colours
        values, vectors = np.linalg.eigh(colours.T @ colours / len(colours))
        return change(values[::-1], vectors[:, ::-1])

    mutant("color_pca", sentence, replaces="fit_color_pca")(named(name, fit_color_pca))


_fit("not_centred", "The mean colour is not subtracted: then the first component points at the mean.", centre=False)
_fit(
    "smallest_first",
    "The values come smallest first, as eigh returns them: turn values and vectors round.",
    change=lambda v, V: (v[::-1], V[:, ::-1]),
)
_fit(
    "vectors_left_behind",
    "The values were turned round but not the vectors: they no longer belong together.",
    change=lambda v, V: (v, V[:, ::-1]),
)
_fit("vectors_in_rows", "The vectors stand in rows: they belong in columns.", change=lambda v, V: (v, V.T))
_fit(
    "deviations",
    "These are deviations, the roots of the eigenvalues.",
    change=lambda v, V: (np.sqrt(np.maximum(v, 0)), V),
)
_fit("not_divided", "The colours are not divided by 255, so the values are 255 squared times too large.", scale=1)


def _shift(name, sentence, colour, finish=lambda x: np.clip(np.rint(x), 0, 255).astype(np.uint8)):
    """A pca_color_shift that adds `colour(images, values, vectors, rng, sigma)`."""

    def pca_color_shift(images, values, vectors, rng, sigma=0.1):
        return finish(images + colour(images, np.asarray(values), vectors, rng, sigma))

    mutant("color_pca", sentence, replaces="pca_color_shift")(named(name, pca_color_shift))


def _one(images, values, vectors, rng, sigma):
    return (255 * (rng.normal(0, sigma, (len(images), 3)) * values) @ vectors.T)[:, None, None]


_shift(
    "scale_of_one",
    "The shift is in parts of the full scale: multiply it by 255 for these pixels.",
    lambda x, v, V, rng, s: _one(x, v, V, rng, s) / 255,
)
_shift(
    "values_forgotten",
    "The draws are not multiplied by the values: all components shift alike.",
    lambda x, v, V, rng, s: _one(x, np.ones(3), V, rng, s),
)
_shift(
    "vectors_transposed",
    "The vectors are taken from the rows: they stand in columns.",
    lambda x, v, V, rng, s: _one(x, v, V.T, rng, s),
)
_shift(
    "one_colour_for_all",
    "All images of the batch share one draw: each has its own.",
    lambda x, v, V, rng, s: _one(x[:1], v, V, rng, s),
)
_shift(
    "one_alpha",
    "The three alphas of an image are the same number: draw three for each image.",
    lambda x, v, V, rng, s: (255 * (rng.normal(0, s, (len(x), 1)) * v) @ V.T)[:, None, None],
)
_shift(
    "uniform_alphas",
    "The alphas are uniform: they are normal, with deviation sigma.",
    lambda x, v, V, rng, s: (255 * (rng.uniform(-s, s, (len(x), 3)) * np.sqrt(3) * v) @ V.T)[:, None, None],
)
_shift(
    "sigma_squared",
    "The alphas have the deviation sigma squared: the generator's normal takes the deviation, not the variance.",
    lambda x, v, V, rng, s: _one(x, v, V, rng, s**2),
)
_shift(
    "colour_of_each_pixel",
    "Every pixel has a draw of its own: draw three numbers for each image.",
    lambda x, v, V, rng, s: 255 * (rng.normal(0, s, x.shape) * v) @ V.T,
)
_shift(
    "wrapped_colours",
    "Values beyond 0 or 255 wrap around in uint8: clip before converting.",
    _one,
    lambda x: (np.rint(x).astype(int) % 256).astype(np.uint8),
)
_shift(
    "colours_cut_off",
    "The conversion to uint8 cuts numbers off: round before.",
    _one,
    lambda x: np.clip(x + 1e-9, 0, 255).astype(np.uint8),
)
_shift("colours_of_own_generator", OWN_GENERATOR, lambda x, v, V, rng, s: _one(x, v, V, np.random.default_rng(0), s))

# Solarize -------------------------------------------------------------------------------------------------------------


@alternative("solarize", "into a copy")
def into_a_copy(images, threshold=128):
    out = np.array(images)
    out[out >= threshold] = 255 - out[out >= threshold]
    return out


@alternative("solarize", "by a table of 256 values")
def by_a_table(images, threshold=128):
    values = np.arange(256)
    return np.where(values < threshold, values, 255 - values).astype(np.uint8)[images]


def _solarize(name, sentence, function):
    mutant("solarize", sentence)(named(name, function))


_solarize(
    "above_only",
    "The threshold itself is not inverted: at or above means >=.",
    lambda x, threshold=128: np.where(x > threshold, 255 - x, x),
)
_solarize(
    "dark_ones",
    "The dark pixels are inverted, not the bright ones.",
    lambda x, threshold=128: np.where(x < threshold, 255 - x, x),
)
_solarize(
    "always_at_128", "The threshold passed in is ignored.", lambda x, threshold=128: np.where(x >= 128, 255 - x, x)
)
_solarize(
    "from_256",
    "The bright pixels become 256 - x: inverting is 255 - x.",
    lambda x, threshold=128: np.where(x >= threshold, 256 - x.astype(int), x).clip(0, 255).astype(np.uint8),
)
_solarize(
    "by_the_first_channel",
    "All channels follow the first one: each is compared by itself.",
    lambda x, threshold=128: np.where(x[..., :1] >= threshold, 255 - x, x),
)
_solarize(
    "other_default", "The default threshold is 128.", lambda x, threshold=127: np.where(x >= threshold, 255 - x, x)
)
_solarize(
    "threshold_as_uint8",
    "The threshold is squeezed into uint8: 256 becomes 0, and halves are lost.",
    lambda x, threshold=128: np.where(x >= np.uint8(int(threshold) % 256), 255 - x, x),
)


@mutant("solarize", IN_PLACE)
def solarized_in_place(images, threshold=128):
    bright = images >= threshold
    images[bright] = 255 - images[bright]
    return images


# Equalize -------------------------------------------------------------------------------------------------------------


def _spread(values, count=None):
    """New values of a flat array by its distribution; `count(F, smallest, n)` gives the share."""
    found, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(found) == 1:
        return values.astype(float)
    upto = np.cumsum(counts)
    share = (upto - counts[0]) / (len(values) - counts[0]) if count is None else count(upto, counts, len(values))
    return (255 * share)[inverse.reshape(-1)]


def _channels(images, function=_spread, finish=np.rint):
    out = np.empty(images.shape)
    for k in range(len(images)):
        for c in range(images.shape[3]):
            out[k, :, :, c] = function(images[k, :, :, c].ravel()).reshape(images.shape[1:3])
    return finish(out).clip(0, 255).astype(np.uint8)


@alternative("equalize", "by unique values")
def unique_values(images):
    return _channels(images)


@alternative("equalize", "by sorting")
def by_sorting(images):
    def spread(values):
        ordered = np.sort(values)
        upto = np.searchsorted(ordered, values, side="right")
        smallest = np.searchsorted(ordered, ordered[0], side="right")
        return values.astype(float) if smallest == len(values) else 255 * (upto - smallest) / (len(values) - smallest)

    return _channels(images, spread)


def _equalize(name, sentence, function):
    mutant("equalize", sentence)(named(name, function))


_equalize(
    "smallest_kept",
    "F_min is not subtracted: the darkest value should become 0.",
    lambda x: _channels(x, lambda v: _spread(v, lambda upto, counts, n: upto / n)),
)
_equalize(
    "divided_by_all",
    "The divisor is n - F_min, not n: the brightest value should become 255.",
    lambda x: _channels(x, lambda v: _spread(v, lambda upto, counts, n: (upto - counts[0]) / n)),
)
_equalize(
    "by_order_only",
    "How often a value occurs does not count: spread by the number of pixels, not of values.",
    lambda x: _channels(x, lambda v: _spread(v, lambda upto, counts, n: np.arange(len(upto)) / (len(upto) - 1))),
)
_equalize(
    "equalized_cut_off",
    "The conversion to uint8 cuts numbers off: round before.",
    lambda x: _channels(x, finish=lambda v: np.floor(v + 1e-9)),
)
_equalize(
    "channels_together",
    "The channels of an image are spread together: each has a distribution of its own.",
    lambda x: np.rint(np.stack([_spread(image.ravel()).reshape(image.shape) for image in x])).astype(np.uint8),
)
_equalize(
    "images_together",
    "The images of the batch are spread together: each has a distribution of its own.",
    lambda x: np.rint(
        np.stack([_spread(x[..., c].ravel()).reshape(x.shape[:3]) for c in range(x.shape[3])], axis=3)
    ).astype(np.uint8),
)
_equalize(
    "plain_to_black",
    "A channel with a single value becomes black: it should stay as it is.",
    lambda x: np.where(x.max(axis=(1, 2), keepdims=True) > x.min(axis=(1, 2), keepdims=True), _channels(x), 0).astype(
        np.uint8
    ),
)


@mutant("equalize", IN_PLACE)
def equalized_in_place(images):
    images[...] = _channels(images)
    return images
