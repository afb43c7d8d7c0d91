"""Figures of what a classifier does: regions in the plane, templates, a table of its mistakes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import COLOURS, MARKERS, axes, grid_of_axes


def decision_boundary(
    predict: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    ax: Any = None,
    title: str = "",
    steps: int = 150,
) -> Any:
    """The regions that `predict` gives each class, with the examples. X: (N, 2); y: (N,) integers from 0."""
    from matplotlib.colors import ListedColormap

    figure, ax = axes(4.8, 4.2, title, ax)
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.08 * (high - low)
    grid = np.meshgrid(*(np.linspace(a - m, b + m, steps) for a, b, m in zip(low, high, margin, strict=True)))
    regions = np.asarray(predict(np.stack([axis.ravel() for axis in grid], axis=1))).reshape(steps, steps)
    classes = int(max(y.max(), regions.max())) + 1
    palette = ListedColormap([COLOURS[number % len(COLOURS)] for number in range(classes)])
    ax.pcolormesh(
        *grid, regions, cmap=palette, vmin=-0.5, vmax=classes - 0.5, alpha=0.25, shading="nearest", rasterized=True
    )
    ax.contour(*grid, regions, levels=np.arange(classes - 1) + 0.5, colors="0.3", linewidths=0.8)
    for number in range(classes):
        members = X[y == number]
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        ax.scatter(
            *members.T, s=22, c=colour, marker=marker, edgecolors="white", linewidths=0.5, label=f"class {number}"
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    return figure


def templates(
    W: np.ndarray, class_names: Sequence[str], image_shape: tuple[int, ...] = (32, 32, 3), title: str = ""
) -> Any:
    """The columns of a linear classifier's weights as pictures, grey where a weight is 0. W: (D, C), no bias."""
    D, C = W.shape
    if int(np.prod(image_shape)) != D:
        raise ValueError(
            f"W has {D} rows, but a picture of shape {image_shape} has {int(np.prod(image_shape))} numbers"
        )
    columns = min(5, C)
    rows = -(-C // columns)
    figure, grid = grid_of_axes(rows, columns, 1.6 * columns, 1.85 * rows + 0.4 * bool(title), title)
    for number in range(C):
        weights = W[:, number].reshape(image_shape)
        limit = max(float(np.percentile(np.abs(weights), 99.5)), 1e-12)  # a few extreme weights would hide the rest
        grid.ravel()[number].imshow(np.clip(0.5 + 0.5 * weights / limit, 0, 1), interpolation="nearest")
        grid.ravel()[number].set_title(class_names[number], fontsize=9)
    return figure


def confusion_matrix(y_true: np.ndarray, y_pred: np.ndarray, class_names: Sequence[str], title: str = "") -> Any:
    """How often each true class (row) got each answer (column), in counts. y_true, y_pred: (N,) integers from 0."""
    C = len(class_names)
    counts = np.zeros((C, C), dtype=int)
    np.add.at(counts, (y_true, y_pred), 1)
    figure, ax = axes(6.2, 5.4, title)
    image = ax.imshow(counts, cmap="Blues", interpolation="nearest")
    figure.colorbar(image, ax=ax, shrink=0.8, label="pictures")
    for row, column in np.ndindex(C, C):
        if counts[row, column]:
            colour = "white" if counts[row, column] > counts.max() / 2 else "black"
            ax.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7.5, color=colour)
    ax.set_xticks(range(C), class_names, rotation=45, ha="right", fontsize=8)
    ax.set_yticks(range(C), class_names, fontsize=8)
    ax.set(xlabel="answer", ylabel="true class")
    return figure
