"""Figures of curves: losses, several lines, error bars, growth with size."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import MARKERS, axes, look, refuse_nothing, refuse_other_length


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
    refuse_nothing(series, "lines")
    for label, values in series.items():
        refuse_other_length(label, values, len(x), "lines")
    figure, ax = axes(title=title)
    for number, (label, values) in enumerate(series.items()):
        ax.plot(x, np.asarray(values, dtype=float), label=label, lw=1.6, **look(number))
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale="log" if log_x else "linear", yscale="log" if log_y else "linear")
    ax.legend(fontsize=9, framealpha=0.85, edgecolor="none")
    return figure


def loss_curves(
    histories: Mapping[str, Sequence[float]],
    title: str = "",
    smooth: int = 1,
    log: bool = False,
    xlabel: str = "iteration",
    ylabel: str = "loss",
) -> Any:
    """Losses over the iterations; with `smooth` > 1, a running mean over so many is drawn over the pale raw curve.

    histories: label → losses in order. `log` makes the vertical axis logarithmic. Returns the figure.
    """
    refuse_nothing(histories, "loss_curves")
    for label, history in histories.items():
        refuse_nothing(history, f"loss_curves, {label!r}")
    figure, ax = axes(7.6, 4.0, title)
    for number, (label, history) in enumerate(histories.items()):
        values = np.asarray(history, dtype=float)
        style = look(number)
        if 1 < smooth <= len(values):
            ax.plot(values, lw=0.6, alpha=0.3, color=style["color"])
            running = np.convolve(values, np.full(smooth, 1 / smooth), mode="valid")
            ax.plot(np.arange(smooth - 1, len(values)), running, lw=1.8, label=label, **style)
        else:
            ax.plot(values, lw=1.3, label=label, **style)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    legend_title = f"mean over {smooth} steps" if smooth > 1 else None
    words = {"title": legend_title, "title_fontsize": 9, "alignment": "left"}
    figure.legend(frameon=False, fontsize=9, loc="outside right upper", **words)  # noisy curves leave no free corner
    return figure


def error_bars_curve(values: Mapping[float, Sequence[float]], xlabel: str, ylabel: str, title: str = "") -> Any:
    """Mean and standard deviation of several measurements at each x, and the measurements as dots. values: x → list.

    The horizontal axis is logarithmic when x runs over more than a factor of 20. Returns the figure.
    """
    refuse_nothing(values, "error_bars_curve")
    for key, measured in values.items():
        refuse_nothing(measured, f"error_bars_curve, {key}")
    figure, ax = axes(title=title)
    x = np.array(sorted(values), dtype=float)
    means = [float(np.mean(values[key])) for key in sorted(values)]
    spreads = [float(np.std(values[key])) for key in sorted(values)]
    for number, key in enumerate(values):
        label = "single measurements" if number == 0 else None
        ax.plot(np.full(len(values[key]), key), values[key], "o", ms=3.5, color="0.6", zorder=1, label=label)
    ax.errorbar(
        x,
        means,
        yerr=spreads,
        capsize=4,
        lw=1.6,
        marker="s",
        ms=5,
        zorder=2,
        label="mean ± standard deviation",
        **look(0),
    )
    if len(x) > 2 and x.min() > 0 and x.max() / x.min() > 20:
        ax.set_xscale("log")
        ax.set_xticks(x, [f"{each:g}" for each in x], fontsize=9)
        ax.minorticks_off()
    ax.set(xlabel=xlabel, ylabel=ylabel)
    figure.legend(frameon=False, fontsize=9, ncols=2, loc="outside lower center")  # inside it would cover dots
    return figure


def scaling_curve(
    sizes: Sequence[float],
    seconds: Mapping[str, Sequence[float]],
    xlabel: str,
    title: str = "",
    ylabel: str = "seconds",
) -> Any:
    """Time against size, a marked line each, from 0. sizes: (N,); seconds: label → (N,); returns the figure."""
    refuse_nothing(seconds, "scaling_curve")
    for label, values in seconds.items():
        refuse_other_length(label, values, len(sizes), "scaling_curve")
    figure, ax = axes(title=title)
    for number, (label, values) in enumerate(seconds.items()):
        marker = MARKERS[number % len(MARKERS)]
        ax.plot(sizes, values, marker=marker, label=label, lw=1.6, clip_on=False, **look(number))
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, None), ylim=(0, None))
    ax.legend(frameon=False, fontsize=9)
    return figure


def closed_curves(curves: Mapping[str, np.ndarray], title: str = "") -> Any:
    """Closed curves in the plane, on equal axes. curves: label → (2, N) points in order; returns the figure."""
    refuse_nothing(curves, "closed_curves")
    for label, points in curves.items():
        if np.ndim(points) != 2 or len(points) != 2:
            raise ValueError(f"closed_curves: {label!r} must have shape (2, N), x over y, not {np.shape(points)}")
    figure, ax = axes(6.4, 4.4, title)
    for number, (label, points) in enumerate(curves.items()):
        ax.plot(*np.hstack([points, points[:, :1]]), label=label, lw=1.8, **look(number))
    ax.axhline(0, color="0.8", lw=0.8, zorder=0)
    ax.axvline(0, color="0.8", lw=0.8, zorder=0)
    ax.set(xlabel="x", ylabel="y")
    ax.set_aspect("equal", adjustable="datalim")
    figure.legend(frameon=False, fontsize=9, loc="outside right center")
    return figure
