"""Starting values of weights."""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

VARIANCES = {"he": 2.0, "xavier": 1.0, "zeros": 0.0}  # of a weight, times fan_in


def init_weights(
    kind: str | float, fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> NDArray[Any]:
    """Normal draws of shape (fan_in, fan_out), mean 0 and standard deviation by `kind`. `init_weights` of notebook 05.

    "he": √(2/fan_in) (He et al., 2015); "xavier": 1/√fan_in (Glorot and Bengio, 2010, whose own is √(2/(fan_in +
    fan_out))); "zeros"; or a number, the standard deviation itself. The draws are made in float64, so that a seed means
    the same weights in either dtype. Raises ValueError for another kind.
    """
    if isinstance(kind, str) and kind in VARIANCES:
        std = math.sqrt(VARIANCES[kind] / fan_in)
    elif isinstance(kind, int | float | np.number) and not isinstance(kind, bool) and 0 <= kind < np.inf:
        std = float(kind)
    else:
        known = ", ".join(map(repr, VARIANCES))
        raise ValueError(f"init is {kind!r}; it is one of {known}, or a standard deviation of at least 0")
    return (std * rng.standard_normal((fan_in, fan_out))).astype(dtype)
