"""A quick linear softmax classifier for previews and comparisons."""

import numpy as np


def train_softmax(
    X: np.ndarray,
    y: np.ndarray,
    num_iters: int = 300,
    learning_rate: float = 0.02,
    reg: float = 1.0,
    batch_size: int = 200,
    seed: int = 0,
) -> np.ndarray:
    """Weights of a linear softmax classifier, trained by mini-batch gradient descent with momentum 0.9.

    X: (N, D), any numbers (they are standardised inside); y: (N,) integers from 0. Returns W: (D, C) float32 for the
    standardised inputs, without the bias: good for templates and rankings, not for scores in other units. The penalty
    `reg` is strong: it keeps templates smooth, at the cost of some accuracy.

    The learning rate is that for about 100 inputs; with D inputs it is divided by √(D/100). Raises ValueError when X or
    y has another shape, y has other values, or there are no rows.
    """
    _check(X, y)
    rng = np.random.default_rng(seed)
    X = X.astype(np.float32)
    X = (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-3)
    classes = int(y.max()) + 1
    W, b = np.zeros((X.shape[1], classes), np.float32), np.zeros(classes, np.float32)
    vW, vb = np.zeros_like(W), np.zeros_like(b)
    rate = learning_rate / np.sqrt(X.shape[1] / 100)
    for _ in range(num_iters):
        batch = rng.integers(0, len(X), batch_size)
        scores = X[batch] @ W + b
        scores -= scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(batch_size), y[batch]] -= 1
        vW = 0.9 * vW - rate * (X[batch].T @ p / batch_size + 2 * reg * W)
        vb = 0.9 * vb - rate * p.mean(axis=0)
        W += vW
        b += vb
    return W


def _check(X: np.ndarray, y: np.ndarray) -> None:
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f"train_softmax: X of shape (N, D) with at least one row is needed, not {X.shape}")
    if y.shape != (len(X),):
        raise ValueError(f"train_softmax: X has {len(X)} rows but y has shape {y.shape}; one label a row is needed")
    if y.dtype.kind not in "iu" or y.min() < 0:
        raise ValueError(f"train_softmax: labels are integers from 0; these are {y.dtype}, the smallest {y.min()}")
