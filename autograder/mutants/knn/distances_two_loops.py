"""Mistakes with distances by two loops, and other right solutions."""

import math

import numpy as np

from autograder.mutants.knn.distances import by_norm, pairs
from autograder.mutants.knn.sentences import CHANGED, ROOT_OF_SQUARED_SUM
from autograder.oracles import knn as oracles
from autograder.testing import alternative, mutant


@alternative("distances_two_loops", "np.linalg.norm of each difference")
def norm_of_each_difference(X, X_train):
    return by_norm(X, X_train)


@alternative("distances_two_loops", "a third loop over the coordinates, in plain Python")
def three_loops(X, X_train):
    dists = np.zeros((len(X), len(X_train)))
    for i, x in enumerate(X):
        for j, z in enumerate(X_train):
            total = 0.0
            for d in range(len(x)):
                total += (float(x[d]) - float(z[d])) ** 2
            dists[i, j] = math.sqrt(total)
    return dists


@mutant("distances_two_loops", ROOT_OF_SQUARED_SUM)
def sums_before_squaring(X, X_train):
    return pairs(X, X_train, lambda x, z: np.sqrt((x - z).sum() ** 2))


@mutant(
    "distances_two_loops",
    "Both loops run over the rows of X. The inner one belongs to X_train, which may have another length.",
)
def both_loops_over_X(X, X_train):  # noqa: N802
    dists = np.zeros((len(X), len(X_train)))
    for i in range(len(X)):
        for j in range(len(X)):
            dists[i, j] = math.dist(X[i].tolist(), X_train[j].tolist())
    return dists


@mutant(
    "distances_two_loops",
    "Entries below the diagonal are copied from above it, but only where X is X_train is the matrix symmetric.",
)
def mirrored(X, X_train):
    right = oracles.distances(X, X_train)
    dists = np.zeros_like(right)
    for i in range(len(X)):
        for j in range(i, len(X_train)):
            dists[i, j] = right[i, j]
            if j < len(X):
                dists[j, min(i, len(X_train) - 1)] = right[i, j]
    return dists


@mutant(
    "distances_two_loops",
    "The diagonal is left at 0. Row i of X and row i of X_train are different rows: they have a distance.",
)
def zero_diagonal(X, X_train):
    dists = oracles.distances(X, X_train)
    np.fill_diagonal(dists, 0.0)
    return dists


@mutant(
    "distances_two_loops", "The last row is left out: range(len(X)) already ends before len(X), so take nothing off it."
)
def last_row_left_out(X, X_train):
    dists = oracles.distances(X, X_train)
    dists[-1] = 0.0
    return dists


@mutant(
    "distances_two_loops",
    "Each turn of the inner loop overwrites the whole row: store one number at [i, j], not at [i].",
)
def overwrites_the_row(X, X_train):
    return np.repeat(oracles.distances(X, X_train)[:, -1:], len(X_train), axis=1)


@mutant("distances_two_loops", CHANGED)
def centres_in_place(X, X_train):
    right = oracles.distances(X, X_train)
    if X.dtype.kind == "f":
        X -= X[0].copy()
    return right
