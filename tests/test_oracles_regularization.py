"""Notebook 07's oracles agree with SciPy, with automatic differentiation and with counting."""

import itertools

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy import optimize, special, stats

from autograder.oracles import regularization as oracles

PARAMS = {"W1": (3, 4), "b1": (4,), "gamma1": (4,), "beta1": (4,), "W2": (4, 3), "b2": (3,)}


def parameters(seed, shapes):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape) + 0.1 for name, shape in shapes.items()}


def test_the_penalty_and_its_slopes_agree_with_automatic_differentiation():
    params = parameters(0, {"W1": (3, 4), "b1": (4,), "W12": (2, 2)})

    def price(W, name):
        weights = [W if other == name else params[other] for other in ("W1", "W12")]
        return sum(0.3 * anp.sum(anp.abs(w)) + 0.35 * anp.sum(w**2) for w in weights)

    assert oracles.penalty_price(params, 0.3, 0.7) == pytest.approx(price(params["W1"], "W1"))
    for name in ("W1", "W12"):
        slopes = autograd.grad(price)(params[name], name)
        np.testing.assert_allclose(oracles.penalty_slopes(params[name], 0.3, 0.7), slopes, rtol=1e-10)


def test_the_slope_at_zero_is_zero():
    np.testing.assert_array_equal(oracles.penalty_slopes(np.zeros(3), 0.5, 0.7), np.zeros(3))


@pytest.mark.parametrize("v", [-3.0, -1.0, -0.4, 0.0, 0.2, 1.0, 2.5])
def test_soft_thresholding_solves_its_problem(v):
    best = optimize.minimize_scalar(lambda w: 0.5 * (w - v) ** 2 + 1.0 * abs(w), bounds=(-4, 4), method="bounded")
    assert oracles.soft_threshold(np.array([v]), 1.0)[0] == pytest.approx(best.x, abs=1e-4)


@pytest.mark.parametrize("f", [lambda s: s, lambda s: max(0.0, s), np.cos, lambda s: s**2])
@pytest.mark.parametrize("p", [0.0, 0.3, 0.8, 1.0])
def test_the_expectation_counts_every_mask(f, p):
    products = [1.0, -2.0, 0.5, 3.0]
    counted = sum(
        np.prod(stats.bernoulli(p).pmf(mask)) * f(float(np.dot(mask, products)))
        for mask in itertools.product((0, 1), repeat=4)
    )
    assert oracles.expectation(products, p, f) == pytest.approx(counted)


def test_a_vote_is_the_mean_and_spread_of_softmax():
    passes = np.random.default_rng(0).normal(size=(5, 4, 3)) * 3
    mean, std = oracles.vote(passes)
    np.testing.assert_allclose(mean, special.softmax(passes, axis=2).mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(std, special.softmax(passes, axis=2).std(axis=0), rtol=1e-9)


def test_probabilities_of_scores_in_the_thousands():
    np.testing.assert_allclose(
        oracles.probabilities([2000.0, 2001.0, -3000.0]), special.softmax([0.0, 1.0, -5000.0]), atol=1e-300
    )


@pytest.mark.parametrize(("classes", "eps"), [(2, 0.1), (5, 0.3), (10, 0.0), (3, 1.0)])
def test_smoothed_rows_are_the_mean_of_a_noisy_label(classes, eps):
    y = np.arange(classes)
    table = oracles.smooth_labels(y, classes, eps)
    np.testing.assert_allclose(table.sum(axis=1), 1)
    np.testing.assert_allclose(np.diag(table), 1 - eps)
    assert np.ptp(table[~np.eye(classes, dtype=bool)]) < 1e-12


@pytest.mark.parametrize("shift", [0.0, 2000.0, -2000.0])
def test_soft_cross_entropy_agrees_with_scipy(shift):
    rng = np.random.default_rng(0)
    scores, targets = rng.normal(size=(6, 4)) + shift, rng.dirichlet(np.ones(4), size=6)
    log_p = special.log_softmax(scores, axis=1)
    assert oracles.soft_cross_entropy(scores, targets) == pytest.approx(-np.mean(np.sum(targets * log_p, axis=1)))
    slopes = (special.softmax(scores, axis=1) - targets) / 6
    np.testing.assert_allclose(oracles.soft_cross_entropy_slopes(scores, targets), slopes, atol=1e-12)


def a_net_in_autograd(params, X, targets, reg):
    a = anp.dot(X, params["W1"]) + params["b1"]
    a = params["gamma1"] * (a - anp.mean(a, axis=0)) / anp.sqrt(anp.var(a, axis=0) + 1e-5) + params["beta1"]
    scores = anp.dot(anp.maximum(0, a), params["W2"]) + params["b2"]
    log_p = scores - anp.log(anp.sum(anp.exp(scores), axis=1, keepdims=True))
    squares = anp.sum(params["W1"] ** 2) + anp.sum(params["W2"] ** 2)
    return -anp.mean(anp.sum(targets * log_p, axis=1)) + 0.5 * reg * squares


def test_the_nets_loss_and_gradients_agree_with_automatic_differentiation():
    params, rng = parameters(1, PARAMS), np.random.default_rng(2)
    X, targets = rng.normal(size=(6, 3)), rng.dirichlet(np.ones(3), size=6)
    assert oracles.net_loss(params, X, targets, 0.4) == pytest.approx(a_net_in_autograd(params, X, targets, 0.4))
    expected = autograd.grad(a_net_in_autograd)(params, X, targets, 0.4)
    found = oracles.net_gradients(params, X, targets, 0.4)
    for name in params:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-8, atol=1e-11)


def test_running_statistics_replace_those_of_the_batch():
    params, X = parameters(1, PARAMS), np.random.default_rng(2).normal(size=(6, 3))
    a = X @ params["W1"] + params["b1"]
    same = oracles.net_scores(params, X, [(a.mean(axis=0), a.var(axis=0))])
    np.testing.assert_allclose(same, oracles.net_scores(params, X), rtol=1e-10)
