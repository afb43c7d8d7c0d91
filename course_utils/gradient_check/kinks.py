"""Tells a bend of f (a kink) and a jump from a smooth curve, along one line through x."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SHRINK = 16.0


@dataclass(frozen=True)
class Slopes:
    """One-sided slopes at x. kind: "smooth", "kink", "beside" (a kink near x) or "jump".

    At a kink any slope from low to high is a fair answer.
    """

    kind: str
    centred: float
    left: float
    right: float

    @property
    def low(self) -> float:
        return min(self.left, self.right)

    @property
    def high(self) -> float:
        return max(self.left, self.right)

    def error(self, slope: float) -> float:
        """How far a slope is from a fair answer."""
        if self.kind == "kink":
            return max(self.low - slope, slope - self.high, 0.0)
        return abs(slope - self.centred)


def suspicious(left: float, right: float, noise: float, h: float) -> bool:
    """Whether one-sided slopes at step h differ by more than gentle curvature and noise explain."""
    return abs(right - left) > 1e-4 * max(abs(left), abs(right), 1e-3) + 40 * noise / h


def look_closer(along: Callable[[float], float], here: float, h: float, noise: float) -> Slopes:
    """Compares one-sided slopes at step h and at two smaller ones; six calls of along, f as a function of the step.

    Curvature closes the gap between the slopes in proportion to h, a kink at x leaves it, and a jump widens it.
    A kink beside x, within h, leaves the gap at first and closes it as soon as the step is shorter than the distance.
    """
    steps = [h, h / SHRINK, h / SHRINK**2]
    left, right = [], []
    for step in steps:
        right.append((along(step) - here) / step)
        left.append((here - along(-step)) / step)
    gaps = [abs(r - ell) for ell, r in zip(left, right, strict=True)]
    if gaps[1] > SHRINK / 2 * gaps[0] and gaps[2] > SHRINK / 2 * gaps[1] and gaps[0] > 40 * noise / steps[2]:
        return Slopes("jump", (left[0] + right[0]) / 2, left[0], right[0])
    unsure = 40 * noise / steps[2]
    # Curvature would leave 1 / 256 of the gap; with twice that, even the shortest step crosses the bend.
    if gaps[2] > max(gaps[0] / 128, unsure):
        return Slopes("kink", (left[0] + right[0]) / 2, left[0], right[0])
    # Smooth so close to x. If the gap did not close in proportion to the step, a kink lies beside x: step short of it.
    if gaps[1] > gaps[0] / 4 + 40 * noise / steps[1] or gaps[1] < gaps[0] / 64 - 40 * noise / steps[1]:
        side = 2 if gaps[1] > gaps[0] / 4 else 1
        return Slopes("beside", (left[side] + right[side]) / 2, left[side], right[side])
    return Slopes("smooth", (left[1] + right[1]) / 2, left[1], right[1])
