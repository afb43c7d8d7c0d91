"""The quick check of many parameters: slopes along random directions in place of single entries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils.gradient_check.causes import Cause
from course_utils.gradient_check.entries import STEP
from course_utils.gradient_check.loss import Loss
from course_utils.gradient_check.noise import Noise
from course_utils.gradient_check.parameters import Layout
from course_utils.gradient_check.report import GradientReport
from course_utils.gradient_check.slopes import Line, guess_from_slopes

BUDGET = 60


def check_directions(
    loss: Loss,
    layout: Layout,
    vector: np.ndarray,
    given: np.ndarray,
    here: float,
    noise: Noise,
    tolerance: float,
    penalty: np.ndarray | None,
    count: int,
    rng: np.random.Generator,
    notes: Callable[[], list[str]],
) -> GradientReport:
    """Compares a·d with the slope of f along d for `count` directions d of random signs.

    A wrong entry e changes every slope by ±e, so one direction sees each mistake and several make it sure; a slope is
    judged against the size of all of them, since a·d may happen to be near zero.
    """
    lines = [_measure(loss, vector, here, noise, rng.choice([-1.0, 1.0], vector.size)) for _ in range(count)]
    measured = np.array([line.slope for line in lines])
    claimed = np.array([given @ line.direction for line in lines])
    scale = max(_rms(measured), _rms(claimed), 1e-8)
    gaps = np.array([line.gap for line in lines])
    unsure = np.array([line.unsure for line in lines])
    with np.errstate(invalid="ignore"):
        errors = np.abs(claimed - measured) / (2 * scale)
        bad = ~(np.abs(claimed - measured) <= 2 * scale * tolerance + unsure + gaps)
    crossed = [number for number in range(count) if gaps[number] > 1e-3 * scale + 4 * unsure[number]]
    errors = np.where(bad, np.nan_to_num(errors, nan=np.inf), np.minimum(errors, tolerance))
    worst = int(np.argmax(np.where(bad, 1 + errors, errors)))

    words = [f"{count} random directions were tried in place of {layout.size:,} entries; no single entry is named."]
    if crossed:
        words.append(
            f"f bends within the step along {len(crossed)} of {count} directions (kinks, as of a ReLU or a hinge), "
            f"so these were judged less strictly, down to a relative error of {gaps.max() / (2 * scale):.1g}."
        )
    cause = Cause("", "")
    if not np.isfinite(measured).all():
        cause = Cause("not_finite_loss", "f is NaN or infinite next to x. Look at the loss first.")
    elif bad.any():
        clean = [line for number, line in enumerate(lines) if number not in crossed]
        # Five clean directions tell causes apart better than any number of blurred ones.
        cause = guess_from_slopes(layout, vector, given, penalty, clean if len(clean) >= 5 else lines)
        if cause.name == "unknown":
            cause = _which_parameter(loss, layout, vector, given, here, noise, rng, cause)
    return GradientReport(
        ok=not bad.any(),
        max_relative_error=float(errors[worst]),
        tolerance=tolerance,
        worst_index=None,
        analytic=float(claimed[worst]),
        numerical=float(measured[worst]),
        cause=cause.name,
        explanation=cause.sentence,
        worst=f"slope (direction {worst})",
        kinks=list(crossed),
        notes=notes() + words,
        evaluations=loss.evaluations,
    )


def _measure(loss: Loss, vector: np.ndarray, here: float, noise: Noise, direction: np.ndarray) -> Line:
    """Slope of f along direction, two calls; a short step, as all entries move at once and should cross few kinks."""
    relative = noise.level / max(abs(here), 1.0)
    # One entry may move STEP; many share that, down to 1e-7 each, where x + h begins to lose digits.
    h = max(STEP / np.sqrt(min(vector.size, 10_000)), float(np.cbrt(relative)) / np.sqrt(vector.size))
    up, down = loss(vector + h * direction), loss(vector - h * direction)
    gap = abs((up - here) - (here - down)) / h
    # The formula's own error is h² times third derivatives, taken to be of order one for each entry.
    unsure = 10 * noise.level / h + 10 * h * h * vector.size
    return Line(direction, (up - down) / (2 * h), unsure, gap if np.isfinite(gap) else 0.0)


def _which_parameter(loss: Loss, layout: Layout, vector: np.ndarray, given: np.ndarray, here: float, noise: Noise,
                     rng: np.random.Generator, otherwise: Cause) -> Cause:  # fmt: skip
    """Moves one parameter of the dictionary at a time, as far as the budget of calls goes."""
    if layout.names is None or loss.evaluations + 2 * len(layout.names) > BUDGET:
        return otherwise
    wrong = []
    for name, part in zip(layout.names, layout.parts, strict=True):
        direction = np.zeros(vector.size)
        direction[part] = rng.choice([-1.0, 1.0], part.stop - part.start)
        line = _measure(loss, vector, here, noise, direction)
        claimed = float(given @ direction)
        if abs(claimed - line.slope) > 1e-4 * (abs(claimed) + abs(line.slope)) + line.unsure + line.gap:
            wrong.append(repr(name))
    if len(wrong) == 1:
        return Cause("one_parameter", f"Only {wrong[0]} is wrong. Check it alone, without directions, to learn more.")
    if wrong:
        return Cause("parameters", f"Wrong in {', '.join(wrong)}. Check the last layer first: the others build on it.")
    return otherwise


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))
