"""Hidden tests of the vote of the k nearest."""

import numpy as np

from autograder.hidden.knn.arguments import leaves_alone
from autograder.oracles import knn as oracles
from autograder.testing import ask_once, ban, expect_dtype, expect_equal, hidden

ban("predict_labels", "sklearn")
ask_once("predict_labels")


def _distances_in_order(rng, label_rows, y_train):
    """Distances (N, M), without equal ones, by which each row's nearest labels are the given ones in their order."""
    rows = []
    for wanted in label_rows:
        left = list(rng.permutation(len(y_train)))
        order = [left.pop(next(i for i, j in enumerate(left) if y_train[j] == label)) for label in wanted]
        row = np.empty(len(y_train))
        row[order + left] = 1 + np.cumsum(rng.uniform(0.5, 1.5, size=len(y_train)))
        rows.append(row)
    return np.array(rows)


def _compare(student, *problems):
    for labels, problem in zip(student.several(student.predict_labels, *problems), problems, strict=True):
        expect_equal(labels, oracles.labels(*problem), "the labels")


@hidden("predict_labels")
def one_neighbour_unless_told(student, rng):
    """k is 1 unless given: the label of the nearest row"""
    dists, y_train = 10 * rng.random((8, 11)), rng.permutation(11)
    expect_equal(student.predict_labels(dists, y_train), oracles.labels(dists, y_train), "the labels")


@hidden("predict_labels", weight=3)
def most_votes_win(student, rng):
    """the label with most votes among the k nearest wins"""
    y_train = np.repeat([4, 1, 7, 2], 4)
    a, b, c = rng.permutation([4, 1, 7, 2])[:3]
    votes_of = {3: [[a, b, b], [b, a, b], [c, a, a]], 5: [[a, b, c, b, b], [c, a, b, a, a], [a, b, b, c, b]]}
    _compare(student, *((_distances_in_order(rng, votes, y_train), y_train, k) for k, votes in votes_of.items()))


@hidden("predict_labels", weight=3)
def ties_go_to_the_smallest_label(student, rng):
    """equally many votes: the smallest of those labels wins"""
    y_train = np.repeat([2, 5, 7, 9], 4)
    small, middle, large, other = 2, 5, 7, 9
    votes = [
        [middle, small, large, small, large],
        [other, large, middle, middle, large],
        [small, large, middle, large, middle],
        [other, middle, large, large, middle],
    ]
    dists = _distances_in_order(rng, [votes[i] for i in rng.permutation(4)], y_train)
    _compare(student, (dists, y_train, 5), (dists, y_train, 2))


@hidden("predict_labels", weight=2)
def labels_of_any_value(student, rng):
    """labels may be negative and need not start at 0"""
    y_train = rng.permutation(np.repeat([-40, -3, 6, 1000], 4))
    dists = 10 * rng.random((12, 16))
    dists[0, y_train == -3] = 0.01 * rng.random(4)  # whatever the draw, one row has a negative answer
    _compare(student, (dists, y_train, 1), (dists, y_train, 3))


@hidden("predict_labels", weight=2)
def small_differences_count(student, rng):
    """distances that differ by fractions are told apart"""
    dists = rng.integers(5, 8, size=(9, 40)) + 0.9 * rng.random((9, 40))  # many share their whole part
    y_train = rng.integers(0, 12, size=40)
    _compare(student, (dists, y_train, 1), (dists, y_train, 3))


@hidden("predict_labels")
def votes_keep_their_dtype(student, rng):
    """labels come back with the dtype of y_train"""
    dists = 10 * rng.random((5, 9))
    dtypes = (np.int8, np.int32, np.int64)
    problems = [(dists, rng.integers(0, 4, size=9).astype(dtype)) for dtype in dtypes]
    answers = student.several(student.predict_labels, *problems, k=3)
    for labels, problem, dtype in zip(answers, problems, dtypes, strict=True):
        expect_dtype(labels, dtype, "the labels")
        expect_equal(labels, oracles.labels(*problem, k=3), "the labels")


@hidden("predict_labels")
def distances_stay_as_they_are(student, rng):
    """its inputs stay as they are"""
    dists, y_train = 10 * rng.random((5, 9)), rng.integers(1, 5, size=9)
    answers = leaves_alone(student, student.predict_labels, (dists, y_train))
    expect_equal(answers, oracles.labels(dists, y_train), "the labels")
