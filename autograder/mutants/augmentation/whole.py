"""Compose and ten crops: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import named
from autograder.testing import alternative, mutant

# Compose --------------------------------------------------------------------------------------------------------------


@alternative("Compose", "by recursion")
class Recursive:
    """The first transform, then the rest."""

    def __init__(self, transforms):
        self.transforms = tuple(transforms)

    def __call__(self, images, labels, rng):
        if not self.transforms:
            return images, labels
        first, *rest = self.transforms
        return Recursive(rest)(*first(images, labels, rng), rng)


@alternative("Compose", "with one variable for the pair")
class Pair:
    """The pair as it is so far."""

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, images, labels, rng):
        pair = images, labels
        for number in range(len(self.transforms)):
            pair = self.transforms[number](*pair, rng)
        return tuple(pair)


def _compose(name, sentence, call):
    """A Compose whose call is `call(transforms, images, labels, rng)`."""

    def keep(self, transforms):
        self.transforms = list(transforms)

    def run(self, images, labels, rng):
        return call(self.transforms, images, labels, rng)

    mutant("Compose", sentence)(type(name, (), {"__init__": keep, "__call__": run}))


def _run(transforms, images, labels, rng, keep_labels=False, keep_images=False, hand=lambda rng: rng):
    now, targets = images, labels
    for transform in transforms:
        now, new = transform(images if keep_images else now, targets, hand(rng))
        targets = labels if keep_labels else new
    return now, targets


_compose(
    "reversed_list",
    "The transforms are carried out in the opposite order.",
    lambda ts, x, y, rng: _run(ts[::-1], x, y, rng),
)
_compose(
    "labels_dropped",
    "Only the images come back: return the labels as well.",
    lambda ts, x, y, rng: _run(ts, x, y, rng)[0],
)
_compose(
    "first_labels",
    "The labels that came in are returned: a transform may have changed them.",
    lambda ts, x, y, rng: _run(ts, x, y, rng, keep_labels=True),
)
_compose(
    "images_of_the_start",
    "Every transform gets the original images: go on from what the one before returned.",
    lambda ts, x, y, rng: _run(ts, x, y, rng, keep_images=True),
)
_compose(
    "returned_too_early",
    "Only the first transform is carried out: the return stands inside of the loop.",
    lambda ts, x, y, rng: _run(ts[:1], x, y, rng),
)
_compose("only_the_last", "Only the last transform is carried out.", lambda ts, x, y, rng: _run(ts[-1:], x, y, rng))
_compose("exchanged_pair", "Images and labels come back exchanged.", lambda ts, x, y, rng: _run(ts, x, y, rng)[::-1])
_compose(
    "fresh_generators",
    "Each transform gets a new generator: they then all draw the same. Pass on the one that came in.",
    lambda ts, x, y, rng: _run(ts, x, y, rng, hand=lambda _: np.random.default_rng(0)),
)
_compose(
    "no_generator",
    "The transforms do not get the generator.",
    lambda ts, x, y, rng: _run(ts, x, y, rng, hand=lambda _: None),
)
_compose(
    "nothing_for_an_empty_list",
    "With no transforms nothing comes back: return what came in.",
    lambda ts, x, y, rng: _run(ts, x, y, rng) if ts else None,
)


@mutant("Compose", "The list is used up by the first call: a second one does nothing.")
class UsedUp:
    """Takes transforms off its list."""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, images, labels, rng):
        while self.transforms:
            images, labels = self.transforms.pop(0)(images, labels, rng)
        return images, labels


# Ten crops ------------------------------------------------------------------------------------------------------------


def _softmax(scores, axis=1):
    scores = np.asarray(scores, float)
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _places(images, size):
    rows, columns = images.shape[1] - size, images.shape[2] - size
    return [(0, 0), (0, columns), (rows, 0), (rows, columns), (rows // 2, columns // 2)]


def _crops(images, size, places=_places, mirror=lambda crop: crop[:, :, ::-1]):
    found = [images[:, i : i + size, j : j + size] for i, j in places(images, size)]
    return found + [mirror(crop) for crop in found] if mirror else found


@alternative("ten_crop_predict", "one call for all crops")
def one_call(scores, images, size):
    crops = np.stack(_crops(images, size), axis=1)
    probabilities = _softmax(scores(crops.reshape(-1, *crops.shape[2:])))
    return probabilities.reshape(len(images), 10, -1).mean(axis=1)


@alternative("ten_crop_predict", "mirrored images, five crops each")
def mirrored_images(scores, images, size):
    total = 0.0
    for version in (images, np.flip(images, axis=2)):
        for crop in _crops(version, size, mirror=None):
            total = total + _softmax(scores(crop))
    return total / 10


def _mean_probabilities(answers):
    return np.mean([_softmax(each) for each in answers], axis=0)


def _ten(name, sentence, crops=_crops, average=_mean_probabilities):
    mutant("ten_crop_predict", sentence)(
        named(
            name,
            lambda scores, images, size: average([np.asarray(scores(crop), float) for crop in crops(images, size)]),
        )
    )


def _votes(answers):
    classes = answers[0].shape[1]
    return np.mean([np.eye(classes)[each.argmax(axis=1)] for each in answers], axis=0)


def _unstable(answers):
    with np.errstate(all="ignore"):
        return np.mean([np.exp(each) / np.exp(each).sum(axis=1, keepdims=True) for each in answers], axis=0)


def _top_left_centre(images, size):
    return [*_places(images, size)[:4], (images.shape[1] // 2 - size // 2 - 1 if images.shape[1] > size + 1 else 0, 0)]


def _square_places(images, size):
    room = images.shape[1] - size
    return [
        (i, min(j, images.shape[2] - size))
        for i, j in ((0, 0), (0, room), (room, 0), (room, room), (room // 2, room // 2))
    ]


_ten(
    "five_crops",
    "Only five crops are averaged: their mirror images belong to the ten.",
    lambda images, size: _crops(images, size, mirror=None),
)
_ten(
    "upside_down_crops",
    "The crops are turned upside down: mirror them from left to right.",
    lambda images, size: _crops(images, size, mirror=lambda crop: crop[:, ::-1]),
)
_ten(
    "no_centre",
    "The centre is missing: there are four corners and the centre.",
    lambda images, size: _crops(images, size, lambda im, s: _places(im, s)[:4]),
)
_ten(
    "centre_at_the_left",
    "The centre crop does not lie in the centre.",
    lambda images, size: _crops(images, size, _top_left_centre),
)
_ten(
    "centre_rounded_up",
    "Where it cannot lie in the middle, the centre crop begins a row or a column too late: halves are rounded down.",
    lambda images, size: _crops(
        images,
        size,
        lambda im, s: [*_places(im, s)[:4], ((im.shape[1] - s + 1) // 2, (im.shape[2] - s + 1) // 2)],
    ),
)
_ten(
    "crops_as_floats",
    "The crops are made floats before they are scored: scores takes uint8 pixels.",
    lambda images, size: [crop.astype(float) for crop in _crops(images, size)],
)
_ten(
    "places_by_the_height",
    "The columns of the places are computed from the height: that shows where images are not square.",
    lambda images, size: _crops(images, size, _square_places),
)
_ten(
    "softmax_of_the_mean",
    "The scores are averaged, and softmax comes last: average the probabilities.",
    average=lambda answers: _softmax(np.mean(answers, axis=0)),
)
_ten(
    "mean_scores",
    "These are mean scores, not probabilities: softmax is missing.",
    average=lambda answers: np.mean(answers, axis=0),
)
_ten("votes", "These are shares of votes: average the probabilities.", average=_votes)
_ten(
    "sums",
    "The probabilities are added up and not divided by ten.",
    average=lambda answers: 10 * np.mean([_softmax(each) for each in answers], axis=0),
)
_ten(
    "softmax_over_images",
    "softmax runs over the images of the batch: it belongs to each row of scores.",
    average=lambda answers: np.mean([_softmax(each, axis=0) for each in answers], axis=0),
)
_ten(
    "overflowing_softmax",
    "Large scores overflow: use the softmax of course_utils.nn, or subtract the largest score first.",
    average=_unstable,
)
_ten(
    "single_probability",
    "One row comes back for the whole batch: average over the crops only.",
    average=lambda answers: np.mean([_softmax(each).mean(axis=0) for each in answers], axis=0)[np.newaxis],
)
