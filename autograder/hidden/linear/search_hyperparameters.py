"""Hidden tests of the search for hyperparameters."""

import numpy as np

from autograder.oracles import linear as oracles
from autograder.testing import expect, expect_close, hidden


def scored(function):
    calls = []

    def train_fn(learning_rate, reg):
        calls.append((float(learning_rate), float(reg)))
        return function(float(learning_rate), float(reg), len(calls))

    return train_fn, calls


RANGES = ((1e-5, 1e-1), (1e-3, 10.0))


@hidden("search_hyperparameters", weight=2)
def the_grid_is_log_spaced(student, rng):
    """every pair of log-spaced values, both ends included, tried once"""
    low, high = 10.0 ** rng.uniform(-6, -4), 10.0 ** rng.uniform(-2, 0)
    count = int(rng.integers(4, 6))
    train_fn, calls = scored(lambda rate, reg, n: float(n))
    student.search_hyperparameters(train_fn, (low, high), (low * 7, high * 7), count)
    rates, regs = oracles.log_spaced(low, high, count), oracles.log_spaced(low * 7, high * 7, count)
    expect(len(calls) == count**2, "train_fn was not called once a pair")
    expected = sorted((rate, reg) for rate in rates for reg in regs)
    order = sorted(calls, key=lambda pair: (round(np.log(pair[0]), 6), round(np.log(pair[1]), 6)))
    expect_close(np.array(order), np.array(expected), 1e-6, 0.0, what="the pairs tried, in ascending order")


@hidden("search_hyperparameters", weight=2)
def the_best_pair_wins(student, rng):
    """the pair with the highest score, wherever in the grid it lies"""
    for _ in range(2):
        winner = int(rng.integers(2, 15))
        train_fn, calls = scored(lambda rate, reg, n, w=winner: 0.9 if n == w else 0.1 + 0.01 * n)
        best, _ = student.search_hyperparameters(train_fn, *RANGES, 4)
        expect_close(np.array(best), np.array(calls[winner - 1]), 1e-9, 0.0, what="the best pair (learning_rate, reg)")


@hidden("search_hyperparameters")
def scores_may_be_negative(student, rng):
    """scores below zero"""
    winner = int(rng.integers(2, 8))
    train_fn, calls = scored(lambda rate, reg, n: -1.0 if n == winner else -2.0 - n)
    best, _ = student.search_hyperparameters(train_fn, *RANGES, 3)
    expect(best is not None, "no pair came back when all scores are negative")
    expect_close(np.array(best), np.array(calls[winner - 1]), 1e-9, 0.0, what="the best pair (learning_rate, reg)")


@hidden("search_hyperparameters", weight=2)
def every_score_is_kept(student, rng):
    """results holds the score of every pair under its pair, as plain numbers"""
    train_fn, calls = scored(lambda rate, reg, n: 1.0 / n)
    _, results = student.search_hyperparameters(train_fn, *RANGES, 3)
    expect(isinstance(results, dict) and len(results) == 9, "results is not a dict with one entry a pair")
    expect(
        all(type(key) is tuple and len(key) == 2 and all(type(part) is float for part in key) for key in results),
        "a key of results is not a pair of plain floats",
    )
    by_pair = sorted(results.items())
    scores = {pair: 1.0 / (i + 1) for i, pair in enumerate(calls)}
    expect_close(
        np.array([pair for pair, _ in by_pair]), np.array(sorted(scores)), 1e-9, 0.0, what="the pairs in results"
    )
    expect_close(
        [score for _, score in by_pair], [scores[pair] for pair in sorted(scores)], what="the scores in results"
    )
