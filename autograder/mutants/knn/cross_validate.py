"""Mistakes with cross-validation, and other right solutions."""

import numpy as np

from autograder.mutants.knn.distances import manhattan
from autograder.mutants.knn.sentences import CHANGED
from autograder.oracles import knn as oracles
from autograder.testing import alternative, mutant


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
