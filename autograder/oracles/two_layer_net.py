"""What notebook 04's exercises should give, written apart from its solution.

Scores come from plain Python numbers, an entry at a time. Each gradient is one product over all paths from a parameter
to the loss, written as a sum over indices; automatic differentiation holds it in tests/test_oracles_two_layer_net.py.
"""

import math
from collections.abc import Mapping
from operator import mul
from typing import Any

import numpy as np

Params = Mapping[str, Any]


def scores(params: Params, X: Any) -> np.ndarray:
    """The scores of every row of X, (N, C)."""
    first = list(zip(np.asarray(params["W1"]).T.tolist(), np.asarray(params["b1"]).tolist(), strict=True))
    second = list(zip(np.asarray(params["W2"]).T.tolist(), np.asarray(params["b2"]).tolist(), strict=True))
    table = []
    for example in np.asarray(X, dtype=np.float64).tolist():
        fired = [max(math.fsum(map(mul, example, weights)) + bias, 0.0) for weights, bias in first]
        table.append([math.fsum(map(mul, fired, weights)) + bias for weights, bias in second])
    return np.array(table)


def labels(params: Params, X: Any) -> list[int]:
    """The class with the largest score, row by row."""
    return [row.index(max(row)) for row in scores(params, X).tolist()]


def loss_and_gradients(params: Params, X: Any, y: Any, reg: float) -> tuple[float, dict[str, np.ndarray]]:
    """Mean softmax loss plus half of reg times the sum of the squared weights, and its slope in every parameter."""
    W1, b1, W2, b2 = (np.asarray(params[name], dtype=np.float64) for name in ("W1", "b1", "W2", "b2"))
    x, true = np.asarray(X, dtype=np.float64), np.eye(len(b2))[np.asarray(y).astype(int)]
    before = np.einsum("nd,dh->nh", x, W1) + b1
    on = np.heaviside(before, 0.0)
    leads = np.einsum("nh,nh,hc->nc", on, before, W2) + b2
    leads -= np.einsum("nc,nc->n", leads, true)[:, np.newaxis]
    charges = np.logaddexp.reduce(leads, axis=1)  # the true class leads itself by 0
    pull = (np.exp(leads - charges[:, np.newaxis]) - true) / len(x)
    gradients = {
        "W1": np.einsum("nd,nh,hc,nc->dh", x, on, W2, pull) + reg * W1,
        "b1": np.einsum("nh,hc,nc->h", on, W2, pull),
        "W2": np.einsum("nh,nh,nc->hc", on, before, pull) + reg * W2,
        "b2": np.einsum("nc->c", pull),
    }
    squares = np.einsum("ij,ij", W1, W1) + np.einsum("ij,ij", W2, W2)
    return float(charges.mean() + reg * squares / 2), gradients


def clear_of_kinks(params: Params, X: Any, distance: float = 1e-2) -> bool:
    """Whether no hidden unit is so close to its kink on any row that rounding decides whether it is on."""
    before = np.asarray(X, dtype=np.float64) @ np.asarray(params["W1"], dtype=np.float64) + params["b1"]
    return bool(np.min(np.abs(before)) > distance)


def initial_loss(params: Params, reg: float) -> float:
    """The loss of a net whose scores are all equal: a guess among the classes, and the penalty of its weights."""
    squares = math.fsum(weight**2 for name in ("W1", "W2") for weight in np.ravel(params[name]).tolist())
    return -math.log(1 / len(params["b2"])) + reg * squares / 2


def ratio(param: Any, update: Any) -> float:
    """Length of the update over length of the parameter."""
    return math.hypot(*np.ravel(update).tolist()) / math.hypot(*np.ravel(param).tolist())


def place_in_range(value: float, low: float, high: float) -> float:
    """Where a value lies between low (0) and high (1), counted in orders of magnitude."""
    return (math.log10(value) - math.log10(low)) / (math.log10(high) - math.log10(low))
