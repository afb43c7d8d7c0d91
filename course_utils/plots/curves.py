"""Figures of curves: losses, several lines, error bars, growth with size."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import MARKERS, axes, look


def lines(
    x: Sequence[float] | np.ndarray,
    series: Mapping[str, Any],
    xlabel: str,
    ylabel: str,
    title: str = "",
    log_x: bool = False,
    log_y: bool = False,
) -> Any:
    """Several curves over one axis. x: (N,); series: label → (N,); returns the figure."""
    figure, ax = axes(title=title)
    for number, (label, values) in enumerate(series.items()):
        ax.plot(x, np.asarray(values, dtype=float), label=label, lw=1.6, **look(number))
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale="log" if log_x else "linear", yscale="log" if log_y else "linear")
    ax.legend(frameon=False, fontsize=9)
    return figure


def loss_curves(
    histories: Mapping[str, Sequence[float]],
    title: str = "",
    smooth: int = 1,
    log: bool = False,
    xlabel: str = "iteration",
    ylabel: str = "loss",
) -> Any:
    """Losses over the iterations; a running mean over `smooth` of them is drawn over the raw curve."""
    figure, ax = axes(title=title)
    for number, (label, history) in enumerate(histories.items()):
        values = np.asarray(history, dtype=float)
        style = look(number)
        if smooth > 1 and len(values) >= smooth:
            ax.plot(values, lw=0.6, alpha=0.25, color=style["color"])
            running = np.convolve(values, np.full(smooth, 1 / smooth), mode="valid")
            ax.plot(np.arange(smooth - 1, len(values)), running, lw=1.8, label=label, **style)
        else:
            ax.plot(values, lw=1.6, label=label, **style)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    ax.legend(frameon=False, fontsize=9)
    return figure


def error_bars_curve(values: Mapping[float, Sequence[float]], xlabel: str, ylabel: str, title: str = "") -> Any:
    """Mean and standard deviation of several measurements at each x, and the measurements as dots. values: x → list."""
    figure, ax = axes(title=title)
    x = np.array(sorted(values), dtype=float)
    means = [float(np.mean(values[key])) for key in sorted(values)]
    spreads = [float(np.std(values[key])) for key in sorted(values)]
    for key in values:
        ax.plot(np.full(len(values[key]), key), values[key], "o", ms=3.5, color="0.6", zorder=1)
    ax.errorbar(x, means, yerr=spreads, capsize=4, lw=1.6, marker="s", ms=5, zorder=2, **look(0))
    if len(x) > 2 and x.min() > 0 and x.max() / x.min() > 20:
        ax.set_xscale("log")
        ax.set_xticks(x, [f"{each:g}" for each in x])
        ax.minorticks_off()
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return figure


def scaling_curve(
    sizes: Sequence[float],
    seconds: Mapping[str, Sequence[float]],
    xlabel: str,
    title: str = "",
    ylabel: str = "seconds",
) -> Any:
    """Time against size, a marked line each. sizes: (N,); seconds: label → (N,)."""
    figure, ax = axes(title=title)
    for number, (label, values) in enumerate(seconds.items()):
        ax.plot(sizes, values, marker=MARKERS[number % len(MARKERS)], label=label, lw=1.6, **look(number))
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, None), ylim=(0, None))
    ax.legend(frameon=False, fontsize=9)
    return figure


def closed_curves(curves: Mapping[str, np.ndarray], title: str = "") -> Any:
    """Closed curves in the plane, on equal axes. curves: label → (2, N) points in order."""
    figure, ax = axes(4.8, 4.8, title)
    for number, (label, points) in enumerate(curves.items()):
        ax.plot(*np.hstack([points, points[:, :1]]), label=label, lw=1.8, **look(number))
    ax.axhline(0, color="0.8", lw=0.8, zorder=0)
    ax.axvline(0, color="0.8", lw=0.8, zorder=0)
    ax.set(xlabel="x", ylabel="y", aspect="equal")
    ax.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    return figure
