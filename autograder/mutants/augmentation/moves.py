"""Flips and crops: other right ways, and mistakes."""

import numpy as np

from autograder.testing import alternative, mutant

OWN_GENERATOR = (
    "The draws do not come from the generator passed in: a generator of your own repeats itself at each call."
)
GLOBAL = (
    "The draws come from NumPy's global state, not from the generator passed in: a seed does not give the same again."
)
IN_PLACE = "The batch passed in is changed in place: work on a copy."


def named(name, function):
    """The function under a mutant's name."""
    function.__name__ = name
    return function


# Flips ----------------------------------------------------------------------------------------------------------------


@alternative("random_flip", "into a copy, by a mask as index")
def mask_as_index(images, rng, p=0.5):
    out = np.array(images)
    chosen = rng.uniform(size=len(out)) < p
    out[chosen] = out[chosen][:, :, ::-1]
    return out


@alternative("random_flip", "image by image, with a binomial coin")
def image_by_image(images, rng, p=0.5):
    return np.stack([np.flip(image, axis=1) if rng.binomial(1, p) else image for image in images])


def _flip(name, sentence, flip=lambda x: x[:, :, ::-1], mask=lambda n, rng, p: rng.random(n) < p, finish=lambda x: x):
    def random_flip(images, rng, p=0.5):
        chosen = np.asarray(mask(len(images), rng, p)).reshape(-1, 1, 1, 1)
        return finish(np.where(chosen, flip(images), images))

    mutant("random_flip", sentence)(named(name, random_flip))


_flip("rows", "The rows are exchanged, top and bottom; left and right are the other axis.", lambda x: x[:, ::-1])
_flip(
    "channels",
    "The channels are exchanged, red and blue: columns are the axis before the last.",
    lambda x: x[..., ::-1],
)
_flip(
    "half_turn", "The images are turned by half a turn: only columns are to be exchanged.", lambda x: x[:, ::-1, ::-1]
)
_flip("order_of_batch", "The first axis is turned round: that exchanges images, not columns.", lambda x: x[::-1])
_flip(
    "every_image",
    "Every image is mirrored: each has a draw of its own, compared with p.",
    mask=lambda n, rng, p: np.ones(n, bool) & (p > 0),
)
_flip(
    "one_coin",
    "One draw decides for the whole batch: draw a number for each image.",
    mask=lambda n, rng, p: np.full(n, rng.random() < p),
)
_flip("p_ignored", "Half of the images are mirrored whatever p is.", mask=lambda n, rng, p: rng.random(n) < 0.5)
_flip(
    "above_p",
    "An image is mirrored with probability 1 - p: a uniform number is below p with probability p.",
    mask=lambda n, rng, p: rng.random(n) >= p,
)
_flip(
    "normal_draws",
    "The draws are normal numbers, which are below p too often: draw uniform ones.",
    mask=lambda n, rng, p: rng.normal(size=n) < p,
)
_flip("own_generator", OWN_GENERATOR, mask=lambda n, rng, p: np.random.default_rng(0).random(n) < p)
_flip("global_state", GLOBAL, mask=lambda n, rng, p: np.random.rand(n) < p)  # noqa: NPY002
_flip("floats", "The result is an array of floats: pixels stay uint8.", finish=lambda x: x.astype(np.float64))


_flip(
    "a_fixed_number",
    "Exactly the share p of each batch is mirrored: each image has a draw of its own, so the number varies.",
    mask=lambda n, rng, p: rng.permutation(n) < round(p * n),
)
_flip(
    "the_first_images",
    "The mirrored images are always the first of the batch: each has a draw of its own.",
    mask=lambda n, rng, p: np.arange(n) < rng.binomial(n, p),
)


@mutant("random_flip", IN_PLACE)
def flipped_in_place(images, rng, p=0.5):
    chosen = rng.random(len(images)) < p
    images[chosen] = images[chosen][:, :, ::-1].copy()
    return images


# Crops ----------------------------------------------------------------------------------------------------------------


def _windows(images, pad, down, right, mode="edge"):
    """Windows of padded images; down and right: for each image from 0 to 2 * pad."""
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode=mode)
    pairs = zip(padded, down, right, strict=True)
    return np.stack([image[i : i + height, j : j + width] for image, i, j in pairs])


@alternative("random_crop", "by clipped indices instead of padding")
def clipped_indices(images, pad, rng):
    n, height, width, _ = images.shape
    down, right = rng.integers(-pad, pad + 1, n), rng.integers(-pad, pad, n, endpoint=True)
    rows = np.clip(np.arange(height) + down[:, None], 0, height - 1)
    columns = np.clip(np.arange(width) + right[:, None], 0, width - 1)
    return images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


@alternative("random_crop", "one image after the other, one number for the place")
def one_number(images, pad, rng):
    out = np.empty_like(images)
    side = 2 * pad + 1
    for k in range(len(images)):
        i, j = divmod(int(rng.random() * side * side), side)
        out[k] = _windows(images[k : k + 1], pad, [i], [j])[0]
    return out


def _crop(
    name, sentence, draw=lambda n, pad, rng: rng.integers(0, 2 * pad + 1, (2, n)), mode="edge", finish=lambda x: x
):
    def random_crop(images, pad, rng):
        return finish(_windows(images, pad, *draw(len(images), pad, rng), mode=mode))

    mutant("random_crop", sentence)(named(name, random_crop))


_crop("black_rim", "The padding is black: it should repeat the edge.", mode="constant")
_crop("mirrored_rim", "The padding mirrors the image: it should repeat the edge pixel.", mode="symmetric")
_crop("rolled", "What leaves the image comes back at the other side: the padding should repeat the edge.", mode="wrap")
_crop(
    "one_window",
    "All images of the batch have the same window: draw a place for each image.",
    lambda n, pad, rng: np.repeat(rng.integers(0, 2 * pad + 1, (2, 1)), n, axis=1),
)
_crop(
    "last_window_missing",
    "The last window is never drawn: integers(low, high) excludes high, and there are 2 * pad + 1 places.",
    lambda n, pad, rng: rng.integers(0, max(2 * pad, 1), (2, n)),
)
_crop(
    "up_and_left_only",
    "Windows begin at 0 to pad only: images move in one direction each way.",
    lambda n, pad, rng: rng.integers(0, pad + 1, (2, n)),
)
_crop(
    "along_the_diagonal",
    "Row and column of a window are the same draw: draw them apart.",
    lambda n, pad, rng: np.tile(rng.integers(0, 2 * pad + 1, n), (2, 1)),
)
_crop(
    "sideways_only",
    "Windows move sideways only: draw a row as well.",
    lambda n, pad, rng: (np.full(n, pad), rng.integers(0, 2 * pad + 1, n)),
)
_crop(
    "middle_preferred",
    "Places in the middle are more likely: all windows should be equally likely.",
    lambda n, pad, rng: rng.binomial(2 * pad, 0.5, (2, n)),
)
_crop(
    "rounded_places",
    "The first and the last place are half as likely as the others: rounding a uniform number does that, draw integers.",
    lambda n, pad, rng: np.rint(rng.uniform(0, 2 * pad, (2, n))).astype(int),
)
_crop(
    "crops_of_own_generator",
    OWN_GENERATOR,
    lambda n, pad, rng: np.random.default_rng(0).integers(0, 2 * pad + 1, (2, n)),
)
_crop("crops_of_global_state", GLOBAL, lambda n, pad, rng: np.random.randint(0, 2 * pad + 1, (2, n)))  # noqa: NPY002
_crop("crops_as_floats", "The result is an array of floats: pixels stay uint8.", finish=lambda x: x / 1.0)


@mutant("random_crop", "Height and width are exchanged in the window: that shows where images are not square.")
def exchanged_sides(images, pad, rng):
    width, height = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="edge")
    places = rng.integers(0, 2 * pad + 1, (2, len(images)))
    size = min(height, width + 2 * pad)
    out = [image[i : i + size, j : j + width] for image, i, j in zip(padded, *places, strict=True)]
    smallest = min(window.shape[0] for window in out), min(window.shape[1] for window in out)
    return np.stack([window[: smallest[0], : smallest[1]] for window in out])


@mutant("random_crop", IN_PLACE)
def cropped_in_place(images, pad, rng):
    images[...] = _windows(images, pad, *rng.integers(0, 2 * pad + 1, (2, len(images))))
    return images
