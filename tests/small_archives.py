"""Archives of CIFAR-10 and Fashion-MNIST in their real formats, with made-up images and of any size.

Every class has a pattern of its own in a few large squares. An image is a blend of its class's pattern with another's,
and noise: a classifier can learn something, and makes mistakes. `register_cell` makes a notebook read these files in
place of the published ones.
"""

import gzip
import io
import struct
import tarfile

import numpy as np

from course_utils.data import cifar10, fashion_mnist
from course_utils.data.downloads import RemoteFile

NAMES = [b"airplane", b"automobile", b"bird", b"cat", b"deer", b"dog", b"frog", b"horse", b"ship", b"truck"]
ARCHIVE = cifar10.ARCHIVE.file_name


def python2_pickle(value) -> bytes:
    """`value` as Python 2's cPickle wrote it in protocol 2: strings are byte strings, arrays as NumPy 1 named them."""

    def write(value) -> bytes:
        if isinstance(value, bytes):
            short = len(value) < 256
            return (b"U" + bytes([len(value)]) if short else b"T" + struct.pack("<i", len(value))) + value
        if isinstance(value, bool) or value is None:
            return {True: b"\x88", False: b"\x89", None: b"N"}[value]
        if isinstance(value, int):
            return b"K" + bytes([value]) if 0 <= value < 256 else b"J" + struct.pack("<i", value)
        if isinstance(value, tuple):
            return b"(" + b"".join(map(write, value)) + b"t"
        if isinstance(value, list):
            return b"](" + b"".join(map(write, value)) + b"e"
        if isinstance(value, dict):
            return b"}(" + b"".join(write(key) + write(item) for key, item in value.items()) + b"u"
        dtype = b"cnumpy\ndtype\n" + write((b"u1", 0, 1)) + b"R" + write((3, b"|", None, None, None, -1, -1, 0)) + b"b"
        state = b"(" + write(1) + write(value.shape) + dtype + write(False) + write(value.tobytes()) + b"t"
        empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + write((0,)) + write(b"b") + b"tR"
        return empty + state + b"b"

    return b"\x80\x02" + write(value) + b"."


def cifar_members(images, labels, batch_size):
    """The seven files of the archive, unpickled: five batches and a test batch of `batch_size` rows, and the names."""
    members = {}
    for number, name in enumerate((*cifar10.TRAIN_BATCHES, cifar10.TEST_BATCH)):
        rows = slice(number * batch_size, (number + 1) * batch_size)
        members[name] = {
            b"batch_label": b"training batch",
            b"labels": labels[rows].tolist(),
            b"data": np.ascontiguousarray(images[rows].transpose(0, 3, 1, 2)).reshape(-1, 3072),
            b"filenames": [b"made_up.png"] * batch_size,
        }
    members[cifar10.META] = {b"num_cases_per_batch": batch_size, b"label_names": NAMES, b"num_vis": 3072}
    return members


def tar_gz(members: dict[str, bytes], level: int = 1) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=level) as archive:
        folder = tarfile.TarInfo(cifar10.FOLDER)
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in {**members, f"{cifar10.FOLDER}/readme.html": b"<html>"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def idx(array, level: int = 1) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(header + array.tobytes(), level, mtime=0)


def pictures(count: int, seed: int, squares: int, side: int, channels: int):
    """`count` images (N, squares·side, squares·side, channels) and labels (N,), classes in random order."""
    rng = np.random.default_rng(seed)
    patterns = rng.integers(20, 236, (10, squares, squares, channels))
    labels = rng.permutation(np.arange(count) % 10).astype(np.uint8)
    shape = (count, squares, squares, channels)
    share = rng.uniform(0.35, 1.0, (count, 1, 1, 1))  # of its own pattern; the rest is another's
    coarse = (
        share * patterns[labels] + (1 - share) * patterns[rng.integers(0, 10, count)] + rng.integers(-20, 21, shape)
    )
    return np.clip(coarse, 0, 255).astype(np.uint8).repeat(side, axis=1).repeat(side, axis=2), labels


def cifar_files(batch_size: int) -> dict[str, bytes]:
    """The archive; the published one has 10,000 images in a batch."""
    members = cifar_members(*pictures(6 * batch_size, seed=1, squares=8, side=4, channels=3), batch_size)
    return {ARCHIVE: tar_gz({name: python2_pickle(values) for name, values in members.items()})}


def fashion_files(train: int, test: int) -> dict[str, bytes]:
    """The four files; the published ones have 60,000 images for training and 10,000 for the test."""
    images, labels = pictures(train + test, seed=2, squares=7, side=4, channels=1)
    arrays = {
        "train_images": images[:train, ..., 0],
        "train_labels": labels[:train],
        "test_images": images[train:, ..., 0],
        "test_labels": labels[train:],
    }
    return {fashion_mnist.FILES[part].file_name: idx(array) for part, array in arrays.items()}


# Of each training set the last 2,000 images are for validation.
SMALL = {"cifar10": lambda: cifar_files(560), "fashion_mnist": lambda: fashion_files(2_800, 400)}
FULL_SIZE = {"cifar10": lambda: cifar_files(10_000), "fashion_mnist": lambda: fashion_files(60_000, 10_000)}


def register_cell(name: str, remotes: dict[str, RemoteFile]) -> str:
    """A cell to be put before a notebook's first: it makes `load_dataset(name)` fetch these files.

    They go through everything that the published ones go through, checksums included: what differs is which address
    and checksum are the right ones. Nothing outside a test can say so, by an environment variable for instance.
    """
    if name == "cifar10":
        load = f"lambda: data.cifar10.load(data.cifar10.RemoteFile{_fields(remotes[ARCHIVE])})"
    else:
        files = ", ".join(
            f"{part!r}: data.fashion_mnist.RemoteFile{_fields(remotes[remote.file_name])}"
            for part, remote in fashion_mnist.FILES.items()
        )
        load = f"lambda: data.fashion_mnist.load(files={{{files}}})"
    return f"(lambda data: data.DATASETS.update({name}={load}))(__import__('course_utils.data').data)"


def _fields(remote: RemoteFile) -> str:
    return repr((remote.url, remote.file_name, remote.checksum))
