"""Softmax with a temperature, and the loss of distillation, an example and a class at a time; steps of distillation."""

import math
from typing import Any

import numpy as np


def tempered(scores: Any, T: float) -> np.ndarray:
    """Each probability as 1 / Σ exp((other − own) / T)."""
    rows = []
    for row in np.asarray(scores, dtype=float).tolist():
        rows.append([1 / sum(_exp((other - own) / T) for other in row) for own in row])
    return np.array(rows)


def _exp(x: float) -> float:
    return math.exp(x) if x < 700 else math.inf


def log_tempered(row: list[Any], T: float) -> list[Any]:
    """Logarithms of the probabilities of one row; complex numbers stay complex."""
    top = max(row, key=lambda z: z.real)
    rest = np.log(sum(np.exp((z - top) / T) for z in row))
    return [(z - top) / T - rest for z in row]


def divergence_loss(student: Any, teacher: Any, y: Any, T: float, alpha: float) -> Any:
    """The mean of alpha·T²·KL(teacher‖student) + (1 − alpha)·cross-entropy; complex where the student's scores are."""
    total: Any = 0.0
    for s, t, label in zip(student, teacher, y, strict=True):
        cold, warm, taught = log_tempered(list(s), 1.0), log_tempered(list(s), T), log_tempered(list(t), T)
        divergence = sum(math.exp(b) * (b - a) for a, b in zip(warm, taught, strict=True))
        total = total + alpha * T * T * divergence - (1 - alpha) * cold[int(label)]
    return total / len(y)


def divergence_slopes(student: Any, teacher: Any, y: Any, T: float, alpha: float) -> np.ndarray:
    """The gradient of the loss by the student's scores, by complex steps."""
    scores = np.asarray(student, dtype=float)
    slopes = np.zeros(scores.shape)
    for index in np.ndindex(scores.shape):
        moved = scores.astype(complex)
        moved[index] += 1e-30j
        slopes[index] = divergence_loss(moved, teacher, y, T, alpha).imag / 1e-30
    return slopes


def distilled(
    net: Any, teacher_scores: Any, X: Any, y: Any, settings: dict[str, float], steps: int, rate: float
) -> Any:
    """Steps of distillation on all images at once: (losses, parameters after them). settings: T and alpha."""
    losses, velocity = [], {name: np.zeros(value.shape) for name, value in net.params.items()}
    for step in range(steps):
        now = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        scores = net.scores(X)
        losses.append(float(divergence_loss(scores, teacher_scores, y, **settings)))
        slopes = net.parameter_slopes(X, divergence_slopes(scores, teacher_scores, y, **settings))
        for name in velocity:
            velocity[name] = 0.9 * velocity[name] - now * slopes[name]
        net = type(net)({name: value + velocity[name] for name, value in net.params.items()}, net.shape)
    return losses, net.params
