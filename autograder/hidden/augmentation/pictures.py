"""Made-up images, and what can be said of random changes without knowing the draws.

Only this is recorded for diagnosis, never the draw itself, so a mistake is recognised however its random numbers were
drawn. Shares are judged within six and a half standard errors or more: a right answer fails less than once in a million.
"""

import numpy as np

from autograder.testing import expect, expect_dtype, expect_shape

SAME_AGAIN = "two calls with one generator did the same; draw anew at each call, from the generator passed in"
NOT_SEEDED = "two generators with the same seed gave different results; draw everything from the generator passed in"
CHANGED = "the array passed in was changed; return a new one"
HALF = 0.5 + 1e-3  # either neighbour of a half will do


def pictures(rng, n, height, width, channels=3, low=0, high=256):
    """Random pixels (n, height, width, channels) uint8, from low to high - 1."""
    return rng.integers(low, high, size=(n, height, width, channels), dtype=np.uint8)


def seed(rng):
    """A seed for a generator on the student's side."""
    return int(rng.integers(1 << 30))


def expect_images(found, shape, what="the result"):
    """The answer is an array of uint8 pixels of this shape."""
    expect_shape(found, shape, what)
    expect_dtype(found, np.uint8, what)


def expect_pixels(found, exact, what="the result", wrong="pixels are wrong"):
    """The answer is `exact`, rounded to a nearest whole number, as uint8."""
    expect_images(found, np.shape(exact), what)
    off = np.abs(np.asarray(found, float) - exact)
    expect(np.all(off < 1.0), f"{what}: {wrong}")
    expect(np.all(off <= HALF), f"{what}: numbers are not rounded to the nearest whole one")


def expect_same_images(found, wanted, sentence):
    """The answer has exactly these pixels."""
    expect_images(found, wanted.shape)
    expect(np.array_equal(found, wanted), sentence)


def draws_of(student, rng, call):
    """[a generator used twice gave the same, equal seeds gave the same] for `call(generator)`; noted for diagnosis.

    `call` returns an array or a tuple of arrays.
    """
    number = seed(rng)
    generator, again = student.generator(number), student.generator(number)
    first, second, other = call(generator), call(generator), call(again)
    verdicts = [_same(first, second), _same(first, other)]
    student.record(verdicts)
    return verdicts


def expect_draws(student, rng, call):
    """A generator gives something new at each call, and the same again for the same seed."""
    repeated, seeded = draws_of(student, rng, call)
    expect(not repeated, SAME_AGAIN)
    expect(seeded, NOT_SEEDED)


def expect_unchanged(student, images, call, *others):
    """`call(kept image batch, *kept others)` leaves what it is given as it is."""
    kept = [student.keep(array) for array in (images, *others)]
    found = call(*kept)
    same = [bool(np.array_equal(student.value(k), a)) for k, a in zip(kept, (images, *others), strict=True)]
    student.record(same)
    expect(all(same), CHANGED)
    return found


def share_in_words(share, p, near=0.11):
    """A share: near p, near 1 - p, or to one digit."""
    if abs(share - p) < near:
        return "p"
    return "1 - p" if abs(share - (1 - p)) < near else str(round(float(share), 1))


def expect_even(values, choices, sentence, near=6.5):
    """Each of `choices` occurs as often as the others, within `near` standard errors of its share, and nothing else."""
    expected = 1 / len(choices)
    margin = near * np.sqrt(expected * (1 - expected) / len(values))
    shares = np.array([np.mean(np.asarray(values) == choice) for choice in choices])
    expect(abs(shares.sum() - 1) < 1e-9, sentence)
    expect(np.all(shares > max(expected - margin, 0)) and np.all(shares < expected + margin), sentence)


def _same(one, other):
    pairs = zip(one, other, strict=True) if isinstance(one, (tuple, list)) else [(one, other)]
    return all(bool(np.array_equal(a, b)) for a, b in pairs)
