"""Figures of pictures: grids, queries with their neighbours, edge directions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import grid_of_axes


def image_grid(images: np.ndarray, titles: Sequence[str] | None = None, columns: int = 8, title: str = "") -> Any:
    """Pictures side by side. `images`: (N, H, W, 3) or (N, H, W), uint8 or floats in [0, 1]; returns the figure."""
    count = len(images)
    if count == 0:
        raise ValueError("there are no images to show")
    columns = min(columns, count)
    rows = -(-count // columns)
    lines = max((text.count("\n") + 1 for text in titles), default=0) if titles is not None else 0
    widest = max((len(line) for text in titles for line in text.split("\n")), default=0) if titles is not None else 0
    cell = max(1.1, 0.075 * widest)
    figure, grid = grid_of_axes(rows, columns, cell * columns, (cell + 0.17 * lines) * rows + 0.4 * bool(title), title)
    for number, image in enumerate(images):
        ax = grid.ravel()[number]
        ax.imshow(image, cmap="gray", interpolation="nearest")
        if titles is not None:
            ax.set_title(titles[number], fontsize=8)
    return figure


def retrieval_page(
    queries: np.ndarray,
    neighbours: np.ndarray,
    query_labels: np.ndarray,
    neighbour_labels: np.ndarray,
    class_names: Sequence[str],
    distances: np.ndarray | None = None,
    title: str = "",
) -> Any:
    """A row a query: the query, then its neighbours, framed by whether the class is the same (solid) or not (dashed).

    queries: (Q, H, W, 3); neighbours: (Q, K, H, W, 3); labels: (Q,) and (Q, K); distances: (Q, K), shown if given.
    """
    from matplotlib.patches import Rectangle

    rows, columns = neighbours.shape[:2]
    figure, grid = grid_of_axes(rows, columns + 1, 1.15 * (columns + 1), 1.35 * rows + 0.4 * bool(title), title)
    for row in range(rows):
        grid[row, 0].imshow(queries[row], interpolation="nearest")
        grid[row, 0].set_title(f"query:\n{class_names[query_labels[row]]}", fontsize=7, fontweight="bold")
        for column in range(columns):
            ax, label = grid[row, column + 1], neighbour_labels[row, column]
            same = label == query_labels[row]
            ax.imshow(neighbours[row, column], interpolation="nearest")
            number = "" if distances is None else f"\n{distances[row, column]:,.0f}"
            ax.set_title(f"{class_names[label]}{number}", fontsize=7)
            colour, dash = ("#009E73", "-") if same else ("#D55E00", "--")
            frame = Rectangle((0, 0), 1, 1, transform=ax.transAxes, fill=False, lw=3, ec=colour, ls=dash, clip_on=False)
            ax.add_patch(frame)
    return figure


def orientation_glyphs(images: np.ndarray, histograms: np.ndarray, title: str = "") -> Any:
    """Pictures above their edge directions: in each cell a line a direction, as long as the direction is frequent.

    images: (N, H, W, 3); histograms: (N, rows, columns, bins), bins over [0, π) of the gradient's direction.
    """
    count, rows, columns, bins = histograms.shape
    figure, grid = grid_of_axes(2, count, 1.5 * count, 3.1 + 0.4 * bool(title), title)
    side = images.shape[1] / rows, images.shape[2] / columns
    angles = (np.arange(bins) + 0.5) * np.pi / bins + np.pi / 2  # an edge runs across its gradient
    for number in range(count):
        grid[0, number].imshow(images[number], interpolation="nearest")
        ax = grid[1, number]
        strongest = max(float(histograms[number].max()), 1e-12)
        for row, column, direction in np.ndindex(rows, columns, bins):
            length = 0.45 * min(side) * histograms[number, row, column, direction] / strongest
            y, x = (row + 0.5) * side[0], (column + 0.5) * side[1]
            dx, dy = length * np.cos(angles[direction]), length * np.sin(angles[direction])
            ax.plot([x - dx, x + dx], [y - dy, y + dy], color="black", lw=1.2)
        ax.set(xlim=(0, images.shape[2]), ylim=(images.shape[1], 0), aspect="equal")
    return figure
