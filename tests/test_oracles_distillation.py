"""Notebook 10's oracles agree with SciPy, with finite differences, and with the library's nets."""

import numpy as np
import pytest
from scipy import special

from autograder.hidden.distillation.problems import problem
from autograder.oracles import distillation as oracles
from course_utils import nn
from course_utils.gradient_check import numerical_gradient

SHAPE = (3, 4, 6)


@pytest.fixture(scope="module")
def tiny():
    """(the library's net, the oracle, X, y)."""
    params, net, X, y = problem(np.random.default_rng(5), 3, SHAPE)
    same = oracles.PixelNet(SHAPE, (3,), 3, 6, 4, dtype=np.float64)
    same.params = params
    return same, net, X, y


@pytest.mark.parametrize("T", [0.3, 1.0, 7.0])
def test_tempered_probabilities_agree_with_scipy(T):
    scores = np.random.default_rng(0).normal(size=(4, 5)) + np.array([[9000.0], [-9000.0], [0.0], [3.0]])
    np.testing.assert_allclose(oracles.tempered(scores, T), special.softmax(scores / T, axis=1), rtol=1e-10)


@pytest.mark.parametrize("T, alpha", [(1.0, 0.3), (4.0, 0.9), (2.0, 1.0), (3.0, 0.0)])
def test_the_loss_of_distillation_agrees_with_scipy(T, alpha):
    rng = np.random.default_rng(1)
    own, taught, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    p, q = special.softmax(taught / T, axis=1), special.softmax(own / T, axis=1)
    hard = -special.log_softmax(own, axis=1)[np.arange(4), y].mean()
    expected = alpha * T**2 * special.rel_entr(p, q).sum(axis=1).mean() + (1 - alpha) * hard
    assert oracles.divergence_loss(own, taught, y, T, alpha) == pytest.approx(expected)
    slopes = numerical_gradient(lambda s: float(oracles.divergence_loss(s, taught, y, T, alpha)), own)
    np.testing.assert_allclose(oracles.divergence_slopes(own, taught, y, T, alpha), slopes, atol=1e-8)


def test_scores_agree_with_the_library(tiny):
    same, net, X, y = tiny
    np.testing.assert_allclose(net.scores(X), same.loss(X), rtol=1e-10)
    assert net.loss(X, y) == pytest.approx(same.loss(X, y)[0])
    np.testing.assert_array_equal(net.labels(X), same.predict(X))
    np.testing.assert_allclose(net.probabilities(X), nn.softmax(same.loss(X)), rtol=1e-10)


def test_slopes_by_pixels_agree_with_finite_differences(tiny):
    same, net, X, y = tiny
    np.testing.assert_allclose(net.slopes(X, y), numerical_gradient(lambda x: same.loss(x, y)[0], X), atol=1e-8)
    for label in range(4):
        slopes = numerical_gradient(lambda x, label=label: float(same.loss(x)[:, label].sum()), X)
        found = net.saliency(X, np.full(3, label))
        np.testing.assert_allclose(found, np.abs(slopes).max(axis=1), atol=1e-7)


def test_slopes_by_parameters_agree_with_the_library(tiny):
    same, net, X, y = tiny
    for name, expected in same.loss(X, y)[1].items():
        np.testing.assert_allclose(net.loss_slopes(X, y)[name], expected, rtol=1e-8, atol=1e-12)


def test_attacks_stay_within_their_limits_and_raise_the_loss(tiny):
    _, net, X, y = tiny
    X = np.clip(X + np.random.default_rng(2).choice([-0.5, 0.0, 0.5], size=X.shape), 0, 1)
    for times in (1, 4):
        moved = net.pushed(X, y, 0.03, 0.05, times)
        assert moved.min() >= 0 and moved.max() <= 1 and np.abs(moved - X).max() <= 0.05 + 1e-12
        assert net.loss(moved, y) > net.loss(X, y) > net.loss(net.pushed(X, y, -0.03, 0.05), y)


def test_a_climb_ends_where_the_net_is_sure(tiny):
    _, net, X, _ = tiny
    target = int((net.labels(X)[0] + 1) % 4)
    image, made = net.climbed(X[0], target, 0.3, 200, 0.55)
    assert made < 200 and net.probabilities([image])[0, target] >= 0.55
    unsure, _ = net.climbed(X[0], target, 0.3, made - 1, 0.55)
    assert net.probabilities([unsure])[0, target] < 0.55
    step, _ = net.climbed(X[0], target, 0.01, 1, 1.0)
    assert np.linalg.norm(step - X[0]) == pytest.approx(0.01)


def test_distillation_in_whole_batches_is_gradient_descent_with_momentum(tiny):
    _, net, X, y = tiny
    taught, settings = np.random.default_rng(3).normal(size=(3, 4)), {"T": 2.0, "alpha": 0.4}
    losses, params = oracles.distilled(net, taught, X, y, settings, 40, 0.02)
    assert losses[-1] < losses[0] and len(losses) == 40
    _, once = oracles.distilled(net, taught, X, y, settings, 1, 0.02)
    by_scores = oracles.divergence_slopes(net.scores(X), taught, y, **settings)
    for name, slopes in net.parameter_slopes(X, by_scores).items():
        np.testing.assert_allclose(once[name], net.params[name] - 0.02 * slopes)
    assert set(params) == set(net.params)
