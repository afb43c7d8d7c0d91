"""CIFAR-10: 60,000 small photographs of ten classes, read from the original archive.

Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
https://www.cs.toronto.edu/~kriz/cifar.html
"""

import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.dataset import Dataset
from course_utils.data.downloads import RemoteFile, fetch
from course_utils.data.errors import DataError
from course_utils.data.unpickling import load_plain_pickle

ARCHIVE = RemoteFile(
    url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",  # 170,498,071 bytes
    file_name="cifar-10-python.tar.gz",
    checksum="md5:c58f30108f718f92721af3b95e74349a",
)
FOLDER = "cifar-10-batches-py"
TRAIN_BATCHES = tuple(f"{FOLDER}/data_batch_{number}" for number in range(1, 6))
TEST_BATCH = f"{FOLDER}/test_batch"
META = f"{FOLDER}/batches.meta"
LARGEST_MEMBER = 64 << 20  # bytes; the real ones hold 31 MB


def load(archive: RemoteFile = ARCHIVE, validation: int = 2_000) -> Dataset:
    """CIFAR-10 as 48,000 train, 2,000 val (the last of the fifth batch) and 10,000 test images.

    The archive is downloaded once (170 MB), and its checksum compared before it is opened. It is read in memory, member
    by member, by a reader that refuses pickles with anything but arrays and plain values in them.
    Raises DownloadError when it cannot be had, DataError when it does not hold what it should.
    """
    path = fetch(archive)
    members = _members(path)
    train = [_batch(members[name], f"{path}, {name}") for name in TRAIN_BATCHES]
    images, labels = (np.concatenate(parts) for parts in zip(*train, strict=True))
    test_images, test_labels = _batch(members[TEST_BATCH], f"{path}, {TEST_BATCH}")
    meta = _dictionary(members[META], f"{path}, {META}", b"label_names")
    return Dataset(
        train_images=images[:-validation],
        train_labels=labels[:-validation],
        val_images=images[-validation:],
        val_labels=labels[-validation:],
        test_images=test_images,
        test_labels=test_labels,
        class_names=tuple(name.decode("ascii") for name in meta[b"label_names"]),
        name="cifar10",
        how_it_was_made=(
            "Photographs collected from the web, scaled to 32×32 and labelled by people (A. Krizhevsky, 2009). "
            f"The original archive; the last {validation:,} of its training images are the validation set."
        ),
    )


def _members(path: Path) -> dict[str, bytes]:
    """The wanted files of the archive, read by name in one pass; nothing is unpacked to disk."""
    wanted = {*TRAIN_BATCHES, TEST_BATCH, META}
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                if member.name not in wanted or not member.isfile():
                    continue
                if member.size > LARGEST_MEMBER:
                    raise DataError(f"{path}: {member.name} is {member.size:,} bytes long; too long to be a batch")
                content = archive.extractfile(member)
                found[member.name] = content.read() if content is not None else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error) as damage:
        raise DataError(f"{path}: cannot be read as a .tar.gz archive ({damage})") from damage
    if missing := sorted(wanted - found.keys()):
        raise DataError(f"{path}: not CIFAR-10 for Python, as {', '.join(missing)} is missing")
    return found


def _batch(content: bytes, where: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """One batch: rows of 1,024 red, 1,024 green and 1,024 blue bytes become (N, 32, 32, 3) images."""
    batch = _dictionary(content, where, b"data", b"labels")
    rows = batch[b"data"]
    if not isinstance(rows, np.ndarray) or rows.dtype != np.uint8 or rows.ndim != 2 or rows.shape[1] != 3072:
        what = f"{rows.dtype} {rows.shape}" if isinstance(rows, np.ndarray) else type(rows).__name__
        raise DataError(f"{where}: the images are {what}; wanted uint8 rows of 3072 bytes")
    try:
        labels = np.array(batch[b"labels"], np.int64)
    except (TypeError, ValueError) as bad:
        raise DataError(f"{where}: the labels are not whole numbers") from bad
    if labels.shape != (len(rows),):
        raise DataError(f"{where}: {len(rows)} images but labels of shape {labels.shape}; wanted one label per image")
    return np.ascontiguousarray(rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), labels


def _dictionary(content: bytes, where: str, *keys: bytes) -> dict[bytes, Any]:
    values = load_plain_pickle(content, where)
    if not isinstance(values, dict) or any(key not in values for key in keys):
        raise DataError(f"{where}: wanted a dictionary with {', '.join(key.decode() for key in keys)}")
    return values
