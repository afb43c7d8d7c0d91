"""Leaky ReLU: other right ways, and mistakes. Caches are those of the notebook's solution."""

import numpy as np

from autograder.mutants.activations.gates import CHANGES_DOUT, CHANGES_X, MASK_FROM_DOUT, NO_UPSTREAM
from autograder.testing import alternative, mutant


@alternative("leaky_relu", "the larger of x and slope times x", replaces="leaky_relu_forward")
def larger_of_two(x, slope=0.01):
    return np.maximum(x, slope * x), (x, slope)


@alternative("leaky_relu", "positive and negative parts added", replaces="leaky_relu_forward")
def two_parts(x, slope=0.01):
    return np.maximum(0, x) + slope * np.minimum(0, x), (x, slope)


@alternative("leaky_relu", "a slope of 1 at the kink", replaces="leaky_relu_backward")
def one_at_the_kink(dout, cache):
    x, slope = cache
    return dout * np.where(x >= 0, 1.0, slope)


@alternative("leaky_relu", "changes a copy where x is not positive", replaces="leaky_relu_backward")
def changed_copy(dout, cache):
    x, slope = cache
    dx = np.array(dout)
    dx[x <= 0] *= slope
    return dx


@mutant(
    "leaky_relu",
    "The sign of the slope is wrong: for negative x the output is negative too.",
    replaces="leaky_relu_forward",
)
def slope_sign(x, slope=0.01):
    return np.where(x > 0, x, -slope * x), (x, slope)


@mutant(
    "leaky_relu", "This is the plain ReLU: negative entries become 0, not slope times x.", replaces="leaky_relu_forward"
)
def plain_relu(x, slope=0.01):
    return np.maximum(0, x), (x, slope)


@mutant("leaky_relu", "The outputs use 0.01 whatever slope is passed.", replaces="leaky_relu_forward")
def fixed_slope(x, slope=0.01):
    return np.where(x > 0, x, 0.01 * x), (x, slope)


@mutant("leaky_relu", "The two cases are exchanged: positive entries stay as they are.", replaces="leaky_relu_forward")
def exchanged(x, slope=0.01):
    return np.where(x > 0, slope * x, x), (x, slope)


@mutant(
    "leaky_relu",
    "Negative entries become the slope itself; they are to be multiplied by it.",
    replaces="leaky_relu_forward",
)
def constant_on_the_left(x, slope=0.01):
    return np.where(x > 0, x, slope), (x, slope)


@mutant("leaky_relu", CHANGES_X, replaces="leaky_relu_forward")
def leaky_in_place(x, slope=0.01):
    before = x.copy()
    x[x <= 0] *= slope
    return x, (before, slope)


@mutant("leaky_relu", MASK_FROM_DOUT, replaces="leaky_relu_backward")
def leaky_mask_from_dout(dout, cache):
    _, slope = cache
    return np.where(dout > 0, dout, slope * dout)


@mutant(
    "leaky_relu",
    "The gradient is 0 where x is negative: there it is the slope times dout.",
    replaces="leaky_relu_backward",
)
def nothing_on_the_left(dout, cache):
    return np.where(cache[0] > 0, dout, 0 * dout)


@mutant("leaky_relu", "The gradient has the wrong sign where x is negative.", replaces="leaky_relu_backward")
def gradient_sign(dout, cache):
    x, slope = cache
    return np.where(x > 0, dout, -slope * dout)


@mutant(
    "leaky_relu",
    "dout is passed on unchanged: where x is negative it must be multiplied by the slope.",
    replaces="leaky_relu_backward",
)
def passed_on(dout, cache):
    return 1.0 * dout


@mutant(
    "leaky_relu",
    "The gradient uses 0.01 whatever slope was passed to the forward pass.",
    replaces="leaky_relu_backward",
)
def fixed_slope_back(dout, cache):
    return np.where(cache[0] > 0, dout, 0.01 * dout)


@mutant(
    "leaky_relu",
    "Where x is negative the gradient is slope times x; it must be slope times dout.",
    replaces="leaky_relu_backward",
)
def x_for_dout(dout, cache):
    x, slope = cache
    return np.where(x > 0, dout, slope * x)


@mutant(
    "leaky_relu",
    "Where x is negative, dx is the slope alone: it is the slope times dout.",
    replaces="leaky_relu_backward",
)
def slope_alone_on_the_left(dout, cache):
    x, slope = cache
    return np.where(x > 0, dout, slope)


@mutant(
    "leaky_relu",
    "The two cases are told apart by out >= 0: with a slope of 0 that is true of every entry. Ask whether x was positive.",
    replaces="leaky_relu_backward",
)
def mask_from_out(dout, cache):
    x, slope = cache
    return np.where(np.maximum(x, slope * x) >= 0, dout, slope * dout)


@mutant("leaky_relu", NO_UPSTREAM, replaces="leaky_relu_backward")
def leaky_without_upstream(dout, cache):
    x, slope = cache
    return np.where(x > 0, 1.0, slope)


@mutant("leaky_relu", CHANGES_DOUT, replaces="leaky_relu_backward")
def leaky_changes_dout(dout, cache):
    x, slope = cache
    dout[x <= 0] *= slope
    return dout
