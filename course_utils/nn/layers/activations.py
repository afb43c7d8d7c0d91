"""Activation functions, a number at a time: ReLU, leaky ReLU, ELU, tanh and the sigmoid.

`dout` and `x` may have any shape, the same for both. The derivative at a kink is that of its left side.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def relu_forward(x: Array) -> tuple[Array, Array]:
    """max(0, x), and the cache x. The answer to `relu_forward` in notebook 03."""
    return np.maximum(x, 0), x


def relu_backward(dout: Array, cache: Array) -> Array:
    """dout where x > 0, else 0. The answer to `relu_backward` in notebook 03."""
    return dout * (cache > 0)


def leaky_relu_forward(x: Array, slope: float = 0.01) -> tuple[Array, tuple[Array, float]]:
    """x where x > 0, else slope·x (Maas et al., 2013). The answer to `leaky_relu_forward` in notebook 05."""
    return np.where(x > 0, x, float(slope) * x), (x, float(slope))


def leaky_relu_backward(dout: Array, cache: tuple[Array, float]) -> Array:
    """dout where x > 0, else slope·dout. The answer to `leaky_relu_backward` in notebook 05."""
    return np.where(cache[0] > 0, dout, cache[1] * dout)


def elu_forward(x: Array, alpha: float = 1.0) -> tuple[Array, tuple[Array, Array, float]]:
    """x where x > 0, else alpha·(exp(x) − 1) (Clevert et al., 2015). The answer to `elu_forward` in notebook 05."""
    below = float(alpha) * np.expm1(np.minimum(x, 0))  # exp of large x would overflow
    return np.where(x > 0, x, below), (x, below, float(alpha))


def elu_backward(dout: Array, cache: tuple[Array, Array, float]) -> Array:
    """dout where x > 0, else dout·alpha·exp(x). The answer to `elu_backward` in notebook 05."""
    x, below, alpha = cache
    return np.where(x > 0, dout, dout * (below + alpha))


def tanh_forward(x: Array) -> tuple[Array, Array]:
    """tanh(x); the cache is the output. The answer to `tanh_forward` in notebook 05."""
    saturated = np.tanh(x)
    return saturated, saturated


def tanh_backward(dout: Array, cache: Array) -> Array:
    """dout·(1 − tanh(x)²). The answer to `tanh_backward` in notebook 05."""
    return dout - dout * np.square(cache)


def sigmoid_forward(x: Array) -> tuple[Array, Array]:
    """1 / (1 + exp(−x)), without overflow; the cache is the output. The answer to `sigmoid_forward` in notebook 03."""
    small = np.exp(-np.abs(x))
    rate = np.where(x >= 0, 1, small) / (1 + small)
    return rate, rate


def sigmoid_backward(dout: Array, cache: Array) -> Array:
    """dout·σ·(1 − σ). The answer to `sigmoid_backward` in notebook 03."""
    return dout * (cache - np.square(cache))


ACTIVATIONS: dict[str, tuple[Callable[..., tuple[Array, Any]], Callable[..., Array]]] = {
    "relu": (relu_forward, relu_backward),
    "tanh": (tanh_forward, tanh_backward),
    "sigmoid": (sigmoid_forward, sigmoid_backward),
    "leaky_relu": (leaky_relu_forward, leaky_relu_backward),
    "elu": (elu_forward, elu_backward),
}
