"""The numbers notebook 09 states, from its own solution: worked examples, tables, and shares over seeds."""

from pathlib import Path

import numpy as np
import pytest

from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils.data import load_results

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
    assert [round(side * 32 / 224) for side in (224, 256, 384, 480, 640)] == [32, 37, 55, 69, 91]
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
    assert seeds == 5
    assert wins["crop"] == seeds
    assert shifted["crop"] == pytest.approx(0.22, abs=0.02)


def mean_of(name, column, recipe):
    recipes, values = load_results(name).by_seed("recipe", f"{column}_accuracy")
    return float(values.mean(axis=0)[list(recipes).index(recipe)])


def test_a_net_without_crops_loses_24_points_to_a_shift():
    for name in ("augmentation_gain", "augmentation_gain_all_data"):
        lost = mean_of(name, "test", "none") - mean_of(name, "shifted", "none")
        assert lost == pytest.approx(0.24, abs=0.015)


def test_colour_and_cutout_are_worth_a_point_where_the_test_is_changed_that_way():
    assert (
        0.01
        < mean_of("augmentation_gain", "recoloured", "both + colour")
        - mean_of("augmentation_gain", "recoloured", "flip + crop")
        < 0.02
    )
    assert mean_of("augmentation_gain", "covered", "both + cutout") - mean_of(
        "augmentation_gain", "covered", "flip + crop"
    ) == pytest.approx(0.01, abs=0.005)


def test_what_the_table_of_all_images_is_said_to_show():
    test, wins, seeds = gains("augmentation_gain_all_data", "test")
    assert seeds == 3
    assert wins["flip"] == seeds
    assert test["flip"] == pytest.approx(0.007, abs=0.003)
    assert all(wins[recipe] == 0 for recipe in ("crop", "flip + crop", "both + mixup", "upside down"))
    assert all(test[recipe] == pytest.approx(-0.01, abs=0.005) for recipe in ("crop", "flip + crop"))
    assert all(test[f"both + {what}"] < 0 for what in ("colour", "cutout"))
    assert test["both + mixup"] - test["flip + crop"] == pytest.approx(-0.01, abs=0.005)
    assert mean_of("augmentation_gain", "test", "none") == pytest.approx(0.76, abs=0.01)
    assert mean_of("augmentation_gain_all_data", "test", "none") == pytest.approx(0.83, abs=0.01)
    shifted, wins, seeds = gains("augmentation_gain_all_data", "shifted")
    assert wins["crop"] == wins["flip + crop"] == seeds
    assert all(shifted[recipe] == pytest.approx(0.21, abs=0.01) for recipe in ("crop", "flip + crop"))


def test_ten_crops_pay_only_for_a_net_trained_with_crops():
    table = load_results("augmentation_gain")
    recipes, one = table.by_seed("recipe", "test_accuracy")
    _, ten = table.by_seed("recipe", "ten_crop_accuracy")
    added = dict(zip(recipes, (ten - one).mean(axis=0), strict=True))
    assert added["flip + crop"] == pytest.approx(0.02, abs=0.01)
    assert added["none"] == pytest.approx(-0.02, abs=0.01)


def test_with_all_data_ten_crops_give_back_what_crops_had_cost():
    name = "augmentation_gain_all_data"
    assert mean_of(name, "ten_crop", "none") - mean_of(name, "test", "none") == pytest.approx(-0.04, abs=0.01)
    assert mean_of(name, "ten_crop", "flip + crop") == pytest.approx(mean_of(name, "test", "none"), abs=0.01)
