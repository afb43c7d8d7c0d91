"""Hidden tests of flips, crops and scale jitter."""

import numpy as np

from autograder.hidden.augmentation.pictures import (
    expect_draws,
    expect_even,
    expect_images,
    expect_same_images,
    expect_unchanged,
    pictures,
    seed,
    share_in_words,
)
from autograder.oracles import augmentation as oracles
from autograder.testing import expect, hidden

# Flips ----------------------------------------------------------------------------------------------------------------


def flipped(student, images, generator, *p):
    """The result, and for each image in a word what happened to it; only a summary is noted."""
    found = student.unrecorded(student.random_flip, images, generator, *p)
    student.record([list(np.shape(found)), str(np.asarray(found).dtype)])
    expect_images(found, images.shape)
    turns = {
        "as it was": images,
        "mirrored": images[:, :, ::-1],
        "upside down": images[:, ::-1],
        "turned": images[:, ::-1, ::-1],
        "channels": images[..., ::-1],
    }
    words = ["other"] * len(images)
    for word, turned in turns.items():
        for n in np.flatnonzero((found == turned).all(axis=(1, 2, 3))):
            words[n] = word if words[n] == "other" else words[n]
    return found, words


@hidden("random_flip", weight=3)
def mirrored_or_not(student, rng):
    """each image comes back as it was or mirrored, and both occur"""
    images = pictures(rng, 60, 5, 7)
    _, words = flipped(student, images, student.generator(seed(rng)))
    student.record(sorted(set(words)))
    expect(set(words) <= {"as it was", "mirrored"}, "an image is neither as it was nor its mirror image, left to right")
    expect("mirrored" in words, "no image of sixty is mirrored")
    expect("as it was" in words, "every image is mirrored; each has a draw of its own")


@hidden("random_flip", weight=2)
def share_of_mirrored(student, rng):
    """the share of mirrored images, for p below and above a half"""
    shares = {}
    for p in (0.2, 0.85):
        _, words = flipped(student, pictures(rng, 700, 2, 4), student.generator(seed(rng)), p)
        shares[p] = words.count("mirrored") / len(words)
        student.record(share_in_words(shares[p], p))
    for p, share in shares.items():
        expect(abs(share - p) < 0.11, "the share of mirrored images is not p")


@hidden("random_flip", weight=2)
def a_coin_for_each_image(student, rng):
    """whether an image is mirrored does not depend on its place in the batch or on the others"""
    images, generator = pictures(rng, 12, 2, 4), student.generator(seed(rng))
    calls = [student.unrecorded(student.random_flip, images, generator) for _ in range(60)]
    for found in calls:
        expect_images(found, images.shape)
    mirrored = (np.stack(calls) == images[:, :, ::-1]).all(axis=(2, 3, 4))
    shares = mirrored.mean(axis=0)
    tied = [float(np.mean(mirrored[:, 0] == mirrored[:, other])) for other in range(1, 12)]
    counts = set(mirrored.sum(axis=1).tolist())
    free = shares.min() > 0.08 and shares.max() < 0.92 and min(tied) > 0.08 and max(tied) < 0.92
    student.record([len(counts) > 1, bool(shares.min() > 0.08 and shares.max() < 0.92), bool(free)])
    expect(len(counts) > 1, "every batch has the same number of mirrored images; each image has a draw of its own")
    expect(free, "whether an image is mirrored follows from its place in the batch; each has a draw of its own")
    alone = [student.unrecorded(student.random_flip, images[:1], generator) for _ in range(40)]
    both = len({np.asarray(found).tobytes() for found in alone}) == 2
    student.record(both)
    expect(both, "a single image is always mirrored, or never, with p = 0.5")


@hidden("random_flip")
def ends_of_p(student, rng):
    """p = 0 and p = 1, a single image, one channel"""
    for n, channels in ((6, 3), (1, 3), (4, 1)):
        images = pictures(rng, n, 4, 6, channels)
        for p, wanted in ((0.0, "as it was"), (1.0, "mirrored")):
            _, words = flipped(student, images, student.generator(seed(rng)), p)
            student.record(sorted(set(words)))
            expect(set(words) == {wanted}, "with p = 0 no image is mirrored, with p = 1 every one")


@hidden("random_flip")
def draws_of_flips(student, rng):
    """new draws at each call, the same for a seed"""
    images = pictures(rng, 64, 2, 5)
    expect_draws(student, rng, lambda generator: flipped(student, images, generator)[0])


@hidden("random_flip")
def flips_leave_the_batch_alone(student, rng):
    """the batch passed in is left as it is"""
    images = pictures(rng, 30, 3, 5)
    call = lambda kept: student.unrecorded(student.random_flip, kept, student.generator(seed(rng)))  # noqa: E731
    found = expect_unchanged(student, images, call)
    expect_images(found, images.shape)
    either = [
        np.array_equal(one, image) or np.array_equal(one, image[:, ::-1])
        for image, one in zip(images, found, strict=True)
    ]
    student.record([all(either), bool(np.array_equal(found, images))])
    expect(
        all(either) and not np.array_equal(found, images),
        "images are to come back mirrored or as they were, about half of each",
    )


# Crops ----------------------------------------------------------------------------------------------------------------


NOT_MOVED = "every image comes back as it was, whatever the padding"


def cropped(student, images, pad, generator):
    found = student.unrecorded(student.random_crop, images, pad, generator)
    student.record([list(np.shape(found)), str(np.asarray(found).dtype)])
    expect_images(found, images.shape)
    return found


@hidden("random_crop", weight=3)
def windows_of_the_padded_image(student, rng):
    """every result is a window of its image, its edge repeated"""
    pad, images = 2, pictures(rng, 24, 5, 7)
    found = cropped(student, images, pad, student.generator(seed(rng)))
    right = []
    for image, window in zip(images, found, strict=True):
        right.append(any(np.array_equal(window, each) for each in oracles.crop_places(image, pad).values()))
    student.record([all(right), _rim(images, found)])
    expect(all(right), "a result is not a window of its image padded by repeating the edge")
    expect(not np.array_equal(found, images), NOT_MOVED)


def _rim(images, found):
    """What stands where the padding is seen, in a word."""
    black = bool((found == 0).all(axis=(2, 3)).any() or (found == 0).all(axis=(1, 3)).any())
    rolled = all(
        any(np.array_equal(window, np.roll(image, (i, j), axis=(0, 1))) for i in range(-2, 3) for j in range(-2, 3))
        for image, window in zip(images[:6], found[:6], strict=True)
    )
    same = all(np.array_equal(image, window) for image, window in zip(images, found, strict=True))
    return "as they were" if same else "black" if black else "rolled" if rolled else "other"


def offsets(student, rng, n, pad, generator=None):
    """How far down and right each window lies, read off at the middle of images that hold their own coordinates."""
    height, width = 2 * pad + 3, 2 * pad + 5
    rows, columns = np.mgrid[:height, :width].astype(np.uint8)
    images = np.repeat(np.stack([rows, columns], axis=2)[np.newaxis], n, axis=0)
    generator = student.generator(seed(rng)) if generator is None else generator
    found = cropped(student, images, pad, generator)
    middle = height // 2, width // 2
    return found[:, middle[0], middle[1]].astype(int) - middle


@hidden("random_crop", weight=3)
def all_windows_alike(student, rng):
    """every window is equally likely, up and down, left and right"""
    for pad in (2, 1):
        expect_all_windows(student, offsets(student, rng, 700, pad), pad)


def expect_all_windows(student, places, pad):
    """Rows and columns of the windows (n, 2) fill -pad to pad evenly, and are drawn apart."""
    wanted = range(-pad, pad + 1)
    student.record([[step for step in wanted if np.any(places[:, axis] == step)] for axis in (0, 1)])
    student.record([bool(np.all(places == places[0])), bool(np.all(places[:, 0] == places[:, 1]))])
    student.record([[round(float(np.mean(places[:, axis] == step)), 1) for step in wanted] for axis in (0, 1)])
    expect(not np.all(places == places[0]), "all images of the batch have the same window; draw one for each")
    for axis in (0, 1):
        expect_even(places[:, axis], wanted, "some windows are more likely than others, or never drawn")
    joint = places[:, 0] * 10 + places[:, 1]
    expect(
        len(np.unique(joint)) == (2 * pad + 1) ** 2, "rows and columns are not drawn apart: some windows never occur"
    )


@hidden("random_crop")
def without_padding(student, rng):
    """without padding nothing moves; a single image; one channel"""
    moved = 0
    for n, channels, pad in ((5, 3, 0), (1, 3, 1), (3, 1, 1), (4, 3, 4)):
        images = pictures(rng, n, 4, 3, channels)
        found = cropped(student, images, pad, student.generator(seed(rng)))
        right = [
            any(np.array_equal(window, each) for each in oracles.crop_places(image, pad).values())
            for image, window in zip(images, found, strict=True)
        ]
        student.record(right)
        expect(all(right), "a result is not a window of its image padded by repeating the edge")
        moved += not np.array_equal(found, images)
    expect(moved, NOT_MOVED)


@hidden("random_crop")
def draws_of_crops(student, rng):
    """new draws at each call, the same for a seed"""
    expect_draws(student, rng, lambda generator: offsets(student, rng, 40, 2, generator))


@hidden("random_crop")
def crops_leave_the_batch_alone(student, rng):
    """the batch passed in is left as it is"""
    images = pictures(rng, 20, 5, 4)
    call = lambda kept: student.unrecorded(student.random_crop, kept, 2, student.generator(seed(rng)))  # noqa: E731
    found = expect_unchanged(student, images, call)
    expect_images(found, images.shape)
    places = zip(images, found, strict=True)
    right = all(
        any(np.array_equal(one, each) for each in oracles.crop_places(image, 2).values()) for image, one in places
    )
    student.record([right, _rim(images, found)])
    expect(right, "a result is not a window of its image padded by repeating the edge")
    expect(not np.array_equal(found, images), NOT_MOVED)


# Scale jitter ---------------------------------------------------------------------------------------------------------

SIZE = 12


def jittered(student, rng, n, height, width, low, high, generator=None):
    """(shorter side, longer side, top, left) of each square, from images whose values grow steadily."""
    rows, columns = np.mgrid[:height, :width]
    steep = 250 // max(height, width)
    image = (np.stack([rows, columns], axis=2) * steep + 2).astype(np.uint8)
    images = np.repeat(image[np.newaxis], n, axis=0)
    generator = student.generator(seed(rng)) if generator is None else generator
    found = student.unrecorded(student.scale_jitter, images, low, high, SIZE, generator)
    expect_images(found, (n, SIZE, SIZE, 2))
    values = (found.astype(float) - 2) / steep
    inner = slice(2, SIZE - 2)
    down, across = values[:, inner, inner, 0].mean(axis=2), values[:, inner, inner, 1].mean(axis=1)
    slopes = [np.polyfit(np.arange(SIZE - 4), line.T, 1) for line in (down, across)]
    sides = [size / np.maximum(slope[0], 1e-3) for size, slope in zip((height, width), slopes, strict=True)]
    starts = [(slope[1] + 0.5) / np.maximum(slope[0], 1e-3) - 0.5 - 2 for slope in slopes]
    return np.array(sides), np.array(starts)


@hidden("scale_jitter", weight=2)
def scales(student, rng):
    """scales fill the range, proportions are kept, each image has its own"""
    low, high = 16, 28
    for height, width in ((20, 26), (24, 18)):
        generator = student.generator(seed(rng))
        calls = [jittered(student, rng, 15, height, width, low, high, generator)[0] for _ in range(4)]
        sides = np.concatenate(calls, axis=1)
        shorter = sides[0] if height < width else sides[1]
        ratio = sides[1] / sides[0] / (width / height)
        alike = all(bool(np.ptp(call, axis=1).max() < 1.0) for call in calls)
        student.record(
            [
                alike,
                bool(np.ptp(shorter) < 1.0),
                *([] if alike else [round(float(shorter.min()) / 4), round(float(shorter.max()) / 4)]),
                bool(np.all(abs(ratio - 1) < 0.1)),
            ]
        )
        expect(not alike, "all images have the same scale; draw one for each")
        expect(np.all(abs(ratio - 1) < 0.1), "proportions are not kept: height and width need the same factor")
        expect(shorter.min() > low - 1 and shorter.max() < high + 1.5, "a shorter side lies outside of low to high")
        expect(shorter.min() < low + 4 and shorter.max() > high - 4, "scales do not fill the range from low to high")


@hidden("scale_jitter", weight=2)
def places_of_squares(student, rng):
    """squares lie anywhere in the resized image"""
    sides, starts = jittered(student, rng, 80, 20, 26, 24, 24)
    room = np.round(sides) - SIZE
    shares = starts / room
    student.record([round(float(value), 1) for axis in (0, 1) for value in (shares[axis].min(), shares[axis].max())])
    apart = bool(np.ptp(shares[0] - shares[1]) > 0.3)
    student.record(apart)
    for axis in (0, 1):
        expect(shares[axis].min() < 0.25 and shares[axis].max() > 0.75, "some places where the square fits never occur")
        expect(shares[axis].min() > -0.1 and shares[axis].max() < 1.1, "a square lies outside of the image")
    expect(apart, "rows and columns of the square are not drawn apart")


@hidden("scale_jitter", weight=2)
def windows_of_the_resized_image(student, rng):
    """every square is a window of the image in its new size, longer side rounded; first and last places occur"""
    image, size = pictures(rng, 1, 5, 8)[0], 6
    known = {}
    for side, longer in ((6, 10), (7, 11)):
        resized = oracles.resized(image, side, longer)
        for i in range(side - size + 1):
            known |= {(side, i, j): resized[i : i + size, j : j + size] for j in range(longer - size + 1)}
    for low, high, n in ((6, 6, 75), (6, 7, 30)):
        batch, generator = np.repeat(image[np.newaxis], n, axis=0), student.generator(seed(rng))
        found = student.unrecorded(student.scale_jitter, batch, low, high, size, generator)
        expect_images(found, (n, size, size, 3))
        seen = {_window_of(square, known) for square in np.asarray(found, float)}
        sides, columns = {side for side, _, _ in seen}, {j for side, _, j in seen if side == 6}
        student.record([0 in sides, sorted(sides), {0, 4} <= columns if low == high else 0])
        expect(0 not in sides, "a square is no window of the resized image: which size has it, rounded how?")
        expect(sides == set(range(low, high + 1)), "both ends of the range, low and high, should occur as shorter side")
        expect(low < high or {0, 4} <= columns, "the square never lies at the first, or never at the last place")


def _window_of(square, known):
    """Which of the known windows a square is, up to rounding; zeros for none."""
    return next((name for name, window in known.items() if np.all(np.abs(square - window) < 1)), (0, 0, 0))


@hidden("scale_jitter")
def draws_of_scales(student, rng):
    """new draws at each call, the same for a seed; a single image; the batch is left as it is"""
    images = pictures(rng, 8, 14, 15)
    generator_call = lambda generator: student.unrecorded(student.scale_jitter, images, 14, 20, 8, generator)  # noqa: E731
    expect_draws(student, rng, generator_call)
    for each in (images, images[:1]):
        call = lambda kept: student.unrecorded(student.scale_jitter, kept, 14, 20, 14, student.generator(seed(rng)))  # noqa: E731
        expect_images(expect_unchanged(student, each, call), (len(each), 14, 14, 3))
    whole = student.scale_jitter(images, 14, 14, 14, student.generator(seed(rng)))
    wanted = [
        np.array_equal(square[:, 0], image[:, 0]) or np.array_equal(square[:, 0], image[:, 1])
        for square, image in zip(np.asarray(whole), images, strict=True)
    ]
    expect_same_images(np.array(wanted, np.uint8), np.ones(8, np.uint8), "at its own size an image is not just cropped")
