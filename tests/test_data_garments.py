"""The shipped data set: its invariants, its pinned bytes, its cache."""

import hashlib
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from course_utils.data import DataError, Dataset, cache, garments, load_dataset, shipped
from course_utils.data.dataset import SPLITS


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def dataset(shared_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(shared_cache))
        return load_dataset("garments")


@pytest.fixture(scope="module")
def grays():
    path = shipped.shipped_file("garments.npz")
    return dict(zip(SPLITS, shipped.read_arrays(path, *(f"{which}_images" for which in SPLITS)), strict=True))


@pytest.mark.parametrize(("which", "per_class"), [("train", 1000), ("val", 200), ("test", 200)])
def test_every_class_has_equally_many_images(dataset, which, per_class):
    labels = getattr(dataset, f"{which}_labels")
    assert np.bincount(labels).tolist() == [per_class] * 10
    assert getattr(dataset, f"{which}_images").shape == (10 * per_class, 32, 32, 3)


def test_the_order_is_shuffled(dataset):
    for which in SPLITS:
        assert len(set(getattr(dataset, f"{which}_labels")[:50].tolist())) == 10


def test_no_garment_is_in_two_splits(grays):
    seen = {which: {gray.tobytes() for gray in grays[which]} for which in SPLITS}
    assert not seen["train"] & seen["val"]
    assert not seen["train"] & seen["test"]
    assert not seen["val"] & seen["test"]


def test_the_bytes_are_the_pinned_ones(dataset):
    images = np.concatenate([getattr(dataset, f"{which}_images") for which in SPLITS])
    assert hashlib.sha256(images.data).hexdigest() == garments.IMAGES_SHA256
    assert garments.IMAGES_SHA256 == "adf77a1268ba15f64fac215f0dfeba7a14d6f01ef7b6c28e02a379aca32bf0a1"


def test_chunks_do_not_change_the_images(grays, monkeypatch):
    (photos,) = shipped.read_arrays(shipped.shipped_file("photos.npz"), "photos")
    expected = garments.colour(grays["val"][:20], photos, seed=5)
    monkeypatch.setattr(garments, "CHUNK", 7)
    assert np.array_equal(garments.colour(grays["val"][:20], photos, seed=5), expected)
    assert not np.array_equal(garments.colour(grays["val"][:20], photos, seed=6), expected)


def test_a_garment_hides_the_background_and_its_surroundings_show_it():
    solid = np.zeros((2, 28, 28), np.uint8)
    solid[:, 10:18, 10:18] = 255
    dark, bright = (np.full((1, 64, 64, 3), level, np.uint8) for level in (0, 255))
    with_hole = [garments.colour(solid, photos, seed=3) for photos in (dark, bright)]
    middle = [images[:, 14:18, 14:18] for images in with_hole]
    assert np.array_equal(*middle)
    assert all((images[:, 0, 0] == images[:, 31, 31]).all() for images in with_hole)


def test_arrays_cannot_be_changed(dataset):
    for which in SPLITS:
        for part in ("images", "labels"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(dataset, f"{which}_{part}")[0] = 0


def test_it_says_that_the_images_are_composited(dataset):
    assert "Composited images, not photographs" in dataset.how_it_was_made
    assert "10,000 train" in repr(dataset)


def cached_file(folder: Path) -> Path:
    (path,) = folder.glob("garments-*.raw")
    return path


def flip_one_byte(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(1_000_003)
        byte = file.read(1)
        file.seek(1_000_003)
        file.write(bytes([byte[0] ^ 1]))


def flip_one_byte_and_hide_it(path: Path) -> None:
    before = path.stat()
    flip_one_byte(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def cut_it_short(path: Path) -> None:
    os.truncate(path, 1000)


@pytest.mark.parametrize("damage", [flip_one_byte, flip_one_byte_and_hide_it, cut_it_short])
def test_a_damaged_cache_is_made_again_with_a_note(dataset, tmp_path, monkeypatch, caplog, damage):
    images = np.concatenate([getattr(dataset, f"{which}_images") for which in SPLITS])
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(garments, "_make_images", images.copy)
    load_dataset("garments")
    damage(cached_file(tmp_path))
    again = load_dataset("garments")
    assert np.array_equal(again.train_images, dataset.train_images)
    assert "is damaged" in caplog.text
    assert hashlib.sha256(cached_file(tmp_path).read_bytes()).hexdigest() == garments.IMAGES_SHA256


def test_a_good_cache_is_used_and_nothing_is_made(dataset, shared_cache, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(shared_cache))
    monkeypatch.setattr(garments, "_make_images", lambda: pytest.fail("made although the cache is good"))
    assert np.array_equal(load_dataset("garments").val_images, dataset.val_images)


def test_two_processes_may_start_at_once(tmp_path):
    program = "from course_utils.data import load_dataset; print(int(load_dataset('garments').test_images.sum()))"
    environment = {**os.environ, "COURSE_CACHE": str(tmp_path)}
    running = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert answers[0] == answers[1] != ""
    assert [path.name for path in tmp_path.iterdir()] == [cached_file(tmp_path).name]


SMALL = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
SMALL_SHA256 = hashlib.sha256(SMALL.tobytes()).hexdigest()


def kept(make=SMALL.copy):
    return cache.cached_array("small.raw", (2, 3, 4), SMALL_SHA256, make)


def test_without_a_writable_cache_it_works_in_memory_and_says_so(tmp_path, monkeypatch, caplog):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    monkeypatch.setenv("COURSE_CACHE", str(in_the_way))
    assert np.array_equal(kept(), SMALL)
    assert "Set COURSE_CACHE to a folder you can write to" in caplog.text


def test_a_disk_that_fills_up_leaves_nothing_behind(tmp_path, monkeypatch, caplog):
    def no_space(self, data):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(Path, "write_bytes", no_space)
    assert np.array_equal(kept(), SMALL)
    assert "No space left on device" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_but_not_what_is_being_written(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    old, young = tmp_path / "small.raw.1-1.unfinished", tmp_path / "small.raw.2-2.unfinished"
    old.touch()
    young.touch()
    long_ago = time.time() - 86_400
    os.utime(old, (long_ago, long_ago))
    kept()
    assert not old.exists()
    assert young.exists()


@pytest.mark.parametrize(
    "wrong", [SMALL + 1, SMALL.reshape(4, 6), SMALL.astype(np.int16)], ids=["bytes", "shape", "dtype"]
)
def test_a_wrong_result_is_refused_and_not_kept(tmp_path, monkeypatch, wrong):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    with pytest.raises(DataError, match="install the course again"):
        kept(wrong.copy)
    assert list(tmp_path.iterdir()) == []


def test_the_cached_array_is_read_only_and_mapped(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    array = kept()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        array.flags.writeable = True


def test_the_cache_is_outside_the_repository(monkeypatch):
    monkeypatch.delenv("COURSE_CACHE", raising=False)
    repository = Path(cache.__file__).resolve().parents[2]
    assert repository not in cache.cache_folder().resolve().parents


def test_a_missing_shipped_file_is_named_with_the_places_looked_at(tmp_path):
    with pytest.raises(DataError, match=r"garments\.npz is missing.*here.*there"):
        shipped.shipped_file("garments.npz", (tmp_path / "here", tmp_path / "there"))


def test_an_installed_course_reads_its_own_copy(tmp_path):
    installed, checkout = tmp_path / "shipped", tmp_path / "data"
    for place in (installed, checkout):
        place.mkdir()
        (place / "garments.npz").touch()
    assert shipped.shipped_file("garments.npz", (installed, checkout)).parent == installed


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 broken"])
def test_a_broken_shipped_file_is_an_error_in_words(tmp_path, content):
    path = tmp_path / "garments.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="Install the course again"):
        shipped.read_arrays(path, "train_labels")


def test_a_shipped_file_without_an_array_is_an_error_in_words(tmp_path):
    np.savez(tmp_path / "a.npz", other=SMALL)
    with pytest.raises(DataError, match="train_labels"):
        shipped.read_arrays(tmp_path / "a.npz", "train_labels")


def test_changed_labels_are_refused(tmp_path, monkeypatch):
    arrays = {f"{which}_labels": np.zeros(garments.SIZES[which], np.uint8) for which in SPLITS}
    np.savez(tmp_path / "garments.npz", **arrays)
    monkeypatch.setattr(garments, "shipped_file", lambda name: tmp_path / name)
    with pytest.raises(DataError, match="labels are not those of this release"):
        garments.load()


def test_the_shipped_files_stay_under_eight_megabytes():
    folder = shipped.shipped_file("garments.npz").parent
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 8_000_000


def test_shipped_files_carry_no_time_of_day():
    for name in ("garments.npz", "photos.npz"):
        with zipfile.ZipFile(shipped.shipped_file(name)) as archive:
            assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


GOOD = {
    **{f"{which}_images": np.zeros((2, 32, 32, 3), np.uint8) for which in SPLITS},
    **{f"{which}_labels": np.array([0, 1]) for which in SPLITS},
    "class_names": ("a", "b"),
    "name": "made up",
}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("train_images", np.zeros((2, 28, 28), np.uint8), r"train: images have shape \(2, 28, 28\)"),
        ("val_images", np.zeros((2, 32, 32, 3)), "val: images are float64; wanted uint8"),
        ("test_labels", np.array([0, 1], np.uint8), "test: labels are uint8"),
        ("train_labels", np.array([[0, 1]]), r"wanted int64 of shape \(N,\)"),
        ("train_labels", np.array([0, 1, 1]), "2 images but 3 labels"),
        ("train_labels", np.array([0, 2]), "labels run from 0 to 2, but there are 2 class names"),
        ("train_labels", np.array([-1, 0]), "labels run from -1 to 0"),
    ],
)
def test_a_dataset_whose_parts_do_not_fit_is_refused(field, value, says):
    assert len(Dataset(**GOOD).train_labels) == 2
    with pytest.raises(ValueError, match=says):
        Dataset(**{**GOOD, field: value})
