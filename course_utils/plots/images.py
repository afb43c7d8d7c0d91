"""Figures of pictures: grids, queries with their neighbours, edge directions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import COLOURS, grid_of_axes, title_height

SAME: dict[str, Any] = {"edgecolor": COLOURS[2], "linestyle": "-"}
OTHER: dict[str, Any] = {"edgecolor": COLOURS[1], "linestyle": "--"}


def image_grid(images: np.ndarray, titles: Sequence[str] | None = None, columns: int = 8, title: str = "") -> Any:
    """Pictures side by side. `images`: (N, H, W, 3) or (N, H, W), uint8 or floats in [0, 1]; returns the figure."""
    images = _pictures(images, "image_grid")
    count = len(images)
    if titles is not None and len(titles) != count:
        raise ValueError(f"image_grid: {count} images but {len(titles)} titles; one title an image is needed")
    columns = min(columns, count)
    rows = -(-count // columns)
    lines = [line for text in titles or () for line in text.split("\n")]
    height = max((text.count("\n") + 1 for text in titles or ()), default=0)
    cell = max(1.15, 0.085 * max(map(len, lines), default=0))
    figure, grid = grid_of_axes(
        rows, columns, cell * columns, (cell + 0.18 * height) * rows + title_height(title), title
    )
    for number, image in enumerate(images):
        ax = grid.ravel()[number]
        ax.imshow(image, cmap="gray", vmin=0, vmax=1 if image.dtype.kind == "f" else 255, interpolation="nearest")
        if titles is not None:
            ax.set_title(titles[number], fontsize=9)
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
    Returns the figure. Raises ValueError when the shapes do not fit together.
    """
    from matplotlib.patches import Patch, Rectangle

    rows, columns = _retrieval_shape(queries, neighbours, query_labels, neighbour_labels, distances)
    height = 1.55 * rows + title_height(title) + 0.3
    figure, grid = grid_of_axes(rows, columns + 1, 1.2 * (columns + 1), height, title)
    figure.get_layout_engine().set(h_pad=0.07)
    for row in range(rows):
        grid[row, 0].imshow(queries[row], interpolation="nearest")
        grid[row, 0].set_title(f"query:\n{class_names[query_labels[row]]}", fontsize=8, fontweight="bold")
        for column in range(columns):
            ax, label = grid[row, column + 1], neighbour_labels[row][column]
            ax.imshow(neighbours[row][column], interpolation="nearest")
            below = "" if distances is None else f"{distances[row][column]:,.4g}"
            ax.set_title(
                "\n".join((str(class_names[label]), below) if below else ("", str(class_names[label]))), fontsize=8
            )
            frame = SAME if label == query_labels[row] else OTHER
            ax.add_patch(Rectangle((0, 0), 1, 1, transform=ax.transAxes, fill=False, lw=3, clip_on=False, **frame))
    key = [
        Patch(fill=False, lw=2, label="same class as the query", **SAME),
        Patch(fill=False, lw=2, label="another class", **OTHER),
    ]
    figure.legend(handles=key, loc="outside lower left", ncols=2, frameon=False, fontsize=9)
    return figure


def orientation_glyphs(images: np.ndarray, histograms: np.ndarray, title: str = "") -> Any:
    """Pictures above their edge directions: in each cell a line a direction, longer and darker the more frequent it is.

    images: (N, H, W, 3); histograms: (N, rows, columns, bins), bins over [0, π) of the gradient's direction. Returns
    the figure. Raises ValueError when the shapes do not fit together.
    """
    images = _pictures(images, "orientation_glyphs")
    if np.ndim(histograms) != 4 or len(histograms) != len(images):
        raise ValueError(
            f"orientation_glyphs: histograms of shape (N, rows, columns, bins), one for each of {len(images)} images, "
            f"are needed, not {np.shape(histograms)}"
        )
    count, rows, columns, _ = histograms.shape
    figure, grid = grid_of_axes(2, count, 1.7 * count, 3.5 + title_height(title), title)
    height, width = images.shape[1:3]
    for number in range(count):
        grid[0, number].imshow(images[number], cmap="gray", interpolation="nearest")
        ax = grid[1, number]
        for row in range(rows + 1):
            ax.plot([0, width], [row * height / rows] * 2, color="0.85", lw=0.6)
        for column in range(columns + 1):
            ax.plot([column * width / columns] * 2, [0, height], color="0.85", lw=0.6)
        _draw_directions(ax, histograms[number], height / rows, width / columns)
        ax.set(xlim=(-0.5, width + 0.5), ylim=(height + 0.5, -0.5), aspect="equal")
    return figure


def _draw_directions(ax: Any, histogram: np.ndarray, height: float, width: float) -> None:
    bins = histogram.shape[-1]
    angles = (np.arange(bins) + 0.5) * np.pi / bins + np.pi / 2  # an edge runs across its gradient
    strengths = histogram / max(float(histogram.max()), 1e-12)
    for flat in np.argsort(strengths, axis=None):  # the strongest last, over the pale ones
        row, column, direction = np.unravel_index(flat, strengths.shape)
        strength = float(strengths[row, column, direction])
        if strength < 0.05:
            continue
        y, x, reach = (row + 0.5) * height, (column + 0.5) * width, 0.46 * min(height, width) * strength
        dx, dy = reach * np.cos(angles[direction]), reach * np.sin(angles[direction])
        ax.plot([x - dx, x + dx], [y - dy, y + dy], color=str(0.75 * (1 - strength)), lw=1.4)


def _pictures(images: Any, where: str) -> np.ndarray:
    images = np.asarray(images)
    if len(np.atleast_1d(images)) == 0:
        raise ValueError(f"{where}: there are no images to show")
    if not (images.ndim == 3 or (images.ndim == 4 and images.shape[-1] in (3, 4))):
        raise ValueError(f"{where}: images of shape (N, H, W, 3) or (N, H, W) are needed, not {images.shape}")
    if images.dtype.kind == "f" and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"{where}: floats must lie between 0 and 1, these run from {images.min():.4g} to {images.max():.4g}; "
            "divide pixels by 255, or pass them as uint8"
        )
    return images


def _retrieval_shape(queries: Any, neighbours: Any, query_labels: Any, labels: Any, distances: Any) -> tuple[int, int]:
    found = np.shape(neighbours)
    if len(found) != 5 or 0 in found:
        raise ValueError(f"retrieval_page: neighbours of shape (Q, K, H, W, 3) are needed, not {found}")
    rows, columns = found[:2]
    wanted = [("queries", queries, (rows, *found[2:])), ("query_labels", query_labels, (rows,))]
    wanted.append(("neighbour_labels", labels, (rows, columns)))
    if distances is not None:
        wanted.append(("distances", distances, (rows, columns)))
    for name, value, shape in wanted:
        if np.shape(value) != shape:
            raise ValueError(
                f"retrieval_page: {name} has shape {np.shape(value)}; with these neighbours wanted {shape}"
            )
    return rows, columns
