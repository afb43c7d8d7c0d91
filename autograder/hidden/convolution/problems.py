"""What several files of hidden tests share: sizes, made-up layers, and helpers for keeping mistakes apart."""

import numpy as np

from autograder.oracles import convolution as oracles
from autograder.testing import expect, expect_close

# N, C, H, W, F, HH, WW, stride, pad: no two sizes of a layer alike where that can be.
SQUARE = (2, 3, 4, 4, 4, 3, 3, 1, 0)
OBLONG = (2, 3, 3, 5, 4, 2, 3, 1, 0)
PADDED = (1, 2, 3, 4, 3, 3, 2, 1, 1)
STRIDED = (2, 2, 5, 7, 3, 3, 3, 2, 0)
BOTH = (1, 2, 4, 6, 3, 2, 4, 2, 1)
WIDE = (2, 1, 2, 3, 3, 1, 5, 1, 2)
ONE_BY_ONE = (2, 3, 2, 3, 2, 1, 1, 1, 0)


def conv_problem(rng, sizes):
    """x, w, b, conv_param and an upstream gradient for a layer of these sizes."""
    n, c, h, w, f, hh, ww, stride, pad = sizes
    out = (n, f, oracles.output_size(h, hh, stride, pad), oracles.output_size(w, ww, stride, pad))
    arrays = (rng.normal(size=(n, c, h, w)), rng.normal(size=(f, c, hh, ww)), rng.normal(size=f))
    return *arrays, {"stride": stride, "pad": pad}, rng.normal(size=out)


def provide_sizes(student):
    """The grader's conv_output_size for windows that fit, so that a mistake there is not paid for again."""
    student.provide(
        "conv_output_size",
        lambda size, filter_size, stride=1, pad=0: oracles.output_size(size, filter_size, stride, pad),
    )


def expect_gradients(gradients, expected, names, where, rtol=1e-7, atol=1e-8):
    """As many gradients as names, each close to what is expected."""
    expect(
        isinstance(gradients, (tuple, list)) and len(gradients) == len(names),
        f"{where} should return {', '.join(names)}",
    )
    for name, found, right in zip(names, gradients, expected, strict=True):
        if right is not None:
            expect_close(found, right, rtol, atol, what=name)


def expect_same(student, named):
    """Nothing handed over was changed. named: name → (handle, value before)."""
    for name, (handle, before) in named.items():
        expect(
            np.array_equal(student.value(handle), before), f"{name} was changed; the function must leave it as it is"
        )
