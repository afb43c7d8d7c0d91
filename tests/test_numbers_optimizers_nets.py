"""What notebook 06 says of nets trained on garments, measured over several seeds with its own solutions."""

import functools
from pathlib import Path

import numpy as np
import pytest

from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils import nn
from course_utils.data import load_dataset, load_results

SOURCE = Path(__file__).resolve().parents[1] / "solutions" / "06_optimizers" / "06_optimizers.py"
RULES = ("sgd", "sgd_momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")


@pytest.fixture(scope="module")
def own():
    """The notebook's functions, with its solutions."""
    return Workbench(read_notebook(SOURCE)).namespace


@functools.cache
def garments():
    """Standardised halves of garments: ((X, y), (X, y), (X, y)) for training, validation and test."""
    data = load_dataset("garments")
    images = data.train_images, data.val_images, data.test_images
    halves = [part.reshape(len(part), 16, 2, 16, 2, 3).mean(axis=(2, 4), dtype=np.float32) for part in images]
    return tuple(zip(nn.standardize(*halves), (data.train_labels, data.val_labels, data.test_labels), strict=True))


def train(rule, rate, seed, num_epochs=8, batch_size=100, schedule=None):
    net = nn.FullyConnectedNet((768, 100, 10), rng=seed)
    solver = nn.Solver(
        net,
        *garments()[0],
        update_rule=rule,
        optim_config={"learning_rate": rate},
        schedule=schedule,
        num_epochs=num_epochs,
        batch_size=batch_size,
        rng=seed,
        keep_best=False,
        stop_factor=None,
        progress=False,
    )
    return net, np.array(solver.train()["loss"])


def test_the_table_of_seven_rules_says_what_the_notebook_says():
    table = load_results("seven_optimizers_on_a_net")
    assert len(table.seeds) == 5
    best = {}
    for schedule in ("constant", "cosine"):
        for rule in RULES:
            rates, accuracy = table.by_seed("learning_rate", "accuracy", where={"rule": rule, "schedule": schedule})
            at = accuracy.mean(axis=0).argmax()
            best[rule, schedule] = rates[at], accuracy[:, at].mean()
            if (rule, schedule) == ("sgd_momentum", "constant"):
                assert accuracy[:, list(rates).index(0.1)].mean() == pytest.approx(0.19, abs=0.02)  # ten times the best
                at_three_hundredths = accuracy[:, list(rates).index(0.03)]
            if (rule, schedule) == ("adagrad", "constant"):
                assert np.ptp(accuracy[:, [list(rates).index(rate) for rate in (0.01, 0.03, 0.1)]].mean(axis=0)) < 0.02
    rates, cosine = table.by_seed("learning_rate", "accuracy", where={"rule": "sgd_momentum", "schedule": "cosine"})
    gain = cosine[:, list(rates).index(0.03)] - at_three_hundredths
    assert at_three_hundredths.mean() == pytest.approx(0.652, abs=0.001)
    assert gain.mean() == pytest.approx(0.048, abs=0.001)
    assert gain.min() > 0.01 and gain.max() < 0.07
    constant = [best[rule, "constant"][1] for rule in RULES]
    assert min(constant) > 0.655 and max(constant) < 0.685 and np.ptp(constant) < 0.02
    assert [best[rule, "constant"][0] for rule in ("sgd", "adagrad", "rmsprop", "adam")] == [0.1, 0.1, 0.001, 0.001]
    gains = {rule: best[rule, "cosine"][1] - best[rule, "constant"][1] for rule in RULES}
    assert all(0.025 < gains[rule] < 0.055 for rule in ("sgd_momentum", "nesterov", "rmsprop", "adam", "adamw"))
    assert 0.005 < gains["sgd"] < 0.02 and gains["adagrad"] < 0.01
    for one, other in (("nesterov", "sgd_momentum"), ("adamw", "adam")):
        for schedule in ("constant", "cosine"):
            assert abs(best[one, schedule][1] - best[other, schedule][1]) < 0.01


@pytest.mark.parametrize("seed", range(3))
def test_with_the_rate_inside_momentum_coasts_on_after_a_drop_of_the_rate(own, seed):
    def outside(w, dw, config):
        config["u"] = 0.9 * config.get("u", 0.0) + dw
        return w - config["learning_rate"] * config["u"], config

    def drop(t, total):
        return own["learning_rate"]("milestones", t, total, 0.03, milestones=(400, 600))

    (net, ours), (net_outside, other) = (
        train(rule, 0.03, seed, schedule=drop) for rule in (own["sgd_momentum"], outside)
    )
    assert ours[400:420].max() > other[400:420].max()
    assert abs(net.accuracy(*garments()[1]) - net_outside.accuracy(*garments()[1])) < 0.02


@pytest.mark.parametrize("seed", range(2))
def test_batch_and_rate_grow_together(own, seed):
    epochs = [
        [part.mean() for part in np.array_split(train(own["sgd"], rate, seed, 6, size)[1], 6)]
        for size, rate in ((50, 0.01), (200, 0.04), (800, 0.16), (800, 0.01))
    ]
    small, fourfold, too_far, same_rate = np.array(epochs)
    assert np.abs(small - fourfold).max() < 0.05
    assert 0.25 < too_far[0] - small[0] < 1.6
    assert 0.6 < same_rate[-1] - small[-1] < 1.1


@pytest.mark.parametrize("seed", range(2))
def test_warmup_spares_the_net_the_first_leap(own, seed):
    for warmup, low, high in ((0, 12, np.inf), (100, 0, 8)):

        def rate(t, total, warmup=warmup):
            return own["learning_rate"]("cosine", t, total, 0.003, warmup=warmup)

        assert low < train(own["rmsprop"], 0.003, seed, num_epochs=2, schedule=rate)[1].max() < high


@pytest.mark.parametrize("seed", range(3))
def test_averaging_the_weights_of_a_path_gains_points(own, seed):
    (X, y), (X_val, y_val), _ = garments()
    net = nn.FullyConnectedNet((768, 100, 10), rng=seed)
    configs = {name: {"learning_rate": 0.03} for name in net.params}
    rng, kept, singles = np.random.default_rng(seed), [], []
    for t in range(800):
        rows = rng.integers(0, len(X), 100)
        _, grads = net.loss(X[rows], y[rows])
        for name in net.params:
            net.params[name], configs[name] = own["sgd_momentum"](net.params[name], grads[name], configs[name])
        if t >= 500 and t % 10 == 9:
            kept.append({name: value.copy() for name, value in net.params.items()})
            singles.append(net.accuracy(X_val, y_val))
    net.params.update(own["average_weights"](kept))
    assert 0.03 < net.accuracy(X_val, y_val) - np.mean(singles) < 0.08
    assert net.accuracy(X_val, y_val) > max(singles)


@pytest.mark.parametrize("repetition", range(2))
def test_an_ensemble_of_five_gains_between_a_third_of_a_point_and_three(own, repetition):
    X, y = garments()[2]

    def cosine(t, total):
        return own["learning_rate"]("cosine", t, total, 0.03)

    nets = [train(own["sgd_momentum"], 0.03, 5 * repetition + k, 6, schedule=cosine)[0] for k in range(5)]
    probs = [nn.softmax(net.loss(X)) for net in nets]
    alone = np.mean([np.mean(p.argmax(axis=1) == y) for p in probs])
    assert 0.003 < np.mean(own["ensemble_predict"](probs) == y) - alone < 0.03
    nets[0].params.update(own["average_weights"]([net.params for net in nets]))
    assert nets[0].accuracy(X, y) < alone - 0.08


@pytest.mark.parametrize("seed", range(2))
def test_a_small_nets_curvatures_are_of_both_signs_first_and_form_a_valley_then(seed):
    data = load_dataset("garments")
    grey = data.train_images[:500].reshape(500, 8, 4, 8, 4, 3).mean(axis=(2, 4, 5)).reshape(500, 64)
    y, steepness = data.train_labels[:500], {}
    for label, X in (("raw", grey / 255), ("standardised", nn.standardize(grey).astype(float))):
        net = nn.FullyConnectedNet((64, 8, 10), activation="tanh", init="xavier", dtype=np.float64, rng=seed)
        start = curvatures(net, X, y)
        for _ in range(2000):
            _, grads = net.loss(X, y)
            for name, dw in grads.items():
                net.params[name] = net.params[name] - 0.1 * dw
        end = curvatures(net, X, y)
        steepness[label] = [each[-1] / np.median(each[each > 0]) for each in (start, end)]
        if label == "raw":
            assert 17 < end[-1] < 25
    assert 0.33 < np.mean(start < 0) < 0.6
    assert 0.02 < np.mean(end < -1e-4) < 0.2 and end[0] > -0.1
    assert 12 < end[-1] < 25
    assert 600 < steepness["standardised"][1] < 2500 and 8000 < steepness["raw"][1] < 16000
    assert all(raw > 5 * standardised for raw, standardised in zip(*steepness.values(), strict=True))


def curvatures(net, X, y):
    """Eigenvalues of the Hessian, from one-sided differences of the gradient along the unit vectors."""
    names, step = list(net.params), 1e-5

    def gradient():
        grads = net.loss(X, y)[1]
        return np.concatenate([grads[name].ravel() for name in names])

    here, rows = gradient(), []
    for name in names:
        for index in np.ndindex(net.params[name].shape):
            net.params[name][index] += step
            rows.append((gradient() - here) / step)
            net.params[name][index] -= step
    H = np.array(rows)
    np.testing.assert_allclose(H, H.T, atol=1e-3)
    return np.linalg.eigvalsh((H + H.T) / 2)


@pytest.mark.parametrize("seed", range(3))
def test_lbfgs_is_fast_on_all_the_data_and_behind_on_batches(own, seed):
    (X, y), *_ = garments()
    X, y = np.column_stack([X[:2000], np.ones(2000)]).astype(np.float64), y[:2000]

    def objective(w, rows=slice(None)):
        loss, dscores = nn.softmax_loss(X[rows] @ w.reshape(-1, 10), y[rows])
        return loss + 0.005 * w @ w, (X[rows].T @ dscores).ravel() + 0.01 * w

    rng = np.random.default_rng(seed)
    w, s_list, y_list, worst = np.zeros(X.shape[1] * 10), [], [], 0.0
    _, grad = objective(w, rng.integers(0, 2000, 100))
    for _ in range(59):
        length = 1.0 if s_list else 1 / np.linalg.norm(grad)
        step = length * own["lbfgs_direction"](grad, s_list, y_list)
        w, before = w + step, grad
        _, grad = objective(w, rng.integers(0, 2000, 100))
        if step @ (grad - before) > 1e-10:
            s_list, y_list = [*s_list, step][-10:], [*y_list, grad - before][-10:]
        worst = max(worst, objective(w)[0])
    assert objective(w)[0] > 1.55 and worst > 3  # plain descent on all the data: 1.54; momentum 1.30; L-BFGS 1.11


@pytest.mark.parametrize("seed", range(2))
def test_early_stopping_keeps_the_loss_and_loses_no_accuracy_to_speak_of(own, seed):
    (X, y), (X_val, y_val), _ = garments()
    net = nn.FullyConnectedNet((768, 200, 10), rng=seed)
    configs = {name: {"learning_rate": 0.01} for name in net.params}
    rng, by_loss, by_accuracy, stopped = np.random.default_rng(seed), own["EarlyStopping"](5), [], None
    for epoch in range(40):
        for rows in np.array_split(rng.permutation(1000), 20):
            _, grads = net.loss(X[rows], y[rows])
            for name in net.params:
                net.params[name], configs[name] = own["sgd_momentum"](net.params[name], grads[name], configs[name])
        loss, _ = nn.softmax_loss(net.loss(X_val), y_val)
        by_accuracy.append(net.accuracy(X_val, y_val))
        if stopped is None and by_loss.update(loss, net.params):
            stopped = epoch + 1
    assert 9 <= stopped <= 25
    assert 0.12 < loss - by_loss.best_value < 0.45
    assert abs(by_accuracy[-1] - max(by_accuracy[:26])) < 0.03
