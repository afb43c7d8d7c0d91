"""Mistakes with distances by one loop, and other right solutions."""

import numpy as np

from autograder.mutants.knn.distances import all_at_once, by_norm
from autograder.mutants.knn.sentences import CHANGED
from autograder.testing import alternative, mutant


@alternative("distances_one_loop", "np.linalg.norm along the rows")
def norm_along_rows(X, X_train):
    return np.array([np.linalg.norm(X_train.astype(float) - x, axis=1) for x in X])


@alternative("distances_one_loop", "einsum for the sums of squares")
def einsum_of_squares(X, X_train):
    dists = np.empty((len(X), len(X_train)))
    for i in range(X.shape[0]):
        difference = np.subtract(X_train, X[i], dtype=np.float64)
        dists[i] = np.einsum("md,md->m", difference, difference) ** 0.5
    return dists


@mutant(
    "distances_one_loop",
    "The sum runs over the training rows (axis 0). The axis of length D must disappear: that is axis 1.",
)
def sums_the_wrong_axis(X, X_train):
    dists = np.zeros((len(X), len(X_train)))
    for i, x in enumerate(X.astype(np.float64)):
        dists[i] = np.sqrt(((X_train - x) ** 2).sum(axis=0))
    return dists


@mutant(
    "distances_one_loop",
    "The sum runs over everything, so that a whole row gets one number. Sum over the axis of length D only.",
)
def sums_everything(X, X_train):
    total = np.sqrt((all_at_once(X, X_train) ** 2).sum(axis=1, keepdims=True))
    return np.repeat(total, len(X_train), axis=1)


@mutant("distances_one_loop", "Every turn uses the first row of X: the loop's own row belongs there.")
def first_row_only(X, X_train):
    return np.repeat(all_at_once(X[:1], X_train), len(X), axis=0)


@mutant("distances_one_loop", "The function returns in its first turn: the return statement is indented into the loop.")
def returns_too_early(X, X_train):
    dists = np.zeros((len(X), len(X_train)))
    dists[:1] = all_at_once(X[:1], X_train)
    return dists


@mutant(
    "distances_one_loop",
    "The squares overflow: int16 holds the differences of pixels, but their squares need more room. Use float64.",
)
def squares_in_int16(X, X_train):
    if X.dtype != np.uint8:
        return all_at_once(X, X_train)
    differences = X.astype(np.int16)[:, None] - X_train.astype(np.int16)
    with np.errstate(invalid="ignore"):
        return np.sqrt((differences**2).sum(axis=2))


@mutant("distances_one_loop", CHANGED)
def shifts_in_place(X, X_train):
    right = all_at_once(X, X_train)
    if X_train.dtype.kind == "f":
        X_train -= X[0]
    return right


@mutant(
    "distances_one_loop",
    "The distances are right, but there are two loops: each pair of rows costs a turn in Python. Let one row of X meet "
    "all of X_train at once by broadcasting.",
)
def second_loop(X, X_train):
    return by_norm(X, X_train)
