"""Hidden tests of cutout."""

import numpy as np

from autograder.hidden.augmentation.pictures import (
    expect_draws,
    expect_even,
    expect_images,
    expect_pixels,
    expect_unchanged,
    pictures,
    seed,
)
from autograder.testing import expect, hidden

FILL = 128


def holes(student, rng, n, height, width, size, fill=None, generator=None, channels=3):
    """The rows and columns (first, last) of the covered square of each image: (n, 4); -1 where there is none."""
    images = pictures(rng, n, height, width, channels, 0, 100)
    generator = student.generator(seed(rng)) if generator is None else generator
    extra = () if fill is None else (fill,)
    found = student.unrecorded(student.cutout, images, size, generator, *extra)
    value = FILL if fill is None else fill
    student.record([list(np.shape(found)), str(np.asarray(found).dtype)])
    expect_images(found, images.shape)
    covered = (found == value).all(axis=3)
    rest = bool(np.all((found == images) | covered[..., np.newaxis]))
    frames = np.full((n, 4), -1)
    for number, hole in enumerate(covered):
        if hole.any():
            rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
            frames[number] = rows[0], rows[-1], columns[0], columns[-1]
    areas = covered.sum(axis=(1, 2))
    boxes = (frames[:, 1] - frames[:, 0] + 1) * (frames[:, 3] - frames[:, 2] + 1) * (frames[:, 0] >= 0)
    full = bool(np.all(areas == boxes))
    changed = found != images
    written = np.unique(found[changed])[:3].tolist()
    student.record(
        [rest, full, bool((areas == 0).any()), int(areas.max()), written, changed.any(axis=(0, 1, 2)).tolist()]
    )
    expect(rest, "a pixel is neither as it was nor covered by fill in all channels")
    expect(
        not (areas == 0).any(), "an image has no covered pixel: where does its square begin when it leaves the image?"
    )
    expect(full, "what is covered is not a rectangle")
    return frames


def centres(frames, height, width, size):
    """Row and column of the centre of each square of odd size, also of one that was cut off at one side."""
    half = size // 2
    rows = np.where(frames[:, 0] > 0, frames[:, 0] + half, frames[:, 1] - half)
    columns = np.where(frames[:, 2] > 0, frames[:, 2] + half, frames[:, 3] - half)
    return rows, columns


@hidden("cutout", weight=3)
def squares(student, rng):
    """one square of the right size in each image, cut off only at the edges"""
    height, width, size = 11, 15, 5
    frames = holes(student, rng, 150, height, width, size)
    high, wide = frames[:, 1] - frames[:, 0] + 1, frames[:, 3] - frames[:, 2] + 1
    free = (frames[:, 0] > 0) & (frames[:, 1] < height - 1) & (frames[:, 2] > 0) & (frames[:, 3] < width - 1)
    student.record([sorted(set(high.tolist())), sorted(set(wide.tolist()))])
    expect(np.all(high <= size) and np.all(wide <= size), "a square is larger than size")
    expect(np.all(high[free] == size) and np.all(wide[free] == size), "a square inside of the image is not size × size")
    expect(free.any() and not free.all(), "squares at the edges of the image are not cut off there: do not move them")


@hidden("cutout", weight=3)
def every_centre_alike(student, rng):
    """every pixel is the centre equally often, also at the edges"""
    height, width, size = 8, 10, 3
    frames = holes(student, rng, 700, height, width, size)
    rows, columns = centres(frames, height, width, size)
    alike = bool(np.all(frames == frames[0]))
    both = bool(np.all(rows == columns))
    student.record([alike, both, sorted(set(rows.tolist())), sorted(set(columns.tolist()))])
    expect(not alike, "all images of the batch have the same square; draw one for each")
    expect_even(rows, range(height), "some rows are the centre's more often than others, or never")
    expect_even(columns, range(width), "some columns are the centre's more often than others, or never")
    tied = float(np.mean(rows == columns % height))
    student.record(bool(tied > 0.5))
    expect(tied < 0.5, "row and column of the centre share a draw")


@hidden("cutout")
def rows_of_a_square(student, rng):
    """which rows and columns belong to a centre, for an even and an odd size; one channel"""
    height, width = 9, 7
    for size in (4, 3):
        frames = holes(student, rng, 250, height, width, size, channels=1)
        for axis, extent in ((0, height), (2, width)):
            begins = [centre - size // 2 for centre in range(extent)]
            wanted = {(max(begin, 0), min(begin + size, extent) - 1) for begin in begins}
            found = {(int(first), int(last)) for first, last in frames[:, axis : axis + 2]}
            student.record(sorted(found) if len(found) > 1 else "one")
            expect(
                found == wanted,
                "the squares do not cover i - size // 2 to i - size // 2 + size - 1 for the centres i of the image",
            )


@hidden("cutout")
def sizes_and_fills(student, rng):
    """other sizes and fills, an even size, a square larger than the image, a single image"""
    for n, size, fill in ((40, 4, 200), (40, 1, 255), (1, 3, 150)):
        frames = holes(student, rng, n, 9, 7, size, fill)
        high, wide = frames[:, 1] - frames[:, 0] + 1, frames[:, 3] - frames[:, 2] + 1
        student.record([int(high.max()), int(wide.max())])
        expect(high.max() <= size and wide.max() <= size, "a square is larger than size")
        expect(n == 1 or (high.max() == size and wide.max() == size), "no square has the full size")
    whole = student.cutout(pictures(rng, 4, 3, 4), 20, student.generator(seed(rng)))
    expect_pixels(whole, np.full((4, 3, 4, 3), 128.0), wrong="a square of 20 covers all of a small image")


@hidden("cutout")
def draws_of_squares(student, rng):
    """new draws at each call, the same for a seed; the batch is left as it is"""
    images = pictures(rng, 30, 9, 8, 3, 0, 100)
    expect_draws(student, rng, lambda generator: student.unrecorded(student.cutout, images, 3, generator))
    call = lambda kept: student.unrecorded(student.cutout, kept, 3, student.generator(seed(rng)))  # noqa: E731
    expect_images(expect_unchanged(student, images, call), images.shape)
