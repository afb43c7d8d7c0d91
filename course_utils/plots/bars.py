"""Figures of amounts: bars, timings, histograms, tables as colours."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import COLOURS, axes

HATCHES = ("", "//", "..", "xx", "\\\\", "oo")


def bars(values: Mapping[str, float], ylabel: str = "", title: str = "", xlabel: str = "", form: str = "{:.3g}") -> Any:
    """A bar a label with its number above it; returns the figure."""
    figure, ax = axes(max(4.5, 1.1 * len(values)), 3.6, title)
    drawn = ax.bar(range(len(values)), list(values.values()), color=COLOURS[0], width=0.62)
    ax.bar_label(drawn, labels=[form.format(value) for value in values.values()], fontsize=9, padding=2)
    crowded = max(map(len, values), default=0) > 14
    ax.set_xticks(range(len(values)), list(values), rotation=20 if crowded else 0, ha="right" if crowded else "center")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.margins(y=0.14)
    return figure


def timing_bars(seconds: Mapping[str, float], title: str = "") -> Any:
    """Times on a logarithmic axis, each with its number and how many times the quickest it is. seconds: label → s."""
    figure, ax = axes(7.0, 0.9 + 0.5 * len(seconds), title)
    quickest = min(seconds.values())
    drawn = ax.barh(range(len(seconds)), list(seconds.values()), color=COLOURS[0], height=0.6)
    labels = [f"{_in_units(value)}  ({value / quickest:.3g}×)" for value in seconds.values()]
    ax.bar_label(drawn, labels=labels, fontsize=9, padding=4)
    ax.set_yticks(range(len(seconds)), list(seconds))
    ax.invert_yaxis()
    ax.set(xscale="log", xlabel="seconds (logarithmic)", xlim=(quickest / 2, max(seconds.values()) * 12))
    return figure


def histogram(values: Any, xlabel: str, title: str = "", bins: int = 40, ylabel: str = "share") -> Any:
    """How values are spread; several sets, label → (N,), are drawn over each other as outlines on common bins."""
    sets = values if isinstance(values, Mapping) else {"": values}
    figure, ax = axes(title=title)
    everything = np.concatenate([np.ravel(each) for each in sets.values()])
    edges = np.histogram_bin_edges(everything, bins)
    for number, (label, each) in enumerate(sets.items()):
        weights = np.full(np.size(each), 1 / np.size(each))
        common = {"bins": edges, "weights": weights, "color": COLOURS[number % len(COLOURS)]}
        ax.hist(np.ravel(each), alpha=0.25, hatch=HATCHES[number % len(HATCHES)], **common)
        ax.hist(np.ravel(each), histtype="step", lw=1.8, label=label, **common)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if isinstance(values, Mapping):
        ax.legend(frameon=False, fontsize=9)
    return figure


def heatmap(
    matrix: np.ndarray,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    row_labels: Sequence[str] | None = None,
    column_labels: Sequence[str] | None = None,
) -> Any:
    """A table as colours, light for large; with labels given, the numbers are written in. matrix: (rows, columns)."""
    rows, columns = matrix.shape
    labelled = row_labels is not None or column_labels is not None
    width, height = (1.5 + 0.8 * columns, 1.3 + 0.5 * rows) if labelled else (7.0, max(2.2, 7.0 * rows / columns))
    figure, ax = axes(max(width, 4.5), height, title)
    image = ax.imshow(matrix, cmap="cividis", aspect="auto" if labelled else "equal", interpolation="nearest")
    figure.colorbar(image, ax=ax, shrink=0.85)
    if row_labels is not None:
        ax.set_yticks(range(rows), list(row_labels))
    if column_labels is not None:
        ax.set_xticks(range(columns), list(column_labels))
    if labelled:
        middle = (np.nanmin(matrix) + np.nanmax(matrix)) / 2
        for row, column in np.ndindex(rows, columns):
            colour = "black" if matrix[row, column] > middle else "white"
            ax.text(column, row, f"{matrix[row, column]:.3g}", ha="center", va="center", fontsize=8, color=colour)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return figure


def _in_units(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
