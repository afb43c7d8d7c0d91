"""The function under test, called with fresh copies, counted and watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.gradient_check.parameters import Layout, pack


class Loss:
    """Calls f with a fresh float64 copy each time, so that nothing f does to its argument can reach the caller."""

    def __init__(self, f: Callable[[Any], Any], layout: Layout):
        if not callable(f):
            raise TypeError(
                f"f should be a function of x that returns the loss, and it is a {type(f).__name__}. "
                "Pass the function itself, for example lambda W: loss(W, X, y)."
            )
        self.f = f
        self.layout = layout
        self.evaluations = 0
        self.changes_argument = False
        self.returned_dtypes: set[str] = set()

    def __call__(self, vector: np.ndarray) -> float:
        argument = self.layout.unpack(vector)
        value = self.f(argument)
        self.evaluations += 1
        if not self.changes_argument and not isinstance(argument, float):
            self.changes_argument = self._differs(argument, vector)
        number = real_number(value)
        self.returned_dtypes.add(getattr(value, "dtype", np.dtype(np.float64)).name)
        return number

    def is_flat(self, vector: np.ndarray) -> bool:
        """Whether f gives one value for x and for points far from it."""
        far = (vector + 1.0, 1.7 * vector - 0.3)
        return len({self(vector), *(self(point) for point in far)}) == 1

    def _differs(self, argument: Any, vector: np.ndarray) -> bool:
        try:
            layout, after, _ = pack(argument, "the argument")
        except (TypeError, ValueError):
            return True
        return layout != self.layout or not np.array_equal(after, vector, equal_nan=True)


def real_number(value: Any) -> float:
    """The loss as a float. Raises TypeError or ValueError that says what came instead of one real number."""
    if value is None:
        raise TypeError("f returned None. A loss function has to return the loss: does it end with a return?")
    if isinstance(value, tuple):
        raise TypeError(
            f"f returned a tuple of {len(value)}, and the check needs the loss alone. "
            "If the loss comes first, pass lambda x: f(x)[0]."
        )
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise TypeError("f returned a complex number. A loss is one real number.")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"f returned a {type(value).__name__}. A loss is one real number.")
    if array.ndim:
        raise ValueError(
            f"f returned an array of shape {array.shape}, and a loss is one number. "
            "Reduce it to one, with a sum or a mean, before asking for its gradient."
        )
    return float(array)
