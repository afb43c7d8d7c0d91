"""Figures of convolution: kernels and responses, windows laid out as rows, learned filters, tables of pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.panels import WIDTH, refuse_unlabelled
from course_utils.plots.style import COLOURS, DASHES, grid_of_axes, refuse_nothing, title_height


def kernel_responses(
    image: np.ndarray, kernels: Mapping[str, np.ndarray], responses: Mapping[str, np.ndarray], title: str = ""
) -> Any:
    """An image, kernels with their numbers, and below each kernel its response.

    image: (H, W); kernels: label → (h, w); responses: the same labels → arrays of two axes, each drawn on a scale of
    its own with 0 in middle grey where it has both signs. Returns the figure. Raises ValueError where labels differ.
    """
    refuse_unlabelled(kernels, "array (h, w)", "kernel_responses")
    if kernels.keys() != responses.keys():
        raise ValueError(f"kernel_responses: kernels are called {list(kernels)}, responses {list(responses)}")
    for label, array in {"image": image, **kernels, **responses}.items():
        if np.ndim(array) != 2 or not np.size(array):
            raise ValueError(f"kernel_responses: {label!r} must have two axes, (height, width), not {np.shape(array)}")
    columns = len(kernels) + 1
    cell = WIDTH / max(columns, 5)
    figure, grid = grid_of_axes(2, columns, cell * columns, 2 * cell + 0.5 + title_height(title), title)
    grid[1, 0].imshow(image, cmap="gray", interpolation="nearest")
    grid[1, 0].set_title("image", fontsize=9)
    for column, (label, kernel) in enumerate(kernels.items(), start=1):
        _draw_numbers(grid[0, column], np.asarray(kernel, dtype=float))
        grid[0, column].set_title(label, fontsize=9)
        _draw_picture(grid[1, column], np.asarray(responses[label], dtype=float), _limits([responses[label]]))
        grid[1, column].set_title("response", fontsize=9)
    return figure


def windows_as_rows(
    image: np.ndarray, height: int, width: int, cols: np.ndarray, chosen: Sequence[int] = (0,), title: str = ""
) -> Any:
    """im2col drawn: an image with some of its windows framed, and the matrix with their rows framed alike.

    image: (H, W) whole numbers; height, width: of a window; cols: (places, height·width) at stride 1 without padding;
    chosen: numbers of the windows to frame. Returns the figure. Raises ValueError where the sizes do not fit together.
    """
    from matplotlib.patches import Rectangle

    image, cols = np.asarray(image), np.asarray(cols)
    if image.ndim != 2 or image.shape[0] < height or image.shape[1] < width:
        raise ValueError(f"windows_as_rows: windows of {height} × {width} do not fit an image {image.shape}")
    across = image.shape[1] - width + 1
    wanted = ((image.shape[0] - height + 1) * across, height * width)
    if cols.shape != wanted:
        raise ValueError(f"windows_as_rows: cols has shape {cols.shape}; these windows make {wanted}")
    if not all(0 <= number < len(cols) for number in chosen):
        raise ValueError(f"windows_as_rows: there are windows 0 to {len(cols) - 1}; chosen were {list(chosen)}")
    import matplotlib.pyplot as plt

    cell = 0.34
    size = (cell * (image.shape[1] + cols.shape[1] + 6), cell * (max(len(image), len(cols)) + 2) + title_height(title))
    ratios = {"width_ratios": (image.shape[1] + 2, cols.shape[1] + 3)}
    figure, (left, right) = plt.subplots(1, 2, figsize=size, layout="constrained", gridspec_kw=ratios)
    for ax, array, label in ((left, image, "image"), (right, cols, "one row a window")):
        _draw_numbers(ax, array.astype(float), plain=True)
        ax.set_title(label, fontsize=9)
        ax.set_axis_off()
    for place, number in enumerate(chosen):
        frame: dict[str, Any] = {
            "fill": False,
            "lw": 2.5,
            "ec": COLOURS[place % len(COLOURS)],
            "ls": DASHES[place % len(DASHES)],
        }
        top, start = divmod(number, across)
        inset = 0.06 * (place + 1)  # frames that share a side stay apart
        left.add_patch(
            Rectangle((start - 0.5 + inset, top - 0.5 + inset), width - 2 * inset, height - 2 * inset, **frame)
        )
        right.add_patch(Rectangle((-0.46, number - 0.44), cols.shape[1] - 0.08, 0.88, **frame))
    if title:
        figure.suptitle(title, fontsize=11, x=0.01, ha="left", wrap=True)
    return figure


def filter_images(W: np.ndarray, columns: int = 8, title: str = "") -> Any:
    """The kernels of a first convolution layer as pictures, grey where a weight is 0. W: (F, 3, h, w) or (F, 1, h, w).

    Each picture has its own scale. Returns the figure. Raises ValueError for another shape.
    """
    W = np.asarray(W, dtype=float)
    if W.ndim != 4 or W.shape[1] not in (1, 3) or not W.size:
        raise ValueError(f"filter_images: kernels (F, 3, h, w) or (F, 1, h, w) are needed, not {W.shape}")
    columns = max(1, min(columns, len(W)))
    rows = -(-len(W) // columns)
    cell = min(1.1, WIDTH / columns)
    figure, grid = grid_of_axes(rows, columns, cell * columns, cell * rows + title_height(title), title)
    for ax, kernel in zip(grid.ravel(), W, strict=False):
        picture = 0.5 + 0.5 * kernel / max(float(np.abs(kernel).max()), 1e-12)
        ax.imshow(picture.transpose(1, 2, 0).squeeze(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    return figure


def picture_table(rows: Mapping[str, Sequence[np.ndarray]], columns: Sequence[str], title: str = "") -> Any:
    """Pictures in rows and columns, both labelled. rows: label → a picture for each column.

    A picture is (H, W), or (H, W, 3) with uint8 or floats in [0, 1]. Arrays of two axes in one row share a scale, with
    0 in middle grey where they have both signs. Returns the figure. Raises ValueError where a picture is missing.
    """
    refuse_unlabelled(rows, "pictures", "picture_table")
    refuse_nothing(columns, "picture_table")
    for label, pictures in rows.items():
        if len(pictures) != len(columns):
            raise ValueError(f"picture_table: {label!r} has {len(pictures)} pictures for {len(columns)} columns")
        for picture in pictures:
            if not (np.ndim(picture) == 2 or (np.ndim(picture) == 3 and np.shape(picture)[2] == 3)):
                raise ValueError(f"picture_table: {label!r} has a picture of shape {np.shape(picture)}")
    cell = min(1.6, WIDTH / (len(columns) + 1))
    height = cell * len(rows) + 0.25 * max(text.count("\n") + 1 for text in columns) + title_height(title)
    figure, grid = grid_of_axes(len(rows), len(columns), cell * (len(columns) + 0.9), height, title)
    for row, (label, pictures) in enumerate(rows.items()):
        flat = [np.asarray(picture, dtype=float) for picture in pictures if np.ndim(picture) == 2]
        limits = _limits(flat) if flat else (0.0, 1.0)
        for column, picture in enumerate(pictures):
            ax = grid[row, column]
            if np.ndim(picture) == 2:
                _draw_picture(ax, np.asarray(picture, dtype=float), limits)
            else:
                ax.imshow(picture, interpolation="nearest")
            if row == 0:
                ax.set_title(columns[column], fontsize=9)
        grid[row, 0].text(
            -0.1, 0.5, label, transform=grid[row, 0].transAxes, ha="right", va="center", fontsize=9, rotation=0
        )
    return figure


def _limits(pictures: Sequence[Any]) -> tuple[float, float]:
    low = min(float(np.min(picture)) for picture in pictures)
    high = max(float(np.max(picture)) for picture in pictures)
    if low < 0 < high:
        reach = max(-low, high)
        return -reach, reach
    return low, high if high > low else low + 1.0


def _draw_picture(ax: Any, picture: np.ndarray, limits: tuple[float, float]) -> None:
    ax.imshow(picture, cmap="gray", vmin=limits[0], vmax=limits[1], interpolation="nearest")


def _draw_numbers(ax: Any, matrix: np.ndarray, plain: bool = False) -> None:
    """A matrix with its numbers written into its cells."""
    low, high = _limits([matrix] if plain else [1.3 * matrix, -1.3 * matrix])  # 0 is middle grey, no weight white
    ax.imshow(matrix, cmap="gray" if not plain else "Greys", vmin=low, vmax=high * (2.5 if plain else 1))
    for (row, column), value in np.ndenumerate(matrix):
        dark = not plain and (value - low) / (high - low) < 0.5
        number = f"{value:.2f}".replace("0.", ".") if value != round(value) else f"{value:.0f}".replace("-", "−")
        ax.text(column, row, number, ha="center", va="center", fontsize=8, color="white" if dark else "black")
