"""What notebook 03's exercises should give, written apart from its solution.

Smooth functions are differentiated by a complex step (Squire and Trapp 1998), functions with kinks by centred
differences away from them, the affine layer one output number at a time.
"""

import cmath
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.oracles.linear import softmax_example, svm_example

TINY = 1e-30  # a complex step: no rounding, since nothing is subtracted
STEP = 1e-5

Number = complex


# Relative error --------------------------------------------------------------------------------------------------


def worst_relative_error(a: Any, b: Any) -> float:
    """The largest relative error of the pairs, one after the other."""
    worst = 0.0
    for one, other in zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=True):
        size = math.fabs(one) + math.fabs(other)
        worst = max(worst, math.fabs(one - other) / (size if size > 1e-8 else 1e-8))
    return worst


# Gates and graphs --------------------------------------------------------------------------------------------------


def _larger(x: Number, y: Number) -> Number:
    return x if complex(x).real > complex(y).real else y


GATES: dict[str, Callable[..., Number]] = {
    "AddGate": lambda x, y: x + y,
    "MultiplyGate": lambda x, y: x * y,
    "MaxGate": _larger,
    "ExpGate": lambda x: cmath.exp(x),
    "ReciprocalGate": lambda x: 1 / x,
    "SigmoidGate": lambda x: (1 + cmath.tanh(x / 2)) / 2,
}


def slopes(function: Callable[..., Number], inputs: Sequence[float]) -> list[float]:
    """The slope of a function of numbers in each of its arguments; it must accept complex numbers."""
    found = []
    for position in range(len(inputs)):
        moved: list[Number] = list(inputs)
        moved[position] = complex(inputs[position], TINY)
        found.append(complex(function(*moved)).imag / TINY)
    return found


Nodes = Sequence[tuple[str, Callable[..., Number], Sequence[str]]]


def graph_value(nodes: Nodes, output: str, inputs: Mapping[str, Number]) -> Number:
    """The value of a node, found by asking recursively for what it takes."""
    for name, function, sources in nodes:
        if name == output:
            return function(*(graph_value(nodes, source, inputs) for source in sources))
    return inputs[output]


def graph_slopes(nodes: Nodes, output: str, inputs: Mapping[str, float]) -> dict[str, float]:
    """The slope of a node's value in each input of the graph."""
    return {
        name: complex(graph_value(nodes, output, {**inputs, name: complex(value, TINY)})).imag / TINY
        for name, value in inputs.items()
    }


# Layers ------------------------------------------------------------------------------------------------------------


def affine(x: Any, w: Any, b: Any) -> np.ndarray:
    """An affine layer, one input number of all examples at a time."""
    x, w, b = (np.asarray(each, dtype=np.float64) for each in (x, w, b))
    out = np.tile(b, (len(x), 1))
    for column, weights in zip(x.reshape(len(x), -1).T, w, strict=True):
        out += np.outer(column, weights)
    return out


def affine_slopes(dout: Any, x: Any, w: Any, b: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of sum(dout * affine(x, w, b)): each output number hands back to its parts."""
    x, w, b = (np.asarray(each, dtype=np.float64) for each in (x, w, b))
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for (n, unit), upstream in np.ndenumerate(np.asarray(dout, dtype=np.float64)):
        dx[n] += upstream * w[:, unit].reshape(x.shape[1:])
        dw[:, unit] += upstream * x[n].flatten()
        db[unit] += upstream
    return dx, dw, db


def each_entry(function: Callable[[float], float], x: Any) -> np.ndarray:
    """A function of one number, applied to every entry."""
    x = np.asarray(x, dtype=np.float64)
    return np.array([function(entry) for entry in x.ravel().tolist()]).reshape(x.shape)


def relu(entry: float) -> float:
    """Half of a number and its size."""
    return (entry + math.fabs(entry)) / 2


def relu_slope(entry: float) -> float:
    """The slope of relu away from 0."""
    return (relu(entry + STEP) - relu(entry - STEP)) / (2 * STEP)


def sigmoid(entry: float) -> float:
    """The sigmoid by the hyperbolic tangent, which overflows nowhere."""
    return (1.0 + math.tanh(entry / 2)) / 2


def sigmoid_slope(entry: float) -> float:
    """The slope of the sigmoid, by a complex step."""
    return (cmath.tanh(complex(entry, TINY) / 2) / 2).imag / TINY


# Losses of scores ----------------------------------------------------------------------------------------------------


def mean_loss(example_loss: Callable[[list[float], int], float], x: Any, y: Any) -> tuple[float, np.ndarray]:
    """The mean of an example's loss over the rows of scores, and its gradient by centred differences."""
    x = np.asarray(x, dtype=np.float64)
    losses, gradient = [], np.empty_like(x)
    for n, true in enumerate(np.asarray(y).tolist()):
        losses.append(example_loss(x[n].tolist(), true))
        for c in range(x.shape[1]):
            above, below = x[n].tolist(), x[n].tolist()
            above[c] += STEP
            below[c] -= STEP
            gradient[n, c] = (example_loss(above, true) - example_loss(below, true)) / (2 * STEP * len(x))
    return math.fsum(losses) / len(losses), gradient


def clear_of_kinks(x: Any, y: Any, distance: float = 1e-2) -> bool:
    """Whether no margin of the SVM loss is so close to zero that either slope would be right."""
    scores, true = np.asarray(x, dtype=np.float64), np.asarray(y)
    margins = scores - scores[np.arange(len(true)), true][:, None] + 1
    margins[np.arange(len(true)), true] = 1.0
    return bool(np.min(np.abs(margins)) > distance)


__all__ = [
    "GATES",
    "affine",
    "affine_slopes",
    "clear_of_kinks",
    "each_entry",
    "graph_slopes",
    "graph_value",
    "mean_loss",
    "relu",
    "relu_slope",
    "sigmoid",
    "sigmoid_slope",
    "slopes",
    "softmax_example",
    "svm_example",
    "worst_relative_error",
]
