"""How exactly f can be computed: the rounding noise in its values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils.gradient_check.loss import Loss

SPACING = 1e-6
POINTS = 7
# The 4th difference of independent noise of variance s² has variance 70 s² (sum of squared binomials 1, 4, 6, 4, 1).
FOURTH = np.sqrt(70.0)


@dataclass(frozen=True)
class Noise:
    """level: the size of the noise in f's values. single: f works in single precision somewhere."""

    level: float
    single: bool


def measure_noise(loss: Loss, vector: np.ndarray, here: float, rng: np.random.Generator, lines: int) -> Noise:
    """Fourth differences along `lines` short random lines (Moré and Wild, SISC 33, 2011: ECnoise); POINTS calls each.

    Points lie on one side of x, so that a kink at x itself is not taken for noise; the quietest line counts.
    """
    levels, seen = [], [here]
    for _ in range(lines):
        direction = rng.choice([-1.0, 1.0], size=vector.size)
        direction *= np.sqrt(min(vector.size, 100) / max(vector.size, 1)) * np.maximum(1.0, np.abs(vector))
        values = np.array([loss(vector + k * SPACING * direction) for k in range(1, POINTS + 1)])
        seen.extend(values)
        with np.errstate(invalid="ignore", over="ignore"):
            levels.append(float(np.median(np.abs(np.diff(values, 4)))) / FOURTH)
    known = [level for level in levels if np.isfinite(level)]
    size = abs(here) if np.isfinite(here) else 1.0
    floor = np.finfo(np.float64).eps * size
    level = max(min(known, default=0.0), floor)
    single = "float32" in loss.returned_dtypes or "float16" in loss.returned_dtypes or _all_fit_float32(seen)
    if single:
        level = max(level, float(np.finfo(np.float32).eps) * size / 2)
    return Noise(level, single or level > max(1e-10 * size, 1e-13))


def _all_fit_float32(values: list[float]) -> bool:
    """Different values that are all exact in single precision: a double would be so by chance once in 2**29."""
    numbers = np.array(values)
    if len(set(values)) < 3 or not np.isfinite(numbers).all():
        return False
    with np.errstate(over="ignore"):
        return bool((numbers.astype(np.float32).astype(np.float64) == numbers).all())
