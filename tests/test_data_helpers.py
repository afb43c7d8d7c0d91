"""Batches, rows, subsets, splits, names, and the script that makes the shipped files."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course_utils.data import DATASETS, Dataset, batches, fashion_mnist, flatten, load_dataset, names, split, subset
from course_utils.data.shipped import read_arrays, shipped_file

X, Y = np.arange(20).reshape(10, 2), np.arange(10)
SCRIPT = Path(__file__).resolve().parents[1] / "data" / "make_data.py"


def small_dataset():
    images, labels = np.arange(10, dtype=np.uint8)[:, None, None, None] + np.zeros((1, 32, 32, 3), np.uint8), Y
    return Dataset(images, labels, images, labels, images, labels, tuple("abcdefghij"), "small")


@pytest.mark.parametrize(("batch_size", "sizes"), [(1, [1] * 10), (3, [3, 3, 3, 1]), (10, [10]), (99, [10])])
def test_an_epoch_of_batches_has_every_row_once_with_its_label(batch_size, sizes):
    seen = list(batches(X, Y, batch_size, np.random.default_rng(0)))
    assert [len(labels) for _, labels in seen] == sizes
    assert sorted(np.concatenate([labels for _, labels in seen]).tolist()) == list(range(10))
    assert all(np.array_equal(rows[:, 0], 2 * labels) for rows, labels in seen)


def test_batches_follow_the_generator():
    def order(seed):
        return np.concatenate([labels for _, labels in batches(X, Y, 4, np.random.default_rng(seed))]).tolist()

    assert order(1) == order(1) != order(2)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda rng: batches(X, Y[:9], 2, rng), r"X has shape \(10, 2\) and y has shape \(9,\)"),
        (lambda rng: batches(X, 3, 2, rng), "same number of rows"),
        (lambda rng: batches(X, Y, 0, rng), "batch_size is 0; wanted a whole number of at least 1"),
        (lambda rng: batches(X, Y, 2.0, rng), r"batch_size is 2\.0"),
        (lambda rng: batches(X, Y, True, rng), "batch_size is True"),
        (lambda rng: split(X, Y[:9], 2, rng), r"split: X has shape"),
        (lambda rng: split(X, Y, 10, rng), "held_out is 10, but there are 10 rows"),
        (lambda rng: split(X, Y, 0, rng), "held_out is 0"),
        (lambda rng: flatten(Y), r"flatten: wanted images of shape .* got shape \(10,\)"),
        (lambda rng: subset(small_dataset(), train=11), "11 train examples asked for, 'small' has 10"),
        (lambda rng: subset(small_dataset(), val=-1), "subset: val is -1"),
        (lambda rng: subset(small_dataset(), test=0.5), r"subset: test is 0\.5"),
    ],
)
def test_bad_input_is_refused_in_words_at_the_call(call, says):
    with pytest.raises(ValueError, match=says):
        call(np.random.default_rng(0))


def test_flat_rows_are_the_images_in_order_and_share_their_memory():
    images = np.arange(2 * 32 * 32 * 3).reshape(2, 32, 32, 3)
    rows = flatten(images)
    assert rows.shape == (2, 3072)
    assert rows[1, 32 * 3 + 3 + 2] == images[1, 1, 1, 2]
    assert np.shares_memory(rows, images)
    assert flatten(images[:0]).shape == (0, 3072)


def test_a_subset_is_the_first_of_each_split_without_a_copy():
    whole = small_dataset()
    part = subset(whole, train=4, test=2)
    assert (len(part.train_labels), len(part.val_labels), len(part.test_labels)) == (4, 10, 2)
    assert np.shares_memory(part.train_images, whole.train_images)
    assert part.class_names == whole.class_names


def test_a_split_has_every_row_on_exactly_one_side():
    rest, rest_labels, held, held_labels = split(X, Y, 3, np.random.default_rng(0))
    assert (len(rest), len(held)) == (7, 3)
    assert sorted([*rest_labels, *held_labels]) == list(range(10))
    assert np.array_equal(rest[:, 0], 2 * rest_labels)
    assert np.array_equal(held[:, 0], 2 * held_labels)


@pytest.mark.parametrize(
    ("asked", "environment", "loaded"),
    [
        (None, None, "garments"),
        (None, "", "garments"),
        (None, "cifar10", "cifar10"),
        ("garments", "cifar10", "garments"),
    ],
)
def test_the_name_decides_then_the_environment_then_garments(monkeypatch, asked, environment, loaded):
    for name in DATASETS:
        monkeypatch.setitem(names.DATASETS, name, lambda name=name: replace(small_dataset(), name=name))
    monkeypatch.delenv("COURSE_DATASET", raising=False)
    if environment is not None:
        monkeypatch.setenv("COURSE_DATASET", environment)
    assert load_dataset(asked).name == loaded


def test_an_unknown_name_is_refused_with_the_known_ones(monkeypatch):
    with pytest.raises(ValueError, match=r"load_dataset: .*'mnist'; choose one of garments, fashion_mnist, cifar10"):
        load_dataset("mnist")
    monkeypatch.setenv("COURSE_DATASET", "mnist")
    with pytest.raises(ValueError, match="environment variable COURSE_DATASET"):
        load_dataset()


def make_data():
    specification = importlib.util.spec_from_file_location("make_data", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


needs_debian = pytest.mark.skipif(
    not (fashion_mnist.DEBIAN_FOLDER / "train-images-idx3-ubyte.gz").is_file(),
    reason="needs Debian's package dataset-fashion-mnist",
)
needs_photos = pytest.mark.skipif(
    importlib.util.find_spec("skimage") is None or importlib.util.find_spec("PIL") is None,
    reason="needs scikit-image and Pillow (the data extra)",
)


@needs_debian
def test_the_shipped_garments_can_be_made_again():
    script = make_data()
    arrays = script.garments(fashion_mnist.DEBIAN_FOLDER)
    assert script.compare(shipped_file("garments.npz"), arrays)
    assert script.npz_bytes(arrays) == script.npz_bytes(script.garments(fashion_mnist.DEBIAN_FOLDER))


@needs_photos
def test_the_shipped_photographs_can_be_made_again():
    again = make_data().photographs()
    photos, file_names = read_arrays(shipped_file("photos.npz"), "photos", "names")
    assert again["names"].tolist() == file_names.tolist()
    # JPEG decoders may round differently; the PNG photographs must come out the same.
    assert np.abs(again["photos"].astype(int) - photos.astype(int)).max() <= 4
    exact = [index for index, name in enumerate(file_names.tolist()) if name.endswith(".png")]
    assert np.array_equal(again["photos"][exact], photos[exact])


def test_every_photograph_is_credited():
    credits = (SCRIPT.parent / "README.md").read_text(encoding="utf-8")
    for name in make_data().PHOTOS:
        (row,) = [line for line in credits.splitlines() if line.startswith(f"| `{name}`")]
        assert "CC0" in row or "public domain" in row


def test_the_script_says_what_to_install_when_fashion_mnist_is_not_there(tmp_path, capsys):
    assert make_data().main(["--fashion-mnist", str(tmp_path)]) == 2
    assert "Install dataset-fashion-mnist" in capsys.readouterr().err


@needs_debian
@needs_photos
def test_the_script_writes_the_same_bytes_twice(tmp_path):
    script = make_data()
    small = {"a": np.arange(5, dtype=np.uint8), "names": np.array(["x", "yz"])}
    script.garments = lambda folder: small
    written = []
    for attempt in ("first", "second"):
        assert script.main(["--out", str(tmp_path / attempt)]) == 0
        written.append([(tmp_path / attempt / name).read_bytes() for name in ("garments.npz", "photos.npz")])
    assert written[0] == written[1]
    assert script.compare(tmp_path / "first" / "garments.npz", small)
    assert not script.compare(tmp_path / "first" / "garments.npz", {**small, "a": small["a"] + 1})
