"""ReLU and sigmoid layers: mistakes, and other correct solutions. Their cache is the input."""

import numpy as np

from autograder.testing import alternative, mutant


def _stable(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1 + e)


@alternative("relu", "x times the mask", replaces="relu_forward")
def by_the_mask(x):
    return x * (x > 0), x


@alternative("relu", "np.where, a copy in the cache", replaces="relu_forward")
def with_where(x):
    return np.where(x > 0, x, 0), x.copy()


@alternative("relu", "a slope of 1 at the kink", replaces="relu_backward")
def one_at_the_kink(dout, cache):
    return np.where(cache >= 0, dout, 0)


@alternative("relu", "a slope of one half at the kink", replaces="relu_backward")
def half_at_the_kink(dout, cache):
    return dout * np.heaviside(cache, 0.5)


@alternative("relu", "a copy of dout, zeroed where the input was negative", replaces="relu_backward")
def zeroed_copy(dout, cache):
    dx = dout.copy()
    dx[cache <= 0] = 0
    return dx


@alternative("sigmoid", "exponentials of negative numbers only", replaces="sigmoid_forward")
def never_overflows(x):
    out = _stable(x)
    return out, out


@alternative("sigmoid", "by the hyperbolic tangent", replaces="sigmoid_forward")
def by_tanh(x):
    out = 0.5 * (1 + np.tanh(0.5 * x))
    return out, out


@alternative("sigmoid", "out minus its square", replaces="sigmoid_backward")
def out_minus_its_square(dout, cache):
    return (cache - cache * cache) * dout


def _fault(layer, name, sentence, forward=None, backward=None):
    """A wrong forward (function of x) or a wrong backward (function of dout and the cache of the first alternative)."""

    def wrong_forward(x):
        with np.errstate(all="ignore"):
            out = forward(x)
        return out, x if layer == "relu" else out

    def wrong_backward(dout, cache):
        with np.errstate(all="ignore"):
            return backward(dout, cache)

    work, which = (wrong_forward, "forward") if forward is not None else (wrong_backward, "backward")
    work.__name__ = name
    mutant(layer, sentence, replaces=f"{layer}_{which}")(work)


# ReLU ----------------------------------------------------------------------------------------------------------------

_fault("relu", "takes_the_size", "relu_forward takes the size of x: negative entries should give 0.", np.abs)
_fault("relu", "keeps_the_negative", "relu_forward keeps the negative entries.", lambda x: np.minimum(0, x))
_fault(
    "relu", "leaks", "relu_forward lets a part of negative entries through; that is a leaky ReLU.",
    lambda x: np.where(x > 0, x, 0.01 * x),
)  # fmt: skip
_fault(
    "relu", "step_function", "relu_forward returns 1 for positive entries; it should return the entries themselves.",
    lambda x: (x > 0) * 1.0,
)  # fmt: skip
_fault("relu", "capped_at_one", "relu_forward cuts large entries off at 1.", lambda x: np.clip(x, 0, 1))
_fault(
    "relu",
    "one_maximum",
    "relu_forward takes the largest of all entries: np.maximum compares entry by entry, np.max does not.",
    lambda x: np.maximum(0, np.max(x)),
)
_fault(
    "relu", "dout_as_it_came", "relu_backward hands dout on everywhere; where the input was negative it should be 0.",
    backward=lambda dout, x: dout * 1.0,
)  # fmt: skip
_fault(
    "relu", "mask_only", "relu_backward returns the mask of ones and zeros; multiply dout by it.",
    backward=lambda dout, x: (x > 0) * 1.0,
)  # fmt: skip
_fault(
    "relu",
    "mask_of_dout",
    "relu_backward looks at the sign of dout: the mask is about the input.",
    backward=lambda dout, x: dout * (dout > 0),
)
_fault(
    "relu",
    "rectifies_the_gradient",
    "relu_backward also removes negative gradients: where the input was positive, dout passes with either sign.",
    backward=lambda dout, x: np.maximum(0, dout) * (x > 0),
)
_fault(
    "relu", "mask_inverted", "relu_backward lets the gradient through where the input was negative.",
    backward=lambda dout, x: dout * (x < 0),
)  # fmt: skip
_fault(
    "relu",
    "times_the_output",
    "relu_backward multiplies by the output; the slope of a ReLU is 1, not x, where x is positive.",
    backward=lambda dout, x: dout * np.maximum(0, x),
)
_fault(
    "relu",
    "divided_at_the_kink",
    "relu_backward divides the output by the input, which is 0 / 0 where an entry is exactly 0.",
    backward=lambda dout, x: dout * np.maximum(0, x) / x,
)


@mutant("relu", "relu_forward writes zeros into x itself: make a new array.", replaces="relu_forward")
def rectifies_in_place(x):
    before = x.copy()
    x[x < 0] = 0
    return x, before


@mutant(
    "relu", "relu_backward writes zeros into dout itself; other branches may still need it.", replaces="relu_backward"
)
def zeroes_dout(dout, cache):
    dout[cache <= 0] = 0
    return dout


# Sigmoid -----------------------------------------------------------------------------------------------------------------

_fault(
    "sigmoid",
    "overflows_above",
    "sigmoid_forward is not a number for large positive entries: infinity is divided by infinity.",
    lambda x: np.exp(x) / (1 + np.exp(x)),
)
_fault("sigmoid", "falls", "sigmoid_forward falls: the sign of x is turned round.", lambda x: 1 / (1 + np.exp(x)))
_fault("sigmoid", "hyperbolic_tangent", "sigmoid_forward is the hyperbolic tangent, from -1 to 1.", np.tanh)
_fault(
    "sigmoid",
    "softmax_over_everything",
    "sigmoid_forward divides by a sum over all entries: each entry has a sigmoid of its own.",
    lambda x: np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x))),
)
_fault(
    "sigmoid", "clipped", "sigmoid_forward cuts its input off so early that the output is noticeably wrong.",
    lambda x: _stable(np.clip(x, -2, 2)),
)  # fmt: skip
_fault(
    "sigmoid", "dout_missing", "sigmoid_backward returns the local gradient only; multiply it by dout.",
    backward=lambda dout, out: out * (1 - out),
)  # fmt: skip
_fault(
    "sigmoid", "slope_is_the_output", "sigmoid_backward multiplies by out; the factor 1 - out is missing.",
    backward=lambda dout, out: dout * out,
)  # fmt: skip
_fault(
    "sigmoid", "dout_in_one_term", "sigmoid_backward multiplies only one of the terms of out - out**2 by dout.",
    backward=lambda dout, out: dout * out - out**2,
)  # fmt: skip
_fault(
    "sigmoid", "slope_of_tanh", "sigmoid_backward uses 1 - out**2, the slope of the hyperbolic tangent.",
    backward=lambda dout, out: dout * (1 - out**2),
)  # fmt: skip
_fault(
    "sigmoid", "plus_for_minus", "sigmoid_backward multiplies by 1 + out; it should be 1 - out.",
    backward=lambda dout, out: dout * out * (1 + out),
)  # fmt: skip
_fault(
    "sigmoid",
    "sigmoid_of_the_output",
    "sigmoid_backward takes the sigmoid of the output once more; the cache holds the output already.",
    backward=lambda dout, out: dout * _stable(out) * (1 - _stable(out)),
)
_fault(
    "sigmoid",
    "slope_overflows",
    "sigmoid_backward is not a number far from 0: an exponential overflows there. out * (1 - out) needs none.",
    backward=lambda dout, out: dout * np.exp(-np.log(out / (1 - out))) / (1 + np.exp(-np.log(out / (1 - out)))) ** 2,
)


@mutant(
    "sigmoid",
    "sigmoid_backward puts the input into x * (1 - x): the output belongs there, so that is what the cache should hold.",
    replaces="sigmoid_forward",
)
def input_for_output(x):
    return _stable(x), x


@mutant(
    "sigmoid", "sigmoid_forward loops over rows and columns, so only matrices work; x may have any shape.",
    replaces="sigmoid_forward",
)  # fmt: skip
def matrices_only(x):
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = float(_stable(x[i, j]))
    return out, out


@mutant("sigmoid", "sigmoid_forward works in place and changes x: make a new array.", replaces="sigmoid_forward")
def in_place(x):
    x[...] = _stable(x)
    return x.copy(), x.copy()


@mutant(
    "sigmoid", "sigmoid_backward changes dout in place; other branches may still need it.", replaces="sigmoid_backward"
)
def changes_dout(dout, cache):
    dout *= cache * (1 - cache)
    return dout.copy()
