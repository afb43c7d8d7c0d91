"""Figures of several panels side by side, and what their functions refuse alike."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_utils.plots.style import refuse_nothing

WIDTH = 9.0  # inches: what a notebook shows without shrinking it


def panels(count: int, columns: int, width: float, height: float, title: str = "") -> tuple[Any, list[Any]]:
    """A figure of `count` axes of `width` × `height` inches, `columns` in a row: `(figure, axes)`."""
    import matplotlib.pyplot as plt

    rows = -(-count // columns)
    size = (columns * width, rows * height + (0.35 if title else 0.0))
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for ax in grid.ravel()[count:]:
        ax.remove()
    for ax in grid.ravel()[:count]:
        ax.spines[["top", "right"]].set_visible(False)
    headline(figure, title)
    return figure, list(grid.ravel()[:count])


def balanced(count: int, most: int) -> int:
    """How many panels go into a row, at most `most`, so that rows are equally full: 4 of at most 3 are 2 × 2."""
    rows = -(-count // max(1, most))
    return -(-count // rows)


def headline(figure: Any, title: str) -> None:
    """Write the finding over all panels."""
    if title:
        figure.suptitle(title, fontsize=11, x=0.01, ha="left", wrap=True)


def refuse_unlabelled(values: Any, what: str, where: str) -> None:
    """Raise ValueError unless `values` is a dict, label → `what`, with something in it."""
    if not isinstance(values, Mapping):
        raise ValueError(f"{where}: a dict, label → {what}, is needed, not {type(values).__name__}")
    refuse_nothing(values, where)


def refuse_other_shape(values: Any, shape: str, fits: bool, where: str) -> None:
    """Raise ValueError unless `fits`; `shape` says in words what is needed."""
    if not fits:
        raise ValueError(f"{where}: an array of shape {shape} is needed, not {np.shape(values)}")
