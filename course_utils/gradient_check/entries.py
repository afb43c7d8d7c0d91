"""The full check: a centred difference for every entry, with a closer look where it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from course_utils.gradient_check.errors import relative_errors
from course_utils.gradient_check.kinks import Slopes, look_closer, suspicious
from course_utils.gradient_check.loss import Loss
from course_utils.gradient_check.noise import Noise

STEP = 1e-5
CLOSER_LOOKS = 200


@dataclass
class Measured:
    """numerical: (P,) gradient. slack: (P,) the error it may have. kinks, beside, jumps: positions of the entries."""

    numerical: np.ndarray
    slack: np.ndarray
    kinks: dict[int, Slopes] = field(default_factory=dict)
    beside: list[int] = field(default_factory=list)
    jumps: list[int] = field(default_factory=list)


def measure(loss: Loss, vector: np.ndarray, here: float, noise: Noise, analytic: np.ndarray | None) -> Measured:
    """The numerical gradient, two calls an entry, and six more for each of the first CLOSER_LOOKS suspicious ones.

    analytic, if given, has x's layout; entries where it disagrees a little are measured once more with a higher order.
    """
    steps = step_sizes(vector, noise, here)
    numerical, slack = np.empty(vector.size), np.empty(vector.size)
    found = Measured(numerical, slack)
    doubtful = []
    with np.errstate(invalid="ignore", over="ignore"):
        for i, h in enumerate(steps):
            up, down = _at(loss, vector, i, h), _at(loss, vector, i, -h)
            numerical[i], slack[i] = (up - down) / (2 * h), 10 * noise.level / h
            if suspicious((here - down) / h, (up - here) / h, noise.level, h):
                doubtful.append(i)
        for i in doubtful[:CLOSER_LOOKS]:
            _look_closer(loss, vector, here, noise, i, steps[i], found)
        if analytic is not None:
            _sharpen(loss, vector, analytic, steps, found)
    return found


def step_sizes(vector: np.ndarray, noise: Noise, here: float) -> np.ndarray:
    """A step for each entry, balancing the error of the formula (h²) against that of rounding (noise / h)."""
    relative = noise.level / max(abs(here), 1.0) if np.isfinite(here) else 0.0
    return float(max(STEP, np.cbrt(relative))) * np.maximum(1.0, np.abs(vector))


def _at(loss: Loss, vector: np.ndarray, i: int, step: float) -> float:
    moved = vector.copy()
    moved[i] += step
    return loss(moved)


def _look_closer(loss: Loss, vector: np.ndarray, here: float, noise: Noise, i: int, h: float, found: Measured) -> None:
    slopes = look_closer(lambda step: _at(loss, vector, i, step), here, h, noise.level)
    if slopes.kind == "jump":
        found.jumps.append(i)
    elif slopes.kind == "kink":
        found.kinks[i] = slopes
        found.numerical[i] = slopes.centred
        # A one-sided slope is of first order only, and a bend a hair beside x still blurs it.
        found.slack[i] = (
            1e-4 * max(abs(slopes.left), abs(slopes.right)) + (slopes.high - slopes.low) / 200 + 40 * noise.level / h
        )
    elif slopes.kind == "beside":
        found.beside.append(i)
        found.numerical[i] = slopes.centred
        found.slack[i] = 10 * noise.level / h * 256 + abs(slopes.right - slopes.left) / 2


def _sharpen(loss: Loss, vector: np.ndarray, analytic: np.ndarray, steps: np.ndarray, found: Measured) -> None:
    """Richardson's extrapolation where a small disagreement may be the formula's own error."""
    errors = relative_errors(analytic, found.numerical)
    special = {*found.kinks, *found.beside, *found.jumps}
    near = (errors < 1e-2) | (np.abs(analytic - found.numerical) < 1e-6)
    close = [int(i) for i in np.flatnonzero((errors > 1e-8) & near) if int(i) not in special]
    for i in close[:CLOSER_LOOKS]:
        h = steps[i] / 2
        halved = (_at(loss, vector, i, h) - _at(loss, vector, i, -h)) / (2 * h)
        found.numerical[i] = (4 * halved - found.numerical[i]) / 3
        found.slack[i] *= 4
