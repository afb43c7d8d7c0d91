"""Fashion-MNIST from a local server and from Debian's package, and damaged files of its format."""

import gzip

import numpy as np
import pytest
from small_archives import idx

from course_utils.data import DataError, DownloadError, fashion_mnist, load_dataset
from course_utils.data.idx import read_idx


def fashion_files(server, **changed):
    rng = np.random.default_rng(3)
    arrays = {}
    for which, count in (("train", 30), ("test", 10)):
        arrays[f"{which}_images"] = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"{which}_labels"] = np.arange(count, dtype=np.uint8) % 10
    arrays.update(changed)
    files = {
        part: server.put(fashion_mnist.FILES[part].file_name, array if isinstance(array, bytes) else idx(array))
        for part, array in arrays.items()
    }
    return arrays, files


def test_fashion_mnist_is_downloaded_padded_and_repeated(server):
    arrays, files = fashion_files(server)
    dataset = fashion_mnist.load(files=files, validation=4)
    assert [len(labels) for labels in (dataset.train_labels, dataset.val_labels, dataset.test_labels)] == [26, 4, 10]
    for channel in range(3):
        assert np.array_equal(dataset.test_images[:, 2:30, 2:30, channel], arrays["test_images"])
    assert dataset.train_images[:, :2].max() == dataset.train_images[:, :, 30:].max() == 0
    assert np.array_equal(dataset.val_images[:, 2:30, 2:30, 0], arrays["train_images"][-4:])


def test_without_debians_copy_the_published_files_are_asked_for(server, tmp_path, monkeypatch):
    fashion_files(server)
    monkeypatch.setenv("COURSE_MIRROR", server.address)
    with pytest.raises(DownloadError, match="not the published file"):
        fashion_mnist.load(folder=tmp_path)
    assert server.asked == [("train-images-idx3-ubyte.gz", None)]


def test_a_folder_with_other_contents_is_refused(server, tmp_path):
    fashion_files(server)
    for name, content in server.files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="not the published ones"):
        fashion_mnist.load(folder=tmp_path)


def test_images_and_labels_that_do_not_match_are_refused(server):
    _, files = fashion_files(server, test_labels=np.zeros(3, np.uint8))
    with pytest.raises(DataError, match=r"images \(10, 28, 28\) and labels \(3,\)"):
        fashion_mnist.load(files=files, validation=4)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not gzip", "cannot be read as a gzip file"),
        (idx(np.zeros((3, 4), np.uint8))[:-6], "cannot be read as a gzip file"),
        (gzip.compress(b""), "it starts with nothing"),
        (gzip.compress(b"\x00\x00\x0d\x01\x00\x00\x00\x00"), "not an IDX file of unsigned bytes"),
        (gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05abc"), r"says it holds \(5,\), but 3 bytes follow"),
        (gzip.compress(b"\x00\x00\x08\x03\x00\x00\x00\x05"), "but 0 bytes follow"),
    ],
    ids=["not gzip", "cut short", "empty", "another type", "too few bytes", "no bytes"],
)
def test_a_damaged_idx_file_is_an_error_in_words(tmp_path, content, says):
    path = tmp_path / "file.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_idx(path)


def test_a_missing_idx_file_is_an_error_in_words(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_idx(tmp_path / "none.gz")


@pytest.mark.skipif(
    not (fashion_mnist.DEBIAN_FOLDER / "train-images-idx3-ubyte.gz").is_file(),
    reason="needs Debian's package dataset-fashion-mnist",
)
def test_debians_copy_of_fashion_mnist_is_read():
    dataset = load_dataset("fashion_mnist")
    assert len(dataset.train_labels) == 58_000
    assert np.bincount(np.concatenate([dataset.train_labels, dataset.val_labels])).tolist() == [6000] * 10
    assert np.bincount(dataset.test_labels).tolist() == [1000] * 10
