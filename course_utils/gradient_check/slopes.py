"""Guesses a cause from slopes along random directions: the explanation that predicts them is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_utils.gradient_check.causes import Cause
from course_utils.gradient_check.parameters import Layout
from course_utils.gradient_check.words import factor_in_words, listed, penalty_in_words


@dataclass(frozen=True)
class Line:
    """One direction d (P,): the measured slope there, its uncertainty, and the gap between its two one-sided slopes."""

    direction: np.ndarray
    slope: float
    unsure: float
    gap: float


UNKNOWN = Cause(
    "unknown",
    "The slopes fit no mistake known here. Check each parameter of a smaller net entry by entry (directions=None).",
)


def guess_from_slopes(layout: Layout, x: np.ndarray, a: np.ndarray, penalty: np.ndarray | None,
                      lines: list[Line]) -> Cause:  # fmt: skip
    """The explanation that predicts the slopes measured along all lines; UNKNOWN if none does."""
    along, measured = np.array([line.direction for line in lines]), np.array([line.slope for line in lines])
    unsure = max(line.unsure + line.gap for line in lines)
    claimed = along @ a
    excess = claimed - measured
    if not a.any():
        return Cause(
            "zeros", "Your gradient is zero everywhere, and the loss does change. Was it filled in, and returned?"
        )

    def explains(model: np.ndarray, target: np.ndarray) -> bool:
        # However noisy the slopes, an explanation has to account for most of the disagreement.
        largest = float(np.abs(excess).max())
        return bool(np.abs(target - model).max() <= min(1e-3 * largest + 4 * unsure, 0.05 * largest))

    for candidate, kind in ((penalty, "given"), (x, "L2"), (np.sign(x), "L1")):
        if candidate is not None and candidate.any():
            c = _scale(along @ candidate, excess)
            if explains(c * (along @ candidate), excess) and (kind == "given" or not _one_factor(claimed, measured)):
                return Cause("regularization", penalty_in_words(c, kind))
    if (k := _one_factor(claimed, measured)) is not None:
        return Cause("sign", "It is the right gradient with the wrong sign.") if abs(k + 1) < 1e-3 else Cause(
            "factor", factor_in_words(_round(k)))  # fmt: skip
    for number, (part, shape) in enumerate(zip(layout.parts, layout.shapes, strict=True)):
        if len(shape) == 2 and shape[0] == shape[1] > 1:
            turned = a[part].reshape(shape).T.ravel()
            if explains(along[:, part] @ (a[part] - turned), excess):
                return Cause("transpose", f"{_called(layout, number)} is the transpose of the right gradient.")
    ones = along.sum(axis=1)
    if explains(_scale(ones, excess) * ones, excess):
        return Cause("offset", f"Every entry is off by the same {_scale(ones, excess):.6g}.")
    return _factors_by_parameter(layout, a, along, measured, explains) or UNKNOWN


def _factors_by_parameter(layout: Layout, a: np.ndarray, along: np.ndarray, measured: np.ndarray,
                          explains: Callable[[np.ndarray, np.ndarray], bool]) -> Cause | None:  # fmt: skip
    """A factor for each parameter of a dictionary, fitted together; needs more directions than parameters."""
    if layout.names is None or len(layout.names) + 4 > len(measured):
        return None
    pieces = np.array([along[:, part] @ a[part] for part in layout.parts]).T
    right, *_ = np.linalg.lstsq(pieces, measured, rcond=None)
    if explains(pieces @ right, measured):
        wrong = [i for i, c in enumerate(right) if abs(c - 1) > 1e-3 and c]
        words = [f"{_called(layout, i)}: {factor_in_words(_round(1 / right[i]))}" for i in wrong]
        names = listed([_called(layout, i) for i in wrong]) if wrong else ""
        if len(wrong) == 1:
            return Cause("one_parameter", f"Only {names} is wrong. {words[0]}")
        if wrong:
            return Cause("parameters", f"Wrong in {names}. {' '.join(words)}")
    return None


def _called(layout: Layout, number: int) -> str:
    return "It" if layout.names is None else repr(layout.names[number])


def _one_factor(claimed: np.ndarray, measured: np.ndarray) -> float | None:
    """c when claimed = c * measured along every direction."""
    c = _scale(measured, claimed)
    allowed = min(1e-4 * np.abs(claimed).max(), 0.05 * np.abs(claimed - measured).max())
    fits = c and np.abs(claimed - c * measured).max() <= allowed
    return c if fits else None


def _scale(model: np.ndarray, target: np.ndarray) -> float:
    squares = float(model @ model)
    return float(model @ target) / squares if squares else 0.0


def _round(c: float) -> float:
    """The nearest whole factor, or one over a whole one, if c is that up to what slopes can tell."""
    for value in (round(c), 1 / round(1 / c) if abs(c) < 1 else 0):
        if value and abs(c - value) < 2e-3 * abs(value):
            return float(value)
    return c
