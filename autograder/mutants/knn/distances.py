"""Mistakes that are made alike in all three functions of distances."""

import numpy as np

from autograder.mutants.knn.sentences import (
    FLOAT32,
    MANHATTAN,
    MEAN_SQUARE,
    SQUARED,
    TRANSPOSED,
    TRUNCATED,
    WRAPPED,
    WRAPPED_BEFORE_NORM,
)
from autograder.testing import mutant


def pairs(X, X_train, distance):
    rows = [[distance(x, z) for z in X_train.astype(np.float64)] for x in X.astype(np.float64)]
    return np.array(rows, dtype=np.float64)


def by_norm(X, X_train):
    return pairs(X, X_train, lambda x, z: np.linalg.norm(x - z))


def all_at_once(X, X_train):
    """Right distances without a loop: a mistake of another kind must not also look like a loop over all pairs."""
    return np.linalg.norm(X.astype(np.float64)[:, None] - X_train.astype(np.float64), axis=2)


@mutant("distances_two_loops", SQUARED)
@mutant("distances_one_loop", SQUARED)
@mutant("distances_no_loops", SQUARED)
def squared(X, X_train):
    return all_at_once(X, X_train) ** 2


@mutant("distances_two_loops", MANHATTAN)
@mutant("distances_one_loop", MANHATTAN)
def manhattan(X, X_train):
    return np.abs(X.astype(np.float64)[:, None] - X_train.astype(np.float64)).sum(axis=2)


@mutant("distances_two_loops", WRAPPED)
@mutant("distances_one_loop", WRAPPED)
def wraps_around(X, X_train):
    return np.sqrt(((X[:, None] - X_train) ** 2).sum(axis=2)).astype(np.float64)


@mutant("distances_two_loops", WRAPPED_BEFORE_NORM)
@mutant("distances_one_loop", WRAPPED_BEFORE_NORM)
def wraps_before_norm(X, X_train):
    return np.linalg.norm(X[:, None] - X_train, axis=2).astype(np.float64)


@mutant("distances_two_loops", WRAPPED_BEFORE_NORM)
@mutant("distances_one_loop", WRAPPED_BEFORE_NORM)
def wraps_before_norm_the_other_way(X, X_train):
    return np.linalg.norm(X_train - X[:, None], axis=2).astype(np.float64)


@mutant("distances_two_loops", TRANSPOSED)
@mutant("distances_one_loop", TRANSPOSED)
@mutant("distances_no_loops", TRANSPOSED)
def transposed(X, X_train):
    return all_at_once(X_train, X)


@mutant("distances_two_loops", FLOAT32)
@mutant("distances_one_loop", FLOAT32)
def float32_result(X, X_train):
    return all_at_once(X, X_train).astype(np.float32)


@mutant("distances_two_loops", TRUNCATED)
@mutant("distances_one_loop", TRUNCATED)
def whole_numbers(X, X_train):
    return all_at_once(X, X_train).astype(np.int64)


@mutant("distances_two_loops", MEAN_SQUARE)
@mutant("distances_one_loop", MEAN_SQUARE)
def mean_square(X, X_train):
    return all_at_once(X, X_train) / np.sqrt(X.shape[1])
