"""Notebook 07's numbers, from its solution's code: worked examples, and every claim about several seeds."""

import ast
from pathlib import Path

import numpy as np
import pytest

from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils import nn
from course_utils.data import load_dataset, load_results

SOURCE = Path(__file__).resolve().parents[1] / "solutions" / "07_regularization" / "07_regularization.py"


@pytest.fixture(scope="module")
def own():
    """The notebook's functions, with its solutions and with those that its experiments define."""
    source = read_notebook(SOURCE)
    names = Workbench(source).namespace
    data = load_dataset("garments")
    names["data"] = data
    for cell in source.cells:
        if cell.kind == "code" and cell.skipped:
            tree = ast.parse(cell.source)
            tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) or _is_setting(node)]
            exec(compile(tree, str(SOURCE), "exec"), names)
    names["X_half"], names["V_half"] = nn.standardize(
        names["halved"](data.train_images[:2000]), names["halved"](data.val_images)
    )
    names["X_train"], names["X_val"] = nn.standardize(data.train_images[:2000], data.val_images)
    names["y_train"], names["y_val"] = data.train_labels[:2000], data.val_labels
    return names


def _is_setting(node):
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper()


# Worked numbers -----------------------------------------------------------------------------------------------------


def test_the_price_worked_by_hand(own):
    price, grads = own["penalty"]({"W": np.array([3.0, -1.0, 0.0])}, l1=0.2, l2=0.1)
    assert price == pytest.approx(1.3)
    np.testing.assert_allclose(grads["W"], [0.5, -0.3, 0.0])


def test_weight_decay_halves_a_weight_in_fourteen_steps():
    left = 0.95 ** np.arange(20)
    assert np.argmax(left < 0.5) == 14
    assert pytest.approx(0.37, abs=0.005) == 0.999**1000


def test_what_penalties_leave_along_steep_and_flat_directions(own):
    np.testing.assert_allclose(own["CURVATURE"] / (own["CURVATURE"] + 1.0), [0.8, 0.2])
    for strength, left in ((0.2, [0.95, 0.2]), (0.25, [0.9375, 0.0])):
        np.testing.assert_allclose([own["soft_threshold"](np.array(1.0), strength / h) for h in own["CURVATURE"]], left)


def test_l2_shrinks_along_the_axes_of_a_bowl_that_lies_askew():
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(2, 2)))
    hessian, lowest = turn @ np.diag([4.0, 0.25]) @ turn.T, np.array([1.0, 1.0])
    with_price = np.linalg.solve(hessian + np.eye(2), hessian @ lowest)
    np.testing.assert_allclose(turn.T @ with_price, np.array([0.8, 0.2]) * (turn.T @ lowest))


def test_few_steps_are_a_strong_penalty(own):
    w = np.zeros(2)
    for _ in range(10):
        w = w - 0.1 * own["CURVATURE"] * (w - 1)
    np.testing.assert_allclose(w, [0.994, 0.224], atol=5e-4)
    np.testing.assert_allclose(w, 1 - (1 - 0.1 * own["CURVATURE"]) ** 10)


def test_soft_thresholding_worked_by_hand(own):
    np.testing.assert_allclose(own["soft_threshold"](np.array([3.0, -1.5, 0.4, -1.0]), 1.0), [2.0, -0.5, 0.0, 0.0])


def test_masks_of_4096_units():
    assert round(4096 * np.log10(2)) == 1233


def test_normal_numbers_keep_69_percent_at_a_half():
    assert np.mean(np.random.default_rng(0).normal(size=200_000) < 0.5) == pytest.approx(0.69, abs=0.005)


@pytest.mark.parametrize(("p", "mean"), [(0.8, 4.0), (0.5, 2.5), (0.2, 1.0)])
def test_the_factor_is_the_probability_of_keeping(own, p, mean):
    w, x = np.array([1.0, 2.0]), np.array([3.0, 1.0])
    assert own["exact_dropout_expectation"](w, x, p) == pytest.approx(mean)
    assert own["exact_dropout_expectation"](w, x, 0.5, lambda s: max(0.0, s - 3)) == pytest.approx(0.5)


def test_dropout_worked_by_hand(own):
    x, dout = np.array([2.0, 4.0]), np.array([5.0, 3.0])
    seen = set()
    for seed in range(40):
        out, cache = own["dropout_forward"](x, {"p": 0.5, "mode": "train", "seed": seed})
        seen.add(tuple(out.tolist()))
        if out.tolist() == [0.0, 8.0]:
            np.testing.assert_allclose(own["dropout_backward"](dout, cache), [0.0, 6.0])
    assert seen == {(0.0, 0.0), (4.0, 0.0), (0.0, 8.0), (4.0, 8.0)}


def test_the_variance_of_inverted_dropout(own):
    out, _ = own["dropout_forward"](np.full(200_000, 2.0), {"p": 0.25, "mode": "train", "seed": 0})
    assert out.var() == pytest.approx(12, rel=0.02)


def test_the_vote_worked_by_hand(own):
    passes = iter([np.log([[0.9, 0.1]]), np.log([[0.5, 0.5]])])
    mean, std = own["mc_dropout_predict"](lambda X: next(passes), np.zeros((1, 2)), 2)
    np.testing.assert_allclose(mean, [[0.7, 0.3]])
    np.testing.assert_allclose(std, [[0.2, 0.2]])


def test_stochastic_depth_worked_by_hand(own):
    x, block = np.array([[1.0, 1.0]]), np.array([[4.0, -2.0]])
    np.testing.assert_allclose(
        own["stochastic_depth_forward"](x, block, {"p": 0.5, "mode": "test"})[0], [[3.0, 0.0]], atol=1e-12
    )


def test_smoothed_rows_worked_by_hand(own):
    np.testing.assert_allclose(own["smooth_labels"](np.array([1]), 3, 0.2), [[0.1, 0.8, 0.1]])
    np.testing.assert_allclose(own["smooth_labels"](np.array([0]), 10, 0.1)[0, :2], [0.9, 0.0111], atol=1e-4)
    np.testing.assert_allclose(own["smooth_labels"](np.array([0]), 5, 0.2)[0, :2], [0.8, 0.05])


def test_the_loss_worked_by_hand_and_its_floor(own):
    loss, dscores = own["soft_cross_entropy"](np.array([[np.log(2.0), 0.0, 0.0]]), np.array([[0.8, 0.1, 0.1]]))
    assert loss == pytest.approx(0.8318, abs=5e-5)
    np.testing.assert_allclose(dscores, [[-0.3, 0.15, 0.15]])
    scores = np.array([[np.log(81.0), *[0.0] * 9]])
    _, dscores = own["soft_cross_entropy"](scores, own["smooth_labels"](np.array([0]), 10, 0.1))
    np.testing.assert_allclose(dscores, 0, atol=1e-12)
    assert -0.9 * np.log(0.9) - 0.1 * np.log(0.1) == pytest.approx(0.325, abs=5e-4)


def test_the_numbers_of_a_net(own):
    def count(batchnorm):
        return sum(array.size for array in own["FullyConnectedNet"]((4, 5, 3, 2), batchnorm=batchnorm).params.values())

    assert (count(False), count(True)) == (51, 67)


# The table of methods and noises ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compared():
    """(method, noise) → columns of five seeds."""
    table = load_results("regularization_compared")
    keys = set(zip(table["method"].tolist(), table["noise"].tolist(), strict=True))
    rows = {key: (table["method"] == key[0]) & np.isclose(table["noise"], key[1]) for key in keys}
    assert all(chosen.sum() == 5 for chosen in rows.values())
    return {key: {column: table[column][chosen] for column in table} for key, chosen in rows.items()}


def gain(compared, method, noise):
    return compared[method, noise]["accuracy"] - compared["none", noise]["accuracy"]


@pytest.mark.parametrize(
    ("method", "noise", "low", "high", "every_seed"),
    [
        ("L2", 0.0, 0.01, 0.025, True),
        ("L2", 0.2, 0.02, 0.04, True),
        ("L2", 0.4, 0.04, 0.06, True),
        ("dropout", 0.0, -0.005, 0.012, False),
        ("dropout", 0.2, 0.04, 0.055, True),
        ("dropout", 0.4, 0.075, 0.097, True),
        ("light dropout", 0.0, 0.01, 0.04, True),
        ("light dropout", 0.2, 0.02, 0.06, True),
        ("light dropout", 0.4, 0.03, 0.08, True),
        ("smoothing", 0.0, -0.03, -0.015, True),
        ("smoothing", 0.2, -0.035, -0.015, True),
        ("smoothing", 0.4, -0.025, -0.005, True),
    ],
)
def test_what_each_method_gains(compared, method, noise, low, high, every_seed):
    gains = gain(compared, method, noise)
    assert low <= gains.mean() <= high
    assert not every_seed or np.all(np.sign(gains) == np.sign(gains.mean()))


def test_dropout_is_worth_more_the_worse_the_labels(compared):
    gains = [gain(compared, "dropout", noise).mean() for noise in (0.0, 0.2, 0.4)]
    assert gains[0] < gains[1] < gains[2]


def test_dropout_does_not_learn_wrong_labels_by_heart(compared):
    assert compared["none", 0.4]["train_accuracy"].min() > 0.99
    assert compared["dropout", 0.4]["train_accuracy"].mean() == pytest.approx(0.60, abs=0.02)


def test_l2_has_the_lowest_validation_loss_on_average(compared):
    for noise in (0.0, 0.2, 0.4):
        losses = {method: compared[method, noise]["val_loss"].mean() for method, n in compared if n == noise}
        assert min(losses, key=losses.get) == "L2"


def test_smoothing_learns_wrong_labels_by_heart_and_leaves_the_loss_as_it_is(compared):
    for noise in (0.0, 0.2, 0.4):
        assert compared["smoothing", noise]["train_accuracy"].min() > 0.995
        change = compared["smoothing", noise]["val_loss"] - compared["none", noise]["val_loss"]
        assert abs(change.mean()) < 0.08


def test_a_small_gap_is_no_aim_in_itself(compared):
    def gap(method, noise):
        chosen = compared[method, noise]
        return (chosen["train_accuracy"] - chosen["accuracy"]).mean()

    assert gap("all", 0.0) < gap("none", 0.0) / 2
    assert abs(gain(compared, "all", 0.0).mean()) < 0.01
    assert abs(gap("all", 0.4)) < 0.02 and gap("dropout", 0.4) == pytest.approx(0.07, abs=0.01)
    assert abs((compared["all", 0.4]["accuracy"] - compared["dropout", 0.4]["accuracy"]).mean()) < 0.01


def test_all_together_gain_nothing_over_the_best(compared):
    for noise in (0.0, 0.2, 0.4):
        best = max(compared[m, noise]["accuracy"].mean() for m in ("L2", "dropout", "light dropout"))
        assert compared["all", noise]["accuracy"].mean() < best + 0.01


def test_when_stopping_at_the_lowest_loss_helps(compared):
    gains = {
        noise: (compared["none", noise]["best_accuracy"] - compared["none", noise]["accuracy"]).mean()
        for noise in (0.0, 0.4)
    }
    assert -0.02 < gains[0.0] < -0.01
    assert 0.01 < gains[0.4] < 0.025
    assert all(compared["none", noise]["best_epoch"].max() <= 10 for noise in (0.0, 0.2, 0.4))


# Smoothing ----------------------------------------------------------------------------------------------------------


def test_smoothing_repairs_the_loss_and_not_the_answers():
    table = load_results("smoothing_variants")

    def column(name, variant, epsilon):
        return table[name][(table["variant"] == variant) & np.isclose(table["epsilon"], epsilon)]

    hard = column("val_loss", "others alike", 0.0)
    little = column("val_loss", "others alike", 0.05)
    assert hard.mean() == pytest.approx(1.54, abs=0.03) and little.mean() == pytest.approx(1.11, abs=0.03)
    assert np.all(little < hard - 0.3)
    for epsilon in (0.05, 0.1, 0.2, 0.4):
        assert np.all(column("accuracy", "others alike", epsilon) < column("accuracy", "others alike", 0.0))
    assert column("confidence", "others alike", 0.0).mean() == pytest.approx(0.90, abs=0.02)
    assert column("confidence", "others alike", 0.1).mean() == pytest.approx(0.60, abs=0.02)
    assert column("confidence", "others alike", 0.05).mean() == pytest.approx(0.67, abs=0.02)
    assert column("accuracy", "others alike", 0.05).mean() == pytest.approx(0.66, abs=0.02)
    assert np.all(column("val_loss", "by likeness", 0.1) < column("val_loss", "others alike", 0.1))
    assert column("val_loss", "others alike", 0.1).mean() == pytest.approx(1.13, abs=0.01)
    assert column("val_loss", "by likeness", 0.1).mean() == pytest.approx(1.07, abs=0.01)


def test_what_smoothing_costs_and_who_receives_it():
    table = load_results("smoothing_variants")

    def accuracy(variant, epsilon):
        return table["accuracy"][(table["variant"] == variant) & np.isclose(table["epsilon"], epsilon)]

    assert table["train_accuracy"].min() == 1.0
    for epsilon, cost in ((0.05, 0.02), (0.1, 0.02), (0.4, 0.05)):
        change = accuracy("others alike", epsilon) - accuracy("others alike", 0.0)
        assert -change.mean() == pytest.approx(cost, abs=0.005)
    means = [accuracy(variant, 0.1).mean() for variant in ("others alike", "all classes alike", "by likeness")]
    assert max(means) - min(means) < 0.01


# Live experiments ---------------------------------------------------------------------------------------------------


def test_thresholding_makes_zeros_and_the_sign_does_not(own):
    zeros, tiny, reached = {}, {}, []
    for kind, strength in (("L2", 0.1), ("L1 by its sign", 0.003), ("L1 by thresholding", 0.003)):
        W, accuracy = own["train_linear"](kind, strength)
        zeros[kind] = np.mean(W == 0)
        tiny[kind] = np.mean(np.abs(W) < 1e-3)
        reached.append(accuracy)
        assert 0.47 <= accuracy <= 0.52, kind
    assert max(reached) - min(reached) < 0.012
    assert abs(tiny["L1 by its sign"] - tiny["L1 by thresholding"]) < 0.03
    assert zeros["L1 by its sign"] < 0.01 and 0.5 <= zeros["L1 by thresholding"] <= 0.7


def test_votes_of_masks_are_as_good_as_scaling_and_their_split_shows_doubt(own):
    net = nn.FullyConnectedNet((3072, 200, 200, 10), dropout=0.8, rng=1)
    own["train"](net, own["y_train"], epochs=20, seed=1)
    X, y = own["X_val"][:1000], own["y_val"][:1000]
    scaled = net.accuracy(X, y)
    votes = np.array([nn.softmax(net.forward(X, train=True)[0]) for _ in range(32)])
    winner = votes.mean(axis=0).argmax(axis=1)
    share = np.mean(votes.argmax(axis=2) == winner, axis=0)
    spread = votes.std(axis=0)[np.arange(len(y)), winner]
    assert 0.63 <= scaled <= 0.69
    assert -0.025 <= np.mean(winner == y) - scaled <= 0.01
    assert -0.11 <= np.mean(votes[0].argmax(axis=1) == y) - scaled <= -0.03
    assert spread[winner != y].mean() > spread[winner == y].mean() + 0.01
    assert np.mean((winner == y)[share > 0.9]) > 0.84 and np.mean((winner == y)[share < 0.6]) < 0.46


def test_your_net_stays_within_its_ranges_with_another_seed(own):
    reached = {}
    for name, settings in own["SETTINGS"].items():
        low, high = own["RANGES"][name]
        reached[name] = own["train_yours"](settings, own["y_train"], seed=1)[1]
        assert low <= reached[name] <= high, name
    assert -0.045 <= reached["batch norm"] - reached["none"] <= -0.005


def test_a_net_trained_with_a_falling_rate_is_not_as_sure_of_itself(own):
    net = nn.FullyConnectedNet((3072, 200, 200, 10), rng=0)
    own["train"](net, own["y_train"])
    assert nn.softmax(net.loss(own["X_val"])).max(axis=1).mean() == pytest.approx(0.76, abs=0.02)
    assert net.accuracy(own["X_val"], own["y_val"]) == pytest.approx(0.62, abs=0.02)
