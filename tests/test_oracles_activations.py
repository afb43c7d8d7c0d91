"""Notebook 05's oracles agree with SciPy, with automatic differentiation and with NumPy's linear algebra."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy import special

from autograder.oracles import activations as oracles

GATES = {
    "tanh": (oracles.tanh, anp.tanh),
    "leaky_relu": (lambda v: oracles.leaky_relu(v, 0.3), lambda x: anp.where(x > 0, x, 0.3 * x)),
    "elu": (lambda v: oracles.elu(v, 0.7), lambda x: anp.where(x > 0, x, 0.7 * (anp.exp(x) - 1))),
}


def away_from_zero(seed, shape):
    rng = np.random.default_rng(seed)
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.3, 3.0, size=shape)


@pytest.mark.parametrize("name", GATES)
def test_gates_and_their_slopes_agree_with_automatic_differentiation(name):
    scalar, whole = GATES[name]
    x = away_from_zero(0, (20, 5))
    np.testing.assert_allclose(oracles.entrywise(scalar, x), whole(x), rtol=1e-12)
    np.testing.assert_allclose(
        oracles.entrywise(oracles.slope(scalar), x), autograd.elementwise_grad(whole)(x), rtol=1e-8, atol=1e-10
    )


@pytest.mark.parametrize("value", [-3000.0, -800.0, -20.0, -1e-9, 0.0, 1e-9, 20.0, 3000.0])
def test_tanh_and_elu_agree_with_scipy_far_out(value):
    assert oracles.tanh(value) == pytest.approx(2 * special.expit(2 * value) - 1, abs=1e-12)
    assert oracles.elu(value) == pytest.approx(special.expm1(value) if value <= 0 else value)


@pytest.mark.parametrize(
    ("gate", "value", "out"),
    [
        (oracles.tanh, np.log(2), 0.6),
        (oracles.leaky_relu, -10.0, -0.1),
        (oracles.leaky_relu, 10.0, 10.0),
        (oracles.elu, -10.0, -0.99995),
        (oracles.elu, -np.log(2), -0.5),
    ],
)
def test_gates_give_the_numbers_worked_in_the_text(gate, value, out):
    assert gate(float(value)) == pytest.approx(out, abs=1e-5)


def maxout(x, w1, b1, w2, b2):
    return anp.maximum(anp.dot(x, w1) + b1, anp.dot(x, w2) + b2)


def maxout_arguments(seed, n=6, d=4, h=3):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in ((n, d), (d, h), (h,), (d, h), (h,))]


def test_maxout_and_its_gradients_agree_with_automatic_differentiation():
    for seed in range(5):
        arguments, dout = maxout_arguments(seed), np.random.default_rng(seed + 100).normal(size=(6, 3))
        np.testing.assert_allclose(oracles.maxout(*arguments), maxout(*arguments), rtol=1e-12)
        found = oracles.maxout_gradients(dout, *arguments)
        for place in range(5):
            expected = autograd.grad(lambda *a, dout=dout: anp.sum(dout * maxout(*a)), place)(*arguments)
            np.testing.assert_allclose(found[place], expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("activations", "share"),
    [
        ([[0, 0.7, 0, 2.1], [0, 0, 0, 0], [0, 1.3, 0, 0], [0, 0, 0, 0]], 0.5),
        ([[0.0, -1.0], [0.0, 1.0]], 0.5),
        ([[1e-300], [0.0]], 0.0),
        ([[0.0, 0.0]], 1.0),
    ],
)
def test_dead_units_are_zero_on_every_row(activations, share):
    assert oracles.dead_fraction(np.array(activations, dtype=float)) == share


def cloud(seed, n=50, d=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)


def test_standardised_data_has_mean_0_and_deviation_1():
    X = cloud(0)
    Z = oracles.standardized(X, X)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(oracles.standardized(X, X[:1]), Z[:1], rtol=1e-12)


def test_means_of_pixels_and_of_channels():
    images = np.random.default_rng(0).integers(0, 256, size=(5, 3, 4, 3)).astype(np.uint8)
    np.testing.assert_allclose(oracles.shifted(images, images), images - images.mean(axis=0), atol=1e-10)
    expected = images - images.mean(axis=(0, 1, 2))
    np.testing.assert_allclose(oracles.shifted(images, images, per_channel=True), expected, atol=1e-10)


@pytest.mark.parametrize("whiten", [False, True])
def test_inner_products_are_those_of_a_whitening_by_singular_values(whiten):
    X, other = cloud(1), cloud(2, n=6)
    centred = X - X.mean(axis=0)
    _, singular, Vt = np.linalg.svd(centred, full_matrices=False)
    scale = np.sqrt(singular**2 / len(X) + 1e-5) if whiten else 1.0
    Z = (other - X.mean(axis=0)) @ Vt.T / scale
    np.testing.assert_allclose(oracles.inner_products(X, other, whiten), Z @ Z.T, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    ("kind", "std"), [("zeros", 0), ("small", 0.01), ("large", 1), ("xavier", 0.0447), ("he", 0.0632)]
)
def test_deviations_of_the_first_weights_are_those_of_the_text(kind, std):
    assert oracles.deviation(kind, 500) == pytest.approx(std, abs=5e-5)


def test_layer_statistics_agree_with_numpy():
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=(7, 4)), [rng.normal(size=(4, 5)), rng.normal(size=(5, 3))]
    means, stds = oracles.layer_statistics(X, weights, np.tanh)
    first = np.tanh(X @ weights[0])
    second = np.tanh(first @ weights[1])
    np.testing.assert_allclose(means, [first.mean(), second.mean()], rtol=1e-12)
    np.testing.assert_allclose(stds, [first.std(), second.std()], rtol=1e-12)


def normalised(x, gamma, beta, eps, axis):
    mean = anp.mean(x, axis=axis, keepdims=True)
    var = anp.mean((x - mean) ** 2, axis=axis, keepdims=True)
    return gamma * (x - mean) / anp.sqrt(var + eps) + beta


NORMALISATIONS = {
    "batch": (oracles.batchnorm, oracles.batchnorm_gradients, 0),
    "layer": (oracles.layernorm, oracles.layernorm_gradients, 1),
}


@pytest.mark.parametrize("eps", [1e-5, 0.4])
@pytest.mark.parametrize("size", [(7, 4), (1, 3), (4, 4), (2, 5), (6, 1)])
@pytest.mark.parametrize("name", NORMALISATIONS)
def test_normalisations_and_their_gradients_agree_with_automatic_differentiation(name, size, eps):
    forward, gradients, axis = NORMALISATIONS[name]
    rng = np.random.default_rng(0)
    x, dout = 3 * rng.normal(size=size) + 2, rng.normal(size=size)
    gamma, beta = rng.normal(size=size[1]), rng.normal(size=size[1])
    np.testing.assert_allclose(
        forward(x, gamma, beta, eps), normalised(x, gamma, beta, eps, axis), rtol=1e-9, atol=1e-12
    )
    for place, found in enumerate(gradients(dout, x, gamma, eps)):
        expected = autograd.grad(lambda *a: anp.sum(dout * normalised(*a, eps, axis)), place)(x, gamma, beta)
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_running_averages_weigh_the_old_ones_with_the_momentum():
    x = np.array([[1.0], [1.0], [5.0], [5.0]])
    mean, var = oracles.running(x, np.zeros(1), np.zeros(1))
    assert (mean.item(), var.item()) == pytest.approx((0.3, 0.4))
    mean, var = oracles.running(x, mean, var, 0.5)
    assert (mean.item(), var.item()) == pytest.approx((1.65, 2.2))


def test_given_statistics_stand_in_for_those_of_the_batch():
    out = oracles.batchnorm(np.array([[5.0]]), [2.0], [10.0], statistics=(np.array([3.0]), np.array([4.0])))
    assert out.item() == pytest.approx(12.0, abs=1e-4)
