"""Hidden tests of `TwoLayerNet`: start, scores, loss, gradients, prediction."""

import numpy as np

from autograder.hidden.two_layer_net.nets import NAMES, a_generator, net_with, params_of, random_params
from autograder.oracles import two_layer_net as oracles
from autograder.testing import ban, expect, expect_close, expect_equal, expect_shape, hidden

ban("TwoLayerNet", "course_utils.nn", "torch")

LOOSE = (1e-5, 1e-5)  # a tiny number inside the logarithm does no harm
SIZES = ((5, 4, 3, 3), (1, 3, 5, 2), (4, 3, 1, 4), (6, 2, 4, 7))  # n, d, h, c


def problem(rng, n=6, d=4, h=5, c=3, scale=0.7):
    """Parameters, examples and labels with no hidden unit near its kink, some on and some off."""
    while True:
        params, X, y = random_params(rng, d, h, c, scale), rng.normal(size=(n, d)), rng.integers(0, c, size=n)
        if oracles.clear_of_kinks(params, X):
            return params, X, y


def expect_gradients(grads, expected, names=NAMES, rtol=1e-6, atol=1e-8):
    expect(isinstance(grads, dict), "the gradients are not a dict")
    for name in names:
        expect(name in grads, f"the gradient of {name} is missing")
        expect_close(grads[name], expected[name], rtol, atol, what=f"the gradient of {name}")


# The start -------------------------------------------------------------------------------------------------------------


@hidden("TwoLayerNet")
def four_arrays(student, rng):
    """params holds W1, b1, W2 and b2 in the right shapes, and biases of zero"""
    for d, h, c in ((6, 4, 3), (1, 1, 5)):
        net = student.TwoLayerNet(d, h, c, 0.5, 0.0, a_generator(student, rng))
        params = params_of(student, net)
        expect(set(params) == set(NAMES), "params does not hold exactly W1, b1, W2 and b2")
        for name, shape in zip(NAMES, ((d, h), (h,), (h, c), (c,)), strict=True):
            expect_shape(params[name], shape, name)
        expect(not np.any(params["b1"]) and not np.any(params["b2"]), "the biases do not start at zero")


@hidden("TwoLayerNet", weight=2)
def weights_are_scaled_normal_numbers(student, rng):
    """the weights' mean, spread and shape of distribution, in both layers"""
    scale = float(rng.choice([0.02, 0.1, 3.0]))
    net = student.TwoLayerNet(60, 50, 40, scale, 0.0, a_generator(student, rng))
    params = params_of(student, net)
    for name in ("W1", "W2"):
        z = params[name].ravel() / scale
        expect(0.9 < np.std(z) < 1.1, f"the standard deviation of {name} is not weight_scale")
        expect(abs(np.mean(z)) < 0.15, f"the mean of {name} is not near zero")
        expect(np.mean(np.abs(z) > 2) > 0.02, f"{name} is not drawn from a normal distribution: its tails are missing")


@hidden("TwoLayerNet")
def drawn_with_the_generator(student, rng):
    """the generator passed in decides the weights"""
    seed = int(rng.integers(1 << 30))
    one, same, other = (
        params_of(student, student.TwoLayerNet(4, 3, 2, 1.0, 0.0, student.generator(s)))["W1"]
        for s in (seed, seed, seed + 1)
    )
    expect(np.array_equal(one, same), "the same generator gave other weights: use rng for every draw")
    expect(not np.array_equal(one, other), "another generator gave the same weights: use rng for every draw")


# Scores and labels -----------------------------------------------------------------------------------------------------


@hidden("TwoLayerNet", weight=2)
def scores_of_a_batch(student, rng):
    """the scores, with biases that are not zero"""
    for n, d, h, c in SIZES:
        params, X, _ = problem(rng, n, d, h, c)
        expect_close(net_with(student, params).loss(X), oracles.scores(params, X), what="the scores")


@hidden("TwoLayerNet")
def predict_takes_the_largest_score(student, rng):
    """predict: the class with the largest score, for any numbers of examples and classes"""
    for n, d, h, c in ((20, 4, 6, 3), (1, 3, 5, 2), (4, 3, 1, 4)):
        params, X, _ = problem(rng, n, d, h, c)
        labels = net_with(student, params).predict(X)
        expect_shape(labels, (n,), "the labels")
        expect_equal(np.asarray(labels), np.array(oracles.labels(params, X)), "the labels")


@hidden("TwoLayerNet")
def the_parameters_in_use_are_those_in_params(student, rng):
    """parameters and penalty that were changed after the net was made"""
    (params, X, y), (others, _, _) = problem(rng), problem(rng)
    while not oracles.clear_of_kinks(others, X):
        others, _, _ = problem(rng)
    net = net_with(student, params)
    net.loss(X, y)
    box = student.box(net, "params")
    for name, value in others.items():
        box[name] = value
    net.reg = 0.4
    loss, grads = net.loss(X, y)
    expected_loss, expected = oracles.loss_and_gradients(others, X, y, 0.4)
    expect_close(net.loss(X), oracles.scores(others, X), what="the scores after params was changed")
    expect_close(loss, expected_loss, *LOOSE, what="the loss after params and reg were changed")
    expect_gradients(grads, expected)


# Loss and gradients ----------------------------------------------------------------------------------------------------


@hidden("TwoLayerNet", weight=2)
def loss_of_the_data(student, rng):
    """the loss without a penalty"""
    params, X, y = problem(rng)
    loss, _ = net_with(student, params).loss(X, y)
    expect_close(loss, oracles.loss_and_gradients(params, X, y, 0.0)[0], *LOOSE, what="the loss without a penalty")


@hidden("TwoLayerNet", weight=2)
def gradients_of_the_second_layer(student, rng):
    """the gradients of W2 and b2 without a penalty"""
    params, X, y = problem(rng)
    _, grads = net_with(student, params).loss(X, y)
    expect_gradients(grads, oracles.loss_and_gradients(params, X, y, 0.0)[1], ("W2", "b2"))


@hidden("TwoLayerNet", weight=2)
def gradients_of_the_first_layer(student, rng):
    """the gradients of W1 and b1 without a penalty"""
    params, X, y = problem(rng)
    _, grads = net_with(student, params).loss(X, y)
    expect_gradients(grads, oracles.loss_and_gradients(params, X, y, 0.0)[1], ("W1", "b1"))


@hidden("TwoLayerNet", weight=2)
def loss_with_a_penalty(student, rng):
    """the loss with a penalty"""
    (params, X, y), reg = problem(rng), float(rng.uniform(0.3, 0.9))
    loss, _ = net_with(student, params, reg).loss(X, y)
    expect_close(loss, oracles.loss_and_gradients(params, X, y, reg)[0], *LOOSE, what="the loss with a penalty")


@hidden("TwoLayerNet", weight=2)
def gradients_with_a_penalty(student, rng):
    """all four gradients with a penalty"""
    (params, X, y), reg = problem(rng), float(rng.uniform(0.3, 0.9))
    _, grads = net_with(student, params, reg).loss(X, y)
    expect_gradients(grads, oracles.loss_and_gradients(params, X, y, reg)[1])


@hidden("TwoLayerNet", weight=2)
def sizes_that_differ(student, rng):
    """one example, one hidden unit, as many examples as classes, more classes than inputs"""
    for n, d, h, c in SIZES[1:]:
        params, X, y = problem(rng, n, d, h, c)
        loss, grads = net_with(student, params, 0.1).loss(X, y)
        expected_loss, expected = oracles.loss_and_gradients(params, X, y, 0.1)
        expect_close(loss, expected_loss, *LOOSE, what="the loss")
        expect_gradients(grads, expected)


def expect_right_with_large_scores(student, rng, heights, signs=(1.0, -1.0)):
    """Scores that all hold 1500 times one of the signs times the height of their row."""
    params, X, y = problem(rng)
    X[:, -1] = heights  # the first hidden unit passes this column on
    params["W1"][:, 0], params["b1"][0], params["W2"][0] = np.eye(4)[-1], 0.0, params["W2"][0] + 1500.0
    for sign in signs:
        params["W2"][0] *= sign
        loss, grads = net_with(student, params).loss(X, y)
        expect(np.isfinite(loss), "the loss is not finite when scores are large")
        expected_loss, expected = oracles.loss_and_gradients(params, X, y, 0.0)
        expect_close(loss, expected_loss, *LOOSE, what="the loss with large scores")
        expect_gradients(grads, expected, rtol=1e-5, atol=1e-6)


@hidden("TwoLayerNet")
def large_scores(student, rng):
    """scores in the thousands, of either sign"""
    expect_right_with_large_scores(student, rng, 1.0)


@hidden("TwoLayerNet")
def rows_of_different_height(student, rng):
    """rows whose scores are thousands apart from each other"""
    expect_right_with_large_scores(student, rng, np.linspace(0.5, 2, 6), (rng.choice([1.0, -1.0]),))


@hidden("TwoLayerNet")
def nothing_is_changed(student, rng):
    """X, y and the parameters are left as they are, and a second call gives the same"""
    params, X, y = problem(rng)
    net, kept = net_with(student, params, 0.2), (student.keep(X), student.keep(y))
    first, again = net.loss(*kept), net.loss(*kept)
    net.predict(kept[0])
    expect(isinstance(first[1], dict) and "W1" in first[1], "the gradient of W1 is missing")
    expect(first[0] != 0 and np.any(first[1]["W1"]), "the loss or the gradient of W1 is zero")
    for name, value in params.items():
        expect(np.array_equal(params_of(student, net)[name], value), f"params: {name} was changed by loss or predict")
    expect(np.array_equal(student.value(kept[0]), X), "X was changed")
    expect(np.array_equal(student.value(kept[1]), y), "y was changed")
    expect_close(again[0], first[0], what="the loss at the second call")
    expect_gradients(again[1], first[1])


@hidden("TwoLayerNet")
def precision_and_memory_order(student, rng):
    """float32, and arrays laid out in another order"""
    params, X, y = problem(rng)
    single = {name: value.astype(np.float32) for name, value in params.items()}
    turned = {name: np.asfortranarray(value) for name, value in params.items()}
    for weights, x in ((single, X.astype(np.float32)), (turned, np.asfortranarray(np.repeat(X, 2, axis=0))[::2])):
        loss, grads = net_with(student, weights, 0.1).loss(x, y)
        expected_loss, expected = oracles.loss_and_gradients(weights, x, y, 0.1)
        expect_close(loss, expected_loss, 1e-4, 1e-4, what="the loss")
        expect_gradients(grads, expected, rtol=1e-4, atol=1e-4)
