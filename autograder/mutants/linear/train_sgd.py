"""Mistakes with stochastic gradient descent and its prediction, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant


@alternative("train_sgd", "choice with replacement, history as a list, a copy changed in place")
def with_choice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    W, history = W.copy(), []
    for _ in range(num_iters):
        rows = rng.choice(X.shape[0], batch_size, replace=True)
        loss, dW = loss_fn(W, X[rows], y[rows], reg)
        W -= learning_rate * dW
        history.append(loss)
    return W, np.array(history)


@alternative("train_sgd", "all batches drawn before the loop")
def drawn_ahead(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    history = []
    for rows in (rng.random((num_iters, batch_size)) * len(y)).astype(int):
        loss, dW = loss_fn(W, np.take(X, rows, axis=0), np.take(y, rows), reg)
        W = W + (-learning_rate) * dW
        history.append(loss)
    return W, np.asarray(history, dtype=float)


@alternative("train_sgd", "sorts the scores", replaces="predict")
def predict_by_sorting(W, X):
    return np.argsort(-(X @ W), axis=1)[:, 0]


@alternative("train_sgd", "row by row", replaces="predict")
def predict_by_rows(W, X):
    return np.array([int(np.argmax(W.T @ x)) for x in X])


def _descend(loss_fn, X, y, W, rate, reg, num_iters, rows_of, step=None):
    """SGD with another way of drawing or of stepping; returns the weights before each step too."""
    W, path, history = W.copy(), [], []
    for t in range(num_iters):
        rows = rows_of(t)
        loss, dW = loss_fn(W, X[rows], y[rows], reg)
        path.append(W)
        history.append(loss)
        W = W - rate * dW if step is None else step(W, dW)
    return W, np.array(history), path


@mutant("train_sgd", "The steps go along the gradient, uphill: the sign of the update is wrong.")
def uphill(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    return _descend(loss_fn, X, y, W, -learning_rate, reg, num_iters, lambda t: rng.integers(0, len(X), batch_size))[:2]


@mutant("train_sgd", "The batch is drawn once, before the loop: every step sees the same examples.")
def one_batch(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    rows = rng.integers(0, len(X), batch_size)
    return _descend(loss_fn, X, y, W, learning_rate, reg, num_iters, lambda t: rows)[:2]


@mutant("train_sgd", "Examples are drawn without replacement, so that a batch cannot be larger than the training set.")
def without_replacement(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    def rows(t):
        return rng.permutation(len(X))[:batch_size]

    return _descend(loss_fn, X, y, W, learning_rate, reg, num_iters, rows)[:2]


@mutant("train_sgd", "The labels are drawn apart from their examples: use the same row numbers for X and y.")
def labels_drawn_apart(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    history = []
    for _ in range(num_iters):
        X_batch, y_batch = X[rng.integers(0, len(X), batch_size)], y[rng.integers(0, len(y), batch_size)]
        loss, dW = loss_fn(W, X_batch, y_batch, reg)
        W = W - learning_rate * dW
        history.append(loss)
    return W, np.array(history)


@mutant("train_sgd", "The caller's W is changed: W -= ... works in place. Begin with a copy, or write W = W - ...")
def changes_the_start(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    last, history = with_choice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng)
    W[...] = last
    return W, history


@mutant("train_sgd", "The last step is not in the weights returned.")
def one_step_short(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    _, history, path = _descend(
        loss_fn, X, y, W, learning_rate, reg, num_iters, lambda t: rng.integers(0, len(X), batch_size)
    )
    return path[-1], history


@mutant("train_sgd", "reg does not reach loss_fn: a zero is passed instead.")
def reg_dropped(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    return with_choice(loss_fn, X, y, W, learning_rate, 0.0, num_iters, batch_size, rng)


@mutant("train_sgd", "The penalty is applied a second time in the step: dW from loss_fn holds it already.")
def penalty_twice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    def step(W, dW):
        return W - learning_rate * (dW + 2 * W)

    return _descend(loss_fn, X, y, W, 0, reg, num_iters, lambda t: rng.integers(0, len(X), batch_size), step)[:2]


@mutant("train_sgd", "The gradient is divided by the batch size once more: loss_fn returns that of the mean already.")
def averaged_twice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    rate = learning_rate / batch_size
    return _descend(loss_fn, X, y, W, rate, reg, num_iters, lambda t: rng.integers(0, len(X), batch_size))[:2]


@mutant("train_sgd", "Batches are slices in the order of the data; they should be drawn at random.")
def in_order(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    def rows(t):
        return (t * batch_size + np.arange(batch_size)) % len(X)

    return _descend(loss_fn, X, y, W, learning_rate, reg, num_iters, rows)[:2]


@mutant("train_sgd", "The last example is never drawn: the upper end of rng.integers is not included already.")
def never_the_last_row(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    def rows(t):
        return rng.integers(0, len(X) - 1, batch_size)

    return _descend(loss_fn, X, y, W, learning_rate, reg, num_iters, rows)[:2]


@mutant("train_sgd", "The generator passed in is not used: another one, with a seed of its own, makes the draws.")
def batches_of_its_own(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    return with_choice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, np.random.default_rng(0))


@mutant("train_sgd", "history is the mean of all losses so far; it should hold each batch's own.")
def running_mean(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    W, history = with_choice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng)
    return W, np.cumsum(history) / (1 + np.arange(num_iters))


@mutant("train_sgd", "predict takes the largest score of each class over the examples: argmax runs along the wrong axis.",
        replaces="predict")  # fmt: skip
def predict_along_the_wrong_axis(W, X):
    return np.argmax(X @ W, axis=0)


@mutant("train_sgd", "predict returns the smallest score's class.", replaces="predict")
def predict_the_smallest(W, X):
    return np.argmin(X @ W, axis=1)


@mutant(
    "train_sgd", "predict compares the sizes of scores: a very negative score is not a large one.", replaces="predict"
)
def predict_by_size(W, X):
    return np.argmax(np.abs(X @ W), axis=1)


@mutant("train_sgd", "predict counts classes from 1; labels begin at 0.", replaces="predict")
def predict_from_one(W, X):
    return np.argmax(X @ W, axis=1) + 1
