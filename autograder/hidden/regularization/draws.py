"""What can be said of a random draw without knowing it: which factors occur, how often, and whether rows share them.

Only this is recorded for diagnosis, never the draw, so a mistake is recognised however its random numbers were drawn.
"""

import numpy as np

from autograder.testing import expect, expect_shape


def seed(rng):
    """A seed for a generator on the student's side."""
    return int(rng.integers(1 << 30))


def away_from_zero(rng, shape, low=0.5, high=2.0):
    """Numbers of either sign, none near zero."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(low, high, size=shape)


def settings(student, rng, p, mode="train", **more):
    """The dict of settings of a random layer, drawing from a generator of the student's."""
    return {"p": p, "mode": mode, "rng": student.generator(seed(rng)), **more}


def drawn(student, x, function, *arguments, what="out", pair=True):
    """Call a random forward pass → (out / x, cache); the draw is left out of diagnosis. x has no entry near zero."""
    reply = student.unrecorded(function, *arguments)
    cache = None
    if pair:
        expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "the forward pass must return (out, cache)")
        reply, cache = reply
    expect_shape(reply, np.shape(x), what)
    return np.asarray(reply) / x, cache


def note(student, factors, p):
    """Record what is known of the factors: their values, the share that is not zero, and how they are shared."""
    student.record([levels(factors), share_of(np.mean(factors != 0), p), sharing(factors)])


def levels(factors):
    """The values that occur, if there are few."""
    found = np.unique(np.round(np.asarray(factors, float), 4))
    return found.tolist() if len(found) <= 4 else "many"


def share_of(share, p):
    """A share in words: near p, near 1 - p, or to one digit."""
    if abs(share - p) < 0.12:  # four standard errors of 300 draws
        return "p"
    return "1 - p" if abs(share - (1 - p)) < 0.12 else str(round(float(share), 1))


def sharing(factors):
    """Whether rows, or the entries of a row, have one draw in common."""
    rows = np.asarray(factors, float).reshape(len(factors), -1)
    if np.allclose(rows, rows[:1]):
        return "all rows alike"
    return "one a row" if np.allclose(rows, rows[:, :1]) else "each by itself"


def expect_levels(factors, allowed, sentence):
    """Every factor is one of the allowed values, and each of these occurs."""
    near = [np.isclose(factors, level, rtol=1e-4, atol=1e-6) for level in allowed]
    expect(np.all(np.any(near, axis=0)), sentence)
    expect(all(map(np.any, near)), "with p between 0 and 1 some are dropped and some are kept")


def expect_share(kept, p, otherwise, errors=8):
    """The share of kept entries is p, within so many standard errors."""
    expect(abs(np.mean(kept) - p) < errors * np.sqrt(p * (1 - p) / np.size(kept)), otherwise)


def expect_drawn_from_it(student, rng, call):
    """Two generators with one seed give one mask: the numbers come from the generator passed in, and from no other."""
    number = seed(rng)
    first, second = (np.asarray(call(student.generator(number))) for _ in range(2))
    same = bool(np.array_equal(first, second))
    student.record(same)
    expect(same, "two generators with the same seed gave different results: draw from the generator that is passed in")


def expect_counts_vary(student, kept):
    """The number of kept entries differs between calls, as it does when every entry has its own draw."""
    counts = [int(np.sum(each)) for each in kept]
    student.record(len(set(counts)) > 1)
    expect(len(set(counts)) > 1, "every call keeps the same number of entries: each entry has a draw of its own")


def expect_each_by_itself(kept, otherwise):
    """Neither rows nor columns of the mask are alike."""
    rows = np.asarray(kept).reshape(len(kept), -1)
    expect(np.any(rows != rows[:1]) and np.any(rows != rows[:, :1]), otherwise)
