"""The affine layer: every output is a weighted sum of all inputs, plus a bias."""

import math
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


def affine_forward(x: Array, w: Array, b: Array) -> tuple[Array, tuple[Array, Array, Array]]:
    """out = x·w + b. The answer to `affine_forward` in notebook 03.

    x: (N, d1, ..., dk), each example read as a row of D = d1·...·dk numbers; w: (D, M); b: (M,).
    Returns out (N, M) and the cache (x, w, b). Raises ValueError when the shapes do not fit.
    """
    rows = _rows(x)
    if w.ndim != 2 or rows.shape[1] != w.shape[0]:
        raise ValueError(
            f"affine_forward: x has shape {x.shape}, that is {rows.shape[1]} numbers an example, "
            f"but w has shape {w.shape}; its first side must be {rows.shape[1]}"
        )
    if b.size != w.shape[1]:
        raise ValueError(f"affine_forward: w of shape {w.shape} needs {w.shape[1]} biases, but b has shape {b.shape}")
    return rows @ w + b.reshape(-1), (x, w, b)


def affine_backward(dout: Array, cache: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    """Gradients (dx, dw, db) in the shapes of x, w and b; dout: (N, M). `affine_backward` of notebook 03."""
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), _rows(x).T @ dout, dout.sum(axis=0).reshape(b.shape)


def _rows(x: Array) -> Array:
    if x.ndim < 2:
        raise ValueError(f"affine_forward: x of shape (N, ...) is needed, not {x.shape}; one example is x[np.newaxis]")
    return x if x.ndim == 2 else x.reshape(len(x), math.prod(x.shape[1:]))
