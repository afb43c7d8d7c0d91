"""Cutout and CutMix: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import GLOBAL, IN_PLACE, OWN_GENERATOR, named
from autograder.testing import alternative, mutant

# Cutout ---------------------------------------------------------------------------------------------------------------


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


@mutant("cutout", IN_PLACE)
def cut_in_place(images, size, rng, fill=128):
    images[...] = by_distances(images, size, rng, fill)
    return images


# CutMix ---------------------------------------------------------------------------------------------------------------


def _rows(labels, classes):
    labels = np.asarray(labels)
    return np.eye(classes)[labels] if labels.ndim == 1 else labels / 1.0


def _pasted(
    images,
    labels,
    classes,
    rng,
    alpha,
    weight=lambda area, share: area,
    side=lambda share: np.sqrt(1 - share),
    others=lambda partners, rng: partners,
    source=lambda images, out: images,
    one=False,
    square=False,
):
    """CutMix; the settings are where mistakes are made."""
    n, height, width, _ = images.shape
    partners, targets, out, areas = rng.permutation(n), _rows(labels, classes), np.array(images), np.empty(n)
    shares = rng.beta(alpha, alpha, n)
    rows, columns = rng.integers(height, size=n), rng.integers(width, size=n)
    if one:
        shares[:], rows[:], columns[:] = shares[0], rows[0], columns[0]
    for k in range(n):
        h, w = round(height * side(shares[k])), round((height if square else width) * side(shares[k]))
        top, left = rows[k] - h // 2, columns[k] - w // 2
        window = np.s_[max(top, 0) : min(top + h, height), max(left, 0) : min(left + w, width)]
        out[k][window] = source(images, out)[partners[k]][window]
        areas[k] = out[k][window].shape[0] * out[k][window].shape[1] / (height * width)
    part = weight(areas, shares)[:, None]
    return out, (1 - part) * targets + part * targets[others(partners, rng)]


@alternative("cutmix", "windows by slices, areas counted")
def by_slices(images, labels, num_classes, rng, alpha=1.0):
    return _pasted(images, labels, num_classes, rng, alpha)


@alternative("cutmix", "by masks")
def by_masks(images, labels, num_classes, rng, alpha=1.0):
    n, height, width, _ = images.shape
    side = np.sqrt(1 - rng.beta(alpha, alpha, n))
    inside = []
    for length in (height, width):
        size = np.rint(length * side).astype(int)[:, None]
        place = np.arange(length) - (rng.integers(length, size=(n, 1)) - size // 2)
        inside.append((place >= 0) & (place < size))
    mask, partners = inside[0][:, :, None] & inside[1][:, None], rng.permutation(n)
    part, targets = mask.mean(axis=(1, 2))[:, None], _rows(labels, num_classes)
    return np.where(mask[..., None], images[partners], images), targets + part * (targets[partners] - targets)


def _cutmix(name, sentence, **settings):
    mutant("cutmix", sentence)(
        named(
            name,
            lambda images, labels, num_classes, rng, alpha=1.0: _pasted(
                images, labels, num_classes, rng, alpha, **settings
            ),
        )
    )


_cutmix(
    "weights_by_lambda",
    "The labels are weighed by lambda: weigh them by the area really pasted, which is smaller at the edges.",
    weight=lambda area, share: 1 - share,
)
_cutmix(
    "weights_reversed",
    "The weights of the labels are exchanged: the partner has the weight of the pasted pixels.",
    weight=lambda area, share: 1 - area,
)
_cutmix(
    "labels_kept",
    "The labels are not mixed: a part of the image belongs to another class.",
    weight=lambda area, share: 0 * area,
)
_cutmix(
    "no_root",
    "The sides are H and W times 1 - lambda: the area is the product of both, so take the root.",
    side=lambda share: 1 - share,
)
_cutmix("one_window_for_all", "All images of the batch share lambda and window: each has its own.", one=True)
_cutmix(
    "labels_of_others",
    "The labels are mixed with those of other images than the pixels: one order of partners for both.",
    others=lambda partners, rng: rng.permutation(len(partners)),
)
_cutmix(
    "pasted_from_the_result",
    "Pixels are copied from images that have a window in them already: copy from the batch that came in.",
    source=lambda images, out: out,
)
_cutmix("square_windows", "Windows are square: they have the proportions of the image.", square=True)


@mutant("cutmix", OWN_GENERATOR)
def windows_of_own_generator(images, labels, num_classes, rng, alpha=1.0):
    return _pasted(images, labels, num_classes, np.random.default_rng(0), alpha)


@mutant("cutmix", IN_PLACE)
def pasted_in_place(images, labels, num_classes, rng, alpha=1.0):
    mixed, targets = _pasted(images, labels, num_classes, rng, alpha)
    images[...] = mixed
    return images, targets
