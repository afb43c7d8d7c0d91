"""The oracles of notebook 01 against SciPy and against what the text works out by hand."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from autograder.oracles import knn as oracles

KINDS = [np.float64, np.float32, np.uint8, np.int64]


def rows(rng, n, d, dtype):
    return rng.integers(0, 256, size=(n, d)).astype(dtype)


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize(("n", "m", "d"), [(4, 7, 5), (7, 4, 5), (3, 3, 3), (1, 6, 2), (6, 1, 2), (1, 1, 1)])
def test_distances_are_those_of_scipy(dtype, n, m, d):
    rng = np.random.default_rng(n + 10 * m)
    X, X_train = rows(rng, n, d, dtype), rows(rng, m, d, dtype)
    np.testing.assert_allclose(oracles.distances(X, X_train), cdist(X.astype(float), X_train.astype(float)))


@pytest.mark.parametrize("dtype", KINDS)
def test_the_l1_distance_is_that_of_scipy(dtype):
    rng = np.random.default_rng(1)
    a, b = rows(rng, 3, 8, dtype), rows(rng, 3, 8, dtype)
    expected = np.diag(cdist(a.astype(float), b.astype(float), metric="cityblock")).sum()
    assert oracles.l1(a, b) == pytest.approx(expected)


def test_the_l1_distance_of_the_text_is_456():
    a = np.array([[56, 32, 10, 18], [90, 23, 128, 133], [24, 26, 178, 200], [2, 0, 255, 220]], dtype=np.uint8)
    b = np.array([[10, 20, 24, 17], [8, 10, 89, 100], [12, 16, 178, 170], [4, 32, 233, 112]], dtype=np.uint8)
    assert oracles.l1(a, b) == 456


@pytest.mark.parametrize("names", [False, True])
def test_the_nearest_label_is_that_of_the_smallest_cityblock_distance(names):
    rng = np.random.default_rng(2)
    X_train, X = rng.normal(size=(20, 4)), rng.normal(size=(9, 4))
    y_train = rng.permutation(20).astype("<U7" if names else np.int8)
    found = oracles.nearest_labels(X_train, y_train, X)
    np.testing.assert_array_equal(found, y_train[cdist(X, X_train, metric="cityblock").argmin(axis=1)])
    assert found.dtype.kind == y_train.dtype.kind


@pytest.mark.parametrize("k", [1, 2, 3, 8, 15])
@pytest.mark.parametrize("lowest", [0, -7, 100])
def test_votes_are_counted_as_scipy_finds_the_mode(k, lowest):
    rng = np.random.default_rng(k)
    dists, y_train = rng.random((30, 15)), (lowest + rng.integers(0, 4, size=15)).astype(np.int32)
    voters = y_train[np.argsort(dists, axis=1)[:, :k]]
    found = oracles.labels(dists, y_train, k)
    np.testing.assert_array_equal(found, stats.mode(voters, axis=1).mode)  # SciPy, too, answers with the smallest mode
    assert found.dtype == y_train.dtype


@pytest.mark.parametrize(
    ("votes", "winner"),
    [([8], 8), ([8, 2], 2), ([8, 2, 5], 2), ([8, 2, 5, 2], 2), ([9, 5, 5, 9, 1], 5), ([-1, -3], -3)],
)
def test_ties_go_to_the_smallest_label(votes, winner):
    assert oracles.vote(votes) == winner


@pytest.mark.parametrize("count", [10, 11, 12, 29])
@pytest.mark.parametrize("num_folds", [2, 3, 5, 10])
def test_folds_are_those_of_array_split(count, num_folds):
    expected = [(part[0], part[-1] + 1) for part in np.array_split(np.arange(count), num_folds)]
    assert oracles.fold_bounds(count, num_folds) == expected


def test_accuracies_of_the_worked_example():
    X, y = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([0, 0, 1, 0])
    assert oracles.accuracies(X, y, [1], 2) == {1: [0.0, 0.5]}


def test_accuracies_agree_with_a_direct_computation():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(23, 3)), rng.integers(0, 3, size=23)
    expected = {}
    for k in (1, 4):
        expected[k] = []
        for fold in np.array_split(np.arange(23), 5):
            rest = np.delete(np.arange(23), fold)
            order = np.argsort(cdist(X[fold], X[rest]), axis=1)[:, :k]
            expected[k].append(float(np.mean(stats.mode(y[rest][order], axis=1).mode == y[fold])))
    assert oracles.accuracies(X, y, [1, 4], 5) == expected
