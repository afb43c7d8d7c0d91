"""One look for all figures: colours that colour-blind eyes tell apart, with markers and dashes for grey print.

The palette is Okabe and Ito's, "Color Universal Design", 2008.
"""

from collections.abc import Sequence
from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))


def axes(width: float = 6.4, height: float = 4.0, title: str = "", ax: Any = None) -> tuple[Any, Any]:
    """A figure with one pair of axes (or those passed in) in the course's look: `(figure, axes)`."""
    import matplotlib.pyplot as plt

    if ax is None:
        figure, ax = plt.subplots(figsize=(width, height), layout="constrained")
    else:
        figure = ax.figure
    ax.spines[["top", "right"]].set_visible(False)
    if title:
        ax.set_title(title, fontsize=11, loc="left", wrap=True)
    return figure, ax


def grid_of_axes(rows: int, columns: int, width: float, height: float, title: str = "") -> tuple[Any, Any]:
    """A figure of bare pictures in `rows` × `columns`: `(figure, array of axes (rows, columns))`."""
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(rows, columns, figsize=(width, height), squeeze=False, layout="constrained")
    for ax in grid.ravel():
        ax.set_axis_off()
    if title:
        figure.suptitle(title, fontsize=11, x=0.01, ha="left", wrap=True)
    return figure, grid


def title_height(title: str) -> float:
    """Inches to leave above a grid of pictures for its title."""
    return 0.4 if title else 0.0


def look(number: int) -> dict[str, Any]:
    """Colour and dash of the series with this number."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}


def refuse_nothing(values: Any, where: str) -> None:
    """Raise ValueError when there is nothing to draw: an empty figure explains nothing."""
    if len(values) == 0:
        raise ValueError(f"{where}: there is nothing to draw, the values are empty")


def refuse_other_length(label: str, values: Sequence[Any], length: int, where: str) -> None:
    """Raise ValueError when a series has not one value for each of `length` places on the axis."""
    if len(values) != length:
        raise ValueError(f"{where}: {label!r} has {len(values)} values, but the axis has {length} places")
