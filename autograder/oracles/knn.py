"""What the functions of notebook 01 should return, one number at a time and in plain Python."""

import math
import operator
from itertools import pairwise

import numpy as np


def l1(a, b):
    """Sum of absolute differences of two arrays of one shape."""
    p, q = np.ravel(a).tolist(), np.ravel(b).tolist()
    if len(p) != len(q):
        raise ValueError(f"{len(p)} numbers cannot be compared with {len(q)}")
    return _l1(p, q)


def distances(X, X_train):
    """Euclidean distances of all pairs of rows, (N, D) and (M, D) → (N, M)."""
    train_rows = X_train.tolist()
    return np.array([[math.dist(row, other) for other in train_rows] for row in X.tolist()])


def nearest_labels(X_train, y_train, X):
    """Label of the training row nearest in L1, for each row of X; dtype of y_train."""
    rows = X_train.reshape(len(X_train), -1).tolist()
    nearest = [min(range(len(rows)), key=[_l1(row, other) for other in rows].__getitem__) for row in X.tolist()]
    return np.array([y_train[i] for i in nearest])


def _l1(p, q):
    return math.fsum(map(abs, map(operator.sub, p, q)))


def vote(neighbours):
    """The most frequent label, the smallest of several."""
    tally: dict[int, int] = {}
    for label in neighbours:
        tally[label] = tally.get(label, 0) + 1
    return min(tally, key=lambda label: (-tally[label], label))


def labels(dists, y_train, k=1):
    """Votes of the k nearest for each row of distances; dtype of y_train."""
    by_distance = [sorted(zip(row, y_train.tolist(), strict=True)) for row in dists.tolist()]
    return np.array([vote([label for _, label in pairs[:k]]) for pairs in by_distance], dtype=y_train.dtype)


def fold_bounds(count, num_folds):
    """First row and row after the last of each fold: the first `count % num_folds` folds are one longer."""
    size, longer = divmod(count, num_folds)
    edges = [0]
    for fold in range(num_folds):
        edges.append(edges[-1] + size + (fold < longer))
    return list(pairwise(edges))


def accuracies(X, y, ks, num_folds=5):
    """{k: accuracy of k nearest neighbours on each fold, the rest remembered}."""
    everything = distances(X, X)
    found: dict[int, list[float]] = {int(k): [] for k in ks}
    for k, column in found.items():
        for low, high in fold_bounds(len(X), num_folds):
            rest = [j for j in range(len(X)) if not low <= j < high]
            answers = labels(everything[low:high][:, rest], y[rest], k)
            column.append(sum(int(p == t) for p, t in zip(answers, y[low:high], strict=True)) / (high - low))
    return found
