"""Figures of what is inside a network: outputs layer by layer, activation functions, first-layer weights."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.panels import WIDTH, balanced, headline, panels, refuse_unlabelled
from course_utils.plots.style import COLOURS, grid_of_axes, look, refuse_nothing, title_height

Function = Callable[[np.ndarray], Any]
MANY_ZEROS = 0.1  # a ReLU's zeros would make one bar so high that no other is seen


def layer_histograms(rows: Mapping[str, Sequence[Any]], title: str = "", bins: int = 31) -> Any:
    """How outputs are spread, a row of histograms a network and a column a layer, the standard deviation in each.

    rows: label → [array a layer]. A row has one horizontal scale, from the smallest to the largest of its outputs (a
    few extreme ones left out), written below its first panel; each panel is as high as its own highest bar. Outputs
    that are exactly 0, if many, are a black line with their share, and not in the bars. Returns the figure. Raises
    ValueError when a layer is empty.
    """
    import matplotlib.pyplot as plt

    refuse_unlabelled(rows, "[array a layer]", "layer_histograms")
    for label, layers in rows.items():
        refuse_nothing(layers, f"layer_histograms, {label!r}")
        for number, values in enumerate(layers, 1):
            refuse_nothing(np.ravel(values), f"layer_histograms, {label!r}, layer {number}")
    columns = max(map(len, rows.values()))
    size = (max(WIDTH, 0.88 * columns) if columns > 4 else 2.2 * columns, 1.05 * len(rows) + 0.6 + title_height(title))
    figure, grid = plt.subplots(len(rows), columns, figsize=size, squeeze=False, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.03, wspace=0.0)
    for row, (label, layers) in enumerate(rows.items()):
        edges = _common_edges(layers, bins)
        for column, ax in enumerate(grid[row]):
            if column >= len(layers):
                ax.remove()
                continue
            _draw_histogram(ax, np.ravel(layers[column]), edges, COLOURS[row % len(COLOURS)])
            if row == 0:
                ax.set_title(f"layer {column + 1}", fontsize=9)
        grid[row, 0].set_ylabel(label.replace(", ", ",\n"), fontsize=9, rotation=0, ha="right", va="center")
        ends = [edges[0], edges[-1]]
        grid[row, 0].set_xticks(ends, [f"{end:.2g}".replace("-", "−") for end in ends], fontsize=7.5)
    figure.supxlabel("outputs; each row has one scale, written below its first panel", fontsize=9)
    headline(figure, title)
    return figure


def _common_edges(layers: Sequence[Any], bins: int) -> np.ndarray:
    finite = [np.ravel(values)[np.isfinite(np.ravel(values))] for values in layers]
    quantiles = [np.quantile(values, [0.001, 0.999]) for values in finite if len(values)]
    low, high = (min(q[0] for q in quantiles), max(q[1] for q in quantiles)) if quantiles else (0.0, 0.0)
    room = 0.02 * (high - low) or 0.5
    return np.linspace(low - room if low < 0 or high == low else 0.0, high + room, bins + 1)


def _draw_histogram(ax: Any, values: np.ndarray, edges: np.ndarray, colour: str) -> None:
    finite = values[np.isfinite(values)].astype(float)
    zeros = float(np.mean(finite == 0)) if len(finite) else 0.0
    apart = zeros > MANY_ZEROS
    counts = np.histogram(finite[finite != 0] if apart else finite, edges)[0]
    top = max(float(counts.max()), 1.0)
    ax.stairs(counts, edges, fill=True, color=colour)
    text = f"std {_two_digits(float(finite.std()))}" if len(finite) == len(values) else "not finite"
    if apart:
        ax.vlines(0, 0, top, color="black", lw=1.5)
        text += f"\n{100 * zeros:.0f} % zeros"
    ax.set(xlim=(edges[0], edges[-1]), ylim=(0, (1.65 if apart else 1.4) * top), xticks=[], yticks=[])
    ax.text(0.5, 1.0, text, transform=ax.transAxes, ha="center", va="top", fontsize=8, linespacing=1.1)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _two_digits(number: float) -> str:
    if number == 0 or 1e-3 <= number < 100:
        return f"{number:#.2g}".rstrip(".") if number else "0"
    return f"{number:.0e}".replace("e-0", "e−").replace("e+0", "e")


def function_panels(
    functions: Mapping[str, tuple[Function, Function]], low: float, high: float, title: str = "", columns: int = 3
) -> Any:
    """Activation functions with their derivatives, a panel each. functions: label → (f, derivative), arrays to arrays.

    Drawn from `low` to `high`. Returns the figure. Raises ValueError when the range is empty or a function returns
    another shape than it got.
    """
    refuse_unlabelled(functions, "(f, derivative)", "function_panels")
    for label, pair in functions.items():
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not all(map(callable, pair)):
            raise ValueError(f"function_panels, {label!r}: a pair of functions (f, derivative) is needed")
    if not low < high:
        raise ValueError(f"function_panels: low must be below high, not {low:g} and {high:g}")
    x = np.linspace(low, high, 401)
    curves = {
        (label, name): np.asarray(f(x.copy()))
        for label, pair in functions.items()
        for name, f in zip(("function", "derivative"), pair, strict=True)
    }
    for (label, name), y in curves.items():
        if y.shape != x.shape:
            raise ValueError(
                f"function_panels: the {name} of {label!r} got shape {x.shape} and returned {y.shape}; a value for "
                "each input is needed"
            )
    columns = balanced(len(functions), columns)
    figure, drawn = panels(len(functions), columns, WIDTH / max(columns, 2), 2.5, title)
    for ax, label in zip(drawn, functions, strict=True):
        for number, name in enumerate(("function", "derivative")):
            ax.plot(x, curves[label, name], lw=2, label=name, **look(number))
        ax.set_title(label, fontsize=10)
        ax.set_xlabel("input", fontsize=9)
        ax.axhline(0, color="0.8", lw=0.8, zorder=0)
        ax.axvline(0, color="0.8", lw=0.8, zorder=0)
        ax.tick_params(labelsize=8)
        ax.margins(y=0.08)
    for ax in drawn[::columns]:
        ax.set_ylabel("value", fontsize=9)
    figure.legend(*drawn[0].get_legend_handles_labels(), loc="outside lower left", ncols=2, frameon=False, fontsize=9)
    return figure


def weight_images(W: np.ndarray, image_shape: tuple[int, ...] = (32, 32, 3), columns: int = 10, title: str = "") -> Any:
    """The columns of a first layer's weights as pictures, grey where a weight is 0. W: (D, H), no bias.

    Each picture has its own scale. Returns the figure. Raises ValueError when W does not fit the shape.
    """
    W = np.asarray(W)
    if not (len(image_shape) == 2 or (len(image_shape) == 3 and image_shape[2] in (1, 3))):
        raise ValueError(f"weight_images: pictures have the shape (H, W), (H, W, 1) or (H, W, 3), not {image_shape}")
    if W.ndim != 2 or not W.size or W.shape[0] != int(np.prod(image_shape)):
        raise ValueError(
            f"weight_images: W of shape ({int(np.prod(image_shape))}, H) is needed for pictures of shape "
            f"{image_shape}, not {W.shape}; a column a hidden unit, without the bias"
        )
    count = W.shape[1]
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    cell = WIDTH / max(columns, 5)
    figure, grid = grid_of_axes(rows, columns, cell * columns, cell * rows + title_height(title), title)
    for number, ax in enumerate(grid.ravel()[:count]):
        limit = max(float(np.percentile(np.abs(W[:, number]), 99.5)), 1e-12)  # a few extremes would hide the rest
        picture = np.clip(0.5 + 0.5 * W[:, number].reshape(image_shape) / limit, 0, 1)
        ax.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    return figure
