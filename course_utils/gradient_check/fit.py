"""Whether the analytic gradient is made like x, before any value is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.gradient_check.causes import Cause
from course_utils.gradient_check.parameters import Layout, pack


@dataclass(frozen=True)
class Misfit:
    """Why the gradient cannot be compared. transposed: its transpose as a vector, where that would fit."""

    cause: Cause
    transposed: np.ndarray | None = None


def fit(layout: Layout, analytic: Any) -> tuple[np.ndarray | None, Misfit | None, list[str]]:
    """The gradient as a vector in x's layout, or why it is none; and notes."""
    if analytic is None:
        sentence = "Your gradient is None. Does the function that computes it end with a return?"
        return None, Misfit(Cause("shape", sentence)), []
    if isinstance(analytic, Mapping) != (layout.names is not None):
        made = "a dictionary of parameters" if layout.names is not None else "one array or number"
        sentence = f"x is {made}, and your gradient is a {type(analytic).__name__}: they have to be made alike."
        return None, Misfit(Cause("shape", sentence)), []
    if layout.names is not None:
        missing = [repr(name) for name in layout.names if name not in analytic]
        extra = [repr(name) for name in analytic if name not in layout.names]
        if missing or extra:
            parts = ["lacks " + ", ".join(missing)] * bool(missing) + ["has unknown " + ", ".join(extra)] * bool(extra)
            return None, Misfit(Cause("shape", f"Your dictionary of gradients {' and '.join(parts)}.")), []
        analytic = {name: analytic[name] for name in layout.names}
    given, vector, dtypes = pack(analytic, "analytic")
    if given.shapes != layout.shapes:
        return None, _wrong_shape(layout, given, vector), []
    low = sorted(dtypes & {"float32", "float16"})
    note = f"Your gradient came as {low[0]}, which keeps about {7 if low[0] == 'float32' else 3} digits." if low else ""
    return vector, None, [note] if note else []


def _wrong_shape(layout: Layout, given: Layout, vector: np.ndarray) -> Misfit:
    number = next(i for i, shape in enumerate(layout.shapes) if given.shapes[i] != shape)
    want, got = layout.shapes[number], given.shapes[number]
    name = "" if layout.names is None else f" of {layout.names[number]!r}"
    sentence = f"Your gradient{name} has shape {got}, and a gradient has the shape of its x, {want}."
    if got == () and want != ():
        sentence += " Did you give the loss in place of its gradient?"
    elif len(got) == 2 and got == want[::-1]:
        sentence += " It looks transposed."
        if layout.names is None:
            return Misfit(Cause("shape", sentence), vector.reshape(got).T.ravel())
    elif len(got) == len(want) + 1 and got[1:] == want:
        sentence += " Was the sum over the examples, the first axis, left out?"
    elif len(got) < len(want) and want[len(want) - len(got) :] == got:
        sentence += " Was it summed over one axis too many?"
    return Misfit(Cause("shape", sentence))
