"""Losses of class scores: softmax cross-entropy and the multiclass SVM's. Both are means over the batch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def softmax(scores: Array) -> Array:
    """Probabilities (N, C) of scores (N, C): exp(score), divided by the row's sum; no overflow for large scores."""
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def softmax_loss(x: Array, y: Array) -> tuple[float, Array]:
    """Cross-entropy of the softmax of scores x: (N, C), in nats, and its gradient (N, C).

    y: (N,) integer labels, or (N, C) target probabilities whose rows sum to 1. The answers to `softmax_loss` in
    notebook 03 and, with target probabilities, to `soft_cross_entropy` in notebook 07.
    Raises ValueError for other shapes, labels outside 0..C−1 and rows that are not probabilities.
    """
    check_targets("softmax_loss", x, y)
    centred = x - x.max(axis=1)[:, None]
    log_odds = centred - np.log(np.exp(centred).sum(axis=1))[:, None]
    gradient = np.exp(log_odds)
    if y.ndim == 1:
        right = np.arange(len(x)), y
        total = -log_odds[right].sum()
        gradient[right] -= 1
    else:
        targets = y.astype(x.dtype, copy=False)
        total = -(targets * log_odds).sum()
        gradient -= targets
    return float(total) / len(x), gradient / len(x)


def svm_loss(x: Array, y: Array) -> tuple[float, Array]:
    """Multiclass hinge loss with margin 1 of scores x: (N, C), and its gradient (N, C). `svm_loss` of notebook 03.

    y: (N,) integer labels. Raises ValueError for other shapes and labels outside 0..C−1.
    """
    check_targets("svm_loss", x, y)
    if y.ndim != 1:
        raise ValueError(f"svm_loss: y of shape (N,) is needed, not {y.shape}")
    right = np.arange(len(x)), y
    hinge = np.maximum(1 + x - x[right][:, None], 0)
    hinge[right] = 0
    gradient = np.sign(hinge)
    gradient[right] -= gradient.sum(axis=1)
    return float(hinge.sum()) / len(x), gradient / len(x)


def check_targets(function: str, x: Array, y: Array) -> None:
    """Raise ValueError unless y holds a label, or C probabilities, for each row of the scores x (N, C)."""
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"{function}: scores of shape (N, C) with at least one row are needed, not {x.shape}")
    if y.shape != x.shape and y.shape != x.shape[:1]:
        raise ValueError(
            f"{function}: scores of shape {x.shape} need y of shape ({len(x)},) or {x.shape}, not {y.shape}"
        )
    if y.ndim == 1:
        check_labels(function, y, x.shape[1])
    elif y.dtype.kind not in "fiub" or not (y.min() >= 0 and np.abs(y.sum(axis=1) - 1).max() <= 1e-3):  # NaN neither
        raise ValueError(
            f"{function}: y of shape {y.shape} holds a row of probabilities an example; one is negative or does not "
            "sum to 1"
        )


def check_labels(function: str, y: Array, num_classes: int | None = None) -> None:
    """Raise ValueError unless y (N,) holds integers from 0 to num_classes − 1 (None: no upper end)."""
    if y.dtype.kind not in "iu":
        raise ValueError(f"{function}: labels are integers, these are {y.dtype}; for whole numbers, y.astype(int)")
    if y.min() < 0 or (num_classes is not None and y.max() >= num_classes):
        high = "" if num_classes is None else f" to {num_classes - 1}"
        raise ValueError(f"{function}: labels go from 0{high}; these go from {y.min()} to {y.max()}")
