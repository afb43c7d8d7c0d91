"""Cutting arrays up: mini-batches, flat rows, smaller sets, a held-out part."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.dataset import SPLITS, Dataset

Array = NDArray[Any]


def batches(X: Array, y: Array, batch_size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """One epoch: every row of X (N, ...) and y (N,) once, in an order drawn from `rng`, `batch_size` rows at a time.

    The last batch is smaller when N is not a multiple of `batch_size`. Yields pairs of copies (X_batch, y_batch).
    Raises ValueError when X and y differ in length or `batch_size` is not a whole number of at least 1.
    """
    _check_pair("batches", X, y)
    _check_count("batches: batch_size", batch_size, least=1)
    order = rng.permutation(len(X))
    return ((X[rows], y[rows]) for rows in (order[i : i + batch_size] for i in range(0, len(X), batch_size)))


def flatten(images: Array) -> Array:
    """(N, 32, 32, 3) images as (N, 3072) rows, of the same dtype; any (N, ...) array as (N, everything else).

    The rows share memory with the images where the layout allows it. Raises ValueError for fewer than two dimensions.
    """
    images = np.asarray(images)
    if images.ndim < 2:
        raise ValueError(
            f"flatten: wanted images of shape (N, height, width, channels), got shape {images.shape}; "
            "for a single image write flatten(image[np.newaxis])"
        )
    return images.reshape(len(images), int(np.prod(images.shape[1:])))


def subset(dataset: Dataset, train: int | None = None, val: int | None = None, test: int | None = None) -> Dataset:
    """The first `train`, `val` and `test` examples of a data set (None keeps a split whole), without copying.

    The sets are in random order already, so the first n are a fair sample.
    Raises ValueError when a split has fewer examples than asked for.
    """
    parts: dict[str, Array] = {}
    for which, count in zip(SPLITS, (train, val, test), strict=True):
        if count is None:
            continue
        _check_count(f"subset: {which}", count, least=0)
        images, labels = getattr(dataset, f"{which}_images"), getattr(dataset, f"{which}_labels")
        if count > len(labels):
            raise ValueError(f"subset: {count} {which} examples asked for, {dataset.name!r} has {len(labels)}")
        parts[f"{which}_images"], parts[f"{which}_labels"] = images[:count], labels[:count]
    return replace(dataset, **parts)  # type: ignore[arg-type]


def split(X: Array, y: Array, held_out: int, rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Set `held_out` random rows apart: returns (X_rest, y_rest, X_held_out, y_held_out), every row in exactly one.

    Raises ValueError when X and y differ in length or `held_out` is not between 1 and N - 1.
    """
    _check_pair("split", X, y)
    _check_count("split: held_out", held_out, least=1)
    if held_out >= len(X):
        raise ValueError(f"split: held_out is {held_out}, but there are {len(X)} rows; at least one must be left")
    order = rng.permutation(len(X))
    rest, apart = order[held_out:], order[:held_out]
    return X[rest], y[rest], X[apart], y[apart]


def _check_pair(function: str, X: Array, y: Array) -> None:
    if np.ndim(X) == 0 or np.ndim(y) == 0 or len(X) != len(y):
        raise ValueError(
            f"{function}: X has shape {np.shape(X)} and y has shape {np.shape(y)}; they need the same number of rows"
        )


def _check_count(what: str, count: int, least: int) -> None:
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < least:
        raise ValueError(f"{what} is {count!r}; wanted a whole number of at least {least}")
