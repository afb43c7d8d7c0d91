"""tanh and ELU: other right ways, and mistakes. Caches are those of the notebook's solution."""

import numpy as np

from autograder.testing import alternative, mutant

CHANGES_X = "The outputs are right, but x itself was changed in place: make a new array."
CHANGES_DOUT = "dx is right, but dout was changed in place: the caller may still need it. Make a new array."
NO_UPSTREAM = "The backward pass returns the local slope alone: the chain rule multiplies it by dout."
MASK_FROM_DOUT = "The two cases are told apart by the sign of dout: what counts is whether x was positive."

# tanh ------------------------------------------------------------------------------------------------------------------


@alternative("tanh", "a stretched sigmoid of twice the input", replaces="tanh_forward")
def stretched_sigmoid(x):
    shrunk = np.exp(-2 * np.abs(x))
    out = np.sign(x) * (1 - shrunk) / (1 + shrunk)
    return out, out


@alternative("tanh", "the slope as a product", replaces="tanh_backward")
def slope_as_a_product(dout, cache):
    return (1 + cache) * (1 - cache) * dout


@alternative("tanh", "the upstream gradient less its share", replaces="tanh_backward")
def less_its_share(dout, cache):
    return dout - dout * cache * cache


@mutant(
    "tanh", "The formula with exponentials as it stands is infinity by infinity for large x.", replaces="tanh_forward"
)
def overflows(x):
    with np.errstate(all="ignore"):
        out = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
    return out, out


@mutant(
    "tanh",
    "This is the sigmoid: its outputs lie between 0 and 1, those of tanh between -1 and 1.",
    replaces="tanh_forward",
)
def sigmoid_instead(x):
    out = 0.5 + 0.5 * np.tanh(x / 2)
    return out, out


@mutant("tanh", "This is tanh of half of x: the sigmoid inside must be taken at 2x.", replaces="tanh_forward")
def of_half(x):
    out = np.tanh(x / 2)
    return out, out


@mutant("tanh", CHANGES_X, replaces="tanh_forward")
def tanh_in_place(x):
    return np.tanh(x, out=x), x.copy()


@mutant("tanh", "The slope is 1 - out: the square of out is missing.", replaces="tanh_backward")
def square_missing(dout, cache):
    return dout * (1 - cache)


@mutant("tanh", "tanh is applied a second time: the cache already holds tanh(x).", replaces="tanh_backward")
def tanh_of_the_output(dout, cache):
    return dout * (1 - np.tanh(cache) ** 2)


@mutant("tanh", "out * (1 - out) is the slope of the sigmoid, not that of tanh.", replaces="tanh_backward")
def slope_of_the_sigmoid(dout, cache):
    return dout * cache * (1 - cache)


@mutant("tanh", "The sign in the slope is wrong: it is one minus the square of the output.", replaces="tanh_backward")
def plus_for_minus(dout, cache):
    return dout * (1 + cache**2)


@mutant(
    "tanh",
    "The slope uses the square of the input x; it is one minus the square of the output.",
    replaces="tanh_backward",
)
def square_of_the_input(dout, cache):
    with np.errstate(all="ignore"):
        return dout * (1 - np.arctanh(cache) ** 2)


@mutant("tanh", NO_UPSTREAM, replaces="tanh_backward")
def tanh_without_upstream(dout, cache):
    return 1 - cache**2


@mutant("tanh", CHANGES_DOUT, replaces="tanh_backward")
def tanh_changes_dout(dout, cache):
    dout *= 1 - cache**2
    return dout


# ELU -------------------------------------------------------------------------------------------------------------------


@alternative("elu", "an exponential of the negative entries only", replaces="elu_forward")
def negative_entries_only(x, alpha=1.0):
    out = np.array(x)
    negative = x <= 0
    out[negative] = alpha * (np.exp(x[negative]) - 1)
    return out, (out, alpha)


@alternative("elu", "two parts added", replaces="elu_forward")
def elu_in_two_parts(x, alpha=1.0):
    out = np.maximum(0, x) + alpha * (np.exp(np.minimum(0, x)) - 1)
    return out, (out, alpha)


@alternative("elu", "the slope by where, with the kink on the right", replaces="elu_backward")
def kink_on_the_right(dout, cache):
    out, alpha = cache
    return np.where(out >= 0, 1.0, out + alpha) * dout


@mutant("elu", "The -1 is missing: for negative x the output is alpha times (exp(x) - 1).", replaces="elu_forward")
def one_missing(x, alpha=1.0):
    out = np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)))
    return out, (out - alpha * (x <= 0), alpha)


@mutant("elu", "The outputs ignore alpha.", replaces="elu_forward")
def alpha_ignored(x, alpha=1.0):
    out = np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
    return out, (np.where(x > 0, x, alpha * out), alpha)


@mutant("elu", "alpha multiplies both sides; positive entries stay as they are.", replaces="elu_forward")
def alpha_on_both_sides(x, alpha=1.0):
    out = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return np.where(x > 0, alpha * x, out), (out, alpha)


@mutant(
    "elu", "alpha multiplies the exponential only; it multiplies the difference (exp(x) - 1).", replaces="elu_forward"
)
def brackets_missing(x, alpha=1.0):
    out = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1), (out, alpha)


@mutant(
    "elu",
    "For large x the exponential is infinite, and infinity times 0 is not a number: keep large x away from it.",
    replaces="elu_forward",
)
def infinity_times_zero(x, alpha=1.0):
    with np.errstate(all="ignore"):
        out = x * (x > 0) + alpha * (np.exp(x) - 1) * (x <= 0)
    return out, (out, alpha)


@mutant("elu", "The sign of the negative side is wrong: its outputs lie between -alpha and 0.", replaces="elu_forward")
def one_minus_exp(x, alpha=1.0):
    out = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return np.abs(out), (out, alpha)


@mutant("elu", CHANGES_X, replaces="elu_forward")
def elu_in_place(x, alpha=1.0):
    x[x <= 0] = alpha * np.expm1(x[x <= 0])
    return x, (x.copy(), alpha)


@mutant("elu", "On the negative side the slope is the output plus alpha: alpha was not added.", replaces="elu_backward")
def alpha_not_added(dout, cache):
    out, _ = cache
    return np.where(out > 0, dout, dout * out)


@mutant("elu", "The gradient adds 1 where alpha belongs: that is right for alpha = 1 only.", replaces="elu_backward")
def one_for_alpha(dout, cache):
    out, _ = cache
    return np.where(out > 0, dout, dout * (out + 1))


@mutant("elu", "The exponential in the gradient is taken of the output; it belongs to x.", replaces="elu_backward")
def exp_of_the_output(dout, cache):
    out, alpha = cache
    return np.where(out > 0, dout, dout * alpha * np.exp(np.minimum(out, 0)))


@mutant(
    "elu", "alpha is multiplied in twice: the output on the negative side contains it already.", replaces="elu_backward"
)
def alpha_twice(dout, cache):
    out, alpha = cache
    return np.where(out > 0, dout, dout * alpha * (out + alpha))


@mutant("elu", "The gradient is 0 where x is negative, as for ReLU; ELU has a slope there.", replaces="elu_backward")
def as_for_relu(dout, cache):
    return np.where(cache[0] > 0, dout, 0 * dout)


@mutant("elu", MASK_FROM_DOUT, replaces="elu_backward")
def elu_mask_from_dout(dout, cache):
    out, alpha = cache
    return np.where(dout > 0, dout, dout * (np.minimum(out, 0) + alpha))


@mutant(
    "elu",
    "Where x is negative, dx is the slope alone: it is the slope times dout.",
    replaces="elu_backward",
)
def slope_alone_on_the_left(dout, cache):
    out, alpha = cache
    return np.where(out > 0, dout, out + alpha)


@mutant("elu", NO_UPSTREAM, replaces="elu_backward")
def elu_without_upstream(dout, cache):
    out, alpha = cache
    return np.where(out > 0, 1.0, out + alpha)


@mutant("elu", CHANGES_DOUT, replaces="elu_backward")
def elu_changes_dout(dout, cache):
    out, alpha = cache
    dout *= np.where(out > 0, 1.0, out + alpha)
    return dout
