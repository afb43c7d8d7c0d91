"""Hidden tests of random search."""

import numpy as np

from autograder.oracles import linear as oracles
from autograder.testing import expect, expect_close, expect_shape, hidden


def recorded(losses=None):
    """A loss that keeps the weights it was asked about; its values are given, or depend on the weights."""
    seen = []

    def loss_fn(W):
        seen.append(np.array(W))
        return float(losses[len(seen) - 1]) if losses is not None else float(np.sum(W * 1e4))

    return loss_fn, seen


@hidden("random_search", weight=2)
def returns_the_best(student, rng):
    """the weights returned are those with the lowest loss"""
    for sign in (1.0, -1.0):
        losses = sign * rng.uniform(1, 9, size=12)
        losses[8:] = np.sort(losses[8:])[[3, 0, 1, 2]]  # the last fall is neither the best nor the last try
        losses[5] = losses.min() - 0.5
        loss_fn, seen = recorded(losses)
        best_W, _ = student.random_search(loss_fn, (3, 2), 12, student.generator(int(rng.integers(1 << 30))))
        expect(len(seen) == 12, "loss_fn was not called once a try")
        expect_close(best_W, seen[5], 1e-9, 1e-15, what="best_W")


@hidden("random_search", weight=2)
def records_the_lowest_so_far(student, rng):
    """history holds the lowest loss so far after each try"""
    for shift in (3.0, -30.0):
        losses = rng.normal(size=15) + shift
        loss_fn, _ = recorded(losses)
        _, history = student.random_search(loss_fn, (2, 2), 15, student.generator(int(rng.integers(1 << 30))))
        expect_close(history, oracles.falling_record(losses), what="history")


@hidden("random_search", weight=2)
def draws_are_normal_and_small(student, rng):
    """the draws: mean, spread, and share of large values of 1e-4 times a standard normal"""
    loss_fn, seen = recorded()
    best_W, _ = student.random_search(loss_fn, (50, 40), 4, student.generator(int(rng.integers(1 << 30))))
    expect_shape(best_W, (50, 40), "best_W")
    values = 1e4 * np.concatenate([np.ravel(W) for W in seen])
    expect(abs(values.mean()) < 0.1, "the mean of the draws is not zero")
    expect(0.9 < values.std() < 1.1, "the standard deviation of the draws is not 1e-4")
    expect(0.02 < np.mean(np.abs(values) > 2) < 0.08, "the draws do not look normally distributed")


@hidden("random_search")
def every_try_is_drawn_afresh(student, rng):
    """each try is drawn afresh and depends on the generator passed in only"""
    seed = int(rng.integers(1 << 30))
    loss_fn, seen = recorded(-np.arange(5.0))
    student.random_search(loss_fn, (30, 20), 5, student.generator(seed))
    expect(all(W.shape == (30, 20) for W in seen), "loss_fn was handed weights of another shape")
    flat = [W.ravel() * 1e4 for W in seen]
    expect(
        all(abs(np.mean(a * b)) < 0.25 for i, a in enumerate(flat) for b in flat[:i]),
        "the tries are not independent of each other",
    )
    again, seen_again = recorded(-np.arange(5.0))
    best_W, _ = student.random_search(again, (30, 20), 5, student.generator(seed))
    expect(np.array_equal(seen[-1], seen_again[-1]), "the same generator gave other draws: use rng for every draw")
    expect_close(best_W, seen[-1], 1e-9, 1e-15, what="best_W")
    other, seen_other = recorded(-np.arange(5.0))
    student.random_search(other, (30, 20), 5, student.generator(seed + 1))
    expect(
        not np.array_equal(seen[-1], seen_other[-1]), "another generator gave the same draws: use rng for every draw"
    )


@hidden("random_search")
def one_try_is_enough(student, rng):
    """a single try, and weights of one dimension"""
    loss_fn, seen = recorded(rng.uniform(1, 2, size=1))
    best_W, history = student.random_search(loss_fn, (6,), 1, student.generator(int(rng.integers(1 << 30))))
    expect_shape(history, (1,), "history")
    expect(best_W is not None, "no weights came back after a single try")
    expect_close(best_W, seen[0], 1e-9, 1e-15, what="best_W")
