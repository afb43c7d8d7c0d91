"""Hidden tests of mixup and CutMix."""

import numpy as np

from autograder.hidden.augmentation.pictures import (
    expect_draws,
    expect_images,
    expect_pixels,
    expect_unchanged,
    pictures,
    seed,
)
from autograder.testing import expect, expect_close, expect_dtype, expect_shape, hidden

# Mixup ----------------------------------------------------------------------------------------------------------------


def pair_of(student, found):
    two = isinstance(found, (tuple, list)) and len(found) == 2
    student.record(two)
    expect(two, "two things must come back: (images, targets)")
    return np.asarray(found[0]), np.asarray(found[1])


def mixed(student, rng, n, alpha, generator=None, low=0, high=256):
    """(images, result, share of each image in its target, partner by target): every image is a class of its own."""
    images = pictures(rng, n, 2, 3, 2, low, high)
    labels = rng.permutation(n)
    generator = student.generator(seed(rng)) if generator is None else generator
    found = student.unrecorded(student.mixup, images, labels, n, generator, *(() if alpha is None else (alpha,)))
    result, targets = pair_of(student, found)
    student.record([list(result.shape), str(result.dtype), list(targets.shape), targets.dtype.kind])
    expect_images(result, images.shape, "images")
    expect_shape(targets, (n, n), "targets")
    expect_dtype(targets, "float", "targets")
    by_image = targets[:, labels]  # column m: how much of image m
    proper = bool(
        np.allclose(by_image.sum(axis=1), 1) and by_image.min() >= 0 and ((by_image > 1e-12).sum(axis=1) <= 2).all()
    )
    student.record(proper)
    expect(proper, "a target is not a mixture of two labels whose shares add up to 1")
    return images, result, by_image


def own_and_other(by_image):
    """The share of the image itself, and the number of its partner (itself where it met itself)."""
    own = np.diag(by_image).copy()
    rest = by_image - np.diag(own)
    partner = np.where(rest.max(axis=1) > 0, rest.argmax(axis=1), np.arange(len(own)))
    return own, partner


@hidden("mixup", weight=4)
def images_and_targets_agree(student, rng):
    """images and targets are mixed with the same partners and shares"""
    for alpha in (1.0, None):
        images, result, by_image = mixed(student, rng, 40, alpha)
        exact = np.einsum("nm,mijc->nijc", by_image, images.astype(float))
        off = np.abs(result - exact)
        reverse = by_image[np.arange(40), :].copy()
        own, partner = own_and_other(by_image)
        reverse = np.einsum("n,nijc->nijc", 1 - own, images.astype(float)) + np.einsum(
            "n,nijc->nijc", own, images[partner].astype(float)
        )
        student.record(
            [
                "agree"
                if np.all(off <= 0.501)
                else "cut off"
                if np.all(off < 1.001)
                else "reversed"
                if np.all(np.abs(result - reverse) < 1.001)
                else "other"
            ]
        )
        student.record([round(float(own.mean()), 1), bool(np.ptp(own) < 1e-9), bool(np.array_equal(result, images))])
        expect(np.all(off < 1.001), "the images are not mixed as their targets say: same partner, same share")
        expect(np.all(off <= 0.501), "pixels are not rounded to the nearest whole number")


@hidden("mixup", weight=2)
def shares_follow_alpha(student, rng):
    """shares are drawn for each image, from the distribution with the given alpha"""
    # Variance 1 / (4 (2 alpha + 1)) around a half; seven standard errors of 300 draws are 0.2 and 0.5 of it.
    for alpha, wanted, near in ((0.2, 0.1786, 0.2), (5.0, 0.0227, 0.5)):
        _, _, by_image = mixed(student, rng, 300, alpha)
        own, partner = own_and_other(by_image)
        apart = partner != np.arange(300)
        variance = float(np.mean((own[apart] - 0.5) ** 2)) if apart.any() else 0.0
        student.record([bool(np.ptp(own[apart]) < 1e-9) if apart.any() else "none", round(variance, 2)])
        expect(apart.mean() > 0.8, "most images have no partner other than themselves")
        expect(np.ptp(own[apart]) > 1e-6, "all images of the batch share one lambda; each has its own")
        expect(abs(variance - wanted) < near * wanted, "the shares do not follow Beta(alpha, alpha)")


@hidden("mixup")
def partners(student, rng):
    """partners are a random order of the batch, drawn anew at each call"""
    generator = student.generator(seed(rng))
    drawn = [own_and_other(mixed_again(student, rng, generator))[1] for _ in range(2)]
    steps = {int(step) for step in (drawn[0] - np.arange(40)) % 40}
    several = len(set(drawn[0].tolist()))
    student.record([bool(np.array_equal(*drawn)), len(steps) > 5, several > 10, several == 40])
    expect(several > 10, "many images have the same partner; draw an order of the whole batch")
    expect(not np.array_equal(*drawn), "two calls chose the same partners; draw them from the generator")
    expect(len(steps) > 5, "partners are not drawn from the whole batch")
    expect(several == 40, "an image is partner of two others: partners are an order of the batch, each is one once")


def mixed_again(student, rng, generator):
    return mixed(student, rng, 40, 5.0, generator)[2]


@hidden("mixup")
def labels_of_other_kinds(student, rng):
    """labels that are probabilities already, labels that several images share"""
    images, soft = pictures(rng, 12, 2, 3), rng.dirichlet(np.ones(4), size=12)
    result, targets = pair_of(
        student, student.unrecorded(student.mixup, images, soft, 4, student.generator(seed(rng)), 5.0)
    )
    expect_shape(targets, (12, 4), "targets")
    student.record(
        [
            bool(np.allclose(targets.sum(axis=1), 1)),
            bool(np.allclose(targets, soft)),
            bool(np.allclose(targets.mean(axis=0), soft.mean(axis=0), atol=0.2)),
        ]
    )
    expect(np.allclose(targets.sum(axis=1), 1), "targets of soft labels do not add up to 1")
    fits = [
        any(_explains(targets[n], result[n], soft[n], soft[m], images[n].astype(float), images[m]) for m in range(12))
        for n in range(12)
    ]
    student.record(all(fits))
    expect(all(fits), "soft labels are not mixed as the images are")
    same = student.unrecorded(student.mixup, images, np.full(12, 2), 5, student.generator(seed(rng)), 1.0)
    targets = pair_of(student, same)[1]
    student.record(np.round(targets.mean(axis=0), 6))
    expect_close(targets, np.tile(np.eye(5)[2], (12, 1)), 1e-6, what="targets of images of one class")


def _explains(target, pixels, soft, other, image, partner):
    """Whether one share explains both the target and the pixels."""
    difference = soft - other
    if not np.any(difference):
        share = 1.0
    else:
        share = float(np.dot(target - other, difference) / np.dot(difference, difference))
    fits = np.allclose(target, share * soft + (1 - share) * other, atol=1e-6) and -1e-6 <= share <= 1 + 1e-6
    return bool(fits and np.all(np.abs(pixels - (share * image + (1 - share) * partner)) <= 0.501))


@hidden("mixup")
def draws_and_arguments_of_mixup(student, rng):
    """the same for a seed; a single image; images and labels are left as they are"""
    images, labels = pictures(rng, 20, 2, 3), rng.integers(0, 4, 20)
    expect_draws(student, rng, lambda g: pair_of(student, student.unrecorded(student.mixup, images, labels, 4, g, 1.0)))
    for n, kind in ((20, labels), (20, np.eye(4)[labels]), (1, labels[:1])):
        call = lambda kept, also: student.unrecorded(student.mixup, kept, also, 4, student.generator(seed(rng)), 1.0)  # noqa: E731
        result, targets = pair_of(student, expect_unchanged(student, images[:n], call, kind))
        expect_images(result, (n, 2, 3, 3))
        if n == 1:
            student.record(targets)
            expect_close(targets, np.eye(4)[labels[:1]], 1e-6, what="the target of a single image")
            expect_pixels(result, images[:1].astype(float))


# CutMix ---------------------------------------------------------------------------------------------------------------


def pasted(student, rng, n, height, width, alpha=None, generator=None):
    """What each pixel of each result belongs to: every image has a value of its own, and is a class of its own."""
    images = np.broadcast_to(np.arange(n, dtype=np.uint8).reshape(-1, 1, 1, 1), (n, height, width, 2)).copy()
    labels = rng.permutation(n)
    generator = student.generator(seed(rng)) if generator is None else generator
    found = student.unrecorded(student.cutmix, images, labels, n, generator, *(() if alpha is None else (alpha,)))
    result, targets = pair_of(student, found)
    expect_images(result, images.shape, "images")
    expect_shape(targets, (n, n), "targets")
    expect_dtype(targets, "float", "targets")
    by_image = targets[:, labels]
    foreign = result[..., 0] != np.arange(n).reshape(-1, 1, 1)
    return result, by_image, foreign


@hidden("cutmix", weight=3)
def areas_and_targets_agree(student, rng):
    """targets follow the area that was pasted, and whose it is"""
    n, height, width = 50, 8, 11
    result, by_image, _ = pasted(student, rng, n, height, width)
    areas = np.stack([(result[..., 0] == m).mean(axis=(1, 2)) for m in range(n)], axis=1)
    kinds = (areas > 0).sum(axis=1)
    apart = np.diag(areas) < 1  # some images meet themselves
    swapped = 1 - np.diag(by_image)[apart]
    whose = [(share - np.diag(np.diag(share))).argmax(axis=1) for share in (areas, by_image)]
    student.record(
        [
            int(kinds.max()),
            bool(np.allclose(areas, by_image)),
            bool(np.allclose(swapped, np.diag(areas)[apart])),
            bool(np.allclose(np.diag(by_image), 1)),
            bool(np.array_equal(whose[0][apart], whose[1][apart])),
        ]
    )
    expect(kinds.max() <= 2, "an image has pixels of more than two images: copy from the batch that came in")
    expect(np.allclose(by_image.sum(axis=1), 1), "the shares in a target do not add up to 1")
    expect(np.allclose(areas, by_image), "targets do not have the shares of the pixels that were pasted")


@hidden("cutmix", weight=2)
def windows_of_all_sizes(student, rng):
    """windows are rectangles of the image's proportions, anywhere, each image its own"""
    n, height, width = 200, 12, 18
    _result, _, foreign = pasted(student, rng, n, height, width)
    rows, columns = foreign.any(axis=2), foreign.any(axis=1)
    full = foreign.sum(axis=(1, 2)) == rows.sum(axis=1) * columns.sum(axis=1)
    student.record([bool(full.all()), round(float(foreign.mean()), 1), bool(np.all(foreign == foreign[0]))])
    expect(np.all(full), "what is pasted is not a rectangle")
    expect(not np.all(foreign == foreign[0]), "all images share a window; each has its own")
    inside = (
        (~foreign[:, 0].any(axis=1))
        & (~foreign[:, -1].any(axis=1))
        & (~foreign[:, :, 0].any(axis=1))
        & (~foreign[:, :, -1].any(axis=1))
        & foreign.any(axis=(1, 2))
    )
    high, wide = rows.sum(axis=1)[inside], columns.sum(axis=1)[inside]
    student.record(bool(np.all(np.abs(high / height - wide / width) < 0.1)))
    expect(np.all(np.abs(high / height - wide / width) < 0.1), "a window inside of the image has not its proportions")
    reached = foreign.mean(axis=0)
    student.record(bool(reached.min() > 0.02))
    expect(reached.min() > 0.02, "some pixels are never pasted")
    expect(0.18 < foreign.mean() < 0.42, "the windows are not as large as Beta(alpha, alpha) makes them")


@hidden("cutmix", weight=2)
def partners_of_cutmix(student, rng):
    """partners are a random order of the batch, drawn anew at each call; labels may be probabilities"""
    n, generator = 40, student.generator(seed(rng))
    whose = []
    for _ in range(2):
        result, _, foreign = pasted(student, rng, n, 7, 7, 1e4, generator)
        values = np.where(foreign, result[..., 0], 0).max(axis=(1, 2))
        whose.append(np.where(foreign.any(axis=(1, 2)), values, np.arange(n)).astype(int))
    steps, several = len(set(((whose[0] - np.arange(n)) % n).tolist())), len(set(whose[0].tolist()))
    student.record([bool(np.array_equal(*whose)), steps > 5, several > 10, several == n])
    expect(not np.array_equal(*whose) and steps > 5, "partners are not drawn: draw an order of the batch at each call")
    expect(several == n, "an image is partner of two others: partners are an order of the batch, each is one once")
    images = np.broadcast_to(np.arange(n, dtype=np.uint8).reshape(-1, 1, 1, 1), (n, 6, 7, 1)).copy()
    soft = rng.dirichlet(np.ones(4), size=n)
    result, targets = pair_of(student, student.unrecorded(student.cutmix, images, soft, 4, generator))
    areas = np.stack([(result[..., 0] == m).mean(axis=(1, 2)) for m in range(n)], axis=1)
    fits = targets.shape == (n, 4) and bool(np.allclose(targets, areas @ soft, atol=1e-6))
    student.record([list(targets.shape), fits])
    expect(fits, "labels that are probabilities already are not weighed by area as they are")


@hidden("cutmix")
def draws_and_arguments_of_cutmix(student, rng):
    """alpha; the same for a seed; a single image; images and labels are left as they are"""
    _, _, foreign = pasted(student, rng, 80, 11, 11, 1e4)
    high, wide = (foreign.any(axis=axis).sum(axis=1) for axis in (2, 1))
    met = foreign.any(axis=(1, 2))  # all but those that are their own partner
    largest = [int(high.max()), int(wide.max())]
    smallest = int(min(high[met].min(), wide[met].min())) if met.any() else 0
    student.record([largest if min(largest) > 4 and max(largest) < 9 else "other", smallest >= 4])
    # lambda is a half: 11 * sqrt(0.5) = 7.8 rows and columns, four of them at an edge.
    expect(largest == [8, 8], "with a large alpha the sides should be H and W times the root of a half, rounded")
    begins = [centre - 4 for centre in range(11)]
    frames = {(max(begin, 0), min(begin + 7, 10)) for begin in begins}
    found = {(int(np.flatnonzero(rows)[0]), int(np.flatnonzero(rows)[-1])) for rows in foreign[met].any(axis=2)}
    student.record(largest == [8, 8] and found <= frames)
    expect(smallest >= 4, "with a large alpha lambda is near a half for every image: some windows are too small")
    expect(found <= frames, "a window of h rows does not begin at i - h // 2 for a centre i of the image")
    images, labels = pictures(rng, 16, 5, 6), rng.integers(0, 4, 16)
    expect_draws(student, rng, lambda g: pair_of(student, student.unrecorded(student.cutmix, images, labels, 4, g)))
    for n, kind in ((16, labels), (16, np.eye(4)[labels]), (1, labels[:1])):
        call = lambda kept, also: student.unrecorded(student.cutmix, kept, also, 4, student.generator(seed(rng)))  # noqa: E731
        result, targets = pair_of(student, expect_unchanged(student, images[:n], call, kind))
        expect_images(result, (n, 5, 6, 3))
        student.record(bool(np.allclose(targets.sum(axis=1), 1)))
        expect(np.allclose(targets.sum(axis=1), 1), "the shares in a target do not add up to 1")
