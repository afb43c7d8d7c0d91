"""Pixels made ready for a net."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def standardize(images_train: NDArray[Any], *others: NDArray[Any]) -> Any:
    """Rows of numbers with mean 0 and standard deviation 1 over the training set, each pixel and channel for itself.

    images_train, others: (N, ...) arrays with examples of one shape. The mean and the deviation of `images_train` are
    used for all. Returns a float32 array (N, D) for each argument; for a single argument the array itself, not a
    tuple. Pixels that hardly vary (under 1 % of the overall deviation) are scaled as if they varied by that 1 %.
    The answer to `Preprocessor("standardize")` in notebook 05. Raises ValueError for examples of different shapes.
    """
    arrays = [np.asarray(images) for images in (images_train, *others)]
    for images in arrays:
        if images.ndim < 2 or images.shape[1:] != arrays[0].shape[1:] or len(arrays[0]) == 0:
            shapes = ", ".join(str(images.shape) for images in arrays)
            raise ValueError(f"standardize: arrays of (N, ...) with examples of one shape are needed, not {shapes}")
    rows = [images.reshape(len(images), int(np.prod(images.shape[1:]))).astype(np.float32) for images in arrays]
    mean = rows[0].mean(axis=0, dtype=np.float64).astype(np.float32)
    for array in rows:
        array -= mean
    variance = np.mean(np.square(rows[0]), axis=0, dtype=np.float64)
    std = np.sqrt(np.maximum(variance, 1e-4 * variance.mean()))
    scale = np.divide(1, std, out=np.ones_like(std), where=std > 0).astype(np.float32)
    for array in rows:
        array *= scale
    return rows[0] if len(rows) == 1 else tuple(rows)
