"""Data sets by name, whole or, in the short mode, a small part of them."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from course_utils import short_mode
from course_utils.data import cifar10, fashion_mnist, garments
from course_utils.data.dataset import SPLITS, Dataset

DATASETS: dict[str, Callable[[], Dataset]] = {
    "garments": garments.load,
    "fashion_mnist": fashion_mnist.load,
    "cifar10": cifar10.load,
}


def load_dataset(name: str | None = None) -> Dataset:
    """The data set called `name`: "garments" (shipped), "fashion_mnist" or "cifar10" (downloaded once).

    Without a name the environment variable COURSE_DATASET decides, and without that it is "garments"; a notebook then
    says on which set it runs if that is not all of `garments`, since its text was written for that. To switch, set
    the variable before Jupyter starts (`COURSE_DATASET=cifar10 course start 02`), or put into a notebook's first cell

        import os
        os.environ["COURSE_DATASET"] = "cifar10"

    With COURSE_SMOKE=1 only a small part is given, with equally many images of every class (`course_utils.short_mode`).

    Returns a `Dataset`; its arrays are read-only. Raises ValueError for an unknown name, and DataError (or its
    DownloadError) when the files are missing or damaged.
    """
    chosen = os.environ.get("COURSE_DATASET") or "garments" if name is None else name
    if chosen not in DATASETS:
        origin = "the environment variable COURSE_DATASET" if name is None else "load_dataset"
        raise ValueError(f"{origin}: there is no data set called {chosen!r}; choose one of {', '.join(DATASETS)}")
    dataset = DATASETS[chosen]()
    if short_mode.short_mode():
        dataset = small_part(dataset)
    if name is None and not dataset.stated_ranges_hold:
        print(_announcement(dataset))
    return dataset


def small_part(dataset: Dataset) -> Dataset:
    """The first images of every class, equally many, in the order they have in the set, marked as `short`.

    There are as many in each split as `short_mode.IMAGES` says, or as the rarest class allows.
    """
    parts: dict[str, Any] = {}
    classes = len(dataset.class_names)
    for which in SPLITS:
        images, labels = getattr(dataset, f"{which}_images"), getattr(dataset, f"{which}_labels")
        each = min(short_mode.IMAGES[which] // classes, np.bincount(labels, minlength=classes).min())
        rows = np.sort(np.concatenate([np.flatnonzero(labels == c)[:each] for c in range(classes)]))
        parts[f"{which}_images"], parts[f"{which}_labels"] = images[rows], labels[rows]
    return replace(dataset, **parts, short=True)


def _announcement(dataset: Dataset) -> str:
    sizes = ", ".join(f"{len(getattr(dataset, f'{which}_labels')):,} {which}" for which in SPLITS)
    mode = f" in the short mode ({short_mode.VARIABLE})" if dataset.short else ""
    return (
        f"This notebook runs on {dataset.name}{mode}: {sizes} images. "
        "Its text, its titles and the ranges they state describe all of garments; here no such range is checked."
    )
