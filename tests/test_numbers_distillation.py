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


@pytest.fixture(scope="module")
def searched():
    """(method, T, alpha, rate, epochs) → means over the seeds of accuracy on validation and on test images."""
    table = load_results("distillation_settings")
    tries = list(zip(*(table[key].tolist() for key in ("method", "T", "alpha", "rate", "epochs")), strict=True))
    rows = {setting: [i for i, other in enumerate(tries) if other == setting] for setting in tries}
    return {setting: (table["validation"][i].mean(), table["test"][i].mean()) for setting, i in rows.items()}


def test_on_validation_images_every_method_with_its_best_setting_leaves_distillation_ahead(searched):
    best = {}
    for (method, *setting), (validation, _) in searched.items():
        best[method] = max(best.get(method, (0, None)), (validation, setting))
    found = [best[method][0] for method in ("alone", "smoothed", "distilled")]
    assert found == pytest.approx([0.760, 0.763, 0.787], abs=0.002)
    assert found[2] - found[0] == pytest.approx(0.026, abs=0.003)
    assert searched["distilled", 4.0, 0.9, 0.01, 20][0] == pytest.approx(0.784, abs=0.002)
    with_labels = sorted(values[0] for (method, *_), values in searched.items() if method == "alone")
    assert with_labels[-1] - with_labels[-3] < 0.0015
    assert found[0] - searched["alone", 1.0, 0.0, 0.1, 20][0] < 0.0015


def test_each_temperature_does_well_with_a_rate_that_suits_it_and_badly_with_another(searched):
    by_rate = {T: {} for T in (1.0, 2.0, 4.0, 8.0)}
    for (method, T, alpha, rate, epochs), (validation, _) in searched.items():
        if method == "distilled" and alpha == 0.9 and epochs == 20:
            by_rate[T][rate] = validation
    best = {T: max(found.values()) for T, found in by_rate.items()}
    assert min(best, key=best.get) == 1.0
    assert min(best.values()) > 0.777 and max(best.values()) < 0.786
    assert by_rate[2.0][0.1] < 0.75 and by_rate[8.0][0.03] < 0.75


def test_ten_epochs_are_enough_alone_and_too_few_for_a_distilled_student(searched):
    assert searched["alone", 1.0, 0.0, 0.1, 10][0] == pytest.approx(0.760, abs=0.002)
    shorter = max(searched["distilled", 4.0, 0.9, rate, 10][0] for rate in (0.01, 0.03))
    assert shorter == pytest.approx(0.775, abs=0.002)
    assert shorter < max(searched["distilled", 4.0, 0.9, rate, 20][0] for rate in (0.01, 0.03)) - 0.005


def test_training_on_a_mix_makes_a_net_harder_to_attack(robust):
    curves, epsilons = robust
    at = epsilons.index(4)
    for attack in ("FGSM", "PGD"):
        assert np.all(curves["mixed", attack][:, at] - curves["plain", attack][:, at] > 0.2)
    assert curves["plain", "FGSM"][:, at].mean() == pytest.approx(0.32, abs=0.03)
    assert curves["mixed", "FGSM"][:, at].mean() == pytest.approx(0.64, abs=0.03)
    assert curves["plain", "PGD"][:, at].mean() == pytest.approx(0.19, abs=0.02)
    assert curves["mixed", "PGD"][:, at].mean() == pytest.approx(0.63, abs=0.02)
    clean = [curves[training, "FGSM"][:, 0].mean() for training in ("plain", "mixed")]
    assert clean == pytest.approx([0.827, 0.811], abs=0.004)
    assert curves["plain", "PGD"][:, 0].mean() == pytest.approx(0.843, abs=0.004), "on the first 500 images"


def test_ten_steps_harm_more_than_one_and_images_made_for_another_net_less(robust):
    curves, epsilons = robust
    at = epsilons.index(8)
    for training in ("plain", "mixed"):
        one, ten, other = (curves[training, attack][:, at] for attack in ("FGSM", "PGD", "transfer"))
        assert np.all(ten < one) and np.all(one < other)
    kept = {kind: (values[:, at] / values[:, 0]).mean() for kind, values in curves.items()}
    stated = {"plain": (0.17, 0.025, 0.75), "mixed": (0.59, 0.48, 0.90)}
    for training, expected in stated.items():
        found = [kept[training, attack] for attack in ("FGSM", "PGD", "transfer")]
        assert found == pytest.approx(expected, abs=0.015)
    assert curves["mixed", "PGD"][:, epsilons.index(12)].mean() == pytest.approx(0.19, abs=0.02)


def test_the_figure_of_three_attacks_is_true_at_every_size(robust):
    curves, _ = robust
    kept = {kind: values / values[:, :1] for kind, values in curves.items()}
    for training in ("plain", "mixed"):
        one, ten, other = (kept[training, attack].mean(axis=0)[1:] for attack in ("FGSM", "PGD", "transfer"))
        assert np.all(ten < one + 0.003) and np.all(one < other)


def effects(column, images):
    table = load_results("mixed_training_effects")
    names, values = table.by_seed("training", column, {"images": images})
    return dict(zip(names.tolist(), values.T, strict=True))


def test_the_mix_has_a_price_with_many_images_and_gains_with_few():
    clean = effects("accuracy", 10_000)
    assert np.all(clean["plain"] - clean["mixed"] > 0.005)
    clean = effects("accuracy", 2000)
    assert np.all(clean["mixed"] - clean["plain"] > 0.005)
    assert [clean[name].mean() for name in ("plain", "mixed")] == pytest.approx([0.771, 0.781], abs=0.002)
    for images in (2000, 10_000):
        attacked = effects("under_fgsm", images)
        assert np.all(attacked["mixed"] - attacked["plain"] > 0.2)


def test_the_mixed_net_hangs_on_fewer_pixels_and_more_on_edges():
    for column, plain, mixed in (("strongest_tenth", 0.30, 0.48), ("on_edges", 0.30, 0.41)):
        found = effects(column, 10_000)
        assert [found[name].mean() for name in ("plain", "mixed")] == pytest.approx([plain, mixed], abs=0.01)
        assert np.all(found["mixed"] - found["plain"] > 0.08)
