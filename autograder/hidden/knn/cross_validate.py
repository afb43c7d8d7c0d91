"""Hidden tests of cross-validation."""

import numpy as np

from autograder.hidden.knn.arguments import leaves_alone
from autograder.oracles import knn as oracles
from autograder.testing import ask_once, ban, expect, expect_close, hidden

ban("cross_validate", "sklearn")
ask_once("cross_validate")


def _with_helpers(student, X, y, ks):
    """The student's function, with right helpers in the place of the student's own."""
    places = {row.tobytes(): place for place, row in enumerate(X)}

    def distances(queries, X_train):
        dists = oracles.distances(queries, X_train)
        rows = [places.get(row.tobytes()) for row in X_train]
        for k in ks if None not in rows else ():
            student.foresee(oracles.labels, dists, y[rows], k)  # for the examples that were passed
        return dists

    for name in ("distances_two_loops", "distances_one_loop", "distances_no_loops"):
        student.provide(name, distances)
    student.provide("predict_labels", oracles.labels)
    return student.cross_validate


def _compare(accuracies, expected):
    expect(isinstance(accuracies, dict), "a dict {k: accuracies} belongs here")
    expect(set(accuracies) == set(expected), "the keys of the dict are not the values of k that were asked for")
    for k, values in expected.items():
        expect(np.ndim(accuracies[k]) == 1, "for each k there must be a list of accuracies, one for each fold")
        expect(len(accuracies[k]) == len(values), "for each k there must be as many accuracies as folds")
        expect_close(np.asarray(accuracies[k]), np.asarray(values), what="the accuracies")


def _problem(rng, count):
    """Labels that neighbours share often but not always, so that accuracies are neither 0 nor 1."""
    X = rng.normal(size=(count, 3))
    return X, 2 + (X[:, 0] > 0) + 3 * (rng.random(count) < 0.35)


@hidden("cross_validate", weight=3)
def each_fold_takes_a_turn(student, rng):
    """each fold takes a turn, for each k"""
    X, y = _problem(rng, 30)
    ks = [6, 1]
    _compare(_with_helpers(student, X, y, ks)(X, y, ks, 3), oracles.accuracies(X, y, ks, 3))


@hidden("cross_validate", weight=3)
def nothing_is_dropped(student, rng):
    """every example is used when N is not divisible by the number of folds; five folds unless told"""
    X, y = _problem(rng, 29)
    _compare(_with_helpers(student, X, y, [4])(X, y, [4]), oracles.accuracies(X, y, [4], 5))


@hidden("cross_validate", weight=2)
def the_order_is_kept(student, rng):
    """folds are cut in the given order: a set sorted by class shows it"""
    X = rng.normal(size=(12, 2))
    y = np.repeat(rng.permutation(3), 4)
    _compare(_with_helpers(student, X, y, [3])(X, y, [3], 3), oracles.accuracies(X, y, [3], 3))


@hidden("cross_validate")
def as_many_folds_as_examples(student, rng):
    """as many folds as examples: each is predicted from all the others"""
    X, y = _problem(rng, 4)
    _compare(_with_helpers(student, X, y, [1])(X, y, [1], 4), oracles.accuracies(X, y, [1], 4))


@hidden("cross_validate")
def examples_stay_as_they_are(student, rng):
    """its inputs stay as they are"""
    X, y = _problem(rng, 12)
    answer = leaves_alone(student, _with_helpers(student, X, y, [1]), (X, y), [1], 2)
    _compare(answer, oracles.accuracies(X, y, [1], 2))
