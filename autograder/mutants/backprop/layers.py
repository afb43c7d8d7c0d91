"""The affine layer: mistakes, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant


@alternative("affine", "np.dot of the flattened batch", replaces="affine_forward")
def dot_and_add(x, w, b):
    return np.add(np.dot(x.reshape(x.shape[0], w.shape[0]), w), b), (x, w, b)


@alternative("affine", "einsum over flattened examples", replaces="affine_forward")
def einsum_of_rows(x, w, b):
    return np.einsum("nd,dm->nm", np.reshape(x, (len(x), -1)), w) + b, (x, w, b)


@alternative("affine", "loops over the examples", replaces="affine_forward")
def example_by_example(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]), dtype=x.dtype)
    for i in range(x.shape[0]):
        out[i] = np.dot(x[i].flatten(), w) + b
    return out, (x, w, b)


@alternative("affine", "sums of outer products, one an example", replaces="affine_backward")
def outer_products(dout, cache):
    x, w, _ = cache
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros(w.shape[1], dtype=w.dtype)
    for i in range(len(x)):
        dx[i] = np.reshape(w @ dout[i], x.shape[1:])
        dw += np.outer(x[i], dout[i])
        db += dout[i]
    return dx, dw, db


@alternative("affine", "the bias as a product with ones, transposes moved about", replaces="affine_backward")
def product_with_ones(dout, cache):
    x, w, _ = cache
    flat = x.reshape(len(x), -1)
    return (w @ dout.T).T.reshape(x.shape), (dout.T @ flat).T, np.ones(len(x)) @ dout


def _forward_fault(name, sentence, out, cached=lambda x, w, b: (x, w, b)):
    def work(x, w, b):
        return out(x, w, b), cached(x, w, b)

    work.__name__ = name
    mutant("affine", sentence, replaces="affine_forward")(work)


def _flat(x):
    return x.reshape(len(x), -1)


_forward_fault("bias_forgotten", "affine_forward does not add the bias b.", lambda x, w, b: _flat(x) @ w)
_forward_fault("bias_subtracted", "affine_forward subtracts the bias b; it is added.", lambda x, w, b: _flat(x) @ w - b)
_forward_fault(
    "rows_only",
    "affine_forward multiplies x as it is, which works for rows only: flatten each example first.",
    lambda x, w, b: x @ w + b,
)
_forward_fault(
    "batch_flattened",
    "affine_forward flattens the whole batch into columns: give one row to each example, not one column.",
    lambda x, w, b: x.reshape(-1, len(x)).T @ w + b,
)
_forward_fault(
    "flattened_from_behind",
    "affine_forward lays out the numbers of an example from the last axis to the first, unlike reshape.",
    lambda x, w, b: np.transpose(x, (0, *range(x.ndim - 1, 0, -1))).reshape(len(x), -1) @ w + b,
)
_forward_fault(
    "divided_by_the_inputs",
    "affine_forward divides by the number of inputs; a plain weighted sum is asked for.",
    lambda x, w, b: _flat(x) @ w / w.shape[0] + b,
)
_forward_fault(
    "rectified",
    "affine_forward applies a ReLU; this layer is linear, and the ReLU is a layer of its own.",
    lambda x, w, b: np.maximum(0, _flat(x) @ w + b),
)


@mutant("affine", "affine_forward changes the shape of x itself: reshape returns a new view, x.shape = ... does not.",
        replaces="affine_forward")  # fmt: skip
def reshapes_the_caller(x, w, b):
    kept = x.copy()
    if x.flags.c_contiguous:
        x.shape = (len(x), -1)
    return _flat(kept) @ w + b, (kept, w, b)


def _backward_fault(name, sentence, gradients):
    def work(dout, cache):
        x, w, _ = cache
        return gradients(dout, x, w)

    work.__name__ = name
    mutant("affine", sentence, replaces="affine_backward")(work)


def _dx(dout, x, w):
    return (dout @ w.T).reshape(x.shape)


def _dw(dout, x, w):
    return _flat(x).T @ dout


_backward_fault(
    "dx_left_flat",
    "dx is not in the shape of x: where examples are images, reshape it back.",
    lambda dout, x, w: (dout @ w.T, _dw(dout, x, w), dout.sum(axis=0)),
)
_backward_fault(
    "dx_not_transposed",
    "dx multiplies dout by w without its transpose, which fits only where w is square.",
    lambda dout, x, w: ((dout @ w).reshape(x.shape), _dw(dout, x, w), dout.sum(axis=0)),
)
_backward_fault(
    "dx_averaged",
    "dx is divided by the number of examples: that division is the loss's and is in dout already.",
    lambda dout, x, w: (_dx(dout, x, w) / len(x), _dw(dout, x, w), dout.sum(axis=0)),
)
_backward_fault(
    "dw_averaged",
    "dw is divided by the number of examples: that division is the loss's and is in dout already.",
    lambda dout, x, w: (_dx(dout, x, w), _dw(dout, x, w) / len(x), dout.sum(axis=0)),
)
_backward_fault(
    "dw_transposed",
    "dw comes out transposed: its shape should be that of w.",
    lambda dout, x, w: (_dx(dout, x, w), _dw(dout, x, w).T, dout.sum(axis=0)),
)
_backward_fault(
    "dw_of_the_last_example",
    "dw holds the share of the last example only: the examples' shares are to be added.",
    lambda dout, x, w: (_dx(dout, x, w), np.outer(_flat(x)[-1], dout[-1]), dout.sum(axis=0)),
)
_backward_fault(
    "db_averaged",
    "db is a mean over the examples; b is used once by each of them, and branches sum.",
    lambda dout, x, w: (_dx(dout, x, w), _dw(dout, x, w), dout.mean(axis=0)),
)
_backward_fault(
    "db_not_summed",
    "db has a row for each example: add them up, so that it has the shape of b.",
    lambda dout, x, w: (_dx(dout, x, w), _dw(dout, x, w), dout),
)
_backward_fault(
    "db_summed_over_units",
    "db is summed along the wrong axis: one number for each unit belongs there, not one for each example.",
    lambda dout, x, w: (_dx(dout, x, w), _dw(dout, x, w), dout.sum(axis=1)),
)
_backward_fault(
    "db_keeps_the_row",
    "db has the shape (1, M); b has the shape (M,), and a gradient has the shape of what it is a gradient of.",
    lambda dout, x, w: (_dx(dout, x, w), _dw(dout, x, w), dout.sum(axis=0, keepdims=True)),
)
_backward_fault(
    "db_of_ones",
    "db counts the examples; it should add up their rows of dout.",
    lambda dout, x, w: (_dx(dout, x, w), _dw(dout, x, w), np.full(w.shape[1], float(len(x)))),
)
_backward_fault(
    "db_one_number",
    "db is a single number: sum over the examples only, not over the units.",
    lambda dout, x, w: (_dx(dout, x, w), _dw(dout, x, w), dout.sum()),
)
_backward_fault(
    "order_of_the_gradients",
    "affine_backward returns dw before dx: the order is that of affine_forward's arguments.",
    lambda dout, x, w: (_dw(dout, x, w), _dx(dout, x, w), dout.sum(axis=0)),
)
_backward_fault(
    "dout_ignored",
    "affine_backward does not use dout: it differentiates the sum of the outputs.",
    lambda dout, x, w: (
        _dx(np.ones_like(dout), x, w),
        _dw(np.ones_like(dout), x, w),
        np.full(w.shape[1], float(len(x))),
    ),
)
_backward_fault(
    "wrong_sign",
    "All three gradients have the wrong sign.",
    lambda dout, x, w: (-_dx(dout, x, w), -_dw(dout, x, w), -dout.sum(axis=0)),
)


@mutant(
    "affine", "affine_backward changes dout in place; other branches may still need it.", replaces="affine_backward"
)
def changes_dout(dout, cache):
    x, w, _ = cache
    result = _dx(dout, x, w), _dw(dout, x, w), dout.sum(axis=0)
    dout *= 0
    return result
