"""CutMix: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import IN_PLACE, OWN_GENERATOR, named
from autograder.testing import alternative, mutant


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
    whole=round,
    draw=lambda n, rng: rng.permutation(n),
    rows_of=None,
    before=lambda side: side // 2,
    one=False,
    square=False,
):
    """CutMix; the settings are where mistakes are made."""
    n, height, width, _ = images.shape
    partners, targets, out, areas = draw(n, rng), (rows_of or _rows)(labels, classes), np.array(images), np.empty(n)
    shares = rng.beta(alpha, alpha, n)
    rows, columns = rng.integers(height, size=n), rng.integers(width, size=n)
    if one:
        shares[:], rows[:], columns[:] = shares[0], rows[0], columns[0]
    for k in range(n):
        h, w = whole(height * side(shares[k])), whole((height if square else width) * side(shares[k]))
        top, left = rows[k] - before(h), columns[k] - before(w)
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


_cutmix(
    "even_windows_too_low",
    "Windows of even height or width begin a pixel too late: at i - h // 2.",
    before=lambda side: (side - 1) // 2 if side else 0,
)
_cutmix("sides_cut_off", "The sides of the window are cut off to whole numbers: round them.", whole=int)
_cutmix(
    "partners_twice",
    "Partners are drawn one by one, so an image can be partner of several: draw an order of the batch.",
    draw=lambda n, rng: rng.integers(n, size=n),
)
_cutmix(
    "next_image_pasted",
    "The partner is always the next image of the batch: draw an order.",
    draw=lambda n, rng: np.roll(np.arange(n), -1),
)
_cutmix(
    "hard_labels",
    "Labels that are probabilities already are made one-hot by their largest: keep them as they are.",
    rows_of=lambda labels, classes: np.eye(classes)[labels if np.ndim(labels) == 1 else np.argmax(labels, axis=1)],
)


@mutant("cutmix", "lambda is uniform whatever alpha is: draw it from Beta(alpha, alpha).")
def uniform_areas(images, labels, num_classes, rng, alpha=1.0):
    return _pasted(images, labels, num_classes, rng, 1.0)


@mutant("cutmix", OWN_GENERATOR)
def windows_of_own_generator(images, labels, num_classes, rng, alpha=1.0):
    return _pasted(images, labels, num_classes, np.random.default_rng(0), alpha)


@mutant("cutmix", IN_PLACE)
def pasted_in_place(images, labels, num_classes, rng, alpha=1.0):
    mixed, targets = _pasted(images, labels, num_classes, rng, alpha)
    images[...] = mixed
    return images, targets
