"""Gradients from values of the function alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.gradient_check.loss import Loss
from course_utils.gradient_check.parameters import pack


def numerical_gradient(f: Callable[[Any], Any], x: Any, h: float = 1e-5) -> Any:
    """The gradient of f at x by centred differences, (f(x + h) - f(x - h)) / 2h for each entry; error of order h².

    f: takes what x is (a number, an array, or a dictionary of arrays; always as float64) and returns one number.
    Returns float64 of x's shape, or such a dictionary. Calls f twice for each entry; x is not changed.
    Raises ValueError when h is not positive or f returns an array, TypeError when f returns no number.
    """
    layout, vector, _ = pack(x, "x")
    loss = Loss(f, layout)
    gradient = np.empty(layout.size)
    for i, (up, down) in enumerate(_pairs(loss, vector, _positive(h))):
        gradient[i] = (up - down) / (2 * h)
    return layout.unpack(gradient)


def forward_difference(f: Callable[[Any], Any], x: Any, h: float = 1e-5) -> Any:
    """The gradient of f at x by (f(x + h) - f(x)) / h for each entry; error of order h, so worse than centred.

    Takes and returns what `numerical_gradient` does, and calls f once for each entry and once more.
    """
    layout, vector, _ = pack(x, "x")
    loss = Loss(f, layout)
    here = loss(vector)
    gradient = np.empty(layout.size)
    for i in range(layout.size):
        moved = vector.copy()
        moved[i] += _positive(h)
        gradient[i] = (loss(moved) - here) / h
    return layout.unpack(gradient)


def complex_step_gradient(f: Callable[[Any], Any], x: Any, h: float = 1e-20) -> Any:
    """The gradient of f at x as Im f(x + ih) / h, exact to rounding (Squire and Trapp, SIAM Review 40, 1998).

    f has to be built of operations that carry complex numbers through: +, *, exp, log, sin, matrix products; not abs,
    max or a comparison, and no conjugate. Takes and returns what `numerical_gradient` does, one call for each entry.
    Raises TypeError when f loses the imaginary part.
    """
    layout, vector, _ = pack(x, "x")
    gradient = np.empty(layout.size)
    for i in range(layout.size):
        moved = vector.astype(np.complex128)
        moved[i] += 1j * _positive(h)
        value = np.asarray(f(layout.unpack(moved)))
        if value.dtype.kind != "c":
            raise TypeError(
                "f returned a real number for a complex argument: some step in it drops the imaginary part "
                "(abs, float, astype, an array made with np.zeros). Use numerical_gradient for this f."
            )
        if value.ndim:
            raise ValueError(f"f returned an array of shape {value.shape}, and a loss is one number.")
        gradient[i] = value.imag / h
    return layout.unpack(gradient)


def _positive(h: float) -> float:
    if not (np.isfinite(h) and h > 0):
        raise ValueError(f"The step h has to be a positive number, and it is {h}. A good one is 1e-5.")
    return h


def _pairs(loss: Loss, vector: np.ndarray, h: float) -> Any:
    for i in range(len(vector)):
        up, down = vector.copy(), vector.copy()
        up[i] += h
        down[i] -= h
        yield loss(up), loss(down)
