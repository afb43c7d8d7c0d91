"""Hidden tests of `FullyConnectedNet`: parameters, scores, loss and gradients without dropout, then what dropout does."""

from itertools import pairwise

import numpy as np

from autograder.hidden.regularization.draws import away_from_zero, expect_levels, expect_share, levels, seed
from autograder.oracles import regularization as oracles
from autograder.testing import ban, expect, expect_close, expect_equal, expect_shape, hidden

ban("FullyConnectedNet", "nn.FullyConnectedNet", "torch")

SIZES = (3, 4, 5, 3)


def make(student, rng, sizes, dropout=None, batchnorm=False, reg=0.0):
    return student.FullyConnectedNet(sizes, dropout, batchnorm, reg, student.generator(seed(rng)), "float64")


def params_of(student, net):
    return student.value(student.box(net, "params"))


def problem(rng, sizes, batchnorm=False, n=6):
    """Parameters, examples and labels with no hidden unit near its kink."""
    while True:
        params = {}
        for layer, (d, h) in enumerate(pairwise(sizes), 1):
            params[f"W{layer}"], params[f"b{layer}"] = rng.normal(size=(d, h)), 0.5 * rng.normal(size=h)
            if batchnorm and layer < len(sizes) - 1:
                params[f"gamma{layer}"], params[f"beta{layer}"] = rng.uniform(0.5, 2, size=h), rng.normal(size=h)
        X, y = rng.normal(size=(n, sizes[0])), rng.integers(0, sizes[-1], size=n)
        entering, _ = oracles.sums_before_relu(params, X)
        if all(np.min(np.abs(sums)) > 1e-3 for sums in entering) and all(np.any(sums > 0) for sums in entering):
            return params, X, y


def expect_names(params, sizes, batchnorm):
    """params holds weights and biases of every layer; with batch norm, gains and shifts of every hidden one."""
    layers = range(1, len(sizes))
    names = {f"{name}{layer}" for layer in layers for name in ("W", "b")}
    if batchnorm:
        names |= {f"{name}{layer}" for layer in layers[:-1] for name in ("gamma", "beta")}
    expect(set(params) == names, "params does not hold exactly the names that it should hold")


def net_with(student, rng, params, sizes, **settings):
    net = make(student, rng, sizes, **settings)
    net.params = params
    return net


def expect_right(reply, params, X, targets, reg):
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "loss(X, y) must return (loss, grads)")
    expect_close(reply[0], oracles.net_loss(params, X, targets, reg).real, 1e-6, what="the loss")
    expect_gradients(reply[1], oracles.net_gradients(params, X, targets, reg))


def expect_gradients(grads, expected):
    expect(isinstance(grads, dict), "the gradients are not a dict")
    for name, value in expected.items():
        expect(name in grads, f"the gradient of {name} is missing")
        expect_close(grads[name], value, 1e-6, 1e-8, what=f"the gradient of {name}")


# Parameters ------------------------------------------------------------------------------------------------------------


@hidden("FullyConnectedNet")
def names_and_shapes(student, rng):
    """names and shapes of the parameters, with and without batch norm, for one, two and three hidden layers"""
    for sizes in ((6, 4, 3), (4, 7, 5, 2), (3, 4, 6, 5, 2)):
        for batchnorm in (False, True):
            found = params_of(student, make(student, rng, sizes, batchnorm=batchnorm))
            expected, _, _ = problem(rng, sizes, batchnorm)
            expect_names(found, sizes, batchnorm)
            for name, value in expected.items():
                expect_shape(found[name], value.shape, name)


@hidden("FullyConnectedNet", weight=2)
def first_values(student, rng):
    """weights of the right spread around zero; biases and shifts of zero, gains of one"""
    sizes = (120, 40, 90, 60)
    found = params_of(student, make(student, rng, sizes, batchnorm=True))
    expect_names(found, sizes, batchnorm=True)
    for name, value in found.items():
        if name.startswith("W"):
            z = value * np.sqrt(value.shape[0] / 2)
            expect(0.9 < z.std() < 1.1, "the standard deviation of the weights is not the root of 2 / fan_in")
            expect(abs(z.mean()) < 0.15, "the mean of the weights is not near zero")
            expect(0.02 < np.mean(np.abs(z) > 2) < 0.075, "the weights are not normally distributed")
        else:
            first = 1.0 if name.startswith("gamma") else 0.0
            expect(np.all(value == first), f"{name} does not start at {first:g} everywhere")


@hidden("FullyConnectedNet")
def dtype_of_the_parameters(student, rng):
    """all parameters have the dtype that was asked for"""
    for dtype in ("float32", "float64"):
        net = student.FullyConnectedNet((4, 5, 3, 2), 0.9, True, 0.1, student.generator(seed(rng)), dtype)
        params = student.unrecorded(student.box(net, "params").copy)
        params = {name: np.asarray(value).dtype.name for name, value in params.items()}
        student.record(sorted(params.items()))
        expect_names(params, (4, 5, 3, 2), batchnorm=True)
        for name, kind in params.items():
            expect(kind == dtype, f"{name} does not have the dtype that was asked for")


@hidden("FullyConnectedNet")
def all_draws_from_rng(student, rng):
    """weights and masks come from rng: the same for the same seed, different for another, no layer like the next"""
    number, X, y = seed(rng), rng.normal(size=(5, 6)), np.array([0, 1, 0, 1, 1])

    def begin(number):
        net = student.FullyConnectedNet((6, 6, 6, 2), 0.5, False, 0.0, number, "float64")
        params = student.unrecorded(student.box(net, "params").copy)
        return params, float(student.unrecorded(net.loss, X, y)[0])

    (one, loss), (again, same_loss), (other, _) = begin(number), begin(number), begin(number + 1)
    facts = [np.array_equal(one["W1"], again["W1"]), np.array_equal(one["W1"], other["W1"]),
             np.array_equal(one["W1"], one["W2"]), loss == same_loss]  # fmt: skip
    student.record([bool(fact) for fact in facts])
    expect(facts[0], "two nets with the same seed have different weights: draw them from self.rng")
    expect(not facts[1], "two nets with different seeds have the same weights: draw them from self.rng")
    expect(not facts[2], "two layers of equal size have the same weights: draw on, do not begin anew at each layer")
    expect(facts[3], "two nets with the same seed have different masks: draw them from self.rng")


# Without dropout -------------------------------------------------------------------------------------------------------


@hidden("FullyConnectedNet", weight=2)
def scores_without_extras(student, rng):
    """the scores and the labels without batch norm and dropout, for several depths"""
    for sizes in ((4, 5, 3), SIZES, (3, 4, 4, 5, 2)):
        params, X, _ = problem(rng, sizes)
        net = net_with(student, rng, params, sizes)
        expected = oracles.net_scores(params, X).real
        expect_close(net.loss(X), expected, what="the scores")
        expect_equal(net.predict(X), expected.argmax(axis=1), "the labels")


@hidden("FullyConnectedNet", weight=3)
def gradients_without_extras(student, rng):
    """loss and gradients without batch norm and dropout, with labels and with soft targets"""
    params, X, y = problem(rng, SIZES)
    net, targets = net_with(student, rng, params, SIZES), np.eye(3)[y]
    expect_right(net.loss(X, y), params, X, targets, 0.0)
    soft = 0.8 * targets + 0.2 / 3
    expect_right(net.loss(X, soft), params, X, soft, 0.0)


@hidden("FullyConnectedNet", weight=2)
def with_a_penalty(student, rng):
    """loss and gradients with a penalty, with and without batch norm"""
    for batchnorm in (False, True):
        (params, X, y), reg = problem(rng, SIZES, batchnorm), float(rng.uniform(0.3, 0.9))
        net = net_with(student, rng, params, SIZES, batchnorm=batchnorm, reg=reg)
        expect_right(net.loss(X, y), params, X, np.eye(3)[y], reg)


@hidden("FullyConnectedNet", weight=3)
def gradients_with_batch_norm(student, rng):
    """loss and gradients with batch norm"""
    for sizes in ((4, 5, 3), SIZES):
        params, X, y = problem(rng, sizes, batchnorm=True)
        net = net_with(student, rng, params, sizes, batchnorm=True)
        expect_right(net.loss(X, y), params, X, np.eye(3)[y], 0.0)


@hidden("FullyConnectedNet", weight=2)
def batch_norm_in_test_mode(student, rng):
    """the scores of a net with batch norm use running statistics, which training renews and prediction leaves alone"""
    params, X, y = problem(rng, SIZES, batchnorm=True)
    net = net_with(student, rng, params, SIZES, batchnorm=True)
    running = [[np.zeros(h), np.ones(h)] for h in SIZES[1:-1]]
    expect_close(net.loss(X), oracles.net_scores(params, X, running).real, what="the scores before any training")
    for _ in range(3):
        net.loss(X, y)
        h = X
        for layer, statistics in enumerate(running, 1):
            a = h @ params[f"W{layer}"] + params[f"b{layer}"]
            for kept, seen in zip((0, 1), (a.mean(axis=0), a.var(axis=0)), strict=True):
                statistics[kept] = 0.9 * statistics[kept] + 0.1 * seen
            h = np.maximum(0, oracles.sums_before_relu(params, X)[0][layer - 1])
    for _ in range(2):
        expect_close(net.loss(X[:3]), oracles.net_scores(params, X[:3], running).real, what="the scores after training")


# With dropout ----------------------------------------------------------------------------------------------------------


@hidden("FullyConnectedNet", weight=2)
def no_dropout_in_test_mode(student, rng):
    """with dropout, scores and labels in test mode are those of the whole net"""
    params, X, _ = problem(rng, SIZES)
    net = net_with(student, rng, params, SIZES, dropout=0.5)
    expected = oracles.net_scores(params, X).real
    expect_close(student.unrecorded(net.loss, X), expected, what="the scores in test mode")
    expect_equal(np.asarray(student.unrecorded(net.predict, X)), expected.argmax(axis=1), "the labels")


@hidden("FullyConnectedNet")
def keeping_all(student, rng):
    """with a keep probability of 1, loss and gradients are those of the net without dropout"""
    params, X, y = problem(rng, SIZES, batchnorm=True)
    net = net_with(student, rng, params, SIZES, dropout=1.0, batchnorm=True)
    expect_right(net.loss(X, y), params, X, np.eye(3)[y], 0.0)


@hidden("FullyConnectedNet", weight=3)
def where_units_fall(student, rng):
    """hidden units of every layer are kept with the right probability and scaled, inputs and scores are not"""
    sizes, p = (3, 150, 120, 40), float(rng.choice([0.3, 0.8]))
    params = {}
    for layer, (d, h) in enumerate(pairwise(sizes), 1):
        params[f"W{layer}"], params[f"b{layer}"] = rng.normal(size=(d, h)) / np.sqrt(d), 0.1 * rng.normal(size=h)
    X = away_from_zero(rng, (1, 3))
    net = net_with(student, rng, params, sizes, dropout=p)
    calls = [_factors_of_units(student, net, params, X, sizes) for _ in range(8)]
    found = [np.concatenate([factors[layer] for _, factors, _ in calls]) for layer in (0, 1)]
    inputs, scores_whole = [inputs for inputs, _, _ in calls], [whole for _, _, whole in calls]
    student.record([bool(np.allclose(inputs, X)), all(scores_whole)])
    for factors in found:
        share = float(np.mean(np.abs(factors) > 1e-9))
        student.record([levels(factors), min((p, 1 - p, 0.5, 0.0, 1.0), key=lambda known: abs(known - share))])
    for each in inputs:
        expect_close(each, X[0], 1e-5, 1e-7, what="the inputs, as the first layer got them in training")
    for factors in found:
        expect_levels(factors, (0.0, 1 / p), "in training a hidden unit is neither dropped nor scaled by 1 / p")
        kept = np.abs(factors) > 1e-9
        expect_share(kept, p, "the share of hidden units that are kept in training is not p", errors=6)
    expect(all(scores_whole), "a score was dropped; only hidden units are")


def _factors_of_units(student, net, params, X, sizes):
    """(inputs of the first layer, factors of the units of both hidden layers, whether all scores got gradients)."""
    reply = student.unrecorded(net.loss, X, np.array([0]))
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "loss(X, y) must return (loss, grads)")
    entering = [_input_of(reply[1], layer, sizes) for layer in (1, 2, 3)]  # what each affine layer was given
    h, found = X[0], []
    for layer in (1, 2):
        whole = np.maximum(0, h @ params[f"W{layer}"] + params[f"b{layer}"])
        h, on = entering[layer], whole > 1e-6
        found.append(h[on] / whole[on])
    return entering[0], found, bool(np.all(np.asarray(reply[1]["b3"]) != 0))


def _input_of(grads, layer, sizes):
    """What affine layer `layer` was given for a single example: dW is the outer product of it and db."""
    dW, db = np.asarray(grads[f"W{layer}"]), np.asarray(grads[f"b{layer}"])
    expect_shape(dW, (sizes[layer - 1], sizes[layer]), f"the gradient of W{layer}")
    expect_shape(db, (sizes[layer],), f"the gradient of b{layer}")
    strongest = int(np.argmax(np.abs(db)))
    expect(db[strongest] != 0, f"the gradient of b{layer} is zero everywhere")
    return dW[:, strongest] / db[strongest]


@hidden("FullyConnectedNet", weight=3)
def gradients_with_dropout(student, rng):
    """with dropout, the gradients fit the loss: finite differences with the same masks"""
    for batchnorm in (False, True):
        params, X, y = problem(rng, SIZES, batchnorm, n=12)
        net, number = net_with(student, rng, params, SIZES, dropout=0.7, batchnorm=batchnorm, reg=0.2), seed(rng)

        def loss_at(shift, net=net, params=params, X=X, y=y, number=number):
            net.params = {name: value + shift.get(name, 0.0) for name, value in params.items()}
            net.rng = student.generator(number)
            return student.unrecorded(net.loss, X, y)

        grads = loss_at({})[1]
        expect(isinstance(grads, dict) and set(grads) >= set(params), "a gradient is missing")

        def fit_along(direction, loss_at=loss_at, grads=grads):
            ahead, behind = (loss_at({n: step * d for n, d in direction.items()})[0] for step in (1e-6, -1e-6))
            slope = sum(float(np.sum(np.asarray(grads[name]) * d)) for name, d in direction.items())
            return bool(abs((ahead - behind) / 2e-6 - slope) < 1e-5 + 1e-4 * abs(slope))

        student.record([bool(np.any(grads[name])) for name in params])
        for _ in range(2):
            direction = {name: rng.normal(size=value.shape) for name, value in params.items()}
            fits = fit_along(direction)
            if not fits:  # which parameters' gradients are to blame tells mistakes apart
                student.record([fit_along({name: d}) for name, d in direction.items()])
            expect(fits, "with dropout the gradients do not fit the loss")


@hidden("FullyConnectedNet")
def masks_change(student, rng):
    """with dropout, two calls in training mode differ; X and y are left as they are"""
    sizes = (4, 60, 40, 3)
    params, X, y = problem(rng, sizes, n=2)
    net, kept = net_with(student, rng, params, sizes, dropout=0.5), (student.keep(X), student.keep(y))
    first, second = (float(student.unrecorded(net.loss, *kept)[0]) for _ in range(2))
    student.record(first == second)
    expect(first != second, "two calls in training mode gave the same loss: are the masks new each time?")
    same = np.array_equal(student.value(kept[0]), X) and np.array_equal(student.value(kept[1]), y)
    expect(same, "X or y was changed in place")
    expect(np.isfinite(first) and np.isfinite(second), "the loss in training mode is not finite")
    expected = oracles.net_scores(params, X).real
    expect_close(student.unrecorded(net.loss, kept[0]), expected, what="the scores in test mode")
