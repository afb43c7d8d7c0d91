"""Hidden tests of `ThreeLayerConvNet`: the start, the scores, the loss and its gradients."""

import numpy as np

from autograder.oracles import convolution as oracles
from autograder.testing import ban, expect, expect_close, expect_equal, expect_shape, hidden
from course_utils.nn.layers.convolution import conv_backward, conv_forward
from course_utils.nn.layers.pooling import max_pool_backward, max_pool_forward

ban("ThreeLayerConvNet", "nn.ConvNet", "torch")

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
SMALL = ((2, 4, 6), 3, 3, 5, 4)  # input_dim, num_filters, filter_size, hidden_dim, num_classes
LAYERS = {
    "conv_forward_fast": conv_forward,
    "conv_backward_fast": conv_backward,
    "conv_forward_naive": conv_forward,
    "conv_backward_naive": conv_backward,
    "max_pool_forward": max_pool_forward,
    "max_pool_backward": max_pool_backward,
}


def provide_layers(student):
    """The grader's layers, so that mistakes in them are not paid for again."""
    for name, layer in LAYERS.items():
        student.provide(name, layer)


def new_net(student, rng, sizes=SMALL, reg=0.0, dtype="float64"):
    generator = student.generator(int(rng.integers(1 << 30)))
    return student.ThreeLayerConvNet(*sizes, reg, generator, dtype)


def params_of(student, net):
    return student.value(student.box(net, "params"))


def shapes(sizes):
    (channels, height, width), filters, size, hidden_dim, classes = sizes
    flat = filters * (height // 2) * (width // 2)
    weights = ((filters, channels, size, size), (flat, hidden_dim), (hidden_dim, classes))
    return dict(zip(NAMES, (weights[0], (filters,), weights[1], (hidden_dim,), weights[2], (classes,)), strict=True))


def problem(rng, sizes=SMALL, n=4):
    """Parameters with biases that are not zero, images and labels, no unit near a kink."""
    while True:
        params = {name: 0.5 * rng.normal(size=shape) for name, shape in shapes(sizes).items()}
        X, y = rng.normal(size=(n, *sizes[0])), rng.integers(0, sizes[-1], size=n)
        if oracles.clear_of_kinks(params, X):
            return params, X, y


def net_with(student, rng, params, sizes=SMALL, reg=0.0):
    """The student's net with these parameters."""
    provide_layers(student)
    net = new_net(student, rng, sizes, reg)
    box = student.box(net, "params")
    for name, value in params.items():
        box[name] = value
    return net


def loss_of(net, X, y):
    reply = net.loss(X, y)
    two = isinstance(reply, (tuple, list)) and len(reply) == 2 and isinstance(reply[1], dict)
    expect(two, "loss(X, y) should return (loss, grads), grads a dict")
    return reply


def expect_grads(grads, expected, names=NAMES):
    for name in names:
        expect(name in grads, f"the gradient of {name} is missing")
        expect_close(grads[name], expected[name], 1e-6, 1e-8, what=f"the gradient of {name}")


@hidden("ThreeLayerConvNet")
def six_arrays(student, rng):
    """params holds six arrays in the right shapes, with biases of zero, in the dtype asked for"""
    for sizes in (SMALL, ((3, 6, 4), 2, 5, 7, 3), ((1, 2, 2), 4, 1, 3, 2)):
        for dtype in ("float64", "float32"):
            params = params_of(student, new_net(student, rng, sizes, dtype=dtype))
            expect(set(params) == set(NAMES), "params does not hold exactly W1, b1, W2, b2, W3 and b3")
            for name, shape in shapes(sizes).items():
                expect_shape(params[name], shape, name)
                expect(np.asarray(params[name]).dtype == dtype, f"{name} does not have the dtype asked for")
            expect(not any(np.any(params[name]) for name in NAMES[1::2]), "the biases do not start at zero")


# A standard deviation of 3,000 or more normal numbers is within 6 % of its own with more than 4 deviations to spare.
@hidden("ThreeLayerConvNet", weight=2)
def weights_by_he(student, rng):
    """the weights' spread: by the number of inputs of each layer, and normally distributed"""
    params = params_of(student, new_net(student, rng, ((4, 8, 8), 40, 5, 50, 60)))
    for name, inputs in (("W1", 100), ("W2", 640), ("W3", 50)):
        z = np.asarray(params[name]).ravel() * np.sqrt(inputs / 2)
        expect(0.94 < np.std(z) < 1.06, f"the standard deviation of {name} is not √(2 / fan_in)")
        expect(abs(np.mean(z)) < 0.1, f"the mean of {name} is not near zero")
        expect(np.mean(np.abs(z) > 2) > 0.03, f"{name} is not drawn from a normal distribution: its tails are missing")


@hidden("ThreeLayerConvNet")
def drawn_with_the_generator(student, rng):
    """the generator passed in decides all weights"""
    seed = int(rng.integers(1 << 30))
    one, same, other = (
        params_of(student, student.ThreeLayerConvNet(*SMALL, 0.0, student.generator(s), "float64"))
        for s in (seed, seed, seed + 1)
    )
    for name in ("W1", "W2", "W3"):
        expect(np.array_equal(one[name], same[name]), "the same generator gave other weights: use rng for every draw")
        expect(not np.array_equal(one[name], other[name]), "another generator gave the same weights")


@hidden("ThreeLayerConvNet", weight=2)
def scores_of_images(student, rng):
    """the scores, with biases that are not zero, for images and kernels of several sizes"""
    for sizes, n in ((SMALL, 4), (((3, 6, 4), 2, 5, 4, 3), 1), (((1, 2, 2), 3, 1, 3, 2), 3)):
        params, X, _ = problem(rng, sizes, n)
        expect_close(net_with(student, rng, params, sizes).loss(X), oracles.net_scores(params, X), what="the scores")


@hidden("ThreeLayerConvNet")
def labels_predicted(student, rng):
    """predict: the class with the largest score"""
    params, X, _ = problem(rng, n=8)
    labels = net_with(student, rng, params).predict(X)
    expect_equal(np.asarray(labels), oracles.net_scores(params, X).argmax(axis=1), "the labels")


@hidden("ThreeLayerConvNet", weight=2)
def loss_and_penalty(student, rng):
    """the loss, without a penalty and with one"""
    params, X, y = problem(rng)
    net = net_with(student, rng, params)
    for reg in (0.0, float(rng.uniform(0.3, 0.9))):
        net.reg = reg
        loss, _ = loss_of(net, X, y)
        expected = oracles.net_loss(params, X, y, reg)[0]
        expect_close(loss, expected, 1e-6, 1e-6, what="the loss" + (" with a penalty" if reg else ""))


@hidden("ThreeLayerConvNet", weight=2)
def gradients_of_affine_layers(student, rng):
    """the gradients of W2, b2, W3 and b3 without a penalty"""
    params, X, y = problem(rng)
    _, grads = loss_of(net_with(student, rng, params), X, y)
    expect_grads(grads, oracles.net_loss(params, X, y)[1], NAMES[2:])


@hidden("ThreeLayerConvNet", weight=3)
def gradients_of_the_convolution(student, rng):
    """the gradients of W1 and b1 without a penalty"""
    for sizes, n in ((SMALL, 4), (((3, 4, 6), 2, 1, 4, 3), 2)):
        params, X, y = problem(rng, sizes, n)
        _, grads = loss_of(net_with(student, rng, params, sizes), X, y)
        expect_grads(grads, oracles.net_loss(params, X, y)[1], NAMES[:2])


@hidden("ThreeLayerConvNet", weight=2)
def gradients_with_a_penalty(student, rng):
    """all six gradients with a penalty"""
    (params, X, y), reg = problem(rng), float(rng.uniform(0.3, 0.9))
    _, grads = loss_of(net_with(student, rng, params, reg=reg), X, y)
    expect_grads(grads, oracles.net_loss(params, X, y, reg)[1])
