"""Notebook 02's oracles agree with SciPy and with automatic differentiation."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import log_softmax

from autograder.oracles import linear as oracles

SIZES = [(1, 3, 4), (6, 5, 4), (4, 4, 4), (7, 2, 2)]


def problem(seed, n, d, c):
    rng = np.random.default_rng(seed)
    while True:
        W, X, y = rng.normal(size=(d, c)), rng.normal(size=(n, d)), rng.integers(0, c, size=n)
        if oracles.clear_of_kinks(W, X, y):
            return W, X, y


def svm(W, X, y, reg):
    S = anp.dot(X, W)
    margins = anp.maximum(0.0, S - S[np.arange(len(y)), y][:, None] + 1.0)
    return (anp.sum(margins) - len(y)) / len(y) + reg * anp.sum(W**2)  # each true class adds exactly 1


def softmax(W, X, y, reg):
    S = anp.dot(X, W)
    shifted = S - anp.max(S, axis=1, keepdims=True)
    picked = shifted[np.arange(len(y)), y]
    return anp.mean(anp.log(anp.sum(anp.exp(shifted), axis=1)) - picked) + reg * anp.sum(W**2)


LOSSES = [(oracles.svm_example, svm), (oracles.softmax_example, softmax)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("example_loss", "whole"), LOSSES, ids=["svm", "softmax"])
def test_losses_and_gradients_agree_with_automatic_differentiation(example_loss, whole, size):
    for seed in range(5):
        W, X, y = problem(seed, *size)
        loss, gradient = oracles.loss_and_gradient(example_loss, W, X, y, 0.3)
        assert loss == pytest.approx(whole(W, X, y, 0.3), rel=1e-12)
        np.testing.assert_allclose(gradient, autograd.grad(whole)(W, X, y, 0.3), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("example_loss", "whole"), LOSSES, ids=["svm", "softmax"])
def test_gradients_agree_with_scipys_finite_differences(example_loss, whole):
    W, X, y = problem(0, 6, 5, 4)

    def of_flat(w):
        return float(whole(w.reshape(W.shape), X, y, 0.1))

    _, gradient = oracles.loss_and_gradient(example_loss, W, X, y, 0.1)
    np.testing.assert_allclose(gradient.ravel(), approx_fprime(W.ravel(), of_flat, 1e-7), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("offset", [0.0, 2000.0, -2000.0])
def test_the_softmax_of_an_example_agrees_with_scipy_at_any_offset(offset):
    rng = np.random.default_rng(0)
    for _ in range(20):
        scores = offset + 10 * rng.normal(size=5)
        expected = -log_softmax(scores)[2]
        assert oracles.softmax_example(scores.tolist(), 2) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("scores", "true", "loss"),
    [((3.2, 5.1, -1.7), 0, 2.9), ((1.3, 4.9, 2.0), 1, 0.0), ((2.2, 2.5, -3.1), 2, 12.9), ((0.0,) * 10, 3, 9.0)],
)
def test_the_svm_loss_gives_the_numbers_worked_in_the_text(scores, true, loss):
    assert oracles.svm_example(scores, true) == pytest.approx(loss)


@pytest.mark.parametrize(("scores", "true", "loss"), [((3.2, 5.1, -1.7), 0, 2.0404), ((0.0,) * 10, 3, np.log(10))])
def test_the_softmax_loss_gives_the_numbers_worked_in_the_text(scores, true, loss):
    assert oracles.softmax_example(scores, true) == pytest.approx(loss, abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "whole"),
    [
        ("l2", lambda W: anp.sum(W**2)),
        ("l1", lambda W: anp.sum(anp.abs(W))),
        ("elastic", lambda W: 2.5 * anp.sum(W**2) + anp.sum(anp.abs(W))),
    ],
)
def test_penalties_agree_with_automatic_differentiation(kind, whole):
    W = np.random.default_rng(0).normal(size=(3, 4))
    value, gradient = oracles.penalty(W, kind, 2.5)
    assert value == pytest.approx(whole(W))
    np.testing.assert_allclose(gradient, autograd.grad(whole)(W), rtol=1e-12)


def test_a_record_only_falls():
    assert oracles.falling_record([3.0, 4.0, -1.0, 0.0]).tolist() == [3.0, 3.0, -1.0, -1.0]


def test_log_spaced_values_have_a_constant_ratio():
    np.testing.assert_allclose(oracles.log_spaced(1e-4, 1e-1, 4), np.geomspace(1e-4, 1e-1, 4), rtol=1e-12)


def test_a_label_is_the_column_of_the_largest_score():
    rng = np.random.default_rng(0)
    W, X = rng.normal(size=(4, 6)), rng.normal(size=(9, 4))
    assert oracles.labels(W, X) == np.argmax(X @ W, axis=1).tolist()


def test_a_margin_at_its_kink_is_noticed():
    W, X = np.eye(2), np.array([[1.0, 0.0]])
    assert not oracles.clear_of_kinks(W, X, np.array([0]))
    assert oracles.clear_of_kinks(W, X, np.array([1]))
