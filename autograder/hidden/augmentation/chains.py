"""Hidden tests of policies, of Compose and of the ten crops."""

from collections import Counter

import numpy as np

from autograder.byvalue import Handle
from autograder.hidden.augmentation.pictures import (
    expect_draws,
    expect_images,
    expect_same_images,
    expect_unchanged,
    pictures,
    seed,
)
from autograder.oracles import augmentation as oracles
from autograder.testing import expect, expect_close, expect_equal, expect_shape, hidden

# Policies: what happened to an image is read off its pixels -----------------------------------------------------------


def add(images, level, rng):
    """Adds the level."""
    return images + np.uint8(level)


def double(images, level, rng):
    """Twice the pixels, whatever the level."""
    return images * np.uint8(2)


OPERATIONS = {"add": add, "double": double}


def applied(student, rng, n, policy, start=3, operations=OPERATIONS, generator=None):
    """The value of each image (they are plain, and start from `start`) after the policy."""
    images = np.full((n, 2, 3, 1), start, dtype=np.uint8)
    generator = student.generator(seed(rng)) if generator is None else generator
    found = student.unrecorded(student.apply_policy, images, policy, operations, generator)
    student.record([list(np.shape(found)), str(np.asarray(found).dtype)])
    expect_images(found, images.shape)
    flat = np.asarray(found).reshape(n, -1)
    expect(np.all(flat == flat[:, :1]), "the pixels of an image were treated differently")
    return flat[:, 0].astype(int)


def in_batches(student, rng, batches, n, policy):
    """The values after several calls with one generator, and whether the images of each batch came out alike."""
    generator = student.generator(seed(rng))
    values = [applied(student, rng, n, policy, generator=generator) for _ in range(batches)]
    return np.concatenate(values), all(bool(np.all(each == each[0])) for each in values)


def certain(*names):
    return [(name, 1.0, 1) for name in names]


@hidden("apply_policy", weight=3)
def order_of_operations(student, rng):
    """operations follow in their order, each on the result of the one before"""
    for names, wanted in ((("add", "double"), 8), (("double", "add"), 7), (("add", "double", "add"), 9), ((), 3)):
        values = applied(student, rng, 6, [certain(*names)])
        student.record(sorted(set(values.tolist())))
        expect(
            np.all(values == wanted),
            "the operations of a sub-policy are not all carried out one after the other, in order",
        )


@hidden("apply_policy", weight=3)
def probabilities(student, rng):
    """each operation has its own probability and its own draw, for each image"""
    outcomes = {3: "none", 4: "first", 6: "second", 8: "both"}
    values, alike = in_batches(student, rng, 8, 30, [[("add", 0.35, 1), ("double", 0.75, 1)]])
    seen, n = Counter(outcomes.get(value, "other") for value in values.tolist()), len(values)
    first, second = (seen["first"] + seen["both"]) / n, (seen["second"] + seen["both"]) / n
    student.record([alike, len(seen) > 1, *([] if alike else [sorted(seen), round(first * 5), round(second * 5)])])
    expect(set(seen) <= set(outcomes.values()), "something else than the operations happened to an image")
    expect(not alike, "the same happened to all images of the batch; each has its own draws")
    expect(
        abs(first - 0.35) < 0.2 and abs(second - 0.75) < 0.19, "an operation does not happen with its own probability"
    )
    expect(
        abs(seen["both"] / n - 0.2625) < 0.19 and len(seen) == 4,
        "the operations share a draw; each has its own",
    )
    never = applied(student, rng, 20, [[("add", 0.0, 1), ("double", 1.0, 1)]])
    student.record(sorted(set(never.tolist())))
    expect(np.all(never == 6), "an operation with probability 0 happened, or one with probability 1 did not")


@hidden("apply_policy", weight=2)
def choice_of_sub_policies(student, rng):
    """each image has a sub-policy of its own, all equally likely"""
    policy = [[("add", 1.0, level)] for level in (10, 20, 30, 40)]
    values, alike = in_batches(student, rng, 6, 40, policy)
    seen = Counter((values - 3).tolist())
    words = sorted(seen) if len(seen) == 1 else "some" if set(seen) <= {10, 20, 30, 40} else "others"
    never = [level for level in (10, 20, 30, 40) if not seen[level] and not alike]
    student.record([alike, words, never])
    expect(set(seen) <= {10, 20, 30, 40}, "an image did not get one sub-policy, with its level")
    expect(not alike, "all images of the batch have the same sub-policy; each has its own")
    expect(
        all(abs(seen[level] / 240 - 0.25) < 0.2 and seen[level] > 0 for level in (10, 20, 30, 40)),
        "sub-policies are not equally likely",
    )
    share = float(np.mean(applied(student, rng, 700, [[], certain("add"), []]) == 4))
    student.record(round(share * 8) if not alike else "alike")
    expect(abs(share - 1 / 3) < 0.116, "sub-policies are not equally likely")  # six and a half standard errors


@hidden("apply_policy", weight=2)
def sub_policies_are_drawn(student, rng):
    """which sub-policy an image has does not follow from its place in the batch"""
    policy, generator = [certain("add"), []], student.generator(seed(rng))
    images = np.full((6, 1, 2, 1), 3, np.uint8)
    calls = [student.unrecorded(student.apply_policy, images, policy, OPERATIONS, generator) for _ in range(40)]
    for found in calls:
        expect_images(found, images.shape)
    added = np.stack(calls)[..., 0, 0, 0] == 4
    fixed = bool(np.any(added.all(axis=0) | ~added.any(axis=0)))
    same = (added[:, :1] == added[:, 1:]).mean(axis=0)
    tied = bool(np.any((same == 0) | (same == 1)))
    student.record([fixed, tied])
    expect(not fixed, "an image at the same place of the batch always has the same sub-policy; draw one for each")
    expect(not tied, "the sub-policy of an image follows from that of another; draw one for each")


@hidden("apply_policy")
def coins_apart_from_the_choice(student, rng):
    """whether an operation happens does not follow from the draw of the sub-policy"""
    values = applied(student, rng, 120, [[("add", 0.5, 10)], [("add", 0.5, 20)]])
    seen = sorted(set(values.tolist()))
    student.record(seen)
    expect(seen == [3, 13, 23], "with two sub-policies of one operation each, not everything that can happen does")


@hidden("apply_policy")
def what_operations_get(student, rng):
    """operations get images, their level and the generator"""
    got, drawn = [], []

    def watch(images, level, rng):
        images = np.asarray(images)
        got.append(
            [images.ndim, images.dtype == np.uint8, images.shape[1:] == (2, 3, 1), level, isinstance(rng, Handle)]
        )
        return images

    applied(student, rng, 5, [[("watch", 1.0, 7)]], operations={"watch": watch})
    student.record([got[0]] if got else [])

    def draw(images, level, rng):
        drawn.append(float(student.unrecorded(rng.random)) if isinstance(rng, Handle) else -1.0)
        return images

    number = seed(rng)
    for _ in range(2):
        applied(student, rng, 3, [[("draw", 1.0, 7)]], operations={"draw": draw}, generator=student.generator(number))
    seeded = -1.0 not in drawn and drawn[: len(drawn) // 2] == drawn[len(drawn) // 2 :]
    student.record([len(drawn) > 0, seeded])
    expect(got, "the operation was never called")
    expect(all(call[0] == 4 and call[1] and call[2] for call in got), "an operation takes a batch: (n, H, W, C) uint8")
    expect(all(call[3] == 7 for call in got), "an operation did not get its level")
    expect(all(call[4] for call in got), "an operation did not get the generator")
    expect(seeded, "operations did not draw from the generator that was passed in: a seed does not give the same again")


@hidden("apply_policy")
def draws_of_policies(student, rng):
    """new draws at each call, the same for a seed; a single image; the batch is left as it is"""
    policy = [[("add", 0.5, 5), ("double", 0.5, 1)], [("add", 0.5, 50)]]
    expect_draws(student, rng, lambda generator: applied(student, rng, 40, policy, generator=generator))
    for n in (1, 12):
        images = pictures(rng, n, 3, 4, 3, 0, 60)
        generator = student.generator(seed(rng))
        call = lambda kept, g=generator: student.unrecorded(student.apply_policy, kept, [certain("add")], OPERATIONS, g)  # noqa: E731
        expect_same_images(
            expect_unchanged(student, images, call), images + np.uint8(1), "a certain operation did not happen"
        )


# Compose --------------------------------------------------------------------------------------------------------------


def composed(student, transforms, images, labels, generator):
    """(images, labels) of a Compose of the grader's transforms."""
    found = student.Compose(transforms)(images, labels, generator)
    two = isinstance(found, (tuple, list)) and len(found) == 2
    expect(two, "two things must come back: (images, labels)")
    return found


def plus(step):
    return lambda images, labels, rng: (images + np.uint8(step), labels)


def times(factor):
    return lambda images, labels, rng: (images * np.uint8(factor), labels)


@hidden("Compose", weight=3)
def in_their_order(student, rng):
    """transforms follow in the order of the list, each on what came before"""
    images, labels = pictures(rng, 4, 2, 3, 1, 1, 20), rng.integers(0, 5, 4)
    for transforms, exact in (
        ([plus(1), times(3)], (images + 1) * 3),
        ([times(3), plus(1), plus(2)], images * 3 + 3),
        ([plus(4)], images + 4),
    ):
        found, kept = composed(student, transforms, images, labels, student.generator(1))
        expect_same_images(found, exact.astype(np.uint8), "the images are not what the chain makes of them")
        expect_equal(kept, labels, "labels")


@hidden("Compose", weight=2)
def labels_are_carried(student, rng):
    """labels that a transform changes reach the next transform and come back"""
    images, labels = pictures(rng, 4, 2, 3, 1), rng.integers(0, 5, 4)

    def soften(images, labels, rng):
        return images, np.eye(5)[np.asarray(labels)]

    def halve(images, labels, rng):
        return images, np.asarray(labels) / 2

    found, targets = composed(student, [soften, halve, plus(0)], images, labels, student.generator(1))
    expect_same_images(found, images, "the images are not what the chain makes of them")
    expect_shape(targets, (4, 5), "labels")
    expect_close(targets, np.eye(5)[labels] / 2, what="labels")


@hidden("Compose", weight=2)
def one_generator_for_all(student, rng):
    """all transforms draw from the generator that came in"""
    number, drawn = seed(rng), []

    def draw(images, labels, rng):
        drawn.append(float(rng.random()) if isinstance(rng, Handle) else -1.0)
        return images, labels

    images, labels = pictures(rng, 2, 2, 2, 1), np.array([0, 1])
    composed(student, [draw, draw, draw], images, labels, student.generator(number))
    student.record([round(value, 9) for value in drawn])
    expect(-1.0 not in drawn and len(drawn) == 3, "a transform did not get the generator")
    expect_close(np.array(drawn), np.random.default_rng(number).random(3), what="the numbers drawn by three transforms")


@hidden("Compose")
def empty_nested_and_used_again(student, rng):
    """an empty list, a Compose within a Compose, the same one called twice"""
    images, labels = pictures(rng, 3, 2, 2, 1, 1, 20), np.array([2, 0, 1])
    found, kept = composed(student, [], images, labels, student.generator(1))
    expect_same_images(found, images, "an empty chain changes the images")
    expect_equal(kept, labels, "labels")
    inner = student.Compose([plus(1), times(2)])
    outer = student.Compose([inner, plus(3)])
    for _ in range(2):
        both = outer(images, labels, student.generator(1))
        expect(isinstance(both, (tuple, list)) and len(both) == 2, "two things must come back: (images, labels)")
        expect_same_images(
            both[0], ((images + 1) * 2 + 3).astype(np.uint8), "a chain within a chain, or a second call, goes wrong"
        )


# Ten crops ------------------------------------------------------------------------------------------------------------


class Scorer:
    """Scores of the grader's, linear in the pixels, and a record of the crops that were asked for."""

    def __init__(self, rng, size, channels, classes, scale=2.0):
        self.W = scale * rng.normal(size=(size * size * channels, classes)) / np.sqrt(size * size * channels)
        self.asked = Counter()
        self.shapes, self.kinds = set(), set()

    def __call__(self, crops):
        """(n, size, size, C) → (n, classes)."""
        crops = np.asarray(crops)
        self.shapes.add(crops.shape[1:])
        self.kinds.add(str(crops.dtype))
        for crop in crops:
            self.asked[crop.astype(np.uint8).tobytes()] += 1
        flat = crops.reshape(len(crops), -1).astype(float)
        return (flat / 64 - 2) @ self.W if flat.shape[1] == len(self.W) else np.zeros((len(crops), self.W.shape[1]))


@hidden("ten_crop_predict", weight=3)
def which_crops(student, rng):
    """the ten crops of each image are looked at"""
    for n, height, width, size in ((3, 8, 12, 6), (3, 9, 8, 4), (2, 9, 6, 5)):
        images, scores = pictures(rng, n, height, width), Scorer(rng, size, 3, 4)
        student.unrecorded(student.ten_crop_predict, scores, images, size)
        wanted = Counter(crop.tobytes() for image in images for crop in oracles.ten_crops(image, size))
        known = {
            name: sum(crop.tobytes() in scores.asked for image in images for crop in crops(image, size))
            for name, crops in PLACES.items()
        }
        student.record([scores.shapes == {(size, size, 3)}, sum(scores.asked.values()), known, sorted(scores.kinds)])
        expect(scores.shapes == {(size, size, 3)}, "a crop has another shape than (size, size, C)")
        expect(scores.kinds == {"uint8"}, "scores was called with another kind of numbers than uint8")
        if (
            width - size
        ) % 2:  # the centre of the mirrored image lies a column beside the mirrored centre: both will do
            wanted = Counter(crop.tobytes() for image in images for crop in oracles.ten_crops(image, size)[::2])
        else:
            expect(not scores.asked - wanted, "something was looked at that is none of the ten crops")
        expect(not wanted - scores.asked, "some of the ten crops were not looked at")


PLACES = {
    "ours": oracles.ten_crops,
    "upside down": lambda image, size: [crop[::-1] for crop in oracles.ten_crops(image, size)],
}


@hidden("ten_crop_predict", weight=3)
def mean_of_probabilities(student, rng):
    """the mean of the probabilities"""
    for n, height, width, size, classes in ((4, 8, 10, 6, 5), (1, 9, 8, 4, 3)):
        images, scores = pictures(rng, n, height, width), Scorer(rng, size, 3, classes, 5.0)
        found = student.ten_crop_predict(scores, images, size)
        expect_close(found, oracles.ten_crop_probabilities(scores, images, size), 1e-6, 1e-7, what="the probabilities")


@hidden("ten_crop_predict")
def large_scores_and_small_rooms(student, rng):
    """scores in the thousands; images as large as a crop; one channel; the batch is left as it is"""
    for height, width, channels, scale in ((6, 8, 3, 900.0), (5, 5, 1, 2.0), (5, 7, 1, 2.0)):
        size = min(height, width) - (2 if scale > 100 else 0)
        images, scores = pictures(rng, 3, height, width, channels), Scorer(rng, size, channels, 4, scale)
        found = expect_unchanged(student, images, lambda kept, f=scores, s=size: student.ten_crop_predict(f, kept, s))
        expect_close(found, oracles.ten_crop_probabilities(scores, images, size), 1e-6, 1e-7, what="the probabilities")
