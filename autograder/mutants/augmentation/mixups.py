"""Mixup: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import GLOBAL, IN_PLACE, OWN_GENERATOR, named
from autograder.testing import alternative, mutant


def _rows(labels, classes):
    labels = np.asarray(labels)
    return np.eye(classes)[labels] if labels.ndim == 1 else labels / 1.0


def _wide(share):
    return np.asarray(share)[:, None, None, None]


@alternative("mixup", "as a step towards the partner, larger shares to the image itself")
def step_to_the_partner(images, labels, num_classes, rng, alpha=0.2):
    share = rng.beta(alpha, alpha, len(images))
    share, order = np.maximum(share, 1 - share), rng.permutation(len(images))
    targets, floats = _rows(labels, num_classes), images.astype(float)
    mixed = floats + _wide(1 - share) * (floats[order] - floats)
    return np.floor(mixed + 0.5).astype(np.uint8), targets + (1 - share)[:, None] * (targets[order] - targets)


@alternative("mixup", "image by image, shuffled partners")
def with_shuffle(images, labels, num_classes, rng, alpha=0.2):
    order = np.arange(len(images))
    rng.shuffle(order)
    targets = _rows(labels, num_classes)
    out, mixed = np.empty_like(images), np.empty((len(images), num_classes))
    for k, m in enumerate(order):
        share = rng.beta(alpha, alpha)
        out[k] = np.round(share * images[k] + (1 - share) * images[m])
        mixed[k] = share * targets[k] + (1 - share) * targets[m]
    return out, mixed


def _mix(
    name,
    sentence,
    draw=lambda n, rng, alpha: rng.beta(alpha, alpha, n),
    order=lambda n, rng: rng.permutation(n),
    label_share=lambda share: share,
    label_order=lambda order, rng: order,
    finish=lambda x: np.rint(x).astype(np.uint8),
    rows=_rows,
    generator=lambda rng: rng,
):
    """A mixup with one of its parts exchanged."""

    def mixup(images, labels, num_classes, rng, alpha=0.2):
        rng = generator(rng)
        targets, share, partners = rows(labels, num_classes), draw(len(images), rng, alpha), order(len(images), rng)
        mixed = _wide(share) * images + _wide(1 - share) * images[partners]
        part = label_share(share)[:, None]
        return finish(mixed), part * targets + (1 - part) * targets[label_order(partners, rng)]

    mutant("mixup", sentence)(named(name, mixup))


_mix(
    "labels_not_mixed",
    "The labels are not mixed: each target is that of the image alone.",
    label_share=lambda share: np.ones_like(share),
)
_mix(
    "labels_the_other_way",
    "The labels are mixed the other way round: lambda belongs to the image, 1 - lambda to its partner.",
    label_share=lambda share: 1 - share,
)
_mix(
    "half_and_half",
    "The labels are mixed half and half: use the lambda of the images.",
    label_share=lambda share: np.full_like(share, 0.5),
)
_mix(
    "other_partners_for_labels",
    "The labels are mixed with those of other partners: one order for both.",
    label_order=lambda order, rng: rng.permutation(len(order)),
)
_mix(
    "one_lambda",
    "All images of the batch share one lambda: draw one for each.",
    draw=lambda n, rng, alpha: np.full(n, rng.beta(alpha, alpha)),
)
_mix(
    "uniform_lambda",
    "lambda is uniform whatever alpha is: draw it from Beta(alpha, alpha).",
    draw=lambda n, rng, alpha: rng.random(n),
)
_mix(
    "beta_of_one",
    "lambda is drawn from Beta(alpha, 1): both parameters are alpha.",
    draw=lambda n, rng, alpha: rng.beta(alpha, 1, n),
)
_mix(
    "reversed_batch",
    "The partners are the batch in reverse order: draw an order.",
    order=lambda n, rng: np.arange(n)[::-1],
)
_mix(
    "next_image",
    "The partner is always the next image of the batch: draw an order.",
    order=lambda n, rng: np.roll(np.arange(n), -1),
)
_mix(
    "one_partner",
    "All images have the same partner: draw an order of the whole batch.",
    order=lambda n, rng: np.full(n, rng.integers(n)),
)
_mix(
    "partners_drawn_singly",
    "Partners are drawn one by one, so an image can be partner of several: draw an order of the batch.",
    order=lambda n, rng: rng.integers(n, size=n),
)
_mix(
    "mix_cut_off",
    "The conversion to uint8 cuts numbers off: round before.",
    finish=lambda x: (x + 1e-9).astype(np.uint8),
)
_mix("mixed_floats", "The images are an array of floats: pixels stay uint8.", finish=np.rint)
_mix("mix_of_own_generator", OWN_GENERATOR, generator=lambda rng: np.random.default_rng(0))
_mix("mix_of_global_state", GLOBAL, generator=lambda rng: np.random)
_mix(
    "soft_labels_made_hard",
    "Labels that are probabilities already are made one-hot by their largest: keep them as they are.",
    rows=lambda labels, classes: np.eye(classes)[labels if np.ndim(labels) == 1 else np.argmax(labels, axis=1)],
)


@mutant("mixup", "Every pixel has a lambda of its own: draw one for each image.")
def lambda_of_each_pixel(images, labels, num_classes, rng, alpha=0.2):
    share, order = rng.beta(alpha, alpha, images.shape), rng.permutation(len(images))
    targets, part = _rows(labels, num_classes), share.mean(axis=(1, 2, 3))[:, None]
    mixed = share * images + (1 - share) * images[order]
    return np.rint(mixed).astype(np.uint8), part * targets + (1 - part) * targets[order]


@mutant("mixup", IN_PLACE)
def mixed_in_place(images, labels, num_classes, rng, alpha=0.2):
    mixed, targets = step_to_the_partner(images, labels, num_classes, rng, alpha)
    images[...] = mixed
    return images, targets
