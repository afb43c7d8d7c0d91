"""Mistakes with distances without a loop, and other right solutions."""

import numpy as np

from autograder.mutants.knn.distances import all_at_once, by_norm
from autograder.mutants.knn.distances_one_loop import norm_along_rows
from autograder.mutants.knn.sentences import CHANGED
from autograder.testing import alternative, mutant


def _norms(X):
    return (X.astype(np.float64) ** 2).sum(axis=1)


def _products(X, X_train):
    return X.astype(np.float64) @ X_train.astype(np.float64).T


def _root(values):
    return np.sqrt(np.maximum(values, 0.0))


@alternative("distances_no_loops", "einsum and in-place arithmetic on the result")
def in_place_on_the_result(X, X_train):
    X, X_train = X.astype(np.float64), X_train.astype(np.float64)
    dists = np.dot(X, X_train.T)
    dists *= -2
    dists += np.einsum("nd,nd->n", X, X)[:, None]
    dists += np.einsum("md,md->m", X_train, X_train)
    np.clip(dists, 0, None, out=dists)
    return np.sqrt(dists, out=dists)


@alternative("distances_no_loops", "norms appended as columns, so that one product holds all three terms")
def one_longer_product(X, X_train):
    X, X_train = X.astype(np.float64), X_train.astype(np.float64)
    left = np.hstack([X, _norms(X)[:, None], np.ones((len(X), 1))])
    right = np.hstack([-2 * X_train, np.ones((len(X_train), 1)), _norms(X_train)[:, None]])
    return _root(left @ right.T)


@alternative("distances_no_loops", "both sets centred first, which loses fewer digits")
def centred_first(X, X_train):
    middle = X_train.mean(axis=0, dtype=np.float64)
    X, X_train = X - middle, X_train - middle
    return _root(
        np.linalg.norm(X, axis=1, keepdims=True) ** 2 - 2 * X @ X_train.T + np.linalg.norm(X_train, axis=1) ** 2
    )


@mutant(
    "distances_no_loops",
    "The distances are right, but an array of shape (N, M, D) is made on the way: use one matrix product.",
)
def broadcasts_everything(X, X_train):
    return np.sqrt(((X.astype(np.float64)[:, None] - X_train.astype(np.float64)[None]) ** 2).sum(axis=2))


@mutant(
    "distances_no_loops",
    "Rounding makes the squared distance of equal rows negative, and its root is nan: clip at 0 before the root.",
)
def not_clipped(X, X_train):
    with np.errstate(invalid="ignore"):
        return np.sqrt(_norms(X)[:, None] - 2 * _products(X, X_train) + _norms(X_train))


@mutant(
    "distances_no_loops",
    "The matrix product and the squares are computed in uint8 and wrap around. Convert both inputs to float64 first.",
)
def product_in_uint8(X, X_train):
    squares = (X**2).sum(axis=1)[:, None] + (X_train**2).sum(axis=1) * 1.0
    return _root(squares - 2.0 * (X @ X_train.T)) if X.dtype == np.uint8 else all_at_once(X, X_train)


@mutant(
    "distances_no_loops",
    "The squares are computed in uint8, where they wrap around. Convert before squaring, not after.",
)
def squares_in_uint8(X, X_train):
    if X.dtype != np.uint8:
        return all_at_once(X, X_train)
    return _root((X**2).sum(axis=1)[:, None] - 2 * _products(X, X_train) + (X_train**2).sum(axis=1))


@mutant(
    "distances_no_loops",
    "The expansion is computed in float32, whose seven digits do not survive the subtraction. Use float64.",
)
def computed_in_float32(X, X_train):
    X, X_train = X.astype(np.float32), X_train.astype(np.float32)
    squares = (X**2).sum(axis=1)[:, None] - 2 * X @ X_train.T + (X_train**2).sum(axis=1)
    return _root(squares).astype(np.float64)


@mutant(
    "distances_no_loops",
    "The factor 2 of the mixed term is missing: the square of a difference has twice the product in it.",
)
def factor_two_missing(X, X_train):
    return _root(_norms(X)[:, None] - _products(X, X_train) + _norms(X_train))


@mutant("distances_no_loops", "The mixed term has the wrong sign: twice the product is subtracted, not added.")
def mixed_term_added(X, X_train):
    return _root(_norms(X)[:, None] + 2 * _products(X, X_train) + _norms(X_train))


@mutant("distances_no_loops", "The squared norms of X_train are missing: the expansion has three terms.")
def norms_of_training_rows_missing(X, X_train):
    return _root(_norms(X)[:, None] - 2 * _products(X, X_train))


@mutant("distances_no_loops", "The squared norms of X are missing: the expansion has three terms.")
def norms_of_queries_missing(X, X_train):
    return _root(_norms(X_train) - 2 * _products(X, X_train))


@mutant(
    "distances_no_loops",
    "The two sets of squared norms lie along the wrong axes: those of X need shape (N, 1), those of X_train (M,). "
    "On square examples no error tells you.",
)
def norms_along_wrong_axes(X, X_train):
    return _root(_norms(X) - 2 * _products(X, X_train) + _norms(X_train)[:, None])


@mutant(
    "distances_no_loops",
    "Both sets of squared norms are added along the columns. Those of X need shape (N, 1): keepdims=True.",
)
def keepdims_missing(X, X_train):
    return _root(_norms(X) - 2 * _products(X, X_train) + _norms(X_train))


@mutant("distances_no_loops", CHANGED)
def squares_in_place(X, X_train):
    queries, remembered = np.asarray(X, dtype=np.float64), X_train.astype(np.float64)
    result = -2 * queries @ remembered.T
    queries *= queries
    return _root(result + queries.sum(axis=1, keepdims=True) + _norms(remembered))


@mutant(
    "distances_no_loops",
    "The distances are right, but each pair of rows costs a turn in Python. Expand the square, and let one matrix "
    "product do all pairs.",
)
def two_loops_left(X, X_train):
    return by_norm(X, X_train)


@mutant(
    "distances_no_loops",
    "The distances are right, but each row costs a turn in Python: one loop is left. Expand the square, and let one "
    "matrix product do all rows.",
)
def one_loop_left(X, X_train):
    return norm_along_rows(X, X_train.astype(np.float64))
