"""Figures of amounts: bars, timings, histograms, tables as colours."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import COLOURS, axes, look, refuse_nothing, refuse_other_length


def bars(
    values: Mapping[str, float], ylabel: str = "", title: str = "", xlabel: str = "", form: str | None = None
) -> Any:
    """A bar a label, from 0, with its number above it; returns the figure.

    `form` is how numbers are written; without it "{:.3f}" for values within ±1 and "{:.3g}" for others.
    """
    refuse_nothing(values, "bars")
    amounts = list(values.values())
    form = form or _common_form(amounts)
    figure, ax = axes(max(6.4, 1.1 * len(values)), 3.8, title)
    drawn = ax.bar(range(len(values)), amounts, color=COLOURS[0], width=0.62)
    ax.bar_label(drawn, labels=[form.format(value) for value in amounts], fontsize=9, padding=2)
    ax.set_xticks(range(len(values)), [textwrap.fill(label, 13) for label in values])
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(-0.6, len(values) - 0.4))
    ax.margins(y=0.12)
    if min(amounts) < 0:
        ax.axhline(0, color="black", lw=0.8)
    return figure


def timing_bars(seconds: Mapping[str, float], title: str = "") -> Any:
    """Times on a logarithmic axis, each with its number and how many times the quickest it is. seconds: label → s.

    They are dots, not bars: a logarithmic axis has no 0 for a bar to start from. Returns the figure.
    """
    refuse_nothing(seconds, "timing_bars")
    slow = {label: value for label, value in seconds.items() if not value > 0}
    if slow:
        raise ValueError(f"timing_bars: times must be above 0 s, these are not: {slow}")
    figure, ax = axes(7.0, 1.1 + 0.42 * len(seconds), title)
    quickest = min(seconds.values())
    for row, value in enumerate(seconds.values()):
        ax.plot(value, row, "o", ms=9, color=COLOURS[0])
        times = value / quickest
        figures = f"{times:,.0f}" if times >= 100 else f"{times:.3g}"
        ratio = "the quickest" if value == quickest else f"{figures} × the quickest"
        text = f"{_in_units(value)}" if len(seconds) == 1 else f"{_in_units(value)}, {ratio}"
        ax.annotate(text, (value, row), (9, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(range(len(seconds)), list(seconds))
    ax.grid(axis="x", color="0.9")
    ax.set_axisbelow(True)
    room = (max(seconds.values()) / quickest * 4) ** 0.8  # for the words to the right of the slowest
    ax.set(
        xscale="log",
        xlabel="seconds (logarithmic)",
        xlim=(quickest / 1.8, max(seconds.values()) * max(room, 6.0)),
        ylim=(len(seconds) - 0.4, -0.6),
    )
    return figure


def histogram(values: Any, xlabel: str, title: str = "", bins: int = 40, ylabel: str = "share") -> Any:
    """How values are spread; several sets, label → (N,), are drawn over each other as outlines on common bins.

    A bar's height is the share of its own set that falls into the bin. Returns the figure.
    """
    sets = values if isinstance(values, Mapping) else {"": values}
    refuse_nothing(sets, "histogram")
    for label, each in sets.items():
        refuse_nothing(np.ravel(each), f"histogram, {label!r}" if label else "histogram")
    figure, ax = axes(title=title)
    edges = np.histogram_bin_edges(np.concatenate([np.ravel(each) for each in sets.values()]), bins)
    for number, (label, each) in enumerate(sets.items()):
        shares = np.histogram(np.ravel(each), edges)[0] / np.size(each)
        style = look(number)
        ax.stairs(shares, edges, fill=True, alpha=0.18, color=style["color"])
        ax.stairs(shares, edges, lw=1.8, label=label, **style)
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
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
    label: str = "",
) -> Any:
    """A table as colours, light for large; with labels given, the numbers are written in. matrix: (rows, columns).

    `label` says what the numbers are, beside the scale of colours. Returns the figure.
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"heatmap: a table of shape (rows, columns) is needed, not {matrix.shape}")
    rows, columns = matrix.shape
    for which, names, length in (("row_labels", row_labels, rows), ("column_labels", column_labels, columns)):
        if names is not None:
            refuse_other_length(which, names, length, "heatmap")
    labelled = row_labels is not None or column_labels is not None
    height = 1.3 + 0.5 * rows if labelled else 1.0 + min(max(1.6, 5.6 * rows / columns), 6.0)
    figure, ax = axes(max(1.5 + 0.8 * columns, 5.2) if labelled else 7.0, height, title)
    image = ax.imshow(matrix, cmap="cividis", aspect="auto" if labelled else "equal", interpolation="nearest")
    for axis, names, length in ((ax.yaxis, row_labels, rows), (ax.xaxis, column_labels, columns)):
        if names is not None:
            axis.set_ticks(range(length), list(names))
        else:
            axis.get_major_locator().set_params(integer=True)  # rows have numbers, not halves
    if labelled:
        middle, form = (np.nanmin(matrix) + np.nanmax(matrix)) / 2, _common_form(matrix)
        for row, column in np.ndindex(rows, columns):
            colour = "white" if matrix[row, column] < middle else "black"
            ax.text(column, row, form.format(matrix[row, column]), ha="center", va="center", fontsize=9, color=colour)
    else:
        figure.colorbar(image, ax=ax, shrink=0.85, label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return figure


def _common_form(values: Any) -> str:
    """Shares get the same number of decimals, so that .5 and .497 are read alike; other amounts three digits."""
    return "{:.3f}" if np.nanmax(np.abs(values)) <= 1 else "{:.3g}"


def _in_units(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
