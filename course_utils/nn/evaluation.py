"""How good a net is on given rows."""

import inspect
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.losses import softmax_loss

Array = NDArray[Any]
ROWS = 1000  # at a time, so that a convolutional net's columns fit into memory


def gives_scores(net: Any) -> bool:
    """Whether `net.loss(X)` may be called without labels, to give scores."""
    parameters = list(inspect.signature(net.loss).parameters.values())
    return len(parameters) > 1 and parameters[1].default is not inspect.Parameter.empty


def evaluate(net: Any, X: Array, y: Array) -> tuple[float, float | None]:
    """Accuracy and cross-entropy (without penalty) of a net on X (N, ...) and y, labels (N,) or probabilities (N, C).

    The prediction is the class with the highest score, and none (so a wrong one) where a score is NaN; a net that gives
    no scores is asked to `predict`, and its cross-entropy is None. For target probabilities the right label is the
    likeliest.
    """
    scored = gives_scores(net)
    right, total = 0, 0.0
    for start in range(0, len(X), ROWS):
        rows, wanted = X[start : start + ROWS], y[start : start + ROWS]
        labels = wanted if wanted.ndim == 1 else wanted.argmax(axis=1)
        if scored:
            scores = np.asarray(net.loss(rows))
            total += softmax_loss(scores, wanted)[0] * len(rows)
            predicted = np.where(np.isnan(scores).any(axis=1), -1, scores.argmax(axis=1))
        else:
            predicted = np.asarray(net.predict(rows))
        right += int((predicted == labels).sum())
    return right / len(X), total / len(X) if scored else None
