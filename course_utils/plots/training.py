"""Figures of training: loss and accuracies of a run, a search's tries, curves over several seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.panels import WIDTH, headline, refuse_unlabelled
from course_utils.plots.style import COLOURS, MARKERS, axes, look, refuse_nothing, refuse_other_length

ACCURACIES = {"train_accuracy": "training accuracy", "val_accuracy": "validation accuracy"}
NEEDED = ("loss", *ACCURACIES)
FEW_EPOCHS = 3  # a line through one point is invisible
FEW_DECADES = 2.2  # of a logarithmic axis: labels between the powers of ten are needed
HALVES, TENTHS = (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)  # where they stand


def learning_curves(
    history: Mapping[str, Any], title: str = "", diagnosis: str | Mapping[str, str] | None = None
) -> Any:
    """Loss over the iterations and both accuracies over the epochs, to read how a run went.

    history: one mapping with "loss", "train_accuracy", "val_accuracy" ("val_loss" is drawn if there), side by side;
    or label → such a mapping: a column a run, losses over accuracies, accuracies and losses each to one scale.
    Validation losses stand where their epochs ended, by the history's `iterations_per_epoch` if it has that, else as if
    the last loss were the end of the last epoch.
    diagnosis: what is wrong with the run, or label → that, written over it. A loss that grows tenfold is drawn on a
    logarithmic axis; where it stops being finite, a cross. Returns the figure. Raises ValueError when a list is missing
    or there is no loss; accuracies may be empty (no validation data, or stopped in the first epoch).
    """
    import matplotlib.pyplot as plt

    if not isinstance(history, Mapping):
        raise ValueError(
            f"learning_curves: a history (a mapping with {', '.join(map(repr, NEEDED))}) is needed, "
            f"or label → history, not {type(history).__name__}"
        )
    single = "loss" in history
    runs: dict[str, Any] = {"": history} if single else dict(history)
    refuse_nothing(runs, "learning_curves")
    said = {"": diagnosis} if isinstance(diagnosis, str) or diagnosis is None else dict(diagnosis)
    _refuse_unreadable(runs, said)
    if single:
        figure, drawn = plt.subplots(1, 2, figsize=(WIDTH, 3.2 + 0.35 * bool(title)), layout="constrained")
        grid = drawn.reshape(2, 1)
    else:
        size = (max(WIDTH, 1.8 * len(runs)), 4.2 + 0.35 * bool(title))
        figure, grid = plt.subplots(2, len(runs), figsize=size, squeeze=False, layout="constrained")
    for column, (label, run) in enumerate(runs.items()):
        verdict = f"→ {said[label]}" if said.get(label) else ""
        above = "\n".join(text for text in (label, verdict) if text)
        grid[0, column].set_title(above, fontsize=10)
        _draw_losses(grid[0, column], run, first=column == 0)
        _draw_accuracies(grid[1, column], run, first=column == 0 or single)
    _one_scale([ax for ax in grid[0] if ax.get_yscale() == "linear"])
    pairs = [pair for ax in grid.ravel() for pair in zip(*ax.get_legend_handles_labels(), strict=True)]
    key = {name: handle for handle, name in reversed(pairs)}
    names = sorted(key)
    words = {"loc": "outside lower left", "ncols": len(names), "frameon": False, "fontsize": 9}
    figure.legend([key[name] for name in names], names, **words)
    headline(figure, title)
    return figure


def _refuse_unreadable(runs: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    for label, run in runs.items():
        of = f"learning_curves, {label!r}" if label else "learning_curves"
        if not isinstance(run, Mapping) or any(key not in run for key in NEEDED):
            raise ValueError(f"{of}: a mapping with the lists {', '.join(map(repr, NEEDED))} is needed")
        refuse_nothing(run["loss"], f"{of}, 'loss'")
    for label, diagnosis in said.items():
        if diagnosis is not None and label not in runs:
            which = f"of {label!r}, but no such run" if label else "without its label"
            raise ValueError(f"learning_curves: there is a diagnosis {which} among {list(runs)}")


def _draw_losses(ax: Any, run: Mapping[str, Any], first: bool) -> None:
    loss = np.asarray(run["loss"], dtype=float)
    finite = np.isfinite(loss)
    shown = np.where(finite, loss, np.nan)
    ax.plot(np.arange(1, len(loss) + 1), shown, lw=1.0, alpha=0.75, label="loss of each batch", **look(0))
    val_loss = np.asarray(run.get("val_loss", ()), dtype=float)
    if len(val_loss):
        at = np.arange(1, len(val_loss) + 1) * _iterations_per_epoch(run)
        dots: dict[str, Any] = {"marker": ".", "ms": 5} if len(val_loss) <= FEW_EPOCHS else {}
        seen = np.where(np.isfinite(val_loss), val_loss, np.nan)
        ax.plot(at, seen, lw=2.0, label="validation loss", **dots, **look(1))
    if finite.any() and loss[finite].max() > 10 * loss[finite][0] > 0 and loss[finite].min() > 0:
        ax.set_yscale("log")
    if not finite.all():
        last = int(np.argmin(finite))
        height = shown[last - 1] if last else 1.0
        ax.plot(max(last, 1), height, "x", ms=9, mew=2.5, color="black", label="not finite after this")
    ax.set_xlabel("iteration", fontsize=9)
    if first or ax.get_yscale() == "log":
        ax.set_ylabel("loss, logarithmic" if ax.get_yscale() == "log" else "loss", fontsize=9)
    _tidy(ax)


def _iterations_per_epoch(run: Mapping[str, Any]) -> float:
    """A run that was interrupted or diverged has losses beyond its last whole epoch."""
    return getattr(run, "iterations_per_epoch", 0) or len(run["loss"]) / len(run["val_loss"])


def _draw_accuracies(ax: Any, run: Mapping[str, Any], first: bool) -> None:
    _tidy(ax)
    for number, (key, name) in enumerate(ACCURACIES.items()):
        values = np.asarray(run[key], dtype=float)
        style = {"marker": MARKERS[number], "ms": 3.5, "lw": 1.4, **look(number)}
        if len(values):
            ax.plot(np.arange(1, len(values) + 1), values, label=name, **style)
    if not ax.lines:  # stopped before its first epoch ended
        ax.text(0.5, 0.5, "no epoch ended", transform=ax.transAxes, ha="center", va="center", fontsize=9)
        ax.set_xticks([])
    ax.set(ylim=(0, 1.02))
    ax.set_xlabel("epoch", fontsize=9)
    if first:
        ax.set_ylabel("accuracy", fontsize=9)


def _tidy(ax: Any) -> None:
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)  # there is no half an iteration
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=8)


def _one_scale(linear: Sequence[Any]) -> None:
    if linear:
        top = max(ax.get_ylim()[1] for ax in linear)
        for ax in linear:
            ax.set_ylim(0, top)


def search_scatter(
    x: Sequence[float] | np.ndarray,
    y: Sequence[float] | np.ndarray,
    score: Sequence[float] | np.ndarray,
    xlabel: str,
    ylabel: str,
    title: str = "",
    label: str = "score",
) -> Any:
    """The tries of a random search on logarithmic axes: the larger and lighter, the better; the best is ringed.

    x, y: (N,) above 0; score: (N,), larger is better, NaN for a run that exploded (a cross). `label` says what the
    score is. Returns the figure. Raises ValueError for other lengths, values not above 0 or no finite score.
    """
    refuse_nothing(score, "search_scatter")
    x, y, score = (np.asarray(values, dtype=float) for values in (x, y, score))
    for name, values in (("x", x), ("y", y)):
        refuse_other_length(name, list(values), len(score), "search_scatter")
        if not (values > 0).all():
            raise ValueError(f"search_scatter: {name} must be above 0 for a logarithmic axis, {values.min():g} is not")
    ran = np.isfinite(score)
    if not ran.any():
        raise ValueError("search_scatter: no score is finite, so there is no best one to show")
    figure, ax = axes(7.0, 4.4, title)
    spread = (score - score[ran].min()) / max(float(np.ptp(score[ran])), 1e-12)
    drawn = ax.scatter(x[ran], y[ran], s=20 + 130 * spread[ran], c=score[ran], cmap="cividis", edgecolors="0.2", lw=0.7)
    if not ran.all():
        ax.plot(x[~ran], y[~ran], "x", color="0.3", ms=6, label="exploded")
    best = int(np.nanargmax(np.where(ran, score, np.nan)))
    name = f"best: {score[best]:.3g} at {x[best]:.2g}, {y[best]:.2g}"
    ax.plot(x[best], y[best], "o", ms=20, mfc="none", mec=COLOURS[1], mew=2, label=name)
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
    ax.margins(0.08)
    for axis, values in ((ax.xaxis, x), (ax.yaxis, y)):
        _label_within_decades(axis, float(np.log10(values.max() / values.min())))
    figure.colorbar(drawn, ax=ax, label=label, shrink=0.85)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9, markerscale=0.5)
    return figure


def _label_within_decades(axis: Any, decades: float) -> None:
    """Over few decades powers of ten are too few labels, and matplotlib's labels between them run into each other."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axis.set_minor_formatter(NullFormatter())
    if decades < FEW_DECADES:
        axis.set_major_locator(LogLocator(subs=HALVES if decades > 0.7 else TENTHS, numticks=20))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))


def spread_curves(
    x: Sequence[float] | np.ndarray,
    series: Mapping[str, Any],
    xlabel: str,
    ylabel: str,
    title: str = "",
    log_x: bool = False,
    log_y: bool = False,
) -> Any:
    """Curves measured with several seeds: the mean as a line, a band from the smallest to the largest seed.

    x: (N,); series: label → (seeds, N). Where a seed is not finite, the mean is over the others and a cross marks the
    place. Returns the figure. Raises ValueError for other shapes.
    """
    refuse_unlabelled(series, "(seeds, N) array", "spread_curves")
    tables = {label: np.asarray(values, dtype=float) for label, values in series.items()}
    for label, table in tables.items():
        if table.ndim != 2 or not table.size or table.shape[1] != len(x):
            raise ValueError(
                f"spread_curves: {label!r} must have a row a seed and a column for each of the {len(x)} places, "
                f"shape (seeds, {len(x)}), not {table.shape}"
            )
    figure, ax = axes(7.6, 4.2, title)
    lost = False
    for number, (label, table) in enumerate(tables.items()):
        masked = np.ma.masked_invalid(table)
        mean, low, high = (np.ma.filled(each, np.nan) for each in (masked.mean(0), masked.min(0), masked.max(0)))
        style = look(number)
        marker: dict[str, Any] = {"marker": MARKERS[number % len(MARKERS)], "ms": 5} if len(x) <= 20 else {}
        ax.fill_between(x, low, high, color=style["color"], alpha=0.18, lw=0)
        ax.plot(x, mean, lw=1.8, label=label, **marker, **style)
        gone = ~np.isfinite(table).all(axis=0) & np.isfinite(mean)
        lost |= bool(gone.any())
        ax.plot(np.asarray(x)[gone], mean[gone], "x", ms=11, mew=2, color=style["color"])
    if lost:
        ax.plot([], [], "x", ms=9, mew=2, color="0.3", label="some seeds not finite")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if log_x:
        ax.set_xscale("log")
    if log_y:
        ax.set_yscale("log")
    counts = sorted({len(table) for table in tables.values()})
    key = f"line: mean, band: all {' or '.join(map(str, counts))} seeds" if max(counts) > 1 else "one seed"
    words = {"title": key, "title_fontsize": 9, "alignment": "left"}
    figure.legend(frameon=False, fontsize=9, loc="outside right upper", **words)
    return figure
