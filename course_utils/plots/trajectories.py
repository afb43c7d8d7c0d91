"""Paths of optimizers over surfaces, and an animation of them."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from course_utils.plots.panels import WIDTH, balanced, panels, refuse_other_shape, refuse_unlabelled
from course_utils.plots.style import MARKERS, look

Range = tuple[float, float]
FEW_STEPS = 30  # so few are shown one by one, as dots
Leaving = tuple[np.ndarray, np.ndarray]  # place, direction
Surface = tuple[Callable[[Any, Any], Any], Range, Range, Mapping[str, Any]]


def trajectories(
    surfaces: Mapping[str, Surface],
    minimum: Mapping[str, Any] | None = None,
    title: str = "",
) -> Any:
    """Paths over the contours of surfaces, a panel a surface: from the white ring to the mark at each path's end.

    surfaces: title → (f, (x low, x high), (y low, y high), {label: (T, 2) path}); f takes arrays x, y of one shape.
    minimum: title → (x, y) or several of them, drawn as stars. Contours part the picture into equal areas, the darker
    the lower. A path that ends outside the picture gets an arrow where it leaves, one that stops being finite a cross.
    Returns the figure. Raises ValueError for other shapes.
    """
    refuse_misfits(surfaces, minimum)
    seen_and_leaves = [
        {label: visible(np.asarray(path, dtype=float), *ranges) for label, path in paths.items()}
        for _, *ranges, paths in surfaces.values()
    ]
    ends = [leaves for panel in seen_and_leaves for _, leaves in panel.values() if leaves is not None]
    words = {True: "leaves the picture", False: "not finite after this"}
    marks = {words[bool(direction.any())]: "^" if direction.any() else "x" for _, direction in ends}
    figure, drawn, looks = surface_panels(surfaces, minimum, title, marks)
    for ax, (*_, paths), panel in zip(drawn, surfaces.values(), seen_and_leaves, strict=True):
        for label, path in paths.items():
            seen, leaves = panel[label]
            style, marker = looks[label]
            dots: dict[str, Any] = {"marker": ".", "ms": 5} if len(path) <= FEW_STEPS else {}
            ax.plot(*seen.T, lw=1.5, zorder=3, **dots, **style)
            if leaves is not None:
                _mark_leaving(ax, *leaves, style["color"])
            elif len(seen):
                ax.plot(*seen[-1], marker, ms=7, color=style["color"], mec="white", mew=0.8, zorder=5)
            start = np.asarray(path, dtype=float)[0]
            ax.plot(*start, "o", ms=7, mfc="white", mec="black", mew=1.3, zorder=4)
    return figure


def surface_panels(
    surfaces: Mapping[str, Surface],
    minimum: Mapping[str, Any] | None,
    title: str,
    marks: Mapping[str, str] | None = None,
) -> tuple[Any, list[Any], dict[str, tuple[dict[str, Any], str]]]:
    """The contours and the key without the paths: (figure, axes, label → (line style, marker)).

    marks: label → marker, more things to explain in the key.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    labels = list(dict.fromkeys(label for *_, paths in surfaces.values() for label in paths))
    looks = {label: (look(number), MARKERS[number % len(MARKERS)]) for number, label in enumerate(labels)}
    columns = balanced(len(surfaces), 3)
    figure, drawn = panels(len(surfaces), columns, WIDTH / max(columns, 1.4), 3.4 if columns > 1 else 4.4, title)
    for ax, (name, (f, x_range, y_range, _)) in zip(drawn, surfaces.items(), strict=True):
        _draw_contours(ax, f, x_range, y_range)
        if minimum and name in minimum:
            ax.plot(*np.atleast_2d(minimum[name]).T, "*", ms=13, color="white", mec="black", mew=1.0, zorder=4)
        ax.set_title(name, fontsize=10)
        ax.set(xlim=x_range, ylim=y_range, xlabel="$w_1$")
        ax.tick_params(labelsize=8)
    for ax in drawn[::columns]:
        ax.set_ylabel("$w_2$")
    key: list[Any] = [
        Line2D([], [], lw=1.5, marker=marker, ms=6, label=label, **style) for label, (style, marker) in looks.items()
    ]
    key.append(Line2D([], [], ls="", marker="o", ms=7, mfc="white", mec="black", label="start"))
    if minimum:
        key.append(Line2D([], [], ls="", marker="*", ms=11, mfc="white", mec="black", label="minimum"))
    key += [
        Line2D([], [], ls="", marker=mark, ms=8, mew=2 if mark == "x" else 1, color="0.3", label=label)
        for label, mark in (marks or {}).items()
    ]
    key.append(Patch(fc="0.8", ec="0.7", label="darker: lower"))
    words = 0.65 + 0.075 * max(len(handle.get_label()) for handle in key)  # inches that one entry takes
    across = max(1, int(figure.get_size_inches()[0] / words))
    figure.legend(handles=key, loc="outside lower left", ncols=across, frameon=False, fontsize=9, handlelength=3.2)
    return figure, drawn, looks


def refuse_misfits(surfaces: Mapping[str, Surface], minimum: Mapping[str, Any] | None) -> None:
    """Raise ValueError when a surface, a range, a path or a minimum is not what `trajectories` needs."""
    refuse_unlabelled(surfaces, "(f, x range, y range, paths)", "trajectories")
    for name, surface in surfaces.items():
        if not isinstance(surface, tuple | list) or len(surface) != 4:
            found = f"{len(surface)} things" if isinstance(surface, tuple | list) else type(surface).__name__
            raise ValueError(
                f"trajectories, {name!r}: (f, (x low, x high), (y low, y high), {{label: path}}) is needed, not {found}"
            )
        f, x_range, y_range, paths = surface
        if not (x_range[0] < x_range[1] and y_range[0] < y_range[1]):
            raise ValueError(f"trajectories, {name!r}: a range goes from low to high, not {x_range} and {y_range}")
        returned = np.shape(f(*np.meshgrid(x_range, y_range)))
        if returned != (2, 2):
            raise ValueError(f"trajectories, {name!r}: f got two arrays of shape (2, 2) and returned shape {returned}")
        refuse_unlabelled(paths, "(T, 2) path", f"trajectories, {name!r}")
        for label, path in paths.items():
            fits = np.ndim(path) == 2 and np.shape(path)[1] == 2 and len(path) > 0
            refuse_other_shape(path, "(T, 2)", fits, f"trajectories, {name!r}, {label!r}")
    unknown = [name for name in minimum or {} if name not in surfaces]
    if unknown:
        raise ValueError(f"trajectories: a minimum is given for {unknown}, but the surfaces are {list(surfaces)}")
    for name, places in (minimum or {}).items():
        fits = np.ndim(places) in (1, 2) and np.shape(places)[-1] == 2
        refuse_other_shape(places, "(2,) or (M, 2)", fits, f"trajectories, minimum of {name!r}")


def _draw_contours(ax: Any, f: Callable[[Any, Any], Any], x_range: Range, y_range: Range) -> None:
    x, y = np.meshgrid(np.linspace(*x_range, 160), np.linspace(*y_range, 160))
    heights = np.asarray(f(x, y), dtype=float)
    finite = heights[np.isfinite(heights)]
    levels = np.unique(np.quantile(finite, np.linspace(0, 1, 16))) if len(finite) else finite
    if len(levels) > 2:
        ax.contourf(x, y, heights, levels=levels, cmap="Greys_r", alpha=0.2)
        ax.contour(x, y, heights, levels=levels, colors="0.7", linewidths=0.5)


def _mark_leaving(ax: Any, place: np.ndarray, direction: np.ndarray, colour: str) -> None:
    """An arrow head on the frame where a path leaves for good; a cross where it stops being finite inside."""
    if not direction.any():
        ax.plot(*place, "x", ms=9, mew=2.5, color=colour, zorder=6, clip_on=False)
        return
    scale = np.array([np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())])
    angle = np.degrees(np.arctan2(*(direction / scale)[::-1])) - 90
    ax.plot(*place, marker=(3, 0, angle), ms=10, color=colour, mec="white", mew=0.6, zorder=6, clip_on=False)


def visible(path: np.ndarray, x_range: Range, y_range: Range) -> tuple[np.ndarray, Leaving | None]:
    """What of a path lies in the picture, and where it leaves for good: (points, (place, direction) or None).

    path: (T, 2), may be NaN or infinite. Points are parted by a row of NaN where the path is outside for a while. The
    direction is 0 where the path stops being finite inside the picture.
    """
    low, high = np.array([x_range[0], y_range[0]]), np.array([x_range[1], y_range[1]])
    known = until_lost(path, low, high)
    rows: list[np.ndarray] = []
    leaves = None
    for a, b in pairwise(known):
        piece = _inside(a, b, low, high)
        if piece is None:
            continue
        if rows and not np.array_equal(rows[-1], piece[0]):
            rows.append(np.full(2, np.nan))
        rows += [piece[1]] if rows and not np.isnan(rows[-1]).any() else piece
        leaves = (piece[1], b - a)
    if len(known) and ((known[-1] >= low) & (known[-1] <= high)).all():
        rows = rows or [known[-1]]
        leaves = (known[-1], np.zeros(2)) if len(known) < len(path) else None
    return np.array(rows).reshape(-1, 2), leaves


def until_lost(path: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The steps before the first NaN, and at most one so far from the frame that it tells only a direction."""
    unknown = np.isnan(path).any(axis=1)
    known = np.nan_to_num(path[: int(np.argmax(unknown))] if unknown.any() else path)
    reach = 1e6 * max(float(np.abs([low, high]).max()), float((high - low).max()))
    away = np.abs(known).max(axis=1, initial=0.0) / reach
    if (away > 1).any():
        known = known[: int(np.argmax(away > 1)) + 1]
    return known / np.maximum(away[: len(known), None], 1.0)


def _inside(a: np.ndarray, b: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[np.ndarray] | None:
    """The part of the line from a to b within the box, by Liang and Barsky's method; None if it misses the box."""
    start, stop = 0.0, 1.0
    for axis in range(2):
        step = b[axis] - a[axis]
        if step == 0:
            if not low[axis] <= a[axis] <= high[axis]:
                return None
            continue
        with np.errstate(over="ignore"):  # a line almost parallel to the frame meets it at infinity
            ends = sorted(((low[axis] - a[axis]) / step, (high[axis] - a[axis]) / step))
        start, stop = max(start, ends[0]), min(stop, ends[1])
    if start > stop:
        return None
    return [a if start == 0 else a + start * (b - a), b if stop == 1 else a + stop * (b - a)]
