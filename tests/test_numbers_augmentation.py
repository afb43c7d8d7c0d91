"""The numbers notebook 09 states, from its own solution: worked examples, tables, and shares over seeds."""

from pathlib import Path

import numpy as np
import pytest

from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils import nn
from course_utils.data import load_dataset, load_results
from course_utils.nn.pixels import PixelNet

ROW = np.array([10, 20, 30, 40], dtype=np.uint8).reshape(1, 1, 4, 1)


@pytest.fixture(scope="module")
def solved():
    path = Path(__file__).resolve().parents[1] / "solutions" / "09_augmentation" / "09_augmentation.py"
    return Workbench(read_notebook(path)).namespace


def generator(seed=0):
    return np.random.default_rng(seed)


def test_four_letters_are_one_under_flips(solved):
    b, d, p, q = (solved[letter] for letter in "bdpq")
    assert np.array_equal(b[:, ::-1], d)
    assert np.array_equal(b[::-1], p)
    assert np.array_equal(d[::-1], q)
    assert len({letter.tobytes() for letter in map(np.ascontiguousarray, (b, d, p, q))}) == 4


def test_the_flip_worked_by_hand(solved):
    image = np.arange(1, 7, dtype=np.uint8).reshape(1, 2, 3, 1)
    assert solved["random_flip"](image, generator(), p=1.0)[0, :, :, 0].tolist() == [[3, 2, 1], [6, 5, 4]]


def test_the_three_windows_of_the_text_are_equally_likely(solved):
    windows = solved["random_crop"](np.repeat(ROW, 3000, axis=0), 1, generator())[:, 0, :, 0]
    found, counts = np.unique(windows, axis=0, return_counts=True)
    assert found.tolist() == [[10, 10, 20, 30], [10, 20, 30, 40], [20, 30, 40, 40]]
    assert np.all(abs(counts / 3000 - 1 / 3) < 0.05)


def test_the_recipe_for_photographs_scaled_to_32_pixels(solved):
    assert [round(side * 32 / 224) for side in (256, 480)] == [37, 69]
    assert [round(side * 32 / 224) for side in (224, 256, 384, 460, 640)] == [32, 37, 55, 66, 91]
    assert pytest.approx(0.2, abs=0.02) == (32 / 69) ** 2


def test_contrast_and_brightness_worked_by_hand(solved):
    image = np.array([100, 120, 140, 240], dtype=np.uint8).reshape(1, 2, 2, 1)
    found = solved["adjust_colors"](image, np.array([1.5]), np.array([0.1])).ravel()
    assert np.all(abs(found - np.array([100.5, 130.5, 160.5, 255])) <= 0.5)
    assert (np.array([250], np.uint8) + np.uint8(10)).item() == 4


def test_the_place_looked_up_by_hand(solved):
    square = np.array([[0, 100], [50, 200]], dtype=np.uint8).reshape(1, 2, 2, 1)
    assert solved["sample_bilinear"](square, np.array([[[0.25]]]), np.array([[[0.5]]])).item() == 56


def test_maps_go_where_the_text_says(solved):
    warp, maps = solved["affine_warp"], {name: solved[name] for name in ("translation", "rotation", "stretch")}
    assert warp(ROW, maps["translation"](1, 0)[np.newaxis]).ravel().tolist() == [10, 10, 20, 30]
    square = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1)
    clockwise = warp(square, maps["rotation"](90)[np.newaxis])[0, :, :, 0]
    assert clockwise.tolist() == np.rot90(square[0, :, :, 0], -1).tolist()
    dot = np.zeros((1, 9, 9, 1), dtype=np.uint8)
    dot[0, 3:6, 3:6] = 255
    assert warp(dot, maps["stretch"](2, 2)[np.newaxis]).sum() > dot.sum()


def test_a_rotation_before_a_translation_is_another_map_than_after(solved):
    turn, move = (
        np.vstack([solved[name](*arguments), [0, 0, 1]])
        for name, arguments in (("rotation", (90,)), ("translation", (3, 0)))
    )
    np.testing.assert_allclose((move @ turn)[:2, 2], [3, 0], atol=1e-12)
    np.testing.assert_allclose((turn @ move)[:2, 2], [0, 3], atol=1e-12)


def test_a_square_of_eight_hides_56_pixels_on_average(solved):
    covered = solved["cutout"](np.zeros((4000, 32, 32, 1), np.uint8), 8, generator()) > 0
    assert covered.sum() / 4000 == pytest.approx(56.25, abs=1)


def test_two_fifths_cat_and_three_fifths_dog(solved):
    class Draws:
        def permutation(self, n):
            return np.arange(n)[::-1]

        def beta(self, a, b, size):
            return np.full(size, 0.4)

    pair = np.array([100, 200], dtype=np.uint8).reshape(2, 1, 1, 1)
    images, targets = solved["mixup"](pair, np.array([0, 1]), 2, Draws())
    assert images[0].item() == 160
    np.testing.assert_allclose(targets[0], [0.4, 0.6])


def test_equalizing_worked_by_hand(solved):
    found = solved["equalize"](np.array([10, 10, 20, 90], dtype=np.uint8).reshape(1, 2, 2, 1)).ravel()
    assert np.all(abs(found - np.array([0, 0, 127.5, 255])) <= 0.5)


def test_the_first_sub_policy_happens_as_often_as_the_text_says(solved):
    operations = {"ShearX": lambda x, level, rng: x + np.uint8(1), "Invert": lambda x, level, rng: x + np.uint8(2)}
    images = np.zeros((4000, 1, 1, 1), np.uint8)
    policy = [[("ShearX", 0.9, 7), ("Invert", 0.2, 3)]]
    found = solved["apply_policy"](images, policy, operations, generator()).ravel()
    shares = np.bincount(found, minlength=4) / 4000
    np.testing.assert_allclose(shares, [0.08, 0.72, 0.02, 0.18], atol=0.03)


def gains(name, column):
    """Recipe → the mean over seeds of what it adds to no augmentation, and in how many seeds it adds anything."""
    recipes, values = load_results(name).by_seed("recipe", f"{column}_accuracy")
    differences = values - values[:, :1]
    means, wins = differences.mean(axis=0), (differences > 0).sum(axis=0)
    return dict(zip(recipes, means, strict=True)), dict(zip(recipes, wins, strict=True)), len(values)


def test_what_the_table_of_2000_images_is_said_to_show():
    test, wins, seeds = gains("augmentation_gain", "test")
    assert wins["flip"] == seeds
    assert wins["upside down"] == 0
    assert test["flip"] == pytest.approx(0.03, abs=0.01)
    assert abs(test["crop"]) < 0.015
    assert all(abs(test[f"both + {what}"] - test["flip + crop"]) < 0.01 for what in ("colour", "cutout", "mixup"))
    shifted, wins, seeds = gains("augmentation_gain", "shifted")
    assert wins["crop"] == seeds
    assert shifted["crop"] == pytest.approx(0.22, abs=0.02)


def test_what_the_table_of_all_images_is_said_to_show():
    test, _, _ = gains("augmentation_gain_all_data", "test")
    assert 0 < test["flip"] < 0.02
    assert test["flip + crop"] < 0
    assert test["upside down"] < 0
    shifted, wins, seeds = gains("augmentation_gain_all_data", "shifted")
    assert wins["crop"] == seeds
    assert shifted["flip + crop"] == pytest.approx(0.2, abs=0.03)


def test_ten_crops_pay_only_for_a_net_trained_with_crops():
    table = load_results("augmentation_gain")
    recipes, one = table.by_seed("recipe", "test_accuracy")
    _, ten = table.by_seed("recipe", "ten_crop_accuracy")
    added = dict(zip(recipes, (ten - one).mean(axis=0), strict=True))
    assert 0.01 < added["flip + crop"] < 0.035
    assert -0.035 < added["none"] < -0.005


def test_a_net_on_pixels_sees_centred_and_scaled_channels_first():
    data = load_dataset("garments")
    images = data.train_images[:300]
    net = PixelNet(nn.ConvNet(filters=(2,), hidden=4, rng=0), images)
    ready = net.ready(images)
    assert ready.shape == (300, 3, 32, 32)
    assert ready.dtype == np.float32
    np.testing.assert_allclose(ready.mean(axis=(0, 2, 3)), 0, atol=1e-3)
    np.testing.assert_allclose(ready.std(axis=(0, 2, 3)), 1, atol=1e-3)
    loss, grads = net.loss(images[:5], data.train_labels[:5])
    assert loss == pytest.approx(np.log(10), abs=0.5)
    assert set(grads) == set(net.params)
    assert net.predict(images[:5]).shape == (5,)
    assert net.accuracy(images[:5], net.predict(images[:5])) == 1


@pytest.mark.parametrize("wrong", [np.zeros((2, 8, 8, 3)), np.zeros((8, 8, 3), np.uint8)])
def test_a_net_on_pixels_refuses_what_is_no_batch_of_pixels(wrong):
    with pytest.raises(ValueError, match="uint8 images"):
        PixelNet(nn.ConvNet(), wrong)
