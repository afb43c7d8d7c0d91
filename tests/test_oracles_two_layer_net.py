"""Notebook 04's oracles agree with SciPy, with automatic differentiation and with the numbers worked in the text."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy.special import log_softmax

from autograder.oracles import two_layer_net as oracles

SIZES = [(1, 3, 4, 2), (6, 5, 4, 3), (3, 3, 3, 3), (5, 2, 1, 6)]  # n, d, h, c


def problem(seed, n, d, h, c):
    rng = np.random.default_rng(seed)
    while True:
        shapes = {"W1": (d, h), "b1": (h,), "W2": (h, c), "b2": (c,)}
        params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        X, y = rng.normal(size=(n, d)), rng.integers(0, c, size=n)
        if oracles.clear_of_kinks(params, X):
            return params, X, y


def whole(params, X, y, reg):
    S = anp.dot(anp.maximum(0.0, anp.dot(X, params["W1"]) + params["b1"]), params["W2"]) + params["b2"]
    shifted = S - anp.max(S, axis=1, keepdims=True)
    log_p = shifted - anp.log(anp.sum(anp.exp(shifted), axis=1, keepdims=True))
    penalty = 0.5 * reg * (anp.sum(params["W1"] ** 2) + anp.sum(params["W2"] ** 2))
    return -anp.mean(log_p[np.arange(len(y)), y]) + penalty


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_loss_and_gradients_agree_with_automatic_differentiation(size, reg):
    for seed in range(4):
        params, X, y = problem(seed, *size)
        loss, gradients = oracles.loss_and_gradients(params, X, y, reg)
        assert loss == pytest.approx(whole(params, X, y, reg), rel=1e-12)
        for name, expected in autograd.grad(whole)(params, X, y, reg).items():
            np.testing.assert_allclose(gradients[name], expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("offset", [0.0, 3000.0, -3000.0])
def test_the_loss_agrees_with_scipy_at_any_offset_of_the_scores(offset):
    params, X, y = problem(0, 6, 5, 4, 3)
    params["b2"] = params["b2"] + offset
    expected = -log_softmax(oracles.scores(params, X), axis=1)[np.arange(6), y].mean()
    loss, gradients = oracles.loss_and_gradients(params, X, y, 0.0)
    assert loss == pytest.approx(expected, rel=1e-9)
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients.values())


@pytest.mark.parametrize("size", SIZES)
def test_scores_and_labels_are_those_of_matrix_products(size):
    params, X, _ = problem(1, *size)
    expected = np.maximum(0, X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    np.testing.assert_allclose(oracles.scores(params, X), expected, rtol=1e-12)
    assert oracles.labels(params, X) == np.argmax(expected, axis=1).tolist()


def test_the_example_worked_by_hand():
    params = {
        "W1": np.array([[1.0, -1.0], [1.0, -1.0]]),
        "b1": np.array([0.0, 1.0]),
        "W2": np.array([[1.0, 0.0], [5.0, 2.0]]),
        "b2": np.array([0.0, 1.0]),
    }
    X = np.array([[1.0, 2.0]])
    assert oracles.scores(params, X).tolist() == [[3.0, 1.0]]
    loss, gradients = oracles.loss_and_gradients(params, X, np.array([1]), 0.0)
    assert loss == pytest.approx(2.1269, abs=1e-4)
    np.testing.assert_allclose(gradients["W2"], [[2.6424, -2.6424], [0, 0]], atol=1e-4)
    np.testing.assert_allclose(gradients["W1"], [[0.8808, 0], [1.7616, 0]], atol=1e-4)


def test_a_hidden_unit_at_its_kink_is_noticed():
    params = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.eye(2), "b2": np.zeros(2)}
    assert not oracles.clear_of_kinks(params, np.array([[1.0, 0.001]]))
    assert oracles.clear_of_kinks(params, np.array([[1.0, -1.0]]))


@pytest.mark.parametrize(("reg", "expected"), [(0.0, 2.3026), (1e3, 3.0731)])
def test_the_first_loss_to_expect(reg, expected):
    params = {"W1": np.full((3072, 50), 1e-4), "b1": np.ones(50), "W2": np.full((50, 10), 1e-4), "b2": np.ones(10)}
    assert oracles.initial_loss(params, reg) == pytest.approx(expected, abs=1e-4)


def test_the_ratio_is_that_of_the_lengths():
    rng = np.random.default_rng(0)
    param, update = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    assert oracles.ratio(param, update) == pytest.approx(np.linalg.norm(update) / np.linalg.norm(param))
    assert oracles.ratio(np.full(7, 0.02), np.full(7, 0.0002)) == pytest.approx(0.01)


@pytest.mark.parametrize(("value", "place"), [(1e-6, 0.0), (1e-3, 1.0), (1e-4, 2 / 3), (7e-4, 0.948)])
def test_a_place_in_a_range_counts_orders_of_magnitude(value, place):
    assert oracles.place_in_range(value, 1e-6, 1e-3) == pytest.approx(place, abs=1e-3)
