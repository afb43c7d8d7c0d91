"""Tiny nets on the student's side, and the same nets on the grader's."""

import numpy as np

from autograder.oracles import distillation as oracles
from autograder.testing import expect, expect_shape, remembered

SHAPE, CLASSES = (3, 4, 6), 4
CHANGED = "X was changed in place"


def parameters(rng, shape=SHAPE, classes=CLASSES, filters=3, hidden=6):
    """Parameters of a net with one stage of 3 × 3 kernels, large enough for sure answers; a channel that plays no part."""
    flat = filters * shape[1] * shape[2] // 4
    params = {
        "W1": 0.7 * rng.normal(size=(filters, shape[0], 3, 3)),
        "b1": 0.3 * rng.normal(size=filters),
        "W2": rng.normal(size=(flat, hidden)) / np.sqrt(flat / 4),
        "b2": 0.3 * rng.normal(size=hidden),
        "W3": rng.normal(size=(hidden, classes)),
        "b3": 0.3 * rng.normal(size=classes),
    }
    return params


def net_of(student, params, shape=SHAPE, dtype="float64", **settings):
    """A PixelNet on the student's side with these parameters."""
    filters, hidden, classes = len(params["b1"]), len(params["b2"]), len(params["b3"])
    net = student.PixelNet(shape, (filters,), 3, hidden, classes, dtype=dtype, **settings)
    box = student.box(net, "params")
    for name, value in params.items():
        box[name] = value.astype(dtype)
    return net


def params_of(student, net):
    return student.value(student.box(net, "params"))


@remembered
def problem(rng, n=4, shape=SHAPE, classes=CLASSES, low=0.25, high=0.75):
    """(params, the grader's net, X, y): slopes of every image well away from 0 but where they are exactly 0."""
    while True:
        params = parameters(rng, shape, classes)
        net, X = oracles.Net(params, shape), rng.uniform(low, high, size=(n, *shape))
        y = rng.integers(0, classes, size=n)
        if clear(net.slopes(X, y)) and has_own_labels(net, X, y):
            return params, net, X, y


def clear(slopes):
    """Whether no slope is so small that rounding may decide its sign, and every image has some."""
    sizes = np.abs(slopes)
    return not np.any((sizes > 0) & (sizes < 1e-6)) and np.all(sizes.reshape(len(sizes), -1).max(axis=1) > 1e-3)


def has_own_labels(net, X, y):
    """Whether some label is not the net's answer, so that answers taken for labels are noticed."""
    return len(y) < 3 or 0 < np.sum(net.labels(X) != y) < len(y)


def provide_slopes(student, net):
    """The grader's `input_gradient` of this net, so that a mistake in that exercise is not paid for again."""
    student.provide("input_gradient", lambda _, X, y: net.slopes(X, y).astype(np.asarray(X).dtype))


def expect_images(found, X, what="the images"):
    """An array of the shape of X."""
    expect_shape(found, np.shape(X), what)


def expect_same(student, kept, value, otherwise=CHANGED):
    """What was kept on the student's side is as it was."""
    expect(np.array_equal(student.value(kept), value), otherwise)


def expect_net_unchanged(student, net, params):
    """The parameters of the net are as they were."""
    now = params_of(student, net)
    same = all(np.array_equal(now[name], value) for name, value in params.items())
    expect(same, "the parameters of the net were changed")
