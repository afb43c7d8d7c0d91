"""Mistakes with the three penalties, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant


@alternative("regularization", "loops over the entries")
def entry_by_entry(W, kind, beta=1.0):
    if kind not in ("l2", "l1", "elastic"):
        raise ValueError(kind)
    a, c = {"l2": (1, 0), "l1": (0, 1), "elastic": (beta, 1)}[kind]
    gradient = np.zeros(W.shape)
    total = 0.0
    for index in np.ndindex(W.shape):
        w = float(W[index])
        total += a * w * w + c * abs(w)
        gradient[index] = 2 * a * w + c * (1 if w > 0 else -1)
    return total, gradient


@alternative("regularization", "elastic net from the two others")
def from_parts(W, kind, beta=1.0):
    parts = {"l2": (np.vdot(W, W), W + W), "l1": (np.abs(W).sum(), np.where(W >= 0, 1.0, -1.0))}
    if kind == "elastic":
        return beta * parts["l2"][0] + parts["l1"][0], beta * parts["l2"][1] + parts["l1"][1]
    if kind not in parts:
        raise ValueError("no such kind")
    return parts[kind]


def _penalty(W, kind, beta, l2=None, l1=None, elastic=None):
    """The right penalty with one case replaced."""
    if kind == "l2" and l2 is not None:
        return l2
    if kind == "l1" and l1 is not None:
        return l1
    if kind == "elastic" and elastic is not None:
        return elastic
    return from_parts(W, kind, beta)


@mutant("regularization", "The L2 penalty is half as large as asked: here it is sum(W**2), without a factor 1/2.")
def half_squares(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l2=(0.5 * np.sum(W**2), W))


@mutant("regularization", "The L2 gradient is W; the derivative of w**2 carries a factor 2.")
def gradient_without_two(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l2=(np.sum(W**2), 1.0 * W))


@mutant("regularization", "The L1 penalty adds the weights with their signs: negative ones must count by their size.")
def signed_sum(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l1=(np.sum(W), np.sign(W)))


@mutant("regularization", "The L1 gradient is 1 everywhere; where a weight is negative, the slope of its size is -1.")
def l1_gradient_of_ones(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l1=(np.sum(np.abs(W)), np.ones_like(W)))


@mutant("regularization", "The L2 penalty is the length of W, a square root; the squares are to be summed, no more.")
def square_root(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l2=(np.sqrt(np.sum(W**2)), 2 * W))


@mutant("regularization", "In the elastic net beta multiplies the L1 part; it belongs to the squares.")
def beta_on_the_wrong_part(W, kind, beta=1.0):
    return _penalty(W, kind, beta, elastic=(np.sum(W**2) + beta * np.sum(np.abs(W)), 2 * W + beta * np.sign(W)))


@mutant("regularization", "In the elastic net beta multiplies both parts; it belongs to the squares only.")
def beta_on_both_parts(W, kind, beta=1.0):
    penalty, gradient = from_parts(W, "elastic", 1.0)
    return _penalty(W, kind, beta, elastic=(beta * penalty, beta * gradient))


@mutant("regularization", "The elastic net ignores beta.")
def beta_ignored(W, kind, beta=1.0):
    return from_parts(W, kind, 1.0)


@mutant("regularization", "beta also scales the kind 'l2'; it is used by 'elastic' only.")
def beta_scales_l2(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l2=(beta * np.sum(W**2), 2 * beta * W))


@mutant("regularization", "The elastic net's gradient has the squared part only: the slope of the L1 part is missing.")
def elastic_gradient_without_l1(W, kind, beta=1.0):
    return _penalty(W, kind, beta, elastic=(from_parts(W, "elastic", beta)[0], 2 * beta * W))


@mutant("regularization", "The elastic net's gradient leaves beta out; its penalty has it.")
def elastic_gradient_without_beta(W, kind, beta=1.0):
    return _penalty(W, kind, beta, elastic=(from_parts(W, "elastic", beta)[0], 2 * W + np.sign(W)))


@mutant("regularization", "An unknown kind is treated as the elastic net: the last case must name its kind, too.")
def unknown_is_elastic(W, kind, beta=1.0):
    return from_parts(W, kind if kind in ("l2", "l1") else "elastic", beta)


@mutant("regularization", "W itself is changed: an in-place operation such as *= reaches the caller's array.")
def changes_the_weights(W, kind, beta=1.0):
    value, gradient = from_parts(W, kind, beta)
    gradient = np.array(gradient)
    W *= 2
    return value, gradient


@mutant("regularization", "Rows and columns are looped over, so only matrices work; W may have any shape.")
def matrices_only(W, kind, beta=1.0):
    gradient = np.zeros(W.shape)
    total = 0.0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            value, gradient[i, j] = from_parts(W[i, j], kind, beta)
            total += value
    return total, gradient
