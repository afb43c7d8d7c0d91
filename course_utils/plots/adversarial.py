"""Figures of notebook 10: what a teacher knows, adversarial images, accuracy under attack, saliency maps."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.style import COLOURS, MARKERS, axes, grid_of_axes, look, refuse_nothing, title_height


def dark_knowledge(
    images: np.ndarray,
    probabilities: Mapping[str, np.ndarray],
    class_names: Sequence[str],
    labels: Sequence[int] | None = None,
    title: str = "",
) -> Any:
    """Pictures, and below each the probabilities of all classes as bars, a row of bars for each entry of a mapping.

    images: (N, H, W, 3), uint8 or floats in [0, 1]; probabilities: what a row says of itself → (N, C). With labels
    (N,), the bar of the label is hatched. Returns the figure. Raises ValueError when the shapes do not fit together.
    """
    images = _pictures(images, "dark_knowledge")
    refuse_nothing(probabilities, "dark_knowledge")
    count, classes = len(images), len(class_names)
    for name, shares in probabilities.items():
        if np.shape(shares) != (count, classes):
            raise ValueError(
                f"dark_knowledge: {name!r} has shape {np.shape(shares)}; {count} images and {classes} class names "
                f"need ({count}, {classes})"
            )
    if labels is not None and np.shape(labels) != (count,):
        raise ValueError(f"dark_knowledge: {count} images need labels of shape ({count},), not {np.shape(labels)}")
    rows = 1 + len(probabilities)
    height = 1.5 + (0.55 + 0.17 * classes) * len(probabilities) + title_height(title)
    figure, grid = grid_of_axes(rows, count, 1.2 + 1.75 * count, height, title)
    for column in range(count):
        grid[0, column].imshow(images[column], interpolation="nearest")
        if labels is not None:
            grid[0, column].set_title(f"label: {class_names[int(labels[column])]}", fontsize=9)
    places = np.arange(classes)
    for row, (name, shares) in enumerate(probabilities.items(), start=1):
        for column in range(count):
            ax = grid[row, column]
            ax.set_axis_on()
            drawn = ax.barh(places, np.asarray(shares)[column], color=COLOURS[row - 1], height=0.75)
            if labels is not None:
                drawn[int(labels[column])].set(hatch="////", edgecolor="white")
            ax.set(xlim=(0, 1), ylim=(classes - 0.4, -0.6), xticks=(0, 0.5, 1), yticks=places)
            ax.set_yticklabels(class_names if column == 0 else [], fontsize=8)
            ax.tick_params(axis="x", labelsize=7)
            ax.tick_params(axis="y", length=0)
            ax.spines[["top", "right"]].set_visible(False)
            ax.set_title(name, fontsize=8, loc="left")
            if row == rows - 1:
                ax.set_xlabel("probability", fontsize=8)
    return figure


def adversarial_triples(
    images: np.ndarray,
    attacked: np.ndarray,
    before: Sequence[str],
    after: Sequence[str],
    title: str = "",
) -> Any:
    """A column an image: the image, what was added (made larger to be seen; grey is nothing), and the sum.

    images, attacked: (N, H, W, 3) floats in [0, 1]; before, after: N texts, what a net says of each. Returns the
    figure. Raises ValueError when the shapes do not fit together.
    """
    images, attacked = _pictures(images, "adversarial_triples"), _pictures(attacked, "adversarial_triples")
    count = len(images)
    if images.dtype.kind != "f" or attacked.shape != images.shape or not len(before) == len(after) == count:
        raise ValueError(
            f"adversarial_triples: float images {images.shape} need attacked ones of that shape, not {attacked.shape}, "
            f"and {count} texts before and after, not {len(before)} and {len(after)}"
        )
    added = np.asarray(attacked, float) - np.asarray(images, float)
    largest = float(np.abs(added).max())
    shown = 0.5 + 0.5 * added / (largest or 1.0)
    figure, grid = grid_of_axes(3, count, 1.0 + 1.45 * count, 5.6 + title_height(title), title)
    for column in range(count):
        for row, (picture, text) in enumerate(
            ((images, before[column]), (shown, ""), (attacked, after[column])),
        ):
            ax = grid[row, column]
            ax.imshow(np.clip(picture[column], 0, 1), interpolation="nearest")
            ax.set_title(text, fontsize=9)
    names = ("image", f"added: at most\n{255 * largest:.3g}/255", "sum")
    for row, name in enumerate(names):
        grid[row, 0].text(
            -0.12, 0.5, name, transform=grid[row, 0].transAxes, ha="right", va="center", fontsize=9, clip_on=False
        )
    return figure


def accuracy_against_epsilon(
    epsilons: Sequence[float] | np.ndarray,
    accuracies: Mapping[str, Any],
    title: str = "",
    chance: float | None = None,
) -> Any:
    """Accuracy under attack against ε, means and standard deviations over seeds as error bars.

    epsilons: (E,) in units of pixels from 0 to 1, shown in 255ths; accuracies: label → (seeds, E), or (E,) for one
    seed. `chance` draws a dotted line. Returns the figure. Raises ValueError when lengths differ.
    """
    refuse_nothing(accuracies, "accuracy_against_epsilon")
    x = 255 * np.asarray(epsilons, dtype=float)
    beside = len(accuracies) > 3  # so many labels would lie on the curves
    figure, ax = axes(6.8 + 1.8 * beside, 4.2, title)
    for number, (label, values) in enumerate(accuracies.items()):
        measured = np.atleast_2d(np.asarray(values, dtype=float))
        if measured.ndim != 2 or measured.shape[1] != len(x):
            raise ValueError(
                f"accuracy_against_epsilon: {label!r} has shape {np.shape(values)}; {len(x)} values of ε need "
                f"(seeds, {len(x)}) or ({len(x)},)"
            )
        style = {**look(number), "marker": MARKERS[number % len(MARKERS)], "ms": 5, "lw": 1.6}
        ax.errorbar(x, measured.mean(axis=0), yerr=measured.std(axis=0), capsize=3, label=label, **style)
    if chance is not None:
        ax.axhline(chance, color="0.5", ls=":", lw=1, label="chance")
    ax.set(xlabel="ε, in 255ths (one step of an 8-bit pixel)", ylabel="accuracy", ylim=(0, 1), xticks=x)
    ax.set_xticklabels([f"{tick:.3g}" for tick in x])
    if beside:
        figure.legend(*ax.get_legend_handles_labels(), frameon=False, fontsize=9, loc="outside right upper")
    else:
        ax.legend(frameon=False, fontsize=9)
    return figure


def saliency_maps(
    images: np.ndarray, maps: Mapping[str, np.ndarray], titles: Sequence[str] | None = None, title: str = ""
) -> Any:
    """Pictures above maps of how much each pixel matters, a row of maps for each entry: the darker, the more.

    images: (N, H, W, 3); maps: row label → (N, H, W), not negative, each drawn from 0 to its 99th percentile, so that
    single pixels do not hide the others. Returns the figure. Raises ValueError when the shapes do not fit together.
    """
    images = _pictures(images, "saliency_maps")
    refuse_nothing(maps, "saliency_maps")
    count = len(images)
    for name, values in maps.items():
        if np.shape(values) != images.shape[:3] or np.min(values) < 0:
            raise ValueError(
                f"saliency_maps: {name!r} has shape {np.shape(values)}; wanted {images.shape[:3]}, no value below 0"
            )
    if titles is not None and len(titles) != count:
        raise ValueError(f"saliency_maps: {count} images but {len(titles)} titles; one title an image is needed")
    rows = 1 + len(maps)
    figure, grid = grid_of_axes(rows, count, 1.0 + 1.3 * count, 1.35 * rows + 0.3 + title_height(title), title)
    for column in range(count):
        grid[0, column].imshow(images[column], interpolation="nearest")
        if titles is not None:
            grid[0, column].set_title(titles[column], fontsize=9)
        for row, values in enumerate(maps.values(), start=1):
            strongest = float(np.percentile(values[column], 99)) or 1.0
            grid[row, column].imshow(values[column], cmap="Greys", vmin=0, vmax=strongest, interpolation="nearest")
    for row, name in enumerate(("image", *maps)):
        grid[row, 0].text(
            -0.12, 0.5, name, transform=grid[row, 0].transAxes, ha="right", va="center", fontsize=9, clip_on=False
        )
    return figure


def grouped_error_bars(groups: Mapping[str, Mapping[str, Any]], ylabel: str, title: str = "") -> Any:
    """Several measurements of the same things in several situations: dots, and mean and standard deviation beside them.

    groups: situation → {thing: (seeds,)}; things keep colour and marker in all situations. Returns the figure.
    """
    refuse_nothing(groups, "grouped_error_bars")
    things = list(dict.fromkeys(thing for found in groups.values() for thing in found))
    figure, ax = axes(2.0 + 1.7 * len(groups), 4.2, title)
    for number, thing in enumerate(things):
        style = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        for place, found in enumerate(groups.values()):
            if thing not in found:
                continue
            values = np.asarray(found[thing], dtype=float)
            refuse_nothing(values, f"grouped_error_bars, {thing!r}")
            x = place + 0.8 * ((number + 0.5) / len(things) - 0.5)
            ax.plot(np.full(len(values), x - 0.035), values, ".", color=style["color"], alpha=0.45, ms=4)
            drawn = ax.errorbar(x + 0.035, values.mean(), values.std(), capsize=3, ms=6, ls="", **style)
            if place == next(i for i, other in enumerate(groups.values()) if thing in other):
                drawn.set_label(thing)
    for place in range(1, len(groups)):
        ax.axvline(place - 0.5, color="0.9", lw=0.8)
    ax.set(ylabel=ylabel, xlim=(-0.5, len(groups) - 0.5))
    ax.set_xticks(range(len(groups)), [name.replace(", ", ",\n") for name in groups], fontsize=9)
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, fontsize=9, loc="outside right upper")
    return figure


def _pictures(images: Any, where: str) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] != 3 or len(images) == 0:
        hint = "; channels come last here: X.transpose(0, 2, 3, 1)" if images.ndim == 4 and len(images) else ""
        raise ValueError(f"{where}: images of shape (N, H, W, 3) with N ≥ 1 are needed, not {images.shape}{hint}")
    if images.dtype.kind == "f" and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"{where}: float pixels lie between 0 and 1, these run from {images.min():.4g} to {images.max():.4g}"
        )
    return images
