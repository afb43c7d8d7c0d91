"""Notebook 06's oracles agree with SciPy, with automatic differentiation's own optimizers, and with recursions."""

import autograd.misc.optimizers as reference
import numpy as np
import pytest
from scipy.linalg import solve
from scipy.optimize import LbfgsInvHessProduct
from scipy.signal import lfilter

from autograder.oracles import optimizers as oracles

SHAPES = [(4,), (2, 3), (2, 1, 3)]


def problem(shape, steps=9, seed=0):
    """A start and a list of gradients, none of them near zero."""
    rng = np.random.default_rng(seed)
    gradients = rng.choice([-1.0, 1.0], size=(steps, *shape)) * rng.uniform(0.3, 2.0, size=(steps, *shape))
    return rng.normal(size=shape), gradients


def filtered(values, keep, share=1.0):
    """x_t = keep * x_{t-1} + share * value_t along the first axis, from 0."""
    return lfilter([share], [1.0, -keep], values, axis=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_adam_agrees_with_autograds_adam(shape):
    w, gradients = problem(shape)
    seen = []
    reference.adam(
        lambda x, i: gradients[i],
        w,
        callback=lambda x, i, g: seen.append(x.copy()),
        num_iters=len(gradients),
        step_size=0.1,
        b1=0.8,
        b2=0.95,
        eps=1e-3,
    )
    path = oracles.path("adam", w, gradients, 0.1, beta1=0.8, beta2=0.95, epsilon=1e-3)
    np.testing.assert_allclose(path[:-1], seen[1:], rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_momentum_agrees_with_autograds_and_with_scipys_filter(shape):
    w, gradients = problem(shape)
    final = reference.sgd(lambda x, i: gradients[i], w, num_iters=len(gradients), step_size=0.5, mass=0.8)
    path = oracles.path("sgd_momentum", w, gradients, 0.5 * (1 - 0.8), momentum=0.8)  # autograd weighs with 1 - mass
    np.testing.assert_allclose(path[-1], final, rtol=1e-12)
    rates = np.linspace(0.2, 0.05, len(gradients)).reshape(-1, *[1] * len(shape))
    path = oracles.path("sgd_momentum", w, gradients, rates.ravel(), momentum=0.9)
    np.testing.assert_allclose(path, w + np.cumsum(filtered(-rates * gradients, 0.9), axis=0), rtol=1e-12)


@pytest.mark.parametrize("rule", ["sgd", "sgd_momentum", "nesterov"])
def test_without_momentum_all_three_are_plain_descent(rule):
    w, gradients = problem((3,))
    settings = {} if rule == "sgd" else {"momentum": 0.0}
    np.testing.assert_allclose(
        oracles.path(rule, w, gradients, 0.1, **settings), w - 0.1 * np.cumsum(gradients, axis=0), rtol=1e-12
    )


def test_nesterovs_path_is_that_of_the_rewritten_recursion():
    w, gradients = problem((2, 3))
    rates = np.linspace(0.3, 0.1, len(gradients))
    velocities = filtered(-rates[:, None, None] * gradients, 0.7)
    before = np.concatenate([np.zeros((1, 2, 3)), velocities[:-1]])
    expected = w + np.cumsum(-0.7 * before + 1.7 * velocities, axis=0)
    np.testing.assert_allclose(oracles.path("nesterov", w, gradients, rates, momentum=0.7), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("rule", "settings", "cache"),
    [
        ("adagrad", {"epsilon": 1e-2}, lambda squares: np.cumsum(squares, axis=0)),
        ("rmsprop", {"epsilon": 1e-2, "decay_rate": 0.9}, lambda squares: filtered(squares, 0.9, 0.1)),
    ],
)
def test_rules_with_a_cache_agree_with_scipys_filter(rule, settings, cache):
    w, gradients = problem((2, 3))
    steps = -0.1 * gradients / (np.sqrt(cache(gradients**2)) + 1e-2)
    np.testing.assert_allclose(
        oracles.path(rule, w, gradients, 0.1, **settings), w + np.cumsum(steps, axis=0), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("sgd", lambda g: {}),
        ("sgd_momentum", lambda g: {"velocity": filtered(-0.1 * g, 0.7)}),
        ("nesterov", lambda g: {"velocity": filtered(-0.1 * g, 0.7)}),
        ("adagrad", lambda g: {"cache": np.cumsum(g**2, axis=0)}),
        ("rmsprop", lambda g: {"cache": filtered(g**2, 0.9, 0.1)}),
        ("adam", lambda g: {"m": filtered(g, 0.8, 0.2), "v": filtered(g**2, 0.95, 0.05)}),
        ("adamw", lambda g: {"m": filtered(g, 0.8, 0.2), "v": filtered(g**2, 0.95, 0.05)}),
    ],
)
def test_what_the_rules_remember_agrees_with_scipys_filter(rule, expected):
    _, gradients = problem((2, 3))
    settings = {"momentum": 0.7, "decay_rate": 0.9, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}
    found, wanted = oracles.memory(rule, list(gradients), 0.1, **settings), expected(gradients)
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value[-1], rtol=1e-12)


def test_adamw_without_decay_is_adam_and_with_decay_alone_shrinks_by_the_same_share():
    w, gradients = problem((5,))
    np.testing.assert_array_equal(
        oracles.path("adamw", w, gradients, 0.1, weight_decay=0.0), oracles.path("adam", w, gradients, 0.1)
    )
    still = oracles.path("adamw", w, np.zeros((10, 5)), 0.1, weight_decay=0.5)
    np.testing.assert_allclose(still[-1], w * 0.95**10, rtol=1e-12)


@pytest.mark.parametrize(
    ("schedule", "options", "expected"),
    [
        ("constant", {}, [0.4, 0.4, 0.4, 0.4]),
        ("step", {"every": 4}, [0.4, 0.4, 0.2, 0.05]),
        ("step", {"every": 3, "factor": 0.1}, [0.4, 0.4, 0.04, 0.00004]),
        ("milestones", {"milestones": [4, 12]}, [0.4, 0.4, 0.04, 0.004]),
        ("exponential", {"decay": 0.5}, [0.4, 0.4 * np.exp(-0.5), 0.4 * np.exp(-2), 0.4 * np.exp(-6)]),
        ("inverse_time", {"decay": 1.0}, [0.4, 0.2, 0.08, 0.4 / 13]),
        ("cosine", {}, [0.4, 0.2 + 0.2 * np.cos(np.pi / 12), 0.3, 0.0]),
        ("linear", {}, [0.4, 0.4 * 11 / 12, 0.4 * 2 / 3, 0.0]),
        ("inverse_sqrt", {}, [0.4, 0.4, 0.2, 0.4 / np.sqrt(12)]),
    ],
)
def test_schedules_agree_with_values_worked_by_hand(schedule, options, expected):
    found = [oracles.rate(schedule, t, 12, 0.4, **options) for t in (0, 1, 4, 12)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    shifted = [oracles.rate(schedule, t + 5, 17, 0.4, warmup=5, **options) for t in (0, 1, 4, 12)]
    np.testing.assert_allclose(shifted, expected, rtol=1e-12, atol=1e-15)
    climb = [oracles.rate(schedule, t, 17, 0.4, warmup=5, **options) for t in range(5)]
    np.testing.assert_allclose(climb, [0.08, 0.16, 0.24, 0.32, 0.4], rtol=1e-12)


def test_newtons_step_agrees_with_scipys_solver():
    rng = np.random.default_rng(0)
    for size in (1, 2, 5, 8):
        A, g = rng.normal(size=(size, size)), rng.normal(size=size)
        H = A + A.T
        np.testing.assert_allclose(oracles.newton_target(g, H), -solve(H, g, assume_a="sym"), rtol=1e-9)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_bfgs_matrix_agrees_with_scipys(count):
    rng = np.random.default_rng(count)
    A = rng.normal(size=(4, 4))
    H = A @ A.T + np.eye(4)
    s = rng.normal(size=(count, 4))
    y = s @ H
    unit = (s[-1] @ y[-1]) / (y[-1] @ y[-1])  # SciPy starts from the unit matrix: choose units in which gamma is 1
    found = oracles.bfgs_inverse(4, list(s), list(unit * y))
    np.testing.assert_allclose(found, LbfgsInvHessProduct(s, unit * y).todense(), rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(oracles.bfgs_inverse(4, list(s), list(y)), unit * found, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(
    ("values", "patience", "min_delta", "mode", "stops", "best"),
    [
        ([3.0, 2.0, 2.5, 2.6], 2, 0.0, "min", 3, 1),
        ([3.0, 2.0, 2.5, 1.9, 2.0, 2.1], 2, 0.0, "min", 5, 3),
        ([1.0, 0.9, 0.8, 0.7], 3, 0.5, "min", 3, 0),
        ([1.0, 1.0, 1.0], 2, 0.0, "min", 2, 0),
        ([0.1, 0.5, 0.4, 0.3], 2, 0.0, "max", 3, 1),
        ([float("nan"), 0.7, 0.9], 2, 0.0, "min", None, 1),
        ([5, 4, 4.5, 4.2, 3.9, 4, 4.1, 4.3], 3, 0.0, "min", 7, 4),
    ],
)
def test_early_stopping_agrees_with_cases_worked_by_hand(values, patience, min_delta, mode, stops, best):
    told = oracles.verdicts(values, patience, min_delta, mode)
    first = next((number for number, verdict in enumerate(told) if verdict.stop), None)
    assert (first, told[-1].best) == (stops, best)


def test_means_and_ensembles_agree_with_numpy():
    rng = np.random.default_rng(0)
    nets = [{"W": rng.normal(size=(2, 3)), "b": rng.normal(size=3)} for _ in range(4)]
    means = oracles.mean_weights(nets)
    for name in ("W", "b"):
        np.testing.assert_allclose(means[name], np.mean([net[name] for net in nets], axis=0), rtol=1e-12)
    probs = rng.dirichlet(np.ones(4), size=(5, 30))
    np.testing.assert_array_equal(oracles.ensemble_labels(list(probs)), probs.mean(axis=0).argmax(axis=1))
