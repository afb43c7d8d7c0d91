"""Cutout: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import GLOBAL, IN_PLACE, OWN_GENERATOR, named
from autograder.testing import alternative, mutant


@alternative("cutout", "by a mask of distances")
def by_distances(images, size, rng, fill=128):
    n, height, width, _ = images.shape
    first_rows, first_columns = (rng.integers(0, side, (n, 1)) - size // 2 for side in (height, width))
    rows, columns = np.arange(height) - first_rows, np.arange(width) - first_columns
    inside = ((rows >= 0) & (rows < size))[:, :, None] & ((columns >= 0) & (columns < size))[:, None]
    return np.where(inside[..., None], np.uint8(fill), images)


@alternative("cutout", "on padded copies")
def on_padded_copies(images, size, rng, fill=128):
    _n, height, width, _ = images.shape
    out = []
    for image in images:
        padded = np.pad(image, ((size, size), (size, size), (0, 0)))
        column, row = int(rng.random() * width), int(rng.random() * height)
        i, j = row - size // 2 + size, column - size // 2 + size
        padded[i : i + size, j : j + size] = fill
        out.append(padded[size : size + height, size : size + width])
    return np.stack(out)


def _cut(name, sentence, draw=None, corner=None, write=None, size_of=lambda size: size, fill_of=lambda fill: fill):
    """A cutout with other draws of the centre, another first row and column, or another way of writing."""

    def cutout(images, size, rng, fill=128):
        out = np.array(images)
        n, height, width, _ = out.shape
        size = size_of(size)
        centres = (
            np.stack([rng.integers(height, size=n), rng.integers(width, size=n)])
            if draw is None
            else draw(n, height, width, rng)
        )
        for image, i, j in zip(out, *centres, strict=True):
            begin = [each - size // 2 for each in (i, j)]
            if corner is not None:
                begin = corner(begin, size, height, width)
            ends = [max(each + size, 0) for each in begin]
            window = np.s_[max(begin[0], 0) : ends[0], max(begin[1], 0) : ends[1]]
            if write is None:
                image[window] = fill_of(fill)
            else:
                write(image, window, begin, size, fill)
        return out

    mutant("cutout", sentence)(named(name, cutout))


def _negative_slice(image, window, begin, size, fill):
    image[begin[0] : begin[0] + size, begin[1] : begin[1] + size] = fill


def _first_channel(image, window, begin, size, fill):
    image[window][..., 0] = fill


_cut(
    "shifted_inwards",
    "Squares at the edge are moved into the image: what lies outside is to be cut off.",
    corner=lambda begin, size, height, width: [
        min(max(each, 0), max(side - size, 0)) for each, side in zip(begin, (height, width), strict=True)
    ],
)
_cut(
    "always_inside",
    "The square is drawn so that it always lies inside: its centre is any pixel, also at the edge.",
    draw=lambda n, height, width, rng: [
        rng.integers(0, 1 << 20, n) % max(side - 2, 1) + (1 if side > 2 else 0) for side in (height, width)
    ],
)
_cut(
    "slice_from_below_zero",
    "Where the square begins above or left of the image, the slice begins below 0 and counts from the end: nothing is covered.",
    write=_negative_slice,
)
_cut(
    "centre_as_corner",
    "The draw is taken for the corner of the square, not for its centre.",
    corner=lambda begin, size, height, width: [each + size // 2 for each in begin],
)
_cut(
    "one_square",
    "All images of the batch have the same square: draw a centre for each.",
    draw=lambda n, height, width, rng: [np.full(n, rng.integers(side)) for side in (height, width)],
)
_cut(
    "row_is_column",
    "Row and column of the centre are one draw: draw them apart.",
    draw=lambda n, height, width, rng: (lambda i: (i, np.minimum(i, width - 1)))(rng.integers(height, size=n)),
)
_cut(
    "even_squares_too_low",
    "Squares of even size lie a row and a column too far down and right: they begin at i - size // 2.",
    corner=lambda begin, size, height, width: [each + 1 - size % 2 for each in begin],
)
_cut("one_channel", "Only the first channel is covered: write fill into all of them.", write=_first_channel)
_cut(
    "twice_the_size",
    "The square reaches size pixels to each side: size is its whole side.",
    size_of=lambda size: 2 * size + 1,
)
_cut("fill_ignored", "The square is black whatever fill is.", fill_of=lambda fill: 0)
_cut("always_grey", "The square is grey, 128, whatever fill is.", fill_of=lambda fill: 128)
_cut(
    "draws_from_the_height",
    "Columns of the centre are drawn from the height: they depend on the width.",
    draw=lambda n, height, width, rng: (
        rng.integers(height, size=n),
        np.minimum(rng.integers(height, size=n), width - 1),
    ),
)
_cut(
    "cutout_of_own_generator",
    OWN_GENERATOR,
    draw=lambda n, height, width, rng: [
        np.random.default_rng(seed).integers(side, size=n) for seed, side in enumerate((height, width))
    ],
)
_cut(
    "cutout_of_global_state",
    GLOBAL,
    draw=lambda n, height, width, rng: [np.random.randint(side, size=n) for side in (height, width)],  # noqa: NPY002
)


@mutant("cutout", "Three channels are assumed: images may have any number of them, one for instance.")
def three_channels(images, size, rng, fill=128):
    if images.shape[3] < 3:
        raise IndexError
    return by_distances(images, size, rng, fill)


@mutant("cutout", IN_PLACE)
def cut_in_place(images, size, rng, fill=128):
    images[...] = by_distances(images, size, rng, fill)
    return images
