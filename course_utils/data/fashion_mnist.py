"""Fashion-MNIST in full: Debian's copy if it is installed, otherwise downloaded.

Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST", arXiv:1708.07747, 2017. MIT licence, Zalando SE.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from course_utils.data.dataset import Dataset
from course_utils.data.downloads import RemoteFile, fetch
from course_utils.data.errors import DataError
from course_utils.data.garments import CLASS_NAMES
from course_utils.data.idx import read_idx

# Where Debian's package dataset-fashion-mnist puts the files.
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"


def _published(file_name: str, md5: str) -> RemoteFile:
    return RemoteFile(ADDRESS + file_name, file_name, f"md5:{md5}")


# The published checksums are of the compressed files.
FILES = {
    "train_images": _published("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    "train_labels": _published("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
    "test_images": _published("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
    "test_labels": _published("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
}
# Debian compressed the files again (other gzip header, other MD5), so its copies are known by what is in them.
CONTENTS_SHA256 = {
    "train_images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train_labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "test_images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "test_labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def load(folder: Path = DEBIAN_FOLDER, files: dict[str, RemoteFile] | None = None, validation: int = 2_000) -> Dataset:
    """Fashion-MNIST as 58,000 train, 2,000 val (the last of the training file) and 10,000 test images.

    The grey 28×28 images get a black border of two pixels and three equal channels, to fit what CIFAR-10 fits. They
    are read from `folder` if it holds all four files, otherwise downloaded once (30 MB) and checked.
    Raises DownloadError when they cannot be had, DataError when they are not the published ones.
    """
    if files is None and all((folder / remote.file_name).is_file() for remote in FILES.values()):
        arrays = read_folder(folder)
    else:
        arrays = {part: read_idx(fetch(remote)) for part, remote in (files or FILES).items()}
    for which in ("train", "test"):
        _check(which, arrays[f"{which}_images"], arrays[f"{which}_labels"])
    train_images, train_labels = _padded(arrays["train_images"]), arrays["train_labels"].astype(np.int64)
    return Dataset(
        train_images=train_images[:-validation],
        train_labels=train_labels[:-validation],
        val_images=train_images[-validation:],
        val_labels=train_labels[-validation:],
        test_images=_padded(arrays["test_images"]),
        test_labels=arrays["test_labels"].astype(np.int64),
        class_names=CLASS_NAMES,
        name="fashion_mnist",
        how_it_was_made=(
            "Fashion-MNIST (Zalando SE, MIT licence): grey 28×28 catalogue pictures of clothes, with a black border of "
            f"two pixels and three equal channels; the last {validation:,} training images are the validation set."
        ),
    )


def read_folder(folder: Path) -> dict[str, NDArray[np.uint8]]:
    """The four arrays in a folder of gzipped files, their contents compared with the published ones."""
    return {part: read_idx(folder / remote.file_name, CONTENTS_SHA256[part]) for part, remote in FILES.items()}


def _check(which: str, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    if images.ndim != 3 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise DataError(
            f"Fashion-MNIST, {which}: images {images.shape} and labels {labels.shape}; wanted (N, 28, 28) and (N,)"
        )


def _padded(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, 28, 28) to (N, 32, 32, 3)."""
    framed = np.zeros((len(images), 32, 32, 3), np.uint8)
    framed[:, 2:30, 2:30] = images[..., np.newaxis]
    return framed
