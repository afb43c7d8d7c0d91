"""Data sets by name."""

import os
from collections.abc import Callable

from course_utils.data import cifar10, fashion_mnist, garments
from course_utils.data.dataset import Dataset

DATASETS: dict[str, Callable[[], Dataset]] = {
    "garments": garments.load,
    "fashion_mnist": fashion_mnist.load,
    "cifar10": cifar10.load,
}


def load_dataset(name: str | None = None) -> Dataset:
    """The data set called `name`: "garments" (shipped), "fashion_mnist" or "cifar10" (downloaded once).

    Without a name the environment variable COURSE_DATASET decides, and without that it is "garments".
    Returns a `Dataset`; its arrays are read-only. Raises ValueError for an unknown name, and DataError (or its
    DownloadError) when the files are missing or damaged.
    """
    chosen = os.environ.get("COURSE_DATASET") or "garments" if name is None else name
    if chosen not in DATASETS:
        origin = "the environment variable COURSE_DATASET" if name is None else "load_dataset"
        raise ValueError(f"{origin}: there is no data set called {chosen!r}; choose one of {', '.join(DATASETS)}")
    return DATASETS[chosen]()
