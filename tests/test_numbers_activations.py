"""Notebook 05's numbers, from its solution's code: worked examples, layer-10 deviations, claims over several seeds."""

import ast
from pathlib import Path

import numpy as np
import pytest

from autograder.grading.exercise import run_exercise
from autograder.grading.run import run_tests
from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils.data import load_dataset, load_results

SOURCE = Path(__file__).resolve().parents[1] / "solutions" / "05_activations" / "05_activations.py"
SEEDS = range(4)
KINDS = {
    "tanh, 0.01": ("small", "tanh"),
    "tanh, 1.0": ("large", "tanh"),
    "tanh, Xavier": ("xavier", "tanh"),
    "ReLU, Xavier": ("xavier", "relu"),
    "ReLU, He": ("he", "relu"),
}


@pytest.fixture(scope="module")
def notebook():
    """The solved notebook's namespace, with the functions that its experiments define."""
    source = read_notebook(SOURCE)
    names = Workbench(source).namespace
    for cell in source.cells:
        if cell.kind == "code" and cell.skipped:
            tree = ast.parse(cell.source)
            kept = (ast.FunctionDef, ast.Import, ast.ImportFrom)
            tree.body = [node for node in tree.body if isinstance(node, kept) or _is_constant(node)]
            exec(compile(tree, str(SOURCE), "exec"), names)
    names["data"] = load_dataset("garments")  # train_one_hidden asks it for its number of steps
    return names


def _is_constant(node):
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper()


@pytest.fixture(scope="module")
def pixels():
    """Training and validation pixels in [0, 1], with labels."""
    data = load_dataset("garments")
    X, V = (
        images.reshape(len(images), -1).astype(np.float32) / 255
        for images in (data.train_images[:2000], data.val_images[:1000])
    )
    return X, data.train_labels[:2000], V, data.val_labels[:1000]


# Worked numbers -----------------------------------------------------------------------------------------------------


def test_each_gate_at_minus_10_0_and_10(notebook):
    x = np.array([-10.0, 0.0, 10.0])
    for name, more, outputs, slopes in (
        ("tanh", (), [-1, 0, 1], [0, 1, 0]),
        ("leaky_relu", (0.0,), [0, 0, 10], [0, None, 1]),
        ("leaky_relu", (), [-0.1, 0, 10], [0.01, None, 1]),
        ("elu", (), [-0.99995, 0, 10], [0.00005, 1, 1]),
    ):
        out, cache = notebook[f"{name}_forward"](x, *more)
        np.testing.assert_allclose(out, outputs, atol=6e-6)
        dx = notebook[f"{name}_backward"](np.ones(3), cache)
        for found, slope in zip(dx, slopes, strict=True):
            assert slope is None or found == pytest.approx(slope, abs=6e-6)


def test_the_gradient_worked_by_hand_sums_to_zero(notebook):
    x, gamma = np.array([[1.0], [1.0], [5.0], [5.0]]), np.array([2.0])
    _, cache = notebook["batchnorm_forward"](x, gamma, np.zeros(1), {"mode": "train"})
    for backward in ("batchnorm_backward", "batchnorm_backward_alt"):
        dx, dgamma, dbeta = notebook[backward](np.array([[1.0], [0.0], [0.0], [3.0]]), cache)
        np.testing.assert_allclose(dx.ravel(), [0.5, -0.5, -1.5, 1.5], atol=1e-4)
        assert (dgamma.item(), dbeta.item()) == pytest.approx((2.0, 4.0), abs=1e-4)
        assert abs(dx.sum()) < 1e-12


def test_both_forms_of_the_gradient_agree(notebook):
    rng = np.random.default_rng(0)
    x, gamma, dout = rng.normal(size=(9, 5)) * 4 + 1, rng.normal(size=5), rng.normal(size=(9, 5))
    _, cache = notebook["batchnorm_forward"](x, gamma, np.zeros(5), {"mode": "train"})
    for one, other in zip(
        notebook["batchnorm_backward"](dout, cache), notebook["batchnorm_backward_alt"](dout, cache), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_gain_sigma_and_shift_mu_are_the_identity(notebook):
    x = np.random.default_rng(0).normal(size=(20, 3)) * 5 - 7
    gain, shift = np.sqrt(x.var(axis=0) + 1e-5), x.mean(axis=0)
    out, _ = notebook["batchnorm_forward"](x, gain, shift, {"mode": "train"})
    np.testing.assert_allclose(out, x, rtol=1e-12)


# Ten layers of 500 units --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ten_layers(notebook):
    """Layer-10 standard deviations and layer-1 gradients: name → (seeds,) arrays."""
    last, gradient = {name: [] for name in KINDS}, {name: [] for name in KINDS}
    for name, (kind, activation) in KINDS.items():
        for seed in SEEDS:
            X, weights = notebook["deep_stack"](kind, seed)
            last[name].append(notebook["activation_statistics"](X, weights, notebook[activation])[1][-1])
            gradient[name].append(notebook["gradient_stds"](X[:300], weights, *notebook["BACKWARD"][activation])[0])
    return {name: np.array(v) for name, v in last.items()}, {name: np.array(v) for name, v in gradient.items()}


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("tanh, 0.01", 0, 1e-6),
        ("tanh, 1.0", 0.975, 0.99),
        ("tanh, Xavier", 0.22, 0.24),
        ("ReLU, Xavier", 0.019, 0.037),
        ("ReLU, He", 0.61, 1.18),
    ],
)
def test_layer_10_standard_deviations(ten_layers, name, low, high):
    deviations = ten_layers[0][name]
    assert np.all((low <= deviations) & (deviations <= high)), deviations


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("tanh, 0.01", 0, 1e-5),
        ("tanh, 1.0", 5e4, 1e5),
        ("tanh, Xavier", 0.36, 0.42),
        ("ReLU, Xavier", 0.035, 0.06),
        ("ReLU, He", 0.8, 1.4),
    ],
)
def test_gradients_that_arrive_in_layer_1(ten_layers, name, low, high):
    gradients = ten_layers[1][name]
    assert np.all((low <= gradients) & (gradients <= high)), gradients


def test_relu_with_xavier_has_exactly_a_32nd_of_relu_with_he(ten_layers):
    deviations = ten_layers[0]
    np.testing.assert_allclose(32 * deviations["ReLU, Xavier"], deviations["ReLU, He"], rtol=1e-3)


# Experiments --------------------------------------------------------------------------------------------------------


def test_positive_inputs_need_three_times_the_steps_of_centred_ones(notebook):
    assert notebook["descend"](0.0, 3.0, 12)[1] == 1.0
    assert 7 <= notebook["steps_needed"](0.0, 3.0) <= 18
    assert not np.isfinite(notebook["steps_needed"](0.0, 4.0))
    assert 2 <= notebook["steps_needed"](0.5, 8.0) <= 5
    assert notebook["steps_needed"](0.5, 1.0) > notebook["steps_needed"](0.0, 1.0) - 5  # at a small rate, no gain


def test_positive_pixels_kill_units_and_centred_ones_do_not(notebook, pixels):
    X, y, V, y_val = pixels
    for seed in range(2):
        for shift, dead, right in ((0.0, (0.4, 0.95), (0.08, 0.30)), (X.mean(axis=0), (0.0, 0.02), (0.58, 0.68))):
            net = notebook["train_one_hidden"](X - shift, y, 0.1, seed=seed)
            assert dead[0] <= notebook["dead_fraction"](net(X - shift)[0]) <= dead[1]
            assert right[0] <= np.mean(net(V - shift)[1] == y_val) <= right[1]


def test_leaky_relu_does_not_cure_what_positive_pixels_do(notebook, pixels):
    X, y, V, y_val = pixels
    gate = notebook["leaky_relu_forward"], notebook["leaky_relu_backward"]
    net = notebook["train_one_hidden"](X, y, 0.1, gate, seed=1)
    assert 0.08 <= np.mean(net(V)[1] == y_val) <= 0.38


def test_each_gate_reaches_what_the_text_says_with_another_seed(notebook, pixels):
    X, y, V, y_val = pixels
    mean = X.mean(axis=0)
    ranges = {"sigmoid": (0.48, 0.56), "tanh": (0.51, 0.59), "ELU": (0.55, 0.64), "ReLU": (0.60, 0.68)}
    reached = {}
    for name in ranges:
        gate = notebook["PASSES"][name]
        nets = [notebook["train_one_hidden"](X - mean, y, rate, gate, seed=1) for rate in (0.1, 0.3)]
        reached[name] = max(np.mean(net(V - mean)[1] == y_val) for net in nets)
    assert all(low <= reached[name] <= high for name, (low, high) in ranges.items()), reached


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [(None, 0.34, 0.50), ("center", 0.53, 0.62), ("standardize", 0.52, 0.62), ("whiten", 0.39, 0.48)],
)
def test_preparing_grey_pixels_with_another_seed(notebook, kind, low, high):
    data = load_dataset("garments")
    X, V = (
        images.mean(axis=3)[:, ::2, ::2].reshape(len(images), -1) / 255
        for images in (data.train_images[:2000], data.val_images[:1000])
    )
    if kind is not None:
        preprocessor = notebook["Preprocessor"](kind)
        preprocessor.fit(X)
        X, V = preprocessor.transform(X), preprocessor.transform(V)
    y, y_val = data.train_labels[:2000], data.val_labels[:1000]
    nets = [notebook["train_one_hidden"](X.astype(np.float32), y, rate, steps=300, seed=1) for rate in (0.03, 0.1, 0.3)]
    assert low <= max(np.mean(net(V.astype(np.float32))[1] == y_val) for net in nets) <= high


def test_grey_pixels_vary_nearly_equally(notebook):
    grey = load_dataset("garments").train_images[:2000].mean(axis=3)[:, ::2, ::2].reshape(2000, -1)
    deviations = grey.std(axis=0)
    assert deviations.min().round() == 53 and deviations.max().round() == 62
    variances = np.linalg.eigvalsh(np.cov(grey.T, bias=True))[::-1]
    assert (variances[:50].sum() / variances.sum()).round(2) == 0.86


@pytest.mark.parametrize(
    ("scale", "rate", "normalise", "low", "high"),
    [
        (0.01, 0.1, False, 0.08, 0.13),
        (0.01, 0.1, True, 0.35, 0.57),
        (0.1, 0.1, False, 0.33, 0.50),
        (0.1, 0.1, True, 0.42, 0.53),
        (0.3, 0.1, False, 0.08, 0.13),
        (0.3, 0.1, True, 0.26, 0.36),
        ("he", 0.03, False, 0.42, 0.55),
        ("he", 0.03, True, 0.42, 0.55),
    ],
)
def test_a_deep_net_with_and_without_batch_norm_with_another_seed(notebook, pixels, scale, rate, normalise, low, high):
    X, y, V, y_val = pixels
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    X, V = (X - mean) / deviation, (V - mean) / deviation
    with np.errstate(all="ignore"):
        losses, accuracy = notebook["train_deep"](X, y, V, y_val, scale, rate, normalise, seed=1)
    assert low <= accuracy <= high
    assert np.isfinite(losses[-1]) == (normalise or scale != 0.3)


def test_batch_norm_makes_the_gradient_stand_at_right_angles_to_the_weights(notebook):
    rng = np.random.default_rng(0)
    x, W, dout = rng.normal(size=(50, 8)), rng.normal(size=(8, 6)), rng.normal(size=(50, 6))

    def gradient(W):
        _, cache = notebook["batchnorm_forward"](x @ W, np.ones(6), np.zeros(6), {"mode": "train"})
        return x.T @ notebook["batchnorm_backward"](dout, cache)[0]

    dW = gradient(W)
    assert np.abs((W * dW).sum(axis=0)).max() < 1e-4 * np.abs(dW).max()
    np.testing.assert_allclose(10 * gradient(10 * W), dW, rtol=1e-4, atol=1e-4)


def test_zero_weights_stay_and_equal_ones_stay_equal(notebook):
    signs = np.array([1, -1])
    still, _ = notebook["train_tanh_pair"](np.zeros((4, 5)), np.zeros((5, 2)))
    assert not still.any()
    equal, _ = notebook["train_tanh_pair"](np.full((4, 5), 0.1), np.full((5, 2), 0.1) * signs)
    assert np.ptp(equal, axis=1).max() < 1e-12 and np.abs(equal - 0.1).max() > 0.1


def best_of_rates(table, normalisation):
    """Accuracies (seeds, weight scales) at the best rate of each."""
    settings = [{"normalization": normalisation, "learning_rate": rate} for rate in np.unique(table["learning_rate"])]
    return np.max([table.by_seed("weight_scale", "accuracy", setting)[1] for setting in settings], axis=0)


def test_the_table_of_batch_norm_says_what_the_text_says():
    table = load_results("batchnorm_across_rates")
    assert len(table.seeds) >= 3
    assert table.by_seed("weight_scale", "accuracy", {"normalization": "none", "learning_rate": 0.1})[0].tolist() == [
        0.001, 0.01, 0.03, 0.1, 0.3, 1.0,
    ]  # fmt: skip
    none, batch, layer = (best_of_rates(table, name) for name in ("none", "batch norm", "layer norm"))
    assert none[:, :3].max() < 0.15 and 0.35 <= none[:, 3].min() <= none[:, 3].max() <= 0.47
    assert batch[:, :5].mean(axis=0).min() >= 0.39
    assert 0.43 <= layer[:, 3].min() <= layer[:, 3].max() <= 0.48
    assert np.all(batch.mean(axis=0) > layer.mean(axis=0)) and np.all(layer.mean(axis=0) > none.mean(axis=0))


# Grading: what the text leaves open ---------------------------------------------------------------------------------


def failures(exercise, names):
    outcomes = run_tests(exercise, names, "open")
    failed = [
        f"{outcome.test.name}: {outcome.sentence} {outcome.unexpected}" for outcome in outcomes if not outcome.passed
    ]
    return failed


def test_the_cache_may_hold_anything(notebook):
    def batchnorm_forward(x, gamma, beta, bn_param):
        out, cache = notebook["batchnorm_forward"](x, gamma, beta, bn_param)
        return out, {"mine": list(cache), "note": "a dict"}

    def batchnorm_backward(dout, cache):
        return notebook["batchnorm_backward"](dout, tuple(cache["mine"]))

    names = {**notebook, "batchnorm_forward": batchnorm_forward, "batchnorm_backward": batchnorm_backward}
    assert not failures("batchnorm_forward", names) + failures("batchnorm_backward", names)


def test_a_wrong_forward_pass_is_not_paid_for_in_the_backward_pass(notebook):
    def batchnorm_forward(x, gamma, beta, bn_param):
        out, cache = notebook["batchnorm_forward"](x, gamma, beta, bn_param)
        return out + 1.0, cache

    names = {**notebook, "batchnorm_forward": batchnorm_forward}
    assert failures("batchnorm_forward", names)
    assert not failures("batchnorm_backward", names) + failures("batchnorm_backward_alt", names)


def test_a_mistake_is_recognised_whatever_the_cache_holds(notebook):
    def leaky_relu_forward(x, slope=0.01):
        return np.where(x > 0, x, slope * x), {"positive": x > 0}

    def leaky_relu_backward(dout, cache):  # the slope is gone: 0 where x is negative
        return dout * cache["positive"]

    names = {**notebook, "leaky_relu_forward": leaky_relu_forward, "leaky_relu_backward": leaky_relu_backward}
    results = run_exercise("leaky_relu", names, "open")
    assert {result.mutant for result in results if not result.passed} == {"nothing_on_the_left"}
