"""Figures of data augmentation: a sheet of changed images, warps with their sampling places, what recipes are worth."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.panels import WIDTH, headline
from course_utils.plots.style import COLOURS, MARKERS, axes, grid_of_axes, refuse_nothing, title_height

EVERY = 3  # of the pixels of a warp's result, one in so many rows and columns is followed back
CELL = 0.62  # inches of a picture on a contact sheet


def contact_sheet(strips: Mapping[str, np.ndarray], original: np.ndarray, columns: int = 2, title: str = "") -> Any:
    """Strips of pictures with their names above, `columns` strips side by side, each led by the original.

    strips: name → (K, H, W, C) uint8, the same K for all; original: (H, W, C). Returns the figure.
    Raises ValueError for strips of different shapes.
    """
    refuse_nothing(strips, "contact_sheet")
    shapes = {name: np.shape(strip) for name, strip in strips.items()}
    first = next(iter(shapes.values()))
    if len(set(shapes.values())) > 1 or len(first) != 4 or not first[0]:
        raise ValueError(f"contact_sheet: strips of one shape (K, H, W, C) are needed, not {shapes}")
    count, height, width, channels = first
    if np.shape(original) != (height, width, channels):
        raise ValueError(f"contact_sheet: original has shape {np.shape(original)}, the strips' images {first[1:]}")
    lines = -(-len(strips) // columns)
    size = columns * ((count + 1) * CELL + 0.3), lines * (CELL + 0.24) + title_height(title)
    figure, grid = grid_of_axes(lines, columns, *size, title)
    for ax, (name, strip) in zip(grid.T.ravel(), strips.items(), strict=False):
        ax.imshow(_strip([original, *strip], gap=max(1, width // 12)), cmap="gray", vmin=0, vmax=255)
        ax.set_title(name, fontsize=8, loc="left", pad=2)
    return figure


def _strip(pictures: Sequence[np.ndarray], gap: int) -> np.ndarray:
    """Pictures side by side with white between them, a wider gap after the first."""
    white = np.full((len(pictures[0]), gap, pictures[0].shape[2]), 255, dtype=np.uint8)
    parts = [pictures[0], white, white, white]
    for picture in pictures[1:]:
        parts += [picture, white]
    return np.concatenate(parts[:-1], axis=1)


def warp_pages(
    image: np.ndarray, warps: Mapping[str, tuple[np.ndarray, np.ndarray]], every: int = EVERY, title: str = ""
) -> Any:
    """An affine warp seen from both ends: the image with the places the result's pixels come from, and the result.

    image: (H, W, C) uint8; warps: name → (matrix (2, 3), result (H, W, C)); a point at (x, y) from the image's centre
    goes to A (x, y) + t. Returns the figure. Raises ValueError where shapes do not fit.
    """
    refuse_nothing(warps, "warp_pages")
    height, width = np.shape(image)[:2]
    figure, grid = grid_of_axes(2, len(warps), 1.75 * len(warps), 3.9 + title_height(title), title)
    rows, columns = np.mgrid[every // 2 : height : every, every // 2 : width : every]
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    for number, (name, (matrix, result)) in enumerate(warps.items()):
        matrix = np.asarray(matrix, dtype=float)
        if matrix.shape != (2, 3) or np.shape(result) != np.shape(image):
            raise ValueError(
                f"warp_pages: {name!r} needs a matrix (2, 3) and a result of the image's shape {np.shape(image)}, "
                f"not {matrix.shape} and {np.shape(result)}"
            )
        places = np.stack([columns.ravel(), rows.ravel()], axis=1) - centre - matrix[:, 2]
        x, y = (np.linalg.solve(matrix[:, :2], places.T).T + centre).T
        above, below = grid[:, number]
        above.imshow(image, cmap="gray", vmin=0, vmax=255)
        above.scatter(x, y, s=7, color="white", edgecolor="black", lw=0.5)
        reach = 0.22 * max(height, width)
        above.set(xlim=(-reach, width - 1 + reach), ylim=(height - 1 + reach, -reach))
        above.set_title(name, fontsize=9)
        below.imshow(result, cmap="gray", vmin=0, vmax=255)
        below.set(xlim=(-reach, width - 1 + reach), ylim=(height - 1 + reach, -reach))
    return figure


def recipe_points(
    recipes: Sequence[str], series: Mapping[str, np.ndarray], xlabel: str = "accuracy", title: str = ""
) -> Any:
    """A line of the figure for each recipe: means with their standard deviation over seeds, single seeds behind them.

    recipes: names, from top to bottom; series: label → (seeds, recipes). The mean of the first recipe is drawn on as a
    dotted line. Returns the figure. Raises ValueError where the shapes do not fit.
    """
    refuse_nothing(series, "recipe_points")
    figure, ax = axes(WIDTH, (0.3 + 0.08 * len(series)) * len(recipes) + 1.5)
    apart = 0.6 / len(series)
    places = np.arange(len(recipes), dtype=float)
    for number, (label, values) in enumerate(series.items()):
        values = np.asarray(values, dtype=float)
        if values.ndim != 2 or values.shape[1] != len(recipes):
            raise ValueError(f"recipe_points: {label!r} must be (seeds, {len(recipes)}), not {values.shape}")
        height = places + apart * (number - (len(series) - 1) / 2)
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        spread = values.std(axis=0, ddof=1) if len(values) > 1 else None
        ax.axvline(values[:, 0].mean(), color=colour, ls=":", lw=1.0, zorder=0)
        ax.plot(values.T, np.tile(height[:, np.newaxis], len(values)), ".", color=colour, alpha=0.3, ms=5, zorder=1)
        ax.errorbar(
            values.mean(axis=0), height, xerr=spread, fmt=marker, color=colour, ms=6, capsize=3, label=label, zorder=2
        )
    ax.set_yticks(places, list(recipes))
    ax.set(xlabel=f"{xlabel} (mean, standard deviation and single seeds)", ylim=(len(recipes) - 0.5, -0.5))
    ax.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower left", ncols=len(series), frameon=False, fontsize=9)
    headline(figure, title)
    return figure
