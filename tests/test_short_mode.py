"""The short mode: what COURSE_SMOKE changes, and what a notebook is told about the data it runs on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small_archives
from small_nets import X_VAL, Y_VAL, X, Y, net

from course_utils import nn, short_mode
from course_utils.data import DATASETS, Dataset, load_dataset, names
from course_utils.data.dataset import SPLITS


def dataset(counts, name="garments"):
    """Blank images whose labels are shuffled, `counts[c]` of class c in each split, marked by their number."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    images = np.zeros((len(labels), 32, 32, 3), np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = np.arange(len(labels)) % 256, np.arange(len(labels)) // 256
    class_names = tuple(f"class {c}" for c in range(len(counts)))
    return Dataset(images, labels, images, labels, images, labels, class_names, name)


@pytest.fixture
def environment(monkeypatch):
    """Nothing set, and every data set made up; returns a function that sets COURSE_SMOKE."""
    for name in DATASETS:
        monkeypatch.setitem(names.DATASETS, name, lambda name=name: dataset([100] * 10, name))
    for variable in ("COURSE_DATASET", "COURSE_SMOKE"):
        monkeypatch.delenv(variable, raising=False)
    return lambda value: monkeypatch.setenv("COURSE_SMOKE", value)


@pytest.mark.parametrize(
    ("value", "short"), [(None, False), ("", False), ("0", False), (" 0 ", False), ("1", True), ("yes", True)]
)
def test_it_is_on_when_the_variable_is_set_to_anything_but_0(environment, value, short):
    if value is not None:
        environment(value)
    assert short_mode.short_mode() is short
    assert load_dataset("garments").short is short


def test_a_part_has_the_first_images_of_each_class_in_the_order_of_the_set(environment):
    environment("1")
    whole, part = dataset([100] * 10), load_dataset("garments")
    for which in SPLITS:
        images, labels = getattr(part, f"{which}_images"), getattr(part, f"{which}_labels")
        assert np.bincount(labels).tolist() == [short_mode.IMAGES[which] // 10] * 10
        number = images[:, 0, 0, 0] + 256 * images[:, 0, 0, 1].astype(int)
        assert (np.diff(number) > 0).all()
        assert np.array_equal(getattr(whole, f"{which}_labels")[number], labels)
        for c in range(10):
            firsts = np.flatnonzero(getattr(whole, f"{which}_labels") == c)[: (labels == c).sum()]
            assert np.array_equal(number[labels == c], firsts)


def test_the_rarest_class_decides_how_many_there_are_of_each():
    part = names.small_part(dataset([100, 7, 100]))
    assert [np.bincount(getattr(part, f"{which}_labels")).tolist() for which in SPLITS] == [[7] * 3] * 3


@pytest.mark.parametrize(
    ("name", "smoke", "hold"),
    [("garments", "0", True), ("garments", "1", False), ("cifar10", "0", False), ("fashion_mnist", "1", False)],
)
def test_stated_ranges_hold_on_all_of_garments_only(environment, name, smoke, hold):
    environment(smoke)
    assert load_dataset(name).stated_ranges_hold is hold


@pytest.mark.parametrize(
    ("chosen", "smoke", "says"),
    [
        ("garments", "0", ""),
        (
            "garments",
            "1",
            "This notebook runs on garments in the short mode (COURSE_SMOKE): 600 train, 200 val, 200 test",
        ),
        ("cifar10", "0", "This notebook runs on cifar10: 1,000 train, 1,000 val, 1,000 test images. Its text"),
        ("fashion_mnist", "1", "This notebook runs on fashion_mnist in the short mode"),
    ],
)
def test_a_notebook_says_on_what_it_runs_unless_it_is_what_its_text_describes(
    environment, monkeypatch, capsys, chosen, smoke, says
):
    environment(smoke)
    load_dataset(chosen)
    assert capsys.readouterr().out == "", "a set asked for by name needs no announcement"
    monkeypatch.setenv("COURSE_DATASET", chosen)
    load_dataset()
    told = capsys.readouterr().out
    assert told.startswith(says) and bool(told) == bool(says)


def test_a_part_says_that_it_is_one():
    whole = dataset([20, 20])
    assert repr(whole).startswith("Dataset('garments': 40 train")
    assert repr(replace(whole, short=True)).startswith("Dataset('garments', a small part: 40 train")


@pytest.mark.parametrize(("short", "asked", "made"), [(False, 1500, 1500), (True, 1500, 60), (True, 20, 20)])
def test_a_loop_makes_the_steps_that_the_data_set_allows(short, asked, made):
    assert replace(dataset([20, 20]), short=short).steps(asked) == made


@pytest.mark.parametrize(
    ("smoke", "num_epochs", "batch_size", "epochs"),
    [("0", 100, 50, 100), ("1", 100, 50, 20), ("1", 5, 50, 5), ("1", 40, 1, 1)],
    ids=["full length", "as many epochs as fit", "a short training is not cut", "one epoch is made in any case"],
)
def test_a_solver_makes_at_most_60_steps_or_one_epoch(environment, smoke, num_epochs, batch_size, epochs):
    environment(smoke)
    assert len(X) == 120
    history = nn.Solver(
        net(), X, Y, X_VAL, Y_VAL, num_epochs=num_epochs, batch_size=batch_size, progress=False,
        optim_config={"learning_rate": 1e-3}, schedule=lambda t, total: 1e-3 * (total - t) / total,
    ).train()  # fmt: skip
    assert history.epochs == epochs
    assert len(history["loss"]) == epochs * history.iterations_per_epoch
    assert history["learning_rate"][-1] == pytest.approx(1e-3 / len(history["loss"])), "the schedule ends at the end"


@pytest.mark.parametrize("name", ["cifar10", "fashion_mnist"])
def test_the_cell_put_before_a_notebook_makes_it_read_the_served_files_and_no_others(server, monkeypatch, name):
    """The notebooks' runs on other data go through the download, its checksum and the reader."""
    files = {"cifar10": small_archives.cifar_files(410), "fashion_mnist": small_archives.fashion_files(2_050, 20)}[name]
    remotes = {file_name: server.put(file_name, content) for file_name, content in files.items()}
    monkeypatch.setitem(names.DATASETS, name, names.DATASETS[name])  # put back afterwards
    exec(small_archives.register_cell(name, remotes), {})
    loaded = load_dataset(name)
    assert loaded.name == name and len(loaded.train_labels) == 50
    assert {asked for asked, _ in server.asked} == set(files)
    assert sorted(set(loaded.train_labels.tolist())) == list(range(10))


def test_one_module_alone_reads_the_variable():
    package = Path(short_mode.__file__).parent
    readers = [path.name for path in package.rglob("*.py") if '"COURSE_SMOKE"' in path.read_text(encoding="utf-8")]
    assert readers == ["short_mode.py"]
