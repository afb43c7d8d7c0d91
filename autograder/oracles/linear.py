"""What notebook 02's exercises should give, written apart from its solution: plain Python numbers, one entry at a time.

Losses are evaluated a single example at a time with `math`; their gradients come from finite differences in the scores
and the chain rule, never from a derived formula.
"""

import math

import numpy as np

STEP = 1e-5


def svm_example(scores, true):
    """SVM loss of one example. scores: list of floats."""
    return sum(max(0.0, 1.0 + rival - scores[true]) for j, rival in enumerate(scores) if j != true)


def softmax_example(scores, true):
    """Softmax loss of one example: log(1 + sum over rivals of e^(s_j - s_true)), arranged so as not to overflow."""
    leads = [rival - scores[true] for rival in scores]
    top = max(leads)
    return top + math.log(math.fsum(math.exp(lead - top) for lead in leads))


def loss_and_gradient(example_loss, W, X, y, reg):
    """Mean of an example's loss over the rows of X, plus reg * sum(W**2), and its gradient by W."""
    W, X = np.asarray(W, dtype=np.float64), np.asarray(X, dtype=np.float64)
    slopes, losses = [], []
    for scores, true in zip((X @ W).tolist(), np.asarray(y).tolist(), strict=True):
        losses.append(example_loss(scores, true))
        slopes.append([_slope(example_loss, scores, true, c) for c in range(len(scores))])
    penalty = reg * math.fsum(weight**2 for weight in W.ravel().tolist())
    gradient = np.einsum("nd,nc->dc", X, np.array(slopes)) / len(losses)
    return math.fsum(losses) / len(losses) + penalty, gradient + reg * (W + W)


def _slope(example_loss, scores, true, c):
    up, down = list(scores), list(scores)
    up[c] += STEP
    down[c] -= STEP
    return (example_loss(up, true) - example_loss(down, true)) / (2 * STEP)


def clear_of_kinks(W, X, y, distance=1e-2):
    """Whether no margin of the SVM loss is so close to zero that either slope would be right."""
    scores = np.asarray(X, dtype=np.float64) @ np.asarray(W, dtype=np.float64)
    return all(
        abs(row[j] - row[true] + 1) > distance
        for row, true in zip(scores.tolist(), np.asarray(y).tolist(), strict=True)
        for j in range(len(row))
        if j != true
    )


def penalty(W, kind, beta=1.0):
    """The penalty on W and its gradient, entry by entry; no entry of W may be zero."""
    squares, sizes = {"l2": (1.0, 0.0), "l1": (0.0, 1.0), "elastic": (float(beta), 1.0)}[kind]
    total, gradient = 0.0, np.empty(np.shape(W))
    for index, weight in np.ndenumerate(np.asarray(W, dtype=np.float64)):
        total += squares * weight**2 + sizes * math.fabs(weight)
        gradient[index] = squares * 2.0 * weight + sizes * math.copysign(1.0, weight)
    return total, gradient


def falling_record(losses):
    """The lowest loss up to and including each try."""
    return np.minimum.accumulate(np.asarray(losses, dtype=np.float64))


def log_spaced(low, high, count):
    """`count` numbers from low to high with a constant ratio."""
    return [math.exp(math.log(low) + (math.log(high) - math.log(low)) * i / (count - 1)) for i in range(count)]


def labels(W, X):
    """The class with the largest score, row by row."""
    scores = (np.asarray(X, dtype=np.float64) @ np.asarray(W, dtype=np.float64)).tolist()
    return [row.index(max(row)) for row in scores]
