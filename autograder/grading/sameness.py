"""Whether two pieces of work answered alike, up to rounding."""

from typing import Any

import numpy as np

from autograder.byvalue import Trace

# The same mistake in another order of operations differs by rounding only: (relative, absolute) by the coarser dtype.
ROUNDING = {2: (2e-2, 1e-3), 4: (2e-4, 1e-6), 8: (1e-6, 1e-9)}


def same_trace(one: Trace, other: Trace) -> bool:
    """Whether two pieces of work answered alike, up to rounding."""
    if len(one.replies) != len(other.replies):
        return False
    return all(map(same_reply, one.replies, other.replies))


def same_reply(one: tuple[str, Any], other: tuple[str, Any]) -> bool:
    """Whether two replies are of one kind and say the same."""
    return one[0] == other[0] and same_value(one[1], other[1])


def same_value(a: Any, b: Any) -> bool:
    """Whether two answers are equal, up to rounding."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_value(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same_value, a, b))
    numbers = (np.ndarray, np.generic, int, float, complex)
    if isinstance(a, numbers) and isinstance(b, numbers):
        return _same_array(np.asarray(a), np.asarray(b))
    return type(a) is type(b) and bool(a == b)


def _same_array(x: np.ndarray, y: np.ndarray) -> bool:
    if x.shape != y.shape:
        return False
    if "O" in (x.dtype.kind, y.dtype.kind):  # whole numbers beyond 64 bits
        return x.dtype.kind in "biuO" and y.dtype.kind in "biuO" and bool(np.all(x == y))
    if "U" in (x.dtype.kind, y.dtype.kind):
        return x.dtype.kind == y.dtype.kind and bool(np.all(x == y))
    if x.dtype.kind in "biu" and y.dtype.kind in "biu":
        return np.array_equal(x, y)
    relative, absolute = ROUNDING[min(_precision(x), _precision(y))]
    with np.errstate(invalid="ignore", over="ignore"):
        near = (np.abs(x - y) <= absolute + relative * np.abs(y)) & np.isfinite(y)
        return bool(np.all(near | (x == y) | (np.isnan(x) & np.isnan(y))))  # infinities and NaN equal themselves


def _precision(x: np.ndarray) -> int:
    """Bytes of a real number in the array, 8 for those that are exact."""
    bytes_each = x.dtype.itemsize // (2 if x.dtype.kind == "c" else 1)
    return bytes_each if x.dtype.kind in "fc" and bytes_each in ROUNDING else 8
