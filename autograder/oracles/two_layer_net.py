"""What notebook 04's exercises should give, written apart from its solution.

Scores come from plain Python numbers, an entry at a time. Gradients come from the complex step: each parameter in turn
is moved by a tiny imaginary amount, and the imaginary part of the loss is its slope: no derived formula comes in.
"""

import math
from collections.abc import Mapping
from operator import mul
from typing import Any

import numpy as np

Params = Mapping[str, Any]
TINY = 1e-30


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
    exact = {name: np.asarray(value, dtype=np.complex128)[np.newaxis] for name, value in params.items()}
    gradients = {}
    for name, value in exact.items():
        moves = TINY * 1j * np.eye(value.size).reshape(value.size, *value.shape[1:])  # one entry a copy
        slopes = _complex_losses(exact | {name: value + moves}, X, y, reg).imag / TINY
        gradients[name] = slopes.reshape(value.shape[1:])
    return float(_complex_losses(exact, X, y, reg)[0].real), gradients


def _complex_losses(params: Params, X: Any, y: Any, reg: float) -> np.ndarray:
    """The losses of many nets at once; each parameter has an axis before its own, of one copy or of all."""
    before = np.asarray(X, dtype=np.float64) @ params["W1"] + params["b1"][:, np.newaxis]
    leads = np.where(before.real > 0, before, 0) @ params["W2"] + params["b2"][:, np.newaxis]
    true = np.asarray(y).astype(int)[np.newaxis, :, np.newaxis]
    leads = leads - np.take_along_axis(leads, true, axis=2)
    top = leads.real.max(axis=2, keepdims=True)  # at least 0: the true class leads itself by 0
    charges = top[..., 0] + np.log(np.exp(leads - top).sum(axis=2))
    squares = sum(np.einsum("pij,pij->p", params[name], params[name]) for name in ("W1", "W2"))
    return np.asarray(charges.mean(axis=1) + reg * squares / 2)


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
