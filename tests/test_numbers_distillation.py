"""Notebook 10's numbers, from its solution's code and its committed tables."""

from pathlib import Path

import numpy as np
import pytest

from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils.data import load_results

SOURCE = Path(__file__).resolve().parents[1] / "solutions" / "10_distillation" / "10_distillation.py"


@pytest.fixture(scope="module")
def own():
    """The notebook's functions, with its solutions."""
    return Workbench(read_notebook(SOURCE)).namespace


@pytest.fixture(scope="module")
def robust():
    """(training, attack) → accuracies (seeds, epsilons), and the epsilons in 255ths."""
    table = load_results("robust_training")
    kinds = [(training, attack) for training in ("plain", "mixed") for attack in ("FGSM", "PGD", "transfer")]
    curves = {kind: table.by_seed("epsilon", "accuracy", {"training": kind[0], "attack": kind[1]}) for kind in kinds}
    return {kind: values for kind, (_, values) in curves.items()}, curves["plain", "FGSM"][0].tolist()


def students(teacher_saw, student_saw, wrong):
    table = load_results("distilled_students")
    where = {"teacher_saw": teacher_saw, "student_saw": student_saw, "wrong": wrong}
    methods, values = table.by_seed("method", "accuracy", where)
    return dict(zip(methods.tolist(), values.T, strict=True))


# Worked numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "T, expected", [(1.0, [0.867, 0.117, 0.016]), (2.0, [0.665, 0.245, 0.090]), (4.0, [0.506, 0.307, 0.186])]
)
def test_softmax_at_three_temperatures(own, T, expected):
    found = own["softmax_with_temperature"](np.array([[4.0, 2.0, 0.0]]), T)
    np.testing.assert_allclose(found, [expected], atol=6e-4)


@pytest.mark.parametrize(
    "T, p, without, with_factor",
    [(1, 0.8808, -0.3808, -0.381), (4, 0.6225, -0.0306, -0.490), (10, 0.5498, -0.0050, -0.498)],
)
def test_the_table_of_gradients_with_and_without_t_squared(own, T, p, without, with_factor):
    teacher, student = np.array([[2.0, 0.0]]), np.zeros((1, 2))
    assert own["softmax_with_temperature"](teacher, T)[0, 0] == pytest.approx(p, abs=5e-5)
    _, slopes = own["distillation_loss"](student, teacher, np.array([0]), T, 1.0)
    assert slopes[0, 0] == pytest.approx(with_factor, abs=6e-4)
    assert slopes[0, 0] / T**2 == pytest.approx(without, abs=6e-5)


def test_the_loss_of_distillation_worked_by_hand(own):
    loss, slopes = own["distillation_loss"](np.zeros((1, 2)), np.array([[2.0, 0.0]]), np.array([0]), 2.0, 0.5)
    assert loss == pytest.approx(0.5685, abs=5e-5) and slopes[0, 0] == pytest.approx(-0.4811, abs=5e-5)
    divergence, _ = own["distillation_loss"](np.zeros((1, 2)), np.array([[2.0, 0.0]]), np.array([0]), 2.0, 1.0)
    assert divergence == pytest.approx(0.4438, abs=5e-5) and divergence / 4 == pytest.approx(0.1109, abs=5e-5)


def test_how_far_a_linear_score_moves():
    assert pytest.approx(2.4, abs=0.05) == 4 / 255 * 3072 * 0.05
    assert 4 / 255 * 0.05 * np.sqrt(3072) == pytest.approx(0.04, abs=0.005)
    assert pytest.approx(0.48, abs=0.005) == 2 / 255 * 3072 * 0.02


def with_gradient(own, monkeypatch, gradient):
    monkeypatch.setitem(own, "input_gradient", lambda net, X, y: np.broadcast_to(gradient, X.shape))


def test_the_step_and_the_walk_worked_by_hand(own, monkeypatch):
    with_gradient(own, monkeypatch, np.array([0.02, 0.003, 0.0]))
    X = np.array([[0.50, 0.99, 0.20]])
    np.testing.assert_allclose(own["fgsm"](None, X, None, 0.02), [[0.52, 1.0, 0.20]])
    for steps, first in ((1, 0.52), (2, 0.53), (5, 0.53)):
        walked = own["pgd"](None, X, None, 0.03, 0.02, steps)
        np.testing.assert_allclose(walked, [[first, 1.0, 0.20]])


def test_the_mix_worked_by_hand():
    assert pytest.approx(0.6) == 0.75 * 0.4 + 0.25 * 1.2
    assert pytest.approx(0.875) == 1 - 0.1 * (0.75 * 2 - 0.25)


def test_numbers_of_parameters(own):
    nets = own["PixelNet"](filters=(16, 32), hidden=64), own["PixelNet"](filters=(8, 16), hidden=32)
    assert [sum(w.size for w in net.params.values()) for net in nets] == [136_874, 34_522]


# What five seeds say ------------------------------------------------------------------------------------------------


def test_a_teacher_that_saw_more_helps_its_student():
    found = students(10_000, 2000, 0.0)
    gain = found["distilled"] - found["alone"]
    assert gain.mean() == pytest.approx(0.033, abs=0.006) and np.all(gain > 0.015)
    assert np.all(found["distilled"] > found["smoothed"])
    assert abs((found["smoothed"] - found["alone"]).mean()) < 0.01
    assert [found[name].mean() for name in ("alone", "distilled")] == pytest.approx([0.758, 0.792], abs=0.006)


def test_a_teacher_outvotes_wrong_labels_and_smoothing_does_not():
    wrong = students(10_000, 2000, 0.4)
    means = [wrong[name].mean() for name in ("alone", "smoothed", "distilled")]
    assert means == pytest.approx([0.47, 0.45, 0.80], abs=0.015)
    assert np.all(wrong["distilled"] - wrong["alone"] > 0.25)


def test_teachers_that_saw_the_same_images_have_less_to_hand_on():
    few, many = students(2000, 2000, 0.0), students(10_000, 10_000, 0.0)
    gain_few, gain_many = few["distilled"] - few["alone"], many["distilled"] - many["alone"]
    assert gain_few.mean() == pytest.approx(0.014, abs=0.004) and np.all(gain_few > 0)
    assert gain_many.mean() == pytest.approx(0.008, abs=0.004) and np.sum(gain_many < 0) == 2


def test_training_on_a_mix_makes_a_net_harder_to_attack(robust):
    curves, epsilons = robust
    at = epsilons.index(4)
    for attack in ("FGSM", "PGD"):
        assert np.all(curves["mixed", attack][:, at] - curves["plain", attack][:, at] > 0.2)
    assert curves["plain", "FGSM"][:, at].mean() == pytest.approx(0.32, abs=0.03)
    assert curves["mixed", "FGSM"][:, at].mean() == pytest.approx(0.64, abs=0.03)
    cost = curves["plain", "FGSM"][:, 0].mean() - curves["mixed", "FGSM"][:, 0].mean()
    assert 0.0 < cost < 0.03


def test_ten_steps_harm_more_than_one_and_images_made_for_another_net_less(robust):
    curves, epsilons = robust
    at = epsilons.index(8)
    for training in ("plain", "mixed"):
        one, ten, other = (curves[training, attack][:, at] for attack in ("FGSM", "PGD", "transfer"))
        assert np.all(ten < one) and np.all(one < other)
