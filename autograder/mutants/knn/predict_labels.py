"""Mistakes with the vote of the k nearest, and other right solutions."""

from collections import Counter

import numpy as np

from autograder.mutants.knn.sentences import CHANGED
from autograder.oracles import knn as oracles
from autograder.testing import alternative, mutant


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
