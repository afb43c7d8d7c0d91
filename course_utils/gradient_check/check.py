"""`check_gradient`: the measurement, the verdict, and the words for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.gradient_check.causes import Cause, guess
from course_utils.gradient_check.directions import check_directions
from course_utils.gradient_check.entries import Measured, measure
from course_utils.gradient_check.errors import relative_errors
from course_utils.gradient_check.fit import Misfit, fit
from course_utils.gradient_check.loss import Loss
from course_utils.gradient_check.noise import Noise, measure_noise
from course_utils.gradient_check.parameters import Layout, pack
from course_utils.gradient_check.report import GradientReport

LARGE = 20_000


def check_gradient(
    f: Callable[[Any], Any],
    x: Any,
    analytic: Any,
    *,
    tolerance: float = 1e-6,
    regularization: Any = None,
    directions: int | None = None,
    rng: np.random.Generator | None = None,
) -> GradientReport:
    """Compares an analytic gradient of f at x with finite differences, and guesses what is wrong with it.

    f: takes what x is and returns one number. It always gets fresh float64 copies; x itself is never changed.
    x: a number, an array, or a dictionary of arrays; analytic: the gradient, of the same shape or with the same keys.
    tolerance: the relative error allowed, |a - n| / max(1e-8, |a| + |n|), beyond the rounding noise measured in f.
    regularization: the gradient of the penalty alone (for reg * sum(W**2): 2 * reg * W), made like x; with it a
        missing, halved or doubled penalty is recognised for sure. Without it, one in proportion to x is guessed.
    directions: None measures every entry (about two calls of f each). A number k >= 5 measures the slopes along k
        random directions instead, in 2k + 9 calls, and a few more to find the wrong one of several parameters: at most
        60 in all for k <= 25. It cannot name an entry, and a mistake in a single small one may stay below the
        tolerance, which is then relative to the size of the whole gradient.
    rng: draws the directions; default_rng(0) if not given, so that a second run gives the same answer.

    Returns a GradientReport, true when the gradient is right. At a kink any value between the slopes on the two sides
    is taken as right. Raises TypeError or ValueError when f does not return one number, or x is not made of numbers.
    """
    if not (np.isfinite(tolerance) and tolerance > 0):
        raise ValueError(f"tolerance has to be a positive number, and it is {tolerance}. The usual one is 1e-6.")
    if directions is not None and directions < 5:
        raise ValueError(f"directions={directions} is too few to judge by: give at least 5, better 20.")
    layout, vector, dtypes = pack(x, "x")
    if not layout.size:
        raise ValueError("x is empty: there is nothing to check.")
    penalty = _penalty(layout, regularization)
    loss, notes = Loss(f, layout), _dtype_notes(dtypes)
    given, misfit, more_notes = fit(layout, analytic)
    notes += more_notes

    rng = np.random.default_rng(0) if rng is None else rng
    here, again = loss(vector), loss(vector)
    if (stop := _no_ground(here, again)) is not None:
        return _failed(stop, notes + _loss_notes(loss, None), tolerance, loss)
    if given is not None and (cause := _not_finite(layout, given)) is not None:
        return _failed(cause, notes, tolerance, loss)
    noise = measure_noise(loss, vector, here, rng, lines=1 if directions else 2)
    if given is not None and directions:
        return check_directions(loss, layout, vector, given, here, noise, tolerance, penalty, directions, rng,
                                lambda: notes + _loss_notes(loss, noise))  # fmt: skip
    if misfit is not None and (directions or misfit.transposed is None):
        return _failed(misfit.cause, notes + _loss_notes(loss, noise), tolerance, loss)

    found = measure(loss, vector, here, noise, given)
    notes += _loss_notes(loss, noise) + _measure_notes(layout, found)
    if misfit is not None:
        return _failed(_transposed(misfit, found), notes, tolerance, loss)
    assert given is not None
    if layout.size > LARGE and not directions:
        notes.append(f"{loss.evaluations:,} calls of f were needed; directions=20 checks a big net with under 60.")
    return _judged(loss, layout, vector, given, found, tolerance, penalty, notes)


def _judged(loss: Loss, layout: Layout, vector: np.ndarray, given: np.ndarray, found: Measured, tolerance: float,
            penalty: np.ndarray | None, notes: list[str]) -> GradientReport:  # fmt: skip
    numerical = found.numerical.copy()
    for i, slopes in found.kinks.items():
        # At a kink the nearest fair answer is what the analytic value is held to.
        numerical[i] = np.clip(given[i], slopes.low, slopes.high)
    unknown = ~np.isfinite(numerical)
    errors = relative_errors(given, np.where(unknown, 0.0, numerical))
    excess = np.abs(given - numerical) - found.slack
    bad = unknown | (excess > tolerance * np.maximum(1e-8, np.abs(given) + np.abs(numerical)))
    bad[found.jumps] = True
    blurred = ~bad & (errors > 1e-3) & (np.abs(given) + np.abs(numerical) > 1e-6)
    if blurred.any():
        first = layout.place(int(np.argmax(blurred)))
        notes.append(
            f"rounding in f hides the true slope of {int(blurred.sum())} entries, first {first}: yours agree only "
            f"within {found.slack[blurred].max():.1g}. A loss nearer to 1 makes a stricter check."
        )
    # Differences within the noise of f are not the gradient's; they neither fail it nor count as its error.
    errors = np.where(bad, np.where(unknown, np.inf, errors), np.minimum(errors, tolerance))
    worst = int(np.argmax(np.where(bad, 1 + np.abs(errors), errors)))
    cause = Cause("", "")
    if unknown.any():
        cause = Cause("not_finite_loss", f"f is NaN or infinite next to x, for instance at {layout.place(worst)}.")
    elif found.jumps:
        cause = Cause("jump", "f jumps at x, so it has no gradient there. Is it an accuracy, a count, or rounded?")
    elif bad.any() and not numerical.any() and loss.is_flat(vector):
        cause = Cause("flat", "f does not change with its argument. Does it use it, or another variable of that name?")
    elif bad.any():
        cause = guess(layout, given, numerical, vector, bad, found.slack, penalty)
    return GradientReport(
        ok=not bad.any(),
        max_relative_error=float(errors[worst]),
        tolerance=tolerance,
        worst_index=layout.index(worst),
        analytic=float(given[worst]),
        numerical=float(numerical[worst]),
        cause=cause.name,
        explanation=cause.sentence,
        worst=f"entry {layout.place(worst)}",
        kinks=[layout.index(i) for i in sorted([*found.kinks, *found.beside])],
        notes=notes,
        evaluations=loss.evaluations,
    )


def _failed(cause: Cause, notes: list[str], tolerance: float, loss: Loss) -> GradientReport:
    """A report without a comparison: there was nothing to compare, or nothing to compare with."""
    return GradientReport(False, float("inf"), tolerance, None, float("nan"), float("nan"), cause.name,
                          cause.sentence, "", [], notes, loss.evaluations)  # fmt: skip


def _penalty(layout: Layout, regularization: Any) -> np.ndarray | None:
    if regularization is None:
        return None
    shape, vector, _ = pack(regularization, "regularization")
    if shape.names is not None and layout.names is not None and set(shape.names) <= set(layout.names):
        # A penalty often touches the weights only: parameters not named have none.
        full = {name: np.zeros(size) for name, size in zip(layout.names, layout.shapes, strict=True)}
        full.update(shape.unpack(vector))
        shape, vector, _ = pack(full, "regularization")
    if shape != layout:
        raise ValueError(
            f"regularization should be the penalty's gradient, made like x (shapes {list(layout.shapes)}), "
            f"and its shapes are {list(shape.shapes)}."
        )
    return vector


def _no_ground(here: float, again: float) -> Cause | None:
    if not np.isfinite(here):
        return Cause("not_finite_loss", f"f(x) is {here}, so there is no slope to measure. Look at the loss first.")
    if here != again:
        return Cause(
            "stochastic",
            f"f gave {here:.8g} and then {again:.8g} for the same x. It must not draw random numbers, or keep "
            "anything from call to call: make the generator inside f, from a fixed seed.",
        )
    return None


def _not_finite(layout: Layout, given: np.ndarray) -> Cause | None:
    strange = np.flatnonzero(~np.isfinite(given))
    if not strange.size:
        return None
    first = int(strange[0])
    return Cause(
        "not_finite",
        f"Your gradient holds NaN or infinity: {strange.size} of {given.size} entries, first {layout.place(first)} "
        f"({given[first]}). Look for a division by zero, a log of 0, or an exp of a large number.",
    )


def _transposed(misfit: Misfit, found: Measured) -> Cause:
    assert misfit.transposed is not None
    scale = float(np.abs(found.numerical).max())
    if (np.abs(misfit.transposed - found.numerical) <= 1e-5 * scale + found.slack).all():
        return Cause("transpose", misfit.cause.sentence + " Its transpose is the right gradient.")
    return misfit.cause


def _dtype_notes(dtypes: set[str]) -> list[str]:
    low = sorted(dtypes & {"float32", "float16"})
    if low:
        return [f"x came as {low[0]}; the check worked in float64, since {low[0]} blurs small differences."]
    if any(name.startswith(("int", "uint", "bool")) for name in dtypes):
        return ["x came as whole numbers; the check worked in float64."]
    return []


def _loss_notes(loss: Loss, noise: Noise | None) -> list[str]:
    notes = []
    if loss.changes_argument:
        notes.append(
            "f changes its argument in place. Your x is safe, since f got copies, but a training loop would not be."
        )
    if noise is not None and noise.single:
        notes.append(
            f"f computes in single precision somewhere (its values are noisy by {noise.level:.1g}), so only the first "
            "few digits of a gradient can be checked. Use float64 for data and weights while checking."
        )
    return notes


def _measure_notes(layout: Layout, found: Measured) -> list[str]:
    notes = []
    if found.kinks:
        first = layout.place(min(found.kinks))
        notes.append(
            f"f has a kink at x ({len(found.kinks)} of {layout.size} entries, first {first}): the slopes on the two "
            "sides differ, and any value between them counts as right. A point off the kink makes a stricter check."
        )
    if found.beside:
        first = layout.place(found.beside[0])
        notes.append(
            f"f has a kink very near x ({len(found.beside)} entries, first {first}); a shorter step was used there."
        )
    return notes
