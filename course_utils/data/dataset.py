"""The one shape in which every data set of the course arrives."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from course_utils.short_mode import STEPS

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images and labels in three splits, checked when made and read-only from then on.

    Images are (N, 32, 32, 3) `uint8`, 0–255, red, green, blue. Labels are (N,) `int64`, indices into `class_names`.
    Copy an array before changing it: `images = data.train_images.copy()`. `short` marks the small part that
    `load_dataset` gives in the short mode.

    Raises ValueError if shapes, types, lengths or labels do not fit together.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    val_images: NDArray[np.uint8]
    val_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    name: str
    how_it_was_made: str = field(default="")
    short: bool = field(default=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "class_names", tuple(self.class_names))
        for which in SPLITS:
            images = np.asarray(getattr(self, f"{which}_images"))
            labels = np.asarray(getattr(self, f"{which}_labels"))
            self._check_split(which, images, labels)
            object.__setattr__(self, f"{which}_images", _read_only(images))
            object.__setattr__(self, f"{which}_labels", _read_only(labels))

    def _check_split(self, which: str, images: NDArray[np.generic], labels: NDArray[np.generic]) -> None:
        where = f"data set {self.name!r}, {which}"
        if images.ndim != 4 or images.shape[1:] != (32, 32, 3):
            raise ValueError(f"{where}: images have shape {images.shape}; wanted (N, 32, 32, 3)")
        if images.dtype != np.uint8:
            raise ValueError(f"{where}: images are {images.dtype}; wanted uint8, 0 to 255")
        if labels.dtype != np.int64 or labels.ndim != 1:
            raise ValueError(f"{where}: labels are {labels.dtype} of shape {labels.shape}; wanted int64 of shape (N,)")
        if len(images) != len(labels):
            raise ValueError(f"{where}: {len(images)} images but {len(labels)} labels; wanted one label per image")
        if len(labels) and not (labels.min() >= 0 and labels.max() < len(self.class_names)):
            raise ValueError(
                f"{where}: labels run from {labels.min()} to {labels.max()}, "
                f"but there are {len(self.class_names)} class names (0 to {len(self.class_names) - 1})"
            )

    @property
    def stated_ranges_hold(self) -> bool:
        """Whether the ranges that notebooks state were measured on this data: `garments`, not in the short mode."""
        return self.name == "garments" and not self.short

    def steps(self, count: int) -> int:
        """How many steps a notebook's own training loop makes: `count`, or in the short mode at most 60."""
        return min(count, STEPS) if self.short else count

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(getattr(self, f'{which}_labels')):,} {which}" for which in SPLITS)
        part = ", a small part" if self.short else ""
        return f"Dataset({self.name!r}{part}: {sizes}; 32×32×3 images of {', '.join(self.class_names)})"


def _read_only(array: NDArray[np.generic]) -> NDArray[np.generic]:
    view = array.view()
    view.flags.writeable = False
    return view
