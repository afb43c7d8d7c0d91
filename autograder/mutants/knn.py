"""Mistakes students make in notebook 01, what to say to who made them, and other right solutions."""

import math
from collections import Counter

import numpy as np

from autograder.oracles import knn as oracles
from autograder.testing import alternative, mutant

WRAPPED = (
    "Pixels wrap around: uint8 arithmetic starts again at 0 after 255 and knows no negative numbers. "
    "Convert to float64 before you subtract."
)
WRAPPED_BEFORE_NORM = (
    "The differences wrap around before np.linalg.norm sees them: uint8 minus uint8 is uint8, which knows no negative "
    "numbers. Convert to float64 before you subtract."
)
CHANGED = "The result is right, but an array of the caller's was changed in place: work on a copy."
SQUARED = "These are squared distances: the square root is missing."
MANHATTAN = (
    "These are L1 distances, sums of absolute differences. Euclidean distance squares, adds up, and takes the root."
)
TRANSPOSED = "The matrix is transposed: entry (i, j) must belong to row i of X and row j of X_train, in shape (N, M)."
FLOAT32 = "The distances are float32. The docstring asks for float64 whatever comes in."
TRUNCATED = "The distances are cut to whole numbers: an array of an integer dtype drops the fraction of what is put in."
MEAN_SQUARE = "This is the root of the mean square. The distance is the root of the sum of the squares."
ROOT_OF_SQUARED_SUM = (
    "The differences are added up before they are squared, so that positive and negative ones cancel. Square first."
)


# ---- l1_distance


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


# ---- NearestNeighbor


class _Remembers:
    def train(self, X, y):
        self.X, self.y = X, y

    def l1(self, X):
        """All L1 distances, (M, N)."""
        return np.abs(X.astype(np.float64)[:, None] - self.X.astype(np.float64)[None]).sum(axis=2)


@alternative("NearestNeighbor", "all distances in one array by broadcasting")
class Broadcasts(_Remembers):
    def predict(self, X):
        return self.y[self.l1(X).argmin(axis=1)]


@alternative("NearestNeighbor", "a loop over pairs, labels collected in a list")
class LoopsOverPairs(_Remembers):
    def predict(self, X):
        found = []
        for row in X:
            best = min(range(len(self.X)), key=lambda j: oracles.l1(self.X[j], row))
            found.append(self.y[best])
        return np.array(found)


@mutant("NearestNeighbor", "The distance used is L2. This class compares by L1: the sum of absolute differences.")
class Euclidean(_Remembers):
    def predict(self, X):
        return self.y[oracles.distances(X, self.X).argmin(axis=1)]


@mutant("NearestNeighbor", "Only the largest difference of each pair of rows is compared. L1 adds up all differences.")
class LargestDifference(_Remembers):
    def predict(self, X):
        return self.y[np.abs(X.astype(float)[:, None] - self.X[None]).max(axis=2).argmin(axis=1)]


@mutant("NearestNeighbor", WRAPPED)
class Wraps(_Remembers):
    def predict(self, X):
        return self.y[np.abs(X[:, None] - self.X[None]).sum(axis=2).argmin(axis=1)]


@mutant("NearestNeighbor", WRAPPED)
class WrapsTheOtherWay(_Remembers):
    def predict(self, X):
        return self.y[np.abs(self.X[None] - X[:, None]).sum(axis=2).argmin(axis=1)]


@mutant(
    "NearestNeighbor", "This answers with the farthest row's label: look for the smallest distance, not the largest."
)
class Farthest(_Remembers):
    def predict(self, X):
        return self.y[self.l1(X).argmax(axis=1)]


@mutant("NearestNeighbor", "These are positions of the nearest rows. The answer is the label stored at that position.")
class Positions(_Remembers):
    def predict(self, X):
        return self.l1(X).argmin(axis=1)


@mutant(
    "NearestNeighbor",
    "The absolute value is missing: the most negative sum of differences wins, not the smallest distance.",
)
class NoAbsoluteValue(_Remembers):
    def predict(self, X):
        return self.y[(self.X.astype(float)[None] - X.astype(float)[:, None]).sum(axis=2).argmin(axis=1)]


@mutant("NearestNeighbor", "Every query gets the answer of the first one: use the row of the loop, not X[0].")
class FirstQueryOnly(_Remembers):
    def predict(self, X):
        return np.repeat(self.y[self.l1(X[:1]).argmin(axis=1)], len(X))


@mutant(
    "NearestNeighbor",
    "The answers are put into an int64 array, whatever the labels are. Index the stored labels with the positions.",
)
class AlwaysInt64(_Remembers):
    def predict(self, X):
        answers = np.zeros(len(X), dtype=np.int64)
        for i, j in enumerate(self.l1(X).argmin(axis=1)):
            answers[i] = self.y[j]
        return answers


@mutant(
    "NearestNeighbor",
    "The answers are floats: np.zeros makes floats unless told. Index the stored labels with the positions.",
)
class AlwaysFloat(_Remembers):
    def predict(self, X):
        answers = np.zeros(len(X))
        for i, j in enumerate(self.l1(X).argmin(axis=1)):
            answers[i] = self.y[j]
        return answers


@mutant(
    "NearestNeighbor",
    "Names are cut to their first letter: an array of dtype str holds one character unless told more.",
)
class FirstLetters(_Remembers):
    def predict(self, X):
        answers = np.empty(len(X), dtype=str if self.y.dtype.kind == "U" else self.y.dtype)
        for i, j in enumerate(self.l1(X).argmin(axis=1)):
            answers[i] = self.y[j]
        return answers


@mutant("NearestNeighbor", "A second call of train adds to the first training set. It must replace it.")
class AddsUp(_Remembers):
    def train(self, X, y):
        seen = hasattr(self, "X")
        self.X = np.concatenate([self.X, X]) if seen else X
        self.y = np.concatenate([self.y, y]) if seen else y

    def predict(self, X):
        return self.y[self.l1(X).argmin(axis=1)]


@mutant("NearestNeighbor", "A single query gives a bare label. An array of shape (1,) belongs there.")
class BareLabel(_Remembers):
    def predict(self, X):
        return self.y[self.l1(X).argmin(axis=1).squeeze()]


@mutant(
    "NearestNeighbor", "The remembered rows are changed while the first query is answered: subtract into a new array."
)
class SubtractsInPlace(_Remembers):
    def predict(self, X):
        remembered, positions = np.asarray(self.X, dtype=np.float64), []
        for row in X:
            remembered -= row
            positions.append(np.abs(remembered).sum(axis=1).argmin())
        return self.y[positions]


# ---- what the three functions of distances share


def _pairs(X, X_train, distance):
    rows = [[distance(x, z) for z in X_train.astype(np.float64)] for x in X.astype(np.float64)]
    return np.array(rows, dtype=np.float64)


def _by_norm(X, X_train):
    return _pairs(X, X_train, lambda x, z: np.linalg.norm(x - z))


def _all_at_once(X, X_train):
    """Right distances without a loop: a mistake of another kind must not also look like a loop over all pairs."""
    return np.linalg.norm(X.astype(np.float64)[:, None] - X_train.astype(np.float64), axis=2)


@mutant("distances_two_loops", SQUARED)
@mutant("distances_one_loop", SQUARED)
@mutant("distances_no_loops", SQUARED)
def squared(X, X_train):
    return _all_at_once(X, X_train) ** 2


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
    return _all_at_once(X_train, X)


@mutant("distances_two_loops", FLOAT32)
@mutant("distances_one_loop", FLOAT32)
def float32_result(X, X_train):
    return _all_at_once(X, X_train).astype(np.float32)


@mutant("distances_two_loops", TRUNCATED)
@mutant("distances_one_loop", TRUNCATED)
def whole_numbers(X, X_train):
    return _all_at_once(X, X_train).astype(np.int64)


@mutant("distances_two_loops", MEAN_SQUARE)
@mutant("distances_one_loop", MEAN_SQUARE)
def mean_square(X, X_train):
    return _all_at_once(X, X_train) / np.sqrt(X.shape[1])


# ---- distances_two_loops


@alternative("distances_two_loops", "np.linalg.norm of each difference")
def norm_of_each_difference(X, X_train):
    return _by_norm(X, X_train)


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
    return _pairs(X, X_train, lambda x, z: np.sqrt((x - z).sum() ** 2))


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


# ---- distances_one_loop


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
    total = np.sqrt((_all_at_once(X, X_train) ** 2).sum(axis=1, keepdims=True))
    return np.repeat(total, len(X_train), axis=1)


@mutant("distances_one_loop", "Every turn uses the first row of X: the loop's own row belongs there.")
def first_row_only(X, X_train):
    return np.repeat(_all_at_once(X[:1], X_train), len(X), axis=0)


@mutant("distances_one_loop", "The function returns in its first turn: the return statement is indented into the loop.")
def returns_too_early(X, X_train):
    dists = np.zeros((len(X), len(X_train)))
    dists[:1] = _all_at_once(X[:1], X_train)
    return dists


@mutant(
    "distances_one_loop",
    "The squares overflow: int16 holds the differences of pixels, but their squares need more room. Use float64.",
)
def squares_in_int16(X, X_train):
    if X.dtype != np.uint8:
        return _all_at_once(X, X_train)
    differences = X.astype(np.int16)[:, None] - X_train.astype(np.int16)
    with np.errstate(invalid="ignore"):
        return np.sqrt((differences**2).sum(axis=2))


@mutant("distances_one_loop", CHANGED)
def shifts_in_place(X, X_train):
    right = _all_at_once(X, X_train)
    if X_train.dtype.kind == "f":
        X_train -= X[0]
    return right


@mutant(
    "distances_one_loop",
    "The distances are right, but there are two loops: each pair of rows costs a turn in Python. Let one row of X meet "
    "all of X_train at once by broadcasting.",
)
def second_loop(X, X_train):
    return _by_norm(X, X_train)


# ---- distances_no_loops


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
    return _root(squares - 2.0 * (X @ X_train.T)) if X.dtype == np.uint8 else _all_at_once(X, X_train)


@mutant(
    "distances_no_loops",
    "The squares are computed in uint8, where they wrap around. Convert before squaring, not after.",
)
def squares_in_uint8(X, X_train):
    if X.dtype != np.uint8:
        return _all_at_once(X, X_train)
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
    return _by_norm(X, X_train)


@mutant(
    "distances_no_loops",
    "The distances are right, but each row costs a turn in Python: one loop is left. Expand the square, and let one "
    "matrix product do all rows.",
)
def one_loop_left(X, X_train):
    return norm_along_rows(X, X_train.astype(np.float64))


# ---- predict_labels


def _voters(dists, y_train, k, first=0):
    """Labels of the k nearest, nearest first, (N, k)."""
    return y_train[np.argsort(dists, axis=1)[:, first : first + k]]


def _each(rows, choose, dtype):
    return np.array([choose(row.tolist()) for row in rows], dtype=dtype)


@alternative("predict_labels", "Counter, sorted by votes and then by label")
def counter(dists, y_train, k=1):
    def choose(votes):
        return min(Counter(votes).items(), key=lambda item: (-item[1], item[0]))[0]

    return _each(_voters(dists, y_train, k), choose, y_train.dtype)


@alternative("predict_labels", "votes counted for all classes at once")
def table_of_votes(dists, y_train, k=1):
    nearest = np.argpartition(dists, k - 1, axis=1)[:, :k]
    classes = np.unique(y_train)
    votes = (y_train[nearest][:, :, None] == classes).sum(axis=1)
    return classes[votes.argmax(axis=1)]


@mutant(
    "predict_labels",
    "Equal votes go to the label seen first, as Counter does it. They must go to the smallest of the labels.",
)
def first_seen_wins(dists, y_train, k=1):
    return _each(_voters(dists, y_train, k), lambda votes: Counter(votes).most_common(1)[0][0], y_train.dtype)


@mutant("predict_labels", "Equal votes go to the largest label. They must go to the smallest.")
def largest_label_wins(dists, y_train, k=1):
    def choose(votes):
        return max(votes, key=lambda label: (votes.count(label), label))

    return _each(_voters(dists, y_train, k), choose, y_train.dtype)


@mutant(
    "predict_labels",
    "When votes are equal, this the nearest neighbour's label is taken; the smallest of the labels in front must win.",
)
def nearest_decides_ties(dists, y_train, k=1):
    def choose(votes):
        counts = Counter(votes).most_common()
        return votes[0] if len(counts) > 1 and counts[0][1] == counts[1][1] else counts[0][0]

    return _each(_voters(dists, y_train, k), choose, y_train.dtype)


@mutant("predict_labels", "This is the smallest label among the k nearest, however few votes it has. Votes come first.")
def smallest_voter(dists, y_train, k=1):
    return _each(_voters(dists, y_train, k), min, y_train.dtype)


@mutant(
    "predict_labels",
    "The distances are cut to whole numbers before they are sorted, so that near neighbours become ties.",
)
def sorts_whole_numbers(dists, y_train, k=1):
    return _each(_voters(dists.astype(np.int64), y_train, k), oracles.vote, y_train.dtype)


@mutant(
    "predict_labels",
    "The distances are cut to whole numbers before a stable sort, so that the first of many equal rows vote.",
)
def sorts_whole_numbers_stably(dists, y_train, k=1):
    nearest = np.argsort(dists.astype(np.int64), axis=1, kind="stable")[:, :k]
    return _each(y_train[nearest], oracles.vote, y_train.dtype)


@mutant("predict_labels", "These are the labels of the farthest rows: the smallest distances come first in a sort.")
def farthest(dists, y_train, k=1):
    return oracles.labels(-dists, y_train, k)


@mutant("predict_labels", "k is not used: only the nearest neighbour decides.")
def ignores_k(dists, y_train, k=1):
    return oracles.labels(dists, y_train, 1)


@mutant(
    "predict_labels",
    "The nearest neighbour is skipped. That is right only where a query is in the training set, and not here.",
)
def skips_the_nearest(dists, y_train, k=1):
    return _each(_voters(dists, y_train, k, first=1), oracles.vote, y_train.dtype)


@mutant("predict_labels", "One neighbour too many votes: a slice up to k already has k entries.")
def one_too_many(dists, y_train, k=1):
    return oracles.labels(dists, y_train, k + 1)


@mutant("predict_labels", "Near neighbours get a heavier vote. Here each of the k nearest has one vote.")
def weighted_votes(dists, y_train, k=1):
    answers = []
    for row in dists:
        weight = Counter()
        for j in np.argsort(row)[:k]:
            weight[int(y_train[j])] += 1 / row[j]
        answers.append(max(weight, key=weight.get))
    return np.array(answers, dtype=y_train.dtype)


@mutant("predict_labels", "Labels are averaged. They are names, not amounts: count votes instead.")
def mean_label(dists, y_train, k=1):
    return _voters(dists, y_train, k).mean(axis=1).round().astype(y_train.dtype)


@mutant(
    "predict_labels",
    "np.bincount counts whole numbers from 0 up only, so that negative labels stop it. np.unique counts any labels.",
)
def bincount(dists, y_train, k=1):
    return np.array([np.bincount(votes).argmax() for votes in _voters(dists, y_train, k)], dtype=y_train.dtype)


@mutant(
    "predict_labels",
    "np.bincount counts whole numbers from 0 up only, so that negative labels stop it, and its positions are int64 "
    "whatever y_train is. np.unique counts any labels and keeps their dtype.",
)
def bincount_positions(dists, y_train, k=1):
    return np.array([np.bincount(votes).argmax() for votes in _voters(dists, y_train, k)])


@mutant(
    "predict_labels",
    "np.bincount counts whole numbers from 0 up only, so that negative labels stop it, and the answers are put into an "
    "array of floats. np.unique counts any labels; give the answers the dtype of y_train.",
)
def bincount_into_floats(dists, y_train, k=1):
    return np.array([float(np.bincount(votes).argmax()) for votes in _voters(dists, y_train, k)])


@mutant(
    "predict_labels",
    "The answers are floats, because np.zeros makes floats unless told: labels keep the dtype of y_train.",
)
def float_labels(dists, y_train, k=1):
    return oracles.labels(dists, y_train, k).astype(np.float64)


@mutant("predict_labels", "Every row gets the votes of the first row: use each row's own neighbours.")
def first_query_only(dists, y_train, k=1):
    return np.repeat(oracles.labels(dists[:1], y_train, k), len(dists))


@mutant("predict_labels", CHANGED)
def crosses_out(dists, y_train, k=1):
    answers = oracles.labels(dists, y_train, k)
    for row in dists:
        row[np.argsort(row)[:k]] = np.inf
    return answers


# ---- cross_validate


def _accuracy(X_train, y_train, X, y, k):
    return float(np.mean(oracles.labels(oracles.distances(X, X_train), y_train, k) == y))


def _turns(count, folds):
    """For each fold, a pair of index arrays: the rest, the fold."""
    for fold in folds:
        yield np.setdiff1d(np.arange(count), fold), fold


def _validate(X, y, ks, folds):
    turns = list(_turns(len(X), folds))
    return {k: [_accuracy(X[rest], y[rest], X[fold], y[fold], k) for rest, fold in turns] for k in ks}


def _folds(count, num_folds):
    return np.array_split(np.arange(count), num_folds)


@alternative("cross_validate", "folds by index, everything recomputed for each k")
def folds_by_index(X, y, ks, num_folds=5):
    return _validate(X, y, ks, _folds(len(X), num_folds))


@alternative("cross_validate", "a boolean mask a turn, one distance matrix for all turns")
def one_matrix(X, y, ks, num_folds=5):
    everything = oracles.distances(X, X)
    found = {k: [] for k in ks}
    for fold in _folds(len(X), num_folds):
        inside = np.zeros(len(X), dtype=bool)
        inside[fold] = True
        dists = everything[inside][:, ~inside]
        for k in ks:
            found[k].append(np.mean(oracles.labels(dists, y[~inside], k) == y[inside]))
    return found


@mutant(
    "cross_validate",
    "The remainder is dropped: with folds of N // num_folds rows the last few examples are never used.",
)
def drops_the_remainder(X, y, ks, num_folds=5):
    kept = len(X) // num_folds * num_folds
    return folds_by_index(X[:kept], y[:kept], ks, num_folds)


@mutant(
    "cross_validate",
    "The last fold takes the whole remainder. np.array_split makes the first folds longer by one instead.",
)
def remainder_to_the_last(X, y, ks, num_folds=5):
    size = len(X) // num_folds
    return _validate(X, y, ks, np.split(np.arange(len(X)), size * np.arange(1, num_folds)))


@mutant(
    "cross_validate",
    "Right answers are divided by N // num_folds, but folds can be longer by one: divide by the size of each fold.",
)
def divides_by_a_fixed_size(X, y, ks, num_folds=5):
    sizes = [len(fold) for fold in _folds(len(X), num_folds)]
    right = folds_by_index(X, y, ks, num_folds)
    return {k: [a * n / (len(X) // num_folds) for a, n in zip(right[k], sizes, strict=True)] for k in ks}


@mutant("cross_validate", "The values of k share one list, as with dict.fromkeys(ks, []): make a new list for each k.")
def shares_one_list(X, y, ks, num_folds=5):
    shared = [a for fold in zip(*folds_by_index(X, y, ks, num_folds).values(), strict=True) for a in fold]
    return dict.fromkeys(ks, shared)


@mutant("cross_validate", "k is not passed on: every k gets the accuracies of one neighbour.")
def k_not_passed_on(X, y, ks, num_folds=5):
    return dict.fromkeys(ks, folds_by_index(X, y, [1], num_folds)[1])


@mutant("cross_validate", "The distance used is L1. The docstring asks for Euclidean distance.")
def by_manhattan(X, y, ks, num_folds=5):
    found = {k: [] for k in ks}
    for rest, fold in _turns(len(X), _folds(len(X), num_folds)):
        for k in ks:
            answers = oracles.labels(manhattan(X[fold], X[rest]), y[rest], k)
            found[k].append(float(np.mean(answers == y[fold])))
    return found


@mutant("cross_validate", "Each turn trains on one other fold only. It must train on all the others together.")
def trains_on_one_fold(X, y, ks, num_folds=5):
    folds = _folds(len(X), num_folds)
    pairs = [(folds[turn - 1], folds[turn]) for turn in range(num_folds)]
    return {k: [_accuracy(X[a], y[a], X[b], y[b], min(k, len(a))) for a, b in pairs] for k in ks}


@mutant("cross_validate", "The accuracies are rounded. Round when you print, not in what is returned.")
def rounds(X, y, ks, num_folds=5):
    return {k: [round(a, 2) for a in each] for k, each in folds_by_index(X, y, ks, num_folds).items()}


@mutant("cross_validate", CHANGED)
def centres_X_in_place(X, y, ks, num_folds=5):  # noqa: N802
    right = folds_by_index(X, y, ks, num_folds)
    X -= X.mean(axis=0)
    return right


@mutant(
    "cross_validate",
    "The fold that is predicted is also trained on: each example finds itself. Leave it out of the training rows.",
)
def leaks(X, y, ks, num_folds=5):
    return {k: [_accuracy(X, y, X[f], y[f], k) for f in _folds(len(X), num_folds)] for k in ks}


@mutant("cross_validate", "The roles are swapped: this trains on the single fold and is judged on all the others.")
def roles_swapped(X, y, ks, num_folds=5):
    turns = list(_turns(len(X), _folds(len(X), num_folds)))
    return {k: [_accuracy(X[f], y[f], X[rest], y[rest], min(k, len(f))) for rest, f in turns] for k in ks}


@mutant("cross_validate", "The examples are shuffled first. Cut the folds in the given order.")
def shuffles(X, y, ks, num_folds=5):
    order = np.random.default_rng(0).permutation(len(X))
    return folds_by_index(X[order], y[order], ks, num_folds)


@mutant(
    "cross_validate",
    "Examples are dealt out to the folds in turn. A fold is a run of neighbouring rows, as np.array_split cuts them.",
)
def deals_out(X, y, ks, num_folds=5):
    return _validate(X, y, ks, [np.arange(turn, len(X), num_folds) for turn in range(num_folds)])


@mutant("cross_validate", "These are shares of wrong answers. Accuracy is the share of right ones.")
def error_rates(X, y, ks, num_folds=5):
    return {k: [1 - a for a in each] for k, each in folds_by_index(X, y, ks, num_folds).items()}


@mutant("cross_validate", "Each k has the mean over the folds. Return the list of accuracies, one for each fold.")
def means_only(X, y, ks, num_folds=5):
    return {k: float(np.mean(each)) for k, each in folds_by_index(X, y, ks, num_folds).items()}


@mutant("cross_validate", "These are numbers of right answers. Divide by the size of the fold.")
def counts_only(X, y, ks, num_folds=5):
    sizes = [len(fold) for fold in _folds(len(X), num_folds)]
    right = folds_by_index(X, y, ks, num_folds)
    return {k: [a * n for a, n in zip(right[k], sizes, strict=True)] for k in ks}
