"""Figures of points in the plane, several panels side by side: clouds, regions of several classifiers."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_utils.plots.classifiers import decision_boundary
from course_utils.plots.panels import WIDTH, balanced, panels, refuse_other_shape, refuse_unlabelled
from course_utils.plots.style import COLOURS, MARKERS, refuse_other_length


def point_clouds(clouds: Mapping[str, np.ndarray], labels: Any = None, title: str = "", columns: int = 5) -> Any:
    """Clouds of points side by side, both axes to one scale. clouds: subtitle → (N, 2); labels: (N,) integers from 0.

    All panels show the same part of the plane, unless one cloud is more than 8 times as wide as another: then each
    has its own. Points that are not finite are left out. Returns the figure. Raises ValueError for other shapes and
    labels, and a cloud without a finite point.
    """
    refuse_unlabelled(clouds, "(N, 2) array", "point_clouds")
    for subtitle, points in clouds.items():
        fits = np.ndim(points) == 2 and np.shape(points)[1] == 2 and len(points) > 0
        refuse_other_shape(points, "(N, 2)", fits, f"point_clouds, {subtitle!r}")
        if not np.isfinite(points).all(axis=1).any():
            raise ValueError(f"point_clouds, {subtitle!r}: no point is finite")
        if labels is not None:
            refuse_other_length(f"labels of {subtitle}", labels, len(points), "point_clouds")
    if labels is not None and np.asarray(labels).dtype.kind not in "iub":
        raise ValueError(f"point_clouds: labels are integers from 0, not {np.asarray(labels).dtype}")
    frames = [_square(np.asarray(points)) for points in clouds.values()]
    reaches = [reach for _, reach in frames]
    if max(reaches) <= 8 * min(reaches):
        everything = np.concatenate([np.asarray(points) for points in clouds.values()])
        frames = [_square(everything)] * len(frames)
    columns = balanced(len(clouds), columns)
    figure, drawn = panels(len(clouds), columns, WIDTH / max(columns, 3), WIDTH / max(columns, 3) + 0.25, title)
    for ax, (subtitle, points), (centre, reach) in zip(drawn, clouds.items(), frames, strict=True):
        ax.axhline(0, color="0.75", lw=0.8, zorder=0)
        ax.axvline(0, color="0.75", lw=0.8, zorder=0)
        groups = np.zeros(len(points), dtype=int) if labels is None else np.asarray(labels).astype(int)
        for number in np.unique(groups):
            style = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
            ax.scatter(*np.asarray(points)[groups == number].T, s=10, alpha=0.6, lw=0, label=f"class {number}", **style)
        ax.set(xlim=(centre[0] - reach, centre[0] + reach), ylim=(centre[1] - reach, centre[1] + reach), aspect="equal")
        ax.set_title(subtitle, fontsize=10)
        ax.set_xlabel("$x_1$")
        ax.tick_params(labelsize=8)
    for ax in drawn[::columns]:
        ax.set_ylabel("$x_2$")
    if labels is not None:
        key = drawn[0].get_legend_handles_labels()
        figure.legend(*key, loc="outside lower left", ncols=8, frameon=False, fontsize=9)
    return figure


def _square(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre and half side of the square round the finite points."""
    points = points[np.isfinite(points).all(axis=1)]
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, 0.55 * float((high - low).max()) or 1.0


def boundary_panels(
    predictors: Mapping[str, Callable[[np.ndarray], np.ndarray]],
    X: np.ndarray,
    y: np.ndarray,
    columns: int = 3,
    title: str = "",
    steps: int = 120,
) -> Any:
    """The regions of several classifiers on the same examples, a panel each. predictors: subtitle → predict.

    predict: places (M, 2) → labels (M,); X: (N, 2); y: (N,) integers from 0. Returns the figure. Raises ValueError
    when a shape is another.
    """
    import matplotlib.pyplot as plt

    refuse_unlabelled(predictors, "predict", "boundary_panels")
    columns = balanced(len(predictors), columns)
    figure, drawn = panels(len(predictors), columns, WIDTH / max(columns, 2), WIDTH / max(columns, 3) * 0.85, title)
    try:
        for ax, (subtitle, predict) in zip(drawn, predictors.items(), strict=True):
            decision_boundary(predict, X, y, ax=ax, steps=steps)
            ax.set_title(subtitle, fontsize=10)
            ax.tick_params(labelsize=8)
            ax.set(xlabel="", ylabel="")
    except Exception:
        plt.close(figure)  # or the notebook would show it half drawn
        raise
    for number, ax in enumerate(drawn):
        if number % columns == 0:
            ax.set_ylabel("$x_2$")
        if number + columns >= len(drawn):
            ax.set_xlabel("$x_1$")
    key = drawn[0].get_legend_handles_labels()
    figure.legend(*key, loc="outside lower left", ncols=8, frameon=False, fontsize=9)
    return figure
