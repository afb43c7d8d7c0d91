"""Figures of what a classifier does: regions in the plane, templates, a table of its mistakes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import COLOURS, MARKERS, axes, grid_of_axes, title_height


def decision_boundary(
    predict: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    ax: Any = None,
    title: str = "",
    steps: int = 150,
) -> Any:
    """The regions that `predict` gives each class, with the examples. X: (N, 2); y: (N,) integers from 0.

    predict: places (M, 2) → labels (M,). Draws into `ax` if given; returns the figure. Raises ValueError when X, y or
    what `predict` returns has another shape.
    """
    from matplotlib.colors import ListedColormap

    if np.ndim(X) != 2 or np.shape(X)[1] != 2 or np.shape(y) != (len(X),):
        raise ValueError(
            f"decision_boundary: X of shape (N, 2) and y of shape (N,) are needed, not {np.shape(X)} and {np.shape(y)}"
        )
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.08 * (high - low)
    grid = np.meshgrid(*(np.linspace(a - m, b + m, steps) for a, b, m in zip(low, high, margin, strict=True)))
    answers = np.asarray(predict(np.stack([axis.ravel() for axis in grid], axis=1)))
    if answers.shape != (steps**2,):
        raise ValueError(
            f"decision_boundary: predict got places of shape ({steps**2}, 2) and returned shape {answers.shape}; "
            f"one label a place, shape ({steps**2},), is needed"
        )
    regions = answers.reshape(steps, steps)
    classes = int(max(y.max(), regions.max())) + 1
    figure, drawn = axes(5.6, 4.2, title, ax)
    palette = ListedColormap([COLOURS[number % len(COLOURS)] for number in range(classes)])
    drawn.pcolormesh(
        *grid, regions, cmap=palette, vmin=-0.5, vmax=classes - 0.5, alpha=0.25, shading="nearest", rasterized=True
    )
    for number in range(classes):
        inside = regions == number
        if inside.any() and not inside.all():
            drawn.contour(*grid, inside.astype(float), levels=[0.5], colors="0.3", linewidths=0.8)
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        label = f"class {number}"
        drawn.scatter(*X[y == number].T, s=30, c=colour, marker=marker, edgecolors="white", linewidths=0.6, label=label)
    drawn.set(xlabel="$x_1$", ylabel="$x_2$")
    if ax is None:
        figure.legend(frameon=False, fontsize=9, loc="outside right upper")
    return figure


def templates(
    W: np.ndarray, class_names: Sequence[str], image_shape: tuple[int, ...] = (32, 32, 3), title: str = ""
) -> Any:
    """The columns of a linear classifier's weights as pictures, grey where a weight is 0. W: (D, C), no bias.

    Each picture has its own scale. Returns the figure. Raises ValueError when W does not fit the shape or the names.
    """
    D, C = W.shape
    if int(np.prod(image_shape)) != D:
        raise ValueError(
            f"templates: W has {D} rows, but a picture of shape {image_shape} has {int(np.prod(image_shape))} numbers; "
            "leave the bias out (W[:-1] if it is the last row)"
        )
    if len(class_names) != C:
        raise ValueError(f"templates: W has {C} columns but there are {len(class_names)} class names")
    columns = min(5, C)
    rows = -(-C // columns)
    figure, grid = grid_of_axes(rows, columns, 1.6 * columns, 1.8 * rows + title_height(title), title)
    for number in range(C):
        weights = W[:, number].reshape(image_shape)
        limit = max(float(np.percentile(np.abs(weights), 99.5)), 1e-12)  # a few extreme weights would hide the rest
        picture = np.clip(0.5 + 0.5 * weights / limit, 0, 1)
        grid.ravel()[number].imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        grid.ravel()[number].set_title(class_names[number], fontsize=10)
    return figure


def confusion_matrix(y_true: np.ndarray, y_pred: np.ndarray, class_names: Sequence[str], title: str = "") -> Any:
    """How often each true class (row) got each answer (column), in counts. y_true, y_pred: (N,) integers from 0.

    Returns the figure. Raises ValueError when lengths differ or a label has no name.
    """
    y_true, y_pred, C = np.asarray(y_true), np.asarray(y_pred), len(class_names)
    if y_true.shape != y_pred.shape or y_true.ndim != 1 or not len(y_true):
        raise ValueError(
            f"confusion_matrix: as many answers as true labels are needed, in shape (N,), not {y_true.shape} and "
            f"{y_pred.shape}"
        )
    for name, labels in (("y_true", y_true), ("y_pred", y_pred)):
        if labels.min() < 0 or labels.max() >= C:
            raise ValueError(
                f"confusion_matrix: {name} runs from {labels.min()} to {labels.max()}, but the {C} class names go from "
                f"0 to {C - 1}"
            )
    counts = np.zeros((C, C), dtype=int)
    np.add.at(counts, (y_true, y_pred), 1)
    figure, ax = axes(6.4, 5.6, title)
    image = ax.imshow(counts, cmap="Blues", interpolation="nearest", vmin=0)
    figure.colorbar(image, ax=ax, shrink=0.8, label="pictures")
    for row, column in np.ndindex(C, C):
        if counts[row, column]:
            colour = "white" if counts[row, column] > counts.max() / 2 else "black"
            ax.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=8.5, color=colour)
    ax.set_xticks(range(C), class_names, rotation=45, ha="right", rotation_mode="anchor", fontsize=9)
    ax.set_yticks(range(C), class_names, fontsize=9)
    ax.set(xlabel="answer", ylabel="true class")
    return figure
