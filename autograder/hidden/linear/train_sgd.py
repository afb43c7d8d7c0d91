"""Hidden tests of stochastic gradient descent and of its prediction."""

import numpy as np

from autograder.hidden.linear.arguments import expect_unchanged
from autograder.oracles import linear as oracles
from autograder.testing import expect, expect_close, expect_equal, expect_shape, hidden


def numbered_rows(n, d=3):
    """Rows and labels from which a batch can be recognised: row i holds i, and its label is 10 + i."""
    return np.arange(float(n))[:, np.newaxis] * np.ones(d), np.arange(n) + 10


def spy(gradients=None):
    """A loss that records its calls. It returns the call's number as a loss."""
    calls = []

    def loss_fn(W, X, y, reg):
        calls.append((np.array(W), np.array(X), np.array(y), reg))
        dW = np.ones_like(W) if gradients is None else gradients[len(calls) - 1]
        return 100.0 - len(calls), dW

    return loss_fn, calls


def a_generator(student, rng):
    return student.generator(int(rng.integers(1 << 30)))


@hidden("train_sgd", weight=2)
def steps_against_the_gradient(student, rng):
    """each step is the learning rate times the gradient, from the W before it; the last W comes back"""
    gradients = list(rng.normal(size=(5, 3, 2)))
    X, y = numbered_rows(8)
    W, rate = rng.normal(size=(3, 2)), float(rng.uniform(0.1, 0.5))
    loss_fn, calls = spy(gradients)
    last, _ = student.train_sgd(loss_fn, X, y, W, rate, 0.0, 5, 4, a_generator(student, rng))
    expect(len(calls) == 5, "loss_fn was not called once an iteration")
    expect_close(calls[0][0], W, what="the weights at the first call of loss_fn")
    expect_close(calls[1][0], W - rate * gradients[0], what="the weights after one step")
    expect_close(last, W - rate * np.sum(gradients, axis=0), what="the weights returned")


@hidden("train_sgd")
def history_of_batch_losses(student, rng):
    """history holds each batch's loss, in order"""
    X, y = numbered_rows(6)
    loss_fn, _ = spy()
    _, history = student.train_sgd(loss_fn, X, y, np.zeros((3, 2)), 0.1, 0.0, 7, 3, a_generator(student, rng))
    expect_close(history, 99.0 - np.arange(7), what="history")


@hidden("train_sgd", weight=2)
def batches_are_rows_with_their_labels(student, rng):
    """batches have the size asked for, hold rows of X with their own labels, and reg is passed on"""
    X, y = numbered_rows(9)
    reg = float(rng.uniform(0.1, 0.9))
    for batch_size in (1, 4, 25):
        loss_fn, calls = spy()
        student.train_sgd(loss_fn, X, y, np.zeros((3, 2)), 0.1, reg, 4, batch_size, a_generator(student, rng))
        expect(len(calls) == 4, "loss_fn was not called once an iteration")
        for _, X_batch, y_batch, passed in calls:
            expect_shape(X_batch, (batch_size, 3), "the batch handed to loss_fn")
            expect_shape(y_batch, (batch_size,), "the labels handed to loss_fn")
            expect(np.array_equal(X_batch[:, 0] + 10, y_batch), "the labels do not belong to the rows of the batch")
            expect(passed == reg, "reg did not reach loss_fn as it was given")


@hidden("train_sgd", weight=2)
def drawn_anew_with_replacement(student, rng):
    """every iteration draws anew, with replacement, from all rows, by the generator passed in"""
    X, y = numbered_rows(12)
    seed, batches = int(rng.integers(1 << 30)), []
    for _ in range(2):
        loss_fn, calls = spy()
        student.train_sgd(loss_fn, X, y, np.zeros((3, 2)), 0.1, 0.0, 40, 12, student.generator(seed))
        batches.append(np.array([call[2] for call in calls]) - 10)
    first, second = batches
    expect(np.array_equal(first, second), "the same generator gave other batches: use rng for every draw")
    loss_fn, calls = spy()
    student.train_sgd(loss_fn, X, y, np.zeros((3, 2)), 0.1, 0.0, 40, 12, student.generator(seed + 1))
    other = np.array([call[2] for call in calls]) - 10
    expect(not np.array_equal(first, other), "another generator gave the same batches: use rng for every draw")
    expect(len({tuple(batch) for batch in first}) > 30, "the same batch comes again and again: draw in every iteration")
    expect(any(len(set(batch)) < len(batch) for batch in first), "no batch has a row twice: draw with replacement")
    counts = np.bincount(first.ravel(), minlength=12)
    expect(counts.min() > 12, "some rows are hardly ever drawn")
    expect(counts.max() < 88, "some rows are drawn far too often")


@hidden("train_sgd")
def the_arguments_are_left_alone(student, rng):
    """X, y and the W passed in are left as they are"""
    X, y = numbered_rows(5)
    W = rng.normal(size=(3, 2))
    kept = student.keep(X), student.keep(y), student.keep(W)
    loss_fn, _ = spy()
    last, _ = student.train_sgd(loss_fn, *kept, 0.1, 0.0, 3, 2, a_generator(student, rng))
    expect_close(last, W - 0.3, what="the weights returned")
    expect_unchanged(student, [("X", X), ("y", y), ("W", W)], *kept)


@hidden("train_sgd")
def trains_a_classifier(student, rng):
    """three groups of points are told apart after training"""
    y = np.arange(90) % 3
    centres = 3 * np.array([[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9]])
    X = np.column_stack([centres[y] + 0.4 * rng.normal(size=(90, 2)), np.ones(90)])

    def loss_fn(W, X, y, reg):
        S = X @ W
        P = np.exp(S - S.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        picked = -np.log(P[np.arange(len(y)), y] + 1e-300).mean()
        P[np.arange(len(y)), y] -= 1
        return float(picked), X.T @ P / len(y)

    W, _ = student.train_sgd(loss_fn, X, y, np.zeros((3, 3)), 0.3, 0.0, 60, 15, a_generator(student, rng))
    expect_shape(W, (3, 3), "the weights returned")
    right = np.mean(np.array(oracles.labels(W, X)) == y)
    expect(right > 0.8, "after training, too many points of well separated groups are put into the wrong one")


@hidden("train_sgd", weight=2)
def predict_takes_the_largest_score(student, rng):
    """predict: the class with the largest score, for any numbers of examples and classes"""
    for n, d, c in ((25, 4, 3), (1, 3, 5), (4, 4, 4), (3, 2, 6)):
        W, X = rng.normal(size=(d, c)), rng.normal(size=(n, d)) - 0.5
        labels = student.predict(W, X)
        expect_shape(labels, (n,), "the labels")
        expect_equal(np.asarray(labels), np.array(oracles.labels(W, X)), "the labels")
