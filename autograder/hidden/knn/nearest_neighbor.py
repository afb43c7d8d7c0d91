"""Hidden tests of the classifier that only remembers."""

import numpy as np

from autograder.hidden.knn.arguments import expect_unchanged, pixels
from autograder.oracles import knn as oracles
from autograder.testing import ask_once, ban, expect_dtype, expect_equal, expect_shape, hidden

ban("NearestNeighbor", "scipy", "sklearn")
ask_once("NearestNeighbor")


def _answers(student, *calls, then=None):
    """What the methods of a new classifier answer, with the right distance in the place of the student's own."""
    student.provide("l1_distance", oracles.l1)
    return student.new_object(student.NearestNeighbor, *calls, then=then)


def _labels(student, X_train, y_train, X):
    return _answers(student, ("train", X_train, y_train), ("predict", X))[1]


def _spiky(rng, *shape):
    """Numbers of very different sizes, so that L1, L2 and the largest difference name different neighbours."""
    return rng.normal(size=shape) ** 3


@hidden("NearestNeighbor", weight=3)
def answers_with_the_nearest(student, rng):
    """answers with the label of the nearest row in L1 distance"""
    X_train, X, y_train = _spiky(rng, 30, 12), _spiky(rng, 9, 12), 3 + rng.permutation(30)
    expect_equal(_labels(student, X_train, y_train, X), oracles.nearest_labels(X_train, y_train, X), "the labels")


@hidden("NearestNeighbor", weight=2)
def handles_pixels(student, rng):
    """remembers and compares pixels (uint8)"""
    X_train, X, y_train = pixels(rng, 15, 10), pixels(rng, 9, 10), rng.permutation(15)
    expect_equal(_labels(student, X_train, y_train, X), oracles.nearest_labels(X_train, y_train, X), "the labels")


@hidden("NearestNeighbor")
def one_query(student, rng):
    """a single query gives an array with one label"""
    X_train, X, y_train = _spiky(rng, 9, 4), _spiky(rng, 1, 4), rng.permutation(9)
    answers = _labels(student, X_train, y_train, X)
    expect_shape(answers, (1,), "the labels of a single query")
    expect_equal(answers, oracles.nearest_labels(X_train, y_train, X), "the label")


@hidden("NearestNeighbor")
def the_dtype_of_labels_is_kept(student, rng):
    """whole-number labels come back with the dtype they had"""
    X_train, X = _spiky(rng, 9, 4), _spiky(rng, 6, 4)
    labels = [rng.permutation(9).astype(dtype) for dtype in (np.int8, np.int32, np.int64)]
    student.provide("l1_distance", oracles.l1)
    calls = [(("train", X_train, y_train), ("predict", X)) for y_train in labels]
    for (_, answers), y_train in zip(student.new_objects(student.NearestNeighbor, *calls), labels, strict=True):
        expect_dtype(answers, y_train.dtype, "the labels")
        expect_equal(answers, oracles.nearest_labels(X_train, y_train, X), "the labels")


@hidden("NearestNeighbor")
def labels_may_be_names(student, rng):
    """labels may be names (strings)"""
    X_train, X = _spiky(rng, 8, 4), _spiky(rng, 6, 4)
    names = rng.permutation(["a", "coat", "dress", "sneaker", "ankle boot", "bag", "shirt", "b"])
    answers = _labels(student, X_train, names, X)
    expect_dtype(answers, "text", "the labels")
    expect_equal(answers, oracles.nearest_labels(X_train, names, X), "the names")


@hidden("NearestNeighbor")
def training_again_forgets(student, rng):
    """training a second time forgets the first training set"""
    X_first, y_first = _spiky(rng, 7, 4), rng.permutation(7)
    X_second, y_second = 5 + _spiky(rng, 6, 4), 10 + rng.permutation(6)
    calls = ("train", X_first, y_first), ("train", X_second, y_second), ("predict", X_first)
    expect_equal(_answers(student, *calls)[2], oracles.nearest_labels(X_second, y_second, X_first), "the labels")


@hidden("NearestNeighbor")
def nothing_given_is_changed(student, rng):
    """neither the training set nor the queries are changed"""
    X_train, X, y_train = _spiky(rng, 8, 4), _spiky(rng, 5, 4), rng.permutation(8)
    arrays = X_train, y_train, X
    kept = [student.keep(array) for array in arrays]
    _, answers, now = _answers(student, ("train", *kept[:2]), ("predict", kept[2]), then=kept)
    expect_unchanged(now, arrays)
    expect_equal(answers, oracles.nearest_labels(X_train, y_train, X), "the labels")
