"""Notebook 03's oracles agree with SciPy and with automatic differentiation."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import expit, log_softmax

from autograder.oracles import backprop as oracles

GATES = {
    "AddGate": lambda x, y: x + y,
    "MultiplyGate": lambda x, y: x * y,
    "MaxGate": anp.maximum,
    "ExpGate": anp.exp,
    "ReciprocalGate": lambda x: 1.0 / x,
    "SigmoidGate": lambda x: 1.0 / (1.0 + anp.exp(-x)),
}


@pytest.mark.parametrize("name", GATES)
def test_gates_and_their_slopes_agree_with_automatic_differentiation(name):
    rng = np.random.default_rng(0)
    function = GATES[name]
    count = 2 if name in ("AddGate", "MultiplyGate", "MaxGate") else 1
    for _ in range(10):
        inputs = rng.normal(size=count).tolist()
        assert complex(oracles.GATES[name](*inputs)).real == pytest.approx(function(*inputs), rel=1e-12)
        slopes = [autograd.grad(function, position)(*inputs) for position in range(count)]
        np.testing.assert_allclose(oracles.slopes(oracles.GATES[name], inputs), slopes, rtol=1e-10)


def test_a_graph_and_its_slopes_agree_with_automatic_differentiation():
    nodes = [
        ("e", oracles.GATES["MultiplyGate"], ["d", "a"]),
        ("d", oracles.GATES["AddGate"], ["c", "c"]),
        ("c", oracles.GATES["ExpGate"], ["b"]),
        ("b", oracles.GATES["ReciprocalGate"], ["a"]),
        ("a", oracles.GATES["MultiplyGate"], ["x", "y"]),
    ]

    def whole(x, y):
        return 2 * anp.exp(1 / (x * y)) * (x * y)

    inputs = {"x": 1.3, "y": -0.7}
    assert complex(oracles.graph_value(nodes, "e", inputs)).real == pytest.approx(whole(1.3, -0.7))
    found = oracles.graph_slopes(nodes, "e", inputs)
    assert found == pytest.approx({"x": autograd.grad(whole, 0)(1.3, -0.7), "y": autograd.grad(whole, 1)(1.3, -0.7)})


@pytest.mark.parametrize(
    ("a", "b", "error"),
    [
        (1.0, 1.0, 0.0),
        ([1, 2], [1, 3], 0.2),
        (-1.0, 1.0, 1.0),
        (0.0, 0.0, 0.0),
        (0.0, 1e-9, 0.1),
        ([[3.0]], [[1.0]], 0.5),
    ],
)
def test_the_relative_error_of_cases_worked_by_hand(a, b, error):
    assert oracles.worst_relative_error(a, b) == pytest.approx(error)


@pytest.mark.parametrize(("shape", "n", "m"), [((3,), 4, 2), ((2, 3), 1, 4), ((2, 2, 2), 3, 8)])
def test_the_affine_layer_agrees_with_automatic_differentiation(shape, n, m):
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(n, *shape)), rng.normal(size=(int(np.prod(shape)), m))
    b, dout = rng.normal(size=m), rng.normal(size=(n, m))

    def total(x, w, b):
        return anp.sum(dout * (anp.dot(anp.reshape(x, (n, -1)), w) + b))

    np.testing.assert_allclose(oracles.affine(x, w, b), x.reshape(n, -1) @ w + b, rtol=1e-12, atol=1e-12)
    for position, gradient in enumerate(oracles.affine_slopes(dout, x, w, b)):
        np.testing.assert_allclose(gradient, autograd.grad(total, position)(x, w, b), rtol=1e-9, atol=1e-10)


def test_relu_and_sigmoid_agree_with_scipy():
    x = np.random.default_rng(2).normal(size=(4, 5)) * 3
    np.testing.assert_allclose(oracles.each_entry(oracles.relu, x), np.clip(x, 0, None), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(oracles.each_entry(oracles.sigmoid, x), expit(x), rtol=1e-9)
    np.testing.assert_allclose(oracles.each_entry(oracles.relu_slope, x), np.heaviside(x, 0.5), atol=1e-9)
    slope = autograd.elementwise_grad(lambda s: 1 / (1 + anp.exp(-s)))
    np.testing.assert_allclose(oracles.each_entry(oracles.sigmoid_slope, x), slope(x), rtol=1e-9)


@pytest.mark.parametrize("entry", [-1000.0, -800.0, 800.0, 1000.0])
def test_the_sigmoid_and_its_slope_are_finite_far_out(entry):
    assert oracles.sigmoid(entry) == expit(entry)
    assert oracles.sigmoid_slope(entry) == 0


def svm(x, y):
    margins = anp.maximum(0.0, x - x[np.arange(len(y)), y][:, None] + 1.0)
    return (anp.sum(margins) - len(y)) / len(y)  # each true class adds exactly 1


def softmax(x, y):
    shifted = x - anp.max(x, axis=1, keepdims=True)
    return anp.mean(anp.log(anp.sum(anp.exp(shifted), axis=1)) - shifted[np.arange(len(y)), y])


@pytest.mark.parametrize("size", [(1, 3), (6, 4), (3, 3), (9, 2)])
@pytest.mark.parametrize(
    ("example_loss", "whole"), [(oracles.svm_example, svm), (oracles.softmax_example, softmax)], ids=["svm", "softmax"]
)
def test_losses_of_scores_agree_with_automatic_differentiation(example_loss, whole, size):
    rng = np.random.default_rng(3)
    for _ in range(5):
        x, y = rng.normal(size=size), rng.integers(0, size[1], size=size[0])
        if not oracles.clear_of_kinks(x, y):
            continue
        loss, gradient = oracles.mean_loss(example_loss, x, y)
        assert loss == pytest.approx(whole(x, y), rel=1e-12)
        np.testing.assert_allclose(gradient, autograd.grad(whole)(x, y), rtol=1e-7, atol=1e-9)
        flat = approx_fprime(x.ravel(), lambda s, y=y, x=x: float(whole(s.reshape(x.shape), y)), 1e-7)
        np.testing.assert_allclose(gradient.ravel(), flat, rtol=1e-5, atol=1e-5)


def test_the_softmax_loss_agrees_with_scipy():
    x, y = np.random.default_rng(4).normal(size=(7, 5)) * 10, np.array([0, 1, 2, 3, 4, 0, 1])
    expected = -log_softmax(x, axis=1)[np.arange(7), y].mean()
    assert oracles.mean_loss(oracles.softmax_example, x, y)[0] == pytest.approx(expected, rel=1e-9)


def test_a_margin_at_its_kink_is_noticed():
    assert not oracles.clear_of_kinks([[1.0, 0.0]], [0])
    assert oracles.clear_of_kinks([[1.0, 0.0]], [1])
