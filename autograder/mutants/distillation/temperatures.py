"""Softmax with a temperature: other right ways, and mistakes."""

import numpy as np

from autograder.testing import alternative, mutant


def refuse(T):
    if T <= 0:
        raise ValueError("T must be above 0")


@alternative("softmax_with_temperature", "through logarithms")
def by_logarithms(scores, T=1.0):
    refuse(T)
    warm = scores / T
    warm = warm - warm.max(axis=1)[:, None]
    return np.exp(warm - np.log(np.exp(warm).sum(axis=1))[:, None])


@alternative("softmax_with_temperature", "a row at a time")
def row_by_row(scores, T=1.0):
    refuse(T)
    out = np.empty_like(scores)
    for i, row in enumerate(scores):
        e = np.exp((row - max(row)) / T)
        out[i] = e / sum(e)
    return out


def shares(exps, axis=1):
    return exps / exps.sum(axis=axis, keepdims=True)


@mutant("softmax_with_temperature", "The temperature multiplies the scores; it divides them.")
def multiplied(scores, T=1.0):
    refuse(T)
    return shares(np.exp((scores - scores.max(axis=1, keepdims=True)) * T))


@mutant("softmax_with_temperature", "The temperature has no effect: this is softmax at T = 1.")
def ignored(scores, T=1.0):
    refuse(T)
    return shares(np.exp(scores - scores.max(axis=1, keepdims=True)))


@mutant(
    "softmax_with_temperature",
    "Nothing is taken from the scores before exp, so that large ones overflow: take off each row's largest.",
)
def overflows(scores, T=1.0):
    refuse(T)
    return shares(np.exp(scores / T))


@mutant(
    "softmax_with_temperature",
    "The largest of all scores is taken off every row; in a row that lies far below it every exp is 0. Use each row's.",
)
def largest_of_all(scores, T=1.0):
    refuse(T)
    return shares(np.exp((scores - scores.max()) / T))


@mutant(
    "softmax_with_temperature",
    "The row's largest score is taken off after the division, undivided: that shifts too far, and everything underflows.",
)
def shift_not_divided(scores, T=1.0):
    refuse(T)
    return shares(np.exp(scores / T - scores.max(axis=1, keepdims=True)))


@mutant("softmax_with_temperature", "The columns sum to 1, not the rows: check the axis of the sum.")
def sums_of_columns(scores, T=1.0):
    refuse(T)
    return shares(np.exp((scores - scores.max(axis=1, keepdims=True)) / T), axis=0)


@mutant("softmax_with_temperature", "All probabilities together sum to 1; each row is to sum to 1 by itself.")
def sum_of_all(scores, T=1.0):
    refuse(T)
    exps = np.exp((scores - scores.max(axis=1, keepdims=True)) / T)
    return exps / exps.sum()


@mutant(
    "softmax_with_temperature",
    "The probabilities are divided by T, and not the scores: rows no longer sum to 1.",
)
def probabilities_divided(scores, T=1.0):
    refuse(T)
    return shares(np.exp(scores - scores.max(axis=1, keepdims=True))) / T


@mutant(
    "softmax_with_temperature",
    "The softmax at T = 1 is raised to the power 1 / T: what has rounded to 0 there stays 0. Divide the scores by T first.",
)
def power_of_probabilities(scores, T=1.0):
    refuse(T)
    return shares(shares(np.exp(scores - scores.max(axis=1, keepdims=True))) ** (1 / T))


@mutant("softmax_with_temperature", "A temperature of 0 or below is accepted; it should raise ValueError.")
def any_temperature(scores, T=1.0):
    with np.errstate(all="ignore"):
        return shares(np.exp((scores - scores.max(axis=1, keepdims=True)) / T))


@mutant("softmax_with_temperature", "A temperature below 0 is refused, but 0 itself is not.")
def zero_accepted(scores, T=1.0):
    if T < 0:
        raise ValueError("T must not be below 0")
    with np.errstate(all="ignore"):
        return shares(np.exp((scores - scores.max(axis=1, keepdims=True)) / T))


@mutant("softmax_with_temperature", "The result is always float64; it keeps the dtype of the scores.")
def always_float64(scores, T=1.0):
    refuse(T)
    scores = np.asarray(scores, np.float64)
    return shares(np.exp((scores - scores.max(axis=1, keepdims=True)) / T))


@mutant("softmax_with_temperature", "The scores passed in are changed in place: work on a copy.")
def scores_changed(scores, T=1.0):
    refuse(T)
    scores -= scores.max(axis=1, keepdims=True)
    return shares(np.exp(scores / T))
