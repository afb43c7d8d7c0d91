"""Mistakes with the L1 distance of two pictures, and other right solutions."""

import numpy as np

from autograder.mutants.knn.sentences import CHANGED, WRAPPED
from autograder.testing import alternative, mutant


def _same_shape(a, b):
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    return a.astype(np.float64) - b


@alternative("l1_distance", "larger minus smaller, entry by entry")
def larger_minus_smaller(a, b):
    _same_shape(a, b)
    return (np.maximum(a, b).astype(float) - np.minimum(a, b).astype(float)).sum()


@alternative("l1_distance", "a plain loop over all entries")
def plain_loop(a, b):
    _same_shape(a, b)
    total = 0.0
    for p, q in zip(a.flat, b.flat, strict=True):
        total += abs(float(p) - float(q))
    return total


@alternative("l1_distance", "the 1-norm of the flattened difference")
def norm_of_order_one(a, b):
    return np.linalg.norm(_same_shape(a, b).ravel(), ord=1)


@mutant("l1_distance", WRAPPED)
def wraps(a, b):
    _same_shape(a, b)
    return np.abs(a - b).sum()


@mutant("l1_distance", WRAPPED)
def wraps_the_other_way(a, b):
    _same_shape(a, b)
    return np.abs(b - a).sum()


@mutant(
    "l1_distance",
    "int16 is enough for pixels but not for other numbers: it drops fractions, and overflows past 32,767.",
)
def int16_only(a, b):
    _same_shape(a, b)
    return np.abs(a.astype(np.int16) - b.astype(np.int16)).sum()


@mutant("l1_distance", "Fractions are lost: the arrays are converted to whole numbers before the subtraction.")
def drops_fractions(a, b):
    _same_shape(a, b)
    return np.abs(a.astype(np.int64) - b.astype(np.int64)).sum()


@mutant("l1_distance", "This is the L2 distance. L1 adds up absolute differences, with no squares and no root.")
def euclidean(a, b):
    return np.sqrt((_same_shape(a, b) ** 2).sum())


@mutant("l1_distance", "The differences are squared. L1 adds up their absolute values.")
def sum_of_squares(a, b):
    return (_same_shape(a, b) ** 2).sum()


@mutant("l1_distance", "This is the mean of the absolute differences; the L1 distance is their sum.")
def mean(a, b):
    return np.abs(_same_shape(a, b)).mean()


@mutant("l1_distance", "The absolute value is missing: differences of opposite sign cancel.")
def no_absolute_value(a, b):
    return _same_shape(a, b).sum()


@mutant("l1_distance", "This is the largest difference only; L1 adds up all of them.")
def largest_difference(a, b):
    return np.abs(_same_shape(a, b)).max()


@mutant("l1_distance", "Only one axis is summed, so that an array comes back. The distance is one number.")
def sums_one_axis(a, b):
    return np.abs(_same_shape(a, b)).sum(axis=0)


@mutant("l1_distance", "Only two axes are summed. A colour picture has three and a row has one: sum over all entries.")
def sums_two_axes(a, b):
    return np.abs(_same_shape(a, b)).sum(axis=(0, 1))


@mutant(
    "l1_distance",
    "Different shapes are not refused: NumPy stretches one of them, and a number comes out that means nothing.",
)
def stretches_shapes(a, b):
    return np.abs(a.astype(np.float64) - b).sum()


@mutant("l1_distance", CHANGED)
def swaps_in_place(a, b):
    _same_shape(a, b)
    swap = a < b
    a[swap], b[swap] = b[swap], a[swap]
    return (a.astype(np.float64) - b).sum()
