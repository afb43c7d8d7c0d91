"""The distance between two gradients."""

import numpy as np
import numpy.typing as npt


def relative_error(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """The largest of |a - b| / max(1e-8, |a| + |b|) over all entries; 0 / 0 counts as 0.

    a, b: numbers or arrays of one shape. Returns a float in [0, 1], NaN if an entry is NaN.
    Raises ValueError when the shapes do not fit.
    """
    return float(np.max(relative_errors(np.asarray(a, np.float64), np.asarray(b, np.float64)), initial=0.0))


def relative_errors(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The same, entry by entry."""
    if a.shape != b.shape and a.ndim and b.ndim:
        raise ValueError(f"relative_error compares arrays of one shape, and these have {a.shape} and {b.shape}.")
    with np.errstate(invalid="ignore", over="ignore"):
        return np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))
